"""Exporting and erasing: all of the person and nobody else, and afterwards nothing but what is counted."""

import json
from dataclasses import dataclass
from datetime import timedelta

import pytest

from service.actions import (
    attendance,
    feeds,
    importing,
    joining,
    linking,
    people,
    planning,
    polls,
    preferences,
    privacy,
    prompting,
    questions,
    ratings,
    registration,
    signing_in,
    voting,
    web_sessions,
)
from service.errors import Conflict, NotAllowed, NotFound
from service.formats.received import Authentication
from service.formats.tokens import hashed, peppered
from service.model import Gathering, Partstat, Question, Role
from service.rules.access import KRING, Actor
from service.store import aliases, commands
from tests.actions.delivery_worker import working
from tests.actions.play import KEYS, PRESENT, Play
from tests.actions.post import Post, mail
from tests.factories import make_circle, make_organisation, make_person
from tests.fakes.smtp_server import SmtpServer
from tests.waiting import until

CANARY = "Zangvogel"
CHAT = "7305551234"
SONGS = (CANARY, CHAT)
TEAM = Actor("person:0", role=Role.STAFF, signed_in=True)
PLAN = """programme,title,kind,output,min_count,max_count,period,months,language,audience,source,circle
Innovatie,Kring,community_of_practice,gathering,2,,year,,nl,,,cop
"""

COLUMNS = """
    select c.table_name, c.column_name, c.data_type from information_schema.columns c
    join information_schema.tables t on t.table_schema = c.table_schema and t.table_name = c.table_name
    where c.table_schema = 'public' and t.table_type = 'BASE TABLE'
      and c.data_type in ('text', 'character varying', 'json', 'jsonb', 'bytea', 'ARRAY')
"""


TRACED = {
    "address", "affiliation", "alias_proposal", "command_result", "inbox", "link_request", "notice", "pending_prompt",
    "person", "question_answer", "rating", "registration_history", "sent_view", "web_session",
}  # fmt: skip
"""The tables in which somebody leaves words or addresses."""


@dataclass
class Life:
    """An association in which somebody called like the canary, and Bea besides, have done all that can be done."""

    play: Play
    past: Gathering
    coming: Gathering
    secret: Gathering
    feed: str

    @property
    def person(self) -> int:
        return self.play.ids[CANARY]


@pytest.fixture
async def life(play: Play) -> Life:
    organisation = await make_organisation(play.db, "Stichting Nest", now=play.now)
    for name in (CANARY, "Bea"):
        await play.person(name, of=organisation)
    await play.open(CANARY, "Bea", "Cor")
    await make_circle(play.db, "spiegel", kind="intervision_group", now=play.now)
    for name in (CANARY, "Bea"):
        await joining.set_member(play.db, KRING, "spiegel", play.ids[name], "facilitator", now=play.step())
    past, coming = await play.published(days=1), await play.published(days=40, capacity=1)
    poll = await play.draft(days=50)
    play.slug = "spiegel"
    secret = await play.published(days=45, title_nl="Macht aan tafel")
    play.slug = "cop"
    await play.accept(coming, CANARY, "Bea")  # Bea waits
    await play.accept(past, CANARY, "Bea")
    await play.accept(secret, CANARY)
    await _answers(play, coming, "Wat eet je?", CANARY, "Bea")
    await _answers(play, secret, "Macht aan tafel?", CANARY)
    await play.deliver()
    moments = [poll.starts_local + timedelta(days=day) for day in (1, 2, 3)]
    await polls.propose(play.db, KRING, poll.id, moments, now=play.now)
    await polls.ask(play.db, KRING, poll.id, now=play.step())
    for name in (CANARY, "Bea"):
        await _lives(play, name, past, coming, poll)
    token = await feeds.create_feed(play.db, await play.actor(CANARY), "person", now=play.step())
    return Life(play, past, coming, secret, token)


async def _answers(play: Play, gathering: Gathering, text: str, *names: str) -> None:
    """Ask something at a gathering, and let people answer it with their name in it."""
    question = Question(0, "text", text, "", needed=False)
    (asked,) = await questions.change(play.db, KRING, gathering.id, lambda _: [question], days=14)
    for name in names:
        given = {asked.id: f"{name} eet alles"}
        await questions.answer(play.db, await play.actor(name), gathering.id, play.ids[name], given, now=play.step())


