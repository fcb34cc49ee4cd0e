"""Tries what the settings name, before anything runs."""

import asyncio

from bots.mail import lmtp
from service.config import Settings, WrongSetting
from service.errors import DeliveryFailed, KringError
from service.wiring.house import Source, opened
from service.wiring.mail import mailbox, transport


async def check(settings: Settings, source: Source) -> list[str]:
    """Try the connections that the settings name and say, a line each, what does not work."""
    faults = []
    try:
        async with opened(settings, source) as kring:
            relay = transport(kring)
            try:
                await relay.check()
            except DeliveryFailed as failure:
                faults.append(f"KRING_SMTP_URL: {failure}")
            finally:
                await relay.aclose()
            if settings.lmtp and (said := await lmtp.fault(settings.lmtp, domain=settings.mail_domain)):
                faults.append(f"KRING_LMTP {settings.lmtp}: {said}")
            polled = mailbox(settings)
            if polled is not None and (said := await asyncio.to_thread(polled.fault)):
                faults.append(f"KRING_IMAP_URL: {said}")
            if settings.telegram_token is not None:
                from service.wiring import telegram

                if silent := await telegram.fault(settings.telegram_token, settings.telegram_api):
                    faults.append(f"KRING_TELEGRAM_TOKEN: {silent}")
    except WrongSetting as fault:
        faults.append(str(fault))
    except KringError as failure:
        faults.append(f"KRING_DATABASE_URL: {failure}")
    return faults
