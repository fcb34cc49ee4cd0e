"""Edits of a published gathering: when they are told, to whom, and with which numbers and words."""

from datetime import timedelta
from typing import Any

import pytest

from service.errors import Invalid
from service.model import Gathering
from tests.actions.play import Play, all_heard

HOUR = timedelta(hours=1)


def told(partstat: str, sequence: int, status: str = "confirmed", **more: Any) -> dict[str, Any]:
    rsvp = partstat == "needs-action"
    return {
        "method": "REQUEST",
        "sequence": sequence,
        "status": status,
        "partstat": partstat,
        "rsvp": rsvp,
    } | more


async def a_full_house(play: Play, **facts: Any) -> Gathering:
    """Publish for five: Anna has the only seat, Bert waits, Cor declined, Dirk may come, Eva says nothing."""
    await play.open("Anna", "Bert", "Cor", "Dirk", "Eva")
    gathering = await play.published(capacity=1, **facts)
    await play.accept(gathering, "Anna", "Bert")
    await play.decline(gathering, "Cor")
    await play.answer(gathering, "Dirk", "tentative")
    await play.deliver()
    await play.news()
    return gathering


# When


async def test_edits_become_one_mail_when_they_have_paused(play: Play) -> None:
    await play.open("Anna")
    gathering = await play.published(title_nl="Een")
    await play.news()
    await play.change(gathering, title_nl="Twee")
    await play.after(seconds=15)
    await play.change(gathering, title_nl="Drie", description_nl="Meer")
    await play.after(seconds=19)
    assert await play.news() == []
    await play.after(seconds=1)
    assert await play.letters() == [(name, "update", told("needs-action", 0, edited=True)) for name in ("Fien", "Anna")]
    await play.after(minutes=5)
    assert await play.news() == []


async def test_who_keeps_editing_is_told_of_after_three_pauses(play: Play) -> None:
    await play.open("Anna")
    gathering = await play.published()
    await play.news()
    for number in range(6):  # every twelve seconds
        await play.change(gathering, title_nl=f"Titel {number}")
        assert await play.news() == []
        await play.after(seconds=11)
    assert await play.news() == all_heard("update", ["Anna", "Fien"])
    await play.change(gathering, title_nl="Nog een")
    await play.after(seconds=20)
    assert await play.news() == all_heard("update", ["Anna", "Fien"])


async def test_without_a_pause_it_is_told_at_the_next_tick(play: Play) -> None:
    await play.open("Anna")
    gathering = await play.published()
    await play.news()
    await play.change(gathering, location="Utrecht", coalesce=timedelta(0))
    await play.tick()
    assert await play.news() == all_heard("update", ["Anna", "Fien"])


async def test_an_edit_that_says_what_was_so_is_none(play: Play) -> None:
    await play.open("Anna")
    gathering = await play.published(title_nl="Een")
    await play.news()
    assert await play.change(gathering, title_nl=" Een ", capacity=None) == gathering
    await play.after(minutes=5)
    assert await play.news() == []


async def test_what_was_put_back_is_told_to_nobody_though_the_sequence_has_risen(play: Play) -> None:
    gathering = await a_full_house(play)
    await play.move(gathering, HOUR)
    await play.change(gathering, title_nl="Anders", location="Utrecht")
    await play.move(gathering, -HOUR)
    await play.change(gathering, title_nl=gathering.title_nl, location="")
    await play.after(minutes=5)
    assert await play.news() == []
    assert (await play.read(gathering)).sequence == 4
    assert await play.copies(gathering) == {
        "Anna": (4, "confirmed"),
        "Bert": (5, "tentative"),
        "Cor": (4, "confirmed"),
        "Dirk": (4, "confirmed"),
        "Eva": (4, "confirmed"),
        "Fien": (4, "confirmed"),
    }


