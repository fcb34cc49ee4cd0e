"""Answers pressed in a calendar that come back by mail: five programs, one truth, each mail with one visible end."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from urllib.parse import quote

from bots.mail.hand_over import hand_over
from service.demo import calendar_clients, invitations
from service.demo.calendar_clients import Client
from service.demo.invitations import Invitation
from tests.embedded.kring_process import query
from tests.handlers.web.browsing import Browser
from tests.program import Program, running
from tests.stories.conftest import Programs
from tests.stories.founding import founded, published
from tests.stories.newcomer import Newcomer, arrived, shown
from tests.waiting import until

DOMAIN = "in.kring.test"
SEATS = {"accepted": "seated", "tentative": "none", "declined": "none"}
TURNS = {
    Client.GMAIL: "accepted",
    Client.OUTLOOK: "declined",
    Client.APPLE: "tentative",
    Client.THUNDERBIRD: "accepted",
    Client.NEXTCLOUD: "declined",
}


def invitation(program: Program, address: str) -> Invitation:
    """Open the invitation of somebody, as their calendar does."""
    for path in sorted(program.mail.glob("*.eml")):
        message = message_from_bytes(path.read_bytes(), policy=policy.default)
        parts = [part for part in message.walk() if part.get_content_type() == "text/calendar"]
        if message["Delivered-To"] == address and parts:
            content = parts[0].get_payload(decode=True)
            assert isinstance(content, bytes)
            return invitations.read(content)
    raise AssertionError(f"{address} was not invited")


async def ends(program: Program, count: int) -> list[tuple[str, str]]:
    """Wait until so many mails came to an end, and tell how."""
    states = "select count(*) from inbox where state <> 'new'"

    async def all_of_them() -> bool:
        return bool(await query(program.database_url, states) == count)

    await until(all_of_them)
    found = await query(
        program.database_url, "select json_agg(json_build_array(state, reason) order by id)::text from inbox"
    )
    return [(state, reason) for state, reason in json.loads(found)]


async def standing(newcomer: Newcomer, gathering: int, address: str) -> tuple[str, str, str]:
    person = (await newcomer.call("GET", f"/people?email={address}"))["items"][0]["id"]
    found = await newcomer.call("GET", f"/gatherings/{gathering}/registrations")
    one = next(one for one in found["items"] if one["person_id"] == person)
    return one["partstat"], one["seat"], one["via"]


async def test_what_is_pressed_in_five_calendars_counts_and_is_confirmed_once(
    programs: Programs, clone_dsn: str
) -> None:
    address = "cigdem@example.org"
    async with running(programs(clone_dsn, KRING_MAIL_DOMAIN=DOMAIN)) as program, arrived(program) as newcomer:
        await founded(newcomer)
        gathering, _ = await published(newcomer, "Gegevens én mensen, anders; bekeken")
        asked = invitation(program, address)
        for turn, (client, partstat) in enumerate(TURNS.items(), start=1):
            pressed = datetime.now(UTC) + timedelta(seconds=turn)
            posted = calendar_clients.reply(client, asked, partstat, now=pressed)
            for _ in range(2):  # mail servers deliver again what they are not sure of
                await hand_over(f"127.0.0.1:{program.lmtp}", posted.sender, posted.recipient, posted.raw)
            assert await ends(program, turn) == [("applied", "answer")] * turn, client
            assert await standing(newcomer, gathering, address) == (partstat, SEATS[partstat], "calendar"), client
            await newcomer.mailbox.find(turn + 1, lambda letter: letter.to == address)


async def test_a_forged_answer_waits_for_staff_who_give_it_with_one_press(programs: Programs, clone_dsn: str) -> None:
    program = programs(clone_dsn, KRING_MAIL_DOMAIN=DOMAIN, KRING_ADMIN="boss@example.org")
    async with running(program), arrived(program) as newcomer:
        await founded(newcomer)
        gathering, _ = await published(newcomer, "Open huis")
        asked = invitation(program, "anna@example.org")
        eva = replace(asked, attendee="eva@elsewhere.example", name="Eva")
        forged = calendar_clients.reply(Client.THUNDERBIRD, eva, "accepted", now=datetime.now(UTC))
        await hand_over(f"127.0.0.1:{program.lmtp}", forged.sender, forged.recipient, forged.raw)
        assert await ends(program, 1) == [("parked", "forwarded")]
        staff = await boss(newcomer)
        listed = await staff.get("/manage/inbox")
        (path,) = re.findall(r'href="(/manage/inbox/\d+)"', listed.text)
        page = await staff.get(path)
        assert "eva@elsewhere.example" in page.words and "Anna de Vries" in page.words
        after = await shown(staff, await staff.press(page, f"{path}/answer", partstat="accepted"))
        assert path not in after.text
        assert await ends(program, 1) == [("applied", "answered-by-staff")]
        assert await standing(newcomer, gathering, "anna@example.org") == ("accepted", "seated", "mail")


async def boss(newcomer: Newcomer) -> Browser:
    """Sign in as the admin, with the link that is mailed."""
    browser = await newcomer.browser()
    await browser.press(await browser.get("/login"), "/login", email="boss@example.org")
    (letter,) = await newcomer.mailbox.find(1, lambda one: one.to == "boss@example.org")
    link = letter.link("login")
    await browser.press(await browser.get(link), link)
    return browser


async def test_the_buttons_below_a_caught_mail_answer_it_as_a_calendar_and_in_words(
    programs: Programs, clone_dsn: str
) -> None:
    program = programs(clone_dsn, KRING_MAIL_DOMAIN=DOMAIN)
    async with running(program), arrived(program) as newcomer:
        await founded(newcomer)
    async with running(program, "--demo"), arrived(program) as newcomer:
        made = await program.kring("api-key", "create", "second", "--role", "staff")
        newcomer.key = made.stdout.strip()
        gathering, _ = await published(newcomer, "Open huis")
        browser = await newcomer.browser()
        listed = await browser.get(f"/dev/mail?to={quote('ben@example.org')}")
        (path,) = re.findall(r'href="(/dev/mail/[0-9A-Za-z.-]+)"', listed.text)
        page = await browser.get(path)
        sent = await shown(browser, await browser.press(page, f"{path}/calendar", client="apple", partstat="accepted"))
        assert "Verstuurd." in sent.words
        assert await ends(program, 1) == [("applied", "answer")]
        assert await standing(newcomer, gathering, "ben@example.org") == ("accepted", "seated", "calendar")
        await shown(browser, await browser.press(page, f"{path}/words", text="nee, helaas"))
        assert await ends(program, 2) == [("applied", "answer")] * 2
        assert await standing(newcomer, gathering, "ben@example.org") == ("declined", "none", "mail")
