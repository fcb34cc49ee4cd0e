"""Both at a place and online: how somebody comes decides whether they take a seat."""

from typing import Any

import pytest

from service.actions import registration, scheduling
from service.model import Gathering, Mode, Partstat, Registration, Via
from service.rules.access import KRING
from tests.actions.play import Play


async def answer(
    play: Play, gathering: Gathering, name: str, mode: Mode | None = None, via: Via = Via.WEB
) -> Registration:
    outcome = await registration.respond(
        play.db,
        await play.actor(name),
        gathering.id,
        play.ids[name],
        Partstat.ACCEPTED,
        via=via,
        now=play.step(),
        mode=mode,
    )
    return outcome.registration


async def hybrid(play: Play, *names: str, **facts: Any) -> Gathering:
    await play.open(*names)
    facts = {"location": "Utrecht", "online_url": "https://meet.example.org/kamer", "capacity": 1, **facts}
    gathering = await play.published(**facts)
    await play.news()
    return gathering


async def test_online_takes_no_seat_and_a_calendar_knows_only_yes(play: Play) -> None:
    gathering = await hybrid(play, "Anna", "Bert", "Cor", "Dirk")
    online = await answer(play, gathering, "Anna", Mode.ONLINE)
    assert (online.seat, online.mode, online.online) == ("none", "online", True)
    seated = await answer(play, gathering, "Bert", via=Via.CALENDAR)
    assert (seated.seat, seated.mode) == ("seated", "on-site")
    waits = await answer(play, gathering, "Cor", via=Via.CALENDAR)
    assert (waits.seat, waits.position) == ("waiting", 1)
    again = await answer(play, gathering, "Anna", via=Via.CALENDAR)
    assert (again.seat, again.mode) == ("none", "online")
    counts = (await scheduling.counts(play.db, [gathering.id]))[gathering.id]
    assert (counts.accepted, counts.online, counts.seated, counts.waiting) == (3, 1, 1, 1)
    assert await play.copies(gathering) == {
        "Anna": (0, "confirmed"),
        "Bert": (0, "confirmed"),
        "Cor": (1, "tentative"),
        "Dirk": (0, "confirmed"),
        "Fien": (0, "confirmed"),
    }


async def test_who_waits_can_join_online_at_once_and_who_goes_online_frees_the_seat(play: Play) -> None:
    gathering = await hybrid(play, "Anna", "Bert", "Cor")
    for name in ("Anna", "Bert", "Cor"):
        await answer(play, gathering, name, Mode.ON_SITE)
    await play.news()
    assert (await answer(play, gathering, "Bert", Mode.ONLINE)).seat == "none"
    assert await play.news() == [("Bert", "confirmation")]
    await answer(play, gathering, "Anna", Mode.ONLINE)
    assert await play.news() == [("Anna", "confirmation"), ("Cor", "promotion")]
    back = await answer(play, gathering, "Anna", Mode.ON_SITE)
    assert (back.seat, back.position) == ("waiting", 1)


async def test_approval_comes_before_either(play: Play) -> None:
    gathering = await hybrid(play, "Anna", approval=True)
    asked = await answer(play, gathering, "Anna", Mode.ONLINE)
    assert (asked.seat, asked.waiting_reason, asked.mode) == ("waiting", "approval", "online")
    await play.news()
    await play.change(gathering, approval=False)
    assert (await play.seats(gathering))["Anna"] == ("accepted", "none", None)
    assert await play.news() == [("Anna", "confirmation")]


async def test_without_a_choice_how_somebody_comes_is_not_kept(play: Play) -> None:
    gathering = await hybrid(play, "Anna", online_url="")
    done = await answer(play, gathering, "Anna", Mode.ONLINE)
    assert (done.seat, done.mode) == ("seated", None)


@pytest.mark.parametrize("first", list(Mode))
async def test_when_the_call_is_dropped_everybody_is_asked_anew(play: Play, first: Mode) -> None:
    gathering = await hybrid(play, "Anna")
    await answer(play, gathering, "Anna", first)
    await play.news()
    await scheduling.change(
        play.db, KRING, gathering.id, {"online_url": ""}, now=play.step(), coalesce=play.now - play.now
    )
    await play.after(seconds=1)
    (told,) = [facts for name, purpose, facts in await play.letters() if (name, purpose) == ("Anna", "update")]
    assert told["rsvp"]
    assert (await answer(play, gathering, "Anna")).seat == "seated"
