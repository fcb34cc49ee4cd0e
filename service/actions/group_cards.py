"""Cards of gatherings in groups: putting one there, and keeping it true.

What has changed is marked in the transaction of the change (schema.sql); here the marks become messages of the outbox,
at most one waiting per card: what changes while it waits is written into it.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from service.actions.scheduling import scope
from service.channels import Outbound
from service.database import Database
from service.errors import Conflict, NotFound
from service.model import Gathering, Status
from service.rules import access
from service.rules.access import Actor, Verb
from service.store import gatherings, group_cards, rosters
from service.store.group_cards import GroupCard, Told
from service.store.rosters import Counts

if TYPE_CHECKING:
    from service.database import Connection

BATCH: Final = 20


@dataclass(frozen=True, slots=True)
class Card:
    """What a card may show, as it stands now; `names` are those of the first who come."""

    id: int
    gathering: Gathering
    counts: Counts
    names: Sequence[str]
    language: str
    replaced: bool


Compose = Callable[[Card], Outbound]
"""Writes a card; the words are the dialogue's."""


async def share(
    db: Database, actor: Actor, gathering_id: int, *, channel: str, conversation: str, now: datetime
) -> None:
    """Put a gathering's card into a group; one that stands there already gives way to it.

    Raises NotFound and NotAllowed, and Conflict for a gathering that takes no answers (draft, cancelled, over).
    """
    async with db.transaction() as conn:
        gathering = await gatherings.lock_gathering(conn, gathering_id)
        if gathering is None:
            raise NotFound
        access.require(actor, Verb.SHARE_CARD, scope(gathering))
        if gathering.standing(now) is not Status.PUBLISHED:
            raise Conflict("this gathering takes no answers")
        await group_cards.replace(conn, channel, conversation, gathering_id)
        await group_cards.insert_card(conn, channel, conversation, gathering_id, actor.person_id, now)


async def refresh(db: Database, compose: Compose, *, names: int, now: datetime) -> bool:
    """Write anew what marked cards show; tell whether there was anything to send. Any number of processes may."""
    async with db.transaction() as conn:
        return await _write(conn, await group_cards.take_marked(conn, BATCH), compose, names=names, now=now)


async def close(db: Database, compose: Compose, *, names: int, now: datetime) -> bool:
    """Write the cards of gatherings that have ended for the last time; tell whether there were any."""
    async with db.transaction() as conn:
        return await _write(conn, await group_cards.take_over(conn, now, BATCH), compose, names=names, now=now)


async def _write(
    conn: "Connection", taken: Sequence[GroupCard], compose: Compose, *, names: int, now: datetime
) -> bool:
    """Write cards that are locked; what would say the same as before is only noted."""
    if not taken:
        return False
    told, messages = [], []
    for kept, card in await _read(conn, taken, names):
        outbound = compose(card)
        digest = hashlib.sha256(repr(outbound).encode()).digest()
        last = kept.replaced or card.gathering.confidential or card.gathering.ends_at <= now
        told.append(Told(kept.id, kept.revision, digest, last))
        if digest != kept.digest:
            messages.append((kept, outbound))
    await group_cards.update_told(conn, told, now)
    await _put(conn, messages, now)
    return bool(messages)


async def _read(conn: "Connection", taken: Sequence[GroupCard], names: int) -> list[tuple[GroupCard, Card]]:
    """Read what cards may show, with as many statements for one as for all."""
    ids = sorted({one.gathering_id for one in taken})
    about = {one.id: one for one in await gatherings.select_many(conn, ids)}
    counts = await rosters.select_counts(conn, ids)
    coming = await group_cards.select_coming(conn, ids, names)
    return [
        (
            one,
            Card(
                id=one.id,
                gathering=about[one.gathering_id],
                counts=counts.get(one.gathering_id, Counts()),
                names=coming.get(one.gathering_id, []),
                language=one.language,
                replaced=one.replaced,
            ),
        )
        for one in taken
    ]


async def _put(conn: "Connection", messages: Sequence[tuple[GroupCard, Outbound]], now: datetime) -> None:
    raise NotImplementedError
