"""Conversations of those who lead a circle: the list, the ticks at the door, words to the people."""

import io
import zipfile
from datetime import timedelta
from typing import Any

import pytest

from service.actions import broadcasting, prompting
from service.actions.broadcasting import LONGEST
from service.channels import Document, Intent, Outbound, Topic
from service.clock import MovableClock
from service.model import Gathering
from service.rules.access import KRING
from tests.handlers.dialogue.house import SITE, House, Person, read


def files(outbounds: tuple[Outbound, ...]) -> list[Document]:
    return [block for one in outbounds for block in one.blocks if isinstance(block, Document)]


async def told(house: House) -> list[tuple[str, Any]]:
    """Tell who is on the way to hear what."""
    async with house.db.reading() as conn:
        rows = await conn.fetch(
            "select p.name, n.facts ->> 'text' as text from notice n join person p on p.id = n.person_id"
            " where n.purpose = 'broadcast' and n.state = 'planned' order by p.name"
        )
    return [tuple(row) for row in rows]


async def test_the_list_comes_as_text_and_on_request_as_a_file(house: House) -> None:
    fay = await house.person("Fay")
    ada, ben = await house.person("Ada", organisation="Acme"), await house.person("Ben")
    kickoff = await house.gathering(await house.circle("data", ada, ben, led_by=fay))
    await ada.says("ja")
    assert await fay.hears("lijst") == (
        f"Welke bijeenkomst?\n[lijst {kickoff.id}] {kickoff.id} · di 1 dec, 16.00 uur · Kick-off"
    )
    assert await fay.hears(f"/lijst {kickoff.id}") == (
        f"{kickoff.id} · Kick-off\ndinsdag 1 december 2026, 16.00–17.30 uur\n"
        "Komen: 1\nNog geen antwoord: 1\nBegeleiding: 1\n"
        "Komen (1)\nAda, Acme\nNog geen antwoord (1)\nBen\nBegeleiding (1)\nFay\n"
        f"Meer: http://kring.test/manage/gatherings/{kickoff.id}/roster\n"
        f"[lijst {kickoff.id}-xlsx] Als bestand voor Excel\n[lijst {kickoff.id}-csv] Als CSV-bestand\n"
        f"[wie nog niet {kickoff.id}] Wie nog niet heeft geantwoord\n[bericht {kickoff.id}] Stuur een bericht"
    )
    (file,) = files(await fay.says(f"lijst {kickoff.id} csv"))
    assert (file.name, file.media_type) == ("data-2026-12-01.csv", "text/csv")
    lines = file.content.decode("utf-8-sig").splitlines()[1:]
    assert [line.split(",")[0] for line in lines] == ['"Ada"', '"Fay"', '"Ben"']
    (sheet,) = files(await fay.says(f"lijst {kickoff.id} als excel"))
    assert sheet.name == "data-2026-12-01.xlsx"
    assert "xl/workbook.xml" in zipfile.ZipFile(io.BytesIO(sheet.content)).namelist()
    staff = await house.person("Stef", "en", role="staff")
    assert "Coming (1)\nAda, Acme" in await staff.hears(f"list {kickoff.id}")
    for text in ("lijst", f"lijst {kickoff.id}", f"lijst {kickoff.id} csv"):
        assert (await ada.hears(text)).startswith("Wie er komt, zien alleen de begeleiders van de kring.")


async def test_a_long_list_comes_a_page_at_a_time_and_whole_in_the_file(house: House) -> None:
    fay = await house.person("Fay")
    people = [await house.person(f"Lid{n:02}") for n in range(43)]
    kickoff = await house.gathering(await house.circle("data", *people, led_by=fay))
    await people[42].says("ja")
    first = await fay.hears(f"lijst {kickoff.id}")
    assert "Komen (1)\nLid42\nBegeleiding" not in first
    assert "Komen (1)\nLid42\nNog geen antwoord (42)\nLid00\n" in first
    assert f"Lid28\nMeer: http://kring.test/manage/gatherings/{kickoff.id}/roster" in first
    assert f"[lijst {kickoff.id}-2] Volgende pagina" in first
    second = await fay.hears(f"lijst {kickoff.id} pagina 2")
    assert "Nog geen antwoord (42)\nLid29\n" in second
    assert "Begeleiding (1)\nFay" in second
    assert "Volgende pagina" not in second
    names = [line for line in (first + second).splitlines() if line.startswith("Lid")]
    assert sorted(names) == [f"Lid{n:02}" for n in range(43)]
    assert await fay.hears(f"lijst {kickoff.id} 99") == second
    (file,) = files(await fay.says(f"lijst {kickoff.id} csv"))
    assert len(file.content.decode("utf-8-sig").splitlines()) == 1 + 44


