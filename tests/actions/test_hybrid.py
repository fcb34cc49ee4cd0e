"""Both at a place and online: how somebody comes decides whether they take a seat."""

from typing import Any

import pytest

from service.actions import previewing, registration, scheduling, seats
from service.errors import Conflict
from service.model import Gathering, Mode, Partstat, Registration, Via
from service.rules.access import KRING
from service.rules.seating import Hand
from service.rules.ways import Sequel
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


async def told(play: Play) -> dict[str, dict[str, Any]]:
    """Wait until the edit is told, and return what each update says."""
    await play.after(seconds=61)
    return {name: facts for name, purpose, facts in await play.letters() if purpose == "update"}


async def standing(play: Play, gathering: Gathering) -> dict[str, tuple[str, str, str | None]]:
    """Return answer, seat and how they come of everybody who answered, without the facilitator."""
    found = await play.roster(gathering)
    return {
        one.person_name: (one.partstat, one.seat, one.mode)
        for one in found
        if not one.facilitator and (one.partstat, one.mode) != ("needs-action", None)
    }


async def counted(play: Play, gathering: Gathering) -> tuple[int, int, int, int]:
    counts = (await scheduling.counts(play.db, [gathering.id]))[gathering.id]
    return counts.accepted, counts.seated, counts.waiting, counts.online


async def test_without_the_link_who_joins_online_is_asked_anew_and_nobody_else(play: Play) -> None:
    gathering = await hybrid(play, "Anna", "Bert", "Cor", "Dirk", "Eva")
    for name, mode in (("Anna", Mode.ONLINE), ("Bert", Mode.ON_SITE), ("Cor", Mode.ON_SITE), ("Dirk", Mode.ONLINE)):
        await answer(play, gathering, name, mode)
    await play.news()
    old = await play.copies(gathering)
    await play.change(gathering, online_url="")
    assert await standing(play, gathering) == {
        "Anna": ("needs-action", "none", "online"),
        "Bert": ("accepted", "seated", "on-site"),
        "Cor": ("accepted", "waiting", "on-site"),
        "Dirk": ("needs-action", "none", "online"),
    }
    assert await counted(play, gathering) == (2, 1, 1, 0)
    heard = await told(play)
    assert {name: (facts["rsvp"], facts["ended"], facts.get("said")) for name, facts in heard.items()} == {
        "Anna": (True, "online", "online"),
        "Bert": (False, "online", None),
        "Cor": (False, "online", None),
        "Dirk": (True, "online", "online"),
        "Eva": (True, "online", None),
        "Fien": (True, "online", None),
    }
    new = await play.copies(gathering)
    assert {name for name in new if new[name] != old[name]} == {"Anna", "Dirk"}  # theirs is about another place
    assert (await answer(play, gathering, "Dirk", via=Via.CALENDAR)).position == 2
    await play.decline(gathering, "Bert")
    assert (await standing(play, gathering))["Cor"][:2] == ("accepted", "seated")
    assert (await play.history(gathering, "Anna"))[-1] == ("kring", None, "needs-action", "none", "no longer online")


async def test_a_link_that_is_put_back_in_time_finds_everybody_as_they_were(play: Play) -> None:
    gathering = await hybrid(play, "Anna", "Bert", "Cor", "Dirk", approval=True)
    for name in ("Anna", "Bert", "Cor"):
        await answer(play, gathering, name, Mode.ONLINE)
    insider = await play.actor("Fien")
    for name in ("Anna", "Cor"):
        await registration.respond(
            play.db, insider, gathering.id, play.ids[name], Partstat.ACCEPTED, via=Via.WEB, now=play.step()
        )
    await play.news()
    before = await standing(play, gathering)
    assert before["Bert"] == ("accepted", "waiting", "online")
    await play.change(gathering, online_url="")
    # To what there is now; it stands when the link is back.
    assert (await answer(play, gathering, "Cor")).seat == "seated"
    await play.news()
    await play.change(gathering, online_url="https://meet.example.org/kamer")
    assert await standing(play, gathering) == before | {"Cor": ("accepted", "seated", "on-site")}
    await told(play)
    assert await play.news() == []


