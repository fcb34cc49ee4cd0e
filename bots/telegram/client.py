"""The bot as a client of the Bot API: one session, one address, and updates as they came."""

import json
from typing import Any, Final

import aiohttp
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import AiogramError
from aiogram.types import User

from bots.telegram import refusals
from service.errors import DeliveryFailed

TIMEOUT: Final = 20
"""Seconds that a call may take."""

POLL_SECONDS: Final = 50
LARGEST: Final = 100
"""Updates at once; the most there is."""


class ApiRefusal(Exception):
    """The Bot API said no: `status` as HTTP has it, `retry_after` in seconds where it asks for patience."""

    def __init__(self, status: int, description: str, retry_after: float = 0.0) -> None:
        super().__init__(description)
        self.status = status
        self.retry_after = retry_after


def connect(token: str, api: str) -> Bot:
    """Make the client; nothing is sent yet."""
    session = AiohttpSession(api=TelegramAPIServer.from_base(api), timeout=TIMEOUT)
    return Bot(token, session=session)


async def updates(bot: Bot, *, offset: int | None, allowed: tuple[str, ...]) -> list[dict[str, Any]]:
    """Wait for updates, up to POLL_SECONDS, and return them as they came: what cannot be read must be kept too.

    Raises ApiRefusal, and DeliveryFailed where nobody answers.
    """
    asked: dict[str, Any] = {"timeout": POLL_SECONDS, "limit": LARGEST, "allowed_updates": list(allowed)}
    if offset is not None:
        asked["offset"] = offset
    assert isinstance(bot.session, AiohttpSession)
    session = await bot.session.create_session()
    url = bot.session.api.api_url(token=bot.token, method="getUpdates")
    try:
        async with session.post(url, json=asked, timeout=aiohttp.ClientTimeout(POLL_SECONDS + TIMEOUT)) as answer:
            status, body = answer.status, json.loads(await answer.read())
    except (TimeoutError, aiohttp.ClientError, ValueError) as error:
        raise DeliveryFailed(type(error).__name__, permanent=False) from None
    if not isinstance(body, dict) or not body.get("ok"):
        said = body if isinstance(body, dict) else {}
        patience = said.get("parameters", {}).get("retry_after", 0)
        raise ApiRefusal(said.get("error_code", status), str(said.get("description", "")), float(patience))
    return [one for one in body["result"] if isinstance(one, dict)]


async def introduce(bot: Bot) -> User:
    """Ask the Bot API who we are; raises DeliveryFailed, `closed` where the token is no good."""
    try:
        return await bot.get_me(request_timeout=10)
    except AiogramError as error:
        raise refusals.failure(error) from None
