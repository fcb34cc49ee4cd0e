"""Series: gatherings planned together, each of them a gathering of its own, with its own UID, answers and life.

What is done to several of them is done to one after the other, in the order of their ids, in one transaction.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from service.actions import altering, circles, facts, inviting, scheduling
from service.actions.defaults import of_kind
from service.database import Database
from service.errors import Conflict, Invalid, NotFound
from service.formats import tokens
from service.model import Gathering, Status
from service.rules import access, recurrence
from service.rules.access import Actor, Object, Verb
from service.store import feeds, gatherings, memberships
from service.store import series as rows

if TYPE_CHECKING:
    from service.database import Connection


@dataclass(frozen=True, slots=True)
class Series:
    """Gatherings that were planned together, in order of time."""

    id: int
    circle_slug: str
    title_nl: str
    title_en: str
    gatherings: list[Gathering]


async def plan(
    db: Database,
    actor: Actor,
    circle_slug: str,
    given: Mapping[str, Any],
    starts: Sequence[datetime],
    *,
    timezone: str,
    now: datetime,
) -> Series:
    """Plan a gathering for each of the local `starts`, all of them drafts; `given` has the times of any one of them.

    Raises Invalid with the field, `dates` where there is none, too many, or one of them twice.
    """
    if not 1 <= len(starts) <= recurrence.MOST:
        raise Invalid("dates", f"choose from 1 to {recurrence.MOST} dates")
    if len(set(starts)) != len(starts):
        raise Invalid("dates", "every date can be there once")
    async with db.transaction() as conn:
        circle = await circles.read(conn, actor, circle_slug, Verb.EDIT_GATHERING)
        defaults = await of_kind(conn, circle, timezone)
        first = facts.complete(given, defaults)
        lasts = first["ends_local"] - first["starts_local"]
        titles = first["title_nl"], first["title_en"]
        ident = await rows.insert_series(conn, circle.id, *titles, now)
        every = [
            facts.complete({**given, "starts_local": start, "ends_local": start + lasts}, defaults)
            for start in sorted(starts)
        ]
        uids = [tokens.new_uid() for _ in every]
        made = await rows.insert_gatherings(conn, circle.id, ident, uids, every, now)
        return Series(ident, circle.slug, *titles, await gatherings.select_many(conn, made))


async def get(db: Database, actor: Actor, series_id: int) -> Series:
    """Read a series for somebody who runs it; raises NotFound, NotAllowed."""
    async with db.reading() as conn:
        return await _read(conn, actor, series_id)


async def publish(db: Database, actor: Actor, series_id: int, *, now: datetime) -> Series:
    """Publish every draft of a series that has not begun, and invite the circle's members; repeating it does nothing.

    Each date is an invitation of its own: a calendar can take no other.
    """
    async with db.transaction() as conn:
        found = await _hold(conn, actor, series_id)
        drafts = [one for one in found if one.status == Status.DRAFT and one.starts_at > now]
        if drafts:
            ids = [one.id for one in drafts]
            await rows.publish(conn, ids, now)
            published = await gatherings.select_many(conn, ids)
            members = await memberships.select_invited(conn, drafts[0].circle_id)
            await inviting.invite(conn, published, members, now=now)
            await feeds.mark_circle(conn, drafts[0].circle_id, now)
        return await _read(conn, actor, series_id)


async def change_following(
    db: Database, actor: Actor, gathering_id: int, given: Mapping[str, Any], *, now: datetime, coalesce: timedelta
) -> list[Gathering]:
    """Change a gathering and those of its series that come after it, the cancelled and the past left alone.

    A new time of the first moves the others by as many days and to the same hour; everything else is given to all.
    """
    async with db.transaction() as conn:
        this, following = await _following(conn, actor, gathering_id, now)
        changed = []
        for one in following:
            after = await altering.alter(conn, actor, one, shifted(this, one, given), now=now, coalesce=coalesce)
            changed.append((one, after))
        if any(before is not after for before, after in changed):
            await feeds.mark_circle(conn, this.circle_id, now)
        return _in_time(after for _, after in changed)


async def cancel_following(
    db: Database, actor: Actor, gathering_id: int, reason: str, *, now: datetime
) -> list[Gathering]:
    """Cancel a gathering and those of its series that come after it; each calendar hears of each."""
    async with db.transaction() as conn:
        this, following = await _following(conn, actor, gathering_id, now)
        cancelled = [await altering.call_off(conn, one, reason, now=now) for one in following]
        await feeds.mark_circle(conn, this.circle_id, now)
        return _in_time(cancelled)


def shifted(this: Gathering, other: Gathering, given: Mapping[str, Any]) -> dict[str, Any]:
    """Give another gathering of the series what this one gets: the same hours, on a day as far from its own."""
    more = dict(given)
    for name in ("starts_local", "ends_local"):
        if isinstance(given.get(name), datetime):
            own: datetime = getattr(other, name)
            days = given[name].date() - getattr(this, name).date()
            more[name] = datetime.combine(own.date() + days, given[name].time())
    return more


def follows(one: Gathering, this: Gathering, now: datetime) -> bool:
    """Tell whether what is done to a gathering and those after it in its series is done to this other one too."""
    return one.status != Status.CANCELLED and one.ends_at > now and one.starts_at >= this.starts_at


async def _following(
    conn: "Connection", actor: Actor, gathering_id: int, now: datetime
) -> tuple[Gathering, list[Gathering]]:
    """Hold a gathering and those after it in its series, as they can still be changed, in the order of their ids."""
    this = await scheduling.read(conn, actor, gathering_id)
    if this.series_id is None:
        raise Conflict("this gathering belongs to no series")
    found = await rows.lock_series(conn, this.series_id)
    this = next(one for one in found if one.id == gathering_id)
    return this, [one for one in found if one.id == this.id or follows(one, this, now)]


async def _hold(conn: "Connection", actor: Actor, series_id: int) -> list[Gathering]:
    await _read(conn, actor, series_id)
    return await rows.lock_series(conn, series_id)


async def _read(conn: "Connection", actor: Actor, series_id: int) -> Series:
    head = await rows.select_series(conn, series_id)
    if head is None:
        raise NotFound
    found = await rows.select_of_series(conn, series_id)
    access.require(
        actor,
        Verb.EDIT_GATHERING,
        Object(head.circle_id, head.visibility, head.confidential, published=any(one.published for one in found)),
    )
    return Series(head.id, head.circle_slug, head.title_nl, head.title_en, found)


def _in_time(found: Iterable[Gathering]) -> list[Gathering]:
    return sorted(found, key=lambda one: (one.starts_at, one.id))
