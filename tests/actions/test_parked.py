"""Mails that need somebody: each facilitator sees what is about their own gatherings, the team sees the rest."""

import pytest

from service.actions import parked
from service.actions.parked import Parked
from service.errors import Conflict, NotAllowed, NotFound
from service.formats.received import Method
from service.model import Partstat
from service.rules.access import KRING, Actor
from tests.actions.play import Play
from tests.actions.post import Post


@pytest.fixture
def post(play: Play) -> Post:
    return Post(play)


async def proposed(play: Play, post: Post, *, kind: str = "community_of_practice") -> int:
    """Let Anna propose another time; return which mail that is."""
    await play.open("Anna", kind=kind)
    gathering = await play.published()
    calendar = {"method": Method.COUNTER, "comment": "liever om drie uur"}
    verdict = await post.press(gathering, "Anna", "tentative", calendar=calendar)
    assert (verdict.state, verdict.reason) == ("parked", "for-the-facilitator")
    (only,) = await parked.waiting(play.db, KRING, "parked")
    return only.message.id


async def seen(play: Play, actor: Actor) -> list[Parked]:
    return await parked.waiting(play.db, actor, "parked")


async def test_a_facilitator_sees_it_and_answers_with_one_press(play: Play, post: Post) -> None:
    ident = await proposed(play, post)
    other = Play(play.db, play.clock, slug="other")
    await other.open(facilitator="Olga")
    olga, fien = await other.actor("Olga"), await play.actor("Fien")
    assert await seen(other, olga) == []
    with pytest.raises(NotAllowed):
        await parked.one(play.db, olga, ident)
    (mail,) = await seen(play, fien)
    assert (mail.hidden, mail.message.person, mail.message.facts["comment"]) == (False, "Anna", "liever om drie uur")
    await parked.answer(play.db, fien, ident, Partstat.ACCEPTED, now=play.step())
    assert await seen(play, fien) == []
    with pytest.raises(NotFound):
        await parked.dismiss(play.db, fien, ident, now=play.now)


async def test_of_a_confidential_circle_only_its_facilitator_sees_who_and_what(play: Play, post: Post) -> None:
    ident = await proposed(play, post, kind="intervision_group")
    (hidden,) = await seen(play, KRING)
    assert (hidden.hidden, hidden.message.person, hidden.message.facts) == (True, None, {})
    with pytest.raises((NotAllowed, Conflict)):
        await parked.answer(play.db, KRING, ident, Partstat.ACCEPTED, now=play.step())
    fien = await play.actor("Fien")
    assert (await parked.one(play.db, fien, ident)).message.person_id is None  # the mail keeps no name, even for them
    assert await parked.original(play.db, fien, ident) == b"raw"
    await parked.dismiss(play.db, fien, ident, now=play.step())
    assert await seen(play, fien) == await seen(play, KRING) == []


@pytest.mark.parametrize("name", ["Anna", "Stranger"])
async def test_nobody_else_sees_any(play: Play, post: Post, name: str) -> None:
    ident = await proposed(play, post)
    await play.person(name)
    actor = await play.actor(name)
    for look in (
        parked.waiting(play.db, actor, "parked"),
        parked.one(play.db, actor, ident),
        parked.original(play.db, actor, ident),
        parked.answer(play.db, actor, ident, Partstat.ACCEPTED, now=play.now),
        parked.replay(play.db, actor, ident, now=play.now),
        parked.dismiss(play.db, actor, ident, now=play.now),
    ):
        with pytest.raises((NotAllowed, NotFound)):
            await look
