"""A PostgreSQL of Kring's own for one machine: it starts when it is needed and is gone when Kring is gone.

Runs the server and makes sure that the database `kring` exists; what is in it belongs to `service/migrations`, the
connections to `service/database`. With KRING_DATABASE_URL nothing of this is used.
"""

import time
from pathlib import Path
from types import TracebackType
from typing import Self

import structlog

from service.embedded import binaries, cluster
from service.embedded.place import ROOT_HOME, EmbeddedFailed, OwnerLock, Place, place_for
from service.embedded.reach import database_url, reach_database
from service.embedded.server import Server, end_orphan, run_server, status

__all__ = ["ROOT_HOME", "Embedded", "EmbeddedFailed", "start"]

log = structlog.get_logger()

PAUSE = 0.02
"""Seconds between two looks at what another process is doing with the server."""


def start(data: Path, *, pg_bin: Path | None = None, durable: bool = True, root_home: Path = ROOT_HOME) -> "Embedded":
    """Start the server of a data folder, or attach to the one that another process of Kring runs on it.

    Blocks until the server answers, however long it recovers from a crash. Call it from the main thread: the kernel
    stops the server when the thread that started it ends. `durable=False` gives up safety on power loss, for tests.
    Run by root, the cluster lives under `root_home`. Raises EmbeddedFailed with a line for the person who starts Kring.
    """
    embedded = Embedded(data, pg_bin=pg_bin, durable=durable, root_home=root_home)
    embedded.ensure()
    return embedded


class Embedded:
    """A PostgreSQL server that this process runs, or that it attached to.

    One process owns the server: it holds a file lock for as long as it lives, and only its `stop` ends the server.
    """

    def __init__(self, data: Path, *, pg_bin: Path | None, durable: bool, root_home: Path) -> None:
        self._place: Place = place_for(data, root_home)
        self._lock = OwnerLock(self._place)
        self._pg_bin = pg_bin
        self._durable = durable
        self._server: Server | None = None
        self._sockets: Path | None = None
        self.dsn: str = ""
        self.note: str | None = None
        """What to tell the person once, at the first start: that the database does not live in the data folder."""

    @property
    def owned(self) -> bool:
        """Tell whether this process runs the server, as against having attached to it."""
        return self._server is not None

    def ensure(self) -> bool:
        """Bring the server back if it is gone; tell whether that was needed.

        For the start, and for whoever finds the database gone: a server that crashed, or that belonged to another
        process which stopped. Afterwards this process may own it. Where the path of the data folder is too long for a
        socket, `dsn` differs from before. Blocks, and main thread only, as `start`.
        """
        if self._answers():
            return False
        waits = False
        while not self._lock.take():
            if self._attach():
                return True
            if not waits:
                log.info("waiting for the process that starts or stops the database", folder=str(self._place.cluster))
                waits = True
            time.sleep(PAUSE)
        self._launch()
        return True

    def stop(self) -> None:
        """End the server if this process runs it, cleanly and without a time limit; close connections before."""
        if self._server is not None:
            self._server.stop()
            self._server = None
            log.info("database stopped", folder=str(self._place.cluster))
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _answers(self) -> bool:
        """Tell whether the server takes connections; a child that still lives is waited for: it recovers or ends."""
        while self._sockets is not None:
            if reach_database(self._sockets):
                return True
            if self._server is None or not self._server.runs:
                break
            time.sleep(PAUSE)
        return False

    def _attach(self) -> bool:
        """Join a server that another process runs; False while that one still starts or already stops."""
        found = status(self._place.cluster)
        if found is None or not found.ready or not reach_database(found.sockets):
            return False
        self._use(found.sockets)
        log.info("database attached", folder=str(self._place.cluster))
        return True

    def _launch(self) -> None:
        """Start the server as a child; holds the lock. Nothing is left behind on failure."""
        try:
            if self._server is not None:
                self._server.stop()  # it crashed: clear up after it
            end_orphan(self._place)
            chosen = binaries.choose(self._pg_bin, self._place)
            if cluster.make(self._place, chosen, durable=self._durable) and self._place.apart:
                self.note = f"The database lives in {self._place.home} (PostgreSQL refuses to run as root)."
            self._server = run_server(self._place, chosen, durable=self._durable)
            self._use(self._server.sockets)
            if not self._answers():
                raise EmbeddedFailed(f"PostgreSQL started and ended again; see {self._place.log}")
        except BaseException:
            self.stop()
            raise
        log.info("database started", folder=str(self._place.cluster), version=chosen.major)

    def _use(self, sockets: Path) -> None:
        self._sockets = sockets
        self.dsn = database_url(sockets)
