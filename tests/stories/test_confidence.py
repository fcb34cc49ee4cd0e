"""A canary in everything that a confidential circle says: through every door, nobody else hears it sing."""

import json
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from structlog.testing import capture_logs

from bots.mail.mime import build as built
from bots.mail.render import Renderer
from bots.telegram.notices import Words
from handlers.dialogue import dispatch
from handlers.dialogue.turn import Site as Spoken
from handlers.web import api
from handlers.web.app import build
from handlers.web.health import Health
from handlers.web.site import Site
from service.actions import (
    attendance,
    broadcasting,
    checking_in,
    circles,
    feeds,
    joining,
    keys,
    materials,
    people,
    polls,
    questions,
    ratings,
    registration,
    scheduling,
    voting,
    web_sessions,
)
from service.channels import Inbound
from service.clock import MovableClock
from service.database import Database
from service.errors import Invalid
from service.formats.tokens import ANSWER, POLL, PRESENT, UNSUBSCRIBE, handle
from service.model import (
    Attendance,
    Audience,
    Gathering,
    Partstat,
    Person,
    Purpose,
    Question,
    QuestionChoice,
    Via,
)
from service.rules.access import KRING, Actor
from service.store import notices
from tests.bots.mail.dues import HEAD
from tests.factories import make_person
from tests.handlers.web.browsing import Browser
from tests.handlers.web.house import KEYS
from tests.matrix import ROWS

SITE = Site(name="Kring", base_url="http://kring.test", language="nl", timezone="Europe/Amsterdam")
SPOKEN = Spoken(name="Kring", base_url="http://kring.test", language="nl", timezone="Europe/Amsterdam")
CONTENT, PERSONAL = "kanarie", "zangvogel"
"""What the meeting is about, which the team has typed and may read; and what is the people's own."""

SPOKEN_WORDS = ("agenda", "mijn", "kringen", "lijst", "help", "kring kanarie-kring", "cijfer")
CHAT_ABOUT = ("", "ja ", "lijst ", "datum ", "andere datum ", "aanwezigheid ", "bericht ", "/kaart ")
STRANGERS = ("nobody", "outsider", "neighbour", "staff", "admin")


@dataclass
class Nest:
    """A peer group whose every word is a canary, and everybody who is not of it."""

    db: Database
    clock: MovableClock
    browsers: dict[str, Browser]
    people: dict[str, Person]
    keys: dict[str, str]
    meetings: list[Gathering] = field(default_factory=list)
    logs: list[Any] = field(default_factory=list)

    def lead(self) -> Actor:
        circle, person = self.meetings[0].circle_id, self.people["lead"]
        own = frozenset({circle})
        return Actor(f"person:{person.id}", person_id=person.id, facilitates=own, member_of=own, signed_in=True)

    async def talk(self, who: str, text: str) -> str:
        address = f"{who}@example.org"
        now = self.clock.now()
        said = Inbound("console", f"{who}{text}", now, address, address, text=text)
        return repr(await dispatch.handle(self.db, said, keys=KEYS, now=now, site=SPOKEN))


async def meet(nest: Nest, days: int) -> Gathering:
    starts = datetime(2026, 11, 23, 16) + timedelta(days=days)
    facts = {
        "title_nl": f"Titel {CONTENT}",
        "title_en": f"Title {CONTENT}",
        "description_nl": f"Tekst {CONTENT}",
        "location": f"Zaal {CONTENT}",
        "online_url": f"https://meet.example.org/{CONTENT}",
        "starts_local": starts,
        "ends_local": starts + timedelta(hours=2),
    }
    now = nest.clock.now()
    made = await scheduling.create(nest.db, KRING, "kanarie-kring", facts, now=now)
    return await scheduling.publish(nest.db, KRING, made.id, now=now)


