"""Brings a database back to what schema.sql leaves, between two tests.

Deletes rather than truncates: a table with few rows is emptied some ten times sooner. No transaction around the test,
because races for a seat need real commits.
"""

from dataclasses import dataclass

import asyncpg

TABLES = """
select c.oid::regclass::text as name,
       (select string_agg(quote_ident(a.attname), ', ' order by a.attnum) from pg_attribute a
         where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated::text = '') as columns
  from pg_class c
 where c.relkind::text = 'r' and c.relnamespace = 'public'::regnamespace and c.relname <> 'schema_version'
"""

SEQUENCES = """
select string_agg(format('setval(%L, %s, %L)', sequencename, coalesce(last_value, 1), last_value is not null), ', ')
  from pg_sequences where schemaname = 'public'
"""


@dataclass(frozen=True, slots=True)
class Seed:
    """A table that has rows from the start, and those rows."""

    table: str
    columns: str
    rows: str
    digest: str


@dataclass(frozen=True, slots=True)
class Emptied:
    """What a database holds before anything happened in it."""

    clearing: str
    seeds: list[Seed]
    counting: str
    """What sets every sequence to where it stood."""

    version: int

    @classmethod
    async def remember(cls, conn: asyncpg.Connection) -> "Emptied":
        """Take down which tables are empty and what the others hold."""
        empty, seeds = [], []
        for name, columns in await conn.fetch(TABLES):
            rows = await conn.fetchval(f"select json_agg(t)::text from {name} t")
            if rows is None:
                empty.append(name)
            else:
                seeds.append(Seed(name, columns, rows, await conn.fetchval(_digest(name))))
        clearing = "; ".join(f"delete from {name}" for name in sorted(empty))
        version = await conn.fetchval("select max(number) from schema_version")
        return cls(clearing, seeds, f"select {await conn.fetchval(SEQUENCES)}", version)

    async def empty(self, conn: asyncpg.Connection) -> None:
        """Bring the database back to that; inside a transaction."""
        # without triggers, hence without the order of foreign keys
        await conn.execute(
            f"set local session_replication_role = replica; set local lock_timeout = '5s'; {self.clearing}"
        )
        if not self.seeds:
            return
        digests = await conn.fetchrow("select " + ", ".join(f"({_digest(seed.table)})" for seed in self.seeds))
        for seed, digest in zip(self.seeds, digests, strict=True):
            if digest != seed.digest:
                await conn.execute(f"delete from {seed.table}")
                await conn.execute(
                    f"insert into {seed.table} ({seed.columns}) overriding system value "
                    f"select {seed.columns} from json_populate_recordset(null::{seed.table}, $1::text::json)",
                    seed.rows,
                )

    async def renew(self, conn: asyncpg.Connection) -> None:
        """Bring the database back to that, of the same version, and let it number its rows from the beginning again."""
        async with conn.transaction():
            await self.empty(conn)
            await conn.execute(self.counting)
            await conn.execute("delete from schema_version where number > $1", self.version)


def _digest(table: str) -> str:
    return f"select md5(string_agg(t::text, '|' order by t::text)) from {table} t"
