"""Quiet hours and circles without reminders, as the worker honours them: postponed, never lost, never of no use."""

from datetime import datetime, time, timedelta

from service.actions import people, preferences
from service.clock import MovableClock
from service.database import Database
from tests.actions.delivery_stage import invited
from tests.actions.delivery_worker import working
from tests.actions.test_delivery import relay as relay  # a fixture
from tests.actions.test_delivery import until_states
from tests.conftest import NOW
from tests.fakes.smtp_server import SmtpServer

TEN = NOW.replace(hour=9, minute=0, second=0, microsecond=0)
"""Ten in the morning in Amsterdam."""


async def quiet(db: Database, begins: time, ends: time) -> int:
    """Give one of those invited quiet hours, and return who it is."""
    async with db.reading() as conn:
        person_id = int(await conn.fetchval("select min(person_id) from notice where purpose = 'invitation'"))
    wanted = {"quiet_from": begins, "quiet_until": ends}
    await preferences.change(db, await people.actor_for(db, person_id), person_id, wanted, now=TEN)
    return person_id


async def waiting(db: Database) -> list[tuple[int, datetime, int, str | None]]:
    async with db.reading() as conn:
        found = await conn.fetch(
            "select person_id, due_at, attempts, facts ->> 'retry' as retry from notice"
            " where state = 'planned' and purpose = 'invitation'"
        )
    return [tuple(row) for row in found]


async def test_what_can_wait_comes_when_the_quiet_hours_are_over(
    clone: Database, clock: MovableClock, relay: SmtpServer
) -> None:
    clock.set(TEN)
    await invited(clone, 3)
    person = await quiet(clone, time(9), time(12))
    async with working(clone, relay.url, clock):
        await until_states(clone, {"sent": 2, "planned": 1})
        assert await waiting(clone) == [(person, TEN + timedelta(hours=2), 0, None)]
        clock.set(TEN + timedelta(hours=2))
        await until_states(clone, {"sent": 3})
    assert sorted(relay.message_ids.values()) == [1] * 3


async def test_what_is_of_no_use_any_more_by_then_is_never_sent(
    clone: Database, clock: MovableClock, relay: SmtpServer
) -> None:
    clock.set(TEN)
    gathering = await invited(clone, 1)
    await quiet(clone, time(9), time(12))
    async with working(clone, relay.url, clock):
        await until_states(clone, {"planned": 1})
        clock.set(gathering.starts_at)
        await until_states(clone, {"expired": 1})
    assert relay.message_ids == {}


async def test_what_cannot_wait_does_not(clone: Database, clock: MovableClock, relay: SmtpServer) -> None:
    clock.set(TEN)
    await invited(clone, 1)
    await quiet(clone, time(0), time(23, 59))
    async with clone.transaction() as conn:
        await conn.execute("update notice set purpose = 'cancellation'")
        await conn.execute("update gathering set status = 'cancelled'")
    async with working(clone, relay.url, clock):
        await until_states(clone, {"sent": 1})


async def test_no_reminder_comes_from_a_circle_whose_reminders_are_off(
    clone: Database, clock: MovableClock, relay: SmtpServer
) -> None:
    clock.set(TEN)
    await invited(clone, 2)
    async with clone.transaction() as conn:
        await conn.execute("update notice set purpose = 'reminder', facts = facts - 'method'")
        await conn.execute("update registration set invited_at = invited_at - interval '9 days'")
        await conn.execute(
            "update membership set reminders = false where person_id = (select min(person_id) from notice)"
        )
    async with working(clone, relay.url, clock):
        await until_states(clone, {"sent": 1, "expired": 1})
    async with clone.reading() as conn:
        reason = await conn.fetchval("select error from notice where state = 'expired'")
    assert reason == "wants no reminders of this circle"
