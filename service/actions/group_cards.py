"""Cards of gatherings in groups: putting one there, and keeping it true.

What has changed is marked in the transaction of the change (schema.sql); here the marks become messages of the outbox,
at most one waiting per card: what changes while it waits is written into it.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from service.actions.scheduling import lock
from service.channels import Outbound
from service.database import Database
from service.errors import Conflict
from service.formats import outbounds
from service.model import Gathering, NoticeState, Purpose, Status
from service.rules.access import Actor, Verb
from service.rules.notices import NewNotice
from service.store import gatherings, group_cards, outbox, rosters
from service.store.group_cards import GroupCard, Told
from service.store.rosters import Counts

if TYPE_CHECKING:
    from service.database import Connection

BATCH: Final = 20
KEPT: Final = timedelta(days=30)

_GONE: Final = (NoticeState.FAILED, NoticeState.EXPIRED)


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
        gathering = await lock(conn, actor, gathering_id, Verb.SHARE_CARD)
        if gathering.standing(now) is not Status.PUBLISHED:
            raise Conflict("this gathering takes no answers")
        await group_cards.replace(conn, channel, conversation, gathering_id)
        await group_cards.insert_card(conn, channel, conversation, gathering_id, actor.person_id, now)


async def refresh(db: Database, compose: Compose, *, names: int, now: datetime) -> bool:
    """Write anew what marked cards show; tell whether there was anything to send. Any number of processes may."""
    async with db.transaction() as conn:
        taken = await group_cards.take_marked(conn, BATCH)
        return await _write(conn, taken, compose, names=names, now=now) if taken else False


async def mark_over(db: Database, *, now: datetime) -> None:
    """Mark the cards of gatherings that have ended: they say so, and are let go."""
    async with db.transaction() as conn:
        await group_cards.mark_over(conn, now)


async def forget_old(db: Database, *, now: datetime) -> None:
    """Forget cards that were let go long ago."""
    async with db.transaction() as conn:
        await group_cards.delete_closed(conn, now - KEPT)


async def _write(
    conn: "Connection", taken: Sequence[GroupCard], compose: Compose, *, names: int, now: datetime
) -> bool:
    """Write cards that are locked; what would say the same as before is only noted.

    A card whose message could not be delivered at all is let go: it was taken away, or Kring is no longer in the group.
    """
    told = [Told(one.id, one.revision, one.written, one.digest, last=True) for one in taken if one.fate in _GONE]
    new: list[tuple[GroupCard, Outbound]] = []
    for kept, card in await _read(conn, [one for one in taken if one.fate not in _GONE], names):
        outbound = compose(card)
        digest = hashlib.sha256(repr(outbound).encode()).digest()
        last = kept.replaced or card.gathering.confidential or card.gathering.ends_at <= now
        told.append(Told(kept.id, kept.revision, kept.written, digest, last))
        unseen = kept.replaced and kept.digest is None  # it gives way before it ever stood there
        if digest != kept.digest and not unseen:
            new.append((kept, outbound))
    written = await _put(conn, new, now) if new else {}
    await group_cards.update_told(
        conn, [replace(one, written=written.get(one.card_id, one.written)) for one in told], now
    )
    return bool(new)


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


async def _put(conn: "Connection", new: Sequence[tuple[GroupCard, Outbound]], now: datetime) -> dict[int, int]:
    """Put messages into the outbox, and return for which revision of each card the message is.

    One that waits there for its turn says the newer thing instead.
    """
    facts = {
        card.id: {"outbound": outbounds.packed(said), "language": card.language, "follows": True} for card, said in new
    }
    waiting = await group_cards.update_waiting(
        conn, {group_cards.key(card.id, card.written): facts[card.id] for card, _ in new if card.written}
    )
    fresh = [card for card, _ in new if group_cards.key(card.id, card.written) not in waiting]
    await outbox.insert_notices(conn, [_notice(card, facts[card.id], now) for card in fresh], now)
    return {card.id: card.revision for card in fresh}


def _notice(card: GroupCard, facts: dict[str, Any], now: datetime) -> NewNotice:
    """Make the message of a card; as one about the gathering it would be dropped when that is cancelled or over."""
    return NewNotice(
        dedupe_key=group_cards.key(card.id, card.revision),
        purpose=Purpose.ANSWER,
        person_id=None,
        due_at=now,
        channel=card.channel,
        facts=facts,
        conversation=card.conversation,
    )
