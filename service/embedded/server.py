"""The server process: how it starts, what it says of itself, and how it ends with its parent.

Runs one child; who may run it is decided in `service/embedded`.
"""

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import structlog

from service.embedded.binaries import Binaries
from service.embedded.place import EmbeddedFailed, Place
from service.embedded.reach import OWNER, PORT

log = structlog.get_logger()

SOCKET = f".s.PGSQL.{PORT}"
LONGEST_SOCKET = 100
"""Bytes of a socket's path that every system takes (Linux 107, macOS 103)."""

PAUSE = 0.01
PATIENCE = 30.0
"""Seconds that processes left behind by a killed server get to end; they need an instant."""

LOG_BYTES = 5_000_000
LAST_LINES = 12
PR_SET_PDEATHSIG = 1

SETTINGS = {
    "listen_addresses": "",  # no TCP at all
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "log_error_verbosity": "terse",  # details name the row, and rows hold addresses
    "log_min_error_statement": "panic",  # so do statements
    "jit": "off",  # costs more than it gives on short statements
    "cluster_name": OWNER,
}
NOT_DURABLE = {"fsync": "off", "full_page_writes": "off"}
"""Loses data with the machine, but not with the server: a commit still reaches the operating system."""

LEFTOVERS = "pre-existing shared memory block"


class Leftovers(EmbeddedFailed):
    """Processes of a server that was killed are still there, so that a new one would damage the cluster."""


def run_server(place: Place, binaries: Binaries, *, durable: bool) -> "Server":
    """Start the server and wait until it is ready; what a killed one left behind gets a moment to end."""
    last = time.monotonic() + PATIENCE
    while True:
        server = Server(place, binaries, durable=durable)
        try:
            server.wait_until_ready()
        except Leftovers:
            server.stop()
            if time.monotonic() > last:
                raise
            time.sleep(PAUSE)
        except BaseException:
            server.stop()
            raise
        else:
            return server


class Server:
    """The server as a child of this process; dies with it, even when it is killed."""

    def __init__(self, place: Place, binaries: Binaries, *, durable: bool) -> None:
        self._place = place
        self.sockets, self._sockets_apart = _socket_folder(place)
        settings = SETTINGS | {"unix_socket_directories": str(self.sockets)} | ({} if durable else NOT_DURABLE)
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        descriptor = _open_log(place)
        self._log_start = os.fstat(descriptor).st_size
        try:
            self._process = subprocess.Popen(  # noqa: S603 - as in service/embedded/cluster
                [binaries.program("postgres"), "-D", str(place.cluster), *options],
                cwd=place.cluster,
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=descriptor,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for Kring, which then stops the server last
                preexec_fn=die_with_parent(signal.SIGINT),
                **place.popen,
            )
        except OSError as error:
            raise EmbeddedFailed(f"{binaries.folder}/postgres cannot be run: {error.strerror}") from error
        finally:
            os.close(descriptor)

    @property
    def runs(self) -> bool:
        """Tell whether the process is alive."""
        return self._process.poll() is None

    def wait_until_ready(self) -> None:
        """Wait until it takes connections, however long a crash recovery lasts; raises EmbeddedFailed if it ends."""
        while self.runs:
            found = status(self._place.cluster)
            if found and found.pid == self._process.pid and found.ready:
                return
            time.sleep(PAUSE)
        said = self._last_lines()
        raise (Leftovers if any(LEFTOVERS in line for line in said) else EmbeddedFailed)(
            "\n".join(["PostgreSQL did not start:", *said])
        )

    def stop(self) -> None:
        """Shut it down: connections are cut, everything committed is on disk (fast shutdown)."""
        if self.runs:
            self._process.send_signal(signal.SIGINT)
        self._process.wait()
        if self._sockets_apart:
            shutil.rmtree(self.sockets, ignore_errors=True)

    def _last_lines(self) -> list[str]:
        with self._place.log.open("rb") as file:
            file.seek(self._log_start)
            return file.read().decode(errors="replace").splitlines()[-LAST_LINES:]


