"""The Bot API of the tests with a real aiogram bot at its near side."""

from collections.abc import AsyncIterator

import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer

from service.clock import MovableClock
from tests.fakes.telegram import TelegramServer


@pytest.fixture
async def telegram(clock: MovableClock) -> AsyncIterator[TelegramServer]:
    async with TelegramServer(clock=clock) as server:
        yield server


@pytest.fixture
async def bot(telegram: TelegramServer) -> AsyncIterator[Bot]:
    made = bot_for(telegram)
    yield made
    await close(made)


def bot_for(telegram: TelegramServer, token: str = "") -> Bot:
    session = AiohttpSession(api=TelegramAPIServer.from_base(telegram.url), timeout=5)
    return Bot(token or telegram.token, session=session)


async def close(bot: Bot) -> None:
    """Close without the quarter of a second that aiogram waits for TLS connections."""
    session = bot.session
    assert isinstance(session, AiohttpSession)
    if session._session is not None:
        await session._session.close()
