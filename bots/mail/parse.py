"""Read a raw mail: who sent it, to which of our addresses, with what answer in it.

Reads within limits and decides nothing; it runs in a process of its own, which `sandbox` starts and stops.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from bots.mail import imip, reports
from bots.mail.authentication import authentication
from bots.mail.automatic import sign
from bots.mail.fields import Fields, mailbox, plain
from bots.mail.markup import text_of
from bots.mail.parts import Part, TooMuch, parts
from bots.mail.quotes import flowed, written
from bots.mail.recipients import RECIPIENTS, Envelope, Ours, addressed_to, invitation_named, outside_of, question_named
from service.formats.foreign_lines import plain_address
from service.formats.received import CalendarMessage, DeliveryReport, Handled, ReceivedMail

_SUBJECT: Final = 200
_MESSAGE_ID: Final = 500
_TEXT: Final = 64 * 1024
_HTML: Final = 256 * 1024
_THREAD: Final = ("in-reply-to", "references")


def parse(raw: bytes, envelope: Envelope, ours: Ours) -> ReceivedMail:
    """Read a mail; one that goes beyond a limit is refused, and only its envelope is told."""
    outside = outside_of(envelope, ours)
    try:
        found = parts(raw)
        answer, unreadable = (None, False) if found[0].kind == "multipart/report" else imip.calendar(found)
    except TooMuch as limit:
        return replace(outside, refused=str(limit))
    return _filled(outside, found, answer, ours, unreadable=unreadable)


def _filled(
    outside: ReceivedMail, found: Sequence[Part], answer: CalendarMessage | None, ours: Ours, *, unreadable: bool
) -> ReceivedMail:
    fields, kind = found[0].fields, found[0].kind
    name, address = mailbox(fields, "from")
    # Who takes mail out of a mailbox knows the envelope from this field only (RFC 5321 section 4.4).
    envelope_from = outside.envelope_from or plain_address(fields.first("return-path"))
    told = None if answer else reports.report(found, from_address=address, envelope_from=envelope_from)
    handled, handle = _handled(outside, fields, answer, told, found, ours)
    lines, cut = ((), False) if told else _lines(found)
    thread = [value for one in _THREAD for value in fields.every(one)]
    question = handle if handled is Handled.COMMAND and handle else question_named(thread, ours)
    message_id = plain(fields.first("message-id"), _MESSAGE_ID)
    return replace(
        outside,
        handled=handled,
        handle=None if handled is Handled.COMMAND else handle,
        envelope_from=envelope_from,
        from_address=address,
        from_name=name,
        authentication=authentication(fields, ours.authserv_id, address),
        message_id=message_id,
        subject=plain(fields.first("subject"), _SUBJECT),
        automatic=sign(fields, kind=kind, envelope_from=envelope_from, from_address=address),
        own=told is None and _is_own((address or "", envelope_from, message_id.strip("<>")), ours),
        calendar=answer,
        report=told,
        lines=lines,
        cut=cut,
        unreadable=unreadable,
        answers_uid=invitation_named(thread, ours),
        question=question,
    )


def _handled(
    outside: ReceivedMail,
    fields: Fields,
    answer: CalendarMessage | None,
    told: DeliveryReport | None,
    found: Sequence[Part],
    ours: Ours,
) -> tuple[Handled, str | None]:
    """Return what a mail is for: by its envelope, else its header, else by what it answers or gives back."""
    if outside.handled is not Handled.OTHER:
        return outside.handled, outside.handle
    handled, handle = addressed_to((value for name in RECIPIENTS for value in fields.every(name)), ours)
    if handled is Handled.OTHER and answer and answer.organizer:
        return addressed_to([answer.organizer], ours)
    if handled is Handled.OTHER and told:
        return _given_back(reports.returned_header(found), told, ours)
    return handled, handle


def _given_back(header: str, told: DeliveryReport, ours: Ours) -> tuple[Handled, str | None]:
    """Find the mail that a report is about by its header.

    Of a bounce only the sender's address counts: the others are known to everybody who sees an invitation.
    """
    wanted = (Handled.UNSUBSCRIBE, Handled.BOUNCE) if told.kind == "complaint" else (Handled.BOUNCE,)
    found = dict(addressed_to([line], ours) for line in reversed(header.split("\n")))
    return next(((handled, found[handled]) for handled in wanted if handled in found), (Handled.OTHER, None))


def _is_own(addresses: Sequence[str], ours: Ours) -> bool:
    """Tell whether a mail is one that we sent: by sender, envelope or Message-ID."""
    domain = f"@{ours.mail_domain.lower()}"
    return any(address.lower().endswith(domain) for address in addresses)


def _lines(found: Sequence[Part]) -> tuple[tuple[str, ...], bool]:
    """Return what the person wrote: the first text part with words in it, else the first HTML part."""
    shown = [part for part in found if part.disposition != "attachment" and not part.carries_calendar_in_header]
    for part in shown:
        if part.kind == "text/plain" and (text := part.text(_TEXT)).strip():
            return written(flowed(text) if part.parameters.get("format", "").lower() == "flowed" else text)
    html = next((part.text(_HTML) for part in shown if part.kind == "text/html"), "")
    return written(text_of(html)[:_TEXT])
