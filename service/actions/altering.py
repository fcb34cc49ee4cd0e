"""What a gathering's life consists of: changed, opened up, called off. Steps, one gathering each.

Each works inside the caller's transaction, under the gathering's lock, and leaves the feeds to be marked by the caller,
last and once. The verbs are in `scheduling` and `series`.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from service.actions import answering, cancelling, circles, facts, inviting, promotion, ways
from service.errors import Conflict, Invalid
from service.model import Gathering, Status
from service.rules import revisions
from service.rules.access import Actor
from service.rules.revisions import Change, Told
from service.store import copies, gatherings, memberships

if TYPE_CHECKING:
    from service.database import Connection


async def alter(
    conn: "Connection", actor: Actor, before: Gathering, given: Mapping[str, Any], *, now: datetime, coalesce: timedelta
) -> Gathering:
    """Change some facts, and do all that `scheduling.change` tells; the same gathering where nothing changes."""
    if before.status == Status.CANCELLED:
        raise Conflict("this gathering is cancelled; publish it again first")
    new = ways.without_the_room(before, facts.complete(given, facts.of(before)))
    wanted = replace(before, **new)
    if wanted == before:
        return before
    refuse_the_past(before, new, now)
    told = revisions.as_told(before)
    changed = revisions.difference(told, revisions.as_told(wanted))
    awaits = before.status == Status.PUBLISHED and bool(changed) and wanted.starts_at > now
    pending = (await gatherings.select_pending(conn, [before.id]))[before.id]
    await gatherings.update_gathering(
        conn,
        before.id,
        new,
        raise_sequence=changed.jeopardises,
        told=revisions.frozen(told, before.sequence) if awaits else pending.told,
        announce_at=revisions.announce_at(pending.edited_since or now, now, coalesce)
        if awaits
        else pending.announce_at,
        now=now,
    )
    after = await _read(conn, before.id)
    if after.status == Status.PUBLISHED:
        known = revisions.thawed(pending.told)[0] if pending.told else told
        await _follow(conn, actor, before, after, changed, known, now=now)
    return after


async def _follow(
    conn: "Connection", actor: Actor, before: Gathering, after: Gathering, changed: Change, told: Told, *, now: datetime
) -> None:
    """Let copies, answers, reminders and the queue follow a change of what was published and `told`."""
    if changed.jeopardises:
        await copies.raise_sequences(conn, after.id)
    if changed.relocated and not changed.moved and after.online_url:
        await copies.confirm_again(conn, after.id, before.sequence, after.sequence, online=True)
    await ways.follow(conn, actor, before, after, changed, told, now=now)
    await inviting.arm_reminders(conn, [after], now=now)
    roomier = (before.capacity, before.organisation_quota) != (after.capacity, after.organisation_quota)
    await promotion.fill(conn, after, now=now, freed=roomier)
    if before.approval and not after.approval:
        await answering.approve_all(conn, after, actor, now=now)


async def open_up(conn: "Connection", actor: Actor, before: Gathering, *, now: datetime) -> tuple[Gathering, bool]:
    """Publish, or open again what was cancelled; also tell whether anything came of it."""
    reopened = before.status == Status.CANCELLED
    if reopened and before.ends_at <= now:
        raise Conflict("this gathering is over")
    repeated = before.status == Status.PUBLISHED
    if repeated and before.starts_at <= now:
        return before, False
    if not repeated:
        circles.require_open(await circles.read(conn, actor, before.circle_slug))
        await gatherings.update_published(conn, before.id, raise_sequence=reopened, now=now)
    gathering = await _read(conn, before.id)
    if reopened:
        await copies.ask_anew(conn, before.id, actor.name, now)
        everyone = await copies.select_held(conn, before.id)
        await inviting.write_invitations(conn, [gathering], everyone, now=now, again=True)
    members = await memberships.select_invited(conn, gathering.circle_id)
    invited = await inviting.invite(conn, [gathering], members, now=now)
    return gathering, bool(invited) or not repeated


async def call_off(conn: "Connection", before: Gathering, reason: str, *, now: datetime) -> Gathering:
    """Cancel and tell everyone who did not decline; the same gathering where it was cancelled already."""
    if before.status == Status.CANCELLED:
        return before
    if before.status == Status.PUBLISHED and before.ends_at <= now:
        raise Conflict("this gathering is over")
    await cancelling.cancel(conn, [before], cancelling.cleaned(reason), now=now)
    return await _read(conn, before.id)


def refuse_the_past(before: Gathering, new: Mapping[str, Any], now: datetime) -> None:
    """Refuse to move a gathering still to come into the past; one that has begun may be put right afterwards."""
    if before.status == Status.PUBLISHED and before.starts_at > now >= new["starts_at"]:
        raise Invalid("starts_at", "this moment has passed")


async def _read(conn: "Connection", gathering_id: int) -> Gathering:
    gathering = await gatherings.select_gathering(conn, gathering_id)
    assert gathering is not None
    return gathering
