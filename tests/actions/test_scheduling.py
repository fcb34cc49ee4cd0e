"""Planning, publishing, cancelling and re-opening: who is invited, who is told, and what the calendars hold."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from service.actions import scheduling
from service.database import Database
from service.errors import Conflict, Invalid, KringError, NotAllowed, NotFound
from service.model import Status
from service.rules.access import ANONYMOUS, KRING, Actor
from tests.actions.play import PAUSE, Play, all_heard
from tests.conftest import NOW
from tests.factories import make_circle

START = datetime(2026, 12, 10, 16)
FACTS: dict[str, Any] = {"title_nl": "Begroting", "starts_local": START, "ends_local": START + timedelta(hours=2)}


# Planning


async def test_a_draft_takes_what_is_not_given_from_the_kind_of_its_circle(db: Database) -> None:
    await make_circle(db, "masters", kind="masterclass", programme="Leren")
    made = await scheduling.create(db, KRING, "masters", FACTS, now=NOW)
    assert (made.status, made.visibility, made.capacity, made.organisation_quota) == ("draft", "circle", 30, None)
    assert (made.approval, made.reminders, made.timezone) == (False, ["P7D", "P1D"], "Europe/Amsterdam")
    assert (made.title_en, made.description_nl, made.location, made.online_url) == ("", "", "", "")
    assert (made.starts_at, made.ends_at) == (
        datetime(2026, 12, 10, 15, tzinfo=UTC),
        datetime(2026, 12, 10, 17, tzinfo=UTC),
    )
    assert (made.circle_slug, made.programme, made.sequence, made.revision) == ("masters", "Leren", 0, 1)
    assert (made.created_at, made.changed_at) == (NOW, NOW)


async def test_what_is_given_stands_above_the_kind_and_is_cleaned(db: Database) -> None:
    await make_circle(db, "masters", kind="masterclass")
    given = {
        "title_nl": "  Be\x00groting \r\n 2027 ",
        "title_en": "Budget",
        "description_nl": "Een\r\ntwee\x07",
        "location": "Utrecht",
        "online_url": "https://meet.example.org/a",
        "timezone": "America/New_York",
        "capacity": None,
        "organisation_quota": 2,
        "approval": True,
        "reminders": ["PT2H", "P1D", "PT2H"],
        "visibility": "public",
    }
    made = await scheduling.create(db, KRING, "masters", FACTS | given, now=NOW)
    assert (made.title_nl, made.title_en, made.description_nl) == ("Begroting 2027", "Budget", "Een\ntwee")
    assert (made.capacity, made.organisation_quota, made.approval) == (None, 2, True)
    assert (made.reminders, made.visibility, made.location) == (["PT2H", "P1D"], "public", "Utrecht")
    assert made.starts_at == datetime(2026, 12, 10, 21, tzinfo=UTC)


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("title", {"title_nl": ""}),
        ("title", {"title_nl": " \x00 ", "title_en": None}),
        ("title_nl", {"title_nl": 5}),
        ("description_en", {"description_en": ["text"]}),
        ("starts_at", {"starts_local": None}),
        ("starts_at", {"starts_local": "2026-12-10T16:00"}),
        ("starts_at", {"starts_local": datetime(2026, 12, 10, 16, tzinfo=UTC)}),
        ("starts_at", {"starts_local": datetime(2027, 3, 28, 2, 30), "ends_local": datetime(2027, 3, 28, 4)}),
        ("ends_at", {"starts_local": datetime(2027, 3, 28, 1), "ends_local": datetime(2027, 3, 28, 2, 30)}),
        ("ends_at", {"ends_local": None}),
        ("ends_at", {"ends_local": START}),
        ("ends_at", {"ends_local": START - timedelta(hours=1)}),
        ("ends_at", {"ends_local": START + timedelta(days=14, minutes=1)}),
        ("starts_at", {"starts_local": datetime.min, "ends_local": datetime.min + timedelta(hours=1)}),
        ("ends_at", {"starts_local": datetime(9999, 12, 31, 11), "ends_local": datetime.max, "timezone": "Etc/GMT+12"}),
        ("timezone", {"timezone": "Europe/Nowhere"}),
        ("timezone", {"timezone": "../../etc/passwd"}),
        ("timezone", {"timezone": ""}),
        ("timezone", {"timezone": None}),
        ("online_url", {"online_url": "javascript:alert(1)"}),
        ("online_url", {"online_url": "https://[not-an-address/"}),
        ("online_url", {"online_url": "https://"}),
        ("capacity", {"capacity": 0}),
        ("capacity", {"capacity": -3}),
        ("capacity", {"capacity": 100_001}),
        ("capacity", {"capacity": "20"}),
        ("capacity", {"capacity": True}),
        ("organisation_quota", {"organisation_quota": 0}),
        ("approval", {"approval": "yes"}),
        ("approval", {"approval": None}),
        ("reminders", {"reminders": ["tomorrow"]}),
        ("reminders", {"reminders": "P7D"}),
        ("reminders", {"reminders": None}),
        ("reminders", {"reminders": 7}),
        ("reminders", {"reminders": [7]}),
        ("reminders", {"reminders": [f"P{days}D" for days in range(1, 7)]}),
        ("visibility", {"visibility": "secret"}),
        ("visibility", {"visibility": None}),
        ("status", {"status": "published"}),
        ("starts_at", {"starts_at": START}),
    ],
)
async def test_a_fact_that_cannot_be_right_is_refused_under_its_name_and_nothing_is_made(
    db: Database, field: str, given: dict[str, Any]
) -> None:
    await make_circle(db, "cop")
    with pytest.raises(Invalid) as refusal:
        await scheduling.create(db, KRING, "cop", FACTS | given, now=NOW)
    assert refusal.value.field == field
    assert await scheduling.upcoming(db, KRING, since=datetime.min.replace(tzinfo=UTC)) == []


async def test_the_hour_that_comes_twice_in_autumn_is_its_first(db: Database) -> None:
    await make_circle(db, "cop")
    night = {"starts_local": datetime(2027, 10, 31, 2, 30), "ends_local": datetime(2027, 10, 31, 3, 30)}
    made = await scheduling.create(db, KRING, "cop", FACTS | night, now=NOW)
    assert made.ends_at - made.starts_at == timedelta(hours=2)


async def test_only_who_runs_the_circle_plans_in_it_and_a_hidden_one_is_not_there(play: Play) -> None:
    await play.open("Anna", kind="intervision_group")
    anna, fien = await play.actor("Anna"), await play.actor("Fien")
    stranger = Actor("person:0", person_id=0, signed_in=True)
    for actor, refused in ((anna, NotAllowed), (stranger, NotFound), (ANONYMOUS, NotFound)):
        with pytest.raises(refused):
            await scheduling.create(play.db, actor, "cop", FACTS, now=NOW)
    with pytest.raises(NotFound):
        await scheduling.create(play.db, KRING, "nowhere", FACTS, now=NOW)
    assert (await scheduling.create(play.db, fien, "cop", FACTS, now=NOW)).title_nl == "Begroting"


async def test_a_draft_is_told_to_nobody_and_shown_only_to_who_runs_it(play: Play) -> None:
    await play.open("Anna")
    draft = await play.draft()
    await play.change(draft, title_nl="Anders")
    await play.move(draft, timedelta(days=1))
    await play.after(minutes=5)
    assert await play.news() == []
    assert await play.roster(draft) == []
    anna, fien = await play.actor("Anna"), await play.actor("Fien")
    with pytest.raises(NotFound):
        await scheduling.get(play.db, anna, draft.id, now=play.now)
    assert (await scheduling.get(play.db, fien, draft.id, now=play.now)).title_nl == "Anders"
    assert [len(await scheduling.upcoming(play.db, one, since=NOW)) for one in (ANONYMOUS, anna, fien)] == [0, 0, 1]


# Publishing


async def test_publishing_invites_every_member_once_and_repeating_it_does_nothing(play: Play) -> None:
    await play.open("Anna", "Bert")
    draft = await play.draft()
    published = await play.publish(draft)
    assert (published.status, published.sequence) == ("published", 0)
    facts = {"method": "REQUEST", "sequence": 0, "status": "confirmed", "partstat": "needs-action", "rsvp": True}
    assert await play.letters() == [(name, "invitation", facts) for name in ("Fien", "Anna", "Bert")]
    assert await play.copies(draft) == {name: (0, "confirmed") for name in ("Anna", "Bert", "Fien")}
    rows = await play.fetch("select id, revision from gathering union all select id, revision from feed order by 1, 2")
    for _ in range(3):
        assert await play.publish(draft) == published
    assert await play.news() == []
    assert (
        await play.fetch("select id, revision from gathering union all select id, revision from feed order by 1, 2")
        == rows
    )
    assert [one.seat for one in await play.roster(draft)] == ["none"] * 3


async def test_who_stopped_the_invitations_is_not_invited_and_who_was_imported_is_by_publishing_again(
    play: Play,
) -> None:
    await play.open("Anna", "Bert")
    await play.execute("update membership set mails = false where person_id = $1", play.ids["Anna"])
    gathering = await play.published()
    assert await play.news() == all_heard("invitation", ["Bert", "Fien"])
    cor = await play.person("Cor")
    await play.execute(
        "insert into membership (circle_id, person_id, role, state, since) values ($1, $2, 'participant', 'active', $3)",
        gathering.circle_id,
        cor,
        NOW,
    )
    await play.publish(gathering)
    assert await play.news() == [("Cor", "invitation")]


async def test_publishing_what_is_over_tells_nobody_and_again_adds_nobody(play: Play) -> None:
    await play.open("Anna")
    gathering = await play.published(days=-3)
    assert gathering.standing(play.now) == Status.HELD
    assert [one.person_name for one in await play.roster(gathering)] == ["Fien", "Anna"]
    await play.join("Bert")
    await play.publish(gathering)
    assert [one.person_name for one in await play.roster(gathering)] == ["Fien", "Anna"]
    assert await play.news() == []
    assert await play.reminders(gathering) == []


async def test_others_are_invited_beside_the_members_once_each(play: Play) -> None:
    await play.open("Anna")
    gathering = await play.published()
    await play.news()
    await play.invite(gathering, "Gast", "Gast", "Anna", "Zus")
    await play.invite(gathering, "Gast")
    assert await play.news() == all_heard("invitation", ["Gast", "Zus"])
    with pytest.raises(Invalid) as refusal:
        await scheduling.invite(play.db, KRING, gathering.id, [play.ids["Anna"], 999_999], now=play.now)
    assert refusal.value.field == "person_ids"
    with pytest.raises(Conflict):
        await play.invite(await play.draft(), "Zus")


async def test_a_facilitator_is_invited_and_takes_no_seat(play: Play) -> None:
    await play.open("Anna")
    gathering = await play.published(capacity=1)
    fien = await play.answer(gathering, "Fien", "accepted")
    assert (fien.facilitator, fien.partstat, fien.seat) == (True, "accepted", "none")
    assert (await play.answer(gathering, "Anna", "accepted")).seat == "seated"
    counts = (await scheduling.counts(play.db, [gathering.id]))[gathering.id]
    assert (counts.invited, counts.accepted, counts.seated) == (2, 2, 1)


# Joining and leaving


async def test_who_joins_later_is_invited_to_what_is_still_to_come(play: Play) -> None:
    await play.open()
    past, begun = await play.published(days=-2), await play.published(days=-0.02)
    first, second = await play.published(days=5), await play.published(days=9)
    dropped = await play.published(days=6)
    await play.cancel(dropped)
    draft = await play.draft()
    await play.news()
    await play.join("Anna")
    assert await play.news() == [("Anna", "invitation")] * 2
    for gathering, names in (
        (past, ["Fien"]), (begun, ["Fien"]), (dropped, ["Fien"]), (draft, []), (first, ["Fien", "Anna"]),
        (second, ["Fien", "Anna"]),
    ):  # fmt: skip
        assert [one.person_name for one in await play.roster(gathering)] == names
    await play.join("Anna")
    assert await play.news() == []


async def test_who_leaves_gets_a_cancel_for_each_and_frees_the_seats(play: Play) -> None:
    await play.open("Anna", "Bert", "Cor")
    first, second = await play.published(days=5, capacity=1), await play.published(days=9, capacity=1)
    past = await play.published(days=-1)
    await play.accept(first, "Anna", "Bert")
    await play.accept(second, "Bert", "Anna")
    await play.decline(first, "Cor")
    await play.news()
    await play.leave("Anna")
    cancel = {"method": "CANCEL", "status": "cancelled", "rsvp": False}
    promoted = {"method": "REQUEST", "sequence": 2, "status": "confirmed", "partstat": "accepted", "rsvp": False}
    assert await play.letters() == [
        ("Anna", "withdrawal", cancel | {"sequence": 1, "partstat": "accepted"}),
        ("Bert", "promotion", promoted),
        ("Anna", "withdrawal", cancel | {"sequence": 2, "partstat": "accepted"}),
    ]
    assert await play.seats(first) == {"Bert": ("accepted", "seated", None), "Cor": ("declined", "none", None)}
    assert await play.seats(second) == {
        "Bert": ("accepted", "seated", None),
        "Cor": ("needs-action", "none", None),
    }
    assert [one.person_name for one in await play.roster(past)] == ["Fien", "Anna", "Bert", "Cor"]
    assert {state for *_, state in await play.reminders(first, "Anna")} == {"cancelled"}
    await play.leave("Anna")
    assert await play.news() == []


async def test_who_comes_back_is_asked_anew_under_the_same_uid_and_a_higher_sequence(play: Play) -> None:
    await play.open("Anna")
    gathering = await play.published(days=9)
    await play.accept(gathering, "Anna")
    uid = await play.row(gathering, "Anna", "uid")
    await play.leave("Anna")
    await play.news()
    await play.join("Anna")
    facts = {"method": "REQUEST", "sequence": 2, "status": "confirmed", "partstat": "needs-action", "rsvp": True}
    assert await play.letters() == [("Anna", "invitation", facts)]
    assert await play.row(gathering, "Anna", "uid") == uid
    columns = "partstat, seat, via, answered_at, confirmed_sequence, withdrawn_at"
    assert tuple(await play.row(gathering, "Anna", columns)) == ("needs-action", "none", None, None, None, None)
    assert {state for *_, state in await play.reminders(gathering, "Anna")} == {"planned"}
    assert (await play.answer(gathering, "Anna", "accepted")).seat == "seated"


async def test_who_left_is_told_even_if_the_gathering_is_cancelled_before_the_mail_goes(play: Play) -> None:
    await play.open("Anna", "Bert")
    gathering = await play.published()
    await play.news()
    await play.leave("Anna")
    await play.cancel(gathering)
    planned = "select p.name, n.purpose from notice n join person p on p.id = n.person_id where n.state = 'planned'"
    rows = [tuple(row) for row in await play.fetch(planned)]
    assert sorted(rows) == [("Anna", "withdrawal"), ("Bert", "cancellation"), ("Fien", "cancellation")]


# Cancelling and re-opening


async def test_a_cancellation_goes_to_all_but_those_who_declined_and_drops_what_was_planned(play: Play) -> None:
    await play.open("Anna", "Bert", "Cor", "Dirk", "Eva")
    gathering = await play.published(capacity=1)
    await play.accept(gathering, "Anna", "Bert")
    await play.decline(gathering, "Cor")
    await play.answer(gathering, "Dirk", "tentative")
    await play.news()
    cancelled = await play.cancel(gathering, "  Ziek \n")
    assert (cancelled.status, cancelled.cancel_reason, cancelled.sequence) == ("cancelled", "Ziek", 1)
    assert await play.news() == all_heard("cancellation", ["Anna", "Bert", "Dirk", "Eva", "Fien"])
    assert await play.copies(gathering) == {
        "Anna": (1, "cancelled"),
        "Bert": (2, "cancelled"),  # the waiting list was a step of its own
        "Cor": (0, "confirmed"),
        "Dirk": (1, "cancelled"),
        "Eva": (1, "cancelled"),
        "Fien": (1, "cancelled"),
    }
    states = await play.fetch("select distinct purpose, state from notice order by 1, 2")
    assert [tuple(row) for row in states] == [
        ("cancellation", "planned"),
        *((purpose, "cancelled") for purpose in ("confirmation", "declined", "invitation", "reminder")),
        *((purpose, "cancelled") for purpose in ("tentative", "waiting")),
    ]
    assert await play.cancel(gathering) == cancelled
    assert await play.news() == []


async def test_nothing_is_answered_or_changed_while_it_is_cancelled(play: Play) -> None:
    await play.open("Anna")
    gathering = await play.published()
    await play.cancel(gathering)
    attempts: list[Callable[[], Awaitable[object]]] = [
        lambda: play.answer(gathering, "Anna", "accepted"),
        lambda: play.respond(gathering, "Anna", "accepted", by="Fien"),
        lambda: play.change(gathering, title_nl="Anders"),
        lambda: play.invite(gathering, "Anna"),
    ]
    for attempt in attempts:
        with pytest.raises(Conflict):
            await attempt()


async def test_an_offer_that_runs_out_after_the_cancellation_says_nothing(play: Play) -> None:
    await play.open("Anna", "Bert")
    gathering = await play.published(days=1.5, capacity=1)
    await play.accept(gathering, "Anna", "Bert")
    await play.decline(gathering, "Anna")
    assert (await play.seats(gathering))["Bert"] == ("accepted", "offered", None)
    await play.cancel(gathering)
    copies = await play.copies(gathering)
    await play.news()
    await play.after(hours=13)
    assert await play.news() == []
    assert await play.copies(gathering) == copies


async def test_re_opened_everyone_is_asked_anew_under_the_same_uid_and_the_next_sequence(play: Play) -> None:
    await play.open("Anna", "Bert", "Cor")
    gathering = await play.published(capacity=1)
    await play.accept(gathering, "Anna", "Bert")
    await play.decline(gathering, "Cor")
    reminders = await play.reminders(gathering)
    cancelled = await play.cancel(gathering)
    uids = await play.fetch("select uid from registration order by id")
    await play.news()
    await play.join("Dirk")
    reopened = await play.publish(gathering)
    assert (reopened.uid, reopened.sequence, reopened.status) == (gathering.uid, cancelled.sequence + 1, "published")
    assert (reopened.cancel_reason, await play.seats(gathering)) == (
        "",
        {name: ("needs-action", "none", None) for name in ("Anna", "Bert", "Cor", "Dirk")},
    )
    facts = {"method": "REQUEST", "status": "confirmed", "partstat": "needs-action", "rsvp": True}
    assert await play.letters() == [
        ("Fien", "invitation", facts | {"sequence": 2, "again": True}),
        ("Anna", "invitation", facts | {"sequence": 2, "again": True}),
        ("Bert", "invitation", facts | {"sequence": 3, "again": True}),
        ("Cor", "invitation", facts | {"sequence": 1, "again": True}),
        ("Dirk", "invitation", facts | {"sequence": 0}),
    ]
    assert (
        await play.fetch("select uid from registration where uid <> all(select uid from gathering) order by id limit 4")
        == uids
    )
    assert [one for one in await play.reminders(gathering) if one[0] != "Dirk"] == reminders
    assert await play.history(gathering, "Anna") == [
        (f"person:{play.ids['Anna']}", "web", "accepted", "seated", ""),
        ("kring", None, "needs-action", "none", "re-opened"),
    ]


async def test_what_is_over_is_neither_cancelled_nor_re_opened(play: Play) -> None:
    await play.open("Anna")
    over, cancelled = await play.published(days=1), await play.published(days=1)
    await play.cancel(cancelled)
    await play.after(days=2)
    for attempt in (play.cancel(over), play.publish(cancelled)):
        with pytest.raises(Conflict):
            await attempt
    await play.news()


async def test_a_draft_can_be_called_off_and_published_later(play: Play) -> None:
    await play.open("Anna")
    draft = await play.draft()
    await play.cancel(draft)
    assert await play.news() == []
    assert (await play.publish(draft)).sequence == 2
    assert await play.news() == all_heard("invitation", ["Anna", "Fien"])


@pytest.mark.parametrize("who", ["Anna", "Gast", None])
async def test_members_guests_and_visitors_change_nothing(play: Play, who: str | None) -> None:
    await play.open("Anna")
    await play.person("Gast")
    gathering = await play.published()
    actor = await play.actor(who) if who else ANONYMOUS
    attempts: list[Awaitable[object]] = [
        scheduling.change(play.db, actor, gathering.id, {"title_nl": "Weg"}, now=play.now, coalesce=PAUSE),
        scheduling.publish(play.db, actor, gathering.id, now=play.now),
        scheduling.cancel(play.db, actor, gathering.id, "", now=play.now),
        scheduling.invite(play.db, actor, gathering.id, [play.ids["Gast"]], now=play.now),
    ]
    for attempt in attempts:
        with pytest.raises(NotAllowed):
            await attempt
    for unknown in (
        scheduling.change(play.db, KRING, 0, {}, now=play.now, coalesce=PAUSE),
        scheduling.publish(play.db, KRING, 0, now=play.now),
        scheduling.cancel(play.db, KRING, 0, "", now=play.now),
        scheduling.get(play.db, KRING, 0, now=play.now),
    ):
        with pytest.raises(KringError) as refusal:
            await unknown
        assert refusal.type is NotFound
    assert await play.read(gathering) == gathering
