"""Answers to registrations that lie in a database, as mail programs send them: for floods, and for figures."""

from datetime import UTC, datetime, timedelta

from bots.mail.envelope import Arrived
from service.demo import calendar_clients
from service.demo.calendar_clients import Client
from service.demo.invitations import Invitation
from service.formats.tokens import ANSWER, Keys, handle


def pressed(
    client: Client, ident: int, uid: str, address: str, *, keys: Keys, domain: str, partstat: str = "accepted"
) -> Arrived:
    """Answer the invitation of a registration in a program, just now."""
    organizer = f"r-{handle(keys, ANSWER, ident)}@{domain}"
    starts = datetime.now(UTC).replace(microsecond=0) + timedelta(days=30)
    ends = starts + timedelta(hours=1)
    lines = {
        "DTSTART": f"DTSTART:{starts:%Y%m%dT%H%M%SZ}",
        "DTEND": f"DTEND:{ends:%Y%m%dT%H%M%SZ}",
        "ORGANIZER": f"ORGANIZER:mailto:{organizer}",
        "SUMMARY": "SUMMARY:Bijeenkomst",
    }
    asked = Invitation(uid, organizer, address, "Persoon", "Bijeenkomst", "0", starts, ends, "UTC", lines)
    posted = calendar_clients.reply(client, asked, partstat, now=datetime.now(UTC))
    return Arrived(posted.recipient, posted.sender, posted.raw)
