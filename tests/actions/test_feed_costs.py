"""What reading feeds asks of the database, and that changes do not stand in each other's way."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from service.actions.feed_writing import Kept
from service.clock import MovableClock
from service.database import Database
from tests.actions.feed_stage import Stage, copies
from tests.waiting import until


@pytest.fixture
def stage(db: Database, clock: MovableClock) -> Stage:
    return Stage(db, clock)


class Counted:
    """A database of one connection whose statements are written down."""

    def __init__(self, db: Database, conn: asyncpg.Connection) -> None:
        self.db = db.within(conn)
        self._logged: list[asyncpg.connection.LoggedQuery] = []
        conn.add_query_logger(self._logged.append)

    async def statements(self) -> list[asyncpg.connection.LoggedQuery]:
        """Return the statements since the last time; asyncpg hands them over in the next turn of the loop."""
        await asyncio.sleep(0)
        taken = self._logged.copy()
        self._logged.clear()
        return taken


@pytest.fixture
async def counted(db: Database) -> AsyncIterator[Counted]:
    conn = await asyncpg.connect(db.dsn)
    try:
        yield Counted(db, conn)
    finally:
        await conn.close()


async def test_an_unchanged_feed_costs_one_statement_and_sends_nothing(stage: Stage, counted: Counted) -> None:
    ann = await stage.person("Ann")
    await stage.circle("open", ann)
    await stage.gathering("open", "Begroting")
    await stage.read(db=counted.db)  # asyncpg looks at the types of a new connection once
    for token in (None, await stage.subscribe(ann), await stage.subscribe(ann, "open")):
        first = await stage.read(token)
        await counted.statements()
        again = await stage.read(token, seen=f'"other", W/{first.tag}', db=counted.db)
        (statement,) = await counted.statements()
        assert (again.body, again.tag, " join " in statement.query) == (None, first.tag, False)


async def test_a_cold_feed_costs_as_many_statements_with_three_gatherings_as_with_three_hundred(
    stage: Stage, counted: Counted
) -> None:
    ann = await stage.person("Ann")
    await stage.circle("open", ann)
    tokens = (None, await stage.subscribe(ann), await stage.subscribe(ann, "open"))
    await copies(stage, ann, 1)
    await stage.read(db=counted.db)  # asyncpg looks at the types of a new connection once
    costs = []
    for many in (3, 300):
        await copies(stage, ann, many)
        stage.kept = Kept()
        for token in tokens:
            await counted.statements()
            answer = await stage.read(token, db=counted.db)
            assert answer.body is not None
            assert answer.body.plain.count(b"BEGIN:VEVENT") == many
            costs.append(len(await counted.statements()))
    assert costs[:3] == costs[3:]
    assert max(costs) <= 6  # the mark, begin, terms, list, texts, commit


async def test_when_one_gathering_changes_only_its_own_texts_are_read_again(stage: Stage, counted: Counted) -> None:
    ann = await stage.person("Ann")
    await stage.circle("open", ann)
    gatherings = [await stage.gathering("open", f"Titel {number}") for number in range(5)]
    for gathering in gatherings:
        await stage.answer(gathering, ann, "accepted")
    for token in (None, await stage.subscribe(ann)):
        await stage.read(token)
        await stage.change(gatherings[2], title_nl=f"Nieuw {token is None}")
        await counted.statements()
        await stage.read(token, db=counted.db)
        read = [each.args for each in await counted.statements() if "g.id = any" in each.query]
        assert read == [([gatherings[2].id],)]


async def test_feeds_asked_for_at_the_same_moment_are_looked_up_in_one_statement(
    stage: Stage, counted: Counted
) -> None:
    people = [await stage.person(name) for name in ("Ann", "Ben", "Cas")]
    tokens = [await stage.subscribe(person) for person in people]
    seen = [(await stage.read(token)).tag for token in tokens]
    await stage.read(db=counted.db)
    await counted.statements()
    asked = [(token, tag) for token, tag in zip(tokens, seen, strict=True) for _ in range(5)]
    answers = await asyncio.gather(*(stage.read(token, seen=tag, db=counted.db) for token, tag in asked))
    assert [(answer.tag, answer.body) for answer in answers] == [(tag, None) for _, tag in asked]
    assert len(await counted.statements()) == 1


async def test_no_answer_is_older_than_its_question(clone: Database, clock: MovableClock) -> None:
    stage = Stage(clone, clock)
    old = await stage.read()
    async with asyncio.TaskGroup() as tasks, clone.dedicated() as other:
        async with other.transaction():
            await other.execute("lock table feed in access exclusive mode")
            first = tasks.create_task(stage.read())
            await until(lambda: _waits(other))
            await other.execute("update feed set revision = revision + 1")
            second = tasks.create_task(stage.read(seen=old.tag))
            await asyncio.sleep(0)
        assert (await second).tag == (await stage.read()).tag != old.tag
        await first


async def test_when_the_one_who_asks_for_all_is_broken_off_the_others_are_answered_still(
    clone: Database, clock: MovableClock
) -> None:
    stage = Stage(clone, clock)
    expected = (await stage.read()).tag
    async with asyncio.TaskGroup() as tasks, clone.dedicated() as other:
        async with other.transaction():
            await other.execute("lock table feed in access exclusive mode")
            first, second = tasks.create_task(stage.read()), tasks.create_task(stage.read())
            await until(lambda: _waits(other))
            third, fourth = tasks.create_task(stage.read()), tasks.create_task(stage.read())
            await asyncio.sleep(0)
            first.cancel()
            third.cancel()
        assert [(await task).tag for task in (second, fourth)] == [expected] * 2
        assert (first.cancelled(), third.cancelled()) == (True, True)


async def _waits(conn: asyncpg.Connection) -> bool:
    return await conn.fetchval("select exists (select from pg_locks where not granted)")


async def test_changes_that_touch_the_same_feeds_in_opposite_orders_do_not_block_each_other(
    clone: Database, clock: MovableClock
) -> None:
    stage = Stage(clone, clock)
    ann, ben = await stage.person("Ann"), await stage.person("Ben")
    await stage.circle("open", ann, ben)
    here, there, third = [await stage.gathering("open", str(n), capacity=1) for n in range(3)]
    for person in (ann, ben):
        await stage.subscribe(person)
        await stage.subscribe(person, "open")
        await stage.answer(third, person, "accepted")
    for number in range(12):
        for gathering, first, second in ((here, ann, ben), (there, ben, ann)):
            await stage.answer(gathering, first, "accepted")
            await stage.answer(gathering, second, "accepted")
        await asyncio.gather(
            stage.answer(here, ann, "declined"),
            stage.answer(there, ben, "declined"),
            stage.change(third, title_nl=f"Titel {number}"),
            stage.change(here, description_nl=f"Tekst {number}"),
        )
        for gathering, person in ((here, ben), (there, ann)):
            await stage.answer(gathering, person, "declined")