async def _lives(play: Play, name: str, past: Gathering, coming: Gathering, poll: Gathering) -> None:
    """Leave traces of somebody in every table there is."""
    db, actor, ident = play.db, await play.actor(name), play.ids[name]
    post, chat = Post(play), CHAT if name == CANARY else "8"
    await people.add_address(db, KRING, ident, f"{name}.thuis@example.org", now=play.step())
    await people.change_person(db, KRING, ident, {"title": f"{name} van de directie"}, now=play.step())
    await preferences.change(
        db,
        actor,
        actor.person_id or 0,
        {"quiet_from": play.now.time(), "quiet_until": (play.now + timedelta(hours=9)).time()},
        now=play.now,
    )
    token = await linking.begin(db, actor, "telegram", now=play.now)
    offer = await linking.look(db, "telegram", token, chat, now=play.now)
    await linking.accept(db, "telegram", offer.request_id, chat, account=f"@{name}", now=play.step())
    await linking.ask_code(db, "telegram", chat, mail(name), keys=KEYS, now=play.step())
    await play.execute(
        "insert into sent_view (channel, conversation, reference, view_key, digest, shown_at)"
        " values ('telegram', $1, '5', 'agenda', '', $2)",
        chat,
        play.now,
    )
    await play.execute(
        "insert into inbox (channel, external_id, conversation, raw, received_at, not_before, state)"
        " values ('telegram', $1, $2, $3, $4, $4, 'applied')",
        f"1:{ident}",
        f"telegram:{chat}",
        json.dumps({"message": {"from": {"id": int(chat), "first_name": name}, "text": "agenda"}}).encode(),
        play.now,
    )
    await prompting.ask(
        db, actor, "telegram", chat, topic="message", asked="text", collected={"said": f"Dag, {name}"}, now=play.now
    )
    async with db.transaction() as conn:
        await aliases.propose_alias(conn, ident, f"{name.lower()}@elders.example", play.now)
        await commands.begin(conn, f"api:1 {mail(name)}", b"", play.now)
        await commands.finish(conn, f"api:1 {mail(name)}", {"result": {"id": ident, "name": name, "email": mail(name)}})
        await web_sessions.begin(conn, ident, agent=f"Firefox van {name}", now=play.now)
    await signing_in.ask(db, mail(name), "cookie", network="::1", keys=KEYS, now=play.step())
    await post.write(coming, name, f"Ik weet het nog niet. {name}")
    await post.command(name, f"Zeg, {name} hier, wat nu?")
    await post.command(name, "agenda", authentication=Authentication.FAIL)
    ballot = await voting.own(db, actor, poll.id)
    await voting.vote(db, actor, poll.id, {one.id: "yes" for one in ballot.moments}, now=play.step())
    await play.execute(
        "update inbox set raw = convert_to($2, 'UTF8'), facts = facts || $3 where person_id = $1 and channel = 'mail'",
        ident,
        f"From: {mail(name)}\n\nZeg, {name} hier, wat nu?",
        {"from": mail(name), "lines": [f"Zeg, {name} hier, wat nu?"]},
    )
    await play.execute(
        "update registration_history set note = $2"
        " where registration_id in (select id from registration where person_id = $1)",
        ident,
        f"{name} mag altijd",
    )
    play.clock.set(max(play.now, past.ends_at + timedelta(minutes=1)))
    await attendance.mark(db, KRING, past.id, {ident: PRESENT}, now=play.step())
    await ratings.rate(db, actor, past.id, 8, f"Woord van {name}", now=play.step())


async def scan(play: Play, *songs: str) -> list[tuple[str, str, str]]:
    """Find where in the whole database one of these words stands: in texts, lists, JSON and bytes alike."""
    found = []
    for table, column, kind in await play.fetch(COLUMNS):
        text = f"encode({column}, 'escape')" if kind == "bytea" else f"{column}::text"
        for song in songs:
            if await play.fetch(f'select 1 from "{table}" where {text} ilike $1 limit 1', f"%{song}%"):
                found.append((table, column, song))
    return sorted(found)


async def gone(play: Play) -> None:
    """Let the last mails go out, and the clock come round."""
    await play.deliver()
    await privacy.forget_farewells(play.db, now=play.step())


async def erase(play: Play, name: str = CANARY, *, by: Actor = KRING) -> None:
    await privacy.erase(play.db, by, play.ids[name], keys=KEYS, now=play.step())