@pytest.fixture
async def nest(db: Database, clock: MovableClock) -> AsyncIterator[Nest]:
    now = clock.now()

    async def ready() -> list[str]:
        return []

    made: dict[str, Person] = {}
    for name in ("lead", "ada", "bea", "cor", "dik", "eva"):
        made[name] = await make_person(db, f"{PERSONAL} {name}", email=f"{name}@example.org")
    for name, role in (("outsider", "member"), ("neighbour", "member"), ("staff", "staff"), ("admin", "admin")):
        made[name] = await make_person(db, name.title(), email=f"{name}@example.org", role=role)
    await circles.create(
        db, KRING, slug="kanarie-kring", kind="intervision_group", title_nl=f"Kring {CONTENT}",
        title_en=f"Circle {CONTENT}", language="nl", now=now,
    )  # fmt: skip
    await circles.create(
        db, KRING, slug="open", kind="community_of_practice", title_nl="Open", title_en="Open", language="nl", now=now
    )
    for name in ("ada", "bea", "cor", "dik", "eva"):
        await joining.set_member(db, KRING, "kanarie-kring", made[name].id, "participant", now=now)
    await joining.set_member(db, KRING, "kanarie-kring", made["lead"].id, "facilitator", now=now)
    await joining.set_member(db, KRING, "open", made["neighbour"].id, "facilitator", now=now)
    app = build(
        db=db,
        clock=clock,
        keys=KEYS,
        site=SITE,
        more=[api.routes(coalesce=timedelta(seconds=20))],
        health=Health(ready),
    )
    bearers = {
        "staff": await keys.create_key(db, KRING, name="s", role="staff", now=now),
        "neighbour": await keys.create_key(db, KRING, name="n", role="facilitator", circle="open", now=now),
    }
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(TestServer(app))
        browsers = {}
        for who in (*STRANGERS, "lead", "ada"):
            client = await stack.enter_async_context(TestClient(server))
            browsers[who] = Browser(client)
        with capture_logs() as logs:
            yield Nest(db, clock, browsers, made, bearers, logs=logs)


async def sign_in(nest: Nest) -> None:
    """Sign everybody in anew: the team's sessions are short."""
    for who, browser in nest.browsers.items():
        if who == "nobody":
            continue
        async with nest.db.transaction() as conn:
            token = (await web_sessions.begin(conn, nest.people[who].id, now=nest.clock.now())).token
        client = browser.client
        assert isinstance(client, TestClient)
        client.session.cookie_jar.update_cookies({"kring": token}, client.make_url("/"))


async def look_for_another_date(nest: Nest) -> None:
    """Let too many say no to a meeting, and the group find another date for it."""
    db, clock, lead = nest.db, nest.clock, nest.lead()
    meeting = await meet(nest, 30)
    nest.meetings.append(meeting)
    for name in ("ada", "bea"):
        actor = await people.actor_for(db, nest.people[name].id)
        await registration.respond(
            db, actor, meeting.id, nest.people[name].id, Partstat.DECLINED, via=Via.WEB, now=clock.now()
        )
    moments = (await polls.suggested(db, lead, meeting.id, now=clock.now())).moments
    shown = await polls.start(db, lead, meeting.id, [one.starts_local for one in moments], now=clock.now())
    votes = {shown.moments[0].id: "yes"}
    await voting.vote(db, await people.actor_for(db, nest.people["ada"].id), meeting.id, votes, now=clock.now())


