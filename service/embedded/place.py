"""Where a cluster lives, whose it is, and which process owns its server.

Decides and makes folders; never changes the mode or the owner of a folder that was there before.
"""

import fcntl
import hashlib
import os
import pwd
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from service.errors import KringError

ROOT_HOME = Path("/var/lib/kring")
"""Where clusters live when root runs Kring: below it every folder can be crossed by an unprivileged account."""


class EmbeddedFailed(KringError):
    """The embedded database cannot run."""


@dataclass(frozen=True, slots=True)
class Account:
    """The unprivileged account that PostgreSQL runs as when Kring runs as root."""

    uid: int
    gid: int

    @property
    def popen(self) -> dict[str, Any]:
        """Return the arguments that make `subprocess` drop to this account, supplementary groups included."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


@dataclass(frozen=True, slots=True)
class Place:
    """The folder of one cluster: its data, sockets, log and lock."""

    home: Path
    account: Account | None
    apart: bool
    """Whether it lies outside the data folder, because root runs Kring."""

    @property
    def cluster(self) -> Path:
        """Return PostgreSQL's data folder."""
        return self.home / "cluster"

    @property
    def log(self) -> Path:
        """Return the server's log."""
        return self.home / "server.log"

    @property
    def popen(self) -> dict[str, Any]:
        """Return the arguments that make `subprocess` run as the account of this place."""
        return self.account.popen if self.account else {}

    def make(self) -> None:
        """Make the home of the cluster; raises EmbeddedFailed when that is not allowed."""
        try:
            if self.apart:
                _make_folder(self.home.parent, 0o755)
                _make_folder(self.home, 0o711)  # crossed by the account, listed by root alone
            else:
                self.home.parent.mkdir(parents=True, exist_ok=True)
                _make_folder(self.home, 0o700)
        except OSError as error:
            raise EmbeddedFailed(f"{self.home} cannot be made: {error.strerror}") from error

    def private_folder(self, path: Path) -> Path:
        """Make an empty folder that only the account of this place can enter."""
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir(mode=0o700)
        return self.give(path)

    def give(self, path: Path) -> Path:
        """Hand a folder that Kring just made to the account of this place."""
        if self.account:
            os.chown(path, self.account.uid, self.account.gid, follow_symlinks=False)
        return path

    def open_file(self, path: Path, flags: int) -> int:
        """Open a file of Kring's own in the home and return its descriptor; made for the owner of the home."""
        # the home may belong to another account than ours: do not follow what it could have put there
        descriptor = os.open(path, flags | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        if self.account:
            owner = self.home.stat()
            os.fchown(descriptor, owner.st_uid, owner.st_gid)
        return descriptor


class OwnerLock:
    """A file lock that the process which runs the server holds for its whole life, so that the kernel lets it go."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._descriptor: int | None = None

    def take(self) -> bool:
        """Become the owner, unless another process is; True as well when this one already was."""
        if self._descriptor is not None:
            return True
        self._place.make()
        descriptor = self._open()
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    def release(self) -> None:
        """Let another process become the owner."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _open(self) -> int:
        try:
            return self._place.open_file(self._place.home / "lock", os.O_RDWR)
        except OSError as error:
            raise EmbeddedFailed(f"{self._place.home} cannot be used: {error.strerror}") from error


def place_for(data: Path, root_home: Path = ROOT_HOME) -> Place:
    """Decide where the cluster of a data folder lives.

    Inside it; but PostgreSQL refuses to run as root, so there it lives under `root_home`, owned by an unprivileged
    account, unless an ordinary account already has it inside. Raises EmbeddedFailed for an ordinary account when root
    has it under `root_home`: a second, empty one would look like lost data.
    """
    data = data.resolve()
    inside = data / "postgres"
    outside = root_home.resolve() / hashlib.sha256(os.fsencode(data)).hexdigest()[:16]
    if os.geteuid() == 0:
        owner = _owner(inside / "cluster")
        if owner and owner.uid != 0:
            return Place(inside, owner, apart=False)
        return Place(outside, _owner(outside / "cluster") or _unprivileged(), apart=True)
    if _owner(outside / "cluster") and not _owner(inside / "cluster"):
        raise EmbeddedFailed(
            f"root runs the database of {data} in {outside}; run Kring as root or use another KRING_DATA"
        )
    return Place(inside, None, apart=False)


def _owner(folder: Path) -> Account | None:
    try:
        found = folder.stat()
    except OSError:
        return None
    return Account(found.st_uid, found.st_gid)


def _unprivileged() -> Account:
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise EmbeddedFailed("PostgreSQL refuses to run as root, and there is neither an account postgres nor nobody")


def _make_folder(path: Path, mode: int) -> None:
    """Make a folder with exactly this mode, whatever the umask; leave one that exists as it is."""
    if not path.is_dir():
        path.mkdir(parents=True)
        path.chmod(mode)
