"""Gatherings: plan, change, publish, cancel, invite. What people answer to them is in `registration`."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from service.actions import altering, circles, facts, inviting, strangers
from service.actions.defaults import of_kind
from service.database import Database
from service.errors import Conflict, Invalid, NotFound
from service.formats import fields, tokens
from service.model import Gathering, Status
from service.rules import access
from service.rules.access import Actor, Object, Verb
from service.store import agenda, feeds, gatherings, people, questions, rosters, series, visitors
from service.store.agenda import Seen
from service.store.rosters import Counts

if TYPE_CHECKING:
    from service.database import Connection


def scope(gathering: Gathering) -> Object:
    """Return a gathering as the access rules see it."""
    return Object(
        circle_id=gathering.circle_id,
        visibility=gathering.visibility,
        confidential=gathering.confidential,
        published=gathering.published,
    )


async def create(
    db: Database,
    actor: Actor,
    circle_slug: str,
    given: Mapping[str, Any],
    *,
    now: datetime,
    timezone: str = "Europe/Amsterdam",
    series_id: int | None = None,
) -> Gathering:
    """Plan a gathering as a draft; what is not given comes from the policy of the circle's kind.

    Raises NotFound for a circle hidden from the actor, Invalid with the field for facts that cannot be.
    """
    async with db.transaction() as conn:
        circle = await circles.read(conn, actor, circle_slug, Verb.EDIT_GATHERING)
        complete = facts.complete(given, await of_kind(conn, circle, timezone))
        ident = await gatherings.insert_gathering(conn, tokens.new_uid(), circle.id, series_id, complete, now)
        return await _read(conn, ident)


async def duplicate(
    db: Database, actor: Actor, gathering_id: int, starts_local: datetime, *, now: datetime
) -> Gathering:
    """Plan another gathering just like this one, at another time, as a draft of the same series."""
    async with db.transaction() as conn:
        like = await read(conn, actor, gathering_id)
        lasts = like.ends_local - like.starts_local
        times = {"starts_local": starts_local, "ends_local": starts_local + lasts}
        complete = facts.complete(times, facts.of(like))
        ident = await gatherings.insert_gathering(conn, tokens.new_uid(), like.circle_id, like.series_id, complete, now)
        if like.questions:
            await questions.copy_questions(conn, like.id, [ident])
        return await _read(conn, ident)


async def create_series(
    db: Database, actor: Actor, circle_slug: str, *, title_nl: str, title_en: str, now: datetime
) -> int:
    """Name a row of gatherings of a circle that are planned together, and return its id."""
    async with db.transaction() as conn:
        circle = await circles.read(conn, actor, circle_slug, Verb.EDIT_GATHERING)
        titles = (fields.line("title_nl", title_nl), fields.line("title_en", title_en))
        return await series.insert_series(conn, circle.id, *titles, now)


async def change(
    db: Database, actor: Actor, gathering_id: int, given: Mapping[str, Any], *, now: datetime, coalesce: timedelta
) -> Gathering:
    """Change some facts, and do all that follows from it.

    The feeds show it at once. Of a published gathering the copies in calendars get a higher SEQUENCE at once when time
    or place changed, people are told when the edits have paused for `coalesce`, reminders are planned anew, and new
    room moves the queue up; less room takes nobody's seat. Where approval is no longer needed, all who wait for it have
    it.
    """
    async with db.transaction() as conn:
        before = await lock(conn, actor, gathering_id)
        after = await altering.alter(conn, actor, before, given, now=now, coalesce=coalesce)
        if after is not before:
            await feeds.mark_gathering(conn, gathering_id, after.circle_id, now)
        return after


async def publish(db: Database, actor: Actor, gathering_id: int, *, now: datetime) -> Gathering:
    """Publish a draft and invite every active member of its circle once.

    Repeating it before the start invites the members that a file has added since, and else does nothing. A cancelled
    gathering is re-opened: everyone is asked anew, under the same UID and a higher SEQUENCE.
    """
    async with db.transaction() as conn:
        before = await lock(conn, actor, gathering_id)
        gathering, told = await altering.open_up(conn, actor, before, now=now)
        if told:
            await feeds.mark_gathering(conn, gathering_id, gathering.circle_id, now)
        return gathering


async def cancel(db: Database, actor: Actor, gathering_id: int, reason: str, *, now: datetime) -> Gathering:
    """Cancel a gathering and tell everyone who was invited and did not decline; repeating it does nothing."""
    async with db.transaction() as conn:
        before = await lock(conn, actor, gathering_id)
        gathering = await altering.call_off(conn, before, reason, now=now)
        if gathering is not before:
            await feeds.mark_gathering(conn, gathering_id, gathering.circle_id, now)
        return gathering


async def invite(
    db: Database, actor: Actor, gathering_id: int, person_ids: Sequence[int], *, now: datetime
) -> Gathering:
    """Invite people beside the members of the circle; raises Conflict unless published, Invalid for unknown people.

    To a confidential gathering only who leads it invites others, as with guests.
    """
    async with db.transaction() as conn:
        gathering = await lock(conn, actor, gathering_id)
        if gathering.confidential:
            access.require(actor, Verb.INVITE_GUEST, scope(gathering))
        require_published(gathering)
        unknown = await people.select_unknown_people(conn, person_ids)
        if unknown:
            raise Invalid("person_ids", f"there is no person {unknown[0]}")
        await strangers.count(conn, actor, person_ids, now=now)
        await visitors.confirm_visitors(conn, person_ids, now)
        await inviting.invite(conn, [gathering], person_ids, now=now)
        return gathering


async def get(db: Database, actor: Actor, gathering_id: int) -> Gathering:
    """Read a gathering; NotFound when it is hidden from the actor."""
    async with db.reading() as conn:
        gathering = await gatherings.select_gathering(conn, gathering_id)
    if gathering is None or not access.can(actor, Verb.SEE_GATHERING, scope(gathering)):
        raise NotFound
    return gathering


async def upcoming(
    db: Database,
    actor: Actor,
    *,
    since: datetime,
    until: datetime | None = None,
    circle: str | None = None,
    after: tuple[datetime, int] | None = None,
    limit: int = 100,
) -> list[Gathering]:
    """List what the actor may see of the gatherings that end after `since`, by start; `after` is the last one's key."""
    seen = Seen(
        everything=actor.staff,
        facilitated=list(actor.facilitates),
        joined=list(actor.member_of),
        signed_in=actor.is_person,
    )
    async with db.reading() as conn:
        return await agenda.select_upcoming(
            conn, seen, since=since, until=until, circle=circle, after=after, limit=limit
        )


