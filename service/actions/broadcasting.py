"""Tell the people of a gathering something, each once and by their own channel; look first, and call it off."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from service.actions.scheduling import lock, read
from service.database import Database
from service.errors import Conflict, Invalid, NotFound
from service.formats import fields
from service.formats.cleaning import clean_text
from service.model import Audience, Broadcast, Gathering, Purpose, Status
from service.rules import audiences
from service.rules.access import Actor, Verb
from service.rules.audiences import Listener
from service.rules.notices import NewNotice
from service.store import broadcasts, outbox

if TYPE_CHECKING:
    from service.database import Connection

LONGEST: Final = 3000
"""Characters of a message: what a chat shows in one piece, and somebody reads."""

OF_USE: Final = timedelta(days=3)
"""How long it is worth telling."""


@dataclass(frozen=True, slots=True)
class Told:
    """A broadcast, and how many people it is on its way to; `goes_at`: until then it can be called off whole."""

    broadcast: Broadcast
    people: int
    goes_at: datetime


async def count(db: Database, actor: Actor, gathering_id: int) -> dict[Audience, int]:
    """Tell how many people each audience of a gathering would be, without whoever asks."""
    async with db.reading() as conn:
        _require_published(await read(conn, actor, gathering_id, Verb.MESSAGE_PARTICIPANTS))
        found = await broadcasts.select_listeners(conn, gathering_id)
    return {audience: len(_chosen(found, audience, actor)) for audience in Audience}


async def send(
    db: Database,
    actor: Actor,
    gathering_id: int,
    audience: Audience,
    text: str,
    *,
    now: datetime,
    pause: timedelta,
    key: str | None = None,
) -> Told:
    """Tell an audience something, each of its people once, after a pause in which it can be called off.

    The same `key` again is the same command and tells nobody twice. Of a confidential gathering the text is read after
    signing in. Raises Invalid for no text or too much of it, and Conflict for a draft or where there is nobody to tell.
    """
    audience = Audience(fields.choice("audience", audience, Audience))
    text = _checked(text)
    async with db.transaction() as conn:
        gathering = await lock(conn, actor, gathering_id, Verb.MESSAGE_PARTICIPANTS)
        _require_published(gathering)
        chosen = _chosen(await broadcasts.select_listeners(conn, gathering_id), audience, actor)
        ident = await broadcasts.insert_broadcast(
            conn, gathering_id, audience, text, person_id=actor.person_id, actor=actor.name, key=key, now=now
        )
        if ident is None:
            return await _repeated(conn, key or "", gathering_id, chosen, pause)
        if not chosen:
            raise Conflict("There is nobody to tell.")
        made = await broadcasts.select_broadcast(conn, ident)
        assert made is not None
        await outbox.insert_notices(conn, [_notice(gathering, made, one, now + pause) for one in chosen], now)
        return Told(made, len(chosen), now + pause)


async def call_off(db: Database, actor: Actor, broadcast_id: int, *, now: datetime) -> tuple[Gathering, int]:
    """Take back what has not gone out yet, and return for how many people that was in time."""
    async with db.transaction() as conn:
        found = await broadcasts.select_broadcast(conn, broadcast_id)
        if found is None:
            raise NotFound
        gathering = await lock(conn, actor, found.gathering_id, Verb.MESSAGE_PARTICIPANTS)
        _require_published(gathering)
        return gathering, await broadcasts.call_off(conn, broadcast_id, gathering.id, now)


async def told(db: Database, actor: Actor, gathering_id: int) -> list[Broadcast]:
    """List what the people of a gathering were told, the latest first, for whoever may tell them something."""
    async with db.reading() as conn:
        _require_published(await read(conn, actor, gathering_id, Verb.MESSAGE_PARTICIPANTS))
        return await broadcasts.select_of_gathering(conn, gathering_id)


async def heard(db: Database, actor: Actor, gathering_id: int) -> list[Broadcast]:
    """List what the actor was told about a gathering; nothing where nobody has signed in."""
    if actor.person_id is None or not actor.signed_in:
        return []
    async with db.reading() as conn:
        return await broadcasts.select_heard(conn, gathering_id, actor.person_id)


def _require_published(gathering: Gathering) -> None:
    if gathering.status == Status.DRAFT:
        raise Conflict("Publish the gathering first: nobody has been invited yet.")


def _checked(text: str) -> str:
    cleaned = clean_text(text, LONGEST + 1)
    if not cleaned:
        raise Invalid("text", "Write what people should know.")
    if len(cleaned) > LONGEST:
        raise Invalid("text", f"This is too long: at most {LONGEST} characters fit.")
    return cleaned


def _chosen(found: list[Listener], audience: Audience, actor: Actor) -> list[Listener]:
    """Choose who hears it; whoever writes it knows already."""
    return [one for one in found if one.person_id != actor.person_id and audiences.hears(audience, one)]


async def _repeated(conn: "Connection", key: str, gathering_id: int, chosen: list[Listener], pause: timedelta) -> Told:
    before = await broadcasts.select_by_key(conn, key)
    if before is None or before.gathering_id != gathering_id:
        raise Conflict("This was sent before, about something else.")
    return Told(before, len(chosen), before.created_at + pause)


def _notice(gathering: Gathering, broadcast: Broadcast, one: Listener, at: datetime) -> NewNotice:
    said = {} if gathering.confidential else {"text": broadcast.text, "author": broadcast.author}
    over = gathering.status == Status.CANCELLED or gathering.ends_at <= at
    return NewNotice(
        dedupe_key=f"broadcast:{broadcast.id}:{one.registration_id}",
        purpose=Purpose.BROADCAST,
        person_id=one.person_id,
        due_at=at,
        gathering_id=gathering.id,
        registration_id=one.registration_id,
        facts={"broadcast": broadcast.id, "over": over} | said,
        expires_at=at + OF_USE,
    )
