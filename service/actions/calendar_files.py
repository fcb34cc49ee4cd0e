"""One gathering as a calendar file: somebody's own copy where they are invited, else the one that everyone sees."""

from service.actions.scheduling import scope
from service.database import Database
from service.errors import NotFound
from service.formats import entries, feeds, ical
from service.model import Partstat, Seat, Status
from service.rules import access
from service.rules.access import Actor, Verb
from service.store import feed_entries, gatherings
from service.texts.catalogue import Texts


async def file(db: Database, actor: Actor, gathering_id: int, *, texts: Texts, base_url: str) -> bytes:
    """Write the file; of a confidential gathering only the time, and only for those who are invited.

    It bears the same UID as the invitation, so that a calendar which has that one shows no second. Raises NotFound for
    what is hidden from the actor, and for a draft.
    """
    async with db.reading() as conn:
        gathering = await gatherings.select_gathering(conn, gathering_id)
        if gathering is None or not access.can(actor, Verb.SEE_GATHERING, scope(gathering)):
            raise NotFound
        own = await feed_entries.select_own_copy(conn, gathering_id, actor.person_id) if actor.person_id else None
    if gathering.status == Status.DRAFT or (gathering.confidential and own is None):
        raise NotFound
    comes = own is not None and own.partstat == Partstat.ACCEPTED and own.seat != Seat.WAITING
    block = ical.block(entries.entry(gathering, texts, base_url=base_url, room=comes))
    if own is None:
        return feeds.download(block, entries.common_copy(gathering, texts))
    copy = entries.own_copy(
        uid=own.uid,
        sequence=own.sequence,
        dtstamp=own.dtstamp,
        status=gathering.status,
        partstat=own.partstat,
        seat=own.seat,
        texts=texts,
    )
    return feeds.download(block, copy)