@dataclass(frozen=True, slots=True)
class Status:
    """What a server says of itself in postmaster.pid."""

    pid: int
    sockets: Path
    ready: bool


def status(cluster: Path) -> Status | None:
    """Read what the server of a cluster says of itself; None without one, or before it has said anything."""
    try:
        lines = os.fsdecode((cluster / "postmaster.pid").read_bytes()).splitlines()
    except FileNotFoundError:
        return None
    # pid, data folder, start time, port, socket folder, listen address, shared memory, state
    said = [*lines, *[""] * 8][:8]
    return Status(int(said[0] or 0), Path(said[4]), said[7].strip() == "ready")


def end_orphan(place: Place) -> None:
    """End a server whose owner is gone and wait until it is gone too.

    On Linux the kernel has already told it to stop; elsewhere nobody has. The caller holds the owner's lock.
    """
    asked = False
    while (found := status(place.cluster)) and _is_server(found.pid, place.cluster):
        if not asked:
            log.info("database of an earlier process is ending", pid=found.pid)
            os.kill(found.pid, signal.SIGINT)
            asked = True
        time.sleep(PAUSE)
    if found and _exists(found.pid):
        _disown(place.cluster / "postmaster.pid")


def environment() -> dict[str, str]:
    """Return what PostgreSQL gets to see of the environment: no PG* variable, and none of Kring's secrets."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    return kept | {"LC_ALL": "C", "TZ": "UTC"}


def die_with_parent(with_signal: signal.Signals) -> Callable[[], None] | None:
    """Return what a child must do before it becomes another program, so that the kernel ends it after its parent.

    The signal comes when the *thread* that started the child ends, hence the main thread only. `subprocess` runs this
    after it has changed the uid, which would otherwise clear it again. Nothing of the kind exists outside Linux.
    """
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError("the embedded database must be started from the main thread")
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)
    parent = os.getpid()

    def arm() -> None:
        libc.prctl(
            PR_SET_PDEATHSIG, ctypes.c_ulong(with_signal), ctypes.c_ulong(0), ctypes.c_ulong(0), ctypes.c_ulong(0)
        )
        if os.getppid() != parent:  # it died before this was armed
            os._exit(1)

    return arm


def _socket_folder(place: Place) -> tuple[Path, bool]:
    """Make the folder of the sockets, closed to others; in the system's folder for temporary files if need be."""
    inside = place.home / "sockets"
    # a comma would read as two folders, here and in every client
    if len(os.fsencode(inside / SOCKET)) <= LONGEST_SOCKET and "," not in str(inside):
        return place.private_folder(inside), False
    return place.give(Path(tempfile.mkdtemp(prefix="kring-"))), True


def _open_log(place: Place) -> int:
    if place.log.exists() and place.log.stat().st_size > LOG_BYTES:
        place.log.replace(place.log.with_suffix(".log.1"))
    return place.open_file(place.log, os.O_WRONLY | os.O_APPEND)


def _is_server(pid: int, cluster: Path) -> bool:
    """Tell whether this process is a server of this cluster, as against one that later got the same number."""
    if sys.platform != "linux":
        return _exists(pid)
    process = Path("/proc") / str(pid)
    try:
        try:
            return (process / "cwd").samefile(cluster)  # where a server stands
        except PermissionError:  # root in a container may not look there
            return os.fsencode(cluster) in (process / "cmdline").read_bytes().split(b"\0")
    except OSError:
        return False


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError as error:
        return isinstance(error, PermissionError)
    return pid > 0


def _disown(pid_file: Path) -> None:
    """Put our own number in place of one that now is a stranger's.

    PostgreSQL refuses to start beside a living process of that number, but takes its parent's for stale. Removing the
    file would also remove its guard against processes that a killed server left behind.
    """
    with os.fdopen(os.open(pid_file, os.O_RDWR | os.O_NOFOLLOW), "r+b") as file:
        _, newline, rest = file.read().partition(b"\n")
        file.seek(0)
        file.write(str(os.getpid()).encode() + newline + rest)
        file.truncate()
