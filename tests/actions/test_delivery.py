"""Delivering on the real database, to a relay that does as it is told, by workers that are killed and stopped."""

import asyncio
import random
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from email.message import Message
from typing import Any

import pytest
from structlog.testing import capture_logs

from service.actions import pausing, scheduling
from service.actions.delivery import Worker
from service.channels import Capabilities, DueNotice, Receipt
from service.clock import MovableClock
from service.database import Database
from service.formats.tokens import peppered
from service.model import Purpose
from service.rules.access import KRING
from service.rules.notices import NewNotice
from service.store import claims, outbox
from tests.actions.delivery_stage import invited, ledger, states
from tests.actions.delivery_worker import KEYS, working
from tests.conftest import NOW
from tests.factories import make_person
from tests.fakes.smtp_server import HANG_UP, TARPIT, SmtpServer
from tests.waiting import until

IN_FLIGHT = 4


@pytest.fixture
async def relay() -> AsyncIterator[SmtpServer]:
    async with SmtpServer() as server:
        yield server


async def test_every_invitation_goes_out_once_and_is_in_the_ledger(
    db: Database, clock: MovableClock, relay: SmtpServer
) -> None:
    gathering = await invited(db, 30)
    async with working(db, relay.url, clock):
        await until_states(db, {"sent": 30})
    assert sorted(relay.message_ids.values()) == [1] * 30
    recipients = {mail.recipients[0] for mail in relay.mails}
    assert {address for _, _, address in await ledger(db)} == recipients
    assert {(outcome, detail) for outcome, detail, _ in await ledger(db)} == {("sent", "2.0.0 queued as 4F1")}
    found = await one(
        db, "select distinct sent_at, channel, owner, error from notice where gathering_id = $1", gathering.id
    )
    assert found == (NOW, "mail", None, None)


async def test_killed_workers_lose_nothing_and_double_no_more_than_they_had_in_flight(
    clone: Database, clone_dsn: str, relay: SmtpServer
) -> None:
    await invited(clone, 300)
    kills = 0
    chance = random.Random(7)
    while len(relay.mails) < 250:
        async with process(clone_dsn, relay.url) as worker:
            await relay.received(min(len(relay.mails) + chance.randint(40, 75), 290))
            worker.kill()
        kills += 1
    async with working(clone, relay.url, MovableClock(NOW)):
        await until_states(clone, {"sent": 300})
    assert kills >= 3
    assert len(relay.message_ids) == 300
    assert len(relay.mails) - 300 <= kills * IN_FLIGHT
    bodies = {(mail.message["Message-ID"], mail.data) for mail in relay.mails}
    assert len(bodies) == 300


async def test_terminated_workers_lose_and_double_nothing(clone: Database, clone_dsn: str, relay: SmtpServer) -> None:
    await invited(clone, 200)
    for wanted in (30, 90, 150):
        async with process(clone_dsn, relay.url) as worker:
            await relay.received(wanted)
            worker.terminate()
            assert await worker.wait() == 0
        assert set(await states(clone)) <= {"planned", "sent"}
    async with working(clone, relay.url, MovableClock(NOW)):
        await until_states(clone, {"sent": 200})
    assert sorted(relay.message_ids.values()) == [1] * 200
    assert await one(clone, "select max(attempts) from notice") == (1,)


async def test_no_more_than_the_limit_are_handed_over_and_not_yet_marked(clone: Database, clock: MovableClock) -> None:
    await invited(clone, 80)
    channel = Counting(clone)
    stop = asyncio.Event()
    worker = Worker(db=clone, senders={"mail": channel}, keys=KEYS, clock=clock, in_flight=IN_FLIGHT, batch=30)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(worker.run(stop))
        await until_states(clone, {"sent": 80})
        stop.set()
    assert 1 < max(channel.unmarked) <= IN_FLIGHT


