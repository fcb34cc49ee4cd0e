"""An association for the benchmarks: a thousand public gatherings, people, who comes to which, what they were told."""

from datetime import UTC, datetime, timedelta

import asyncpg

from service.formats.tokens import hashed
from tests.bench.ground import Ground

SMALL, LARGE = 10, 1000
"""Entries of the two personal feeds, of the first person and of the second."""

TOKENS = {SMALL: "s" * 43, LARGE: "l" * 43}

FEW, MANY = 1_000, 1_000_000
"""Registrations of two associations that are alike in all else."""

PEOPLE = 10_000

CIRCLE = """
    insert into circle (slug, kind, title_nl, title_en, language, created_at)
    values ('kring', 'community_of_practice', 'Kring', 'Circle', 'nl', now())
"""
ORGANISATIONS = "insert into organisation (name, created_at) select 'Lid ' || n, now() from generate_series(1, 100) n"
INSERT_PEOPLE = """
    with added as (
        insert into person (name, language, created_at)
        select 'Persoon ' || n, 'nl', now() from generate_series(1, $1) n returning id
    )
    insert into address (person_id, channel, value, is_primary, verified_at, created_at)
    select id, 'mail', 'persoon' || id || '@example.org', true, now(), now() from added
"""
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
    insert into registration (gathering_id, person_id, organisation_id, partstat, seat, uid, dtstamp, invited_at,
        created_at)
    select 1 + (n / people * 7 + n % people) % 1000, 3 + n % people, 1 + n % 100, 'accepted', 'seated', 'r' || n, now(),
        now(), now()
    from generate_series(0, $1::integer - 1) n, (select count(*)::integer - 2 as people from person) p
"""
REMEMBER = """
    insert into registration_history (registration_id, at, actor, via, partstat, seat)
    select id, created_at, 'person:' || person_id, 'link', partstat, seat from registration where uid like 'r%'
"""
TELL = """
    insert into notice (dedupe_key, purpose, person_id, gathering_id, registration_id, channel, facts, due_at, state,
        attempts, created_at, sent_at)
    select 'confirmation:' || id || ':' || dtstamp, 'confirmation', person_id, gathering_id, id, 'mail',
        '{"method": "REQUEST"}', created_at, 'sent', 1, created_at, created_at
    from registration where uid like 'r%'
"""
HAND_OVER = """
    insert into delivery (notice_id, channel, address_id, at, outcome, detail)
    select n.id, 'mail', a.id, n.sent_at, 'sent', '2.0.0 queued' from notice n join address a using (person_id)
"""
# A million rows are written in a tenth of the time where each index is built once, afterwards.
LAY_DOWN_INDEXES = """
    update pg_index set indisready = false, indisvalid = false
    where indrelid = any(array['registration', 'registration_history', 'notice', 'delivery']::regclass[])
"""
BUILD_INDEXES = (
    "reindex table registration; reindex table registration_history; reindex table notice; reindex table delivery"
)
SUBSCRIBE = """
    insert into feed (kind, token_hash, person_id, changed_at, created_at) values ('person', $1, $2, now(), now())
"""


async def filled(ground: Ground, name: str, *, people: int = 2, others: int = 0) -> str:
    """Make a database in which the first person has a feed of ten entries and the second one of a thousand.

    The `others` are registrations of everybody else, each with its history and a confirmation that was sent.
    """
    model = f"model_{people}_{others}"
    if not ground.has(model):
        await _fill(await ground.database(model), people, others)
    return await ground.database(name, like=model)


INVITE_TO = """
    with made as (
        insert into gathering (uid, circle_id, status, title_nl, title_en, description_nl, description_en, starts_local,
            ends_local, timezone, starts_at, ends_at, location, capacity, reminders, visibility, created_at, changed_at,
            published_at)
        select gen_random_uuid(), circle_id, status, title_nl, title_en, description_nl, description_en, starts_local,
            ends_local, timezone, starts_at, ends_at, location, $1, reminders, visibility, created_at, changed_at,
            published_at
        from gathering where id = 500
        returning id
    )
    insert into registration (gathering_id, person_id, organisation_id, uid, dtstamp, calendar_status, invited_at,
        created_at)
    select made.id, n + 2, 1 + n % 100, 'i' || made.id || '.' || n, $3, 'confirmed', $3, $3
    from made, generate_series(1, $2) n
    returning gathering_id, id
"""


async def invited(dsn: str, capacity: int, count: int, *, ago: timedelta = timedelta(0)) -> tuple[int, list[int]]:
    """Invite people to a new gathering half a year from now; return its id and those of their registrations."""
    conn = await asyncpg.connect(dsn)
    try:
        found = await conn.fetch(INVITE_TO, capacity, count, datetime.now(UTC) - ago)
    finally:
        await conn.close()
    return found[0]["gathering_id"], [row["id"] for row in found]


REMIND = """
    insert into notice (dedupe_key, purpose, person_id, gathering_id, registration_id, facts, due_at, created_at)
    select 'reminder:' || id, 'reminder', person_id, gathering_id, id, '{"kind": "P7D"}', $2, $2
    from registration where id = any($1) order by id
"""


async def reminded(dsn: str, count: int) -> None:
    """Let a reminder be due for each of so many people, of one gathering to which they were invited the day before."""
    _, ids = await invited(dsn, count, count, ago=timedelta(days=1))
    conn = await asyncpg.connect(dsn)
    try:
        await conn.execute(REMIND, ids, datetime.now(UTC))
    finally:
        await conn.close()


async def _fill(dsn: str, people: int, others: int) -> None:
    conn = await asyncpg.connect(dsn)
    try:
        await conn.execute(CIRCLE)
        await conn.execute(ORGANISATIONS)
        await conn.execute(INSERT_PEOPLE, people)
        await conn.execute(GATHERINGS)
        for person, (size, token) in enumerate(TOKENS.items(), start=1):
            await conn.execute(REGISTER, person, size)
            await conn.execute(SUBSCRIBE, hashed(token), person)
        if others:
            await conn.execute("set session_replication_role = replica")  # what is referred to is there
            await conn.execute(LAY_DOWN_INDEXES)
            await conn.execute(REGISTER_OTHERS, others)
            for step in (REMEMBER, TELL, HAND_OVER, BUILD_INDEXES):
                await conn.execute(step)
        await conn.execute("vacuum analyze")
    finally:
        await conn.close()
