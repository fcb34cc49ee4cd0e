"""Voting for a date in a conversation: shown with numbers, a tap or a word for each."""

from datetime import datetime

import pytest

from handlers.dialogue.words import Unclear, parse
from service.actions import polls
from service.channels import Intent, Topic
from service.model import Gathering
from service.rules.access import KRING
from tests.handlers.dialogue.house import House, Person

STARTS = [datetime(2026, 12, day, 16) for day in (8, 9, 10)]


@pytest.mark.parametrize(
    ("text", "argument"),
    [
        ("datum", None),
        ("datum 12", "12"),
        ("datum 12-2", "12-2"),
        ("date 12 2", "12-2"),
        ("Datum 12-1-3", "12-1-3"),
        ("welke datum", None),
    ],
)
def test_words_for_a_date(text: str, argument: str | None) -> None:
    assert parse(text) == Intent(Topic.POLL, argument)


@pytest.mark.parametrize("text", ["datum morgen", "datum 12-x", "datum 12-" + "-".join("123456789012")])
def test_what_is_no_moment_is_asked_back(text: str) -> None:
    assert isinstance(parse(text), Unclear)


async def asked(house: House, slug: str) -> Gathering:
    gathering = await house.gathering(slug, publish=False)
    now = house.clock.now()
    await polls.propose(house.db, KRING, gathering.id, STARTS, now=now)
    await polls.ask(house.db, KRING, gathering.id, now=now)
    return gathering


async def votes(house: House, gathering: Gathering) -> list[tuple[int, int, int]]:
    found = await polls.standings(house.db, KRING, gathering.id, now=house.clock.now())
    return [(one.yes, one.if_need_be, one.no) for one in found.tallies.values()]


@pytest.fixture
async def anna(house: House) -> Person:
    return await house.person("Anna")


async def test_a_tap_goes_round_and_a_list_says_it_all_at_once(house: House, anna: Person) -> None:
    gathering = await asked(house, await house.circle("data", anna))
    number = gathering.id
    (card,) = await anna.says("datum")
    assert [choice.keyword for choice in card.choices] == [f"datum {number}-{place}" for place in (1, 2, 3)]
    for expected in ((1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 0, 0)):
        (card,) = await anna.presses(card.choices[1].intent)
        assert (await votes(house, gathering))[1] == expected
    assert "wo 9 dec, 16.00 uur: ja" in [choice.label for choice in card.choices]
    words = await anna.hears(f"datum {number}-1-3")
    assert "dinsdag 8 december 2026, 16.00–17.30 uur: ja" in words
    assert await votes(house, gathering) == [(1, 0, 0), (0, 0, 1), (1, 0, 0)]


async def test_where_several_dates_are_looked_for_it_is_asked_which(house: House, anna: Person) -> None:
    numbers = [(await asked(house, await house.circle(slug, anna))).id for slug in ("data", "energie")]
    (shown,) = await anna.says("datum")
    assert sorted(choice.intent.argument or "" for choice in shown.choices) == sorted(map(str, numbers))
    (card,) = await anna.presses(Intent(Topic.POLL, str(numbers[1])))
    assert [choice.keyword for choice in card.choices] == [f"datum {numbers[1]}-{place}" for place in (1, 2, 3)]


async def test_in_a_letter_one_number_says_it_all(house: House, anna: Person) -> None:
    gathering = await asked(house, await house.circle("data", anna))
    await anna.on("mail").says(f"datum {gathering.id}-2")
    assert await votes(house, gathering) == [(0, 0, 1), (1, 0, 0), (0, 0, 1)]


async def test_what_is_over_or_not_theirs(house: House, anna: Person) -> None:
    gathering = await asked(house, await house.circle("data", anna))
    outsider = await house.person("Buiten")
    assert "In jouw kringen wordt nu geen datum gezocht." in await outsider.hears("datum")
    await outsider.says(f"datum {gathering.id}-1")
    await anna.says(f"datum {gathering.id}-9")
    assert await votes(house, gathering) == [(0, 0, 0)] * 3
    await polls.close(house.db, KRING, gathering.id, now=house.clock.now())
    assert "Er wordt geen datum meer gezocht." in await anna.hears(f"datum {gathering.id}")
    assert "voorbij" in await anna.hears(f"datum {gathering.id}-1")


async def test_of_a_confidential_circle_only_the_moments_are_said(house: House, anna: Person) -> None:
    slug = await house.circle("spiegel", anna, kind="intervision_group", title_nl="De Spiegel", title_en="Mirror")
    gathering = await asked(house, slug)
    words = await anna.hears(f"datum {gathering.id}")
    assert "Kick-off" not in words and "Spiegel" not in words
    assert "8 december" in words