async def counts(db: Database, gathering_ids: Sequence[int]) -> dict[int, Counts]:
    """Count who stands where, for many gatherings at once."""
    async with db.reading() as conn:
        return await rosters.select_counts(conn, gathering_ids)


async def read(conn: "Connection", actor: Actor, gathering_id: int, verb: Verb = Verb.EDIT_GATHERING) -> Gathering:
    """Read a gathering for somebody who may run it, or do what the `verb` says; raises NotFound, NotAllowed."""
    return _permitted(await gatherings.select_gathering(conn, gathering_id), actor, verb)


async def lock(conn: "Connection", actor: Actor, gathering_id: int, verb: Verb = Verb.EDIT_GATHERING) -> Gathering:
    """Hold and read a gathering as `read` does."""
    return _permitted(await gatherings.lock_gathering(conn, gathering_id), actor, verb)


def require_published(gathering: Gathering) -> None:
    """Refuse what only a published gathering takes."""
    if gathering.status != Status.PUBLISHED:
        raise Conflict("publish the gathering first")


def require_to_come(gathering: Gathering, now: datetime) -> None:
    """Refuse what only a published gathering takes that has not begun."""
    require_published(gathering)
    if gathering.starts_at <= now:
        raise Conflict("this gathering has begun")


def _permitted(gathering: Gathering | None, actor: Actor, verb: Verb) -> Gathering:
    if gathering is None:
        raise NotFound
    access.require(actor, verb, scope(gathering))
    return gathering


async def _read(conn: "Connection", gathering_id: int) -> Gathering:
    gathering = await gatherings.select_gathering(conn, gathering_id)
    assert gathering is not None
    return gathering
