"""Kring is killed again and again while mail comes in: what got 250 is there, and each answer took effect once."""

import asyncio
import base64
import itertools
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from bots.mail.envelope import Arrived
from bots.mail.hand_over import hand_over
from service.actions.inbox_shifts import TRIES
from service.clock import MovableClock
from service.database import Database
from service.demo.calendar_clients import Client
from service.errors import DeliveryFailed
from tests.actions.play import KEYS, Play
from tests.mails.pressed import pressed
from tests.program import Program
from tests.stories.conftest import Programs, programs
from tests.waiting import until

__all__ = ["programs"]

DOMAIN = "in.kring.test"
SENDERS = 4
EVERY_FIFTH = 5
"""Which mails come twice, as from a mail server that missed the 250."""

PATIENCE = 300.0

INVITE = """
    with people as (
        insert into person (name, language, created_at)
        select 'Persoon ' || n, 'nl', now() from generate_series(1, $2) n returning id
    ), addresses as (
        insert into address (person_id, channel, value, is_primary, verified_at, created_at)
        select id, 'mail', 'persoon' || id || '@example.org', true, now(), now() from people returning person_id, value
    )
    insert into registration (gathering_id, person_id, uid, dtstamp, calendar_status, invited_at, created_at)
    select $1, id, 'flood' || id || '@kring', date_trunc('second', now()), 'confirmed',
        date_trunc('second', now()) - interval '1 minute', now()
    from people returning id, uid, (select value from addresses where person_id = registration.person_id) as address
"""
HISTORY = "select registration_id, count(*) as times from registration_history group by 1"
TOLD = "select registration_id, count(*) as times from notice where purpose = 'confirmation' group by 1"
ENDS = "select state, reason, count(*) as times from inbox group by 1, 2 order by 1, 2"


@dataclass
class Flood:
    """Mails on their way, and those that were acknowledged; who gets no 250 tries again."""

    where: str
    waiting: list[Arrived]
    acknowledged: set[str] = field(default_factory=set)
    refused: int = 0

    async def send(self) -> None:
        while self.waiting:
            mail = self.waiting.pop()
            try:
                await hand_over(self.where, mail.envelope_from, mail.recipient, mail.raw)
                self.acknowledged.add(mail.external_id)
            except DeliveryFailed:
                self.refused += 1
                self.waiting.insert(0, mail)
                await until(self._listens)  # a mail server waits before it tries again

    async def _listens(self) -> bool:
        host, _, port = self.where.rpartition(":")
        try:
            _, writer = await asyncio.open_connection(host, int(port))
        except OSError:
            return False
        writer.close()
        return True


async def invited(db: Database, people: int, gatherings: int) -> list[Arrived]:
    """Invite people to gatherings, and let each of them press Accept in some program."""
    play = Play(db, MovableClock(datetime.now(UTC)))
    await play.open(facilitator="")
    clients, mails = itertools.cycle(Client), []
    for _ in range(gatherings):
        gathering = await play.published()
        async with db.transaction() as conn:
            rows = await conn.fetch(INVITE, gathering.id, people)
        mails += [
            pressed(next(clients), row["id"], row["uid"], row["address"], keys=KEYS, domain=DOMAIN) for row in rows
        ]
    return mails


@pytest.mark.parametrize(
    ("people", "gatherings", "kills"),
    [(120, 2, 3), pytest.param(500, 20, 10, marks=pytest.mark.soak)],
)
async def test_no_kill_loses_a_mail_or_applies_it_twice(
    programs: Programs, clone_dsn: str, people: int, gatherings: int, kills: int
) -> None:
    db = await Database.open(clone_dsn, size=4)
    try:
        mails = await invited(db, people, gatherings)
        program = programs(
            clone_dsn, KRING_MAIL_DOMAIN=DOMAIN, KRING_SECRET_KEYS="a:" + base64.b64encode(KEYS["a"]).decode()
        )
        flood = Flood(f"127.0.0.1:{program.lmtp}", mails + mails[::EVERY_FIFTH])
        async with asyncio.TaskGroup() as tasks:
            for _ in range(SENDERS):
                tasks.create_task(flood.send())
            for kill in range(kills):
                await started(program)
                await until(lambda: reached(flood, len(mails) * (kill + 1) // (kills + 1)), PATIENCE)  # noqa: B023
                program.kill()
                await program.ended()
            await started(program)
        assert flood.refused > 0  # or nothing was ever killed under way
        await until(lambda: nothing_left(db), PATIENCE)
        program.interrupt()
        await program.ended()
        await everything_happened_once(db, mails, flood, kills)
    finally:
        await db.close()


async def started(program: Program) -> None:
    program.spawn("--roles", "mail")
    await program.ready()


async def reached(flood: Flood, count: int) -> bool:
    return len(flood.acknowledged) >= count


async def nothing_left(db: Database) -> bool:
    async with db.reading() as conn:
        return not await conn.fetchval("select exists (select from inbox where state = 'new')")


async def everything_happened_once(db: Database, mails: list[Arrived], flood: Flood, kills: int) -> None:
    """See that each mail was applied once.

    A mail that was under way at three deaths is taken for their cause and put aside; after the first it is worked on
    alone, so that each three deaths can meet no more than one.
    """
    async with db.reading() as conn:
        kept = {row["external_id"] for row in await conn.fetch("select external_id from inbox")}
        ends = {(row["state"], row["reason"]): row["times"] for row in await conn.fetch(ENDS)}
        history, told = await conn.fetch(HISTORY), await conn.fetch(TOLD)
    assert flood.acknowledged == kept == {mail.external_id for mail in mails}
    put_aside = ends.pop(("dead", "worker-died"), 0)
    assert put_aside <= kills // TRIES
    assert ends == {("applied", "answer"): len(mails) - put_aside}
    assert len(history) == len(told) == len(mails) - put_aside
    assert {row["times"] for row in [*history, *told]} == {1}
