"""Who was there: marked by a person, taken back by a person, never guessed."""

from datetime import timedelta
from typing import Any

import pytest

from service.actions import attendance, scheduling
from service.errors import Conflict, Invalid, NotAllowed, NotFound
from service.model import Attendance, Gathering, Role
from service.rules.access import ANONYMOUS, Actor
from tests.actions.play import ABSENT, EXCUSED, PRESENT, Play

STAFF = Actor("person:0", person_id=0, role=Role.STAFF, signed_in=True)


async def mark(play: Play, gathering: Gathering, by: Actor | None = None, **marks: Any) -> dict[str, str | None]:
    given = {await play.person(name): there for name, there in marks.items()}
    actor = by or await play.actor("Fien")
    listed = await attendance.mark(play.db, actor, gathering.id, given, now=play.step())
    assert listed == await play.roster(gathering)
    return {one.person_name: one.attendance for one in listed}


async def test_marks_are_set_changed_and_taken_back_and_silence_says_nothing(play: Play) -> None:
    await play.open("Anna", "Bert", "Cor")
    gathering = await play.published(days=1)
    await play.accept(gathering, "Anna", "Bert")
    await play.after(days=2)
    await play.news()
    nobody = dict.fromkeys(("Anna", "Bert", "Cor", "Fien"))
    assert await mark(play, gathering) == nobody
    assert await mark(play, gathering, Anna=PRESENT, Bert=ABSENT) == nobody | {"Anna": "present", "Bert": "absent"}
    assert await mark(play, gathering, Bert=EXCUSED, Anna=None) == nobody | {"Bert": "excused"}
    assert (await play.row(gathering, "Anna", "attendance_at"))["attendance_at"] == play.now
    assert (await play.row(gathering, "Cor", "attendance_at"))["attendance_at"] is None
    assert await play.news() == [("Anna", "rating")]  # taken back again, as what was planned shows
    assert (await scheduling.counts(play.db, [gathering.id]))[gathering.id].present == 0
    assert await play.seats(gathering) == {
        "Anna": ("accepted", "seated", None),
        "Bert": ("accepted", "seated", None),
        "Cor": ("needs-action", "none", None),
    }


async def test_each_change_stands_in_the_history_with_who_made_it(play: Play) -> None:
    await play.open("Anna")
    gathering = await play.published(days=-1)
    fien = f"person:{play.ids['Fien']}"
    await mark(play, gathering, Anna=ABSENT)
    await mark(play, gathering, Anna=ABSENT)
    await mark(play, gathering, STAFF, Anna=PRESENT)
    await mark(play, gathering, Anna=None)
    assert await play.history(gathering, "Anna") == [
        (fien, None, "needs-action", "none", "absent"),
        ("person:0", None, "needs-action", "none", "present"),
        (fien, None, "needs-action", "none", "attendance unknown"),
    ]


async def test_somebody_who_walks_in_is_put_on_the_list_and_only_asked_how_it_was(play: Play) -> None:
    await play.open("Anna")
    gathering = await play.published(days=-1, capacity=1)
    assert await mark(play, gathering, Gast=PRESENT) == {"Fien": None, "Anna": None, "Gast": "present"}
    assert await play.news() == [("Gast", "rating")]
    assert await play.reminders(gathering, "Gast") == []
    counts = (await scheduling.counts(play.db, [gathering.id]))[gathering.id]
    assert (counts.present, counts.invited, counts.seated) == (1, 3, 0)


async def test_taking_back_a_mark_puts_nobody_on_the_list(play: Play) -> None:
    await play.open("Anna")
    gathering = await play.published(days=-1)
    assert await mark(play, gathering, Gast=None) == {"Fien": None, "Anna": None}


async def test_who_left_and_came_all_the_same_is_on_the_list_again(play: Play) -> None:
    await play.open("Anna")
    gathering = await play.published(days=1)
    await play.accept(gathering, "Anna")
    await play.leave("Anna")
    await play.after(days=2)
    assert await mark(play, gathering, Anna=PRESENT) == {"Fien": None, "Anna": "present"}


@pytest.mark.parametrize("marks", [{"Anna": "asleep"}, {"Anna": ""}, {"Anna": True}])
async def test_what_is_no_mark_is_refused_and_nothing_is_kept(play: Play, marks: dict[str, Any]) -> None:
    await play.open("Anna", "Bert")
    gathering = await play.published(days=-1)
    with pytest.raises(Invalid) as refusal:
        await mark(play, gathering, **({"Bert": PRESENT} | marks))
    assert refusal.value.field == "attendance"
    assert [one.attendance for one in await play.roster(gathering)] == [None] * 3


async def test_who_does_not_exist_was_not_there(play: Play) -> None:
    await play.open("Anna")
    gathering = await play.published(days=-1)
    marks = {play.ids["Anna"]: Attendance.PRESENT, 999_999: Attendance.PRESENT}
    with pytest.raises(Invalid) as refusal:
        await attendance.mark(play.db, STAFF, gathering.id, marks, now=play.now)
    assert refusal.value.field == "person_id"
    assert [one.attendance for one in await play.roster(gathering)] == [None] * 2


async def test_of_a_draft_or_a_cancelled_gathering_nobody_was_there(play: Play) -> None:
    await play.open("Anna")
    draft, cancelled = await play.draft(), await play.published()
    await play.cancel(cancelled)
    for gathering in (draft, cancelled):
        with pytest.raises(Conflict):
            await mark(play, gathering, Anna=PRESENT)


async def test_who_is_there_is_marked_from_an_hour_before_the_start(play: Play) -> None:
    await play.open("Anna")
    gathering = await play.published(days=3)
    fien, anna = await play.actor("Fien"), {play.ids["Anna"]: Attendance.PRESENT}
    early, on_time = gathering.starts_at - timedelta(hours=1, seconds=1), gathering.starts_at - timedelta(hours=1)
    with pytest.raises(Conflict):
        await attendance.mark(play.db, fien, gathering.id, anna, now=early)
    with pytest.raises(Conflict):
        await attendance.undo(play.db, fien, gathering.id, now=early)
    with pytest.raises(Conflict):
        await attendance.walk_in(play.db, fien, gathering.id, name="Wim Wandel", now=early)
    assert [one.attendance for one in await play.roster(gathering)] == [None, None]
    listed = await attendance.mark(play.db, fien, gathering.id, anna, now=on_time)
    assert {one.person_name: one.attendance for one in listed} == {"Fien": None, "Anna": "present"}


async def test_only_who_runs_it_marks_and_staff_not_what_is_confidential(play: Play) -> None:
    await play.open("Anna", kind="intervision_group")
    secret = await play.published(days=-1)
    play.slug = "open"
    await play.open("Anna")
    public = await play.published(days=-1)
    anna = await play.actor("Anna")
    stranger = Actor("person:1", person_id=10**9, signed_in=True)
    refused = [
        (secret, anna, NotAllowed),
        (secret, STAFF, NotAllowed),
        (secret, stranger, NotFound),
        (secret, ANONYMOUS, NotFound),
        (public, anna, NotAllowed),
        (public, stranger, NotAllowed),
    ]
    for gathering, actor, refusal in refused:
        with pytest.raises(refusal):
            await mark(play, gathering, actor, Anna=PRESENT)
    with pytest.raises(NotFound):
        await attendance.mark(play.db, STAFF, 0, {}, now=play.now)
    await mark(play, public, STAFF, Anna=PRESENT)
