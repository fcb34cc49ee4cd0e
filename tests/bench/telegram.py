"""What chats cost: taking updates in, doing what they ask, and a round of reminders at the pace that Telegram allows.

The floors: an aiohttp handler that commits one insert, and the time that so many messages take at the pace allowed.
"""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from time import monotonic
from typing import Any

import asyncpg

from bots.telegram import client
from bots.telegram.notices import Words
from bots.telegram.pace import OVERALL
from bots.telegram.parse import CHANNEL
from bots.telegram.send import TelegramSender
from bots.telegram.talk import Talk
from handlers.dialogue.dispatch import handle
from handlers.dialogue.together import handle_together
from handlers.dialogue.turn import Site
from service.actions import inbox_shifts, intake
from service.actions.delivery import Worker
from service.channels import Inbound, Outbound
from service.clock import SystemClock
from service.database import Database
from tests.bench.association import FEW, PEOPLE, filled, invited
from tests.bench.clients import send
from tests.bench.figures import Figure, at_least, at_least_times, at_most_times, informing
from tests.bench.ground import ROUNDS, Ground, program
from tests.bench.rounds import Rounds
from tests.bench.servers import HOOK, KEYS, SECRET
from tests.fakes.telegram import TelegramServer

SITE = Site(name="Kring", base_url="http://127.0.0.1", timezone="Europe/Amsterdam", language="nl")
UPDATES, CONNECTIONS = 2_000, 16
"""Posted in a round, over so many connections as Telegram would open."""

INTAKE = 0.7
APPLIED, ASKED = 1_000, 500
"""Answers done in a round, and how many a second are promised."""

CHATS = 2_000
LATE = 1.05
LOOK_SECONDS = 0.05

LINK = """
    insert into address (person_id, channel, value, is_primary, verified_at, created_at)
    select id, 'telegram', (900000000 + id)::text, true, now(), now() from person on conflict do nothing
"""
PREFER = "update person set preferred_channel = 'telegram'"
REMIND = """
    insert into notice (dedupe_key, purpose, person_id, gathering_id, registration_id, lane, facts, due_at, expires_at,
        created_at)
    select 'reminder:' || r.id, 'reminder', r.person_id, r.gathering_id, r.id, 'telegram', '{"kind": "P1D"}', now(),
        g.starts_at, now()
    from registration r join gathering g on g.id = r.gathering_id where r.id = any($1)
"""
INVITED_LONG_AGO = "update registration set invited_at = now() - interval '30 days' where id = any($1)"
LEFT = "select exists (select from inbox where state = 'new' and channel = 'telegram')"
UNSENT = "select exists (select from notice where lane = 'telegram' and state in ('planned', 'claimed'))"

_numbers = itertools.count(1)


async def run(ground: Ground) -> AsyncIterator[Figure]:
    async with AsyncExitStack() as stack:
        dsn = await filled(ground, "telegram", people=PEOPLE, others=FEW)
        yield await _intake(Rounds(ground), stack, dsn)
        db = await Database.open(dsn, size=inbox_shifts.AT_ONCE, waits_for_disk=False)
        stack.push_async_callback(db.close)
        await _execute(dsn, LINK, PREFER)
        for figure in await _applied(Rounds(ground), db):
            yield figure
        yield await _reminded(db)


async def _intake(rounds: Rounds, stack: AsyncExitStack, dsn: str) -> Figure:
    """Post updates to a handler that only inserts, and to Kring's webhook."""
    _, floor = await stack.enter_async_context(program("tests.bench.servers", "insert", dsn))
    _, kring = await stack.enter_async_context(program("tests.bench.servers", "telegram", dsn))
    for number in range(ROUNDS + 1):
        for name, port, path in (("floor", floor, "/insert"), ("kring", kring, HOOK)):
            posts = [_post(path, _update(number, "dag")) for number in range(UPDATES)]
            await rounds.measure(name, UPDATES, send(port, posts, connections=CONNECTIONS, status=200))
        if number == 0:
            rounds.forget()
    await _execute(dsn, "delete from inbox")
    return at_least_times(
        "telegram: updates taken in, durable", rounds.rate("kring"), "per s", rounds.rate("floor"), INTAKE
    )


def worker_of(db: Database) -> "intake.IntakeWorker[Any]":
    """Return the worker of updates as the running program has it."""
    talk = Talk(answer=_answer, answers=_answers, name=lambda: "kring_bot", language=SITE.language)
    return intake.IntakeWorker(
        db=db, clock=SystemClock(), channel=CHANNEL, read=talk.read, apply=talk.apply, together=talk.together
    )


