"""Joins mail to the rest: what hands it over, what takes it in, and what works on what came in."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

import structlog

from bots.mail import lmtp
from bots.mail.caught import CaughtMail
from bots.mail.channel import MailSender
from bots.mail.envelope import Arrived, legible
from bots.mail.recipients import Ours
from bots.mail.render import Renderer
from bots.mail.sandbox import Sandbox
from bots.mail.send import Relay, SmtpTransport, Transport
from bots.mail.writing import Letterhead
from handlers.dialogue import words
from service.actions import inbox_shifts, intake, parked, replies
from service.actions.delivery import Worker
from service.channels import MAIL
from service.clock import Clock
from service.config import Settings, WrongSetting
from service.database import Database
from service.formats.received import ReceivedMail
from service.store.inbox import Stored, Verdict
from service.wiring.house import Kring, named
from service.wiring.talking import by_mail

if TYPE_CHECKING:
    from bots.mail.imap import Mailbox
    from bots.mail.polling import Poller

log = structlog.get_logger()


def transport(settings: Settings, clock: Clock) -> Transport:
    """Choose how mail leaves: over the relay, or into the folder of caught mail where there is none."""
    if settings.smtp_url is None:
        return CaughtMail(settings.mail_folder, clock)
    relay = Relay.from_url(settings.smtp_url)
    return SmtpTransport(relay, connections=settings.smtp_connections, hello=settings.mail_domain)


def worker(kring: Kring, transport: Transport) -> Worker:
    """Return what sends the notices that go by mail; it sees to those for a chat too where there is no bot."""
    settings = kring.settings
    return Worker(
        db=kring.db,
        senders={"mail": MailSender(renderer(kring), transport)},
        keys=kring.keys,
        clock=kring.clock,
        in_flight=settings.smtp_connections,
        pulses=kring.pulses,
        absent=() if settings.telegram_token else ("telegram",),
    )


def renderer(kring: Kring) -> Renderer:
    """Return what turns a notice into a mail of this association."""
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
        envelope_from=legible(arrived.envelope_from),
        recipient=legible(arrived.recipient),
        raw=arrived.raw,
        now=kring.clock.now(),
    )


@asynccontextmanager
async def inlet(kring: Kring) -> AsyncIterator[str | None]:
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
            with named("KRING_LMTP", where):
                place = await stack.enter_async_context(
                    lmtp.listening(where, domain=kring.settings.mail_domain, store=partial(keep, kring))
                )
        except WrongSetting as fault:
            if "lmtp" in kring.settings.model_fields_set:
                raise
            log.warning("takes_no_mail_in", reason=str(fault))
        yield place


@asynccontextmanager
async def reading(kring: Kring) -> AsyncIterator[intake.IntakeWorker[ReceivedMail]]:
    """Work on the mails that were kept; what somebody may have to decide about is noted with what they wrote.

    Over connections that do not wait for the disk: a mail is kept already, and is worked on again where that is lost.
    """
    talk = by_mail(kring)

    async def apply(db: Database, stored: Stored, received: ReceivedMail, now: datetime) -> Verdict:
        verdict = await replies.apply(db, stored, received, now, keys=kring.keys, words=words.parse, talk=talk)
        return parked.noted(verdict, received)

    async def together(
        db: Database, part: Sequence[tuple[Stored, ReceivedMail]], now: datetime
    ) -> Sequence[Verdict | None]:
        return await replies.together(db, part, now, keys=kring.keys)

    reader = Sandbox(_ours(kring.settings))
    db = await Database.open(kring.db.dsn, size=inbox_shifts.AT_ONCE, waits_for_disk=False)
    try:
        async with reader:
            beat = kring.pulses.of("worker of the inbox")
            yield intake.IntakeWorker(
                db=db,
                clock=kring.clock,
                channel=MAIL,
                read=reader.read,
                apply=apply,
                together=together,
                beat=beat,
            )
    finally:
        await db.close()


def poller(kring: Kring) -> "Poller | None":
    """Return what polls the mailbox of KRING_IMAP_URL, if there is one."""
    polled = mailbox(kring.settings)
    if polled is None:
        return None
    from bots.mail.polling import Poller

    return Poller(db=kring.db, clock=kring.clock, channel=MAIL, mailbox=polled, ours=_ours(kring.settings))


def mailbox(settings: Settings) -> "Mailbox | None":
    """Return the mailbox of KRING_IMAP_URL, if there is one; raises WrongSetting where its secret is missing."""
    if settings.imap_url is None:
        return None
    from bots.mail.account import Account
    from bots.mail.imap import Mailbox  # only who polls pays for it

    try:
        return Mailbox(Account.from_url(settings.imap_url, settings.imap_token_file))
    except ValueError as error:
        raise WrongSetting(f"KRING_IMAP_URL {error}") from None


def _ours(settings: Settings) -> Ours:
    return Ours(mail_domain=settings.mail_domain, authserv_id=settings.authserv_id)