async def test_an_export_holds_everything_of_the_person_and_nothing_of_another(life: Life) -> None:
    play = life.play
    held = await privacy.export(play.db, await play.actor(CANARY), life.person, keys=KEYS, now=play.now)
    text = json.dumps(held, ensure_ascii=False)
    empty = {"broadcasts", "group_cards", "suppressions", "second_factor"}
    assert {section for section, rows in held.items() if rows == []} == empty
    for trace in (
        "van de directie", "zangvogel.thuis@example.org", CHAT, "zangvogel@elders.example", "Firefox van Zangvogel",
        "Woord van Zangvogel", "Zangvogel mag altijd", "Zangvogel hier, wat nu?", "Dag, Zangvogel",
        "Zangvogel eet alles", "Macht aan tafel",
    ):  # fmt: skip
        assert trace in text, trace
    assert "Bea" not in text
    assert "bea@" not in text
    assert held["complete"] is True
    assert [(one["partstat"], one["seat"], one["attendance"]) for one in held["registrations"]] == [
        ("accepted", "seated", "present"),
        ("accepted", "seated", None),
        ("accepted", "none", None),
    ]


async def test_no_secret_stands_in_an_export(life: Life) -> None:
    play = life.play
    secrets = await play.fetch(
        "select facts ->> 'token' as token, facts ->> 'code' as code from notice where person_id = $1"
        " and purpose in ('sign-in', 'link-code')",
        life.person,
    )
    held = await privacy.export(play.db, await play.actor(CANARY), life.person, keys=KEYS, now=play.now)
    text = json.dumps(held)
    known = [value for row in secrets for value in row.values() if value] + [life.feed]
    assert len(known) > 2
    assert [secret for secret in known if secret in text] == []
    assert "hash" not in text


async def test_the_team_exports_nothing_of_confidential_circles_and_the_command_line_no_names(life: Life) -> None:
    play = life.play
    team = await privacy.export(play.db, TEAM, life.person, keys=KEYS, now=play.now)
    machine = await privacy.export(play.db, KRING, life.person, keys=KEYS, now=play.now)
    assert (len(team["registrations"]), len(machine["registrations"])) == (2, 3)
    assert (team["complete"], machine["complete"]) == (False, False)
    for held in (team, machine):
        assert [song for song in ("Macht aan tafel", "spiegel") if song in json.dumps(held).lower()] == []
        assert "Macht aan tafel" not in json.dumps(held)


async def test_after_erasing_nothing_of_the_person_is_left_anywhere(life: Life) -> None:
    play = life.play
    assert {table for table, _, _ in await scan(play, *SONGS)} == TRACED
    await erase(play)
    assert {table for table, _, _ in await scan(play, *SONGS)} == {"notice"}  # the last mails, still to be sent
    await gone(play)
    assert await scan(play, *SONGS) == []


async def test_lists_that_others_were_handed_in_a_conversation_go_with_whom_they_name(life: Life) -> None:
    play = life.play
    post = Post(play)
    await post.command("Fien", f"lijst {life.coming.id}")
    await play.deliver()
    lists = "select count(*) from notice where purpose = 'answer' and person_id = $1 and facts::text like $2"
    (fien, named) = play.ids["Fien"], f"%{CANARY}%"
    assert [tuple(row) for row in await play.fetch(lists, fien, named)] == [(1,)]
    await erase(play)
    assert [tuple(row) for row in await play.fetch(lists, fien, named)] == [(0,)]
    await gone(play)
    assert await scan(play, *SONGS) == []


DEALT_WITH = {
    ("address", "person"), ("affiliation", "person"), ("alias_proposal", "person"), ("broadcast", "person"),
    ("feed", "person"), ("group_card", "person"), ("inbox", "person"), ("link_request", "person"),
    ("membership", "person"), ("notice", "person"), ("notice", "registration"), ("pending_prompt", "person"),
    ("poll_voter", "person"), ("question_answer", "registration"), ("rating", "registration"),
    ("registration", "person"),
    ("registration_history", "registration"), ("second_factor", "person"), ("sign_in", "person"),
    ("web_session", "person"),
}  # fmt: skip
"""What hangs on a person, and is exported and erased with them; see `service/store/exports.py` and `erasing.py`."""


async def test_no_table_that_hangs_on_a_person_is_left_out(play: Play) -> None:
    found = await play.fetch(
        "select conrelid::regclass::text, confrelid::regclass::text from pg_constraint"
        " where contype = 'f' and confrelid in ('person'::regclass, 'registration'::regclass)"
    )
    assert {tuple(row) for row in found} == DEALT_WITH


