"""What the stories about gatherings share."""

import pytest

from service.clock import MovableClock
from service.database import Database
from tests.actions.play import Play


@pytest.fixture
def play(db: Database, clock: MovableClock) -> Play:
    """An empty stage on the shared database; every step takes one second of the test's clock."""
    return Play(db, clock)
