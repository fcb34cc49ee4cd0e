"""When an address is no longer used: what each bounce counts, and what it adds up to.

Decides; `service/actions/bounces.py` finds the address and keeps the score.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

HARD: Final = 2.5
SOFT: Final = 0.25
LIMIT: Final = 5.0
"""Two hard bounces on different days, or soft ones on twenty; an address is at its end here."""

MEMORY: Final = timedelta(days=30)
"""After so long without a bounce the count begins anew."""

# RFC 3463 sections 3.2 and 3.3, RFC 7505: there is nobody at this address. One such bounce is enough.
NOBODY: Final = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"})


class Kind(StrEnum):
    """What a report says of an address; `policy` blames us and not the address."""

    HARD = "hard"
    SOFT = "soft"
    POLICY = "policy"
    DELAYED = "delayed"
    COMPLAINT = "complaint"


class Reason(StrEnum):
    """Why an address is suppressed."""

    BOUNCED = "bounced"
    COMPLAINED = "complained"


@dataclass(frozen=True, slots=True)
class Score:
    """What the bounces of an address add up to, and when the last one counted."""

    value: float = 0.0
    at: datetime | None = None


def counted(score: Score, kind: str, now: datetime) -> Score:
    """Count one more bounce; of several on one day only the first."""
    weight = {Kind.HARD: HARD, Kind.SOFT: SOFT}.get(Kind(kind), 0.0)
    if not weight or (score.at is not None and score.at.date() == now.date()):
        return score
    kept = score.value if score.at is not None and now - score.at < MEMORY else 0.0
    return Score(kept + weight, now)


def suppressed(score: Score, kind: str, status: str) -> Reason | None:
    """Tell whether an address with this score is to be used no more after such a report."""
    if kind == Kind.COMPLAINT:
        return Reason.COMPLAINED
    if kind == Kind.HARD and status in NOBODY:
        return Reason.BOUNCED
    return Reason.BOUNCED if kind in (Kind.HARD, Kind.SOFT) and score.value >= LIMIT else None
