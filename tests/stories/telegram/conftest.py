"""Kring with a Telegram at its far side, over both ways of delivery."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from service.clock import MovableClock
from service.database import Database
from tests.fakes.telegram import TelegramServer
from tests.stories.telegram.stage import TRANSPORTS, Stage


@pytest.fixture(params=TRANSPORTS)
def mode(request: pytest.FixtureRequest) -> str:
    """Polling, then webhook, where a story does not choose one."""
    return str(request.param)


@pytest.fixture
async def still(
    clone: Database, clone_dsn: str, clock: MovableClock, tmp_path: Path, mode: str
) -> AsyncIterator[Stage]:
    """A Telegram, and a Kring that is not running yet."""
    async with TelegramServer(clock=clock) as telegram:
        yield Stage(clone, clone_dsn, clock, telegram, tmp_path, mode)


@pytest.fixture
async def stage(still: Stage) -> AsyncIterator[Stage]:
    """A running Kring and a Telegram."""
    async with still.running():
        yield still
