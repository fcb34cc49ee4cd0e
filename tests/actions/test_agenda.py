"""What an actor is shown of the gatherings: exactly what the rules allow, in order, in pages."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from service.actions import registration, scheduling
from service.errors import NotFound
from service.model import Visibility
from service.rules import access
from service.rules.access import ANONYMOUS, KRING, Verb
from service.store.rosters import Counts
from tests.actions.play import Play
from tests.conftest import NOW
from tests.factories import make_circle
from tests.rules.test_access import ACTORS, CIRCLE


async def test_the_agenda_holds_exactly_what_each_actor_may_see(play: Play) -> None:
    made = []
    for slug, kind in (("cop", "community_of_practice"), ("secret", "intervision_group")):
        play.slug = slug
        await make_circle(play.db, slug, kind=kind)
        for visibility in Visibility:
            drafts = [await play.draft(visibility=visibility) for _ in range(4)]
            await play.publish(drafts[1])
            await play.publish(drafts[2])
            await play.cancel(drafts[2])
            await play.cancel(drafts[3])
            made += [await play.read(one) for one in drafts]
    assert len(made) == 24
    for circle_id in {one.circle_id for one in made}:
        for name, stock in ACTORS.items():
            facilitates, member_of = (
                frozenset({circle_id} if CIRCLE in some else ()) for some in (stock.facilitates, stock.member_of)
            )
            actor = replace(stock, facilitates=facilitates, member_of=member_of)
            allowed = [one.id for one in made if access.can(actor, Verb.SEE_GATHERING, scheduling.scope(one))]
            shown = await scheduling.upcoming(play.db, actor, since=NOW)
            assert sorted(one.id for one in shown) == sorted(allowed), (name, circle_id)


async def test_a_draft_that_is_cancelled_stays_hidden_until_it_is_published(play: Play) -> None:
    await play.open("Anna")
    draft = await play.draft(visibility=Visibility.PUBLIC)
    await play.cancel(draft)
    for actor in (ANONYMOUS, await play.actor("Anna")):
        assert await scheduling.upcoming(play.db, actor, since=play.now) == []
        with pytest.raises(NotFound):
            await scheduling.get(play.db, actor, draft.id)
    await play.publish(draft)
    assert [one.id for one in await scheduling.upcoming(play.db, ANONYMOUS, since=play.now)] == [draft.id]


async def test_it_comes_in_the_order_of_time_from_now_on_and_in_pages(play: Play) -> None:
    await play.open()
    made = [await play.published(days=days) for days in (9, 3, 3, -1, 5)]
    other = await play.published(days=4)
    order = [made[1], made[2], other, made[4], made[0]]
    assert await scheduling.upcoming(play.db, ANONYMOUS, since=play.now) == order
    first = await scheduling.upcoming(play.db, ANONYMOUS, since=play.now, limit=2)
    key = (first[-1].starts_at, first[-1].id)
    assert first + await scheduling.upcoming(play.db, ANONYMOUS, since=play.now, after=key) == order
    until = await scheduling.upcoming(play.db, ANONYMOUS, since=play.now, until=made[4].starts_at)
    assert until == order[:3]
    assert await scheduling.upcoming(play.db, ANONYMOUS, since=NOW - timedelta(days=2), limit=1) == [made[3]]
    assert await scheduling.upcoming(play.db, ANONYMOUS, since=NOW, circle="elsewhere") == []


async def test_what_is_under_way_is_still_shown(play: Play) -> None:
    await play.open()
    gathering = await play.published(days=1, hours=2)
    moments: list[datetime] = [gathering.starts_at, gathering.ends_at - timedelta(seconds=1), gathering.ends_at]
    assert [len(await scheduling.upcoming(play.db, KRING, since=moment)) for moment in moments] == [1, 1, 0]


async def test_the_roster_stands_in_the_order_of_seat_turn_and_answer_and_then_by_name(play: Play) -> None:
    names = ["Zara", "anna", "Bert", "Cor", "Dirk", "Eva", "Frits", "Gijs", "Hans"]
    await play.open(*names, facilitator="Aad")
    gathering = await play.published(days=1.8, capacity=3)
    await play.accept(gathering, "Zara", "anna", "Eva", "Dirk", "Cor", "Bert")
    await play.decline(gathering, "Eva")
    await play.answer(gathering, "Frits", "tentative")
    await play.accept(gathering, "Aad")
    assert [(one.person_name, one.seat, one.position, one.partstat) for one in await play.roster(gathering)] == [
        ("anna", "seated", None, "accepted"),
        ("Zara", "seated", None, "accepted"),
        ("Dirk", "offered", None, "accepted"),
        ("Cor", "waiting", 1, "accepted"),
        ("Bert", "waiting", 2, "accepted"),
        ("Aad", "none", None, "accepted"),
        ("Frits", "none", None, "tentative"),
        ("Gijs", "none", None, "needs-action"),
        ("Hans", "none", None, "needs-action"),
        ("Eva", "none", None, "declined"),
    ]
    counts = await scheduling.counts(play.db, [gathering.id, 0])
    assert counts == {gathering.id: Counts(10, 5, 1, 1, 2, 2, 1, 2, 0, facilitators=1), 0: Counts()}


async def test_ones_own_list_holds_what_one_is_invited_to_from_thirty_days_ago_on(play: Play) -> None:
    await play.open("Anna")
    ancient, recent = await play.published(days=-40), await play.published(days=-20)
    await play.draft()
    later, cancelled, sooner = [await play.published(days=days) for days in (9, 5, 3)]
    await play.cancel(cancelled)
    await play.accept(sooner, "Anna")
    anna = await play.actor("Anna")
    mine = await registration.mine(play.db, anna, now=play.now)
    assert [(ticket.gathering.id, ticket.registration.seat) for ticket in mine] == [
        (recent.id, "none"),
        (sooner.id, "seated"),
        (cancelled.id, "none"),
        (later.id, "none"),
    ]
    assert {(ticket.email, ticket.language) for ticket in mine} == {("anna@example.org", "nl")}
    assert (await registration.own(play.db, anna, ancient.id)) is not None
    await play.leave("Anna")
    mine = await registration.mine(play.db, anna, now=play.now)
    assert [ticket.gathering.id for ticket in mine] == [recent.id]
    assert await registration.own(play.db, anna, sooner.id) is None
    assert await registration.own(play.db, KRING, sooner.id) is None


async def test_the_ledger_names_every_notice_in_the_order_of_due_times(play: Play) -> None:
    await play.open("Anna", facilitator="")
    gathering = await play.published(days=9)
    await play.accept(gathering, "Anna")
    anna = play.ids["Anna"]
    ledger = await registration.ledger(play.db, KRING, gathering.id)
    assert [(one.purpose, one.person_id, one.person, one.channel, one.state) for one in ledger] == [
        ("invitation", anna, "Anna", "mail", "planned"),
        ("confirmation", anna, "Anna", "mail", "planned"),
        ("reminder", anna, "Anna", None, "planned"),
        ("reminder", anna, "Anna", None, "planned"),
    ]
    assert [one.due for one in ledger] == sorted(one.due for one in ledger)