class Counting:
    """A channel that counts, at each notice, how many were handed over to it and are not marked as sent."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.handed = 0
        self.unmarked: list[int] = []

    capabilities = Capabilities(idempotent_send=True)
    pace = None

    async def deliver(self, due: DueNotice) -> Receipt:
        self.handed += 1
        handed = self.handed
        self.unmarked.append(handed - (await states(self.db))["sent"])
        return Receipt()

    async def check(self) -> None:
        """Be there."""


async def test_a_claim_enters_nothing_into_an_index(clone: Database) -> None:
    await invited(clone, 50)
    async with clone.transaction() as conn:
        assert len(await claims.claim(conn, 1, "mail", NOW, limit=50)) == 50
        assert await conn.fetchrow(UPDATED) == (50, 50)


UPDATED = "select n_tup_upd, n_tup_hot_upd from pg_stat_xact_user_tables where relname = 'notice'"


async def test_the_ledger_goes_with_its_notices(db: Database, clock: MovableClock, relay: SmtpServer) -> None:
    await invited(db, 3)
    async with working(db, relay.url, clock):
        await until_states(db, {"sent": 3})
    await run(db, "delete from person where id = (select min(person_id) from notice)")
    assert (await states(db), len(await ledger(db))) == ({"sent": 2}, 2)
    await run(db, "delete from notice")
    assert await ledger(db) == []


async def test_two_workers_share_the_outbox(clone: Database, clock: MovableClock, relay: SmtpServer) -> None:
    await invited(clone, 120)
    async with working(clone, relay.url, clock, batch=10), working(clone, relay.url, clock, batch=10):
        await until_states(clone, {"sent": 120})
    assert sorted(relay.message_ids.values()) == [1] * 120


async def test_a_dead_workers_notices_are_taken_over(clone: Database, clock: MovableClock, relay: SmtpServer) -> None:
    await invited(clone, 10)
    async with clone.dedicated() as dead:
        assert await claims.take_lock(dead, 42)
        assert len(await claims.claim(dead, 42, "mail", NOW, limit=10)) == 10
        async with working(clone, relay.url, clock):
            await until(lambda: busy(clone, 2))
            assert await states(clone) == {"claimed": 10}
            dead.terminate()
            await until_states(clone, {"sent": 10})
    assert await one(clone, "select distinct attempts from notice") == (2,)


async def test_a_worker_in_the_middle_of_a_batch_takes_over_what_a_dead_one_left(
    clone: Database, clock: MovableClock
) -> None:
    await invited(clone, 280)
    channel, stop = Metered(), asyncio.Event()
    worker = Worker(db=clone, senders={"mail": channel}, keys=KEYS, clock=clock, in_flight=1, batch=250)
    async with clone.dedicated() as dead, asyncio.TaskGroup() as tasks:
        assert await claims.take_lock(dead, 42)
        left = set(await claims.claim(dead, 42, "mail", NOW, limit=30))
        tasks.create_task(worker.run(stop))
        await channel.begun.wait()
        dead.terminate()
        await until(lambda: is_gone(clone, 42))
        await until(lambda: channel.meters_until_nothing_is_of(clone, 42))
        assert len(channel.told) < 250
        channel.tokens.set()
        await until_states(clone, {"sent": 280})
        stop.set()
    assert len(channel.told) == len(set(channel.told)) == 280
    assert await one(clone, "select array_agg(id order by id) from notice where attempts = 2") == (sorted(left),)


class Metered:
    """A channel that hands over one notice each time it is let, and everything at once in the end."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.tokens = asyncio.Event()
        self.told: list[int] = []

    capabilities = Capabilities(idempotent_send=True)
    pace = None

    async def deliver(self, due: DueNotice) -> Receipt:
        self.begun.set()
        await self.tokens.wait()
        self.told.append(due.id)
        return Receipt()

    async def check(self) -> None:
        """Be there."""

    async def meters_until_nothing_is_of(self, db: Database, owner: int) -> bool:
        """Let one more go; tell whether an owner has no notices any more."""
        self.tokens.set()
        self.tokens.clear()
        return await one(db, f"select count(*) from notice where owner = {owner}") == (0,)


async def is_gone(db: Database, owner: int) -> bool:
    async with db.reading() as conn:
        return owner not in await claims.select_owners(conn)


async def test_only_what_the_dead_had_is_taken_over_and_nothing_during_a_pause(clone: Database) -> None:
    await invited(clone, 30)
    async with clone.transaction() as conn:
        for owner in (42, 43):
            assert await claims.take_lock(conn, owner)
        lost = await claims.claim(conn, 42, "mail", NOW, limit=10)
        others = await claims.claim(conn, 43, "mail", NOW, limit=10)
        assert await claims.take_over(conn, 7, {41, 42}, "telegram", limit=250) == []
        first = await claims.take_over(conn, 7, {41, 42}, "mail", limit=6)
        rest = await claims.take_over(conn, 7, {41, 42}, "mail", limit=6)
        assert (len(first), len(rest), sorted([*first, *rest])) == (6, 4, sorted(lost))
        assert await claims.take_over(conn, 7, {41, 42}, "mail", limit=6) == []
        kept = await conn.fetchval("select array_agg(id order by id) from notice where owner = 43")
        assert kept == sorted(others)
        await outbox.pause(conn, NOW)
        assert await claims.take_over(conn, 7, {43}, "mail", limit=6) == []


