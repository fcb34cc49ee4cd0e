"""Tries what the settings name, before anything runs."""

import asyncio

from bots.mail import lmtp
from service import migrations
from service.clock import SystemClock
from service.config import Settings, WrongSetting
from service.errors import DeliveryFailed
from service.migrations import MigrationFailed
from service.wiring.house import Source, connected
from service.wiring.mail import mailbox, transport


async def check(settings: Settings) -> list[str]:
    """Try the connections that the settings name, but for the database, and say, a line each, what does not work."""
    faults = []
    relay = transport(settings, SystemClock())
    try:
        await relay.check()
    except DeliveryFailed as failure:
        faults.append(f"{'KRING_SMTP_URL' if settings.smtp_url else 'KRING_DATA'}: {failure}")
    finally:
        await relay.aclose()
    if settings.lmtp and (said := await lmtp.fault(settings.lmtp, domain=settings.mail_domain)):
        faults.append(f"KRING_LMTP {settings.lmtp}: {said}")
    try:
        polled = mailbox(settings)
        if polled is not None and (said := await asyncio.to_thread(polled.fault)):
            faults.append(f"KRING_IMAP_URL: {said}")
    except WrongSetting as fault:
        faults.append(str(fault))
    if settings.telegram_token is not None:
        from service.wiring import telegram

        if silent := await telegram.fault(settings.telegram_token, settings.telegram_api):
            faults.append(f"KRING_TELEGRAM_TOKEN: {silent}")
    return faults


async def check_database(source: Source) -> list[str]:
    """Find out whether the database lets Kring in and can be brought to its schema, which is left as it is."""
    try:
        async with connected(source.dsn) as conn:
            await migrations.pending(conn)
    except WrongSetting as fault:
        return [str(fault)]
    except MigrationFailed as failure:
        return [f"KRING_DATABASE_URL: {failure}"]
    return []