async def test_who_has_not_answered_is_told_apart(house: House) -> None:
    fay, ada, ben = [await house.person(name) for name in ("Fay", "Ada", "Ben")]
    kickoff = await house.gathering(await house.circle("data", ada, ben, led_by=fay))
    await ada.says("ja")
    text = await fay.hears(f"Wie heeft nog niet geantwoord op {kickoff.id}?")
    assert "Nog geen antwoord: 1\nNog geen antwoord (1)\nBen\n" in text
    assert "Ada" not in text
    await ben.says("nee")
    assert "Iedereen heeft geantwoord." in await fay.hears(f"wie nog niet {kickoff.id}")


async def test_once_it_is_over_the_list_says_what_people_answered(house: House, clock: MovableClock) -> None:
    fay = await house.person("Fay")
    ada, ben, cor = await house.person("Ada"), await house.person("Ben"), await house.person("Cor")
    kickoff = await house.gathering(await house.circle("data", ada, ben, cor, led_by=fay))
    await ada.says("ja")
    await cor.says("nee")
    clock.set(kickoff.ends_at)
    said = await fay.hears(f"/lijst {kickoff.id}")
    counts = "Ja gezegd: 1\nNiet geantwoord: 1\nNee gezegd: 1\nBegeleiding: 1\n"
    assert counts in said and "Niet geantwoord (1)\nBen\nNee gezegd (1)\nCor\n" in said


@pytest.fixture
async def evening(house: House, clock: MovableClock) -> tuple[Person, Gathering, dict[str, Person]]:
    """Fay leads; Ada and Ben come, Cor has not answered; it begins in half an hour."""
    fay = await house.person("Fay")
    people = {name: await house.person(name) for name in ("Ada", "Ben", "Cor")}
    kickoff = await house.gathering(await house.circle("data", *people.values(), led_by=fay))
    for name in ("Ada", "Ben"):
        await people[name].says("ja")
    clock.set(kickoff.starts_at - timedelta(minutes=30))
    return fay, kickoff, people


async def test_people_are_ticked_one_by_one_and_a_tick_can_be_taken_back(
    house: House, evening: tuple[Person, Gathering, dict[str, Person]]
) -> None:
    fay, kickoff, people = evening
    ada = people["Ada"].id
    assert (await fay.hears(f"aanwezigheid {kickoff.id}")).startswith(
        f"{kickoff.id} · Kick-off\nNog niet afgevinkt: 4\nAda: –\nBen: –\nFay: –\nCor: –\n"
        f"[aanwezig {kickoff.id}-{ada}] Ada is er\n[deelnemer {kickoff.id}-{ada}] Ada: iets anders\n"
    )
    ticked = await fay.says(f"aanwezig {kickoff.id} {ada}")
    assert read(ticked).startswith(f"{kickoff.id} · Kick-off\nAda: aanwezig\nAanwezig: 1\nNog niet afgevinkt: 3\n")
    offered = [choice.intent for choice in ticked[0].choices]
    about = f"{kickoff.id}-{ada}"
    assert offered == [
        Intent(Topic.ABSENT, about),
        Intent(Topic.EXCUSED, about),
        Intent(Topic.UNMARK, about),
        Intent(Topic.ATTENDANCE, str(kickoff.id)),
    ]
    assert await marks(house, kickoff) == {"Ada": "present"}
    for intent, mark in zip(offered[:3], ("absent", "excused", None), strict=True):
        await fay.presses(intent)
        assert (await marks(house, kickoff)).get("Ada") == mark
    await fay.presses(Intent(Topic.PRESENT, f"{kickoff.id}-{people['Cor'].id}"))
    assert "Cor: aanwezig" in await fay.hears(f"aanwezigheid {kickoff.id}")


