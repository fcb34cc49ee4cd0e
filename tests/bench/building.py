"""What building one mail costs, against the same mail as the manuals of Jinja, icalendar and email.message build it.

Generous to the other side: its templates are compiled and its VTIMEZONE is made once.
"""

import re
from binascii import a2b_qp
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from time import process_time
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vCalAddress, vText
from jinja2 import Environment

from bots.mail.mime import Mail, build
from bots.mail.render import Renderer
from service.channels import DueNotice
from service.model import Purpose
from tests.bench.figures import Figure, at_most_times, informing, middle
from tests.bench.ground import Ground
from tests.bots.mail.dues import GATHERING, HEAD, KEYS, NOW, REGISTRATION, due

MAILS, NAIVE, ROUNDS = 600, 40, 9
ZONE = ZoneInfo(GATHERING.timezone)


async def run(ground: Ground) -> AsyncIterator[Figure]:
    write, dues = Renderer(HEAD, KEYS), [_invitation(number) for number in range(MAILS)]
    naive = Naive(write.mail(dues[0])[1])
    ours, floor = [], []
    for _ in range(ROUNDS):
        ours.append(_cost(lambda one: build(write.mail(one)[1]), dues))
        floor.append(_cost(naive.mail, dues[:NAIVE]))
    yield at_most_times("building one mail", middle(ours), "ms CPU", middle(floor), 1 / 30)
    sizes = len(build(write.mail(dues[0])[1])), len(naive.mail(dues[0]))
    yield informing("building one mail: bytes", sizes[0], "bytes", floor=sizes[1])


class Naive:
    """Builds every mail anew, from templates that are compiled: the words of a mail of ours, with places for a name."""

    def __init__(self, model: Mail) -> None:
        plain, safe = Environment(), Environment(autoescape=True)
        self._text = plain.from_string(_template(model, model.text))
        self._html = safe.from_string(_template(model, model.html))
        (self._zone,) = Calendar.from_ical(model.calendar or b"").walk("VTIMEZONE")

    def mail(self, one: DueNotice) -> bytes:
        link = f"{HEAD.base_url}/r/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa{one.id}"
        facts = {"name": one.name, "link": link, "stop": f"{link}/stop"}
        calendar = self._calendar(one)
        message = EmailMessage(policy=SMTP)
        message["Date"] = format_datetime(NOW)
        message["Message-ID"] = f"<{one.id}@{HEAD.mail_domain}>"
        message["From"] = f"{GATHERING.circle_title_nl} <{HEAD.mail_from}>"
        message["To"] = f"{one.name} <{one.address}>"
        message["Subject"] = f"Uitnodiging: {GATHERING.title_nl}"
        message["Reply-To"] = f"r-{one.id}@{HEAD.mail_domain}"
        message["List-Unsubscribe"] = f"<{link}/stop>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(self._text.render(facts))
        message.add_alternative(self._html.render(facts), subtype="html")
        message.add_alternative(calendar.decode(), subtype="calendar", params={"method": "REQUEST"})
        message.add_attachment(calendar, maintype="application", subtype="ics", filename="invite.ics")
        return message.as_bytes()

    def _calendar(self, one: DueNotice) -> bytes:
        event = Event()
        event.add("uid", one.registration and one.registration.uid)
        event.add("dtstamp", NOW)
        event.add("sequence", 0)
        event.add("dtstart", GATHERING.starts_local.replace(tzinfo=ZONE))
        event.add("dtend", GATHERING.ends_local.replace(tzinfo=ZONE))
        event.add("summary", GATHERING.title_nl)
        event.add("description", GATHERING.description_nl)
        event.add("location", GATHERING.location)
        event.add("status", "CONFIRMED")
        event.add("organizer", _address(f"r-{one.id}@{HEAD.mail_domain}", GATHERING.circle_title_nl))
        event.add("attendee", _address(one.address or "", one.name))
        calendar = Calendar()
        calendar.add("prodid", "-//Naive//NL")
        calendar.add("version", "2.0")
        calendar.add("method", "REQUEST")
        calendar.add_component(self._zone)
        calendar.add_component(event)
        return bytes(calendar.to_ical())


def _template(model: Mail, quoted: str | bytes) -> str:
    words = a2b_qp(quoted).decode()
    for link, kind in dict(re.findall(rf"({HEAD.base_url}/([ru])/[a-z2-7]+)", words)).items():
        words = words.replace(link, "{{ link }}" if kind == "r" else "{{ stop }}")
    return words.replace(model.to_name.partition(" ")[0], "{{ name }}")


def _address(value: str, name: str) -> vCalAddress:
    address = vCalAddress(f"mailto:{value}")
    address.params["CN"] = vText(name)
    return address


def _invitation(number: int) -> DueNotice:
    return replace(
        due(Purpose.INVITATION),
        id=number,
        name=f"Zoë van {number}",
        address=f"zoe{number}@example.org",
        registration=replace(REGISTRATION, id=number, uid=f"uid{number:020}@{HEAD.mail_domain}"),
    )


def _cost(make: Callable[[DueNotice], object], dues: Sequence[DueNotice]) -> float:
    """Return the CPU milliseconds of one."""
    began = process_time()
    for one in dues:
        make(one)
    return (process_time() - began) / len(dues) * 1000