async def test_what_is_refused_for_now_is_tried_again_as_the_same_mail(
    db: Database, clock: MovableClock, relay: SmtpServer
) -> None:
    await invited(db, 3)
    relay.tell("end", "451 4.3.0 try again later", times=3, stored=True)
    async with working(db, relay.url, clock):
        await until(lambda: tried(db, 3))
        clock.move(timedelta(seconds=59))
        await asyncio.sleep(0)
        assert await states(db) == {"planned": 3}
        clock.move(timedelta(seconds=14))
        await until_states(db, {"sent": 3})
    assert sorted(relay.message_ids.values()) == [2] * 3
    assert len({mail.data for mail in relay.mails}) == 3
    assert [outcome for outcome, *_ in await ledger(db)] == ["deferred"] * 3 + ["sent"] * 3


async def test_after_five_days_a_notice_is_given_up(db: Database, clock: MovableClock, relay: SmtpServer) -> None:
    await invited(db, 1)
    relay.tell("rcpt", "450 4.2.1 mailbox busy")
    async with working(db, relay.url, clock):
        while (await states(db))["failed"] == 0:
            tries = len(await ledger(db))
            await until(lambda tries=tries: tried(db, tries + 1))
            clock.move(timedelta(hours=20))
    assert clock.now() - NOW == timedelta(days=5, hours=20)
    assert await one(db, "select state, error from notice") == ("failed", "recipient: 450 4.2.1 mailbox busy")


async def test_an_address_that_is_gone_is_not_used_again(db: Database, clock: MovableClock, relay: SmtpServer) -> None:
    person = await make_person(db, email="gone@example.org")
    await plan(db, NewNotice("a", Purpose.SIGN_IN, person.id, NOW, facts={"token": "t1", "code": "111111"}))
    relay.tell("rcpt", "550 5.1.1 no such user")
    async with working(db, relay.url, clock):
        await until_states(db, {"failed": 1})
        await plan(db, NewNotice("b", Purpose.SIGN_IN, person.id, NOW, facts={"token": "t2", "code": "222222"}))
        await until_states(db, {"failed": 2})
    found = await all_of(db, "select error from notice order by id")
    assert found == [("recipient: 550 5.1.1 no such user",), ("no deliverable address",)]
    assert await one(db, "select undeliverable_at from address") == (NOW,)


async def test_where_one_address_is_gone_the_next_one_gets_it(
    db: Database, clock: MovableClock, relay: SmtpServer
) -> None:
    person = await make_person(db, email="gone@example.org")
    await run(
        db,
        "insert into address (person_id, channel, value, verified_at, created_at) values ($1, 'mail', $2, $3, $3)",
        person.id,
        "other@example.org",
        NOW,
    )
    await plan(db, NewNotice("a", Purpose.SIGN_IN, person.id, NOW, facts={"token": "t1", "code": "111111"}))
    relay.tell("rcpt", "550 5.1.1 no such user", recipient="gone@")
    async with working(db, relay.url, clock):
        await until_states(db, {"sent": 1})
    assert [(outcome, address) for outcome, _, address in await ledger(db)] == [
        ("refused", "gone@example.org"),
        ("sent", "other@example.org"),
    ]


async def test_a_refusal_that_is_our_own_fault_leaves_the_address_alone(
    db: Database, clock: MovableClock, relay: SmtpServer
) -> None:
    await invited(db, 1)
    relay.tell("end", "554 5.7.1 looks like spam")
    async with working(db, relay.url, clock):
        await until_states(db, {"failed": 1})
    assert await one(db, "select undeliverable_at from address") == (None,)


async def test_a_tarpit_holds_up_only_what_fell_into_it(db: Database, clock: MovableClock, relay: SmtpServer) -> None:
    await invited(db, 40)
    relay.tell("rcpt", TARPIT, times=2)
    async with working(db, relay.url, clock, patience=6.0):
        await relay.received(38, within=6.0)
        await until_states(db, {"sent": 38, "planned": 2})
        clock.move(timedelta(minutes=2))
        await until_states(db, {"sent": 40})


