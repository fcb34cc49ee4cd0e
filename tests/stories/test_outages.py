"""Databases that go and processes that are killed, from outside: nothing that was promised is lost."""

import os
import signal
from pathlib import Path

import pytest

from tests.embedded.kring_process import Site
from tests.handlers.web.browsing import Page
from tests.program import Program, clear, running
from tests.stories.conftest import Programs
from tests.stories.founding import founded, published
from tests.stories.letters import Letter
from tests.stories.newcomer import Newcomer, arrived, shown
from tests.waiting import until

ANNA, BEN = "anna@example.org", "ben@example.org"


@pytest.fixture
def site(ground: Path) -> Site:
    """A folder for a PostgreSQL of this test alone, which it may treat badly; short enough to hold its socket."""
    return Site(ground / "outage" / "data", ground / "outage" / "root")


async def test_an_outage_of_the_database_is_told_and_survived(programs: Programs, site: Site) -> None:
    with site.start() as server:
        async with running(programs(server.dsn)) as program, arrived(program) as newcomer:
            await founded(newcomer)
            gathering, invitations = await published(newcomer, "Aftrap")
            assert (await answered(newcomer, invitations[ANNA], "accepted")).status == 303
            ben, link = await newcomer.browser(), invitations[BEN].link("r")
            opened = await ben.get(link)
            os.kill(site.server_pid, signal.SIGQUIT)  # PostgreSQL's immediate shutdown: no goodbyes
            await says_that_it_will_be_back(newcomer, gathering, link)
            assert (await ben.press(opened, link, partstat="declined")).status == 503
            assert server.ensure()
            await until(lambda: is_ready(newcomer))

            assert (await ben.press(opened, link, partstat="declined")).status == 303
            stands = await newcomer.call("GET", f"/gatherings/{gathering}/registrations")
            by_name = {one["name"]: one["partstat"] for one in stands["items"]}
            assert (by_name["Anna de Vries"], by_name["Ben Okafor"]) == ("accepted", "declined")
            confirmation = (await newcomer.mailbox.copies(invitations[ANNA], 2))[1]
            assert str(confirmation.appointment["status"]) == "CONFIRMED"
            await published(newcomer, "Vervolg")
            await newcomer.mailbox.copies(invitations[ANNA], 2)
            assert [line for line in program.log if line["level"] not in ("debug", "info", "warning")] == []
            assert program.complaints == []


async def answered(newcomer: Newcomer, invitation: Letter, partstat: str) -> Page:
    """Press a button on the page of an answer link."""
    browser, link = await newcomer.browser(), invitation.link("r")
    return await browser.press(await browser.get(link), link, partstat=partstat)


async def says_that_it_will_be_back(newcomer: Newcomer, gathering: int, link: str) -> None:
    """Meet 503 with Retry-After at every door (RFC 9110 section 15.6.4), and a process that says it lives."""
    browser = await newcomer.browser()
    for path in ("/", link, "/feeds/public.ics", "/readyz"):
        page = await browser.get(path)
        assert (path, page.status, page.headers.get("Retry-After")) == (path, 503, "5")
    problem = await newcomer.call("GET", f"/gatherings/{gathering}", status=503)
    assert problem["code"] == "unavailable"
    assert (await browser.get("/healthz")).status == 200


async def is_ready(newcomer: Newcomer) -> bool:
    return (await (await newcomer.browser()).get("/readyz")).status == 200


async def test_what_was_answered_is_there_after_a_power_cut(programs: Programs) -> None:
    program = programs()
    program.spawn()
    await program.ready()
    async with arrived(program) as newcomer:
        await founded(newcomer)
        gathering, invitations = await published(newcomer, "Aftrap", capacity=1)
        for address in (ANNA, BEN):
            assert (await answered(newcomer, invitations[address], "accepted")).status == 303
        program.kill()
        await program.ended()
        await until(lambda: nothing_is_left(program))

        program.spawn()
        await program.ready()
        browser = await newcomer.browser()
        for address, words in ((ANNA, "Je komt."), (BEN, "You are on the waiting list, place 1.")):
            page = await browser.get(invitations[address].link("r"))
            assert (page.status, words in page.words) == (200, True), page.words
        assert (await newcomer.call("GET", f"/gatherings/{gathering}"))["counts"]["seated"] == 1
        for address in (ANNA, BEN):
            copies = {letter.version() for letter in await told(newcomer, invitations[address])}
            assert len(copies) == 2  # a repeat after the cut is the same message again, never another
    program.interrupt()
    assert await program.ended() == 0


async def nothing_is_left(program: Program) -> bool:
    return program.left_behind == []


async def told(newcomer: Newcomer, invitation: Letter) -> list[Letter]:
    """Wait for the answer to somebody's answer, and return everything their calendar has had."""

    async def it_came() -> bool:
        return len([letter for letter in newcomer.mailbox.letters if letter.uid == invitation.uid]) > 1

    await until(it_came)
    return [letter for letter in newcomer.mailbox.letters if letter.uid == invitation.uid]


async def test_two_on_one_data_folder_share_its_database_and_outlive_each_other(programs: Programs) -> None:
    first = programs()
    second = Program(first.folder.with_name(f"{first.folder.name}-second"), settings={"KRING_DATA": str(first.data)})
    first.spawn()
    await first.ready()
    second.spawn()
    try:
        await second.ready()
        async with arrived(first) as one, arrived(second) as other:
            await founded(one)
            other.key = one.key
            _, invitations = await published(one, "Aftrap")
            page = await answered(other, invitations[ANNA], "accepted")
            assert "Je komt." in (await shown(await other.browser(), page)).words

            first.interrupt()
            assert await first.ended() == 0
            await until(lambda: is_ready(other))
            assert "Je komt." in (await (await other.browser()).get(invitations[ANNA].link("r"))).words
            assert (await answered(other, invitations[BEN], "accepted")).status == 303
        second.interrupt()
        assert await second.ended() == 0
    finally:
        if second.running:
            second.kill()
            await second.ended()
        clear(second)
