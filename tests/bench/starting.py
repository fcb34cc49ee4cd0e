"""How long a warm start takes until Kring answers, what it weighs then, and what Telegram costs those without a bot.

The floor of the last is a start in which the library for Telegram cannot be imported at all.
"""

import asyncio
import os
import signal
import sys
import tempfile
from collections import defaultdict
from collections.abc import AsyncIterator
from pathlib import Path
from time import perf_counter, sleep
from urllib.error import URLError
from urllib.request import urlopen

from tests.bench.figures import Figure, at_most, at_most_times, informing, middle
from tests.bench.ground import ROUNDS, Ground, cpu

PORT = 8399
PAGE = os.sysconf("SC_PAGE_SIZE")
UNAFFECTED = 1.1
PROGRAM = ("-m", "service")
NO_TELEGRAM = ("-c", "import sys; sys.modules['aiogram'] = None; from service.cli import main; main()")
BOT = {"KRING_TELEGRAM_TOKEN": "123456789:" + "A" * 35, "KRING_TELEGRAM_API": "http://127.0.0.1:9"}
STARTS = {
    "without a bot": (PROGRAM, {}),
    "no Telegram at all": (NO_TELEGRAM, {}),
    "with a bot": (PROGRAM, BOT),
}
"""How Kring is started, in turn; nobody answers the bot, which delays nothing."""


async def run(ground: Ground) -> AsyncIterator[Figure]:
    """Start with an embedded database that exists already, as after a reboot; the first start makes it."""
    with tempfile.TemporaryDirectory(prefix="kring-bench-") as folder:
        os.chmod(folder, 0o711)  # noqa: PTH101 - root gives the cluster to another account, which must reach it
        found: dict[str, list[tuple[float, float, float]]] = defaultdict(list)
        for number in range(ROUNDS + 1):
            for name, start in STARTS.items():
                one = await asyncio.to_thread(_start, folder, *start)
                if number:
                    found[name].append(one)
    seconds, spent, size = map(middle, zip(*found["without a bot"], strict=True))
    yield at_most("warm start until ready", seconds, "s", 1.5)
    yield informing("warm start until ready: without PostgreSQL", spent, "s CPU")
    yield at_most("resident after start", size, "MB", 120)
    _, floor, least = map(middle, zip(*found["no Telegram at all"], strict=True))
    yield at_most_times("warm start without a bot: what Telegram costs it", spent, "s CPU", floor, UNAFFECTED)
    yield at_most_times("resident without a bot: what Telegram costs it", size, "MB", least, UNAFFECTED)
    seconds, spent, size = map(middle, zip(*found["with a bot"], strict=True))
    yield informing("warm start until ready: with a bot", seconds, "s")
    yield informing("warm start until ready: with a bot, without PostgreSQL", spent, "s CPU")
    yield informing("resident after start: with a bot", size, "MB")


def _start(folder: str, command: tuple[str, ...], settings: dict[str, str]) -> tuple[float, float, float]:
    base = f"http://127.0.0.1:{PORT}"
    environment = (
        os.environ | {"KRING_DATA": folder, "KRING_HTTP": f"127.0.0.1:{PORT}", "KRING_BASE_URL": base} | settings
    )
    began = perf_counter()
    program = os.posix_spawn(sys.executable, [sys.executable, *command, "run"], environment)
    try:
        while not _ready(base):
            sleep(0.005)  # asking without a pause would take the processor from what is asked
        seconds, spent = perf_counter() - began, cpu([program])
        resident = int(Path(f"/proc/{program}/statm").read_text().split()[1]) * PAGE / 1e6
    finally:
        os.kill(program, signal.SIGTERM)
        os.waitpid(program, 0)
    return seconds, spent, resident


def _ready(base: str) -> bool:
    try:
        with urlopen(f"{base}/readyz", timeout=1) as answer:
            return answer.status == 200
    except (URLError, OSError):
        return False
