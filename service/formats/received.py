"""What was read in a mail that came in: plain values, with no library's object and nothing decided.

`bots/mail` reads raw mails into these; `service/rules/replies.py` decides about them.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Handled(StrEnum):
    """To what the address a mail was sent to belongs."""

    ANSWER = "answer"  # r-<handle>
    UNSUBSCRIBE = "unsubscribe"  # u-<handle>
    BOUNCE = "bounce"  # b-<handle>
    COMMAND = "command"  # kring
    OTHER = "other"


class Authentication(StrEnum):
    """What our own mail server found out about the sender (RFC 8601), DMARC-aligned."""

    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    NONE = "none"  # nothing that we believe


class Method(StrEnum):
    """What a calendar message asks (RFC 5546 section 1.4)."""

    REPLY = "REPLY"
    COUNTER = "COUNTER"
    REFRESH = "REFRESH"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarMessage:
    """The calendar part of a mail, as far as it could be read; addresses are normalised, None where there is none.

    `attendees` pairs each address with its partstat in lower case, as it stood; an address that is none of mail is "".
    `dtstamp` is in UTC, `sequence` at most 2**31 - 1.
    """

    method: Method
    uid: str | None = None
    sequence: int = 0
    dtstamp: datetime | None = None
    attendees: tuple[tuple[str, str | None], ...] = ()  # address, partstat
    sent_by: str | None = None
    organizer: str | None = None
    comment: str = ""
    damaged: bool = False  # two readers or two parts disagree, or METHOD or UID stands there twice and differs


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryReport:
    """A bounce or complaint (RFC 3464, RFC 5965): how bad it is for the address that it is about."""

    kind: str  # hard, soft, policy, delayed, complaint
    status: str = ""  # enhanced status code, such as 5.1.1
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedMail:
    """A mail that came in, read; `refused` says why it could not or must not be read any further.

    `automatic` is told of calendar messages too, for mail programs send those by themselves: they are answers all the
    same. `answers_uid` is the invitation whose mail this one answers, by its thread: anybody can write that.
    """

    handled: Handled = Handled.OTHER
    handle: str | None = None
    envelope_from: str = ""
    from_address: str | None = None
    from_name: str = ""
    authentication: Authentication = Authentication.NONE
    message_id: str = ""
    subject: str = ""
    received_at: datetime | None = None
    automatic: str | None = None  # which sign made it an automatic mail (RFC 3834), None: written by a person
    own: bool = False  # one of ours came back
    calendar: CalendarMessage | None = None
    report: DeliveryReport | None = None
    lines: tuple[str, ...] = ()  # the first lines a person wrote, above quote and signature
    cut: bool = False  # more was written than `lines` holds
    unreadable: bool = False  # an answer that only Outlook can read (MS-OXTNEF), or a calendar part that nobody can
    answers_uid: str | None = None
    question: str | None = None  # the handle of the question that it answers, by its recipient or its thread
    refused: str | None = None