async def live(nest: Nest) -> None:
    """Let a year of the group go by: everything that it can say and be told."""
    db, clock = nest.db, nest.clock
    nest.meetings += [await meet(nest, days) for days in (9, 20, 40)]
    first, second, third = nest.meetings
    for name, partstat in (("ada", "accepted"), ("bea", "accepted"), ("cor", "declined"), ("dik", "tentative")):
        actor = await people.actor_for(db, nest.people[name].id)
        await registration.respond(
            db, actor, first.id, nest.people[name].id, Partstat(partstat), via=Via.WEB, now=clock.now()
        )
    for meeting in (first, second):
        await ask(nest, meeting)
    coalesce = timedelta(0)
    moved = {"location": f"Elders {CONTENT}", "starts_local": second.starts_local + timedelta(hours=1)}
    ends = {"ends_local": second.ends_local + timedelta(hours=1)}
    await scheduling.change(db, KRING, second.id, moved | ends, now=clock.now(), coalesce=coalesce)
    await scheduling.cancel(db, KRING, third.id, f"Reden {CONTENT}", now=clock.now())
    await look_for_another_date(nest)
    await feeds.create_feed(db, await people.actor_for(db, nest.people["ada"].id), "person", now=clock.now())
    lead = nest.lead()
    await broadcasting.send(
        db, lead, first.id, Audience.EVERYONE, f"Bericht {PERSONAL}", now=clock.now(), pause=timedelta(0)
    )
    clock.set(first.ends_at)
    marks = {nest.people[name].id: Attendance.PRESENT for name in ("ada", "bea", "cor", "dik", "eva")}
    await attendance.mark(db, lead, first.id, marks, now=clock.now())
    for name in ("ada", "bea", "cor", "dik", "eva"):
        actor = await people.actor_for(db, nest.people[name].id)
        with pytest.raises(Invalid):
            await ratings.rate(db, actor, first.id, 8, f"Woord {PERSONAL}", now=clock.now())
        await ratings.rate(db, actor, first.id, 8, now=clock.now())
    await materials.write_report(db, lead, first.id, f"Verslag {PERSONAL}", now=clock.now())
    await materials.tell_report(db, lead, first.id, now=clock.now(), pause=timedelta(0))
    await materials.add_link(
        db, lead, first.id, title=f"Link {PERSONAL}", url=f"https://example.org/{PERSONAL}", now=clock.now()
    )
    await materials.add_file(
        db,
        lead,
        first.id,
        title=PERSONAL,
        name=f"{PERSONAL}.pdf",
        content=f"%PDF- {PERSONAL}".encode(),
        now=clock.now(),
    )
    await sign_in(nest)


async def ask(nest: Nest, meeting: Gathering) -> None:
    """Let a meeting ask something, and two of those who come answer it."""
    text = Question(0, "text", f"Vraag {CONTENT}", "", needed=False)
    choices = (QuestionChoice(0, f"Keuze {CONTENT}", ""), QuestionChoice(0, "Niets", ""))
    pick = Question(0, "choice", f"Eten {CONTENT}", "", needed=False, choices=choices)
    asked = await questions.change(nest.db, nest.lead(), meeting.id, lambda _: [text, pick], days=14)
    for name in ("ada", "bea"):
        actor, person = await people.actor_for(nest.db, nest.people[name].id), nest.people[name].id
        now = nest.clock.now()
        await registration.respond(nest.db, actor, meeting.id, person, Partstat.ACCEPTED, via=Via.WEB, now=now)
        given = {asked[0].id: f"Allergie {PERSONAL}", asked[1].id: 1}
        await questions.answer(nest.db, actor, meeting.id, person, given, now=now)


async def letters(nest: Nest) -> list[tuple[str, str]]:
    """Write every notice of the outbox, sent or not, as a mail and for a chat: whom it is for, and all it says."""
    async with nest.db.transaction() as conn:
        rows = await conn.fetch("update notice set state = 'claimed', due_at = created_at returning id")
        dues = await notices.select_due(conn, [row["id"] for row in rows], nest.clock.now())
    found, chat = [], Words(KEYS, base_url="http://kring.test", timezone="Europe/Amsterdam")
    for due in dues:
        if due.purpose == Purpose.REMINDER and due.registration and due.registration.partstat == Partstat.DECLINED:
            continue  # has no words: it never goes out
        _, mail = Renderer(HEAD, KEYS).mail(due)
        message = message_from_bytes(built(mail))
        parts = [one.get_payload(decode=True) or b"" for one in message.walk() if not one.is_multipart()]
        said = "\n".join(part.decode(errors="replace") for part in parts if isinstance(part, bytes))
        found.append((due.name, f"{mail.subject}\n{mail.from_name}\n{said}"))
        found.append((due.name, repr(chat(due))))
    return found


async def purposes(nest: Nest) -> set[str]:
    async with nest.db.reading() as conn:
        return {row["purpose"] for row in await conn.fetch("select distinct purpose from notice")}


def sings(text: str, *songs: str) -> list[str]:
    return [song for song in songs if song in text.lower()]