async def test_after_a_tick_far_down_the_list_one_goes_on_where_one_was(house: House, clock: MovableClock) -> None:
    fay = await house.person("Fay")
    people = [await house.person(f"Lid{number:02}") for number in range(20)]
    kickoff = await house.gathering(await house.circle("data", *people, led_by=fay))
    clock.set(kickoff.starts_at)
    assert "\nLid09: –\n" in await fay.hears(f"aanwezigheid {kickoff.id}-2")
    for intent in (Intent(topic, f"{kickoff.id}-{people[9].id}") for topic in (Topic.ATTENDEE, Topic.PRESENT)):
        back = (await fay.presses(intent))[0].choices[-1].intent
        assert back == Intent(Topic.ATTENDANCE, f"{kickoff.id}-2")
    assert "\nLid09: aanwezig\n" in read(await fay.presses(back))


async def test_nobody_is_ticked_too_early_by_the_wrong_person_or_from_another_list(
    house: House, clock: MovableClock, evening: tuple[Person, Gathering, dict[str, Person]]
) -> None:
    fay, kickoff, people = evening
    stranger = await house.person("Stef")
    about = f"{kickoff.id}-{people['Ada'].id}"
    assert "zien alleen" in await people["Ada"].hears(f"lijst {kickoff.id}")
    assert "Dat kunnen alleen de begeleiders" in read(await people["Ada"].presses(Intent(Topic.PRESENT, about)))
    assert (await fay.hears(f"aanwezig {kickoff.id} {stranger.id}")).startswith("Ik vind geen bijeenkomst")
    clock.set(kickoff.starts_at - timedelta(minutes=61))
    early = "Afvinken wie er is kan vanaf een uur voor het begin"
    assert (await fay.hears(f"aanwezig {about}")).startswith(early)
    assert (await fay.hears(f"aanwezigheid {kickoff.id}")).startswith(early)
    assert await marks(house, kickoff) == {}


async def marks(house: House, gathering: Gathering) -> dict[str, str]:
    async with house.db.reading() as conn:
        rows = await conn.fetch(
            "select p.name, r.attendance from registration r join person p on p.id = r.person_id"
            " where r.gathering_id = $1 and r.attendance is not null",
            gathering.id,
        )
    return {row["name"]: row["attendance"] for row in rows}


async def test_a_message_is_seen_before_it_goes_and_goes_once(
    house: House, evening: tuple[Person, Gathering, dict[str, Person]]
) -> None:
    fay, kickoff, _ = evening
    assert await fay.hears(f"bericht {kickoff.id}") == (
        f"{kickoff.id} · Kick-off\nVoor wie is je bericht?\n[wie komt] Wie er komt (2)\n"
        "[wie nog niet] Wie nog niet heeft geantwoord (1)\n"
        "[iedereen] Iedereen, behalve wie zich heeft afgemeld (3)\n[laat maar] Laat maar"
    )
    asked = await fay.hears("wie komt")
    assert asked.startswith("Wat wil je deze 2 mensen laten weten?")
    preview = await fay.says("Neem een kabel mee.\n\nTot dinsdag!")
    assert read(preview) == (
        f"{kickoff.id} · Kick-off\nNeem een kabel mee.\n\nTot dinsdag!\nDit gaat naar de 2 mensen die komen.\n"
        "[ja] Versturen\n[laat maar] Laat maar"
    )
    assert await told(house) == []
    go = preview[0].choices[0].intent
    assert read(await fay.presses(go)).startswith("Het gaat naar 2 mensen. Je kunt het nog heel even tegenhouden.")
    assert read(await fay.presses(go)).startswith("Die vraag staat niet meer open. Er is niets veranderd.")
    words = "Neem een kabel mee.\n\nTot dinsdag!"
    assert await told(house) == [("Ada", words), ("Ben", words)]
    (broadcast,) = await broadcasting.told(house.db, KRING, kickoff.id)
    off = await fay.hears(f"bericht tegenhouden {broadcast.id}")
    assert off.startswith("Op tijd tegengehouden voor 2 mensen.")
    assert await told(house) == []
    assert "viel niets meer tegen te houden" in await fay.hears(f"bericht intrekken {broadcast.id}")


@pytest.mark.parametrize("drop", ["laat maar", "never mind", "stop", "nee", "/agenda", "lijst 1", "mijn"])
async def test_what_was_begun_is_dropped_by_a_word_or_by_any_command(
    house: House, evening: tuple[Person, Gathering, dict[str, Person]], drop: str
) -> None:
    fay, kickoff, _ = evening
    for text in (f"bericht {kickoff.id}", "iedereen", "Hallo allemaal", drop):
        heard = await fay.hears(text)
    assert heard.startswith("Goed, ik laat het zitten.") is (drop in ("laat maar", "never mind", "stop", "nee"))
    assert not (await fay.hears("ja")).startswith("Het gaat naar")
    assert await told(house) == []


