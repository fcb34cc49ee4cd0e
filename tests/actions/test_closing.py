"""Closing a circle: who hears what, what stays, and opening it again."""

import pytest

from service.actions import circles, closing, feeds, joining, members, people, registration, scheduling
from service.actions.closing import Closing
from service.errors import Conflict, NotAllowed, NotFound
from service.model import Status
from service.rules.access import ANONYMOUS, KRING
from tests.actions.play import Play
from tests.actions.test_statements import counted, house

REASON = "We gaan verder als werkgroep."


async def close(play: Play, reason: str = REASON) -> None:
    await closing.close(play.db, KRING, play.slug, reason, now=play.step())


async def test_everybody_in_it_hears_once_and_calendars_lose_what_was_to_come(play: Play) -> None:
    await play.open("Anna", "Bert", "Cor")
    held = await play.published(days=1)
    await play.accept(held, "Anna")
    await play.after(days=3)
    first, second = [await play.published(days=10 + each) for each in range(2)]
    draft = await play.draft()
    await play.accept(first, "Anna", "Bert")
    await play.decline(second, "Cor")
    await play.leave("Bert")
    await play.news()
    assert await closing.would_close(play.db, KRING, play.slug, now=play.now) == Closing(3, 3, 3)

    await close(play)
    told = await play.news()
    assert sorted(one for one in told if one[1] == "circle-closed") == [
        ("Anna", "circle-closed"),
        ("Cor", "circle-closed"),
        ("Fien", "circle-closed"),
    ]
    assert sorted(one for one in told if one[1] != "circle-closed") == [
        ("Anna", "cancellation"),
        ("Anna", "cancellation"),
        ("Cor", "cancellation"),
        ("Fien", "cancellation"),
        ("Fien", "cancellation"),
    ]
    standing = {one.id: (await play.read(one)).status for one in (held, first, second, draft)}
    assert standing == {
        held.id: Status.PUBLISHED,
        first.id: Status.CANCELLED,
        second.id: Status.CANCELLED,
        draft.id: Status.CANCELLED,
    }
    assert (await play.read(first)).cancel_reason == REASON
    await close(play)
    assert await play.news() == []


async def test_history_stays_and_nothing_new_begins(play: Play) -> None:
    await play.open("Anna")
    held = await play.published(days=1)
    await play.accept(held, "Anna")
    draft = await play.draft()
    await close(play)
    anna = await people.actor_for(play.db, play.ids["Anna"])
    assert (await circles.get(play.db, anna, play.slug)).closed_at == play.now
    assert [one.person_name for one in await play.roster(held)] == ["Anna", "Fien"]
    assert await circles.visible(play.db, KRING) == []
    assert [one.slug for one in await circles.visible(play.db, KRING, closed=True)] == [play.slug]
    assert [one.slug for one in await circles.run_by(play.db, KRING, closed=True, now=play.now)] == [play.slug]
    assert await circles.run_by(play.db, KRING, now=play.now) == []
    newcomer = await people.actor_for(play.db, await play.person("Dora"))
    with pytest.raises(Conflict):
        await joining.join(play.db, newcomer, play.slug, now=play.now)
    with pytest.raises(Conflict):
        await joining.set_member(play.db, KRING, play.slug, play.ids["Dora"], "participant", now=play.now)
    with pytest.raises(Conflict):
        await play.draft()
    with pytest.raises(Conflict):
        await scheduling.publish(play.db, KRING, draft.id, now=play.now)


async def test_it_opens_again_with_its_people_and_tells_nobody(play: Play) -> None:
    await play.open("Anna")
    gathering = await play.published(days=10)
    await close(play)
    await play.news()
    opened = await closing.reopen(play.db, KRING, play.slug, now=play.step())
    assert opened.closed_at is None
    assert await members.count(play.db, KRING, play.slug) == 2
    assert (await play.read(gathering)).status == Status.CANCELLED
    assert await play.news() == []
    await scheduling.publish(play.db, KRING, gathering.id, now=play.step())
    assert sorted(await play.news()) == [("Anna", "invitation"), ("Fien", "invitation")]


async def test_who_asked_to_come_in_is_told_and_asks_no_more(play: Play) -> None:
    await play.open(kind="working_group")
    anna = await people.actor_for(play.db, await play.person("Anna"))
    await joining.join(play.db, anna, play.slug, now=play.step())
    assert await play.news() == [("Fien", "join-requested")]
    await close(play)
    assert sorted(await play.news()) == [("Anna", "circle-closed"), ("Fien", "circle-closed")]
    assert (await circles.run_by(play.db, KRING, closed=True, now=play.now))[0].requests == 0


async def test_feeds_show_the_closing(play: Play) -> None:
    await play.open("Anna")
    await play.published(days=10)
    anna = await people.actor_for(play.db, play.ids["Anna"])
    for kind, slug in (("person", None), ("circle", play.slug)):
        await feeds.create_feed(play.db, anna, kind, slug, now=play.now)
    before = {row["id"]: row["revision"] for row in await play.fetch("select id, revision from feed")}
    await close(play)
    after = {row["id"]: row["revision"] for row in await play.fetch("select id, revision from feed")}
    assert after == {ident: revision + 1 for ident, revision in before.items()}


async def test_the_association_closes_circles(play: Play) -> None:
    await play.open("Anna", facilitator="Fien")
    for name in ("Anna", "Fien"):
        actor = await people.actor_for(play.db, play.ids[name])
        for verb in (closing.would_close, closing.reopen):
            with pytest.raises(NotAllowed):
                await verb(play.db, actor, play.slug, now=play.now)
        with pytest.raises(NotAllowed):
            await closing.close(play.db, actor, play.slug, "", now=play.now)
    with pytest.raises(NotFound):
        await closing.close(play.db, KRING, "nowhere", "", now=play.now)
    with pytest.raises(NotAllowed):
        await closing.close(play.db, ANONYMOUS, play.slug, "", now=play.now)


async def test_of_a_confidential_circle_the_notice_holds_nothing(play: Play) -> None:
    await play.open("Anna", kind="intervision_group")
    await close(play, "KANARIE")
    facts = [row["facts"] for row in await play.fetch("select facts from notice where purpose = 'circle-closed'")]
    assert facts == [{"circle": {}}, {"circle": {}}]


async def test_closing_costs_the_same_for_many_people_and_gatherings_as_for_few(play: Play) -> None:
    costs = []
    for slug, number, gatherings in (("few", 4, 2), ("many", 16, 6)):
        stage = Play(play.db, play.clock, slug=slug)
        await house(stage, number, gatherings)
        costs.append(await counted(stage, close))
    assert costs[0] == costs[1] <= 25


async def test_an_answer_to_what_the_closing_cancelled_is_refused(play: Play) -> None:
    await play.open("Anna")
    gathering = await play.published(days=10)
    await close(play)
    with pytest.raises(Conflict):
        await play.accept(gathering, "Anna")
    assert await registration.mine(play.db, await people.actor_for(play.db, play.ids["Anna"]), now=play.now) != []