def addresses(nest: Nest) -> list[str]:
    """Fill every address of a page of the application that can be looked at with each of the meetings."""
    found = {"/metrics", "/readyz", "/healthz", "/feeds/public.ics", "/manage/inbox", "/manage/plan"}
    for method, path, _ in ROWS:
        if method != "GET" or re.search(r"{(?!id}|slug}|year})", path):
            continue
        for meeting in nest.meetings:
            found.add(
                path.replace("{id}", str(meeting.id)).replace("{slug}", "kanarie-kring").replace("{year}", "2026")
            )
    return sorted(found)


def operations(nest: Nest) -> list[str]:
    found = []
    for operation in api.OPERATIONS:
        if operation.method != "GET":
            continue
        for meeting in nest.meetings[:1]:
            places = {"id": str(meeting.id), "slug": "kanarie-kring", "year": "2026"}
            places["person_id"] = str(nest.people["ada"].id)
            if operation.path.startswith("/people"):
                places["id"] = str(nest.people["outsider"].id)
            path = re.sub(r"{(\w+)}", lambda place, places=places: places.get(place[1], "1"), operation.path)  # type: ignore[misc]
            found.append(f"/api/v1{path}")
    return found


async def test_no_mail_and_no_chat_tells_what_it_is_about_and_none_names_another(nest: Nest) -> None:
    await live(nest)
    found = await letters(nest)
    assert {name.split()[0] for name, _ in found} == {PERSONAL}  # nobody else hears that there is a group at all
    assert len(found) > 40
    assert {Purpose.TOO_FEW, Purpose.POLL, Purpose.BROADCAST, Purpose.RATING} <= await purposes(nest)
    assert [(name, text) for name, text in found if sings(text, CONTENT)] == []
    own = [(name, text.lower().replace(name.lower(), "")) for name, text in found]
    # A first name greets its bearer; whatever else is somebody's stays unsaid.
    assert [(name, text) for name, text in own if sings(text.replace(f"beste {PERSONAL}", ""), PERSONAL)] == []


@pytest.mark.parametrize("who", STRANGERS)
async def test_no_page_tells_a_stranger(nest: Nest, who: str) -> None:
    """Of the team is kept what is the people's own; the rest of the world hears nothing at all."""
    await live(nest)
    songs = (PERSONAL,) if who in ("staff", "admin") else (PERSONAL, CONTENT)
    browser = nest.browsers[who]
    heard = []
    for path in addresses(nest):
        page = await browser.get(path)
        said = page.text.replace("kanarie-kring", "") if path.endswith("kanarie-kring") else page.text
        if path == "/manage/people":  # the register names everybody, and nobody's circle
            said = re.sub(rf"{PERSONAL} \w+", "", said, flags=re.IGNORECASE)
        if sings(said.replace(path, ""), *songs):
            heard.append(path)
        assert page.status != 500, path
    assert heard == []


async def test_no_link_tells_whoever_holds_it(nest: Nest) -> None:
    """A link is forwarded in one tap, and a picture of the sign at the door taken in passing."""
    await live(nest)
    nobody, heard, seen = nest.browsers["nobody"], [], 0
    for path in await links(nest):
        page = await nobody.get(path)
        assert page.status in (200, 410), (path, page.status)
        seen += page.status == 200
        if sings(page.text, PERSONAL, CONTENT):
            heard.append(path.rpartition("/")[0])
    assert heard == []
    assert seen > 10


async def links(nest: Nest) -> list[str]:
    """Return the addresses behind every link that the meetings have given anybody, and behind the sign at the door."""
    found = []
    async with nest.db.reading() as conn:
        registered = await conn.fetch("select id, generation from registration where withdrawn_at is null")
        voters = await conn.fetch("select id from poll_voter")
    for one in registered:
        own = handle(KEYS, ANSWER, one["id"], one["generation"])
        found += [f"/r/{own}", f"/r/{own}/rate", f"/u/{handle(KEYS, UNSUBSCRIBE, one['id'], one['generation'])}"]
        found.append(f"/present/{handle(KEYS, PRESENT, one['id'], one['generation'])}")
    found += [f"/p/{handle(KEYS, POLL, one['id'])}" for one in voters]
    meeting = await scheduling.get(nest.db, nest.lead(), nest.meetings[1].id)  # as it was moved
    nest.clock.set(meeting.starts_at)
    sign = await checking_in.sign(nest.db, nest.lead(), meeting.id, keys=KEYS, now=nest.clock.now())
    return [*found, f"/here/{sign.handle}"]


