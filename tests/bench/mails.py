"""How fast reminders leave, from the outbox to the relay's 250, against aiosmtplib with bytes that are ready.

The relay is a process of its own that takes everything at once, or at a distance of twenty milliseconds.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from time import perf_counter

import aiosmtplib

from bots.mail.channel import MailSender
from bots.mail.render import Renderer
from bots.mail.send import Relay, SmtpTransport
from service.actions.delivery import Worker
from service.clock import SystemClock
from service.database import Database
from tests.bench.association import FEW, MANY, PEOPLE, filled, reminded
from tests.bench.figures import Figure, at_least_times, at_most_times, informing
from tests.bench.ground import ROUNDS, Ground, program
from tests.bench.rounds import Rounds
from tests.bench.servers import KEYS
from tests.bots.mail.dues import HEAD

MAILS, ALL = 2_000, 9_000
"""Reminders of a round, and of one large gathering."""

CONNECTIONS = (4, 8)
FAR_CONNECTIONS = (4, 8, 16)
DELAY = 20
"""Milliseconds for an answer of the far relay."""

ROUND_TRIPS = 4
"""MAIL, RCPT, DATA and the content."""

FAR_EACH = 30
"""Mails over each connection to the far relay."""


class Counting(SmtpTransport):
    """Says when so many mails were taken, and keeps the last one."""

    def expect(self, count: int) -> None:
        self.left, self.all_taken = count, asyncio.Event()

    async def send(self, envelope_from: str, recipient: str, data: bytes) -> str:
        answer = await super().send(envelope_from, recipient, data)
        self.last = envelope_from, recipient, data
        self.left -= 1
        if self.left == 0:
            self.all_taken.set()
        return answer


class Kring:
    """The outbox of one database and its way to a relay."""

    def __init__(self, db: Database, port: int, connections: int) -> None:
        self._connections = connections
        self._db = db
        self.transport = Counting(Relay("127.0.0.1", port, "smtp"), connections=connections, hello=HEAD.mail_domain)

    async def deliver(self, count: int) -> None:
        """Work until so many mails are taken and marked."""
        self.transport.expect(count)
        senders = {"mail": MailSender(Renderer(HEAD, KEYS), self.transport)}
        worker = Worker(db=self._db, senders=senders, keys=KEYS, clock=SystemClock(), in_flight=self._connections)
        stop = asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(worker.run(stop))
            await self.transport.all_taken.wait()
            stop.set()


async def run(ground: Ground) -> AsyncIterator[Figure]:
    async with AsyncExitStack() as stack:
        dsns = [await filled(ground, f"mails_{size}", people=PEOPLE, others=size) for size in (FEW, MANY)]
        dbs = [await Database.open(dsn) for dsn in dsns]
        for db in dbs:
            stack.push_async_callback(db.close)
        _, near = await stack.enter_async_context(program("tests.bench.smtp_sink"))
        for connections in CONNECTIONS:
            for figure in await _near(Rounds(ground), dbs, near, connections):
                yield figure
        _, far = await stack.enter_async_context(program("tests.bench.smtp_sink", str(DELAY)))
        for connections in FAR_CONNECTIONS:
            yield await _far(dbs[0], far, connections)


async def _near(rounds: Rounds, dbs: list[Database], port: int, connections: int) -> list[Figure]:
    few, many = (Kring(db, port, connections) for db in dbs)
    grows = connections == CONNECTIONS[0]
    for number in range(ROUNDS + 1):
        await reminded(dbs[0].dsn, MAILS)
        await rounds.measure("few", MAILS, few.deliver(MAILS))
        await rounds.measure("floor", MAILS, _ready(port, connections, MAILS, *few.transport.last))
        if grows:
            await reminded(dbs[1].dsn, MAILS)
            await rounds.measure("many", MAILS, many.deliver(MAILS))
        if number == 0:
            rounds.forget()
    name, cost, floor = f"reminders over {connections} connections", rounds.cpu("few"), rounds.cpu("floor")
    figures = [
        at_least_times(f"{MAILS:,} {name}", rounds.rate("few"), "per s", rounds.rate("floor"), 1 / 2),
        informing(f"{MAILS:,} {name}: cost of a mail", cost, "ms CPU", floor=floor),
    ]
    if grows:
        await reminded(dbs[0].dsn, ALL)
        await rounds.measure("all", ALL, few.deliver(ALL))
        figures += [
            at_most_times(f"{ALL:,} {name} against {MAILS:,}", rounds.cpu("all"), "ms CPU", cost, 1.1),
            at_most_times(f"{name} after 1,000,000 sent against 1,000", rounds.cpu("many"), "ms CPU", cost, 1.1),
        ]
    await few.transport.aclose()
    await many.transport.aclose()
    return figures


async def _far(db: Database, port: int, connections: int) -> Figure:
    """Hold the rate against what that many connections could do at best."""
    kring, count = Kring(db, port, connections), FAR_EACH * connections
    await reminded(db.dsn, count)
    began = perf_counter()
    await kring.deliver(count)
    rate = count / (perf_counter() - began)
    await kring.transport.aclose()
    best = connections / (ROUND_TRIPS * DELAY / 1000)
    return at_least_times(f"far relay, {DELAY} ms, {connections} connections", rate, "per s", best, 0.8)


async def _ready(port: int, connections: int, count: int, sender: str, recipient: str, data: bytes) -> None:
    """Send the same bytes again and again with aiosmtplib alone."""
    left = iter(range(count))

    async def line() -> None:
        client = aiosmtplib.SMTP(hostname="127.0.0.1", port=port, use_tls=False, start_tls=False)
        await client.connect()
        for _ in left:
            await client.sendmail(sender, [recipient], data)
        await client.quit()

    await asyncio.gather(*(line() for _ in range(connections)))
