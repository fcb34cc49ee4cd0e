"""Read bounces (RFC 3464) and complaints (RFC 5965): how bad they are for an address.

About which address is known by the handle that the report came to; what follows is decided in the rules.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from bots.mail.fields import Fields, fields, plain
from bots.mail.parts import Part
from service.formats.received import DeliveryReport
from service.rules.bounces import NOBODY

_READ: Final = 16 * 1024
_DETAIL: Final = 200
_RECIPIENTS: Final = 20

# RFC 3463 section 2. Not within longer numbers: addresses of machines and dates look much alike.
_ENHANCED: Final = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?!\.?\d)")
_BASIC: Final = re.compile(r"(?<![\d.,:/-])([45][0-5]\d)(?=[ -]\D)")
_OUR_FAULT: Final = re.compile(
    r"spam|blacklist|blocklist|block list|\brbl\b|dnsbl|reputation|\bdmarc\b|\bspf\b|\bdkim\b|unauthenticated"
    r"|policy|rate limit|unsolicited|poor sender",
    re.IGNORECASE,
)
_FULL: Final = re.compile(r"over ?quota|quota exceeded|mailbox (?:is )?full|storage", re.IGNORECASE)
_TEMPORARY: Final = frozenset(("5.2.2", "5.2.3", "5.3.1", "5.3.4", "5.4.7"))
"""Full, too large, expired: nothing that an address does not get over."""

_DAEMONS: Final = frozenset(("mailer-daemon", "postmaster", "mail-daemon", "maildaemon"))
_FAILURE: Final = re.compile(
    r"undeliver|delivery (?:status|failure|has failed|report)|failure notice|returned mail|mail delivery|delayed mail"
    r"|onbestelbaar|niet bezorgd|kan niet worden bezorgd|unzustellbar|zustellung|non remis|échec",
    re.IGNORECASE,
)
_UNHURT: Final = frozenset(("delayed", "relayed", "expanded", "delivered"))


def report(parts: Sequence[Part], *, from_address: str | None, envelope_from: str) -> DeliveryReport | None:
    """Return what a mail reports, None for one that is no report."""
    mail = parts[0]
    if mail.kind == "multipart/report":
        kind = mail.parameters.get("report-type", "").lower()
        if complaint := _first(parts, "message/feedback-report"):
            return _complaint(fields(complaint.content(_READ)))
        if kind == "disposition-notification" or _first(parts, "message/disposition-notification"):
            return None
        if status := _first(parts, "message/delivery-status", "message/global-delivery-status"):
            return _worst(list(_recipients(status)))
    return _informal(parts, from_address) if not envelope_from or mail.kind == "multipart/report" else None


def returned_header(parts: Sequence[Part]) -> str:
    """Return the header of the mail that a report gives back, for the handles in it; never read any further."""
    found = _first(parts, "message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers")
    return found.text(_READ).partition("\n\n")[0] if found else ""


def _first(parts: Sequence[Part], *kinds: str) -> Part | None:
    return next((part for part in parts if part.kind in kinds), None)


def _complaint(told: Fields) -> DeliveryReport | None:
    # RFC 5965 section 3.1; the type "not-spam" withdraws one, others are about authentication.
    kind = told.first("feedback-type").strip().lower()
    return (
        DeliveryReport(kind="complaint", detail=plain(kind, _DETAIL)) if kind in {"abuse", "fraud", "other"} else None
    )


def _recipients(status: Part) -> Iterator[DeliveryReport]:
    """Yield the report on each recipient: the blocks behind the first one, which is about the mail."""
    data = status.content(_READ).replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    for block in re.split(rb"\n{2,}", data.strip(b"\n"))[: _RECIPIENTS + 1]:
        told = fields(block)
        if "action" in told or "status" in told:
            yield _recipient(told)


def _recipient(told: Fields) -> DeliveryReport:
    diagnostic = told.first("diagnostic-code")
    # The far server's own words come first: some senders put 5.0.0 in Status whatever those were.
    code = _code(diagnostic, told.first("status"))
    action = told.first("action").strip().lower()
    kind = "delayed" if action in _UNHURT else _kind(code, diagnostic)
    return DeliveryReport(kind=kind, status=code, detail=plain(diagnostic or told.first("status"), _DETAIL))


def _worst(found: Sequence[DeliveryReport]) -> DeliveryReport:
    order = ("delayed", "policy", "soft", "hard")
    unclear = DeliveryReport(kind="soft")
    return max(found, key=lambda one: order.index(one.kind), default=unclear)


def _informal(parts: Sequence[Part], from_address: str | None) -> DeliveryReport | None:
    """Read a bounce that is written for people only: qmail's, and those of many gateways."""
    subject = plain(parts[0].fields.first("subject"), _DETAIL)
    daemon = (from_address or parts[0].fields.first("from").lower().strip()).partition("@")[0].lstrip("<") in _DAEMONS
    if not daemon and not _FAILURE.search(subject):
        return None
    text = next((part.text(_READ) for part in parts if part.kind.startswith("text/")), "")
    code = _code(text) or (found[1] if (found := _BASIC.search(text)) else "")
    line = next((line for line in text.splitlines() if code and code in line), subject)
    return DeliveryReport(kind=_kind(code, line), status=code, detail=plain(line, _DETAIL))


def _code(*texts: str) -> str:
    return next((found[1] for text in texts if (found := _ENHANCED.search(text))), "")


def _kind(code: str, words: str) -> str:
    """Judge a code (RFC 3463 section 3, RFC 5321 section 4.2.1) and the words beside it; what is unclear is soft."""
    if code in NOBODY:
        return "hard"
    if code.startswith("5.7.") or code == "5.1.8" or _OUR_FAULT.search(words):
        return "policy"
    if code in _TEMPORARY or code == "552" or _FULL.search(words):
        return "soft"
    return "hard" if code.startswith("5") else "soft"
