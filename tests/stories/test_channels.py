"""One story told over every channel: a circle's evening from its planning to the ticks at the door.

Whatever the channel, the same is true afterwards.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from service.actions import circles, joining, people
from service.clock import MovableClock
from service.config import Settings
from service.rules.access import KRING
from service.wiring.house import Kring, Source, opened
from service.wiring.running import serving
from tests.stories.drivers import AUTHSERV, DRIVERS, Driver, settled

FAY, ADA, BEN = (f"{name}@example.org" for name in ("fay", "ada", "ben"))


@pytest.fixture
async def kring(clone_dsn: str, tmp_path: Path, clock: MovableClock) -> AsyncIterator[Kring]:
    """A Kring at work, without a web: it takes mail in, works on it and delivers."""
    settings = Settings(
        data=tmp_path, lmtp=str(tmp_path / "lmtp"), authserv_id=AUTHSERV, mail_domain="in.kring.example"
    )
    async with opened(settings, Source(clone_dsn), clock=clock) as running:
        await association(running)
        async with serving(running, roles=("worker", "mail"), stop=asyncio.Event()):
            yield running


async def association(kring: Kring) -> None:
    now = kring.clock.now()
    made = {}
    for address, language in ((FAY, "nl"), (ADA, "nl"), (BEN, "en")):
        name = address.partition("@")[0].title()
        made[address] = await people.create_person(
            kring.db, KRING, name=name, email=address, language=language, now=now
        )
    facts: dict[str, Any] = {"kind": "community_of_practice", "title_nl": "Datakring", "title_en": "Data circle"}
    await circles.create(kring.db, KRING, slug="data", language="nl", now=now, **facts)
    await joining.set_member(kring.db, KRING, "data", made[FAY].id, "facilitator", now=now)
    await joining.set_member(kring.db, KRING, "data", made[BEN].id, "participant", now=now)


@pytest.mark.parametrize("channel", DRIVERS)
async def test_an_evening_is_planned_filled_moved_announced_and_ticked(
    kring: Kring, tmp_path: Path, clock: MovableClock, channel: str
) -> None:
    async with DRIVERS[channel](kring, tmp_path) as driver:
        number = await fay_plans_it(driver)
        await ada_and_ben_answer(driver, number)
        await fay_moves_it_and_tells_those_who_come(driver, number, kring, clock)
        clock.set(datetime.fromisoformat("2027-02-04T08:30:00+00:00"))
        await settled(kring)
        await fay_ticks_who_is_there(driver, number)
        await the_others_settle_what_is_theirs(driver, number)
    await settled(kring)
    assert await what_is_true(kring) == EXPECTED


async def fay_plans_it(driver: Driver) -> str:
    assert "Hoe heet de bijeenkomst?" in (await driver.says(FAY, "plan")).words
    await driver.says(FAY, "Open data in de praktijk")
    assert "3 februari 2027, 16.00–17.30 uur" in (await driver.says(FAY, "wo 3 februari 16:00-17:30")).words
    heard = await driver.says(FAY, "Domplein 4, Utrecht")
    assert "de 2 leden van de kring" in heard.words
    planned = await driver.presses(FAY, "Ja, nodig ze uit")
    assert "Het staat gepland, en de uitnodigingen gaan de deur uit." in planned.words
    return planned.choices["Verzet het"].rpartition(" ")[2]


async def ada_and_ben_answer(driver: Driver, number: str) -> None:
    heard = await driver.says(ADA, "kringen")
    assert "Datakring" in heard.choices
    await driver.presses(ADA, "Datakring")
    assert "Welkom bij Datakring!" in (await driver.presses(ADA, "Ik doe mee")).words
    heard = await driver.says(ADA, f"ja {number}")
    assert heard.words.count("Open data in de praktijk") > 0
    assert "Your gatherings" in (await driver.says(BEN, "mine")).words
    await driver.presses(BEN, f"Yes: {number} · Open data in de praktijk")
    heard = await driver.says(FAY, f"wie nog niet {number}")
    assert "Iedereen heeft geantwoord." in heard.words
    asked = await driver.says(FAY, f"lijst {number} csv")
    (file,) = (content for name, content in asked.files.items() if name.endswith(".csv"))
    assert [line.split(",")[0] for line in file.decode("utf-8-sig").splitlines()[1:]] == ['"Ada"', '"Ben"', '"Fay"']


async def fay_moves_it_and_tells_those_who_come(driver: Driver, number: str, kring: Kring, clock: MovableClock) -> None:
    await driver.says(FAY, f"verzet {number}")
    heard = await driver.says(FAY, "donderdag 4 februari 2027 om 10.00 uur")
    assert "3 mensen krijgen daar bericht van." in heard.words
    assert "Verzet!" in (await driver.presses(FAY, "Ja, verzet het")).words
    clock.move(timedelta(minutes=2))
    await settled(kring)
    await driver.says(FAY, f"bericht {number}")
    await driver.presses(FAY, "Wie er komt (2)")
    await driver.says(FAY, "Neem een kabel mee.")
    assert "Het gaat naar 2 mensen." in (await driver.presses(FAY, "Versturen")).words
    await driver.says(FAY, f"bericht {number}")
    await driver.says(FAY, "iedereen")
    assert "Goed, ik laat het zitten." in (await driver.says(FAY, "laat maar")).words


async def fay_ticks_who_is_there(driver: Driver, number: str) -> None:
    await driver.says(FAY, f"aanwezigheid {number}")
    assert "Ada: aanwezig" in (await driver.presses(FAY, "Ada is er")).words
    await driver.presses(FAY, "Terug naar de lijst")
    await driver.presses(FAY, "Ben is er")
    assert "Ben: –" in (await driver.presses(FAY, "Haal het vinkje weg")).words
    assert "Ben: afgemeld" in (await driver.presses(FAY, "Afgemeld")).words


async def the_others_settle_what_is_theirs(driver: Driver, number: str) -> None:
    assert "Only those who lead the circle can do that." in (await driver.says(BEN, f"move {number}")).words
    assert "Vanaf nu schrijf ik je in het Nederlands" in (await driver.says(BEN, "taal nl")).words
    assert "Je hoort niet meer bij Datakring." in (await driver.says(ADA, "verlaat data")).words
    assert "Sorry, dat begrijp ik niet." in (await driver.says(BEN, "Bel me even terug")).words


EXPECTED: dict[str, Any] = {
    "people": [("Ada", "nl"), ("Ben", "nl"), ("Fay", "nl")],
    "members": [
        ("Ada", "participant", "left"),
        ("Ben", "participant", "active"),
        ("Fay", "facilitator", "active"),
    ],
    "gatherings": [
        (
            "Open data in de praktijk",
            "published",
            "2027-02-04 10:00:00",
            "2027-02-04 11:30:00",
            "Domplein 4, Utrecht",
            1,
        )
    ],
    "registrations": [
        ("Ada", "accepted", "none", "present", False),
        ("Ben", "accepted", "seated", "excused", True),
        ("Fay", "needs-action", "none", None, True),
    ],
    "told": [("coming", "Neem een kabel mee.", "Fay", None)],
    "notices": [
        *(
            (name, purpose, count)
            for name, left in (("Ada", [("withdrawal", 1)]), ("Ben", []))
            for purpose, count in (
                ("broadcast", 1),
                ("confirmation", 1),
                ("invitation", 1),
                ("rating", 1),
                ("reminder", 4),
                ("update", 1),
                *left,
            )
        ),
        ("Fay", "invitation", 1),
        ("Fay", "reminder", 4),
        ("Fay", "update", 1),
    ],
    "open": 0,
}


async def what_is_true(kring: Kring) -> dict[str, Any]:
    """Tell all that came of the story, but for how it was told."""
    statements = {
        "people": "select name, language from person order by name",
        "members": "select p.name, m.role, m.state from membership m join person p on p.id = m.person_id order by 1",
        "gatherings": "select title_nl, status, starts_local::text, ends_local::text, location, sequence"
        " from gathering",
        "registrations": "select p.name, r.partstat, r.seat, r.attendance, r.withdrawn_at is null"
        " from registration r join person p on p.id = r.person_id order by 1",
        "told": "select b.audience, b.text, p.name, b.called_off_at"
        " from broadcast b join person p on p.id = b.person_id",
        "notices": "select p.name, n.purpose, count(distinct replace(n.dedupe_key, 'words:', ''))"
        " from notice n join person p on p.id = n.person_id"
        " where n.purpose <> 'answer' group by 1, 2 order by 1, 2",
    }
    async with kring.db.reading() as conn:
        found = {name: [tuple(row) for row in await conn.fetch(sql)] for name, sql in statements.items()}
        return found | {"open": await conn.fetchval("select count(*) from pending_prompt")}
