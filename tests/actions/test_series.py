"""Series: gatherings planned together, each with a life of its own."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from service.actions import scheduling, series
from service.errors import Conflict, Invalid, NotAllowed, NotFound
from service.model import Status
from service.rules.access import KRING
from tests.actions.play import PAUSE, ZONE, Play

START = datetime(2027, 3, 9, 16)  # with two more at three weeks, the clocks go forward in between
STARTS = [START + timedelta(weeks=3 * number) for number in range(3)]


def given(**more: Any) -> dict[str, Any]:
    times = {"starts_local": START, "ends_local": START + timedelta(hours=2)}
    return {"title_nl": "Lobbycafé", "capacity": 20, "location": "Utrecht", **times, **more}


async def planned(play: Play, *, by: str | None = None) -> series.Series:
    actor = await play.actor(by) if by else KRING
    return await series.plan(play.db, actor, play.slug, given(), STARTS, timezone=ZONE, now=play.step())


async def test_each_date_is_a_gathering_of_its_own_at_the_same_hour(play: Play) -> None:
    await play.open("Anna")
    made = await planned(play)
    assert [one.starts_local for one in made.gatherings] == STARTS
    assert [one.starts_at.hour for one in made.gatherings] == [15, 14, 14]
    assert len({one.uid for one in made.gatherings}) == 3
    assert {(one.status, one.title_nl, one.capacity, one.series_id) for one in made.gatherings} == {
        ("draft", "Lobbycafé", 20, made.id)
    }
    assert await play.news() == []
    assert await series.get(play.db, KRING, made.id) == made


async def test_publishing_invites_everyone_to_each_date_once(play: Play) -> None:
    await play.open("Anna", "Bert")
    made = await planned(play)
    await play.publish(made.gatherings[0])
    await play.cancel(made.gatherings[1])
    assert len(await play.news()) == 3
    published = await series.publish(play.db, KRING, made.id, now=play.step())
    assert [one.status for one in published.gatherings] == ["published", "cancelled", "published"]
    assert await play.news() == [(name, "invitation") for name in ("Anna", "Bert", "Fien")]
    assert [kind for _, kind, _, _ in await play.reminders(made.gatherings[2], "Anna")] == ["P7D", "P1D"]
    await series.publish(play.db, KRING, made.id, now=play.step())
    assert await play.news() == []


async def test_this_and_the_following_move_by_as_many_days_to_the_same_hour(play: Play) -> None:
    await play.open("Anna", facilitator="")
    made = await planned(play)
    await series.publish(play.db, KRING, made.id, now=play.step())
    await play.accept(made.gatherings[2], "Anna")
    await play.news()
    second = made.gatherings[1]
    start = second.starts_local + timedelta(days=1, hours=-2)
    changes = {"starts_local": start, "ends_local": start + timedelta(hours=3), "location": "Den Haag"}
    changed = await series.change_following(play.db, KRING, second.id, changes, now=play.step(), coalesce=PAUSE)
    assert [(one.id, one.starts_local, one.location) for one in changed] == [
        (made.gatherings[1].id, STARTS[1] + timedelta(days=1, hours=-2), "Den Haag"),
        (made.gatherings[2].id, STARTS[2] + timedelta(days=1, hours=-2), "Den Haag"),
    ]
    assert (await play.read(made.gatherings[0])).starts_local == STARTS[0]
    await play.after(seconds=21)
    assert await play.news() == [("Anna", "update"), ("Anna", "update")]
    assert (await play.seats(made.gatherings[2]))["Anna"] == ("accepted", "seated", None)


async def test_this_one_alone_is_changed_and_cancelled_without_touching_the_others(play: Play) -> None:
    await play.open("Anna", facilitator="")
    made = await planned(play)
    await series.publish(play.db, KRING, made.id, now=play.step())
    before = await play.copies(made.gatherings[2])
    await play.news()
    await play.cancel(made.gatherings[1])
    await play.move(made.gatherings[0], timedelta(hours=1))
    assert await play.news() == [("Anna", "cancellation")]
    after = await series.get(play.db, KRING, made.id)
    assert [one.status for one in after.gatherings] == ["published", "cancelled", "published"]
    assert after.gatherings[2].starts_local == STARTS[2]
    assert await play.copies(made.gatherings[2]) == before


async def test_cancelling_the_following_leaves_what_was_and_what_is_cancelled(play: Play) -> None:
    await play.open("Anna", facilitator="")
    made = await planned(play)
    await series.publish(play.db, KRING, made.id, now=play.step())
    await play.news()
    play.clock.set(made.gatherings[0].ends_at + timedelta(hours=1))
    await play.cancel(made.gatherings[1])
    with pytest.raises(Conflict):
        await series.cancel_following(play.db, KRING, made.gatherings[0].id, "Ziek", now=play.step())
    await play.publish(made.gatherings[1])
    await play.news()
    cancelled = await series.cancel_following(play.db, KRING, made.gatherings[1].id, "Ziek", now=play.step())
    assert [one.id for one in cancelled] == [made.gatherings[1].id, made.gatherings[2].id]
    assert await play.news() == [("Anna", "cancellation"), ("Anna", "cancellation")]
    found = await series.get(play.db, KRING, made.id)
    assert [one.standing(play.now) for one in found.gatherings] == [Status.HELD, Status.CANCELLED, Status.CANCELLED]


@pytest.mark.parametrize("starts", [[], [START, START], [START + timedelta(days=n) for n in range(61)]])
async def test_no_dates_double_dates_and_too_many_are_refused(play: Play, starts: list[datetime]) -> None:
    await play.open()
    with pytest.raises(Invalid) as refused:
        await series.plan(play.db, KRING, play.slug, given(), starts, timezone=ZONE, now=play.now)
    assert refused.value.field == "dates"


async def test_a_time_that_the_clocks_skip_is_refused_and_nothing_is_planned(play: Play) -> None:
    await play.open()
    with pytest.raises(Invalid) as refused:
        starts = [datetime(2027, 3, 21, 2, 30), datetime(2027, 3, 28, 2, 30)]
        await series.plan(play.db, KRING, play.slug, given(), starts, timezone=ZONE, now=play.now)
    assert refused.value.field == "starts_at"
    assert await play.fetch("select id from gathering") == await play.fetch("select id from series") == []


async def test_who_does_not_run_the_circle_neither_sees_drafts_nor_plans(play: Play) -> None:
    await play.open("Anna")
    made = await planned(play, by="Fien")
    anna = await play.actor("Anna")
    with pytest.raises(NotFound):
        await series.get(play.db, anna, made.id)
    with pytest.raises(NotFound):
        await series.publish(play.db, anna, made.id, now=play.now)
    with pytest.raises(NotAllowed):
        await planned(play, by="Anna")
    alone = await play.draft()
    with pytest.raises(Conflict):
        await series.cancel_following(play.db, KRING, alone.id, "", now=play.now)
    with pytest.raises(NotFound):
        await series.get(play.db, KRING, made.id + 1)


async def test_another_one_like_it_is_a_draft_with_the_same_facts(play: Play) -> None:
    await play.open()
    gathering = await play.published(title_en="Café", capacity=12, location="Utrecht")
    start = gathering.starts_local + timedelta(days=7)
    made = await scheduling.duplicate(play.db, KRING, gathering.id, start, now=play.step())
    assert (made.status, made.uid != gathering.uid, made.starts_local) == ("draft", True, start)
    assert made.ends_local - made.starts_local == gathering.ends_local - gathering.starts_local
    same = ("title_nl", "title_en", "capacity", "location", "reminders", "visibility", "circle_id")
    assert [getattr(made, name) for name in same] == [getattr(gathering, name) for name in same]
