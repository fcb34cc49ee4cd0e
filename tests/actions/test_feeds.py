import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from service.actions import announcing, circles, feeds, people
from service.actions.feed_writing import Kept
from service.clock import MovableClock
from service.database import Database
from service.errors import Expired, Invalid, NotAllowed, NotFound
from service.rules.access import ANONYMOUS, KRING
from tests.actions.feed_stage import Stage
from tests.formats.reading import names, parse
from tests.waiting import until


@pytest.fixture
def stage(db: Database, clock: MovableClock) -> Stage:
    return Stage(db, clock)


async def test_the_public_feed_shows_what_anyone_may_see_and_nothing_else(stage: Stage) -> None:
    ann = await stage.person("Ann")
    await stage.circle("open", ann)
    await stage.circle("peers", ann, kind="intervision_group")
    shown = await stage.gathering(
        "open", "Begroting", location="Utrecht", online_url="https://meet.example.org/x", description_nl="Neem mee."
    )
    await stage.draft("open", "Concept")
    await stage.gathering("open", "Leden", visibility="members")
    await stage.gathering("peers", "Geheim", visibility="public")
    (event,) = await stage.events()
    assert {name: str(event[name]) for name in ("UID", "SUMMARY", "LOCATION", "STATUS", "SEQUENCE", "URL")} == {
        "UID": shown.uid,
        "SUMMARY": "Begroting",
        "LOCATION": "Utrecht",
        "STATUS": "CONFIRMED",
        "SEQUENCE": "0",
        "URL": f"https://kring.test/gatherings/{shown.id}",
    }
    assert event["DESCRIPTION"] == f"Neem mee.\n\nhttps://kring.test/gatherings/{shown.id}"
    assert event["DTSTAMP"].dt == event["LAST-MODIFIED"].dt == shown.changed_at
    counted = names(await stage.text())
    assert [name for name in ("ATTENDEE", "ORGANIZER", "VALARM") if counted[name]] == []


async def test_a_feed_says_what_it_is_in_the_language_of_its_reader(stage: Stage) -> None:
    ann = await stage.person("Ann", language="en")
    await stage.circle("open", ann)
    own, circle = await stage.subscribe(ann), await stage.subscribe(ann, "open")
    heads = [
        parse(text)
        for text in (
            await stage.text(),
            await stage.text(language="en"),
            await stage.text(own),
            await stage.text(circle),
        )
    ]
    assert [(str(head["NAME"]), str(head["SOURCE"])) for head in heads] == [
        ("Bijeenkomsten van Vereniging De Ring", "https://kring.test/feeds/public.ics"),
        ("Gatherings of Vereniging De Ring", "https://kring.test/feeds/public.ics?lang=en"),
        ("My gatherings at Vereniging De Ring", f"https://kring.test/feeds/{own}.ics"),
        ("Circle open", f"https://kring.test/feeds/{circle}.ics"),
    ]


async def test_an_unchanged_feed_costs_one_statement_and_sends_nothing(stage: Stage, counted: "Counted") -> None:
    ann = await stage.person("Ann")
    await stage.circle("open", ann)
    await stage.gathering("open", "Begroting")
    await stage.read(db=counted.db)  # asyncpg looks at the types of a new connection once
    for token in (None, await stage.subscribe(ann), await stage.subscribe(ann, "open")):
        first = await stage.read(token)
        await counted.statements()
        again = await stage.read(token, seen=f'"other", W/{first.tag}', db=counted.db)
        (statement,) = await counted.statements()
        assert (again.body, again.tag, " join " in statement.query) == (None, first.tag, False)


async def test_a_cold_feed_costs_as_many_statements_with_three_gatherings_as_with_three_hundred(
    stage: Stage, counted: "Counted"
) -> None:
    ann = await stage.person("Ann")
    await stage.circle("open", ann)
    tokens = (None, await stage.subscribe(ann), await stage.subscribe(ann, "open"))
    await copies(stage, ann, 1)
    await stage.read(db=counted.db)  # asyncpg looks at the types of a new connection once
    costs = []
    for many in (3, 300):
        await copies(stage, ann, many)
        stage.kept = Kept()
        for token in tokens:
            await counted.statements()
            answer = await stage.read(token, db=counted.db)
            assert answer.body is not None
            assert answer.body.plain.count(b"BEGIN:VEVENT") == many
            costs.append(len(await counted.statements()))
    assert costs[:3] == costs[3:]
    assert max(costs) <= 6  # the mark, begin, terms, list, texts, commit


