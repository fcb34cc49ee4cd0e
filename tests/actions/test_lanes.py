"""The lanes of the outbox: who prefers a chat is told there, and nothing that happens to a chat loses a message."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from service.actions.delivery import Worker
from service.channels import Capabilities, DueNotice, Receipt
from service.clock import MovableClock
from service.database import Database
from service.errors import DeliveryFailed
from service.model import Gathering, Partstat, Purpose, Via
from service.rules.notices import NewNotice
from service.store import claims, notices, outbox
from tests.actions.delivery_stage import invited, ledger, states
from tests.actions.delivery_worker import KEYS
from tests.actions.play import Play
from tests.conftest import NOW
from tests.waiting import until

CHAT = "telegram"


@dataclass
class Turns:
    """A pace that holds nothing back but lets each conversation have one message at a time."""

    taken: list[str | None] = field(default_factory=list)

    def conversation(self, due: DueNotice) -> str | None:
        return due.address

    def wait(self, due: DueNotice, now: float) -> float:
        return 0.0

    def take(self, due: DueNotice, now: float) -> None:
        self.taken.append(due.address)


@dataclass
class Channel:
    """The far side of a channel: notes what it is given, and does what it is told with the next of them."""

    capabilities: Capabilities = field(default_factory=lambda: Capabilities(idempotent_send=True))
    pace: Turns | None = None
    faults: list[DeliveryFailed] = field(default_factory=list)
    down: DeliveryFailed | None = None
    told: list[tuple[str, str]] = field(default_factory=list)
    hold: asyncio.Event | None = None
    begun: asyncio.Event = field(default_factory=asyncio.Event)

    async def deliver(self, due: DueNotice) -> Receipt:
        assert due.address is not None
        self.begun.set()
        if self.hold is not None:
            await self.hold.wait()
        if self.faults:
            raise self.faults.pop(0)
        self.told.append((due.address, str(due.purpose)))
        return Receipt()

    async def check(self) -> None:
        if self.down is not None:
            raise self.down


@dataclass
class Stage:
    """Two channels, and a person who prefers the chat."""

    play: Play
    mail: Channel = field(default_factory=Channel)
    chat: Channel = field(default_factory=lambda: Channel(Capabilities(buttons=True), Turns()))

    @asynccontextmanager
    async def delivering(self, **options: Any) -> AsyncIterator[None]:
        stop = asyncio.Event()
        senders = options.pop("senders", {"mail": self.mail, CHAT: self.chat})
        worker = Worker(db=self.play.db, senders=senders, keys=KEYS, clock=self.play.clock, **options)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(worker.run(stop))
            try:
                yield
            finally:
                stop.set()

    async def chats(self, name: str, number: str = "7") -> int:
        """Let somebody prefer the chat."""
        (row,) = await self.play.fetch("select id from person where name = $1", name)
        async with self.play.db.transaction() as conn:
            await conn.execute(
                "insert into address (person_id, channel, value, is_primary, verified_at, created_at)"
                " values ($1, $2, $3, true, $4, $4)",
                row["id"],
                CHAT,
                number,
                NOW,
            )
            await conn.execute("update person set preferred_channel = $2 where id = $1", row["id"], CHAT)
            await outbox.reroute(conn, row["id"], CHAT)
        return int(row["id"])

    async def write(self, person_id: int, purpose: Purpose, key: str, **more: Any) -> None:
        async with self.play.db.transaction() as conn:
            await outbox.insert_notices(conn, [NewNotice(key, purpose, person_id, self.play.now, **more)], NOW)

    async def ended(self, **wanted: int) -> None:
        await until(lambda: is_so(lambda: states(self.play.db), wanted))


async def is_so(look: Callable[[], Awaitable[Any]], wanted: Any) -> bool:
    return dict(await look()) == wanted


@pytest.fixture
async def stage(db: Database, clock: MovableClock) -> Stage:
    return Stage(Play(db, clock))


async def opened(stage: Stage) -> tuple[int, Gathering]:
    """Let Anna, who prefers the chat, and Bert be invited to a gathering."""
    await stage.play.open("Anna", "Bert", facilitator="")
    anna = await stage.chats("Anna")
    return anna, await stage.play.published(days=30)


async def test_an_invitation_goes_to_the_calendar_by_mail_and_is_told_in_the_chat(stage: Stage) -> None:
    await opened(stage)
    async with stage.delivering():
        await until(
            lambda: is_so(lambda: sent(stage.play.db), {("Anna", "mail"): 1, ("Anna", CHAT): 1, ("Bert", "mail"): 1})
        )
    assert stage.chat.told == [("7", "invitation")]
    assert sorted(purpose for _, purpose in stage.mail.told) == ["invitation"] * 2


async def test_what_was_answered_in_the_chat_is_not_told_there_again(stage: Stage) -> None:
    _, gathering = await opened(stage)
    await empty(stage.play.db)
    await stage.play.answer(gathering, "Anna", Partstat.ACCEPTED, via=Via.TELEGRAM)
    await stage.play.answer(gathering, "Anna", Partstat.DECLINED, via=Via.TELEGRAM)
    await stage.play.answer(gathering, "Anna", Partstat.TENTATIVE, via=Via.CALENDAR)
    found = await stage.play.fetch("select purpose, lane from notice where purpose <> 'reminder' order by id")
    assert [tuple(row) for row in found] == [("confirmation", "mail"), ("tentative", "mail"), ("tentative", CHAT)]


async def test_a_reminder_goes_to_the_one_channel_a_person_prefers_when_it_is_due(stage: Stage) -> None:
    anna, _ = await opened(stage)
    rows = await stage.play.fetch(
        "select lane, count(*) from notice where purpose = 'reminder' and person_id = $1 group by lane", anna
    )
    assert [tuple(row) for row in rows] == [(CHAT, 2)]
    async with stage.play.db.transaction() as conn:
        await outbox.reroute(conn, anna, "mail")
    rows = await stage.play.fetch("select purpose, lane, state from notice where person_id = $1 order by id", anna)
    assert sorted(tuple(row) for row in rows) == [
        ("invitation", "mail", "cancelled"),
        ("invitation", "mail", "planned"),
        ("reminder", "mail", "planned"),
        ("reminder", "mail", "planned"),
    ]


async def test_who_blocked_the_chat_is_told_by_mail(stage: Stage) -> None:
    anna, _ = await opened(stage)
    await empty(stage.play.db)
    await stage.write(anna, Purpose.REMINDER, "one")
    await stage.write(anna, Purpose.REMINDER, "two")
    stage.chat.faults += [DeliveryFailed("403 blocked", permanent=True, address_at_fault=True)] * 2
    async with stage.delivering():
        await stage.ended(sent=2)
    assert (stage.chat.told, len(stage.mail.told)) == ([], 2)
    (row,) = await stage.play.fetch("select undeliverable_at from address where channel = $1", CHAT)
    assert row["undeliverable_at"] == stage.play.now


async def test_what_nobody_knows_of_goes_once_more_by_mail(stage: Stage) -> None:
    anna, _ = await opened(stage)
    await empty(stage.play.db)
    await stage.write(anna, Purpose.REMINDER, "one")
    stage.chat.faults.append(DeliveryFailed("lost after sending", permanent=False, uncertain=True))
    async with stage.delivering():
        await stage.ended(unknown=1, sent=1)
    assert (stage.chat.told, len(stage.mail.told)) == ([], 1)
    found = await stage.play.fetch("select outcome, channel from delivery order by id")
    assert [tuple(row) for row in found] == [("unknown", CHAT), ("sent", "mail")]


async def test_the_answer_to_what_somebody_asked_is_sent_again_instead(stage: Stage) -> None:
    await stage.play.open("Anna")
    await stage.write(None, Purpose.ANSWER, "one", channel=CHAT, conversation="99", facts={"language": "nl"})
    stage.chat.faults.append(DeliveryFailed("lost after sending", permanent=False, uncertain=True))
    async with stage.delivering():
        await until(lambda: tried(stage.play.db))
        stage.play.clock.move(timedelta(seconds=2))
        await stage.ended(sent=1)
    assert stage.chat.told == [("99", "answer")]


async def test_a_worker_that_dies_in_the_middle_leaves_one_mail(clone: Database, clock: MovableClock) -> None:
    stage = Stage(Play(clone, clock))
    anna, _ = await opened(stage)
    await empty(clone)
    await stage.write(anna, Purpose.REMINDER, "one")
    async with clone.dedicated() as dead:
        assert await claims.take_lock(dead, 42)
        (ident,) = await claims.claim(dead, 42, CHAT, stage.play.now, limit=10)
        assert await notices.begin(dead, ident, 42, stage.play.now)
    async with stage.delivering():
        await stage.ended(unknown=1, sent=1)
    assert (stage.chat.told, len(stage.mail.told)) == ([], 1)


async def test_an_outage_of_the_chat_holds_up_no_mail_and_nobody_waits_for_ever(stage: Stage) -> None:
    anna, _ = await opened(stage)
    await stage.write(anna, Purpose.REMINDER, "one")
    stage.chat.down = DeliveryFailed("connection refused", permanent=False)
    async with stage.delivering():
        await until(lambda: is_so(lambda: told(stage.mail), {"invitation": 2}))
        stage.play.clock.move(timedelta(minutes=11))
        await until(lambda: is_so(lambda: told(stage.mail), {"invitation": 2, "reminder": 1}))
    found = await stage.play.fetch("select state, error from notice where facts ? 'mailed'")
    assert [tuple(row) for row in found] == [("expired", "told by mail")]
    assert stage.chat.told == []


async def test_a_chat_that_asks_for_patience_gets_it_and_no_attempt_is_burnt(stage: Stage) -> None:
    anna, _ = await opened(stage)
    await empty(stage.play.db)
    for key in ("one", "two", "three"):
        await stage.write(anna, Purpose.REMINDER, key)
    stage.chat.faults.append(DeliveryFailed("429", permanent=False, pause=0.05))
    async with stage.delivering():
        await stage.ended(sent=3)
    rows = await stage.play.fetch("select distinct attempts from notice")
    assert [tuple(row) for row in rows] == [(1,)]


async def test_a_chat_that_is_closed_lets_everything_go_by_mail(stage: Stage) -> None:
    anna, _ = await opened(stage)
    await stage.write(anna, Purpose.REMINDER, "one")
    stage.chat.down = DeliveryFailed("401", permanent=True, closed=True)
    async with stage.delivering():
        await until(lambda: is_so(lambda: told(stage.mail), {"invitation": 2, "reminder": 1}))


async def test_without_the_channel_everything_goes_by_mail(stage: Stage) -> None:
    anna, _ = await opened(stage)
    await stage.write(anna, Purpose.REMINDER, "one")
    async with stage.delivering(senders={"mail": stage.mail}, absent=(CHAT,)):
        await until(lambda: is_so(lambda: told(stage.mail), {"invitation": 2, "reminder": 1}))


async def test_a_conversation_is_told_in_order_and_the_urgent_first(stage: Stage) -> None:
    await stage.play.open("Anna")
    anna = await stage.chats("Anna")
    await stage.write(anna, Purpose.INVITATION, "announcement")
    await stage.write(anna, Purpose.REMINDER, "reminder")
    await stage.write(anna, Purpose.OFFER, "offer")
    for number in range(6):
        facts = {"language": "nl"}
        await stage.write(None, Purpose.ANSWER, f"answer {number}", channel=CHAT, conversation="7", facts=facts)
    async with stage.delivering():
        await stage.ended(sent=9)
    assert [purpose for _, purpose in stage.chat.told] == ["answer"] * 6 + ["offer", "reminder", "invitation"]
    order = await stage.play.fetch(
        "select n.dedupe_key from delivery d join notice n on n.id = d.notice_id order by d.id"
    )
    assert [row["dedupe_key"] for row in order][:6] == [f"answer {number}" for number in range(6)]


FIRST = {Purpose.ANSWER, Purpose.SIGN_IN, Purpose.VISITOR, Purpose.CHECK_IN, Purpose.LINK_CODE}
PLANS = {Purpose.REMINDER, Purpose.CANCELLATION, Purpose.WITHDRAWAL, Purpose.UPDATE}
TO_MANY = {Purpose.INVITATION, Purpose.BROADCAST, Purpose.RATING, Purpose.POLL, Purpose.CIRCLE_CLOSED}


async def test_what_is_told_to_one_person_alone_goes_before_what_goes_to_many(stage: Stage) -> None:
    await stage.play.open("Anna")
    for purpose in Purpose:
        await stage.write(stage.play.ids["Anna"], purpose, f"one {purpose}")
    found = await stage.play.fetch("select purpose, priority from notice where dedupe_key like 'one %'")
    ranks = [(FIRST, 0), (PLANS, 2), (TO_MANY, 3), (set(Purpose) - FIRST - PLANS - TO_MANY, 1)]
    assert {row["purpose"]: row["priority"] for row in found} == {one: rank for many, rank in ranks for one in many}
    assert Purpose.ADDRESS_ADDED in ranks[3][0]


async def test_one_worker_at_a_time_sends_where_there_is_a_pace(clone: Database, clock: MovableClock) -> None:
    stage = Stage(Play(clone, clock))
    await stage.play.open("Anna")
    anna = await stage.chats("Anna")
    second = Channel(Capabilities(buttons=True), Turns())
    async with stage.delivering(senders={CHAT: stage.chat}):
        await stage.write(anna, Purpose.REMINDER, "one")
        await stage.ended(sent=1)
        async with stage.delivering(senders={CHAT: second}):
            for number in range(5):
                await stage.write(anna, Purpose.REMINDER, f"more {number}")
            await stage.ended(sent=6)
    assert (len(stage.chat.told), second.told) == (6, [])


async def test_a_pause_of_all_sending_pauses_every_lane(db: Database) -> None:
    await invited(db, 3)
    async with db.transaction() as conn:
        await outbox.pause(conn, NOW)
        assert await claims.claim(conn, 1, CHAT, NOW, limit=10) == []
        assert await claims.claim(conn, 1, "mail", NOW, limit=10) == []


async def empty(db: Database) -> None:
    async with db.transaction() as conn:
        await conn.execute("delete from notice")


async def told(channel: Channel) -> dict[str, int]:
    purposes = [purpose for _, purpose in channel.told]
    return {purpose: purposes.count(purpose) for purpose in purposes}


async def tried(db: Database) -> bool:
    return [outcome for outcome, *_ in await ledger(db)] == ["deferred"]


async def sent(db: Database) -> dict[tuple[str, str], int]:
    async with db.reading() as conn:
        found = await conn.fetch(
            "select p.name, n.channel, count(*) from notice n join person p on p.id = n.person_id"
            " where n.state = 'sent' group by 1, 2"
        )
    return {(row["name"], row["channel"]): row["count"] for row in found}
