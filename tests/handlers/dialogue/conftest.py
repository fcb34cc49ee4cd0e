import pytest

from service.clock import MovableClock
from service.database import Database
from tests.handlers.dialogue.house import House


@pytest.fixture
def house(db: Database, clock: MovableClock) -> House:
    return House(db, clock)
