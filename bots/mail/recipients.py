"""Recognise our own addresses on the outside of a mail: of answers, unsubscribing, bounces, questions and commands.

Whether a handle was made by us is proved where it is acted upon.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final

from service.formats import tokens
from service.formats.received import Handled, ReceivedMail

RECIPIENTS: Final = ("delivered-to", "x-original-to", "envelope-to", "to", "cc")
"""Where a mail tells its recipient when the envelope is lost, the surest first."""

_KINDS: Final = {
    tokens.ANSWER: Handled.ANSWER,
    tokens.UNSUBSCRIBE: Handled.UNSUBSCRIBE,
    tokens.BOUNCE: Handled.BOUNCE,
    tokens.QUESTION: Handled.COMMAND,
}
_UID: Final = 24
_ADDRESS: Final = 500


@dataclass(frozen=True, slots=True)
class Ours:
    """What is ours: the domain of reply addresses, and the name of the one server whose findings count."""

    mail_domain: str
    authserv_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """How a mail arrived: from whom (empty: from nobody, or unknown), to whom (empty: unknown) and when."""

    sender: str
    recipient: str
    received_at: datetime | None = None


def outside_of(envelope: Envelope, ours: Ours) -> ReceivedMail:
    """Return what is known of a mail without opening it."""
    handled, handle = addressed_to([envelope.recipient[:_ADDRESS]], ours)
    return ReceivedMail(
        handled=handled, handle=handle, envelope_from=envelope.sender[:_ADDRESS], received_at=envelope.received_at
    )


def addressed_to(texts: Iterable[str], ours: Ours) -> tuple[Handled, str | None]:
    """Return what the first of our addresses in some texts is for, and its handle in small letters."""
    pattern = _address(ours.mail_domain)
    for text in texts:
        if found := pattern.search(text):
            return (_KINDS[found[1].lower()], found[2].lower()) if found[1] else (Handled.COMMAND, None)
    return Handled.OTHER, None


def own_address(texts: Iterable[str], ours: Ours) -> str:
    """Return the first of our addresses in some texts, empty if there is none."""
    pattern = _address(ours.mail_domain)
    return next((found[0] for text in texts if (found := pattern.search(text))), "")


def invitation_named(texts: Iterable[str], ours: Ours) -> str | None:
    """Return the UID of the invitation whose mail is first named by its Message-ID in some texts."""
    pattern = _message_id(ours.mail_domain)
    return next((f"{found[1]}@kring" for text in texts if (found := pattern.search(text))), None)


def question_named(texts: Iterable[str], ours: Ours) -> str | None:
    """Return the handle of the question whose mail is first named by its Message-ID in some texts."""
    pattern = _question(ours.mail_domain)
    return next((found[1] for text in texts if (found := pattern.search(text))), None)


@lru_cache(4)
def _address(domain: str) -> re.Pattern[str]:
    return re.compile(
        rf"(?<![\w.+-])(?:([{''.join(_KINDS)}])-([a-z2-7]{{{tokens.HANDLE_CHARACTERS}}})|kring)@{re.escape(domain)}(?![\w.-])",
        re.IGNORECASE | re.ASCII,
    )


@lru_cache(4)
def _message_id(domain: str) -> re.Pattern[str]:
    return re.compile(rf"<([a-z2-7]{{{_UID}}})(?:\.\d{{1,19}})?@{re.escape(domain)}>", re.ASCII)


@lru_cache(4)
def _question(domain: str) -> re.Pattern[str]:
    return re.compile(
        rf"<{tokens.QUESTION}-([a-z2-7]{{{tokens.HANDLE_CHARACTERS}}})\.\d{{1,19}}@{re.escape(domain)}>", re.ASCII
    )