async def test_after_a_move_was_put_back_the_answers_are_about_this_time_again(play: Play) -> None:
    gathering = await a_full_house(play)
    await play.move(gathering, HOUR)
    await play.move(gathering, -HOUR, description_nl="Neem soep mee")
    await play.after(seconds=20)
    assert await play.letters() == [
        ("Fien", "update", told("needs-action", 2, edited=True)),
        ("Anna", "update", told("accepted", 2, edited=True)),
        ("Bert", "update", told("tentative", 3, "tentative", edited=True)),
        ("Dirk", "update", told("tentative", 2, edited=True)),
        ("Eva", "update", told("needs-action", 2, edited=True)),
    ]
    confirmed = {one.person_name: one.confirmed_sequence for one in await play.roster(gathering)}
    assert confirmed == {"Anna": 2, "Bert": 2, "Cor": 2, "Dirk": 2, "Eva": None, "Fien": None}
    outcome = await play.respond(gathering, "Anna", "accepted")
    assert not outcome.changed


async def test_who_got_a_mail_in_between_gets_another_though_everything_was_put_back(play: Play) -> None:
    gathering = await a_full_house(play)
    await play.move(gathering, HOUR)
    await play.answer(gathering, "Eva", "tentative")  # to the wrong time
    await play.deliver()
    await play.join("Gast")
    await play.move(gathering, -HOUR)
    await play.join("Hans")
    await play.deliver()
    assert await play.news() == [("Eva", "tentative"), ("Gast", "invitation"), ("Hans", "invitation")]
    await play.after(seconds=20)
    news = told("needs-action", 2, restored=True, edited=True)
    assert await play.letters() == [("Eva", "update", news), ("Gast", "update", news | {"sequence": 1})]


# What, and to whom


async def test_a_move_asks_anew_whoever_has_not_said_no_to_this_very_time(play: Play) -> None:
    gathering = await a_full_house(play, location="Utrecht")
    await play.move(gathering, HOUR)
    await play.after(seconds=20)
    previous = {
        "starts_local": gathering.starts_local.isoformat(),
        "ends_local": gathering.ends_local.isoformat(),
        "location": "Utrecht",
    }
    moved: dict[str, Any] = {"moved": True, "previous": previous}
    assert await play.letters() == [
        ("Fien", "update", told("needs-action", 1, **moved)),
        ("Anna", "update", told("needs-action", 1, **moved)),
        ("Bert", "update", told("needs-action", 2, "tentative", **moved)),
        ("Cor", "update", told("needs-action", 1, **moved)),
        ("Dirk", "update", told("needs-action", 1, **moved)),
        ("Eva", "update", told("needs-action", 1, **moved)),
    ]
    assert await play.seats(gathering) == {
        "Anna": ("accepted", "seated", None),
        "Bert": ("accepted", "waiting", 1),
        "Dirk": ("tentative", "none", None),
        "Eva": ("needs-action", "none", None),
        "Cor": ("declined", "none", None),
    }


async def test_who_says_yes_again_after_a_move_keeps_seat_and_turn_and_is_known_to_have_confirmed(play: Play) -> None:
    gathering = await a_full_house(play)
    await play.move(gathering, HOUR)
    await play.after(seconds=20)
    await play.news()
    await play.accept(gathering, "Anna", "Bert")
    assert await play.letters() == [
        ("Anna", "confirmation", told("accepted", 1)),
        ("Bert", "waiting", told("tentative", 2, "tentative", position=1, reason="full")),
    ]
    confirmed = {one.person_name: one.confirmed_sequence for one in await play.roster(gathering)}
    assert confirmed == {"Anna": 1, "Bert": 1, "Cor": 0, "Dirk": 0, "Eva": None, "Fien": None}


async def test_another_place_is_not_told_to_who_declined(play: Play) -> None:
    gathering = await a_full_house(play, location="Utrecht")
    await play.change(gathering, location="Den Haag", online_url="https://meet.example.org/1")
    await play.after(seconds=20)
    previous = {
        "starts_local": gathering.starts_local.isoformat(),
        "ends_local": gathering.ends_local.isoformat(),
        "location": "Utrecht",
    }
    assert [(name, facts["partstat"], facts["sequence"]) for name, _, facts in await play.letters()] == [
        ("Fien", "needs-action", 1),
        ("Anna", "needs-action", 1),
        ("Bert", "needs-action", 2),
        ("Dirk", "needs-action", 1),
        ("Eva", "needs-action", 1),
    ]
    (facts,) = await play.fetch("select facts - 'dtstamp' as facts from notice where purpose = 'update' limit 1")
    assert facts["facts"] == told("needs-action", 1, relocated=True, edited=True, opened="online", previous=previous)