async def test_a_question_waits_an_hour_and_only_where_it_was_asked(
    house: House, clock: MovableClock, evening: tuple[Person, Gathering, dict[str, Person]]
) -> None:
    fay, kickoff, _ = evening
    await fay.says(f"bericht {kickoff.id}")
    assert "Sorry, dat begrijp ik niet" in await fay.on("web").hears("iedereen")
    clock.move(timedelta(minutes=59))
    assert (await fay.hears("iedereen")).startswith("Wat wil je")
    clock.move(timedelta(hours=1))
    assert "Sorry, dat begrijp ik niet" in await fay.hears("Het wordt leuk vanavond")
    await prompting.forget_old(house.db, now=clock.now())
    async with house.db.reading() as conn:
        assert await conn.fetchval("select count(*) from pending_prompt") == 0


async def test_a_yes_to_an_invitation_is_no_text_for_others_and_a_long_text_is_sent_back(
    house: House, evening: tuple[Person, Gathering, dict[str, Person]]
) -> None:
    fay, kickoff, _ = evening
    await fay.says(f"bericht {kickoff.id}")
    await fay.says("iedereen")
    assert "Kan het korter?" in await fay.hears("x" * (LONGEST + 1))
    assert (await fay.hears("Agenda\n1. Welkom\n2. Wat verder ter tafel komt")).startswith(
        f"{kickoff.id} · Kick-off\nAgenda\n1. Welkom\n2. Wat verder ter tafel komt\n"
    )
    assert "Dit gaat naar de 3 mensen" in await fay.hears("hoe laat gaat het weg?")
    assert await told(house) == []


async def test_those_who_were_there_can_be_told_something_afterwards(
    house: House, clock: MovableClock, evening: tuple[Person, Gathering, dict[str, Person]]
) -> None:
    fay, kickoff, people = evening
    for name, mark in (("Ada", "aanwezig"), ("Ben", "afwezig")):
        await fay.says(f"{mark} {kickoff.id} {people[name].id}")
    clock.set(kickoff.ends_at)
    offered = [choice.keyword for choice in (await fay.says(f"bericht {kickoff.id}"))[0].choices]
    assert {"wie er was", "wie er niet was"} < set(offered)
    assert (await fay.hears("iemand anders")).count("Voor wie is je bericht?") == 1
    for text in ("wie er was", "Dank voor je komst!", "ja"):
        await fay.says(text)
    assert await told(house) == [("Ada", "Dank voor je komst!")]


async def test_a_message_is_for_those_who_lead(
    house: House, evening: tuple[Person, Gathering, dict[str, Person]]
) -> None:
    _, kickoff, people = evening
    assert "Dat kunnen alleen de begeleiders" in await people["Ada"].hears(f"bericht {kickoff.id}")
    assert "Dat kunnen alleen de begeleiders" in await people["Ada"].hears("bericht")
    fay = await house.person("Flo")
    draft = await house.gathering(await house.circle("leeg", led_by=fay), publish=False)
    assert "nog een concept" in await fay.hears(f"bericht {draft.id}")


def test_the_pause_before_a_message_goes_is_that_of_the_site() -> None:
    assert SITE.coalesce == timedelta(seconds=20)


async def test_a_gathering_comes_as_a_calendar_file_and_a_feed_address_is_given_once(house: House) -> None:
    ada = await house.person("Ada")
    kickoff = await house.gathering(await house.circle("data", ada))
    await ada.says("ja")
    (file,) = files(await ada.says(f"agendabestand {kickoff.id}"))
    text = file.content.decode()
    async with house.db.reading() as conn:
        uid = await conn.fetchval("select uid from registration where person_id = $1", ada.id)
    assert (file.name, file.media_type) == (f"kring-{kickoff.id}.ics", "text/calendar")
    assert f"UID:{uid}\r\n" in text
    assert "METHOD:PUBLISH" in text
    assert "ATTENDEE" not in text
    first, second = await ada.hears("feed"), await ada.hears("/feed")
    assert "Adres: http://kring.test/feeds/" in first
    assert "Je agenda-abonnement heeft al een adres." in second
    assert "/feeds/" not in second
