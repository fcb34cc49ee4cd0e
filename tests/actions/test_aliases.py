"""An address that somebody answered from becomes theirs when the team says so, and by nothing else."""

import pytest

from service.actions import aliases
from service.errors import Conflict, NotAllowed, NotFound
from service.model import Gathering
from service.rules.access import KRING
from service.store import sign_ins
from tests.actions.play import Play
from tests.actions.post import Post

ALIAS = "anna@login.example"


@pytest.fixture
async def gathering(play: Play) -> Gathering:
    await play.open("Anna", "Ben")
    return await play.published()


@pytest.fixture
def post(play: Play) -> Post:
    return Post(play)


async def pressed_as_alias(post: Post, gathering: Gathering, partstat: str = "accepted") -> str:
    verdict = await post.press(gathering, "Anna", partstat, calendar={"attendees": ((ALIAS, partstat),)})
    return verdict.reason


async def listed(play: Play) -> list[tuple[str, str | None, str]]:
    return [(one.person, one.known, one.value) for one in await aliases.proposals(play.db, KRING)]


async def signs_in_as(play: Play) -> int | None:
    async with play.db.reading() as conn:
        door = await sign_ins.select_door(conn, ALIAS)
    return door.person_id if door is not None and door.opens else None


async def test_an_alias_that_is_accepted_counts_as_theirs(play: Play, post: Post, gathering: Gathering) -> None:
    assert await pressed_as_alias(post, gathering) == "answer-by-alias"
    assert await listed(play) == [("Anna", "anna@example.org", ALIAS)]
    assert await signs_in_as(play) is None
    await aliases.accept(play.db, KRING, play.ids["Anna"], ALIAS, now=play.step())
    assert await listed(play) == []
    assert await signs_in_as(play) == play.ids["Anna"]
    assert await pressed_as_alias(post, gathering, "declined") == "answer"
    assert await listed(play) == []
    primary = await play.fetch("select value from address where person_id = $1 and is_primary", play.ids["Anna"])
    assert [row["value"] for row in primary] == ["anna@example.org"]


async def test_one_that_is_refused_is_asked_about_again(play: Play, post: Post, gathering: Gathering) -> None:
    await pressed_as_alias(post, gathering)
    await aliases.refuse(play.db, KRING, play.ids["Anna"], ALIAS)
    assert await listed(play) == []
    assert await pressed_as_alias(post, gathering, "declined") == "answer-by-alias"
    assert await listed(play) == [("Anna", "anna@example.org", ALIAS)]


async def test_nobody_gets_an_address_that_nobody_proposed_or_that_is_somebody_s(
    play: Play, post: Post, gathering: Gathering
) -> None:
    for decide in (
        aliases.accept(play.db, KRING, play.ids["Anna"], "boss@example.org", now=play.now),
        aliases.refuse(play.db, KRING, play.ids["Anna"], "boss@example.org"),
    ):
        with pytest.raises(NotFound):
            await decide
    await pressed_as_alias(post, gathering)
    await play.execute(
        "insert into address (person_id, channel, value, created_at) values ($1, 'mail', $2, now())",
        play.ids["Ben"],
        ALIAS,
    )
    with pytest.raises(Conflict):
        await aliases.accept(play.db, KRING, play.ids["Anna"], ALIAS, now=play.now)
    assert await signs_in_as(play) in (None, play.ids["Ben"])


@pytest.mark.parametrize("name", ["Anna", "Ben", "Fien"])
async def test_only_the_team_decides(play: Play, post: Post, gathering: Gathering, name: str) -> None:
    await pressed_as_alias(post, gathering)
    actor = await play.actor(name)
    for decide in (
        aliases.proposals(play.db, actor),
        aliases.accept(play.db, actor, play.ids["Anna"], ALIAS, now=play.now),
        aliases.refuse(play.db, actor, play.ids["Anna"], ALIAS),
    ):
        with pytest.raises(NotAllowed):
            await decide
    assert await signs_in_as(play) is None
