import asyncio
from pathlib import Path

import asyncpg
import pytest

from service.migrations import FOLDER, MigrationFailed, migrate, pending, read
from service.migrations.catalog import catalog
from tests.waiting import until

FIRST = "create table organisation (id bigint primary key, name text not null);\n"
SECOND = "alter table organisation add column city text;\n"


@pytest.fixture
async def conn(empty_dsn):
    """A connection to a database with nothing in it."""
    connection = await asyncpg.connect(empty_dsn)
    yield connection
    await connection.close()


@pytest.fixture
async def other(empty_dsn):
    """A second connection to the same database."""
    connection = await asyncpg.connect(empty_dsn)
    yield connection
    await connection.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one migration; more are added by `write`."""
    write(tmp_path, "0001_first", FIRST)
    (tmp_path / "schema").mkdir()
    (tmp_path / "schema" / "schema.sql").write_text(FIRST)
    return tmp_path


def write(folder: Path, name: str, text: str) -> None:
    (folder / f"{name}.sql").write_text(text, "utf-8")


async def run(conn: asyncpg.Connection, folder: Path) -> list[str]:
    return await migrate(conn, folder=folder, schema=folder / "schema" / "schema.sql")


async def grow(conn: asyncpg.Connection, folder: Path = FOLDER) -> list[str]:
    """Bring an empty database up through the files alone, as one that was there before the first of them."""
    await conn.execute(
        "create table schema_version (number integer constraint schema_version_pkey primary key, name text not null,"
        " checksum text not null, applied_at timestamptz not null default now())"
    )
    return await migrate(conn, folder=folder)


async def names(conn: asyncpg.Connection) -> list[str]:
    return [row[0] for row in await conn.fetch("select name from schema_version order by number")]


async def columns(conn: asyncpg.Connection) -> list[str]:
    rows = await conn.fetch(
        "select column_name from information_schema.columns where table_name = 'organisation' order by ordinal_position"
    )
    return [row[0] for row in rows]


# The real schema


async def seeds(conn: asyncpg.Connection) -> list[str]:
    """List every row of every table but the versions."""
    tables = await conn.fetch(
        "select c.oid::regclass::text from pg_class c where c.relkind in ('r', 'p') and c.relname <> 'schema_version'"
        " and c.relnamespace = 'public'::regnamespace"
    )
    rows = []
    for (name,) in tables:
        rows += [f"{name} {row[0]}" for row in await conn.fetch(f"select to_jsonb(t)::text from {name} t")]
    return sorted(rows)


async def test_a_database_that_grew_is_the_same_as_one_made_at_once(conn, clone_dsn):
    made = await asyncpg.connect(clone_dsn)
    try:
        assert await grow(conn) == await names(made) == [step.name for step in read()]
        assert await catalog(conn) == await catalog(made)
        assert await seeds(conn) == await seeds(made)
        assert await pending(conn) == await pending(made) == []
    finally:
        await made.close()


async def test_the_catalog_of_the_real_schema_is_not_empty(conn):
    await migrate(conn)
    kinds = {line.split()[0] for line in await catalog(conn)}
    assert kinds == {"relation", "column", "constraint", "index", "sequence", "function", "trigger", "extension"}


@pytest.fixture(scope="module")
async def template_conn(cluster, admin, template):
    """A connection to a database of its own, made from the real schema, whose changes are rolled back."""
    await admin.execute("create database planted template template_kring")
    connection = await asyncpg.connect(cluster.dsn.replace("/kring?", "/planted?"))
    yield connection
    await connection.close()
    await admin.execute("drop database planted")


@pytest.mark.parametrize(
    "difference",
    [
        "alter table person alter column name drop not null",
        "alter table person alter column role set default 'staff'",
        "alter table person alter column name type varchar(80)",
        "alter table person add column extra text",
        "alter table person drop column role",
        "alter table person drop constraint person_name_check",
        "alter table person rename constraint person_name_check to other_check",
        "alter table affiliation drop constraint affiliation_person_fkey,"
        " add constraint affiliation_person_fkey foreign key (person_id) references person",
        "alter table address add constraint later check (value <> '') not valid",
        "alter index organisation_name_key rename to other_key",
        "drop index organisation_name_key",
        "drop index organisation_name_key; create index organisation_name_key on organisation (lower(name))",
        "drop index organisation_name_key; create unique index organisation_name_key on organisation (name)",
        "alter sequence queue_number increment 2",
        "create function twice(n integer) returns integer language sql as 'select 2 * n'",
        "create view everybody as select name from person",
        "create type mood as enum ('good', 'bad')",
        "create domain slug as text check (value <> '')",
        "create function keep() returns trigger language plpgsql as 'begin return null; end';"
        " create trigger keep before delete on person for each row execute function keep()",
        "alter table person enable row level security",
        "create policy own on person using (true)",
        "create rule never as on delete to person do instead nothing",
        "create statistics linked on name, role from person",
        "create schema other; create table other.person (id integer)",
        "alter table allowance set unlogged",
    ],
)
async def test_a_planted_difference_is_caught(template_conn, difference):
    before = await catalog(template_conn)
    planting = template_conn.transaction()
    await planting.start()
    try:
        await template_conn.execute(difference)
        assert await catalog(template_conn) != before
    finally:
        await planting.rollback()
    assert await catalog(template_conn) == before


# The runner


async def test_a_fresh_database_gets_the_whole_schema_and_every_version(conn, folder):
    write(folder, "0002_city", SECOND)
    (folder / "schema" / "schema.sql").write_text(FIRST + SECOND)
    assert await pending(conn, folder=folder) == ["0001_first", "0002_city"]
    assert await run(conn, folder) == ["0001_first", "0002_city"]
    assert await columns(conn) == ["id", "name", "city"]
    assert await names(conn) == ["0001_first", "0002_city"]
    assert await run(conn, folder) == []


async def test_a_database_with_data_gets_what_it_has_not_had(conn, folder):
    await run(conn, folder)
    await conn.execute("insert into organisation values (1, 'Noord')")
    write(folder, "0002_city", SECOND)
    write(folder, "0003_cities", "update organisation set city = 'Assen';")

    assert await pending(conn, folder=folder) == ["0002_city", "0003_cities"]
    assert await run(conn, folder) == ["0002_city", "0003_cities"]
    assert await pending(conn, folder=folder) == []
    assert tuple(await conn.fetchrow("select * from organisation")) == (1, "Noord", "Assen")


async def test_asking_what_is_pending_writes_nothing(conn, folder):
    await conn.execute("set default_transaction_read_only = on")
    assert await pending(conn, folder=folder) == ["0001_first"]
    assert await conn.fetchval("select to_regclass('schema_version')") is None


async def test_of_two_that_start_at_once_one_works_and_the_other_finds_nothing_to_do(conn, other, folder):
    assert sorted(await asyncio.gather(run(conn, folder), run(other, folder))) == [[], ["0001_first"]]
    write(folder, "0002_city", SECOND)
    assert sorted(await asyncio.gather(run(conn, folder), run(other, folder))) == [[], ["0002_city"]]


async def test_an_index_can_be_built_beside_writers_while_another_starter_waits(conn, other, folder):
    await run(conn, folder)
    write(
        folder,
        "0002_index",
        "-- no-transaction\n"
        "-- a first try may have left half of it; hence the removal\n"
        "drop index concurrently if exists organisation_name_idx;\n"
        "create index concurrently organisation_name_idx on organisation (name);\n",
    )
    assert sorted(await asyncio.gather(run(conn, folder), run(other, folder))) == [[], ["0002_index"]]
    assert await conn.fetchval("select indisvalid from pg_index where indexrelid = 'organisation_name_idx'::regclass")


async def test_a_step_without_transaction_that_fails_can_be_repeated(conn, folder):
    await run(conn, folder)
    write(folder, "0002_index", "-- no-transaction\ncreate table if not exists half (id int);\nselect nonsense;\n")
    with pytest.raises(MigrationFailed) as failed:
        await run(conn, folder)
    assert str(failed.value) == '0002_index line 2: column "nonsense" does not exist'
    assert await names(conn) == ["0001_first"]
    write(folder, "0002_index", "-- no-transaction\ncreate table if not exists half (id int);\n")
    assert await run(conn, folder) == ["0002_index"]


async def test_a_step_that_fails_leaves_nothing_and_the_steps_before_it_stay(conn, folder):
    await run(conn, folder)
    write(folder, "0002_city", SECOND)
    write(folder, "0003_wrong", "create table half (id int);\nalter table organisation\n  add column city text;\n")
    with pytest.raises(MigrationFailed) as failed:
        await run(conn, folder)
    assert str(failed.value) == '0003_wrong: column "city" of relation "organisation" already exists'
    assert await names(conn) == ["0001_first", "0002_city"]
    assert await conn.fetchval("select to_regclass('half')") is None
    write(folder, "0003_wrong", "create table half (id int);\n")
    assert await run(conn, folder) == ["0003_wrong"]


async def test_a_slip_in_a_step_is_told_with_its_line(conn, folder):
    await run(conn, folder)
    write(folder, "0002_slip", "create table half (id int);\n\nalter tabel organisation add column city text;\n")
    with pytest.raises(MigrationFailed) as failed:
        await run(conn, folder)
    assert str(failed.value) == '0002_slip line 3: syntax error at or near "tabel"'


async def test_a_failure_tells_nothing_of_the_rows(conn, folder):
    await run(conn, folder)
    await conn.execute("insert into organisation values (1, 'secret'), (2, 'secret')")
    write(folder, "0002_unique", "create unique index organisation_name_key on organisation (name);")
    with pytest.raises(MigrationFailed) as failed:
        await run(conn, folder)
    assert str(failed.value) == '0002_unique: could not create unique index "organisation_name_key"'


async def test_a_schema_that_fails_leaves_an_empty_database(conn, folder):
    (folder / "schema" / "schema.sql").write_text(FIRST + "select nonsense;")
    with pytest.raises(MigrationFailed, match=r"^schema\.sql"):
        await run(conn, folder)
    assert await conn.fetchval("select count(*) from pg_class where relnamespace = 'public'::regnamespace") == 0
    (folder / "schema" / "schema.sql").write_text(FIRST)
    assert await run(conn, folder) == ["0001_first"]


async def test_a_file_that_was_edited_after_it_ran_is_refused(conn, folder):
    await run(conn, folder)
    write(folder, "0001_first", FIRST + "-- better\n")
    for refused in (run(conn, folder), pending(conn, folder=folder)):
        with pytest.raises(MigrationFailed) as failed:
            await refused
        assert str(failed.value) == "0001_first was edited after this database had it as 0001_first; undo the edit"


async def test_line_ends_of_another_system_are_no_edit(conn, folder):
    await run(conn, folder)
    (folder / "0001_first.sql").write_bytes(FIRST.replace("\n", "\r\n").encode())
    assert await run(conn, folder) == []


async def test_a_database_newer_than_the_code_is_refused(conn, folder):
    write(folder, "0002_city", SECOND)
    await run(conn, folder)
    (folder / "0002_city.sql").unlink()
    for refused in (run(conn, folder), pending(conn, folder=folder)):
        with pytest.raises(MigrationFailed) as failed:
            await refused
        assert str(failed.value) == (
            "the database is newer than this Kring: it has had 0002_city; install a newer Kring"
        )


async def test_a_database_of_something_else_is_refused_untouched(conn, folder):
    await conn.execute("create table theirs (id int)")
    for refused in (run(conn, folder), pending(conn, folder=folder)):
        with pytest.raises(MigrationFailed) as failed:
            await refused
        assert str(failed.value) == "the database holds tables that are not Kring's: give Kring a database of its own"
    assert await conn.fetchval("select to_regclass('schema_version')") is None


async def test_a_table_in_use_is_not_waited_for_without_end(conn, other, folder):
    await run(conn, folder)
    write(folder, "0002_city", SECOND)
    async with other.transaction():
        await other.execute("lock table organisation in access share mode")
        with pytest.raises(MigrationFailed) as failed:
            await run(conn, folder)
    assert str(failed.value) == "0002_city: a table was in use for 3s; nothing was changed, try again"
    assert await conn.fetchval("show lock_timeout") == "0"
    assert await run(conn, folder) == ["0002_city"]


async def test_a_starter_that_dies_lets_the_next_one_work(conn, other, folder, admin):
    await run(conn, folder)
    write(folder, "0002_slow", "create table half (id int); select pg_sleep(60);")
    pid = other.get_server_pid()
    dying = asyncio.ensure_future(run(other, folder))

    async def sleeps() -> bool:
        return await admin.fetchval("select wait_event from pg_stat_activity where pid = $1", pid) == "PgSleep"

    await until(sleeps)
    write(folder, "0002_slow", "create table half (id int);")
    next_one = asyncio.ensure_future(run(conn, folder))
    await admin.execute(f"select pg_terminate_backend({pid})")
    with pytest.raises(MigrationFailed) as failed:
        await dying
    assert str(failed.value) == "the connection to the database was lost; try again"
    assert await next_one == ["0002_slow"]


@pytest.mark.parametrize(
    ("names_given", "said"),
    [
        (["0001_first", "0003_third"], "0003_third stands where number 0002 should be"),
        (["0001_first", "0002_second", "0002_other"], "0002_second stands where number 0003 should be"),
        (["0002_second"], "0002_second stands where number 0001 should be"),
        (["first"], "first.sql is not named NNNN_name.sql"),
        (["0001-first"], "0001-first.sql is not named NNNN_name.sql"),
    ],
)
def test_files_that_do_not_count_one_two_three_are_refused(tmp_path, names_given, said):
    for name in names_given:
        write(tmp_path, name, FIRST)
    with pytest.raises(MigrationFailed) as failed:
        read(tmp_path)
    assert str(failed.value) == said


async def test_migrating_inside_a_transaction_is_a_fault_of_the_caller(conn, folder):
    async with conn.transaction():
        with pytest.raises(RuntimeError):
            await run(conn, folder)
