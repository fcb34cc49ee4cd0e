"""When to try again what could not be handed over, and when to give up.

Pure: the moment, the number of failures and the jitter come in.
"""

from datetime import datetime, timedelta

FIRST_PAUSE = timedelta(minutes=1)
PROMPT_PAUSE = timedelta(seconds=1)
"""The first pause where somebody sits and waits."""

LONGEST_PAUSE = timedelta(hours=4)
PATIENCE = timedelta(days=5)
"""How long a message is tried; RFC 5321 section 4.5.4.1 asks for four to five days."""

OUTAGE_PAUSE = timedelta(seconds=1)
LONGEST_OUTAGE_PAUSE = timedelta(minutes=1)

_DOUBLINGS = 20
_SPREAD = 0.2


def next_try(
    failures: int, since: datetime, now: datetime, jitter: float, *, first: timedelta = FIRST_PAUSE
) -> datetime | None:
    """Tell when to try again after the n-th failure (1, 2, …), or None to give up.

    One minute (or `first`), doubled each time up to four hours; `jitter`, 0 up to 1, makes a pause up to a fifth
    longer. `since` is when the message was first due.
    """
    pause = min(first * (1 << min(failures - 1, _DOUBLINGS)), LONGEST_PAUSE)
    at = now + pause * (1 + _SPREAD * jitter)
    return at if at - since <= PATIENCE else None


def outage_pause(checks: int) -> timedelta:
    """Tell how long to leave a channel alone that did not answer the n-th check in a row (1, 2, …)."""
    return min(OUTAGE_PAUSE * (1 << min(checks - 1, _DOUBLINGS)), LONGEST_OUTAGE_PAUSE)


def jitter(ident: int, failures: int) -> float:
    """Spread messages that failed together; the same for the same message and failure."""
    # Knuth's multiplicative hash: neighbours land far apart.
    return ((ident + failures * 7919) * 2654435761 % 2**32) / 2**32
