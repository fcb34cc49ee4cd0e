"""What a group hears: numbers and what anybody may see; everything else is said in private."""

import pytest

from service.channels import Intent, Topic
from tests.handlers.dialogue.house import House, read


async def test_a_card_in_a_group_counts_and_names_nobody(house: House) -> None:
    ada, ben, fay = [await house.person(name) for name in ("Ada", "Ben", "Fay")]
    kickoff = await house.gathering(await house.circle("data", ada, ben, led_by=fay), capacity=1)
    for person in (ada, ben):
        await person.says("ja")
    (card,) = await ada.says(f"/toon {kickoff.id}", scope="group")
    assert card.audience == "conversation"
    assert read((card,)) == (
        f"{kickoff.id} · Kick-off\nDatakring\ndinsdag 1 december 2026, 16.00–17.30 uur · Utrecht\n"
        "Komen: 1\nWachtlijst: 1\nPlek: Het zit vol. Meld je je nu aan, dan kom je op de wachtlijst.\n"
        f"Meer: http://kring.test/gatherings/{kickoff.id}\n"
        f"[ja {kickoff.id}] Ja, ik kom\n[nee {kickoff.id}] Nee"
    )
    assert {choice.url for choice in card.choices} == {f"http://kring.test/gatherings/{kickoff.id}"}
    (agenda,) = await ada.says("/agenda", scope="group")
    assert (agenda.audience, read((agenda,)).splitlines()[:2]) == (
        "conversation",
        ["Agenda", f"{kickoff.id} · di 1 dec, 16.00 uur · Kick-off"],
    )
    (found,) = await ada.says("/kringen", scope="group")
    assert "Datakring: http://kring.test/circles/data" in read((found,))


async def test_who_presses_in_a_group_answers_for_themselves_and_hears_of_it_in_private(house: House) -> None:
    ada, ben = await house.person("Ada"), await house.person("Ben")
    kickoff = await house.gathering(await house.circle("data", ada, ben))
    said = await ben.presses(Intent(Topic.ACCEPT, str(kickoff.id)), scope="group")
    assert {one.audience for one in said} == {"person"}
    assert await house.standings(kickoff) == {
        "Ada": ("needs-action", "none", None),
        "Ben": ("accepted", "seated", None),
    }


@pytest.mark.parametrize(
    "text", ["/mijn", "/lijst 1", "/wie nog niet", "/bericht", "/plan", "/help", "/feed", "/aanwezigheid", "/stop"]
)
async def test_what_is_somebodys_own_is_said_in_private(house: House, text: str) -> None:
    fay = await house.person("Fay")
    await house.gathering(await house.circle("data", led_by=fay))
    said = await fay.says(text, scope="group")
    assert said
    assert {one.audience for one in said} == {"person"}


async def test_nothing_that_is_not_public_is_said_to_a_group(house: House) -> None:
    ada, fay = await house.person("Ada"), await house.person("Fay")
    await house.circle("geheim", ada, led_by=fay, kind="intervision_group", title_nl="Kanarie", title_en="Kanarie")
    await house.circle("ceo", ada, led_by=fay, kind="ceo_meetup", title_nl="Merel", title_en="Merel")
    hidden = [await house.gathering(slug, title_nl=title) for slug, title in (("geheim", "Kanarie"), ("ceo", "Merel"))]
    public = await house.gathering(await house.circle("data", ada))
    texts = ["/agenda", "/kringen", *(f"/toon {one.id}" for one in hidden), *(f"/lijst {one.id}" for one in hidden)]
    said = [one for text in texts for person in (ada, fay) for one in await person.says(text, scope="group")]
    shared = read(tuple(one for one in said if one.audience == "conversation"))
    assert f"{public.id} · " in shared
    assert not [word for word in ("Kanarie", "Merel", "Intervisie", "geheim", "ceo") if word in shared]
    assert not [one for one in said if one.confidential and one.audience == "conversation"]


async def test_a_dialogue_begun_in_a_group_goes_on_in_private(house: House) -> None:
    fay, ada = await house.person("Fay"), await house.person("Ada")
    kickoff = await house.gathering(await house.circle("data", ada, led_by=fay))
    await fay.says(f"/bericht {kickoff.id}", scope="group", conversation="group 7")
    assert (await fay.hears("iedereen")).startswith("Wat wil je deze ene persoon laten weten?")