async def test_when_one_gathering_changes_only_its_own_texts_are_read_again(stage: Stage, counted: "Counted") -> None:
    ann = await stage.person("Ann")
    await stage.circle("open", ann)
    gatherings = [await stage.gathering("open", f"Titel {number}") for number in range(5)]
    for gathering in gatherings:
        await stage.answer(gathering, ann, "accepted")
    for token in (None, await stage.subscribe(ann)):
        await stage.read(token)
        await stage.change(gatherings[2], title_nl=f"Nieuw {token is None}")
        await counted.statements()
        await stage.read(token, db=counted.db)
        read = [each.args for each in await counted.statements() if "g.id = any" in each.query]
        assert read == [([gatherings[2].id],)]


Step = Callable[[Stage], Awaitable[object]]


async def accept(stage: Stage) -> None:
    await stage.answer(stage.first, stage.ann, "accepted")


async def move(stage: Stage) -> None:
    await stage.change(stage.first, starts_local=datetime(2026, 12, 9, 10), ends_local=datetime(2026, 12, 9, 12))


async def retitle(stage: Stage) -> None:
    await stage.change(stage.first, title_nl="Anders")


async def relocate(stage: Stage) -> None:
    await stage.change(stage.first, location="Zwolle")


async def announce(stage: Stage) -> None:
    await retitle(stage)
    before = (await stage.read(stage.token)).tag
    due = await announcing.due(stage.db, now=stage.clock.move(timedelta(minutes=1)))
    for step, gathering_id in due:
        await step(stage.db, gathering_id, now=stage.clock.now())
    assert (await stage.read(stage.token)).tag != before


async def hide(stage: Stage) -> None:
    await stage.change(stage.first, visibility="circle")


async def cancel(stage: Stage) -> None:
    await stage.cancel(stage.first)


async def reopen(stage: Stage) -> None:
    await stage.cancel(stage.first)
    before = (await stage.read(stage.token)).tag
    await stage.publish(stage.first)
    assert (await stage.read(stage.token)).tag != before


async def publish(stage: Stage) -> None:
    await stage.gathering("open", "Nog een")


async def decline(stage: Stage) -> None:
    await stage.answer(stage.first, stage.ann, "declined")


async def maybe(stage: Stage) -> None:
    await stage.answer(stage.first, stage.ann, "tentative")


async def leave(stage: Stage) -> None:
    await circles.leave(stage.db, await people.actor_for(stage.db, stage.ann), "open", now=stage.clock.now())


async def be_removed(stage: Stage) -> None:
    await circles.remove_member(stage.db, KRING, "open", stage.ann, now=stage.clock.now())


async def change_language(stage: Stage) -> None:
    await people.set_language(stage.db, await people.actor_for(stage.db, stage.ann), "en", now=stage.clock.now())


async def become_staff(stage: Stage) -> None:
    await people.change_person(stage.db, KRING, stage.ann, {"role": "staff"}, now=stage.clock.now())


async def make_confidential(stage: Stage) -> None:
    await circles.change(stage.db, KRING, "open", {"kind": "intervision_group"}, now=stage.clock.now())


async def rename_circle(stage: Stage) -> None:
    await circles.change(stage.db, KRING, "open", {"title_nl": "Kring anders"}, now=stage.clock.now())


async def wait_a_day(stage: Stage) -> None:
    stage.clock.move(timedelta(days=1))


COMMON = [move, retitle, relocate, hide, cancel, reopen, publish, make_confidential, wait_a_day]
OWN = [move, retitle, relocate, announce, hide, cancel, reopen, decline, maybe, leave, be_removed, change_language,
       make_confidential, wait_a_day]  # fmt: skip
CIRCLE = [*COMMON, leave, be_removed, change_language, become_staff, rename_circle]