@pytest.mark.parametrize("who", ["staff", "neighbour"])
async def test_no_answer_of_the_api_tells_a_key_of_elsewhere(nest: Nest, who: str) -> None:
    await live(nest)
    songs = (PERSONAL,) if who == "staff" else (PERSONAL, CONTENT)
    nobody = nest.browsers["nobody"]
    heard = []
    for path in operations(nest):
        page = await nobody.get(path, Authorization=f"Bearer {nest.keys[who]}")
        body = page.body.decode(errors="replace")
        if path == "/api/v1/people" and who == "staff":
            continue  # that they are in the association is no secret; in which circle, it does not say
        if sings(body, *songs):
            heard.append(path)
    assert heard == []


async def test_no_chat_and_no_feed_tells_even_the_people_themselves(nest: Nest) -> None:
    await live(nest)
    heard = []
    for who in ("outsider", "neighbour", "staff", "ada", "lead"):
        for text in (
            *SPOKEN_WORDS,
            *(f"{word}{meeting.id}" for meeting in nest.meetings for word in CHAT_ABOUT),
        ):
            said = await nest.talk(who, text)
            own = said.replace("circle='kanarie-kring'", "")
            if sings(own, CONTENT) and who not in ("ada", "lead", "staff"):
                heard.append((who, text))
            if sings(own, f"titel {CONTENT}", f"zaal {CONTENT}", f"tekst {CONTENT}") or (
                sings(own, PERSONAL) and who not in ("ada", "lead")
            ):
                heard.append((who, text))
    assert heard == []
    token = await feeds.create_feed(
        nest.db, await people.actor_for(nest.db, nest.people["ada"].id), "person", now=nest.clock.now()
    )
    body = (await nest.browsers["nobody"].get(f"/feeds/{token}.ics")).text
    assert "BEGIN:VEVENT" in body
    assert "CLASS:PRIVATE" in body
    assert sings(body, CONTENT, PERSONAL) == []


async def test_no_log_tells(nest: Nest) -> None:
    await live(nest)
    for who in (*STRANGERS, "lead", "ada"):
        for path in addresses(nest):
            await nest.browsers[who].get(path)
    for who in ("outsider", "staff", "ada", "lead"):
        for text in SPOKEN_WORDS:
            await nest.talk(who, text)
    assert len(nest.logs) > 100
    assert [line for line in nest.logs if sings(json.dumps(line, default=str), CONTENT, PERSONAL)] == []


async def test_its_own_people_see_it_all(nest: Nest) -> None:
    """What could leak is really there: the negative control of everything above."""
    await live(nest)
    first = nest.meetings[0]
    page = await nest.browsers["ada"].get(f"/gatherings/{first.id}")
    assert sings(page.text, CONTENT, PERSONAL) == [CONTENT, PERSONAL]
    for words in ("titel", "tekst", "zaal"):
        assert f"{words} {CONTENT}" in page.text.lower()
    for words in ("bericht", "verslag", "link"):
        assert f"{words} {PERSONAL}" in page.text.lower()
    roster = await nest.browsers["lead"].get(f"/manage/gatherings/{first.id}/roster?show=all")
    assert f"{PERSONAL} ada" in roster.text
    second = nest.meetings[1]
    page = await nest.browsers["ada"].get(f"/gatherings/{second.id}")
    assert [
        words in page.text.lower() for words in (f"vraag {CONTENT}", f"keuze {CONTENT}", f"allergie {PERSONAL}")
    ] == [True] * 3
    for meeting in (first, second):
        page = await nest.browsers["lead"].get(f"/manage/gatherings/{meeting.id}/answers")
        assert page.text.lower().count(f"allergie {PERSONAL}") == 2
    assert (await nest.browsers["ada"].get(f"/manage/gatherings/{second.id}/answers")).status == 403
    staff = await nest.browsers["staff"].get(f"/manage/gatherings/{first.id}")
    assert "8,0" in staff.words
    assert "5" in staff.words
