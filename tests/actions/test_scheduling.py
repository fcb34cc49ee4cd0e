"""Planning, publishing, cancelling and re-opening: who is invited, who is told, and what the calendars hold."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from service.actions import scheduling
from service.errors import Conflict, Invalid, KringError, NotAllowed, NotFound
from service.model import Status
from service.rules.access import ANONYMOUS, KRING
from tests.actions.play import PAUSE, Play, all_heard
from tests.conftest import NOW


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
        await scheduling.get(play.db, anna, draft.id)
    assert (await scheduling.get(play.db, fien, draft.id)).title_nl == "Anders"
    assert [len(await scheduling.upcoming(play.db, one, since=NOW)) for one in (ANONYMOUS, anna, fien)] == [0, 0, 1]


# Publishing


async def test_publishing_invites_every_member_once_and_repeating_it_does_nothing(play: Play) -> None:
    await play.open("Anna", "Bert")
    draft = await play.draft()
    published = await play.publish(draft)
    assert (published.status, published.sequence) == ("published", 0)
    facts = {"method": "REQUEST", "sequence": 0, "status": "confirmed", "partstat": "needs-action", "rsvp": True}
    assert await play.letters() == [(name, "invitation", facts) for name in ("Fien", "Anna", "Bert")]
    assert await play.copies(draft) == dict.fromkeys(("Anna", "Bert", "Fien"), (0, "confirmed"))
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
        """insert into membership (circle_id, person_id, role, state, since)
        values ($1, $2, 'participant', 'active', $3)""",
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
    assert (counts.invited, counts.accepted, counts.seated, counts.facilitators) == (2, 1, 1, 1)


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
        ("Anna", "withdrawal", cancel | {"sequence": 2, "partstat": "accepted"}),
        ("Bert", "promotion", promoted),
    ]
    assert await play.seats(first) == {"Bert": ("accepted", "seated", None), "Cor": ("declined", "none", None)}
    assert await play.seats(second) == {
        "Bert": ("accepted", "seated", None),
        "Cor": ("needs-action", "none", None),
    }
    assert [one.person_name for one in await play.roster(past)] == ["Fien", "Anna", "Bert", "Cor"]
    assert {state for *_, state in await play.reminders(first, "Anna")} == {"cancelled"}
    assert (await play.history(first, "Anna"))[-1] == ("kring", None, "accepted", "none", "withdrawn")
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
        dict.fromkeys(("Anna", "Bert", "Cor", "Dirk"), ("needs-action", "none", None)),
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


async def test_who_left_while_it_was_cancelled_is_not_asked_again(play: Play) -> None:
    await play.open("Anna", "Bert", "Cor")
    gathering = await play.published()
    await play.accept(gathering, "Anna")
    await play.decline(gathering, "Bert")
    await play.cancel(gathering)
    await play.news()
    await play.leave("Anna")
    await play.leave("Bert")
    assert await play.news() == []
    await play.publish(gathering)
    assert await play.news() == all_heard("invitation", ["Cor", "Fien"])
    assert list(await play.seats(gathering)) == ["Cor"]


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
        scheduling.get(play.db, KRING, 0),
    ):
        with pytest.raises(KringError) as refusal:
            await unknown
        assert refusal.type is NotFound
    assert await play.read(gathering) == gathering
