from service.database import Database

COUNTS = """
select (select count(*) from organisation), (select count(*) from person), (select count(*) from address),
       (select count(*) from circle), (select count(*) from feed)
"""


async def fill(db: Database) -> None:
    async with db.transaction() as conn:
        await conn.execute("insert into organisation (name, created_at) values ('Noord', now())")
        person = await conn.fetchval(
            "insert into person (name, language, created_at) values ('Anna', 'nl', now()) returning id"
        )
        await conn.execute(
            "insert into address (person_id, channel, value, created_at)"
            " values ($1, 'mail', 'anna@example.org', now())",
            person,
        )
        await conn.execute(
            "insert into circle (slug, kind, title_nl, title_en, language, created_at)"
            " values ('noord', 'training', 'Noord', 'North', 'nl', now())"
        )
        await conn.execute("update circle_kind set capacity = 3 where name = 'training'")
        await conn.execute("delete from circle_kind where name = 'dinner'")
        await conn.execute("update feed set revision = revision + 1")


async def everything(db: Database) -> list[object]:
    async with db.reading() as conn:
        kinds = await conn.fetch("select * from circle_kind order by name")
        feeds = await conn.fetch("select * from feed order by id")
        return [tuple(await conn.fetchrow(COUNTS)), [tuple(row) for row in kinds], [tuple(row) for row in feeds]]


async def test_emptying_removes_what_a_test_wrote_and_brings_the_policy_rows_back(db, template):
    before = await everything(db)
    await fill(db)
    assert await everything(db) != before

    async with db.transaction() as conn:
        await template.empty(conn)

    assert await everything(db) == before
    assert before[0] == (0, 0, 0, 0, 1)


async def test_a_renewed_database_numbers_its_rows_like_a_new_one(clone, template):
    for _ in range(2):
        await fill(clone)
        async with clone.reading() as conn:
            assert (
                await conn.fetchval("select array[o.id, p.id, c.id] from organisation o, person p, circle c") == [1] * 3
            )
        async with clone.transaction() as conn:
            await template.renew(conn)


async def test_emptying_leaves_foreign_keys_at_work(db, template):
    async with db.transaction() as conn:
        await template.empty(conn)
    async with db.transaction() as conn:
        assert await conn.fetchval("show session_replication_role") == "origin"


async def test_a_clone_is_apart_from_the_shared_database(db, clone):
    await fill(clone)
    assert (await everything(db))[0] == (0, 0, 0, 0, 1)
    assert (await everything(clone))[0] == (1, 1, 1, 1, 1)
