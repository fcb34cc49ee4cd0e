"""Sites for the tests of the embedded PostgreSQL: folders with and without a cluster."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.embedded.kring_process import Site


@pytest.fixture(scope="package")
def made(ground: Path) -> Site:
    """A site with a cluster in it."""
    site = Site(ground / "made" / "data", ground / "made" / "root")
    site.start().stop()
    return site


@pytest.fixture
def site(made: Site) -> Site:
    """A site whose cluster was made earlier and stopped, with an empty log; tests leave the cluster sound."""
    made.place.log.write_text("")
    return made


@pytest.fixture
def folder(ground: Path) -> Iterator[Path]:
    """A folder of this test that an unprivileged account can cross; some forty megabytes per cluster go at its end."""
    folder = Path(tempfile.mkdtemp(dir=ground, prefix=""))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def fresh(folder: Path) -> Site:
    """A site without a cluster."""
    return Site(folder / "data", folder / "root")