@pytest.mark.parametrize(
    ("kind", "step"),
    [("public", step) for step in COMMON] + [("person", step) for step in OWN] + [("circle", step) for step in CIRCLE],
)
async def test_whatever_a_feed_shows_its_tag_changes_with_it_at_once(stage: Stage, kind: str, step: Step) -> None:
    stage.ann = await stage.person("Ann")
    await stage.circle("open", stage.ann)
    stage.first = await stage.gathering("open", "Begroting")
    await accept(stage)
    makers = {"public": None, "person": (stage.ann,), "circle": (stage.ann, "open")}
    stage.token = await stage.subscribe(*makers[kind]) if makers[kind] else None
    before = await stage.read(stage.token)
    await step(stage)
    after = await stage.read(stage.token, seen=before.tag)
    assert after.tag != before.tag
    assert after.body is not None
    # Another process, which kept nothing, writes the same under the same tag.
    stage.kept = Kept()
    elsewhere = await stage.read(stage.token)
    assert (elsewhere.tag, elsewhere.body) == (after.tag, after.body)


async def test_what_changes_nothing_in_a_feed_leaves_its_tag(stage: Stage) -> None:
    ann, ben = await stage.person("Ann"), await stage.person("Ben")
    await stage.circle("open", ann, ben)
    first = await stage.gathering("open", "Begroting")
    tokens = (None, await stage.subscribe(ann), await stage.subscribe(ann, "open"))
    before = [(await stage.read(token)).tag for token in tokens]
    await stage.answer(first, ben, "accepted")
    await feeds.flush_usage(stage.db, stage.kept)
    assert [(await stage.read(token)).tag for token in tokens] == before


async def test_a_personal_feed_holds_yes_maybe_and_waiting_with_the_numbers_of_the_invitation(stage: Stage) -> None:
    ann, ben = await stage.person("Ann"), await stage.person("Ben")
    await stage.circle("open", ann, ben)
    gatherings = [
        await stage.gathering("open", title, capacity=1) for title in ("Ja", "Misschien", "Vol", "Nee", "Stil")
    ]
    yes, perhaps, full, no, _ = gatherings
    await stage.answer(full, ben, "accepted")
    for gathering, answer in ((yes, "accepted"), (perhaps, "tentative"), (full, "accepted"), (no, "declined")):
        await stage.answer(gathering, ann, answer)
    token = await stage.subscribe(ann)
    events = await stage.events(token)
    assert [(str(event["SUMMARY"]), event["STATUS"], event["TRANSP"]) for event in events] == [
        ("Ja", "CONFIRMED", "OPAQUE"),
        ("Misschien", "TENTATIVE", "OPAQUE"),
        ("Wachtlijst: Vol", "TENTATIVE", "TRANSPARENT"),
    ]
    async with stage.db.reading() as conn:
        found = await conn.fetch(
            "select uid, sequence, dtstamp from registration where person_id = $1 and partstat <> 'declined'"
            " and partstat <> 'needs-action' order by gathering_id",
            ann,
        )
    assert [(str(e["UID"]), e["SEQUENCE"], e["DTSTAMP"].dt) for e in events] == [tuple(row) for row in found]
    await stage.answer(full, ben, "declined")
    assert await stage.titles(token) == ["Ja", "Misschien", "Vol"]


async def test_a_cancelled_gathering_stays_as_cancelled_until_its_date_has_passed(stage: Stage) -> None:
    ann = await stage.person("Ann", language="en")
    await stage.circle("open", ann)
    shown = await stage.gathering("open", "Begroting", start=datetime(2026, 12, 1, 16))
    await stage.answer(shown, ann, "accepted")
    tokens = (None, await stage.subscribe(ann), await stage.subscribe(ann, "open"))
    before = [(await stage.events(token))[0] for token in tokens]
    await stage.cancel(shown)
    await stage.cancel(await stage.draft("open", "Concept", start=datetime(2026, 12, 1, 18)))
    for token, old, title in zip(tokens, before, ("Geannuleerd: Begroting", *["Cancelled: Begroting in English"] * 2),
                                 strict=True):  # fmt: skip
        (event,) = await stage.events(token)
        assert (str(event["SUMMARY"]), event["STATUS"], event["TRANSP"]) == (title, "CANCELLED", "TRANSPARENT")
        assert (event["UID"], event["SEQUENCE"]) == (old["UID"], old["SEQUENCE"] + 1)
    stage.clock.set(datetime(2026, 12, 1, 22, 59, 59, tzinfo=UTC))
    assert [len(await stage.titles(token)) for token in tokens] == [1, 1, 1]
    stage.clock.set(datetime(2026, 12, 1, 23, 0, 0, tzinfo=UTC))  # midnight in Amsterdam
    assert [await stage.titles(token) for token in tokens] == [[], [], []]


