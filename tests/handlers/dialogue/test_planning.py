"""Planning, moving and cancelling by message: nothing happens before all of it was shown and confirmed."""

from datetime import datetime, timedelta

import pytest

from service.actions import scheduling
from service.channels import Intent, Topic
from service.clock import MovableClock
from service.model import Gathering, Status
from service.rules.access import KRING
from tests.handlers.dialogue.house import House, Person, read


async def everything(house: House) -> list[tuple[str, str]]:
    """Tell every gathering there is, by title and status."""
    async with house.db.reading() as conn:
        rows = await conn.fetch("select title_nl, title_en, status from gathering order by id")
    return [(row["title_nl"] or row["title_en"], row["status"]) for row in rows]


async def mailed(house: House, purpose: str) -> int:
    async with house.db.reading() as conn:
        count: int = await conn.fetchval("select count(*) from notice where purpose = $1", purpose)
    return count


async def gathering(house: House, ident: int) -> Gathering:
    return await scheduling.get(house.db, KRING, ident)


async def test_a_gathering_is_planned_in_a_few_questions_and_shown_before_anybody_is_invited(house: House) -> None:
    fay, ada, ben = [await house.person(name) for name in ("Fay", "Ada", "Ben")]
    await house.circle("data", ada, ben, led_by=fay)
    assert await fay.hears("plan") == "Datakring\nHoe heet de bijeenkomst?\n[laat maar] Laat maar"
    assert await fay.hears("Open data in de praktijk") == (
        "Wanneer is het? Dag en tijd, en het einde als je dat weet. Bijvoorbeeld: wo 23 dec, 16.00 uur\n"
        "[laat maar] Laat maar"
    )
    assert await fay.hears("di 2 februari 16:00-17:30") == (
        "Dat is dinsdag 2 februari 2027, 16.00–17.30 uur. En waar? Een plaats, de link van een videogesprek, of nog "
        "geen van beide.\n[geen] Nog niet bekend\n[laat maar] Laat maar"
    )
    assert await fay.hears("Domplein 4, Utrecht") == (
        "Open data in de praktijk\nKring: Datakring\nWanneer: dinsdag 2 februari 2027, 16.00–17.30 uur\n"
        "Waar: Domplein 4, Utrecht\nZal ik het plannen en de 3 leden van de kring uitnodigen?\n"
        "[ja] Ja, nodig ze uit\n[concept] Bewaar het als concept\n[laat maar] Laat maar"
    )
    assert await everything(house) == []
    said = await fay.hears("ja")
    assert "Het staat gepland, en de uitnodigingen gaan de deur uit." in said
    assert await everything(house) == [("Open data in de praktijk", "published")]
    assert await mailed(house, "invitation") == 3
    made = await gathering(house, int(said.split(" ", 1)[0]))
    assert (made.starts_local, made.ends_local) == (datetime(2027, 2, 2, 16), datetime(2027, 2, 2, 17, 30))
    assert (made.location, made.timezone) == ("Domplein 4, Utrecht", "Europe/Amsterdam")


async def test_a_draft_invites_nobody_until_it_is_published(house: House) -> None:
    fay, ada = await house.person("Fay", "en"), await house.person("Ada")
    await house.circle("data", ada, led_by=fay, language="en")
    await house.circle("other", led_by=fay, title_en="Other circle")
    asked = await fay.says("plan a gathering")
    assert read(asked).startswith("Of which circle? Choose one, or type its short name.\n[data] Data circle\n")
    await fay.says("Other circle")
    await fay.says("never mind")
    await fay.says("plan data")
    await fay.says("Lunch")
    await fay.says("tomorrow at noon")  # not understood: asked again
    await fay.says("tomorrow 12:00")
    (summary,) = await fay.says("https://call.example/x")
    assert "Online: https://call.example/x" in read((summary,))
    (made,) = await fay.presses(summary.choices[1].intent)
    assert "It's there as a draft: nobody has been invited yet." in read((made,))
    assert await everything(house) == [("Lunch", "draft")]
    assert await mailed(house, "invitation") == 0
    (look,) = await fay.presses(made.choices[0].intent)
    assert "Shall I invite people? Those are 2." in read((look,))
    assert "invitations are on their way" in await fay.hears("yes")
    assert await everything(house) == [("Lunch", "published")]
    assert await mailed(house, "invitation") == 2


