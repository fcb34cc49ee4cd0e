"""What is announced is what happens: the previews held to the outbox, in every state that chance leads to."""

import random
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from service.actions import previewing, scheduling
from service.actions.previewing import Preview
from service.errors import Conflict, NotAllowed
from service.model import Gathering
from service.rules.access import KRING
from service.rules.groups import Group
from tests.actions.play import PAUSE, Play

MOVE = timedelta(days=1)


async def look(play: Play, step: str, gathering: Gathering) -> Preview:
    at = {"language": "nl", "now": play.now}
    if step == "cancel":
        return (await previewing.cancel(play.db, KRING, gathering.id, "", **at))[0]
    if step == "publish":
        return await previewing.publish(play.db, KRING, gathering.id, **at)
    return (await previewing.change(play.db, KRING, gathering.id, changes(step, gathering), **at))[0]


def changes(step: str, gathering: Gathering) -> dict[str, object]:
    moved = {"starts_local": gathering.starts_local + MOVE, "ends_local": gathering.ends_local + MOVE}
    return {"move": moved, "text": {"description_nl": "Anders"}, "room": {"capacity": 40}}[step]


async def act(play: Play, step: str, gathering: Gathering) -> None:
    if step == "cancel":
        await play.cancel(gathering)
    elif step == "publish":
        await play.publish(gathering)
    else:
        await play.change(gathering, **changes(step, gathering))
        await play.after(seconds=61)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("step", ["publish", "cancel", "move", "text"])
async def test_as_many_hear_as_was_announced(play: Play, step: str, seed: int) -> None:
    chance = random.Random(seed)
    names = [f"P{number}" for number in range(8)]
    await play.open(*names)
    gathering = await play.draft(capacity=3, days=chance.choice([1, 30]))
    if step != "publish" or chance.random() < 0.5:
        await play.publish(gathering)
        for name in chance.sample(names, 6):
            await play.answer(gathering, name, chance.choice(["accepted", "accepted", "declined", "tentative"]))
        await play.leave(chance.choice(names))
        await play.join("Later")
        if chance.random() < 0.5:
            await play.move(gathering, timedelta(hours=1))
            await play.answer(gathering, "Later", chance.choice(["accepted", "declined"]))
            if chance.random() < 0.5:
                await play.after(seconds=61)
        if step == "publish":
            await play.cancel(gathering)
    gathering = await play.read(gathering)
    preview = await look(play, step, gathering)
    before = await play.fetch("select count(*) as count from notice")
    assert await play.fetch("select count(*) as count from notice") == before
    await play.news()
    await act(play, step, gathering)
    heard = [purpose for _, purpose in await play.news() if purpose == preview.purpose]
    assert len(heard) == preview.told


async def test_a_preview_names_the_groups_those_who_hear_first(play: Play) -> None:
    await play.open("Anna", "Bert", "Cor", "Dirk", "Eva")
    gathering = await play.published(capacity=1)
    await play.accept(gathering, "Anna", "Bert")
    await play.decline(gathering, "Cor")
    await play.answer(gathering, "Dirk", "tentative")
    preview = await look(play, "text", gathering)
    assert [(one.group, one.count, one.hears) for one in preview.hearings] == [
        (Group.FACILITATING, 1, True),
        (Group.COMING, 1, True),
        (Group.WAITING, 1, True),
        (Group.MAYBE, 1, True),
        (Group.OPEN, 1, True),
        (Group.DECLINED, 1, False),
    ]
    assert preview.sample is not None
    assert (preview.sample.person_id, preview.sample.facts["edited"]) == (0, True)
    assert (await look(play, "room", gathering)).told == 0


async def test_edits_that_wait_are_part_of_what_is_announced(play: Play) -> None:
    await play.open("Anna", facilitator="")
    gathering = await play.published()
    await play.move(gathering, MOVE)
    moved = await play.read(gathering)
    back = {"starts_local": gathering.starts_local, "ends_local": gathering.ends_local}
    assert (await look(play, "room", moved)).told == 1
    undone, *_ = await previewing.change(play.db, KRING, gathering.id, back, language="nl", now=play.now)
    assert undone.told == 0
    await scheduling.change(play.db, KRING, gathering.id, back, now=play.step(), coalesce=PAUSE)
    await play.news()
    await play.after(seconds=61)
    assert await play.news() == []


async def test_what_cannot_be_done_cannot_be_looked_at_ahead(play: Play) -> None:
    await play.open("Anna")
    gathering = await play.published()
    anna = await play.actor("Anna")
    refused: list[Callable[[], Awaitable[Preview]]] = [
        lambda: previewing.cancel(play.db, anna, gathering.id, "", language="nl", now=play.now),
        lambda: previewing.publish(play.db, anna, gathering.id, language="nl", now=play.now),
        lambda: previewing.change(play.db, anna, gathering.id, {}, language="nl", now=play.now),
    ]
    for ahead in refused:
        with pytest.raises(NotAllowed):
            await ahead()
    await play.cancel(gathering)
    with pytest.raises(Conflict):
        await look(play, "text", gathering)
    play.clock.set(gathering.ends_at + timedelta(hours=1))
    assert (await look(play, "publish", gathering)).told == 0