async def test_a_feed_covers_ninety_days_back_and_four_hundred_ahead(stage: Stage) -> None:
    await stage.circle("open")
    now = datetime(2026, 11, 23)
    for days in (-91, -90, 399, 400, 401):
        await stage.gathering("open", str(days), start=now + timedelta(days=days))
    assert await stage.titles() == ["-90", "399"]


async def test_a_feed_stays_below_a_megabyte_and_leaves_out_what_is_furthest_away(stage: Stage) -> None:
    ann = await stage.person("Ann")
    await stage.circle("open", ann)
    await copies(stage, ann, 900, description="é" * 2000)
    text = await stage.text()
    assert 980_000 < len(text) < 1_010_000
    starts = [event["DTSTART"].dt for event in await stage.events()]
    assert starts == sorted(starts)
    assert len(starts) < 900


async def test_leaving_a_circle_empties_its_feed_and_takes_its_gatherings_from_the_personal_one(stage: Stage) -> None:
    ann = await stage.person("Ann")
    await stage.circle("board", ann, kind="board_meeting")
    await stage.circle("open", ann)
    board, other = await stage.gathering("board", "Bestuur"), await stage.gathering("open", "Begroting")
    for gathering in (board, other):
        await stage.answer(gathering, ann, "accepted")
    circle, own = await stage.subscribe(ann, "board"), await stage.subscribe(ann)
    assert (await stage.titles(circle), await stage.titles(own)) == (["Bestuur"], ["Bestuur", "Begroting"])
    actor = await people.actor_for(stage.db, ann)
    await circles.leave(stage.db, actor, "board", now=stage.clock.now())
    assert (await stage.titles(circle), await stage.titles(own)) == ([], ["Begroting"])
    text = await stage.text(circle)
    assert (str(parse(text)["NAME"]), b"board" in text) == ("Vereniging De Ring", False)
    await circles.set_member(stage.db, KRING, "board", ann, "facilitator", now=stage.clock.now())
    assert await stage.titles(circle) == ["Bestuur"]


async def test_who_left_an_open_circle_still_sees_what_members_of_the_association_may(stage: Stage) -> None:
    ann = await stage.person("Ann")
    await stage.circle("open", ann)
    for visibility in ("public", "members", "circle"):
        await stage.gathering("open", visibility, visibility=visibility)
    token = await stage.subscribe(ann, "open")
    assert await stage.titles(token) == ["public", "members", "circle"]
    await circles.leave(stage.db, await people.actor_for(stage.db, ann), "open", now=stage.clock.now())
    assert await stage.titles(token) == ["public", "members"]


CANARY = "kanarie"


async def test_nothing_of_a_confidential_gathering_but_its_time_is_in_any_feed(stage: Stage) -> None:
    ann, eve, ivo = await stage.person("Ann"), await stage.person("Eve", role="staff"), await stage.person("Ivo", "en")
    await stage.circle(CANARY, ann, ivo, kind="intervision_group")
    secret = await stage.gathering(
        CANARY,
        CANARY,
        location=CANARY,
        online_url=f"https://{CANARY}.example.org",
        description_nl=CANARY,
        description_en=CANARY,
        visibility="public",
        capacity=1,
    )
    await stage.answer(secret, ann, "accepted")
    await stage.answer(secret, ivo, "accepted")
    tokens = [None, await stage.subscribe(ann), await stage.subscribe(ivo), await stage.subscribe(eve)]
    texts = [await stage.text(token) for token in tokens]
    assert [CANARY.encode() in text for text in texts] == [False] * 4
    assert [await stage.titles(token) for token in tokens] == [[], ["Intervisie"], ["Waiting list: Peer meeting"], []]
    (event,) = await stage.events(tokens[1])
    assert (event["CLASS"], event["DTSTART"].dt) == ("PRIVATE", secret.starts_at)
    assert [name for name in ("LOCATION", "DESCRIPTION", "URL", "ORGANIZER") if name in event] == []
    for person in (ann, eve):
        with pytest.raises(NotAllowed):
            await stage.subscribe(person, CANARY)
    with pytest.raises(NotFound):
        await stage.subscribe(await stage.person("Out"), CANARY)


