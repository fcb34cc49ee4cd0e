"""Erasures that outlive a backup: who was erased, as something that only their own row can be compared with.

A backup from before an erasure brings the person back. The list of erasures is kept apart from backups and says nothing
of anybody; erasing again whom it means is one more `privacy.erase` each.
"""

from collections.abc import Collection

from service.database import Database
from service.formats.tokens import Keys, erasure
from service.rules import access
from service.rules.access import Actor, Verb
from service.store import erasing


async def listed(db: Database, actor: Actor, *, keys: Keys) -> list[str]:
    """List who was erased, in no order that tells anything."""
    access.require(actor, Verb.OPERATE)
    async with db.reading() as conn:
        gone = await erasing.select_rows(conn, erased=True)
    return sorted(erasure(keys, one.id, one.created_at) for one in gone)


async def brought_back(db: Database, actor: Actor, marks: Collection[str], *, keys: Keys) -> list[int]:
    """List the people whom a list of erasures means, and who are there all the same; any of our keys may have made it.

    Numbers that were given anew after the backup mean nobody: a row is known by when it was made, too.
    """
    access.require(actor, Verb.OPERATE)
    async with db.reading() as conn:
        there = await erasing.select_rows(conn, erased=False)
    meant = frozenset(marks)
    return [
        one.id
        for one in there
        if any(erasure({name: key}, one.id, one.created_at) in meant for name, key in keys.items())
    ]
