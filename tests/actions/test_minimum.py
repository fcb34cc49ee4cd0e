"""A group that needs so many to go on: who hears that they are too few, and how it finds another date."""

from datetime import datetime, timedelta
from importlib import resources

import pytest

from service.actions import kinds, polls, voting
from service.formats import tokens
from service.model import Gathering, NoticeState, Purpose
from service.rules import minimum, usefulness
from service.rules.access import KRING
from service.store import claims, notices
from service.store.notices import Outcome
from tests.actions.play import KEYS, PAUSE, Play
from tests.actions.test_statements import counted

GROUP = ("Anna", "Bert", "Cor", "Dik", "Eva")


@pytest.fixture
async def group(play: Play) -> Gathering:
    """Open a peer group of five, of whom four have to come, and publish a gathering of it in ten days."""
    await play.open(*GROUP, kind="intervision_group")
    gathering = await play.published(days=10)
    await play.news()
    return gathering


async def planned(play: Play) -> list[tuple[str, datetime]]:
    """Return who is to hear when that too few come, as far as it stands in the outbox."""
    rows = await play.fetch(
        """
        select p.name, n.due_at from notice n join person p on p.id = n.person_id
        where n.purpose = 'too-few' and n.state = 'planned' order by n.due_at, p.name
        """
    )
    return [tuple(row) for row in rows]


async def told(play: Play) -> list[tuple[str, str]]:
    """Hand over what is due, as a worker does, and return what came of telling that too few come: whom, and why not."""
    found = []
    async with play.db.transaction() as conn:
        ids = await claims.claim(conn, 1, "mail", play.now, limit=1000)
        outcomes = []
        for due in await notices.select_due(conn, ids, play.now):
            against = usefulness.reason_against(due, play.now)
            state = NoticeState.SENT if against is None else NoticeState.EXPIRED
            outcomes.append(Outcome(due.id, 1, state, play.now, detail=against or ""))
            if due.purpose == Purpose.TOO_FEW:
                found.append((due.name, against or ""))
        await notices.mark(conn, outcomes)
    return sorted(found)


def look(gathering: Gathering) -> datetime:
    return (gathering.starts_at - timedelta(days=3)).replace(hour=8, minute=0, second=0)


async def test_a_no_that_puts_the_minimum_out_of_reach_is_told_at_once_and_once(play: Play, group: Gathering) -> None:
    await play.accept(group, "Anna")
    await play.decline(group, "Bert")
    assert ("Fien", "too-few") not in await play.news()  # four are left who could come
    await play.answer(group, "Cor", "tentative")
    assert ("Fien", "too-few") not in await play.news()
    await play.decline(group, "Cor")
    assert await play.news() == [("Cor", "declined"), ("Fien", "too-few")]
    await play.decline(group, "Dik")
    assert await play.news() == [("Dik", "declined")]
    assert await told(play) == [("Fien", "")]


async def test_whoever_leaves_the_group_counts_as_a_no(play: Play, group: Gathering) -> None:
    await play.leave("Anna")
    assert ("Fien", "too-few") not in await play.news()
    await play.leave("Bert")
    assert await play.news() == [("Bert", "withdrawal"), ("Fien", "too-few")]


async def test_three_days_before_it_is_looked_at_and_told_only_while_too_few_have_said_yes(
    play: Play, group: Gathering
) -> None:
    assert await planned(play) == [("Fien", look(group))]
    await play.accept(group, "Anna", "Bert", "Cor")
    await play.join("Gerda", role="facilitator")
    assert await planned(play) == [("Fien", look(group)), ("Gerda", look(group))]
    await play.leave("Fien")
    assert await planned(play) == [("Gerda", look(group))]
    play.clock.set(look(group))
    assert await told(play) == [("Gerda", "")]
    assert await planned(play) == []


