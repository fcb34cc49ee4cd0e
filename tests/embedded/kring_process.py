"""Another process that runs or joins an embedded PostgreSQL, as the service and a command beside it do."""

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from service.embedded import Embedded, start
from service.embedded.binaries import WHEEL
from service.embedded.place import Place, place_for
from service.embedded.server import status
from tests.waiting import PATIENCE

CHECKOUT = Path(__file__).parents[2]
PG_BIN = Path(os.environ["KRING_PG_BIN"]) if os.environ.get("KRING_PG_BIN") else None

CLEAN = "database system is shut down"
UNCLEAN = "was not properly shut down"

SCRIPT = """
import sys
from pathlib import Path
from service.embedded import start
pg_bin = Path(sys.argv[3]) if sys.argv[3] else None
server = start(Path(sys.argv[1]), pg_bin=pg_bin, root_home=Path(sys.argv[2]), durable=False)
print("READY", server.owned, server.dsn, flush=True)
sys.stdin.read()
server.stop()
"""


@dataclass(frozen=True, slots=True)
class Site:
    """A data folder, and where its cluster goes when root runs Kring."""

    data: Path
    root_home: Path

    @property
    def place(self) -> Place:
        return place_for(self.data, self.root_home)

    @property
    def server_pid(self) -> int:
        found = status(self.place.cluster)
        assert found is not None
        return found.pid

    @property
    def log(self) -> str:
        return self.place.log.read_text("utf-8")

    def start(self, pg_bin: Path | None = PG_BIN) -> Embedded:
        return start(self.data, pg_bin=pg_bin, durable=False, root_home=self.root_home)


class KringProcess:
    """A process that has started or joined the server and holds on to it."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        lines = []
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line)
            if line.startswith("READY"):
                _, owned, self.dsn = line.split()
                self.owned = owned == "True"
                return
        raise AssertionError("".join(lines))

    def end(self) -> None:
        """Let it stop as a process does that comes to its end."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        assert self.process.wait(PATIENCE) == 0

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(PATIENCE)


@contextmanager
def another_kring(site: Site, python: str = sys.executable, **popen: Any) -> Iterator[KringProcess]:
    process = subprocess.Popen(
        [python, "-c", SCRIPT, str(site.data), str(site.root_home), str(PG_BIN or "")],
        cwd=CHECKOUT,
        env=os.environ | {"PYTHONPATH": python_path()},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        **popen,
    )
    with process:
        try:
            yield KringProcess(process)
        finally:
            process.kill()


def python_path() -> str:
    return os.pathsep.join([str(CHECKOUT), str(Path(asyncpg.__file__).parents[1])])


def python_for(account: dict[str, Any]) -> str | None:
    """Return a Python that this account may run and that finds what Kring needs; None where there is none."""
    for python in (sys.executable, shutil.which("python3", path="/usr/bin:/usr/local/bin")):
        try:
            command = [python or "", "-c", "import asyncpg, structlog, service.embedded"]
            tried = subprocess.run(
                command, cwd=CHECKOUT, env={"PYTHONPATH": python_path()}, capture_output=True, check=False, **account
            )
        except OSError:
            continue
        if tried.returncode == 0:
            return python
    return None


async def query(dsn: str, statement: str) -> Any:
    conn = await asyncpg.connect(dsn)
    try:
        return await conn.fetchval(statement)
    finally:
        await conn.close()


async def execute(dsn: str, statement: str) -> None:
    conn = await asyncpg.connect(dsn)
    try:
        await conn.execute(statement)
    finally:
        await conn.close()


def exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def mode(path: Path) -> str:
    return f"{path.stat().st_mode & 0o777:o}"


def wheel(name: str) -> Path:
    spec = importlib.util.find_spec(WHEEL)
    assert spec is not None and spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0]) / name