async def test_a_circle_that_becomes_confidential_empties_its_feeds(stage: Stage) -> None:
    ann = await stage.person("Ann")
    await stage.circle(CANARY, ann)
    gathering = await stage.gathering(CANARY, CANARY)
    await stage.answer(gathering, ann, "accepted")
    tokens = [None, await stage.subscribe(ann), await stage.subscribe(ann, CANARY)]
    assert [await stage.titles(token) for token in tokens] == [[CANARY]] * 3
    await circles.change(stage.db, KRING, CANARY, {"kind": "intervision_group"}, now=stage.clock.now())
    assert [await stage.titles(token) for token in tokens] == [[], ["Intervisie"], []]
    assert [CANARY.encode() in await stage.text(token) for token in tokens] == [False] * 3


async def test_a_new_feed_of_the_same_sort_ends_the_old_one(stage: Stage) -> None:
    ann = await stage.person("Ann")
    await stage.circle("open", ann)
    old, circle, new = await stage.subscribe(ann), await stage.subscribe(ann, "open"), await stage.subscribe(ann)
    with pytest.raises(Expired):
        await stage.read(old)
    for token in (circle, new):
        await stage.read(token)
    actor = await people.actor_for(stage.db, ann)
    assert [(feed.kind, feed.circle_slug) for feed in await feeds.feeds(stage.db, actor)] == [
        ("person", None),
        ("circle", "open"),
    ]


async def test_of_two_feeds_asked_for_at_the_same_instant_one_lives(clone: Database, clock: MovableClock) -> None:
    stage = Stage(clone, clock)
    ann = await stage.person("Ann")
    await asyncio.gather(*(stage.subscribe(ann) for _ in range(8)))
    assert len(await feeds.feeds(clone, await people.actor_for(clone, ann))) == 1


async def test_a_feed_is_ended_by_its_owner_alone(stage: Stage) -> None:
    ann, ben = await stage.person("Ann"), await stage.person("Ben")
    token = await stage.subscribe(ann)
    (feed,) = await feeds.feeds(stage.db, await people.actor_for(stage.db, ann))
    with pytest.raises(NotFound):
        await feeds.revoke_feed(stage.db, await people.actor_for(stage.db, ben), feed.id, now=stage.clock.now())
    await stage.read(token)
    for _ in range(2):
        await feeds.revoke_feed(stage.db, await people.actor_for(stage.db, ann), feed.id, now=stage.clock.now())
    with pytest.raises(Expired):
        await stage.read(token)
    assert await feeds.feeds(stage.db, await people.actor_for(stage.db, ann)) == []


async def test_a_token_that_nobody_was_given_opens_nothing(stage: Stage) -> None:
    for token in ("", "public", "x" * 43):
        with pytest.raises(NotFound):
            await stage.read(token)


async def test_a_feed_is_for_somebody_who_signed_in_and_of_a_known_sort(stage: Stage) -> None:
    ann = await people.actor_for(stage.db, await stage.person("Ann"))
    with pytest.raises(NotAllowed):
        await feeds.create_feed(stage.db, ANONYMOUS, "person", now=stage.clock.now())
    with pytest.raises(NotAllowed):
        await feeds.feeds(stage.db, KRING)
    for kind, circle in (("public", None), ("circle", None), ("person", "open")):
        with pytest.raises(Invalid):
            await feeds.create_feed(stage.db, ann, kind, circle, now=stage.clock.now())


async def test_when_a_feed_was_last_used_is_written_down_later_and_not_by_reading(stage: Stage) -> None:
    ann = await stage.person("Ann")
    actor = await people.actor_for(stage.db, ann)
    token = await stage.subscribe(ann)
    seen = await stage.read(token)
    assert [feed.last_used_at for feed in await feeds.feeds(stage.db, actor)] == [None]
    later = stage.clock.move(timedelta(seconds=40))
    await stage.read(token, seen=seen.tag)
    await feeds.flush_usage(stage.db, stage.kept)
    assert [feed.last_used_at for feed in await feeds.feeds(stage.db, actor)] == [later]
    await feeds.flush_usage(stage.db, stage.kept)
    assert stage.kept.used == {}


async def test_feeds_asked_for_at_the_same_moment_are_looked_up_in_one_statement(
    stage: Stage, counted: "Counted"
) -> None:
    people = [await stage.person(name) for name in ("Ann", "Ben", "Cas")]
    tokens = [await stage.subscribe(person) for person in people]
    seen = [(await stage.read(token)).tag for token in tokens]
    await stage.read(db=counted.db)
    await counted.statements()
    asked = [(token, tag) for token, tag in zip(tokens, seen, strict=True) for _ in range(5)]
    answers = await asyncio.gather(*(stage.read(token, seen=tag, db=counted.db) for token, tag in asked))
    assert [(answer.tag, answer.body) for answer in answers] == [(tag, None) for _, tag in asked]
    assert len(await counted.statements()) == 1


