"""Every page of a circle of two thousand members and a gathering of five hundred, over HTTP: its time at the server."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from statistics import median
from time import perf_counter

import asyncpg

from service.store.rosters import SELECT_ROSTER
from tests import crowd
from tests.bench.clients import fetch, get, post
from tests.bench.figures import Figure, at_most, informing
from tests.bench.ground import Ground, program
from tests.bench.servers import KEYS
from tests.crowd import CIRCLE, GATHERING, OWN, PUBLIC, SESSIONS, TEAM, Asked

MEMBERS, ROWS = 2_000, 500
LOOKS, WARMING = 9, 2
MOST = 100.0
"""Milliseconds of a page at the server, in the median."""

GROUPS = {"public": PUBLIC, "own": OWN, "circle": CIRCLE, "gathering": GATHERING, "team": TEAM}
_TOKEN = re.compile(rb'name="form" value="([^"]+)"')


async def run(ground: Ground) -> AsyncIterator[Figure]:
    dsn, now = await ground.database("pages"), datetime.now(UTC)
    conn = await asyncpg.connect(dsn)
    try:
        await crowd.found(conn, now)
        await crowd.grow(conn, 1, MEMBERS, ROWS)
        places = await crowd.places(conn, KEYS, now)
        await conn.execute("analyze")
        statement = await _median(lambda: conn.fetch(SELECT_ROSTER, crowd.OPEN))
    finally:
        await conn.close()
    async with program("tests.bench.servers", "kring", dsn) as (_, port):
        floor = await _median(lambda: fetch(port, get("/login/app")))
        for name, pages in GROUPS.items():
            took = {asked: await _looked(port, asked, places) for asked in pages}
            slowest = max(took, key=lambda asked: took[asked])
            yield at_most(f"pages_{name}_slowest_ms {_named(slowest)}", took[slowest], "ms", MOST)
            yield informing(f"pages_{name}_median_ms", median(took.values()), "ms", floor=floor)
    yield informing("pages_statement_of_the_list_ms", statement, "ms")


async def _looked(port: int, asked: Asked, places: dict[str, str]) -> float:
    """Ask for a page time and again, and return the median of what that took."""
    path = asked.path.format(**places)
    cookie = {"Cookie": f"kring={SESSIONS[asked.who]}"} if asked.who else {}
    request = get(path, **cookie)
    if asked.typed is not None:
        found = _TOKEN.search(await fetch(port, get("/manage", **cookie)))
        assert found is not None
        typed = [(name, value.format(**places)) for name, value in asked.typed]
        request = post(path, cookie, form=found[1].decode(), **dict(typed))
    return await _median(lambda: fetch(port, request))


async def _median(step) -> float:
    took = []
    for _ in range(LOOKS):
        began = perf_counter()
        await step()
        took.append((perf_counter() - began) * 1000)
        await asyncio.sleep(0)
    return median(took[WARMING:])


def _named(asked: Asked) -> str:
    return f"{'POST ' if asked.typed is not None else ''}{asked.path}"