async def test_what_can_be_two_moments_is_asked_and_what_is_none_is_asked_again(house: House) -> None:
    fay = await house.person("Fay", "en")
    kickoff = await house.gathering(await house.circle("data", led_by=fay))
    await fay.says(f"move {kickoff.id}")
    assert (await fay.hears("somewhere in spring")).startswith("I don't want to get the time wrong.")
    assert (await fay.hears("tuesday 31 november 4pm")).startswith("That moment is in no calendar.")
    assert (await fay.hears("wednesday 2027-02-02 16:00")).startswith("The day of the week and the date don't match.")
    assert (await fay.hears("28 march 2027 02:30")).startswith("That moment is in no calendar.")  # the clocks skip it
    (either,) = await fay.says("next tuesday 4pm")
    assert read((either,)) == (
        "That can be more than one moment. Which do you mean?\n"
        "[2026-11-24 16:00] Tuesday 24 November 2026, 16:00\n[2026-12-01 16:00] Tuesday 1 December 2026, 16:00\n"
        "[never mind] Never mind"
    )
    (look,) = await fay.presses(either.choices[0].intent)
    assert "Becomes: Tuesday 24 November 2026, 16:00–17:30" in read((look,))


@pytest.fixture
async def led(house: House) -> tuple[Person, Gathering]:
    """Fay leads a gathering; Ada has said yes, Ben no, Cor nothing."""
    fay = await house.person("Fay")
    people = [await house.person(name) for name in ("Ada", "Ben", "Cor")]
    kickoff = await house.gathering(await house.circle("data", *people, led_by=fay))
    await people[0].says("ja")
    await people[1].says("nee")
    async with house.db.transaction() as conn:
        await conn.execute("update notice set state = 'sent', sent_at = due_at where state = 'planned'")
    return fay, kickoff


async def test_a_move_shows_what_changes_and_who_hears_before_it_happens(
    house: House, led: tuple[Person, Gathering]
) -> None:
    fay, kickoff = led
    assert (await fay.hears(f"verzet {kickoff.id}")).startswith(
        f"{kickoff.id} · Kick-off\nHet staat gepland op dinsdag 1 december 2026, 16.00–17.30 uur. "
        "Welke dag en tijd moet het worden?"
    )
    assert await fay.hears("woensdag 2 december 10:00") == (
        f"{kickoff.id} · Kick-off\nWas: dinsdag 1 december 2026, 16.00–17.30 uur\n"
        "Wordt: woensdag 2 december 2026, 10.00–11.30 uur\n"
        "Zal ik het verzetten? 4 mensen krijgen daar bericht van.\n[ja] Ja, verzet het\n[laat maar] Laat maar"
    )
    assert (await gathering(house, kickoff.id)).starts_local == kickoff.starts_local
    assert (await fay.hears("hm, toch liever later")).startswith("Ik wil me niet in het moment vergissen.")
    assert (await fay.hears("ja")).startswith("Ik wil me niet in het moment vergissen.")  # to what, now?
    assert (await fay.hears("dinsdag 1 december 16:00")).startswith("Dan staat het al gepland.")
    assert "Wordt: woensdag 2 december 2026, 11.00–12.30 uur" in await fay.hears("woensdag 2 december 11:00")
    assert "Wordt: woensdag 2 december 2026, 10.00–11.30 uur" in await fay.hears("woensdag 2 december 10:00")
    assert "Verzet! Iedereen die het in de agenda heeft, hoort het zo." in await fay.hears("ja")
    moved = await gathering(house, kickoff.id)
    assert (moved.starts_local, moved.sequence) == (datetime(2026, 12, 2, 10), kickoff.sequence + 1)


