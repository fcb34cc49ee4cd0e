"""Every choice fits into a button of a messenger and does there what its word does."""

import pytest

from handlers.dialogue.words import parse
from service.channels import Choice, Topic
from service.clock import MovableClock
from tests.handlers.dialogue.house import House, Person, read

ROOM = 64 - len("k1::")
SLUG = "-".join(["zeer-lange-naam-van-een-kring"] * 2)


async def offered(person: Person, *texts: str) -> list[Choice]:
    return [choice for text in texts for one in await person.says(text) for choice in one.choices]


async def test_a_circle_with_a_very_long_name_is_joined_and_left_by_button(house: House) -> None:
    ada = await house.person("Ada")
    await house.circle(SLUG)
    (see,) = await offered(ada, "kringen")
    (join,) = (await ada.presses(see.intent))[0].choices
    assert join.intent.topic is Topic.JOIN
    assert "Welkom bij Datakring!" in read(await ada.presses(join.intent))
    assert parse(see.keyword).argument == SLUG
    (leave, _) = (await ada.presses(join.intent))[0].choices
    assert "Je hoort niet meer bij Datakring." in read(await ada.presses(leave.intent))
    for choice in (see, join, leave):
        assert len(f"{choice.intent.topic}{choice.intent.argument}") <= ROOM


@pytest.mark.parametrize("language", ["nl", "en"])
async def test_every_choice_fits_into_a_button(house: House, clock: MovableClock, language: str) -> None:
    fay = await house.person("Fay", language)
    people = [await house.person(f"Lid{n:02}") for n in range(35)]
    await house.circle("data", *people, led_by=fay)
    await house.circle(SLUG, led_by=fay)
    for number in range(23):
        await house.circle(f"{SLUG}-{number:02}")
    kickoff = await house.gathering("data")
    clock.set(kickoff.starts_at)
    number = kickoff.id
    said = [
        "help",
        "agenda",
        "mine",
        "circles",
        f"circle {SLUG}",
        "stop",
        "language",
        str(number),
        f"calendar {number}",
    ]
    said += [f"list {number}", f"list {number} csv", f"not answered {number}", f"attendance {number}", "feed"]
    said += [f"message {number}", "everyone", "Tot straks!", "never mind", "plan", "data", "Lunch"]
    said += ["next friday 4 uur", "16:00", "never mind", "attendance", "list", "message", "cancel", "move", "publish"]
    found = await offered(fay, *said)
    assert len(found) > 80
    for choice in found:
        assert len(f"{choice.intent.topic}{choice.intent.argument or ''}".encode()) <= ROOM, choice
        assert all(mark.isalnum() or mark in "@._+-" for mark in choice.intent.argument or ""), choice
        assert choice.keyword
        assert choice.url or choice.intent.topic is Topic.HELP, choice