async def test_what_is_published_less_than_three_days_ahead_is_looked_at_in_the_next_morning(play: Play) -> None:
    await play.open(*GROUP, kind="intervision_group")
    soon = await play.published(days=2)
    assert await planned(play) == [("Fien", look(soon) + timedelta(days=2))]
    await play.join("Gerda", role="facilitator")
    assert await planned(play) == [(name, look(soon) + timedelta(days=2)) for name in ("Fien", "Gerda")]
    play.clock.set(look(soon) + timedelta(days=2))
    assert await told(play) == [("Fien", ""), ("Gerda", "")]
    await play.published(days=0)
    assert await planned(play) == []


async def test_whoever_comes_to_lead_after_the_look_is_told_the_morning_after_and_nobody_twice(
    play: Play, group: Gathering
) -> None:
    play.clock.set(look(group))
    await play.join("Gerda", role="facilitator")  # before the worker gets to it
    assert await planned(play) == [("Fien", look(group)), ("Gerda", look(group) + timedelta(days=1))]
    assert await told(play) == [("Fien", "")]
    play.clock.set(look(group) + timedelta(days=1))
    assert await told(play) == [("Gerda", "")]


MOVE = """
    with moved as (select id, date_trunc('hour', now() at time zone timezone) + $2::interval as starts from gathering)
    update gathering g set starts_local = m.starts, ends_local = m.starts + interval '2 hours',
        starts_at = m.starts at time zone timezone, ends_at = (m.starts + interval '2 hours') at time zone timezone
    from moved m where m.id = g.id and g.id = $1
    returning g.starts_local
"""


async def test_gatherings_that_were_published_before_anybody_looked_are_looked_at_too(
    play: Play, group: Gathering
) -> None:
    others = [await play.published(days=2), await play.published(days=20)]
    await play.cancel(others[1])
    step = resources.files("service.migrations").joinpath("0021_earlier_minimums.sql").read_text()
    days = [timedelta(days=10), timedelta(days=2), timedelta(days=10)]
    async with play.db.transaction() as conn:
        now = await conn.fetchval("select now()")
        given = zip([group, *others], days, strict=True)
        starts = [await conn.fetchval(MOVE, gathering.id, after) for gathering, after in given]
        await conn.execute("delete from notice where purpose = 'too-few'")
        for _ in range(2):
            await conn.execute(step)
    wanted = sorted(minimum.next_look(start, group.timezone, now) for start in starts[:2])
    assert await planned(play) == [("Fien", at) for at in wanted]


async def test_who_said_yes_in_time_spares_the_message(play: Play, group: Gathering) -> None:
    await play.accept(group, "Anna", "Bert", "Cor", "Dik")
    play.clock.set(look(group))
    assert await told(play) == [("Fien", "enough people come")]


async def test_a_gathering_that_moves_is_looked_at_anew_and_one_that_is_off_not_at_all(
    play: Play, group: Gathering
) -> None:
    moved = await play.move(group, timedelta(days=7))
    assert await planned(play) == [("Fien", look(moved))]
    back = await play.move(moved, timedelta(days=-7))
    assert await planned(play) == [("Fien", look(back))]
    await play.cancel(back)
    assert await planned(play) == []
    await play.publish(back)
    assert await planned(play) == [("Fien", look(back))]


async def test_whether_those_who_lead_count_is_for_the_kind_to_say(play: Play, group: Gathering) -> None:
    await kinds.change(play.db, KRING, "intervision_group", {"facilitators_count": True}, now=play.now)
    await play.accept(group, "Fien", "Anna", "Bert")
    await play.decline(group, "Cor")
    await play.decline(group, "Dik")
    assert ("Fien", "too-few") not in await play.news()  # Eva could still be the fourth
    await play.accept(group, "Eva")
    play.clock.set(look(group))
    assert await told(play) == [("Fien", "enough people come")]


async def test_a_minimum_that_comes_later_is_looked_at_too_and_one_that_goes_is_not(
    play: Play, group: Gathering
) -> None:
    await kinds.change(play.db, KRING, "intervision_group", {"minimum": None}, now=play.now)
    await play.decline(group, *GROUP)
    assert await planned(play) == []
    assert ("Fien", "too-few") not in await play.news()
    await kinds.change(play.db, KRING, "intervision_group", {"minimum": 5}, now=play.now)
    assert await planned(play) == [("Fien", look(group))]


