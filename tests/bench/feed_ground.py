"""An association for the feeds' benchmarks: a thousand public gatherings, people, and who comes to which."""

import asyncpg

from service.formats.tokens import hashed
from tests.bench.ground import Ground

SMALL, LARGE = 10, 1000
"""Entries of the two personal feeds, of the first person and of the second."""

TOKENS = {SMALL: "s" * 43, LARGE: "l" * 43}

CIRCLE = """
    insert into circle (slug, kind, title_nl, title_en, language, created_at)
    values ('kring', 'community_of_practice', 'Kring', 'Circle', 'nl', now())
"""
PEOPLE = (
    "insert into person (name, language, created_at) select 'Persoon ' || n, 'nl', now() from generate_series(1, $1) n"
)
GATHERINGS = """
    insert into gathering (uid, circle_id, status, title_nl, title_en, description_nl, description_en, starts_local,
        ends_local, timezone, starts_at, ends_at, location, reminders, visibility, created_at, changed_at, published_at)
    select 'g' || n, c.id, 'published', 'Bijeenkomst ' || n, 'Gathering ' || n, repeat('Wat we lezen. ', 30),
        repeat('What we read. ', 30), at, at + interval '1 hour', 'Europe/Amsterdam', at at time zone 'UTC',
        (at + interval '1 hour') at time zone 'UTC', 'Utrecht', '{}', 'public', now(), now(), now()
    from generate_series(1, 1000) n, circle c,
        lateral (select date_trunc('hour', now() at time zone 'UTC') + n * interval '9 hours' as at) t
"""
REGISTER = """
    insert into registration (gathering_id, person_id, partstat, seat, uid, dtstamp, invited_at, created_at)
    select id, $1::bigint, 'accepted', 'seated', 'o' || $1::bigint || '.' || id, now(), now(), now()
    from gathering where id <= $2
"""
# Everybody but the first two; each of them has at most 142, none twice.
REGISTER_OTHERS = """
    insert into registration (gathering_id, person_id, partstat, seat, uid, dtstamp, invited_at, created_at)
    select 1 + (n / people * 7 + n % people) % 1000, 3 + n % people, 'accepted', 'seated', 'r' || n, now(), now(), now()
    from generate_series(0, $1::integer - 1) n, (select count(*)::integer - 2 as people from person) p
"""
SUBSCRIBE = """
    insert into feed (kind, token_hash, person_id, changed_at, created_at) values ('person', $1, $2, now(), now())
"""


async def filled(ground: Ground, name: str, *, people: int = 2, others: int = 0) -> str:
    """Make a database in which the first person has a feed of ten entries and the second one of a thousand."""
    dsn = await ground.database(name)
    conn = await asyncpg.connect(dsn)
    try:
        await conn.execute(CIRCLE)
        await conn.execute(PEOPLE, people)
        await conn.execute(GATHERINGS)
        for person, (size, token) in enumerate(TOKENS.items(), start=1):
            await conn.execute(REGISTER, person, size)
            await conn.execute(SUBSCRIBE, hashed(token), person)
        if others:
            await conn.execute("set session_replication_role = replica")  # what is referred to is there
            await conn.execute(REGISTER_OTHERS, others)
        await conn.execute("vacuum analyze")
    finally:
        await conn.close()
    return dsn
