"""Where benchmarks run: a durable PostgreSQL of their own, databases in it, and programs that serve from it.

CPU is read from /proc, because wall time on a shared machine says little.
"""

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg

from service.embedded import Embedded, start
from service.migrations import migrate

ROUNDS = 3
"""Floor and Kring are measured in turn this often; the median counts."""


class Ground:
    """A running cluster and a folder for whatever a benchmark needs."""

    def __init__(self, cluster: Embedded, folder: Path) -> None:
        self.folder = folder
        self.dsn = cluster.dsn
        self._postmaster = 0
        self._made: set[str] = set()

    def has(self, name: str) -> bool:
        """Tell whether a database was made before."""
        return name in self._made

    async def database(self, name: str, *, like: str = "") -> str:
        """Make a database with the schema, or a copy of another one, and return its address."""
        conn = await asyncpg.connect(self._to("postgres"))
        try:
            await conn.execute(f"create database {name} template {like or 'template1'} strategy file_copy")
        finally:
            await conn.close()
        self._made.add(name)
        if like:
            return self._to(name)
        conn = await asyncpg.connect(self._to(name))
        try:
            await migrate(conn)
        finally:
            await conn.close()
        return self._to(name)

    async def postgres_cpu(self) -> float:
        """Return the CPU seconds that PostgreSQL has used so far, in all its processes, ended ones included."""
        if not self._postmaster:
            conn = await asyncpg.connect(self._to("postgres"))
            self._postmaster = _parent(await conn.fetchval("select pg_backend_pid()"))
            await conn.close()
        return cpu(_family(self._postmaster)) + _ended_children(self._postmaster)

    def _to(self, name: str) -> str:
        return urlsplit(self.dsn)._replace(path=f"/{name}").geturl()


@contextmanager
def ground() -> Iterator[Ground]:
    """Run a PostgreSQL that is as safe as in real life (fsync on), and remove it afterwards."""
    with tempfile.TemporaryDirectory(prefix="kring-bench-") as made:
        folder = Path(made).resolve()
        folder.chmod(0o711)  # the unprivileged account of the cluster passes through
        with start(folder / "data", durable=True, root_home=folder / "root") as cluster:
            yield Ground(cluster, folder)


@asynccontextmanager
async def program(module: str, *arguments: str) -> AsyncIterator[tuple[int, int]]:
    """Run a module of the benchmarks as a process of its own that prints its port first; return process id and port."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        assert process.stdout is not None
        port = int(await process.stdout.readline())
        yield process.pid, port
    finally:
        process.terminate()
        await process.wait()


def cpu(pids: Iterable[int]) -> float:
    """Return the CPU seconds that processes have used so far, by the kernel's own nanoseconds."""
    return sum(_thread_cpu(thread) for pid in pids for thread in _threads(pid))


def _family(pid: int) -> list[int]:
    children = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
    return [pid, *(child for child in children if _parent(child) == pid)]


def _threads(pid: int) -> list[Path]:
    try:
        return list(Path(f"/proc/{pid}/task").iterdir())
    except OSError:
        return []  # it has ended


def _thread_cpu(thread: Path) -> float:
    try:
        return int((thread / "schedstat").read_text().split()[0]) / 1e9
    except OSError:
        return 0.0


def _parent(pid: int) -> int:
    fields = _stat(pid)
    return int(fields[1]) if fields else -1


def _ended_children(pid: int) -> float:
    """Return the CPU seconds of children that have ended; the kernel counts these in ticks."""
    fields = _stat(pid)
    return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK") if fields else 0.0


def _stat(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat after the name, which may hold anything."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
