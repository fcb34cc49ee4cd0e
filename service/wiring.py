"""Joins everything: settings, database, channels, web and workers. The only place that knows them all.

Builds and runs; what a command of the command line does with it is in `service/cli`.
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import asyncpg
import structlog
from aiohttp import web

from bots.mail import lmtp
from bots.mail.caught import CaughtMail
from bots.mail.channel import MailSender
from bots.mail.envelope import Arrived
from bots.mail.hand_over import hand_over
from bots.mail.recipients import Ours
from bots.mail.render import Renderer
from bots.mail.sandbox import Sandbox
from bots.mail.send import Relay, SmtpTransport, Transport
from bots.mail.writing import Letterhead
from handlers.dialogue import words
from handlers.web import api
from handlers.web.app import build
from handlers.web.feeds import KEPT
from handlers.web.health import Health
from handlers.web.sessions import LAST_USED
from handlers.web.site import Site
from service import config, migrations, scheduler
from service.actions import intake, parked, people, replies
from service.actions.delivery import Worker
from service.actions.feeds import flush_usage
from service.actions.mail_commands import Answered, Talk
from service.actions.measuring import database_faults
from service.actions.waking import Bell
from service.channels import Inbound, Outbound
from service.clock import Clock, SystemClock
from service.config import Settings, WrongSetting
from service.database import Database, unavailable
from service.errors import DeliveryFailed, KringError, Unavailable
from service.formats.received import ReceivedMail
from service.formats.tokens import Keys
from service.model import Person
from service.pulse import Pulses
from service.store.inbox import Stored

if TYPE_CHECKING:
    from bots.mail.imap import Mailbox
    from bots.mail.polling import Poller
    from handlers.dialogue import turn as dialogue

log = structlog.get_logger()

ROLES: Final = ("web", "worker", "telegram", "mail")
TELEGRAM: Final = "telegram"
MAIL: Final = "mail"
POOL: Final = 8
FLUSH_SECONDS: Final = 60.0
WATCH_SECONDS: Final = 2.0
CLOSE_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class Source:
    """Where the database is; `revive` brings an embedded one back when it is gone, None where that is not ours."""

    dsn: str
    revive: Callable[[], bool] | None = None


@dataclass(frozen=True, slots=True)
class Kring:
    """What a running Kring has in hand."""

    settings: Settings
    source: Source
    db: Database
    keys: Keys
    clock: Clock
    pulses: Pulses = field(default_factory=Pulses)
    arrived: Bell = field(default_factory=Bell)
    """Rung when a messenger has brought something."""


@contextmanager
def database(settings: Settings) -> Iterator[Source]:
    """Provide the database, and run the embedded one meanwhile if there is no other.

    Main thread only. Says once where an embedded database lives when that is not in KRING_DATA. Raises WrongSetting
    when it cannot run.
    """
    if settings.database_url != "embedded":
        yield Source(settings.database_url)
        return
    from service.embedded import EmbeddedFailed, start

    try:
        running = start(settings.data, pg_bin=settings.pg_bin)
    except EmbeddedFailed as failure:
        raise WrongSetting(str(failure)) from None
    with running as embedded:
        if embedded.note:
            log.info("database_place", note=embedded.note)
        yield Source(embedded.dsn, embedded.ensure)


@asynccontextmanager
async def opened(settings: Settings, source: Source, *, clock: Clock | None = None) -> AsyncIterator[Kring]:
    """Bring the schema up to date, open the pools, and close them at the end.

    Raises WrongSetting when the database does not answer or lets nobody in, and MigrationFailed.
    """
    conn = await _connected(source.dsn)
    try:
        await migrations.migrate(conn)
    finally:
        await conn.close()
    db = await Database.open(source.dsn, size=POOL)
    try:
        yield Kring(settings, source, db, config.secret_keys(settings), clock or SystemClock())
    finally:
        await db.close()


async def _connected(dsn: str) -> "asyncpg.Connection[asyncpg.Record]":
    """Connect for the first time; says what is wrong without a word of the address, which may hold a password."""
    try:
        with unavailable():
            return await asyncpg.connect(dsn, timeout=10)
    except Unavailable as failure:
        raise WrongSetting(f"KRING_DATABASE_URL: {failure}") from None
    except (asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InvalidCatalogNameError) as refusal:
        raise WrongSetting(f"KRING_DATABASE_URL: {refusal}") from None
    except ValueError:
        raise WrongSetting("KRING_DATABASE_URL cannot be read: host, port or a parameter is not right") from None


@asynccontextmanager
async def serving(
    kring: Kring, *, roles: Sequence[str] = ROLES, demo: bool = False, stop: asyncio.Event
) -> AsyncIterator[None]:
    """Run the chosen roles during the block; at its end, with `stop` set, what is in flight is finished.

    Raises WrongSetting when something cannot listen where it should.
    """
    async with AsyncExitStack() as stack:
        transport = _transport(kring)
        stack.push_async_callback(transport.aclose)
        poller = _poller(kring) if "mail" in roles else None
        reads_mail = await stack.enter_async_context(_intake(kring)) if "mail" in roles else None
        inlet = await stack.enter_async_context(_inlet(kring)) if "mail" in roles else kring.settings.lmtp
        app = await stack.enter_async_context(_web(kring, demo, inlet)) if "web" in roles else None
        chats = await stack.enter_async_context(_telegram(kring)) if TELEGRAM in roles else ()
        async with asyncio.TaskGroup() as tasks:
            if poller is not None:
                tasks.create_task(poller.run(stop))
            for part in chats:
                tasks.create_task(part(stop))
            if reads_mail is not None:
                tasks.create_task(reads_mail.run(stop))
            if "worker" in roles:
                beat = kring.pulses.of("scheduler")
                tasks.create_task(_worker(kring, transport).run(stop))
                tasks.create_task(scheduler.run(kring.db, clock=kring.clock, stop=stop, beat=beat))
            if kring.source.revive is not None:
                tasks.create_task(_keep_database(kring.db, kring.source.revive, stop))
            if app is not None:
                tasks.create_task(_write_down_use(app, kring.db, stop))
            log.info("ready", roles=list(roles), url=kring.settings.base_url)
            try:
                yield
            finally:
                kring.pulses.end()
                stop.set()


@asynccontextmanager
async def _telegram(kring: Kring) -> AsyncIterator[Sequence[Callable[[asyncio.Event], Coroutine[None, None, None]]]]:
    """Yield what runs for Telegram until it is told to stop; nothing, and no import, where no bot is configured."""
    if kring.settings.telegram_token is None:
        yield ()
        return
    from service import telegram

    async def answer(db: Database, inbound: Inbound) -> Sequence[Outbound]:
        return await _said(kring, db, inbound)

    async with telegram.serving(kring, answer) as parts:
        yield parts


def _transport(kring: Kring) -> Transport:
    """Choose how mail leaves: over the relay, or into the folder of caught mail where there is none."""
    if kring.settings.smtp_url is None:
        return CaughtMail(kring.settings.mail_folder, kring.clock)
    relay = Relay.from_url(kring.settings.smtp_url)
    return SmtpTransport(relay, connections=kring.settings.smtp_connections, hello=kring.settings.mail_domain)


def _worker(kring: Kring, transport: Transport) -> Worker:
    settings = kring.settings
    return Worker(
        db=kring.db,
        senders={"mail": MailSender(_renderer(kring), transport)},
        keys=kring.keys,
        clock=kring.clock,
        in_flight=settings.smtp_connections,
        pulses=kring.pulses,
        absent=() if settings.telegram_token else (TELEGRAM,),
    )


def _renderer(kring: Kring) -> Renderer:
    settings = kring.settings
    head = Letterhead(
        association=settings.name,
        mail_from=settings.mail_from,
        mail_domain=settings.mail_domain,
        base_url=settings.base_url,
        timezone=settings.timezone,
    )
    return Renderer(head, kring.keys)


async def keep(kring: Kring, arrived: Arrived) -> None:
    """Keep a mail that came in and commit; the same mail again is kept once. Raises Unavailable."""
    await intake.store(
        kring.db,
        channel=MAIL,
        external_id=arrived.external_id,
        conversation=arrived.conversation,
        envelope_from=arrived.envelope_from,
        recipient=arrived.recipient,
        raw=arrived.raw,
        now=kring.clock.now(),
    )


@asynccontextmanager
async def _inlet(kring: Kring) -> AsyncIterator[str | None]:
    """Take in mail over LMTP during the block, and tell where; None where that is off.

    A place that nobody asked for may be taken, by a second Kring on the machine: then this one goes on without.
    """
    where = kring.settings.lmtp
    if where is None:
        yield None
        return
    async with AsyncExitStack() as stack:
        place = None
        try:
            with _named("KRING_LMTP", where):
                place = await stack.enter_async_context(
                    lmtp.listening(where, domain=kring.settings.mail_domain, store=partial(keep, kring))
                )
        except WrongSetting as fault:
            if "lmtp" in kring.settings.model_fields_set:
                raise
            log.warning("takes_no_mail_in", reason=str(fault))
        yield place


@asynccontextmanager
async def _intake(kring: Kring) -> AsyncIterator[intake.IntakeWorker[ReceivedMail]]:
    """Work on the mails that were kept; what somebody may have to decide about is noted with what they wrote.

    Over connections that do not wait for the disk: a mail is kept already, and is worked on again where that is lost.
    """
    talk = _by_mail(kring)

    async def apply(db: Database, stored: Stored, received: ReceivedMail, now: datetime) -> intake.Verdict:
        verdict = await replies.apply(db, stored, received, now, keys=kring.keys, words=words.parse, talk=talk)
        return parked.noted(verdict, received)

    reader = Sandbox(_ours(kring.settings))
    db = await Database.open(kring.db.dsn, size=intake.AT_ONCE, waits_for_disk=False)
    try:
        async with reader:
            beat = kring.pulses.of("worker of the inbox")
            yield intake.IntakeWorker(db=db, clock=kring.clock, channel=MAIL, read=reader.read, apply=apply, beat=beat)
    finally:
        await db.close()


def _poller(kring: Kring) -> "Poller | None":
    mailbox = _mailbox(kring.settings)
    if mailbox is None:
        return None
    from bots.mail.polling import Poller

    return Poller(db=kring.db, clock=kring.clock, channel=MAIL, mailbox=mailbox, ours=_ours(kring.settings))


def _mailbox(settings: Settings) -> "Mailbox | None":
    """Return the mailbox of KRING_IMAP_URL, if there is one; raises WrongSetting where its secret is missing."""
    if settings.imap_url is None:
        return None
    from bots.mail.imap import Account, Mailbox  # only who polls pays for it

    try:
        return Mailbox(Account.from_url(settings.imap_url, settings.imap_token_file))
    except ValueError as error:
        raise WrongSetting(f"KRING_IMAP_URL {error}") from None


def _ours(settings: Settings) -> Ours:
    return Ours(mail_domain=settings.mail_domain, authserv_id=settings.authserv_id)


@contextmanager
def _named(setting: str, value: str) -> Iterator[None]:
    """Tell of a place where nothing can listen by the name of the setting that says so."""
    try:
        yield
    except OSError as fault:
        reason = os.strerror(fault.errno) if fault.errno and fault.errno > 0 else fault.strerror
        raise WrongSetting(f"{setting} {value}: {reason or fault}") from None


@asynccontextmanager
async def _web(kring: Kring, demo: bool, inlet: str | None) -> AsyncIterator[web.Application]:
    """Listen for requests during the block; those under way at its end are finished. `inlet` takes in mail."""
    settings = kring.settings
    site = Site(
        name=settings.name,
        base_url=settings.base_url,
        language=settings.language,
        timezone=settings.timezone,
        demo=demo,
        answers_days=settings.answers_days,
    )
    coalesce = timedelta(seconds=settings.coalesce)
    tables = [api.routes(coalesce=coalesce)]
    if demo:
        from handlers.web import dev

        mailbox = CaughtMail(settings.mail_folder, kring.clock)
        post = partial(hand_over, inlet) if inlet else None
        tables.append(dev.routes(mailbox=mailbox, answer=partial(answer, kring), post=post))
    if settings.telegram_token is not None and settings.telegram_mode == "webhook":
        from service import telegram

        tables.append(iter(telegram.routes(kring)))
    health = Health(partial(_faults, kring))
    show = _renderer(kring).sample
    app = build(
        db=kring.db,
        clock=kring.clock,
        keys=kring.keys,
        site=site,
        more=tables,
        health=health,
        show=show,
        coalesce=coalesce,
    )
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=CLOSE_SECONDS)
    await runner.setup()
    try:
        host, port = settings.listen
        with _named("KRING_HTTP", settings.http):
            await web.TCPSite(runner, host, port).start()
        yield app
    finally:
        await runner.cleanup()


async def _faults(kring: Kring) -> list[str]:
    """Say, a line each, why this process cannot do its work: its database, or its workers."""
    return [*await database_faults(kring.db), *kring.pulses.faults()]


async def _keep_database(db: Database, revive: Callable[[], bool], stop: asyncio.Event) -> None:
    """Bring the embedded database back when it is gone: crashed, or run by another process that has ended.

    Blocks the loop while it starts, on purpose: nothing else could be done meanwhile, and the kernel ties the server to
    the thread that starts it, which must be the main one.
    """
    while not await _wait(stop, WATCH_SECONDS):
        try:
            async with db.reading() as conn:
                await conn.execute("select 1")
        except Unavailable:
            if revive():
                log.warning("database_revived")


async def _write_down_use(app: web.Application, db: Database, stop: asyncio.Event) -> None:
    """Write down about once a minute which sessions and feeds were used: a GET itself writes nothing."""
    while True:
        ended = await _wait(stop, FLUSH_SECONDS)
        try:
            await app[LAST_USED].flush(db)
            await flush_usage(db, app[KEPT])
        except Unavailable as fault:
            log.warning("last_use_not_written", reason=str(fault))
        if ended:
            return


async def _wait(stop: asyncio.Event, seconds: float) -> bool:
    """Wait for the stop, or so long; tell whether it came."""
    try:
        async with asyncio.timeout(seconds):
            return await stop.wait()
    except TimeoutError:
        return False


async def check(settings: Settings, source: Source) -> list[str]:
    """Try the connections that the settings name and say, a line each, what does not work."""
    faults = []
    try:
        async with opened(settings, source) as kring:
            transport = _transport(kring)
            try:
                await transport.check()
            except DeliveryFailed as failure:
                faults.append(f"KRING_SMTP_URL: {failure}")
            finally:
                await transport.aclose()
            if settings.lmtp and (said := await lmtp.fault(settings.lmtp, domain=settings.mail_domain)):
                faults.append(f"KRING_LMTP {settings.lmtp}: {said}")
            mailbox = _mailbox(settings)
            if mailbox is not None and (said := await asyncio.to_thread(mailbox.fault)):
                faults.append(f"KRING_IMAP_URL: {said}")
            if settings.telegram_token is not None:
                from service import telegram

                if silent := await telegram.fault(settings.telegram_token, settings.telegram_api):
                    faults.append(f"KRING_TELEGRAM_TOKEN: {silent}")
    except WrongSetting as fault:
        faults.append(str(fault))
    except KringError as failure:
        faults.append(f"KRING_DATABASE_URL: {failure}")
    return faults


async def converse(kring: Kring, address: str) -> None:
    """Talk in the terminal with the person of a mail address; files that are handed over go to the working folder."""
    from bots.console.talk import talk

    folder = Path.cwd() if sys.stdout.isatty() else None
    await talk(
        partial(answer, kring), address=address, clock=kring.clock, stdin=sys.stdin, stdout=sys.stdout, folder=folder
    )


async def answer(kring: Kring, inbound: Inbound) -> Sequence[Outbound]:
    """Say what Kring answers to a message."""
    return await _said(kring, kring.db, inbound)


async def _said(kring: Kring, db: Database, inbound: Inbound) -> Sequence[Outbound]:
    from handlers.dialogue.dispatch import handle  # only who talks pays for it

    return await handle(db, inbound, keys=kring.keys, now=kring.clock.now(), site=_dialogue_site(kring))


def _dialogue_site(kring: Kring) -> "dialogue.Site":
    from handlers.dialogue import turn as dialogue

    settings = kring.settings
    return dialogue.Site(
        name=settings.name,
        base_url=settings.base_url,
        timezone=settings.timezone,
        language=settings.language,
        coalesce=timedelta(seconds=settings.coalesce),
    )


def _by_mail(kring: Kring) -> Talk:
    """Let the dialogue answer commands that come by mail."""

    async def answer(db: Database, inbound: Inbound) -> Answered:
        from handlers.dialogue.dispatch import understood

        said = await _said(kring, db, inbound)
        return Answered(said, understood(said))

    def unchecked(person: Person) -> Outbound:
        from handlers.dialogue import dispatch

        return dispatch.unchecked(person, site=_dialogue_site(kring))

    return Talk(answer, unchecked)


async def appoint_admin(kring: Kring) -> None:
    """Make the person of KRING_ADMIN an admin, as long as there is none."""
    if kring.settings.admin:
        now = kring.clock.now()
        await people.appoint_admin(kring.db, kring.settings.admin, language=kring.settings.language, now=now)


def stop_on_signals() -> asyncio.Event:
    """Return an event that Ctrl-C and SIGTERM set."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    return stop
