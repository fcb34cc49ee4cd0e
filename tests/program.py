"""The real program, started as a person starts it: a process of its own, spoken to over HTTP, files and signals.

Starts, stops and listens; what is then done with Kring is in the stories, the browser tests and the pictures.
"""

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from service.embedded.place import ROOT_HOME, place_for
from tests.waiting import PATIENCE, until

CHECKOUT = Path(__file__).parents[1]
COMMAND = (sys.executable, "-m", "service")
READY = '"event": "ready"'
WELCOME = "Ctrl-C stops all of it."
START_SECONDS = 90.0
"""How long a first start may take, with the sample association, on a machine that is busy with other tests."""


@dataclass(frozen=True)
class Ended:
    """A command that came to its end."""

    code: int
    stdout: str
    stderr: str

    @property
    def complaints(self) -> list[str]:
        """Return what it said on stderr to whoever typed it, without the lines of the log."""
        return [line for line in self.stderr.splitlines() if line and not line.startswith("{")]


@dataclass
class Program:
    """Kring with its settings: one that runs, and commands beside it.

    `folder` holds the data folder and what the processes said; `database_url` is empty where Kring runs its own.
    """

    folder: Path
    database_url: str = ""
    settings: dict[str, str] = field(default_factory=dict)
    port: int = 0
    lmtp: int = 0
    process: "subprocess.Popen[bytes] | None" = None
    family: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        self.port = self.port or free_port()
        self.lmtp = self.lmtp or free_port()

    @property
    def url(self) -> str:
        """Return how people reach it."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def data(self) -> Path:
        """Return its KRING_DATA."""
        return self.folder / "data"

    @property
    def mail(self) -> Path:
        """Return where it puts the mail that it catches."""
        return self.data / "mail"

    @property
    def said(self) -> str:
        """Return what it has written on stdout."""
        return self._read("stdout")

    @property
    def log(self) -> list[dict[str, Any]]:
        """Return its log, a dictionary per line."""
        return [json.loads(line) for line in self._read("stderr").splitlines() if line.startswith("{")]

    @property
    def complaints(self) -> list[str]:
        """Return what it wrote on stderr beside its log."""
        return Ended(0, "", self._read("stderr")).complaints

    @property
    def environment(self) -> dict[str, str]:
        """Return the environment of its processes: ours without a trace of another Kring's settings."""
        own = {
            "KRING_DATA": str(self.data),
            "KRING_HTTP": f"127.0.0.1:{self.port}",
            "KRING_LMTP": f"127.0.0.1:{self.lmtp}",
            "KRING_BASE_URL": self.url,
            "PYTHONUNBUFFERED": "1",
            **({"KRING_DATABASE_URL": self.database_url} if self.database_url else {}),
            **({"KRING_PG_BIN": os.environ["KRING_PG_BIN"]} if os.environ.get("KRING_PG_BIN") else {}),
        }
        kept = {name: value for name, value in os.environ.items() if not name.startswith("KRING_")}
        return kept | own | self.settings

    def spawn(self, *arguments: str) -> None:
        """Start `kring run`, in a session of its own as a terminal would give it one."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._open("stdout") as stdout, self._open("stderr") as stderr:
            self.process = subprocess.Popen(
                [*COMMAND, "run", *arguments],
                cwd=CHECKOUT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                start_new_session=True,
            )

    async def ready(self, sign: str = READY) -> None:
        """Wait until it says that it is ready; whatever it says instead is the failure."""

        async def it_says_so() -> bool:
            assert self.running, f"it ended with {self.process and self.process.returncode}: {self._read('stderr')}"
            return sign in self.said or sign in self._read("stderr")

        await until(it_says_so, START_SECONDS)
        assert self.process is not None
        self.family = frozenset((self.process.pid, *descendants(self.process.pid)))

    @property
    def running(self) -> bool:
        """Tell whether the process is there."""
        return self.process is not None and self.process.poll() is None

    def interrupt(self) -> None:
        """Press Ctrl-C: the whole foreground group gets the signal."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGINT)

    def kill(self) -> None:
        """End it as a power cut would: without a last word."""
        assert self.process is not None
        self.process.kill()

    async def ended(self) -> int:
        """Wait for its end and return its exit code."""
        assert self.process is not None
        return await asyncio.to_thread(self.process.wait, PATIENCE)

    @property
    def left_behind(self) -> list[int]:
        """List the processes of its family that are still there."""
        return [pid for pid in sorted(self.family) if alive(pid)]

    async def kring(self, *arguments: str, stdin: str = "") -> Ended:
        """Run another command with the same settings, beside the one that runs."""
        return await asyncio.to_thread(self._command, arguments, stdin)

    def _command(self, arguments: tuple[str, ...], stdin: str) -> Ended:
        done = subprocess.run(
            [*COMMAND, *arguments],
            cwd=CHECKOUT,
            env=self.environment,
            input=stdin.encode(),
            capture_output=True,
            check=False,
            timeout=START_SECONDS,
        )
        return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())

    def _open(self, name: str) -> IO[bytes]:
        return (self.folder / name).open("wb")

    def _read(self, name: str) -> str:
        path = self.folder / name
        return path.read_text("utf-8") if path.exists() else ""


@asynccontextmanager
async def running(program: Program, *arguments: str) -> AsyncIterator[Program]:
    """Run Kring during the block; whatever is left of it afterwards is ended."""
    program.spawn(*arguments)
    try:
        await program.ready(WELCOME if "--demo" in arguments else READY)
        yield program
    finally:
        if program.running:
            program.interrupt()
            await program.ended()
        clear(program)


def clear(program: Program) -> None:
    """Remove the cluster of a data folder that root keeps elsewhere, and the folder."""
    if not program.database_url:
        home = place_for(program.data).home
        if home.is_relative_to(ROOT_HOME):
            shutil.rmtree(home, ignore_errors=True)
    shutil.rmtree(program.folder, ignore_errors=True)


def free_port() -> int:
    """Return a port that nobody listens on just now."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


def descendants(pid: int) -> set[int]:
    """Return the children of a process, their children, and so on."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (stat := _stat(int(entry.name))):
            parents[int(entry.name)] = int(stat[1])
    found = {child for child, parent in parents.items() if parent == pid}
    return found.union(*(descendants(child) for child in found))


def alive(pid: int) -> bool:
    """Tell whether a process is there and is more than a zombie."""
    stat = _stat(pid)
    return stat is not None and stat[0] != "Z"


def _stat(pid: int) -> list[str] | None:
    """Read the state and what follows it, past the name, which may hold anything."""
    try:
        return (Path("/proc") / str(pid) / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except OSError:
        return None
