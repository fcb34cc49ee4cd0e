"""Conversations with Kring: in the terminal, and in the browser of whoever sits at the machine."""

import re
from dataclasses import dataclass

from tests.stories.gathering import SEATS, Gathering, person_of, stands
from tests.stories.newcomer import Newcomer, heading, shown


async def talks_in_the_terminal(demo: Newcomer, gathering: Gathering) -> None:
    address = gathering.seat(SEATS + 2)
    for talk in TALKS:
        heard = await demo.program.kring("chat", "--as", address, stdin=talk.typed.format(number=gathering.id))
        assert (heard.code, heard.complaints) == (0, [])
        rest = heard.stdout
        for line in talk.heard:
            expected = line.format(number=gathering.id, title=gathering.facts["title"][talk.language], place=2)
            _, found, rest = rest.partition(expected)
            assert found, (expected, heard.stdout)
        assert await stands(demo, gathering, SEATS + 2) == ("declined", "none", None)
        assert (await person_of(demo, address))["language"] == talk.language
    stranger = await demo.program.kring("chat", "--as", "nobody@example.org", stdin="agenda\n")
    assert "Dit adres ken ik nog niet." in stranger.stdout
    assert gathering.facts["title"]["nl"] not in stranger.stdout


@dataclass(frozen=True)
class Talk:
    """What somebody types in a language, and what they read, in this order."""

    language: str
    typed: str
    heard: tuple[str, ...]


TALKS = (
    Talk(
        "nl",
        "taal nl\nagenda\nmijn\nja {number}\nnee {number}\nkringen\nhelp\nexit\n",
        (
            "Agenda\n──────",
            "Jouw bijeenkomsten\n──",
            "{number} · {title}\n──",
            "Het zit vol, dus je staat op de wachtlijst, plek {place}.",
            "Jammer, maar fijn dat je het laat weten.",
            "Jouw kringen\n──",
            "Dit kun je me vragen\n──",
        ),
    ),
    Talk(
        "en",
        "language en\nagenda\nmine\nyes {number}\nno {number}\ncircles\nhelp\n",
        (
            "From now on I'll write to you in English",
            "Agenda\n──────",
            "Your gatherings\n──",
            "{number} · {title}\n──",
            "It's full, so you're on the waiting list, place {place}.",
            "That's a pity, but thank you for letting us know.",
            "Your circles\n──",
            "What you can ask me\n──",
        ),
    ),
)


async def talks_in_the_browser(demo: Newcomer, gathering: Gathering) -> None:
    browser, address = await demo.browser(), gathering.seat(SEATS + 3)
    people = await browser.get(f"/dev/chat?q={address}")
    assert f"/dev/chat?as={address.replace('@', '%40')}" in people.text
    chat = await browser.get(f"/dev/chat?as={address}")
    assert heading(chat) == address
    said = await shown(browser, await browser.press(chat, "/dev/chat", text=f"yes {gathering.id}"))
    assert said.words.count(f"{gathering.id} · ") == 1
    assert await stands(demo, gathering, SEATS + 3) == ("accepted", "waiting", 2)
    assert (await browser.get("/dev/chat", X_Forwarded_For="192.0.2.1")).status == 404


async def reads_the_caught_mail(demo: Newcomer, gathering: Gathering) -> None:
    browser, address = await demo.browser(), gathering.seat(SEATS)
    listed = await browser.get(f"/dev/mail?to={address}")
    names = re.findall(r'href="/dev/mail/([^"?]+\.eml)"', listed.text)
    assert names == [path.name for path in reversed(demo.mailbox.files(address))]
    shown_mail = await browser.get(f"/dev/mail/{names[0]}")
    assert gathering.facts["title"][gathering.people[address]["language"]] in shown_mail.words
    raw = await browser.get(f"/dev/mail/{names[0]}/raw")
    assert raw.body == (demo.program.mail / names[0]).read_bytes()
    assert (await browser.get("/dev/mail", X_Forwarded_For="192.0.2.1")).status == 404
