"""The gathering that the story is about: who is invited to it, how they answer, and how they then stand."""

from dataclasses import dataclass
from typing import Any

import asyncpg

from tests.handlers.web.browsing import Page
from tests.stories.letters import Letter
from tests.stories.newcomer import Newcomer, shown

SEATS = 3


@dataclass
class Gathering:
    """The gathering that the story is about, and how its letters are recognised."""

    id: int
    circle: str
    facts: dict[str, Any]
    invitations: dict[str, Letter]  # by mail address; participants only
    people: dict[str, dict[str, Any]]  # likewise

    def seat(self, at: int) -> str:
        """Return somebody's mail address, by the order in which they answer."""
        return sorted(self.invitations)[at]


async def members_of(dsn: str, circle: str) -> list[str]:
    """Ask the database who belongs to a circle: the mail addresses."""
    conn = await asyncpg.connect(dsn)
    try:
        found = await conn.fetch(
            "select a.value from membership m join circle c on c.id = m.circle_id"
            " join address a on a.person_id = m.person_id and a.is_primary"
            " where c.slug = $1 and m.state = 'active'",
            circle,
        )
    finally:
        await conn.close()
    return [row["value"] for row in found]


async def person_of(demo: Newcomer, address: str) -> dict[str, Any]:
    found = (await demo.call("GET", f"/people?email={address}"))["items"]
    assert len(found) == 1
    person: dict[str, Any] = found[0]
    return person


async def answer(demo: Newcomer, gathering: Gathering, at: int, partstat: str) -> Page:
    """Press a button on somebody's answer page, in a browser that knows nobody, and return the page that follows."""
    browser = await demo.browser()
    link = gathering.invitations[gathering.seat(at)].link("r")
    page = await browser.get(link)
    assert page.status == 200
    assert [button["value"] for button in page.form(link).buttons] == ["accepted", "tentative", "declined"]
    return await shown(browser, await browser.press(page, link, partstat=partstat))


async def stands(demo: Newcomer, gathering: Gathering, at: int) -> tuple[str, str, int | None]:
    """Tell how somebody stands: answer, seat, place in line."""
    return (await demo.standings(gathering.id))[gathering.people[gathering.seat(at)]["id"]]


def confirms(letter: Letter, earlier: Letter) -> None:
    """See a seat written into the calendar: the same appointment, a later version, the answer in it."""
    assert (letter.method, str(letter.appointment["status"])) == ("REQUEST", "CONFIRMED")
    assert str(letter.appointment["uid"]) == str(earlier.appointment["uid"])
    assert letter.version() > earlier.version()
    assert [str(one.params["partstat"]) for one in letter.attendees] == ["ACCEPTED"]