async def test_another_word_repeats_the_known_answer_so_that_no_calendar_asks_again(play: Play) -> None:
    gathering = await a_full_house(play)
    await play.change(gathering, title_en="Meeting")
    await play.after(seconds=20)
    assert await play.letters() == [
        ("Fien", "update", told("needs-action", 0, edited=True)),
        ("Anna", "update", told("accepted", 0, edited=True)),
        ("Bert", "update", told("tentative", 1, "tentative", edited=True)),
        ("Dirk", "update", told("tentative", 0, edited=True)),
        ("Eva", "update", told("needs-action", 0, edited=True)),
    ]


async def test_who_answers_the_new_time_before_it_was_told_is_not_asked_again(play: Play) -> None:
    gathering = await a_full_house(play)
    await play.move(gathering, HOUR)
    await play.accept(gathering, "Anna")
    await play.decline(gathering, "Cor", "Dirk")
    assert await play.letters() == [
        ("Anna", "confirmation", told("accepted", 1)),
        ("Cor", "declined", {}),
        ("Dirk", "declined", {}),
    ]
    await play.after(seconds=20)
    heard = {name: facts["partstat"] for name, _, facts in await play.letters()}
    assert heard == {"Fien": "needs-action", "Anna": "accepted", "Bert": "needs-action", "Eva": "needs-action"}


async def test_who_joins_while_edits_wait_is_told_with_the_others(play: Play) -> None:
    await play.open("Anna")
    gathering = await play.published()
    await play.news()
    await play.move(gathering, HOUR)
    await play.join("Bert")
    assert await play.letters() == [("Bert", "invitation", told("needs-action", 0))]
    await play.change(gathering, title_nl="Anders")
    await play.after(seconds=20)
    assert await play.news() == all_heard("update", ["Anna", "Bert", "Fien"])


async def test_a_seat_that_moves_on_does_not_wait_for_the_pause(play: Play) -> None:
    gathering = await a_full_house(play)
    await play.move(gathering, HOUR)
    await play.decline(gathering, "Anna")
    assert await play.letters() == [
        ("Anna", "declined", {}),
        ("Bert", "promotion", told("accepted", 3)),
    ]
    await play.after(seconds=20)
    heard = {name: facts["partstat"] for name, _, facts in await play.letters()}
    assert heard == dict.fromkeys(("Fien", "Bert", "Cor", "Dirk", "Eva"), "needs-action")


async def test_a_cancellation_overtakes_edits_that_wait(play: Play) -> None:
    gathering = await a_full_house(play)
    await play.move(gathering, HOUR)
    await play.cancel(gathering)
    await play.after(minutes=5)
    assert await play.news() == all_heard("cancellation", ["Anna", "Bert", "Dirk", "Eva", "Fien"])
    assert (await play.copies(gathering))["Anna"] == (2, "cancelled")


async def test_another_zone_for_the_same_moment_is_no_move(play: Play) -> None:
    await play.open("Anna")
    gathering = await play.published()
    await play.news()
    there = await play.change(gathering, timezone="Europe/Brussels")
    later = gathering.starts_local - HOUR
    there = await play.change(
        there, timezone="Europe/London", starts_local=later, ends_local=gathering.ends_local - HOUR
    )
    assert (there.starts_at, there.sequence) == (gathering.starts_at, 0)
    await play.after(minutes=5)
    assert await play.news() == []
    due = [at for _, _, at, state in await play.reminders(gathering, "Anna") if state == "planned"]
    assert [at.hour for at in due] == [9, 9]  # nine in London, in winter


# Room


async def test_three_more_seats_move_exactly_three_up_in_turn(play: Play) -> None:
    names = ["Anna", "Bert", "Cor", "Dirk", "Eva", "Frits"]
    await play.open(*names)
    gathering = await play.published(capacity=1)
    await play.accept(gathering, *names)
    await play.news()
    await play.change(gathering, capacity=4)
    assert await play.letters() == [(name, "promotion", told("accepted", 2)) for name in ("Bert", "Cor", "Dirk")]
    assert await play.seats(gathering) == {
        **dict.fromkeys(("Anna", "Bert", "Cor", "Dirk"), ("accepted", "seated", None)),
        "Eva": ("accepted", "waiting", 1),
        "Frits": ("accepted", "waiting", 2),
    }
    await play.after(minutes=5)
    assert await play.news() == []