async def test_other_kinds_know_nothing_of_it_and_pay_nothing_for_it(play: Play) -> None:
    await play.open("Anna")
    gathering = await play.published(days=10)
    assert await planned(play) == []
    needed = Play(play.db, play.clock, slug="needed")
    await needed.open("Bert", "Cor", kind="intervision_group", facilitator="Gerda")
    other = await needed.published(days=10)
    # A no to a gathering without a minimum costs what a maybe costs, and a maybe to one with a minimum costs no more.
    costs = [
        await counted(play, lambda one: one.decline(gathering, "Anna")),
        await counted(play, lambda one: one.answer(gathering, "Fien", "tentative")),
        await counted(needed, lambda one: one.answer(other, "Cor", "tentative")),
    ]
    assert len(set(costs)) == 1


async def test_the_group_finds_another_date_and_its_gathering_moves_there(play: Play, group: Gathering) -> None:
    """One gathering all along: the same copies in the calendars, with the next SEQUENCE, and everybody asked anew."""
    await play.accept(group, "Anna", "Bert", "Cor")
    await play.decline(group, "Dik", "Eva")
    await play.news()
    uids = await play.fetch("select person_id, uid from registration order by id")
    suggested = await polls.suggested(play.db, await play.actor("Fien"), group.id, now=play.now)
    starts = [one.starts_local for one in suggested.moments]
    assert (suggested.few, suggested.asked, min(starts) >= group.starts_local + timedelta(days=7)) == (True, 6, True)
    standings = await polls.start(play.db, await play.actor("Fien"), group.id, starts, now=play.step())
    asked = [(name, facts.get("because")) for name, purpose, facts in await play.letters() if purpose == "poll"]
    assert sorted(asked) == sorted((name, "too-few") for name in [*GROUP, "Fien"] for _ in range(2))  # and a reminder
    # While another date is looked for nobody is told again that too few come.
    play.clock.set(look(group))
    assert await told(play) == [("Fien", "another date is being looked for")] * 2

    for name in GROUP:
        votes = {standings.moments[1].id: "yes"}
        await voting.vote(play.db, await play.actor(name), group.id, votes, now=play.step())
    await play.news()
    moved = await polls.pick(
        play.db, await play.actor("Fien"), group.id, standings.moments[1].id, now=play.step(), coalesce=PAUSE
    )
    await play.after(seconds=61)
    assert (moved.id, moved.uid, moved.starts_local) == (group.id, group.uid, starts[1])
    assert moved.sequence == group.sequence + 1
    assert await play.fetch("select person_id, uid from registration order by id") == uids
    assert len(await play.fetch("select from gathering")) == 1
    heard = [one for one in await play.letters() if one[1] != "too-few"]  # which is planned anew
    assert {(name, purpose) for name, purpose, _ in heard} == {(name, "update") for name in [*GROUP, "Fien"]}
    assert {facts["sequence"] for _, _, facts in heard} == {1}
    # Who could not come to the old date counts again as somebody who can; their seats the others keep.
    assert await planned(play) == [("Fien", look(moved))]
    assert (await play.seats(moved))["Anna"][1] == "seated"
    await play.decline(moved, "Anna")
    assert ("Fien", "too-few") not in await play.news()  # Bert, Cor, Dik and Eva
    await play.decline(moved, "Eva")
    assert ("Fien", "too-few") in await play.news()


async def test_a_poll_by_the_link_of_the_mail(play: Play, group: Gathering) -> None:
    """What the mail of a poll carries works for a published gathering as for a draft."""
    starts = [group.starts_local + timedelta(days=days) for days in (7, 8, 9)]
    await polls.start(play.db, KRING, group.id, starts, now=play.step())
    (row,) = await play.fetch("select v.id from poll_voter v join person p on p.id = v.person_id where p.name = 'Anna'")
    ballot = await voting.by_handle(play.db, tokens.handle(KEYS, tokens.POLL, row["id"]), keys=KEYS)
    assert ballot.open(play.now)
