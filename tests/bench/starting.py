"""How long a warm start takes until Kring answers, and what it weighs then."""

import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from time import perf_counter, sleep
from urllib.error import URLError
from urllib.request import urlopen

from tests.bench.figures import Figure, at_most, informing, middle
from tests.bench.ground import ROUNDS, Ground, cpu

PORT = 8399
PAGE = os.sysconf("SC_PAGE_SIZE")


async def run(ground: Ground) -> AsyncIterator[Figure]:
    """Start with an embedded database that exists already, as after a reboot; the first start makes it."""
    with tempfile.TemporaryDirectory(prefix="kring-bench-") as folder:
        os.chmod(folder, 0o711)  # noqa: PTH101 - root gives the cluster to another account, which must reach it
        found = [await asyncio.to_thread(_start, folder) for _ in range(ROUNDS + 1)][1:]
    yield at_most("warm start until ready", middle([seconds for seconds, _, _ in found]), "s", 1.5)
    yield informing("warm start until ready: without PostgreSQL", middle([spent for _, spent, _ in found]), "s CPU")
    yield at_most("resident after start", middle([size for _, _, size in found]), "MB", 120)


def _start(folder: str) -> tuple[float, float, float]:
    base = f"http://127.0.0.1:{PORT}"
    environment = os.environ | {"KRING_DATA": folder, "KRING_HTTP": f"127.0.0.1:{PORT}", "KRING_BASE_URL": base}
    began = perf_counter()
    program = os.posix_spawn(sys.executable, [sys.executable, "-m", "service", "run"], environment)
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
