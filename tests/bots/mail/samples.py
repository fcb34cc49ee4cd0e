"""A Mail to vary, and two ways to read one back."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from bots.mail.mime import Mail

CALENDAR = (
    "BEGIN:VCALENDAR\r\nPRODID:-//Kring//NL\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\n"
    "UID:u1@kring.example\r\nDTSTAMP:20261123T170000Z\r\nSUMMARY:Énergie\\, samen\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
).encode()

INVITATION = Mail(
    message_id="<i1.1.abc@kring.example>",
    date=datetime(2026, 11, 23, 17, 0, tzinfo=UTC),
    from_name="CoP Énergie",
    from_address="kring@kring.example",
    to_name="Zoë de Vries",
    to_address="zoe@example.org",
    subject="Uitnodiging: Énergie in de wijk – dinsdag 1 december 2026, 16.00 uur",
    text="Beste Zoë,\n\nKom je?\n.\n-- \nKring\n",
    html="<p>Beste Zoë,</p>\n<p>Kom je?</p>\n",
    reply_to="r-abcdefghij@in.kring.example",
    calendar=CALENDAR,
    method="REQUEST",
)


def mail(**changes: Any) -> Mail:
    return replace(INVITATION, **changes)


def letter(**changes: Any) -> Mail:
    """A mail without a calendar part."""
    return mail(calendar=None, method=None, **changes)