async def test_a_link_that_came_and_went_within_the_pause_asks_who_took_it(play: Play) -> None:
    gathering = await hybrid(play, "Anna", "Bert", online_url="")
    await play.change(gathering, online_url="https://meet.example.org/kamer")
    await answer(play, gathering, "Anna", Mode.ONLINE)
    await play.change(gathering, online_url="")
    heard = await told(play)
    assert {name: facts["rsvp"] for name, facts in heard.items()} == {"Anna": True}
    assert await standing(play, gathering) == {}
    assert (await answer(play, gathering, "Anna")).mode is None


async def test_a_place_that_went_and_came_back_untold_finds_everybody_as_they_were(play: Play) -> None:
    gathering = await hybrid(play, "Anna", "Bert", online_url="", capacity=2)
    await play.accept(gathering, "Anna")  # to the place, for there was nothing else
    await play.change(gathering, online_url="https://meet.example.org/kamer")
    await answer(play, gathering, "Bert", Mode.ONLINE)
    await told(play)
    before = await standing(play, gathering)
    assert before == {"Anna": ("accepted", "seated", None), "Bert": ("accepted", "none", "online")}
    await play.change(gathering, location="")
    (ahead,) = await previewing.change(
        play.db, KRING, gathering.id, {"location": "Utrecht", "capacity": 2}, language="nl", now=play.now
    )
    assert ahead.sequels == {Sequel.JOIN: 1}
    await play.change(gathering, location="Utrecht", capacity=2)
    assert await standing(play, gathering) == before
    await told(play)
    assert await play.news() == []


async def test_without_the_place_everybody_joins_online_and_its_limits_go(play: Play) -> None:
    gathering = await hybrid(play, "Anna", "Bert", "Cor", "Dirk", capacity=1, organisation_quota=1)
    for name, mode in (("Anna", Mode.ONLINE), ("Bert", Mode.ON_SITE), ("Cor", Mode.ON_SITE), ("Dirk", Mode.ONLINE)):
        await answer(play, gathering, name, mode)
    await play.news()
    after = await play.change(gathering, location="")
    assert (after.capacity, after.organisation_quota) == (None, None)
    assert await counted(play, gathering) == (4, 4, 0, 0)
    assert await play.news() == [("Cor", "promotion")]
    heard = await told(play)
    assert {name: (facts["rsvp"], facts["ended"], facts.get("said")) for name, facts in heard.items()} == {
        "Anna": (False, "on-site", "online"),
        "Bert": (True, "on-site", None),
        "Cor": (True, "on-site", None),
        "Dirk": (False, "on-site", "online"),
        "Fien": (True, "on-site", None),
    }
    assert {one[:2] for one in (await standing(play, gathering)).values()} == {("accepted", "seated")}


async def test_a_limit_that_is_given_for_the_call_holds_in_the_order_of_the_answers(play: Play) -> None:
    gathering = await hybrid(play, "Anna", "Bert", "Cor", "Dirk", capacity=2)
    for name, mode in (("Bert", Mode.ON_SITE), ("Anna", Mode.ONLINE), ("Dirk", Mode.ONLINE), ("Cor", Mode.ONLINE)):
        await answer(play, gathering, name, mode)
    await play.change(gathering, location="", capacity=3)
    assert await play.seats(gathering) == {
        "Bert": ("accepted", "seated", None),
        "Anna": ("accepted", "seated", None),
        "Dirk": ("accepted", "seated", None),
        "Cor": ("accepted", "waiting", 1),
    }


async def test_a_place_beside_the_call_takes_nobody_there_who_said_yes_to_the_call(play: Play) -> None:
    gathering = await hybrid(play, "Anna", "Bert", "Cor", location="", capacity=2)
    for name in ("Anna", "Bert", "Cor"):
        await answer(play, gathering, name)
    await play.news()
    await play.change(gathering, location="Utrecht", capacity=1)
    assert await standing(play, gathering) == dict.fromkeys(("Anna", "Bert", "Cor"), ("accepted", "none", "online"))
    heard = await told(play)
    assert {name: (facts["rsvp"], facts["opened"], facts["status"]) for name, facts in heard.items()} == {
        **dict.fromkeys(("Anna", "Bert", "Cor"), (False, "on-site", "confirmed")),
        "Fien": (True, "on-site", "confirmed"),
    }
    assert (await answer(play, gathering, "Cor", Mode.ON_SITE)).seat == "seated"
    assert (await answer(play, gathering, "Anna", Mode.ON_SITE)).position == 1