async def test_what_others_have_stays_as_it_was(life: Life) -> None:
    play = life.play
    before = await scan(play, "Bea", "bea@")
    await erase(play)
    await gone(play)
    assert await scan(play, "Bea", "bea@") == before


async def test_the_seat_is_freed_first_and_the_calendar_is_told(life: Life) -> None:
    play = life.play
    assert (await play.seats(life.coming))[CANARY] == ("accepted", "seated", None)
    await play.news()
    await erase(play)
    assert (await play.seats(life.coming))["Bea"] == ("accepted", "seated", None)
    heard = await play.fetch(
        "select purpose, conversation, facts ->> 'method' as method, expires_at from notice where person_id = $1"
        " order by id",
        life.person,
    )
    soon = play.now + privacy.FAREWELL_LASTS
    assert [tuple(row) for row in heard] == [
        ("withdrawal", mail(CANARY), "CANCEL", soon),
        ("withdrawal", mail(CANARY), "CANCEL", soon),
        ("erased", mail(CANARY), None, soon),
    ]
    assert ("Bea", "promotion") in await play.news()


async def test_the_last_mails_reach_the_calendar_under_the_address_it_knows(life: Life) -> None:
    play = life.play
    await play.execute("update notice set state = 'cancelled' where state = 'planned'")
    (uid,) = await play.row(life.coming, CANARY, "uid")
    organizer = f"r-{await play.handle(life.coming, CANARY)}@".encode()
    await erase(play)
    async with SmtpServer() as relay, working(play.db, relay.url, play.clock, keys=KEYS):
        await until(lambda: _told(relay, 3))
    sent = [one for one in relay.mails if one.recipients == (mail(CANARY),)]
    assert [one.message["To"] for one in sent] == [f'"{CANARY}" <{mail(CANARY)}>'] * 3
    (cancel,) = [one for one in sent if uid.encode() in _calendar(one.message)]
    assert b"METHOD:CANCEL" in _calendar(cancel.message)
    assert organizer in _calendar(cancel.message).replace(b"\r\n ", b"")
    await privacy.forget_farewells(play.db, now=play.step())
    assert await scan(play, *SONGS) == []


async def _told(relay: SmtpServer, count: int) -> bool:
    return len([one for one in relay.mails if one.recipients == (mail(CANARY),)]) == count


def _calendar(message: object) -> bytes:
    for part in message.walk():  # type: ignore[attr-defined]
        if part.get_content_type() == "text/calendar":
            return part.get_payload(decode=True)
    return b""


async def test_what_is_counted_stays_right(life: Life) -> None:
    play = life.play
    await planning.import_plan(play.db, KRING, PLAN, year=2026)
    plan = await planning.plan(play.db, TEAM, 2026, now=play.now)
    roster = await play.roster(life.past)
    scores = await play.fetch("select score, gathering_id from rating order by id")
    await erase(play)
    await gone(play)
    assert await planning.plan(play.db, TEAM, 2026, now=play.now) == plan
    after = await play.roster(life.past)
    assert sorted((one.partstat, one.attendance, one.organisation) for one in after) == sorted(
        (one.partstat, one.attendance, one.organisation) for one in roster
    )
    assert {one.person_name for one in after} - {one.person_name for one in roster} == {"(gewist)"}
    assert await play.fetch("select score, gathering_id from rating order by id") == scores


async def test_every_way_in_is_closed(life: Life) -> None:
    play = life.play
    actor = await play.actor(CANARY)
    begun = await _session(play, life.person)
    answer = await play.handle(life.coming, CANARY)
    looked_back = await play.handle(life.past, CANARY)
    await erase(play, by=actor)
    assert await web_sessions.holder(play.db, begun, seen=None, now=play.now) is None
    assert await people.person_by_address(play.db, "telegram", CHAT) is None
    for look in (
        people.actor_for(play.db, life.person),
        people.person(play.db, KRING, life.person),
        privacy.export(play.db, KRING, life.person, keys=KEYS, now=play.now),
        registration.by_handle(play.db, looked_back, keys=KEYS, now=play.now),
        registration.respond(play.db, actor, life.coming.id, life.person, Partstat.ACCEPTED, via="web", now=play.now),
    ):
        with pytest.raises(NotFound):
            await look
    with pytest.raises(Exception, match="no longer works"):
        await registration.by_handle(play.db, answer, keys=KEYS, now=play.now)
    revoked = await play.fetch("select revoked_at from feed where token_hash = $1", hashed(life.feed))
    assert [row["revoked_at"] for row in revoked] == [play.now]
    assert CANARY not in [one.name for one in await people.people(play.db, KRING)]