async def test_less_room_takes_nobodys_seat_and_moves_nobody_up_until_below(play: Play) -> None:
    names = ["Anna", "Bert", "Cor", "Dirk"]
    await play.open(*names)
    gathering = await play.published(capacity=3)
    await play.accept(gathering, *names)
    await play.news()
    await play.change(gathering, capacity=1)
    await play.after(minutes=5)
    assert await play.news() == []
    for name in ("Anna", "Bert"):
        await play.decline(gathering, name)
        assert await play.news() == [(name, "declined")]
    assert await play.seats(gathering) == {
        "Cor": ("accepted", "seated", None),
        "Dirk": ("accepted", "waiting", 1),
        "Anna": ("declined", "none", None),
        "Bert": ("declined", "none", None),
    }
    await play.decline(gathering, "Cor")
    assert await play.news() == [("Cor", "declined"), ("Dirk", "promotion")]


async def test_a_wider_quota_lets_the_next_of_the_organisation_in(play: Play) -> None:
    await play.organisation("Noord", "Anna", "Bert", "Cor")
    await play.open("Anna", "Bert", "Cor", "Dirk")
    gathering = await play.published(capacity=3, organisation_quota=1)
    await play.accept(gathering, "Anna", "Bert", "Cor", "Dirk")
    assert await play.seats(gathering) == {
        "Anna": ("accepted", "seated", None),
        "Dirk": ("accepted", "seated", None),
        "Bert": ("accepted", "waiting", 1),
        "Cor": ("accepted", "waiting", 2),
    }
    await play.news()
    await play.change(gathering, organisation_quota=2)
    assert await play.news() == [("Bert", "promotion")]
    await play.change(gathering, organisation_quota=None, capacity=None)
    assert await play.news() == [("Cor", "promotion")]


async def test_when_approval_is_dropped_whoever_waited_for_it_is_seated_or_queued_in_the_order_of_asking(
    play: Play,
) -> None:
    names = ["Anna", "Bert", "Cor"]
    await play.open(*names)
    gathering = await play.published(capacity=2, approval=True)
    await play.accept(gathering, *names)
    assert await play.seats(gathering) == dict.fromkeys(names, ("accepted", "waiting", None))
    await play.news()
    await play.change(gathering, approval=False)
    assert await play.letters() == [
        *((name, "confirmation", told("accepted", 2)) for name in ("Anna", "Bert")),
        ("Cor", "waiting", told("tentative", 1, "tentative", position=1, reason="full")),
    ]
    assert await play.seats(gathering) == {
        "Anna": ("accepted", "seated", None),
        "Bert": ("accepted", "seated", None),
        "Cor": ("accepted", "waiting", 1),
    }


# The past


async def test_a_gathering_to_come_cannot_be_moved_into_the_past(play: Play) -> None:
    await play.open("Anna")
    gathering = await play.published(days=2)
    with pytest.raises(Invalid) as refusal:
        await play.move(gathering, timedelta(days=-3))
    assert refusal.value.field == "starts_at"
    assert await play.read(gathering) == gathering


async def test_what_is_put_right_afterwards_is_told_to_nobody(play: Play) -> None:
    await play.open("Anna")
    gathering = await play.published(days=1)
    await play.after(days=2)
    await play.news()
    changed = await play.change(
        gathering, starts_local=gathering.starts_local - HOUR, title_nl="Zoals het was", location="Utrecht"
    )
    assert changed.title_nl == "Zoals het was"
    await play.after(minutes=5)
    assert await play.news() == []
    assert {state for *_, state in await play.reminders(gathering)} <= {"cancelled", "planned"}


async def test_a_gathering_that_had_begun_is_postponed_and_told(play: Play) -> None:
    await play.open("Anna")
    gathering = await play.published(days=1)
    await play.before_start(gathering, minutes=-10)
    await play.news()
    await play.move(gathering, timedelta(days=7))
    await play.after(seconds=20)
    assert await play.news() == all_heard("update", ["Anna", "Fien"])
