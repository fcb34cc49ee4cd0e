"""Who will hear what, before it is sent: the same decisions as the steps themselves, without doing anything.

The steps are in `altering`, `announcing` and `cancelling`; the letter is made in `service/rules/samples.py`, and put
into words by whoever writes letters.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from service.actions import announcing, cancelling, facts, series, ways
from service.actions.altering import refuse_the_past
from service.actions.scheduling import read
from service.channels import DueNotice
from service.database import Database
from service.errors import Conflict
from service.model import Gathering, Mode, Purpose, Status
from service.rules import notices, revisions, samples
from service.rules.access import Actor
from service.rules.groups import Group, group
from service.rules.revisions import Told
from service.rules.ways import Sequel, sequel
from service.store import copies, gatherings, memberships
from service.store import series as rows
from service.store.copies import Held

if TYPE_CHECKING:
    from service.database import Connection


@dataclass(frozen=True, slots=True)
class Hearing:
    """How many people of a group hear of a step, or hear nothing."""

    group: Group
    count: int
    hears: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """What a step would lead to: the gathering as it would be, who hears of it, and a letter as one of them gets it.

    The `sample` is for the largest group that hears: of those who are asked anew where others are not, and of
    facilitators only where nobody else hears. None where nobody does.
    """

    gathering: Gathering
    purpose: Purpose
    hearings: list[Hearing]
    sample: DueNotice | None
    sequels: Mapping[Sequel, int] = field(default_factory=dict)  # of how many a yes, where the ways to come change
    lifted: int | None = None  # the seats of a place that goes

    @property
    def told(self) -> int:
        """Count the people who hear of it."""
        return sum(one.count for one in self.hearings if one.hears)


async def publish(
    db: Database,
    actor: Actor,
    gathering_id: int,
    *,
    language: str,
    now: datetime,
    given: Mapping[str, Any] | None = None,
) -> Preview:
    """Show who would be invited: members who are not yet, and everybody once more where it is opened again.

    With what is `given` changed first, such as its date.
    """
    async with db.reading() as conn:
        gathering = await read(conn, actor, gathering_id)
        if given:
            wanted = facts.complete(given, facts.of(gathering))
            gathering = replace(gathering, **wanted, revision=gathering.revision + 1)
        members = set(await memberships.select_invited(conn, gathering.circle_id))
        held = await copies.select_held(conn, gathering_id)
        leading = set(await memberships.select_facilitators(conn, gathering.circle_id))
    again = gathering.status == Status.CANCELLED
    new = members - {one.person_id for one in held}
    found = [
        *((_group(one), again) for one in held),
        *((Group.FACILITATING if ident in leading else Group.NEW, True) for ident in new),
    ]
    more = {"again": again or None}
    return _preview(gathering, Purpose.INVITATION, found if gathering.starts_at > now else [], more, language, now)


async def cancel(
    db: Database,
    actor: Actor,
    gathering_id: int,
    reason: str,
    *,
    language: str,
    now: datetime,
    following: bool = False,
) -> list[Preview]:
    """Show who would hear that it does not take place: who has it in a calendar and did not decline.

    The first is about the gathering itself, the others about those that are `following` it in its series. Raises
    Conflict for one that is over.
    """
    async with db.reading() as conn:
        chosen = await _chosen(conn, actor, gathering_id, following=following, now=now)
        held = await _held(conn, chosen)
    if chosen[0].status == Status.PUBLISHED and chosen[0].ends_at <= now:
        raise Conflict("this gathering is over")
    more = {"cancel_reason": cancelling.cleaned(reason) or None}
    found = {ident: [(_group(one), cancelling.hears(one)) for one in invited] for ident, invited in held.items()}
    return [_preview(one, Purpose.CANCELLATION, found[one.id], more, language, now) for one in chosen]


async def change(
    db: Database,
    actor: Actor,
    gathering_id: int,
    given: Mapping[str, Any],
    *,
    language: str,
    now: datetime,
    following: bool = False,
) -> list[Preview]:
    """Show who would hear of a change, together with edits that wait to be told; raises what the change would raise.

    The first is about the gathering itself, the others about those that are `following` it in its series.
    """
    async with db.reading() as conn:
        chosen = await _chosen(conn, actor, gathering_id, following=following, now=now)
        if chosen[0].status == Status.CANCELLED:
            raise Conflict("this gathering is cancelled; publish it again first")
        pending = await gatherings.select_pending(conn, [one.id for one in chosen])
        held = await _held(conn, chosen)
    return [
        _changed(one, series.shifted(chosen[0], one, given), pending[one.id].told, held[one.id], language, now)
        for one in chosen
    ]


def _changed(
    before: Gathering,
    given: Mapping[str, Any],
    frozen: dict[str, Any] | None,
    held: Iterable[Held],
    language: str,
    now: datetime,
) -> Preview:
    wanted = facts.complete(given, facts.of(before))
    new = ways.without_the_room(before, wanted)
    refuse_the_past(before, new, now)
    told = revisions.thawed(frozen)[0] if frozen else revisions.as_told(before)
    after = replace(before, **new)
    difference = revisions.difference(told, revisions.as_told(after))
    after = replace(after, sequence=before.sequence + difference.jeopardises, revision=before.revision + 1)
    sent = before.status == Status.PUBLISHED and bool(difference) and after.ends_at > now
    found = [
        (_group(one), sent and one.dtstamp is not None and announcing.hears(one, after, difference)) for one in held
    ]
    follows = before.status == Status.PUBLISHED and after.starts_at > now
    sequels = _sequels(before, after, told, held) if follows else Counter()
    asked = set(Group) if difference.jeopardises else {Group.ONLINE} if Sequel.ASK in sequels else set()
    if not difference.moved and after.online_url:
        asked -= {Group.ONLINE}  # nothing changes for them
    preview = _preview(after, Purpose.UPDATE, found, notices.news(difference, told), language, now, asked=asked)
    lifted = wanted["capacity"] if new["capacity"] is None else None
    return replace(preview, sequels=sequels, lifted=lifted)


def _sequels(before: Gathering, after: Gathering, told: Told, held: Iterable[Held]) -> Counter[Sequel]:
    """Count what becomes of those who said yes to joining online."""
    found = (sequel(one.partstat, one.mode, before.ways, after.ways, told.ways) for one in held)
    return Counter(which for which in found if which is not None)


def _preview(
    gathering: Gathering,
    purpose: Purpose,
    found: Iterable[tuple[Group, bool]],
    more: Mapping[str, Any],
    language: str,
    now: datetime,
    *,
    asked: Set[Group] = frozenset(),
) -> Preview:
    counted = Counter(found)
    order = list(Group)
    hearings = [
        Hearing(which, count, hears)
        for (which, hears), count in sorted(counted.items(), key=lambda one: (not one[0][1], order.index(one[0][0])))
    ]
    # The letter to those who lead it is no example of the others'.
    hear = [one for one in hearings if one.hears and one.group is not Group.FACILITATING]
    hear = hear or [one for one in hearings if one.hears]
    # Nor is the letter to those whose answer stands, where others are asked anew.
    hear = [one for one in hear if one.group in asked] or hear
    shown = max(hear, key=lambda one: one.count, default=None)
    if shown is None:
        return Preview(gathering, purpose, hearings, None)
    letter = samples.sample(gathering, purpose, shown.group, more, language, now, asked=shown.group in asked)
    return Preview(gathering, purpose, hearings, letter)


def _group(held: Held) -> Group:
    return group(held.partstat, held.seat, facilitator=held.facilitator, online=held.mode == Mode.ONLINE)


async def _chosen(
    conn: "Connection", actor: Actor, gathering_id: int, *, following: bool, now: datetime
) -> list[Gathering]:
    """Read a gathering and, where they are meant too, those after it in its series that can still be changed."""
    this = await read(conn, actor, gathering_id)
    if not following:
        return [this]
    if this.series_id is None:
        raise Conflict("this gathering belongs to no series")
    found = await rows.select_of_series(conn, this.series_id)
    return [this, *(one for one in found if one.id != this.id and series.follows(one, this, now))]


async def _held(conn: "Connection", chosen: Iterable[Gathering]) -> dict[int, list[Held]]:
    found: dict[int, list[Held]] = {one.id: [] for one in chosen}
    for held in await copies.select_held(conn, *found):
        found[held.gathering_id].append(held)
    return found
