"""What people prefer, and what may be chosen for them."""

from datetime import time
from typing import Any

import pytest

from service.actions import linking, people, preferences
from service.errors import Invalid, KringError, NotAllowed, NotFound
from service.model import Role
from service.rules.access import ANONYMOUS, KRING, Actor
from tests.actions.play import Play

NIGHT = {"quiet_from": time(20), "quiet_until": time(10)}
STAFF = Actor("api:1", role=Role.STAFF, signed_in=True)


async def change(play: Play, name: str, actor: Actor | None = None, **changes: Any) -> preferences.Preferences:
    return await preferences.change(play.db, actor or await play.actor(name), play.ids[name], changes, now=play.step())


async def found(play: Play, name: str, actor: Actor | None = None) -> preferences.Preferences:
    return await preferences.get(play.db, actor or await play.actor(name), play.ids[name])


async def connect(play: Play, name: str, chat: str) -> None:
    token = await linking.begin(play.db, await play.actor(name), "telegram", now=play.now)
    offer = await linking.look(play.db, "telegram", token, chat, now=play.now)
    await linking.accept(play.db, "telegram", offer.request_id, chat, account="", now=play.now)


async def test_quiet_hours_are_both_or_neither(play: Play) -> None:
    await play.open("Anna")
    await change(play, "Anna", **NIGHT)
    kept = await found(play, "Anna")
    assert (kept.quiet_from, kept.quiet_until) == tuple(NIGHT.values())
    for times in ({"quiet_until": None}, {"quiet_from": None}, {"quiet_from": time(10)}):
        with pytest.raises(Invalid):
            await change(play, "Anna", **times)
    await change(play, "Anna", quiet_until=time(9))
    await change(play, "Anna", quiet_from=None, quiet_until=None)
    assert (await found(play, "Anna")).quiet_from is None


async def test_everybody_chooses_for_themselves_and_the_team_for_everybody(play: Play) -> None:
    await play.open("Anna", "Bert")
    await change(play, "Anna", language="en")
    await change(play, "Bert", STAFF, language="en")
    assert [(await found(play, name, STAFF)).language for name in ("Anna", "Bert", "Fien")] == ["en", "en", "nl"]
    holder = Actor("link", person_id=play.ids["Anna"], registration_id=1)
    for actor in (ANONYMOUS, holder, await play.actor("Bert"), await play.actor("Fien")):
        with pytest.raises(NotAllowed):
            await found(play, "Anna", actor)
        with pytest.raises(NotAllowed):
            await change(play, "Anna", actor, language="nl")
    for refused in (preferences.get(play.db, KRING, 0), preferences.change(play.db, KRING, 0, {}, now=play.now)):
        with pytest.raises(NotFound):
            await refused


async def test_only_an_admin_chooses_for_an_admin_who_does_so_from_a_chat_too(play: Play) -> None:
    await play.open("Anna")
    await people.change_person(play.db, KRING, play.ids["Anna"], {"role": "admin"}, now=play.now)
    with pytest.raises(NotAllowed):
        await change(play, "Anna", STAFF, language="en")
    in_a_chat = Actor("person", person_id=play.ids["Anna"], signed_in=True)
    assert (await change(play, "Anna", in_a_chat, language="en")).language == "en"
    assert (await change(play, "Anna", KRING, language="nl")).language == "nl"


async def test_a_circle_is_ones_own_and_active_or_none_at_all(play: Play) -> None:
    await play.open("Anna", "Bert")
    await play.person("Dora")
    await play.leave("Bert")
    for name in ("Dora", "Bert"):
        assert (await found(play, name)).circles == {}
        with pytest.raises(Invalid) as refused:
            await change(play, name, circles={"cop": {"reminders": False}})
        assert refused.value.field == "circles"
    await change(play, "Anna", circles={"cop": {"reminders": False}})
    wish = (await found(play, "Anna")).circles["cop"]
    assert (wish.mails, wish.reminders) == (True, False)


async def test_a_confidential_circle_is_its_own_peoples_and_for_the_team_as_if_it_were_none(play: Play) -> None:
    await play.open("Anna", kind="intervision_group")
    await play.person("Dora")
    said = set()
    for name in ("Anna", "Dora"):
        assert (await found(play, name, STAFF)).circles == {}
        with pytest.raises(Invalid) as refused:
            await change(play, name, STAFF, circles={"cop": {"mails": False}})
        said.add((refused.value.field, str(refused.value)))
    assert len(said) == 1
    assert (await change(play, "Anna", circles={"cop": {"mails": False}})).circles["cop"].mails is False


async def test_a_channel_is_preferred_where_messages_reach_somebody(play: Play) -> None:
    await play.open("Anna", "Bert")
    assert (await found(play, "Anna")).channels == ["mail"]
    for channel in ("telegram", "pigeon"):
        with pytest.raises(Invalid) as refused:
            await change(play, "Anna", preferred_channel=channel)
        assert refused.value.field == "preferred_channel"
    await connect(play, "Anna", "7")
    assert (await change(play, "Anna", preferred_channel="mail")).channels == ["mail", "telegram"]
    await linking.reach(play.db, "telegram", "7", reachable=False, now=play.now)
    with pytest.raises(Invalid):
        await change(play, "Anna", preferred_channel="telegram")
    await linking.reach(play.db, "telegram", "7", reachable=True, now=play.now)
    await change(play, "Anna", STAFF, preferred_channel="telegram")
    await linking.reach(play.db, "telegram", "7", reachable=False, now=play.now)
    kept = await change(play, "Anna", preferred_channel="telegram", language="en")  # as it was already
    assert (kept.preferred_channel, kept.language) == ("telegram", "en")


@pytest.mark.parametrize(
    "wrong",
    [
        {"language": "de"},
        {"preferred_channel": "telegram"},
        {"quiet_until": None},
        {"circles": {"cop": {"reminders": False}, "elsewhere": {"mails": False}}},
        {"circles": {"cop": {"role": False}}},
        {"role": "admin"},
    ],
)
async def test_all_of_it_or_nothing(play: Play, wrong: dict[str, Any]) -> None:
    await play.open("Anna")
    before = await change(play, "Anna", **NIGHT)
    right = {"language": "en", "quiet_from": time(21), "circles": {"cop": {"mails": False}}}
    with pytest.raises(KringError):
        await change(play, "Anna", **(right | wrong))
    assert await found(play, "Anna") == before


async def test_what_waits_for_somebody_goes_where_they_now_prefer_to_be_told(play: Play) -> None:
    await play.open("Anna")
    gathering = await play.published()
    await connect(play, "Anna", "7")
    await play.accept(gathering, "Anna")
    lanes = "select distinct lane from notice where person_id = $1 and purpose = 'reminder' and state = 'planned'"
    for channel in ("mail", "telegram"):
        await change(play, "Anna", preferred_channel=channel)
        assert [row["lane"] for row in await play.fetch(lanes, play.ids["Anna"])] == [channel]
