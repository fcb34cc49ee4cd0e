"""An outbox to deliver from: people, and an invitation for each; and what came of it."""

from collections import Counter
from datetime import timedelta

from service.actions import scheduling
from service.database import Database
from service.model import Gathering
from service.rules.access import KRING
from tests.conftest import NOW
from tests.factories import make_circle

ADD_MEMBERS = """
    with people as (
        insert into person (name, language, created_at)
        select 'Person ' || n, case when n % 2 = 0 then 'nl' else 'en' end, $3 from generate_series(1, $2) n
        returning id
    ), addresses as (
        insert into address (person_id, channel, value, is_primary, verified_at, created_at)
        select id, 'mail', 'person' || id || '@example.org', true, $3, $3 from people
    )
    insert into membership (circle_id, person_id, role, state, since)
    select $1, id, 'participant', 'active', $3 from people
"""


async def invited(db: Database, count: int) -> Gathering:
    """Publish a gathering to a circle of `count` people, and so put an invitation for each into the outbox."""
    circle = await make_circle(db)
    async with db.transaction() as conn:
        await conn.execute(ADD_MEMBERS, circle.id, count, NOW)
    starts = (NOW + timedelta(days=30)).replace(tzinfo=None)
    facts = {"title_nl": "Samen", "title_en": "Together", "reminders": []}
    times = {"starts_local": starts, "ends_local": starts + timedelta(hours=2)}
    gathering = await scheduling.create(db, KRING, circle.slug, {**facts, **times}, now=NOW)
    return await scheduling.publish(db, KRING, gathering.id, now=NOW)


async def states(db: Database) -> Counter[str]:
    """Count the notices by state."""
    async with db.reading() as conn:
        return Counter(dict(await conn.fetch("select state, count(*) from notice group by state")))


async def ledger(db: Database) -> list[tuple[str, str, str | None]]:
    """List what was handed over: outcome, detail and the address that was used."""
    async with db.reading() as conn:
        found = await conn.fetch(
            "select d.outcome, d.detail, a.value from delivery d left join address a on a.id = d.address_id"
            " order by d.id"
        )
        return [tuple(row) for row in found]