async def test_an_answer_that_is_lost_doubles_one_mail_and_no_more(
    db: Database, clock: MovableClock, relay: SmtpServer
) -> None:
    await invited(db, 20)
    relay.tell("end", HANG_UP, stored=True, times=1)
    async with working(db, relay.url, clock):
        await until_states(db, {"sent": 19, "planned": 1})
        clock.move(timedelta(minutes=2))
        await until_states(db, {"sent": 20})
    assert sorted(relay.message_ids.values()) == [1] * 19 + [2]
    assert len({mail.data for mail in relay.mails}) == 20


async def test_an_absent_relay_counts_against_nobody(db: Database, clock: MovableClock, relay: SmtpServer) -> None:
    await invited(db, 5)
    port = relay.port
    await relay.__aexit__(None, None, None)
    async with working(db, f"smtp://127.0.0.1:{port}", clock):
        with capture_logs() as logs:
            await until(lambda: waits(logs, 2))
        assert await states(db) == {"planned": 5}
        async with SmtpServer(port=port) as back:
            await until_states(db, {"sent": 5})
            assert sorted(back.message_ids.values()) == [1] * 5
    assert await one(db, "select max(attempts) from notice") == (1,)
    assert [outcome for outcome, *_ in await ledger(db)] == ["sent"] * 5


async def test_a_pause_stops_all_sending_until_it_is_over(db: Database, clock: MovableClock, relay: SmtpServer) -> None:
    await invited(db, 60)
    async with working(db, relay.url, clock):
        await relay.received(5)
        await pausing.pause(db, KRING, now=NOW)
        await until(lambda: nothing_claimed(db))
        sent = (await states(db))["sent"]
        assert 5 <= sent < 60
        assert len(relay.mails) == sent
        await pausing.resume(db, KRING)
        await until_states(db, {"sent": 60})
    assert sorted(relay.message_ids.values()) == [1] * 60


async def test_a_worker_that_loses_its_connection_goes_on_with_another(
    clone: Database, clock: MovableClock, relay: SmtpServer
) -> None:
    await invited(clone, 150)
    async with working(clone, relay.url, clock):
        for wanted in (20, 80):
            await relay.received(wanted)
            await run(clone, CUT_OFF)
        await until_states(clone, {"sent": 150})
    assert len(relay.message_ids) == 150
    assert len(relay.mails) - 150 <= 2 * IN_FLIGHT


async def test_a_notice_that_cannot_be_written_fails_alone(
    db: Database, clock: MovableClock, relay: SmtpServer
) -> None:
    await invited(db, 10)
    poison = 'update notice set facts = facts || \'{"status": "nonsense"}\' where id = (select min(id) from notice)'
    await run(db, poison)
    async with working(db, relay.url, clock):
        for attempts in (1, 2):
            await until(lambda attempts=attempts: attempted(db, attempts))
            clock.move(timedelta(minutes=10))
        await until_states(db, {"sent": 9, "failed": 1})
    attempts, error = await one(db, "select attempts, error from notice where state = 'failed'")
    assert (attempts, error[:27]) == (3, "a fault of Kring, reference")


async def test_a_purpose_that_this_version_does_not_know_fails_alone(
    db: Database, clock: MovableClock, relay: SmtpServer
) -> None:
    await invited(db, 5)
    await run(db, "update notice set purpose = 'newer', attempts = 2 where id = (select min(id) from notice)")
    async with working(db, relay.url, clock):
        await until_states(db, {"sent": 4, "failed": 1})


async def test_what_is_of_no_use_any_more_expires_with_the_reason(
    db: Database, clock: MovableClock, relay: SmtpServer
) -> None:
    gathering = await invited(db, 3)
    await run(db, "update registration set partstat = 'accepted' where id = (select min(id) from registration)")
    clock.set(gathering.starts_at)
    async with working(db, relay.url, clock):
        await until_states(db, {"expired": 3})
    assert relay.mails == []
    assert await all_of(db, "select distinct error from notice") == [("the gathering has begun",)]


async def test_suppressed_addresses_get_nothing(db: Database, clock: MovableClock, relay: SmtpServer) -> None:
    await invited(db, 4)
    addresses = [value for (value,) in await all_of(db, "select value from address order by id")]
    older = {"z": b"another key of thirty-two bytes!"}
    hashes = [peppered(KEYS, addresses[0]), peppered(older, addresses[1]), peppered(KEYS, addresses[2])]
    for address_hash, reason in zip(hashes, ("bounced", "bounced", "unsubscribed"), strict=True):
        await run(db, "insert into suppression values ($1, $2, $3)", address_hash, reason, NOW)
    async with working(db, relay.url, clock, keys=KEYS | older):
        await until_states(db, {"sent": 1, "failed": 3})
    assert [mail.recipients for mail in relay.mails] == [(addresses[3],)]
    found = await all_of(db, "select error from notice where state = 'failed' order by id")
    assert found == [("suppressed: bounced",), ("suppressed: bounced",), ("suppressed: unsubscribed",)]


