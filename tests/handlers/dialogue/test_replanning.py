"""Asking the circle for another date in a conversation: seen before, done once, and neutral where that is needed."""

from datetime import timedelta

import pytest

from handlers.dialogue.words import parse
from service.actions import polls
from service.channels import Facts, Intent, Paragraph, Topic
from service.rules.access import KRING
from tests.handlers.dialogue.house import House


@pytest.mark.parametrize(
    ("text", "argument"),
    [("andere datum 12", "12"), ("another date 12", "12"), ("andere datum", None), ("Nieuwe datum 12 graag", "12")],
)
def test_words_for_another_date(text: str, argument: str | None) -> None:
    assert parse(text) == Intent(Topic.REPLAN, argument)


def said(outbound: object) -> str:
    return "\n".join(block.text for block in outbound.blocks if isinstance(block, Paragraph))  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", ["community_of_practice", "intervision_group"])
async def test_the_moments_are_seen_first_and_then_asked_once(house: House, kind: str) -> None:
    fien, anna = await house.person("Fien"), await house.person("Anna")
    slug = await house.circle("data", anna, led_by=fien, kind=kind)
    gathering = await house.gathering(slug)
    (which,) = await fien.says("andere datum")
    assert [choice.intent for choice in which.choices] == [Intent(Topic.REPLAN, str(gathering.id))]
    (seen,) = await fien.presses(which.choices[0].intent)
    (facts,) = [block for block in seen.blocks if isinstance(block, Facts)]
    assert [place for place, _ in facts.rows] == ["1", "2", "3"]
    assert "Dat vraag ik aan 2 mensen." in said(seen)
    assert seen.confidential == gathering.confidential
    assert (await polls.standings(house.db, KRING, gathering.id, now=house.clock.now())).poll is None
    (done,) = await fien.presses(seen.choices[0].intent)
    assert "Het is gevraagd." in said(done)
    standings = await polls.standings(house.db, KRING, gathering.id, now=house.clock.now())
    assert (standings.open, standings.asked) == (True, 2)
    assert min(one.starts_local for one in standings.moments) >= gathering.starts_local + timedelta(days=7)
    (again,) = await fien.presses(seen.choices[0].intent)
    assert "niet meer open" in said(again)
    (refused,) = await fien.says(f"andere datum {gathering.id}")
    assert "er wordt al gestemd" in said(refused)


async def test_it_is_for_those_who_lead(house: House) -> None:
    fien, anna = await house.person("Fien"), await house.person("Anna")
    gathering = await house.gathering(await house.circle("data", anna, led_by=fien))
    (refused,) = await anna.says(f"andere datum {gathering.id}")
    assert "alleen de begeleiders van de kring" in said(refused)
