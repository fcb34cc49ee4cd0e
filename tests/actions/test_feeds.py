import asyncio
import gzip
from datetime import UTC, datetime, timedelta

import pytest

from service.actions import circles, feeds, joining, people
from service.clock import MovableClock
from service.database import Database
from service.errors import Expired, Invalid, NotAllowed, NotFound
from service.rules.access import ANONYMOUS, KRING
from tests.actions.feed_stage import Stage, copies
from tests.formats.reading import names, parse


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
    for token, old, title in zip(tokens, before, ("Afgelast: Begroting", *["Cancelled: Begroting in English"] * 2),
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
    await joining.leave(stage.db, actor, "board", now=stage.clock.now())
    assert (await stage.titles(circle), await stage.titles(own)) == ([], ["Begroting"])
    text = await stage.text(circle)
    assert (str(parse(text)["NAME"]), b"board" in text) == ("Vereniging De Ring", False)
    await joining.set_member(stage.db, KRING, "board", ann, "facilitator", now=stage.clock.now())
    assert await stage.titles(circle) == ["Bestuur"]


async def test_who_left_an_open_circle_still_sees_what_members_of_the_association_may(stage: Stage) -> None:
    ann = await stage.person("Ann")
    await stage.circle("open", ann)
    for visibility in ("public", "members", "circle"):
        await stage.gathering("open", visibility, visibility=visibility)
    token = await stage.subscribe(ann, "open")
    assert await stage.titles(token) == ["public", "members", "circle"]
    await joining.leave(stage.db, await people.actor_for(stage.db, ann), "open", now=stage.clock.now())
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
    assert [(feed.kind, feed.circle_slug) for feed in await feeds.feeds(stage.db, actor, ann)] == [
        ("person", None),
        ("circle", "open"),
    ]


async def test_of_two_feeds_asked_for_at_the_same_instant_one_lives(clone: Database, clock: MovableClock) -> None:
    stage = Stage(clone, clock)
    ann = await stage.person("Ann")
    await asyncio.gather(*(stage.subscribe(ann) for _ in range(8)))
    assert len(await feeds.feeds(clone, await people.actor_for(clone, ann), ann)) == 1


async def test_a_feed_is_ended_by_its_owner_alone(stage: Stage) -> None:
    ann, ben = await stage.person("Ann"), await stage.person("Ben")
    token = await stage.subscribe(ann)
    (feed,) = await feeds.feeds(stage.db, await people.actor_for(stage.db, ann), ann)
    bens = await people.actor_for(stage.db, ben)
    for owner, refused in ((ben, NotFound), (ann, NotAllowed)):
        with pytest.raises(refused):
            await feeds.revoke_feed(stage.db, bens, owner, feed.id, now=stage.clock.now())
    with pytest.raises(NotAllowed):
        await feeds.feeds(stage.db, bens, ann)
    await stage.read(token)
    for _ in range(2):
        await feeds.revoke_feed(stage.db, await people.actor_for(stage.db, ann), ann, feed.id, now=stage.clock.now())
    with pytest.raises(Expired):
        await stage.read(token)
    assert await feeds.feeds(stage.db, await people.actor_for(stage.db, ann), ann) == []


async def test_a_token_that_nobody_was_given_opens_nothing(stage: Stage) -> None:
    for token in ("", "public", "x" * 43):
        with pytest.raises(NotFound):
            await stage.read(token)


async def test_a_feed_is_for_somebody_who_signed_in_and_of_a_known_sort(stage: Stage) -> None:
    ann = await people.actor_for(stage.db, await stage.person("Ann"))
    with pytest.raises(NotAllowed):
        await feeds.create_feed(stage.db, ANONYMOUS, "person", now=stage.clock.now())
    with pytest.raises(NotFound):
        await feeds.feeds(stage.db, KRING, 0)
    for kind, circle in (("public", None), ("circle", None), ("person", "open")):
        with pytest.raises(Invalid):
            await feeds.create_feed(stage.db, ann, kind, circle, now=stage.clock.now())


async def test_when_a_feed_was_last_used_is_written_down_later_and_not_by_reading(stage: Stage) -> None:
    ann = await stage.person("Ann")
    actor = await people.actor_for(stage.db, ann)
    token = await stage.subscribe(ann)
    seen = await stage.read(token)
    assert [feed.last_used_at for feed in await feeds.feeds(stage.db, actor, ann)] == [None]
    later = stage.clock.move(timedelta(seconds=40))
    await stage.read(token, seen=seen.tag)
    await feeds.flush_usage(stage.db, stage.kept)
    assert [feed.last_used_at for feed in await feeds.feeds(stage.db, actor, ann)] == [later]
    await feeds.flush_usage(stage.db, stage.kept)
    assert stage.kept.used == {}


async def test_the_packed_body_is_the_plain_one(stage: Stage) -> None:
    await stage.circle("open")
    await stage.gathering("open", "Begroting")
    body = (await stage.read()).body
    assert body is not None
    assert gzip.decompress(body.zipped) == body.plain
