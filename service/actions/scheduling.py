"""Gatherings: plan, change, publish, cancel, invite. What people answer to them is in `registration`."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from service.actions import answering, cancelling, facts, inviting, promotion
from service.database import Database
from service.errors import Conflict, Invalid, NotFound
from service.formats import fields, tokens
from service.formats.cleaning import clean_line
from service.model import Circle, Gathering, Status
from service.rules import access, revisions
from service.rules.access import Actor, Object, Verb
from service.rules.revisions import Told
from service.store import (
    circles,
    copies,
    feeds,
    gatherings,
    kinds,
    memberships,
    registrations,
    rosters,
    visitors,
)
from service.store.gatherings import EDITABLE, Seen
from service.store.rosters import Counts

if TYPE_CHECKING:
    from service.database import Connection

REASON = 1000


def scope(gathering: Gathering) -> Object:
    """Return a gathering as the access rules see it."""
    return Object(
        circle_id=gathering.circle_id,
        visibility=gathering.visibility,
        confidential=gathering.confidential,
        published=gathering.status != Status.DRAFT,
    )


def require_open(circle: Circle | None) -> None:
    """Refuse to plan something for a circle that has closed."""
    if circle is not None and circle.closed_at is not None:
        raise Conflict("this circle has closed; open it again first")


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
        circle = await circles.select_circle(conn, circle_slug)
        if circle is None:
            raise NotFound
        access.require(actor, Verb.EDIT_GATHERING, Object(circle.id, circle.visibility, circle.confidential))
        require_open(circle)
        kind = next(kind for kind in await kinds.select_kinds(conn) if kind.name == circle.kind)
        defaults = {
            **dict.fromkeys(("title_nl", "title_en", "description_nl", "description_en", "location", "online_url"), ""),
            "timezone": timezone,
            "capacity": kind.capacity,
            "organisation_quota": kind.organisation_quota,
            "approval": kind.approval,
            "reminders": kind.reminders,
            "visibility": kind.visibility,
        }
        complete = facts.complete(given, defaults)
        ident = await gatherings.insert_gathering(conn, tokens.new_uid(), circle.id, series_id, complete, now)
        return await _read(conn, ident)


async def create_series(
    db: Database, actor: Actor, circle_slug: str, *, title_nl: str, title_en: str, now: datetime
) -> int:
    """Name a row of gatherings of a circle that are planned together, and return its id."""
    async with db.transaction() as conn:
        circle = await circles.select_circle(conn, circle_slug)
        if circle is None:
            raise NotFound
        access.require(actor, Verb.EDIT_GATHERING, Object(circle.id, circle.visibility, circle.confidential))
        titles = (fields.line("title_nl", title_nl), fields.line("title_en", title_en))
        return await gatherings.insert_series(conn, circle.id, *titles, now)


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
        before = await _lock(conn, actor, gathering_id, Verb.EDIT_GATHERING)
        if before.status == Status.CANCELLED:
            raise Conflict("this gathering is cancelled; publish it again first")
        old = {name: getattr(before, name) for name in EDITABLE}
        new = facts.complete(given, {name: value for name, value in old.items() if name not in _DERIVED})
        if new == old:
            return before
        _refuse_the_past(before, new, now)
        changed = revisions.difference(_told(old), _told(new))
        awaits = before.status == Status.PUBLISHED and bool(changed) and new["starts_at"] > now
        pending = await gatherings.select_pending(conn, gathering_id)
        await gatherings.update_gathering(
            conn,
            gathering_id,
            new,
            raise_sequence=changed.jeopardises,
            told=_frozen(_told(old), before.sequence) if awaits else pending.told,
            announce_at=revisions.announce_at(pending.edited_since or now, now, coalesce)
            if awaits
            else pending.announce_at,
            now=now,
        )
        after = await _read(conn, gathering_id)
        if after.status == Status.PUBLISHED:
            if changed.jeopardises:
                await copies.raise_sequences(conn, gathering_id)
            await inviting.arm_reminders(conn, [after], now=now)
            roomier = any(old[name] != new[name] for name in ("capacity", "organisation_quota"))
            await promotion.fill(conn, after, now=now, freed=roomier)
            if old["approval"] and not new["approval"]:
                await answering.approve_all(conn, after, actor, now=now)
        await feeds.mark_gathering(conn, gathering_id, after.circle_id, now)
        return after


async def publish(db: Database, actor: Actor, gathering_id: int, *, now: datetime) -> Gathering:
    """Publish a draft and invite every active member of its circle once.

    Repeating it before the start invites the members that a file has added since, and else does nothing. A cancelled
    gathering is re-opened: everyone is asked anew, under the same UID and a higher SEQUENCE.
    """
    async with db.transaction() as conn:
        before = await _lock(conn, actor, gathering_id, Verb.EDIT_GATHERING)
        if before.status != Status.PUBLISHED:
            require_open(await circles.select_circle(conn, before.circle_slug))
        reopened = before.status == Status.CANCELLED
        if reopened and before.ends_at <= now:
            raise Conflict("this gathering is over")
        repeated = before.status == Status.PUBLISHED
        if repeated and before.starts_at <= now:
            return before
        if not repeated:
            await gatherings.update_published(conn, gathering_id, raise_sequence=reopened, now=now)
        gathering = await _read(conn, gathering_id)
        if reopened:
            await copies.ask_anew(conn, gathering_id, actor.name, now)
            everyone = await registrations.select_held(conn, gathering_id)
            await inviting.write_invitations(conn, [gathering], everyone, now=now, again=True)
        members = await memberships.select_invited(conn, gathering.circle_id)
        invited = await inviting.invite(conn, [gathering], members, now=now)
        if invited or not repeated:
            await feeds.mark_gathering(conn, gathering_id, gathering.circle_id, now)
        return gathering


async def cancel(db: Database, actor: Actor, gathering_id: int, reason: str, *, now: datetime) -> Gathering:
    """Cancel a gathering and tell everyone who was invited and did not decline; repeating it does nothing."""
    async with db.transaction() as conn:
        before = await _lock(conn, actor, gathering_id, Verb.EDIT_GATHERING)
        if before.status == Status.CANCELLED:
            return before
        if before.status == Status.PUBLISHED and before.ends_at <= now:
            raise Conflict("this gathering is over")
        await cancelling.cancel(conn, [before], clean_line(reason, REASON), now=now)
        await feeds.mark_gathering(conn, gathering_id, before.circle_id, now)
        return await _read(conn, gathering_id)


async def invite(
    db: Database, actor: Actor, gathering_id: int, person_ids: Sequence[int], *, now: datetime
) -> Gathering:
    """Invite people beside the members of the circle; raises Conflict unless published, Invalid for unknown people."""
    async with db.transaction() as conn:
        gathering = await _lock(conn, actor, gathering_id, Verb.EDIT_GATHERING)
        if gathering.status != Status.PUBLISHED:
            raise Conflict("publish the gathering first")
        unknown = await registrations.select_unknown_people(conn, person_ids)
        if unknown:
            raise Invalid("person_ids", f"there is no person {unknown[0]}")
        await visitors.confirm_visitors(conn, person_ids, now)
        await inviting.invite(conn, [gathering], person_ids, now=now)
        return gathering


async def get(db: Database, actor: Actor, gathering_id: int, *, now: datetime) -> Gathering:
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
        signed_in=actor.signed_in and actor.person_id is not None,
    )
    async with db.reading() as conn:
        return await gatherings.select_upcoming(
            conn, seen, since=since, until=until, circle=circle, after=after, limit=limit
        )


async def counts(db: Database, gathering_ids: Sequence[int]) -> dict[int, Counts]:
    """Count who stands where, for many gatherings at once."""
    async with db.reading() as conn:
        return await rosters.select_counts(conn, gathering_ids)


_DERIVED = ("starts_at", "ends_at")


async def _lock(conn: "Connection", actor: Actor, gathering_id: int, verb: Verb) -> Gathering:
    gathering = await gatherings.lock_gathering(conn, gathering_id)
    if gathering is None:
        raise NotFound
    access.require(actor, verb, scope(gathering))
    return gathering


async def _read(conn: "Connection", gathering_id: int) -> Gathering:
    gathering = await gatherings.select_gathering(conn, gathering_id)
    assert gathering is not None
    return gathering


def _refuse_the_past(before: Gathering, new: Mapping[str, Any], now: datetime) -> None:
    """A gathering still to come cannot be moved into the past; one that has begun may be put right afterwards."""
    if before.status == Status.PUBLISHED and before.starts_at > now >= new["starts_at"]:
        raise Invalid("starts_at", "this moment has passed")


def _told(given: Mapping[str, Any]) -> Told:
    return Told(**{name: given[name] for name in Told.__dataclass_fields__})


def _frozen(told: Told, sequence: int) -> dict[str, Any]:
    known = {name: v.isoformat() if isinstance(v, datetime) else v for name, v in asdict(told).items()}
    return known | {"sequence": sequence}