async def test_who_waits_for_a_code_goes_before_a_thousand_invitations(
    db: Database, clock: MovableClock, relay: SmtpServer
) -> None:
    await invited(db, 1000)
    person = await make_person(db, email="hurry@example.org")
    async with working(db, relay.url, clock, in_flight=1):
        await relay.received(3)
        await plan(db, NewNotice("a", Purpose.SIGN_IN, person.id, NOW, facts={"token": "t1", "code": "111111"}))
        await relay.until(lambda: any("hurry@example.org" in mail.recipients for mail in relay.mails))
        before = len(relay.mails)
        assert before < 1000
        await until_states(db, {"sent": 1001})
    assert await one(db, "select facts from notice where purpose = 'sign-in'") == ({},)


async def test_unconfirmed_addresses_get_only_what_confirms_them(
    db: Database, clock: MovableClock, relay: SmtpServer
) -> None:
    await invited(db, 1)
    await run(db, "update address set verified_at = null")
    person_id, email = await one(db, "select person_id, value from address")
    await plan(db, NewNotice("a", Purpose.SIGN_IN, person_id, NOW, facts={"token": "t1", "code": "111111"}))
    async with working(db, relay.url, clock):
        await until_states(db, {"sent": 1, "failed": 1})
    assert [(mail.recipients, mail.message["To"]) for mail in relay.mails] == [((email,), f"<{email}>")]


async def test_a_cancellation_overtakes_an_invitation_that_had_to_wait(
    db: Database, clock: MovableClock, relay: SmtpServer
) -> None:
    gathering = await invited(db, 2)
    relay.tell("rcpt", "451 4.7.1 greylisted", times=2)
    async with working(db, relay.url, clock):
        await until(lambda: tried(db, 2))
        await scheduling.cancel(db, KRING, gathering.id, "", now=NOW)
        clock.move(timedelta(minutes=5))
        await until_states(db, {"sent": 2, "cancelled": 2})
    assert ["METHOD:CANCEL" in calendar(mail.message) for mail in relay.mails] == [True, True]


def calendar(message: Message) -> str:
    (part,) = (part for part in message.walk() if part.get_content_type() == "text/calendar")
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload.decode()


CUT_OFF = """
    select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and classid = 1265790567
        and database = (select oid from pg_database where datname = current_database())
"""
BUSY = """
    select count(*) >= $1 from pg_locks where locktype = 'advisory' and classid = 1265790567
        and database = (select oid from pg_database where datname = current_database())
"""


@asynccontextmanager
async def process(dsn: str, relay_url: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a worker in a process of its own, which is gone at the end of the block."""
    command = [sys.executable, "-m", "tests.actions.delivery_worker", dsn, relay_url, str(IN_FLIGHT), str(NOW)]
    started = await asyncio.create_subprocess_exec(*command)
    try:
        yield started
    finally:
        with suppress(ProcessLookupError):
            started.kill()
        await started.wait()


async def until_states(db: Database, wanted: dict[str, int]) -> None:
    async def so() -> bool:
        return dict(await states(db)) == wanted

    await until(so)


async def waits(logs: Sequence[Mapping[str, Any]], times: int) -> bool:
    return [line["event"] for line in logs].count("outbox_waits") >= times


async def busy(db: Database, workers: int) -> bool:
    return bool((await one(db, BUSY, workers))[0])


async def tried(db: Database, times: int) -> bool:
    return len(await ledger(db)) >= times


async def attempted(db: Database, times: int) -> bool:
    return await one(db, "select max(attempts) from notice where state = 'planned'") == (times,)


async def nothing_claimed(db: Database) -> bool:
    return (await states(db))["claimed"] == 0


async def plan(db: Database, notice: NewNotice) -> None:
    async with db.transaction() as conn:
        await outbox.insert_notices(conn, [notice], NOW)


async def run(db: Database, statement: str, *values: Any) -> None:
    async with db.transaction() as conn:
        await conn.execute(statement, *values)


async def one(db: Database, statement: str, *values: Any) -> tuple[Any, ...]:
    (row,) = await all_of(db, statement, *values)
    return row


async def all_of(db: Database, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    async with db.reading() as conn:
        return [tuple(row) for row in await conn.fetch(statement, *values)]
