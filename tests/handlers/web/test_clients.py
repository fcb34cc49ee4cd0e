"""Which network somebody comes from, and how often it may try."""

from datetime import timedelta

import pytest
from aiohttp.test_utils import make_mocked_request

from handlers.web.sessions import client
from service.actions.allowances import Limit, allow, forget_old, network
from service.clock import MovableClock
from service.database import Database
from tests.handlers.web.house import KEYS


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2::9", "2001:db8:1:2::"),
        ("2001:db8:1:3::9", "2001:db8:1:3::"),
        ("nonsense", "unknown"),
        (None, "unknown"),
    ],
)
def test_a_network_is_an_address_or_the_64_bits_of_a_household(address: str | None, counted: str) -> None:
    assert network(address) == counted


@pytest.mark.parametrize(
    ("peer", "named", "found"),
    [
        ("9.9.9.9", "192.0.2.7", "9.9.9.9"),  # no proxy of ours: what it says is not believed
        ("127.0.0.1", "192.0.2.7", "192.0.2.7"),
        ("10.0.0.3", "192.0.2.1, 192.0.2.7", "192.0.2.7"),  # the first entry is the client's own invention
        ("127.0.0.1", "", "127.0.0.1"),
        ("fe80::1", "2001:db8::1", "2001:db8::1"),
    ],
)
def test_only_the_last_word_of_a_proxy_nearby_is_believed(peer: str, named: str, found: str) -> None:
    request = make_mocked_request("GET", "/", headers={"X-Forwarded-For": named} if named else {})
    assert client(request.clone(remote=peer)) == found


async def test_counts_begin_anew_with_each_span_and_are_forgotten(db: Database, clock: MovableClock) -> None:
    limit = Limit("tries", 2, timedelta(hours=1))

    async def tries(count: int) -> list[bool]:
        return [await allow(db, limit, "192.0.2.7", keys=KEYS, now=clock.now()) for _ in range(count)]

    assert await tries(3) == [True, True, False]
    clock.move(timedelta(minutes=59))
    assert await tries(1) == [False]
    clock.move(timedelta(minutes=1))
    assert await tries(1) == [True]
    clock.move(timedelta(days=3))
    await forget_old(db, now=clock.now())
    async with db.reading() as conn:
        assert await conn.fetchval("select count(*) from allowance") == 0
