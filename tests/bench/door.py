"""The attendance list of five hundred people: its page at the door, and finding somebody on it, over HTTP."""

from collections.abc import AsyncIterator
from statistics import median
from time import perf_counter

import asyncpg

from service.formats.tokens import hashed
from service.store.rosters import SELECT_ROSTER
from tests.bench.association import FEW, filled
from tests.bench.clients import get, send
from tests.bench.figures import Figure, at_most
from tests.bench.ground import Ground, program

PEOPLE = 500
LOOKS = 40
MOST = 100.0
"""Milliseconds of a page at the server, in the median."""

SESSION = "d" * 43
REGISTER = """
    insert into registration (gathering_id, person_id, organisation_id, partstat, seat, uid, dtstamp, invited_at,
        created_at)
    select 1000, p.id, 1 + p.id % 100, 'accepted', 'seated', 'd' || p.id, now(), now(), now()
    from person p where not exists (select from registration r where r.gathering_id = 1000 and r.person_id = p.id)
    order by p.id limit $1 - (select count(*) from registration where gathering_id = 1000)
"""
REMEMBER = """
    insert into registration_history (registration_id, at, actor, via, partstat, seat)
    select id, created_at, 'person:' || person_id, 'link', partstat, seat from registration where gathering_id = 1000
"""
STAFF = "update person set role = 'staff' where id = 1"
SIGN_IN = """
    insert into web_session (token_hash, person_id, form_key, created_at, expires_at, last_used_at)
    values ($1, 1, '\\x00', now(), now() + interval '1 hour', now())
"""


async def run(ground: Ground) -> AsyncIterator[Figure]:
    dsn = await filled(ground, "door", people=PEOPLE + 100, others=FEW)
    conn = await asyncpg.connect(dsn)
    try:
        await conn.execute(REGISTER, PEOPLE)
        await conn.execute(REMEMBER)
        await conn.execute(STAFF)
        await conn.execute(SIGN_IN, hashed(SESSION))
        await conn.execute("analyze")
        floor = await _floor(conn)
    finally:
        await conn.close()
    async with program("tests.bench.servers", "kring", dsn) as (_, port):
        for name, path in (("door_roster", "?show=all"), ("door_find", "/find?q=persoon")):
            request = get(f"/manage/gatherings/1000/roster{path}", Cookie=f"kring={SESSION}")
            took = []
            for _ in range(LOOKS):
                began = perf_counter()
                await send(port, [request], connections=1, status=200)
                took.append((perf_counter() - began) * 1000)
            yield at_most(f"{name}_of_{PEOPLE}_ms", median(took[5:]), "ms", MOST)
    yield at_most("door_floor_statement_ms", floor, "ms", MOST)


async def _floor(conn: asyncpg.Connection) -> float:
    """One statement that reads the list, in milliseconds: what no page can do without."""
    took = []
    for _ in range(LOOKS):
        began = perf_counter()
        await conn.fetch(SELECT_ROSTER, 1000)
        took.append((perf_counter() - began) * 1000)
    return median(took)
