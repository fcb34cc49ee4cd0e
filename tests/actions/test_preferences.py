"""What people prefer, and what delivery makes of it."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from service.actions import people, preferences
from service.errors import Invalid, NotAllowed, NotFound
from service.rules.access import Actor
from tests.actions.play import ZONE, Play

NIGHT = (time(20), time(10))


async def actor(play: Play, name: str) -> Actor:
    return await people.actor_for(play.db, play.ids[name])


async def at(play: Play, day: int, hour: int, minute: int = 0) -> None:
    """Move the clock to a wall time of the month in which the play begins."""
    start = play.now.astimezone(ZoneInfo(ZONE))
    there = datetime(start.year, start.month, start.day, hour, minute, tzinfo=ZoneInfo(ZONE)) + timedelta(days=day)
    play.clock.set(there)


async def test_quiet_hours_are_both_or_neither(play: Play) -> None:
    await play.open("Anna")
    anna = await actor(play, "Anna")
    await preferences.set_quiet(play.db, anna, *NIGHT)
    found = await preferences.get(play.db, anna)
    assert (found.quiet_from, found.quiet_until, found.channel, found.chats) == (*NIGHT, "mail", [])
    for times in ((time(20), None), (None, time(8)), (time(8), time(8))):
        with pytest.raises(Invalid):
            await preferences.set_quiet(play.db, anna, *times)
    await preferences.set_quiet(play.db, anna, None, None)
    assert (await preferences.get(play.db, anna)).quiet_from is None


async def test_a_chat_is_preferred_once_it_is_linked_and_mail_again_without_it(play: Play) -> None:
    await play.open("Anna", "Bert")
    anna = await actor(play, "Anna")
    with pytest.raises(Invalid):
        await preferences.set_channel(play.db, anna, "console")
    await play.execute(
        "insert into address (person_id, channel, value, is_primary, verified_at, created_at)"
        " values ($1, 'console', 'c1', true, $2, $2)",
        play.ids["Anna"],
        play.now,
    )
    await preferences.set_channel(play.db, anna, "console")
    found = await preferences.get(play.db, anna)
    assert (found.channel, [chat.value for chat in found.chats]) == ("console", ["c1"])
    with pytest.raises(NotFound):
        await preferences.unlink(play.db, await actor(play, "Bert"), found.chats[0].id)
    await preferences.unlink(play.db, anna, found.chats[0].id)
    assert (await preferences.get(play.db, anna)).channel == "mail"
    (mail,) = await play.fetch("select id from address where person_id = $1", play.ids["Anna"])
    with pytest.raises(NotFound):
        await preferences.unlink(play.db, anna, mail["id"])


async def test_only_ones_own_circles_have_preferences(play: Play) -> None:
    await play.open("Anna")
    await play.person("Dora")
    (circle,) = await play.fetch("select id from circle")
    with pytest.raises(NotAllowed):
        await preferences.set_circle(
            play.db, await actor(play, "Dora"), circle["id"], mails=True, reminders=True, now=play.now
        )
    with pytest.raises(NotAllowed):
        await preferences.get(play.db, Actor("link", person_id=play.ids["Anna"], registration_id=1))
