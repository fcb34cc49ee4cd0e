"""What people prefer, and what delivery makes of it."""

from datetime import time

import pytest

from service.actions import people, preferences
from service.errors import Invalid, NotAllowed
from service.rules.access import Actor
from tests.actions.play import Play

NIGHT = (time(20), time(10))


async def actor(play: Play, name: str) -> Actor:
    return await people.actor_for(play.db, play.ids[name])


async def test_quiet_hours_are_both_or_neither(play: Play) -> None:
    await play.open("Anna")
    anna = await actor(play, "Anna")
    await preferences.set_quiet(play.db, anna, *NIGHT)
    found = await preferences.get(play.db, anna)
    assert (found.quiet_from, found.quiet_until) == NIGHT
    for times in ((time(20), None), (None, time(8)), (time(8), time(8))):
        with pytest.raises(Invalid):
            await preferences.set_quiet(play.db, anna, *times)
    await preferences.set_quiet(play.db, anna, None, None)
    assert (await preferences.get(play.db, anna)).quiet_from is None


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