async def test_no_answer_is_older_than_its_question(clone: Database, clock: MovableClock) -> None:
    stage = Stage(clone, clock)
    old = await stage.read()
    async with asyncio.TaskGroup() as tasks, clone.dedicated() as other:
        async with other.transaction():
            await other.execute("lock table feed in access exclusive mode")
            first = tasks.create_task(stage.read())
            await until(lambda: _waits(other))
            await other.execute("update feed set revision = revision + 1")
            second = tasks.create_task(stage.read(seen=old.tag))
            await asyncio.sleep(0)
        assert (await second).tag == (await stage.read()).tag != old.tag
        await first


async def _waits(conn: asyncpg.Connection) -> bool:
    return await conn.fetchval("select exists (select from pg_locks where not granted)")


async def test_the_packed_body_is_the_plain_one(stage: Stage) -> None:
    await stage.circle("open")
    await stage.gathering("open", "Begroting")
    body = (await stage.read()).body
    assert body is not None
    assert gzip.decompress(body.zipped) == body.plain


async def test_changes_that_touch_the_same_feeds_in_opposite_orders_do_not_block_each_other(
    clone: Database, clock: MovableClock
) -> None:
    stage = Stage(clone, clock)
    ann, ben = await stage.person("Ann"), await stage.person("Ben")
    await stage.circle("open", ann, ben)
    here, there, third = [await stage.gathering("open", str(n), capacity=1) for n in range(3)]
    for person in (ann, ben):
        await stage.subscribe(person)
        await stage.subscribe(person, "open")
        await stage.answer(third, person, "accepted")
    for number in range(12):
        for gathering, first, second in ((here, ann, ben), (there, ben, ann)):
            await stage.answer(gathering, first, "accepted")
            await stage.answer(gathering, second, "accepted")
        await asyncio.gather(
            stage.answer(here, ann, "declined"),
            stage.answer(there, ben, "declined"),
            stage.change(third, title_nl=f"Titel {number}"),
            stage.change(here, description_nl=f"Tekst {number}"),
        )
        for gathering, person in ((here, ben), (there, ann)):
            await stage.answer(gathering, person, "declined")


class Counted:
    """A database of one connection whose statements are written down."""

    def __init__(self, db: Database, conn: asyncpg.Connection) -> None:
        self.db = db.within(conn)
        self._logged: list[asyncpg.connection.LoggedQuery] = []
        conn.add_query_logger(self._logged.append)

    async def statements(self) -> list[asyncpg.connection.LoggedQuery]:
        """Return the statements since the last time; asyncpg hands them over in the next turn of the loop."""
        await asyncio.sleep(0)
        taken = self._logged.copy()
        self._logged.clear()
        return taken


@pytest.fixture
async def counted(db: Database) -> AsyncIterator[Counted]:
    conn = await asyncpg.connect(db.dsn)
    try:
        yield Counted(db, conn)
    finally:
        await conn.close()


async def copies(stage: Stage, person: int, many: int, description: str = "") -> None:
    """Fill the circle until it has so many published gatherings, to which the person comes."""
    async with stage.db.transaction() as conn:
        await conn.execute(
            """
            with made as (
                insert into gathering (uid, circle_id, status, title_nl, title_en, description_nl, starts_local,
                    ends_local, timezone, starts_at, ends_at, reminders, visibility, created_at, changed_at,
                    published_at)
                select 'g' || n, c.id, 'published', 'Titel ' || n, '', $3, at, at + interval '1 hour',
                    'Europe/Amsterdam', at at time zone 'Europe/Amsterdam',
                    (at + interval '1 hour') at time zone 'Europe/Amsterdam', '{}', 'public', $4, $4, $4
                from generate_series((select count(*) from gathering) + 1, $1::bigint) n, circle c,
                    lateral (select timestamp '2026-12-01 09:00' + n * interval '4 hours' as at) t
                returning id
            )
            insert into registration (gathering_id, person_id, partstat, seat, uid, dtstamp, invited_at, created_at)
            select id, $2, 'accepted', 'seated', 'r' || id, $4, $4, $4 from made
            """,
            many,
            person,
            description,
            stage.clock.now(),
        )
        await conn.execute("update feed set revision = revision + 1")