async def test_a_cancellation_asks_why_and_shows_who_hears_before_it_happens(
    house: House, led: tuple[Person, Gathering]
) -> None:
    fay, kickoff = led
    assert "[geen] Geen reden geven" in await fay.hears(f"annuleer {kickoff.id}")
    asked = await fay.says("De spreker is ziek.")
    assert read(asked) == (
        f"{kickoff.id} · Kick-off\ndinsdag 1 december 2026, 16.00–17.30 uur · Utrecht\nReden: De spreker is ziek.\n"
        "Zal ik het afgelasten? 3 mensen krijgen daar bericht van.\n[ja] Ja, gelast het af\n[laat maar] Laat maar"
    )
    assert await everything(house) == [("Kick-off", "published")]
    assert "Goed, ik laat het zitten." in await fay.hears("nee")
    for text in (f"annuleer {kickoff.id}", "geen", "ja"):
        heard = await fay.hears(text)
    assert "Het is afgelast." in heard
    assert (await gathering(house, kickoff.id)).status == Status.CANCELLED
    assert await mailed(house, "cancellation") == 3
    assert (await fay.hears(f"annuleer {kickoff.id}")).startswith("Die is al voorbij of afgelast")
    assert "Die vraag staat niet meer open." in read(await fay.presses(asked[0].choices[0].intent))


async def test_only_those_who_lead_plan_move_or_cancel_and_others_are_told_how_to_say_no(
    house: House, clock: MovableClock, led: tuple[Person, Gathering]
) -> None:
    _, kickoff = led
    ada = await house.person("Adam")
    for text in ("plan", "plan data", f"verzet {kickoff.id}", f"publiceer {kickoff.id}", "verzet"):
        assert (await ada.hears(text)).startswith("Dat kunnen alleen de begeleiders van de kring.")
    assert "Stuur me dan nee en het nummer." in await ada.hears(f"cancel {kickoff.id}")
    staff = await house.person("Stef", role="staff")
    clock.set(kickoff.ends_at + timedelta(hours=1))
    assert (await staff.hears(f"verzet {kickoff.id}")).startswith("Die is al voorbij of afgelast")
    assert (await staff.hears(f"publiceer {kickoff.id}")).startswith("Die is al begonnen of voorbij")


async def test_rights_that_end_half_way_end_the_dialogue(house: House, led: tuple[Person, Gathering]) -> None:
    fay, kickoff = led
    await fay.says(f"verzet {kickoff.id}")
    (look,) = await fay.says("woensdag 2 december 10:00")
    async with house.db.transaction() as conn:
        await conn.execute("update membership set role = 'participant' where person_id = $1", fay.id)
    assert read(await fay.presses(look.choices[0].intent)).startswith("Dat kan ik niet voor je doen.")
    assert (await gathering(house, kickoff.id)).starts_local == kickoff.starts_local


async def test_of_a_confidential_circle_nothing_is_planned_in_a_chat_and_no_title_said(house: House) -> None:
    fay, ada = await house.person("Fay"), await house.person("Ada")
    await house.circle("geheim", ada, led_by=fay, kind="intervision_group", title_nl="Kanarie", title_en="Kanarie")
    secret = await house.gathering("geheim", title_nl="Kanarie", title_en="Kanarie", location="Kanariestraat")
    heard = [await fay.hears(text) for text in ("plan", f"verzet {secret.id}", "wo 2 december 10:00", "ja")]
    heard += [await fay.hears(text) for text in (f"bericht {secret.id}", "iedereen", "Hallo allemaal!", "ja")]
    heard += [await fay.hears(text) for text in (f"aanwezigheid {secret.id}", f"lijst {secret.id} csv")]
    heard += [await fay.hears(text) for text in (f"annuleer {secret.id}", "ja")]
    assert "plan de bijeenkomsten nadat je hebt ingelogd" in heard[0]
    assert "Het gaat naar één persoon." in heard[7]
    assert "Het is afgelast." in heard[-1]
    assert "kanarie" not in "".join(heard).casefold()
    assert "Ada" not in "".join(heard)


def test_a_button_fits_into_what_a_messenger_carries() -> None:
    longest = Intent(Topic.REPLY, "9999999999-2026-12-01 16:00-17:30")
    assert len(f"{longest.topic}:{longest.argument}".encode()) <= 60
