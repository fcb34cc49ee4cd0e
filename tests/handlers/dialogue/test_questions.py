"""In a chat a yes counts at once; what is asked besides is answered on a page, where nobody reads along."""

import re

import pytest

from service.actions import questions
from service.model import Question
from service.rules.access import KRING
from tests.handlers.dialogue.house import House, Person, read


async def asking(house: House, slug: str, kind: str = "community_of_practice", count: int = 2) -> tuple[Person, int]:
    ada, fay = await house.person("Ada"), await house.person("Fay")
    await house.circle(slug, ada, led_by=fay, kind=kind)
    made = await house.gathering(slug)
    asked = [Question(0, "text", f"Vraag {number}", "", needed=True) for number in range(count)]
    await questions.change(house.db, KRING, made.id, lambda _: asked, days=14)
    return ada, made.id


@pytest.mark.parametrize(("count", "words"), [(1, "Nog één vraag voor je"), (2, "Nog 2 vragen voor je")])
async def test_a_yes_leads_to_the_questions(house: House, count: int, words: str) -> None:
    ada, number = await asking(house, "data", count=count)
    said = read(await ada.says(f"ja {number}"))
    assert "Fijn, je staat op de lijst!" in said
    assert words in said
    assert re.search(r"/r/[a-z2-7]{40}#questions", said)
    assert "Vraag 0" not in said
    assert "#questions" not in read(await ada.says(f"nee {number}"))


async def test_those_of_a_confidential_gathering_are_behind_signing_in(house: House) -> None:
    ada, number = await asking(house, "spiegel", kind="intervision_group")
    assert f"/gatherings/{number}#questions" in read(await ada.says(f"ja {number}"))
