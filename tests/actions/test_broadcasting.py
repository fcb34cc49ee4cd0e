"""What the people of a gathering are told by whoever leads it: who hears it, once, and calling it off."""

from datetime import timedelta
from typing import Any

import pytest

from service.actions import broadcasting
from service.errors import Conflict, Invalid, NotAllowed, NotFound
from service.model import Audience, Gathering
from service.rules.access import KRING
from tests.actions.play import Play

PAUSE = timedelta(seconds=20)
TEXT = "Neem een kabel mee.\n\nTot dinsdag!"


@pytest.fixture
async def kickoff(play: Play) -> Gathering:
    """Two come, one waits, one may come, one has declined, two have said nothing; Fien leads."""
    await play.open("Ada", "Ben", "Cor", "Dee", "Eva", "Fay", "Gil")
    gathering = await play.published(capacity=2)
    for name, partstat in (("Ada", "accepted"), ("Ben", "accepted"), ("Cor", "accepted")):
        await play.answer(gathering, name, partstat)
    await play.answer(gathering, "Dee", "tentative")
    await play.answer(gathering, "Eva", "declined")
    await play.deliver()
    await play.letters()
    return gathering


async def send(play: Play, gathering: Gathering, audience: str, text: str = TEXT, **more: Any) -> broadcasting.Told:
    actor = await play.actor("Fien")
    given = {"now": play.step(), "pause": PAUSE} | more
    return await broadcasting.send(play.db, actor, gathering.id, Audience(audience), text, **given)


@pytest.mark.parametrize(
    ("audience", "names"),
    [
        ("coming", ["Ada", "Ben"]),
        ("waiting", ["Cor"]),
        ("unanswered", ["Fay", "Gil"]),
        ("everyone", ["Ada", "Ben", "Cor", "Dee", "Fay", "Gil"]),
    ],
)
async def test_an_audience_hears_it_once_and_as_many_as_were_counted(
    play: Play, kickoff: Gathering, audience: str, names: list[str]
) -> None:
    counted = await broadcasting.count(play.db, await play.actor("Fien"), kickoff.id)
    told = await send(play, kickoff, audience)
    heard = [(name, facts) for name, _, facts in await play.letters()]
    assert sorted(name for name, _ in heard) == names
    assert counted[Audience(audience)] == told.people == len(names)
    expected = {"broadcast": told.broadcast.id, "over": False, "text": TEXT, "author": "Fien"}
    assert [facts for _, facts in heard] == [expected] * len(names)


async def test_the_same_command_again_tells_nobody_twice(play: Play, kickoff: Gathering) -> None:
    first = await send(play, kickoff, "coming", key="prompt:1")
    again = await send(play, kickoff, "coming", key="prompt:1")
    assert again == first
    assert await play.news() == [("Ada", "broadcast"), ("Ben", "broadcast")]
    with pytest.raises(Conflict):
        await send(play, await play.published(), "everyone", key="prompt:1")


async def test_what_has_not_gone_out_can_be_called_off(play: Play, kickoff: Gathering) -> None:
    told = await send(play, kickoff, "everyone")
    fien = await play.actor("Fien")
    await play.execute(
        "update notice set state = 'sent' where purpose = 'broadcast' and person_id = $1", play.ids["Ada"]
    )
    _, held_back = await broadcasting.call_off(play.db, fien, told.broadcast.id, now=play.step())
    assert held_back == told.people - 1
    assert (await broadcasting.call_off(play.db, fien, told.broadcast.id, now=play.step()))[1] == 0
    rows = await play.fetch("select state, count(*) from notice where purpose = 'broadcast' group by state order by 1")
    assert [tuple(row) for row in rows] == [("cancelled", 5), ("sent", 1)]
    assert [one.called_off_at is not None for one in await broadcasting.told(play.db, fien, kickoff.id)] == [True]


async def test_a_cancelled_gathering_takes_back_no_message_to_its_people(play: Play, kickoff: Gathering) -> None:
    await send(play, kickoff, "coming")
    await play.cancel(kickoff)
    rows = await play.fetch("select state from notice where purpose = 'broadcast'")
    assert [row["state"] for row in rows] == ["planned", "planned"]
    await send(play, kickoff, "coming", "Tot een andere keer!")
    assert {facts["over"] for _, purpose, facts in await play.letters() if purpose == "broadcast"} == {False, True}


async def test_who_leads_may_and_staff_may_but_nobody_else(play: Play, kickoff: Gathering) -> None:
    for name in ("Ada", "Fay"):
        with pytest.raises(NotAllowed):
            await broadcasting.count(play.db, await play.actor(name), kickoff.id)
        with pytest.raises(NotAllowed):
            await broadcasting.send(
                play.db, await play.actor(name), kickoff.id, Audience.COMING, TEXT, now=play.now, pause=PAUSE
            )
    assert (await broadcasting.count(play.db, KRING, kickoff.id))[Audience.COMING] == 3  # with Fien
    told = await send(play, kickoff, "waiting")
    with pytest.raises(NotAllowed):
        await broadcasting.call_off(play.db, await play.actor("Cor"), told.broadcast.id, now=play.now)
    with pytest.raises(NotFound):
        await broadcasting.call_off(play.db, KRING, told.broadcast.id + 1, now=play.now)


@pytest.mark.parametrize("text", ["", " \n ", "x" * (broadcasting.LONGEST + 1)])
async def test_no_text_or_too_much_of_it_is_refused(play: Play, kickoff: Gathering, text: str) -> None:
    with pytest.raises(Invalid):
        await send(play, kickoff, "coming", text)
    assert await play.news() == []


async def test_a_draft_and_an_empty_audience_are_refused(play: Play, kickoff: Gathering) -> None:
    with pytest.raises(Conflict):
        await send(play, await play.draft(), "everyone")
    await play.answer(kickoff, "Cor", "declined")
    await play.letters()
    with pytest.raises(Conflict):
        await send(play, kickoff, "waiting")
    assert await broadcasting.told(play.db, await play.actor("Fien"), kickoff.id) == []


async def test_of_a_confidential_gathering_the_words_stay_behind_the_sign_in(play: Play) -> None:
    await play.open("Ada", "Ben", kind="intervision_group")
    gathering = await play.published()
    await play.answer(gathering, "Ada", "accepted")
    await play.letters()
    told = await send(play, gathering, "coming", "Ben brengt de casus in.")
    assert [(name, facts) for name, _, facts in await play.letters()] == [
        ("Ada", {"broadcast": told.broadcast.id, "over": False})
    ]
    heard = await broadcasting.heard(play.db, await play.actor("Ada"), gathering.id)
    assert [(one.text, one.author) for one in heard] == [("Ben brengt de casus in.", "Fien")]
    assert await broadcasting.heard(play.db, await play.actor("Ben"), gathering.id) == []
    with pytest.raises(NotAllowed):
        await broadcasting.send(play.db, KRING, gathering.id, Audience.COMING, TEXT, now=play.now, pause=PAUSE)