async def test_erasing_twice_is_erasing_once(life: Life) -> None:
    play = life.play
    await erase(play)
    rows = await play.fetch("select * from person"), await play.fetch("select * from notice order by id")
    await erase(play)
    assert (await play.fetch("select * from person"), await play.fetch("select * from notice order by id")) == rows
    with pytest.raises(NotFound):
        await privacy.erase(play.db, KRING, 10**6, keys=KEYS, now=play.now)


async def test_an_old_list_brings_no_mail_until_they_ask_for_something_themselves(life: Life) -> None:
    play = life.play
    await erase(play)
    await gone(play)
    hashes = await play.fetch("select address_hash, reason from suppression order by 1")
    theirs = [peppered(KEYS, mail(CANARY)), peppered(KEYS, f"{CANARY.lower()}.thuis@example.org")]
    assert [tuple(row) for row in hashes] == sorted((one, "erased") for one in theirs)
    rows = f"name,email,language,organisation,title,roles,circles\nNieuw,{mail(CANARY)},nl,,,,cop\n"
    assert (await importing.people(play.db, KRING, rows, now=play.step())).added == 1
    now = await play.published(days=3)
    async with SmtpServer() as relay, working(play.db, relay.url, play.clock, keys=KEYS):
        await until(lambda: _none_due(play))
        assert sorted(one.recipients[0] for one in relay.mails) == [mail("Cor"), mail("Fien")]  # Bea has quiet hours
        (held_back,) = await play.fetch("select error from notice where gathering_id = $1 and state = 'failed'", now.id)
        assert held_back["error"] == "suppressed: erased"
        await signing_in.ask(play.db, mail(CANARY), "cookie", network="::1", keys=KEYS, now=play.step())
        (asked,) = await play.fetch("select facts from notice where purpose = 'sign-in' and state = 'planned'")
        token = asked["facts"]["token"]
        await signing_in.enter(play.db, token, "cookie", keys=KEYS, now=play.step())
    assert await play.fetch("select reason from suppression where address_hash = $1", theirs[0]) == []


async def _none_due(play: Play) -> bool:
    (row,) = await play.fetch(
        "select count(*) from notice where state in ('planned', 'claimed') and lane = 'mail' and due_at <= $1",
        play.now,
    )
    return row["count"] == 0


async def _session(play: Play, person_id: int) -> str:
    async with play.db.transaction() as conn:
        return (await web_sessions.begin(conn, person_id, now=play.now)).token


async def test_who_may_erase_whom(play: Play) -> None:
    await play.open("Anna")
    admin, other = await make_person(play.db, role=Role.ADMIN), await make_person(play.db, role=Role.STAFF)
    member, staff = await play.actor("Anna"), await people.actor_for(play.db, other.id)
    lead = await play.actor("Fien")
    for actor, target in ((member, play.ids["Fien"]), (lead, play.ids["Anna"]), (staff, admin.id)):
        with pytest.raises(NotAllowed):
            await privacy.erase(play.db, actor, target, keys=KEYS, now=play.now)
        if actor is not staff:
            with pytest.raises(NotAllowed):
                await privacy.export(play.db, actor, target, keys=KEYS, now=play.now)
    for actor in (KRING, await people.actor_for(play.db, admin.id)):
        with pytest.raises(Conflict):  # nobody else is one
            await privacy.erase(play.db, actor, admin.id, keys=KEYS, now=play.now)
    await privacy.erase(play.db, staff, play.ids["Anna"], keys=KEYS, now=play.now)
    await privacy.erase(play.db, staff, other.id, keys=KEYS, now=play.now)
    assert [one.id for one in await people.people(play.db, KRING)] == sorted([play.ids["Fien"], admin.id])


async def test_who_leads_a_confidential_circle_hears_that_the_team_took_somebody_out(life: Life) -> None:
    play = life.play
    await play.news()
    await erase(play, by=TEAM)
    assert ("Bea", "members-changed") in await play.news()


async def test_nobody_is_told_whose_address_no_mail_reaches(play: Play) -> None:
    await play.open("Anna")
    gathering = await play.published(days=9)
    await play.execute("update address set undeliverable_at = $1", play.now)
    await erase(play, "Anna")
    assert await play.fetch("select * from notice where person_id = $1", play.ids["Anna"]) == []
    assert [one.person_name for one in await play.roster(gathering)] == ["Fien"]