async def test_a_link_beside_the_place_is_told_and_asks_nobody_again(play: Play) -> None:
    gathering = await hybrid(play, "Anna", "Bert", "Cor", online_url="")
    await play.accept(gathering, "Anna", "Bert")
    await play.news()
    await play.change(gathering, online_url="https://meet.example.org/kamer")
    heard = await told(play)
    assert {name: (facts["rsvp"], facts["opened"]) for name, facts in heard.items()} == {
        "Anna": (False, "online"),
        "Bert": (False, "online"),
        "Cor": (True, "online"),
        "Fien": (True, "online"),
    }
    assert (await answer(play, gathering, "Bert", Mode.ONLINE)).seat == "none"


async def test_another_place_is_no_news_to_ask_those_online_about(play: Play) -> None:
    gathering = await hybrid(play, "Anna", "Bert")
    await answer(play, gathering, "Anna", Mode.ONLINE)
    await answer(play, gathering, "Bert", Mode.ON_SITE)
    await play.news()
    await play.change(gathering, location="Amersfoort")
    assert {name: facts["rsvp"] for name, facts in (await told(play)).items()} == {
        "Anna": False,
        "Bert": True,
        "Fien": True,
    }


async def test_what_was_said_before_a_gathering_was_opened_again_is_forgotten(play: Play) -> None:
    gathering = await hybrid(play, "Anna")
    await answer(play, gathering, "Anna", Mode.ONLINE)
    await play.cancel(gathering)
    await play.publish(gathering)
    assert (await answer(play, gathering, "Anna", via=Via.CALENDAR)).seat == "seated"


@pytest.mark.parametrize("hand", [Hand.PROMOTE, Hand.OFFER, Hand.OVERRIDE])
async def test_who_joins_online_is_given_no_seat_by_hand(play: Play, hand: Hand) -> None:
    gathering = await hybrid(play, "Anna")
    await answer(play, gathering, "Anna", Mode.ONLINE)
    with pytest.raises(Conflict):
        await seats.by_hand(play.db, KRING, gathering.id, play.ids["Anna"], hand, "omdat", now=play.step())


@pytest.mark.parametrize(
    ("change", "sequels", "lifted", "letter"),
    [
        ({"online_url": ""}, {Sequel.ASK: 2}, None, (True, "online", "online")),
        ({"location": ""}, {Sequel.SEAT: 2}, 1, (True, "on-site", None)),
        ({"location": "", "capacity": 30}, {Sequel.SEAT: 2}, None, (True, "on-site", None)),
        ({"location": "Amersfoort"}, {}, None, (True, None, None)),
        ({"capacity": 5}, {}, None, None),
    ],
)
async def test_the_look_ahead_says_what_becomes_of_who_said_yes_and_tells_as_many_as_will_hear(
    play: Play,
    change: dict[str, Any],
    sequels: dict[Sequel, int],
    lifted: int | None,
    letter: tuple[bool, str | None, str | None] | None,
) -> None:
    gathering = await hybrid(play, "Anna", "Bert", "Cor", "Dirk")
    for name, mode in (("Anna", Mode.ONLINE), ("Bert", Mode.ON_SITE), ("Cor", Mode.ONLINE), ("Dirk", Mode.ON_SITE)):
        await answer(play, gathering, name, mode)
    await play.news()
    (ahead,) = await previewing.change(play.db, KRING, gathering.id, change, language="nl", now=play.now)
    assert (ahead.sequels, ahead.lifted) == (sequels, lifted)
    facts = ahead.sample.facts if ahead.sample else None
    assert (facts and (facts["rsvp"], facts.get("ended"), facts.get("said"))) == letter
    await play.change(gathering, **change)
    assert len(await told(play)) == ahead.told