async def _applied(rounds: Rounds, db: Database) -> list[Figure]:
    """Let many people answer by a tap, and work until all of it is done and answered."""
    worker = worker_of(db)
    for number in range(ROUNDS + 1):
        gathering, ids = await invited(db.dsn, APPLIED, APPLIED)
        taps = [_tap(person, f"k1:accept:{gathering}") for person in await _people(db, ids)]
        messages = [
            (f"1:{tap['update_id']}", f"telegram:{at}", json.dumps(tap).encode()) for at, tap in enumerate(taps)
        ]
        await intake.store_all(db, CHANNEL, messages, now=datetime.now(UTC))
        await rounds.measure("applied", APPLIED, _work(worker, db))
        if number == 0:
            rounds.forget()
    await _execute(db.dsn, "update notice set state = 'expired' where state = 'planned'")
    return [
        at_least("telegram: answers applied", rounds.rate("applied"), "per s", ASKED),
        informing("telegram: cost of an answer applied", rounds.cpu("applied"), "ms CPU"),
    ]


async def _reminded(db: Database) -> Figure:
    """Remind people in as many chats, and see when the last one has it."""
    async with TelegramServer() as telegram:
        _, ids = await invited(db.dsn, CHATS, CHATS)
        for person in await _people(db, ids):
            telegram.account("Persoon", number=900_000_000 + person).user.started = True
        bot = client.connect(telegram.token, telegram.url)
        sender = TelegramSender(bot, db, Words(KEYS, base_url=SITE.base_url, timezone=SITE.timezone), SystemClock())
        worker = Worker(db=db, senders={CHANNEL: sender}, keys=KEYS, clock=SystemClock())
        await _execute(db.dsn, INVITED_LONG_AGO, ids, REMIND, ids)
        stop, began = asyncio.Event(), monotonic()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(worker.run(stop))
            while await _is(db, UNSENT):  # noqa: ASYNC110 - the end lies in the database
                await asyncio.sleep(LOOK_SECONDS)
            stop.set()
        last = telegram.called("sendMessage")[-1].at - began
        await bot.session.close()
        assert sum(len(chat.messages) for chat in telegram.world.chats.values()) == CHATS
    return at_most_times(f"telegram: the last of {CHATS:,} reminders", last, "s", CHATS / OVERALL, LATE)


async def _answer(db: Database, inbound: Inbound) -> Sequence[Outbound]:
    return await handle(db, inbound, keys=KEYS, now=datetime.now(UTC), site=SITE)


async def _answers(db: Database, inbounds: Sequence[Inbound]) -> Sequence[Sequence[Outbound] | None]:
    return await handle_together(db, inbounds, keys=KEYS, now=datetime.now(UTC), site=SITE)


async def _work(worker: "intake.IntakeWorker[Any]", db: Database) -> None:
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(worker.run(stop))
        while await _is(db, LEFT):  # noqa: ASYNC110 - the end lies in the database
            await asyncio.sleep(LOOK_SECONDS)
        stop.set()


async def _is(db: Database, statement: str) -> bool:
    async with db.reading() as conn:
        return bool(await conn.fetchval(statement))


async def _people(db: Database, registrations: Sequence[int]) -> list[int]:
    async with db.reading() as conn:
        found = await conn.fetch("select person_id from registration where id = any($1)", registrations)
    return [row["person_id"] for row in found]


async def _execute(dsn: str, *statements: Any) -> None:
    """Run statements; a list behind one is its argument."""
    conn = await asyncpg.connect(dsn)
    try:
        for at, statement in enumerate(statements):
            if isinstance(statement, str):
                more = [one for one in statements[at + 1 : at + 2] if not isinstance(one, str)]
                await conn.execute(statement, *more)
    finally:
        await conn.close()


def _user(number: int) -> dict[str, Any]:
    return {"id": 900_000_000 + number, "is_bot": False, "first_name": "Persoon", "language_code": "nl"}


def _chat(number: int) -> dict[str, Any]:
    return {"id": 900_000_000 + number, "type": "private", "first_name": "Persoon"}


def _update(number: int, text: str) -> dict[str, Any]:
    message = {"message_id": 1, "date": _stamp(), "chat": _chat(number), "from": _user(number), "text": text}
    return {"update_id": next(_numbers), "message": message}


def _tap(number: int, data: str) -> dict[str, Any]:
    message = {"message_id": 1, "date": _stamp(), "chat": _chat(number), "text": "Kom je?"}
    query = {"id": str(next(_numbers)), "from": _user(number), "message": message, "chat_instance": "1", "data": data}
    return {"update_id": next(_numbers), "callback_query": query}


def _stamp() -> int:
    return int(datetime.now(UTC).timestamp())


def _post(path: str, update: dict[str, Any]) -> bytes:
    body = json.dumps(update)
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"X-Telegram-Bot-Api-Secret-Token: {SECRET}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return (head + body).encode()
