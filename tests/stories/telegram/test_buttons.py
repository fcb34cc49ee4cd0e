"""Buttons are never trusted: forged, old, damaged, or pressed by somebody else, they do what that somebody may do."""

import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from tests.fakes.telegram import Message
from tests.stories.telegram.stage import WEBHOOK, Friend, Stage

pytestmark = WEBHOOK

EVERYTHING = """
    select jsonb_build_object(
        'registrations', (select jsonb_agg(to_jsonb(r) - 'uid' order by r.id) from registration r),
        'memberships', (select jsonb_agg(to_jsonb(m) order by m.circle_id, m.person_id) from membership m),
        'gatherings', (select jsonb_agg(to_jsonb(g) order by g.id) from gathering g),
        'people', (select jsonb_agg(to_jsonb(p) order by p.id) from person p),
        'addresses', (select jsonb_agg(to_jsonb(a) order by a.id) from address a),
        'ratings', (select count(*) from rating),
        'broadcasts', (select count(*) from broadcast))
"""
DEAD = "select count(*) from inbox where channel = 'telegram' and state in ('dead', 'parked')"
TOUR = ("/agenda", "/mijn", "/kringen", "/taal", "/help", "/lijst", "/stop")
FLIPS = 150
"""Damaged buttons that travel the whole way; ten thousand are only read, beside the parser."""


async def everything(stage: Stage) -> Any:
    return (await stage.fetch(EVERYTHING))[0][0]


async def walked(stage: Stage, friend: Friend) -> list[tuple[Message, str, str]]:
    """Let somebody ask for all there is, and return every button that they got: message, label and data."""
    for command in TOUR:
        friend.phone.types(command)
        await stage.settled()
    return [
        (message, button["text"], button["callback_data"])
        for message in friend.phone.messages
        for button in message.buttons
        if "callback_data" in button
    ]


async def association(stage: Stage) -> tuple[Friend, Friend, Friend]:
    """Els leads two circles, one of them confidential, in which Anna is; Mallory is in neither."""
    els, anna, mallory = [await stage.friend(name) for name in ("Els", "Anna", "Mallory")]
    await stage.gathering(anna, led_by=els, title_nl="Kick-off", capacity=5)
    await stage.gathering(anna, led_by=els, kind="intervision_group", title_nl="KANARIE", location="KANARIE")
    await stage.settled()
    return els, anna, mallory


async def test_every_button_pressed_by_the_wrong_person_gives_nothing_that_is_not_theirs(stage: Stage) -> None:
    els, anna, mallory = await association(stage)
    public = "Kick-off"
    # Both walk first: what is said to Mallory goes out at the pace of a chat, and nobody waits for that.
    for message, _, data in [*await walked(stage, els), *await walked(stage, anna)]:
        before = await stage.fetch("select * from registration where person_id <> $1 order by id", mallory.id)
        answer = await mallory.phone.forges(data, on=message)
        await stage.done()
        after = await stage.fetch("select * from registration where person_id <> $1 order by id", mallory.id)
        assert after == before, data
        assert not _leaked(answer["text"] + await stage.told(mallory.phone)), data
    assert public in await stage.told(mallory.phone)
    assert (await stage.fetch(DEAD))[0][0] == 0


async def test_a_button_nobody_made_changes_nothing_and_is_answered(stage: Stage) -> None:
    _, anna, _ = await association(stage)
    anna.phone.types("/agenda")
    await anna.phone.reads("Agenda")
    before = await everything(stage)
    for data in ("", "x", "r0:yes", "k1:", "k9:" + "z" * 60, "k1:accept:1:2:3", "😀" * 16, "\x00\x01", "-1"):
        await anna.phone.forges(data)
        await anna.phone.forges_on_a_lost_message(data)
    await stage.done()
    assert await everything(stage) == before
    assert (await stage.fetch(DEAD))[0][0] == 0


def flipped(chance: random.Random, data: list[str]) -> Iterator[str]:
    """Yield buttons with one bit turned over, as they would come in: text that JSON can carry."""
    while True:
        raw = bytearray(chance.choice(data).encode())
        raw[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
        yield raw.decode("utf-8", "replace")


async def test_damaged_buttons_do_only_what_typing_the_same_could_do(stage: Stage) -> None:
    _, anna, mallory = await association(stage)
    buttons = [data for _, _, data in await walked(stage, anna)]
    damaged = flipped(random.Random(3), buttons)
    others = "select to_jsonb(r) from registration r where person_id <> $1 order by id"
    before = await stage.fetch(others, mallory.id)
    mallory.phone.types("/help")
    await stage.settled()
    for _ in range(FLIPS):
        await mallory.phone.forges(next(damaged))
    await stage.done()
    assert await stage.fetch(others, mallory.id) == before
    assert (await stage.fetch(DEAD))[0][0] == 0
    assert not _leaked(await stage.told(mallory.phone))


def _leaked(text: str) -> list[str]:
    return [word for word in ("KANARIE", "Intervisie") if word in text]


async def test_an_old_button_says_how_things_stand_now(stage: Stage) -> None:
    anna = await stage.friend("Anna")
    gathering = await stage.gathering(anna)
    await stage.settled()
    anna.phone.types("/agenda")
    await anna.phone.reads("Kick-off")
    card = anna.phone.with_button("Ja, ik kom")
    stage.clock.set(gathering.ends_at + timedelta(days=400))
    await anna.phone.presses("Ja, ik kom", on=card)
    await anna.phone.reads("Deze is geweest.")
    assert await stage.standings(gathering) == {"Anna": ("needs-action", "none", None)}
