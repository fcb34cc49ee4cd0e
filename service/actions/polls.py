"""Looking for a date together: propose, ask, vote, pick.

A poll belongs to a gathering that is planned already, so that title, place and circle are known. Votes are no answers:
when a date is picked everybody is invited or, for a gathering that was published before, told of the new time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from service.actions import altering, previewing
from service.actions.previewing import Preview
from service.actions.scheduling import lock, read, scope
from service.channels import MAIL, DueNotice
from service.database import Database
from service.errors import Conflict, Invalid, NotFound
from service.formats import zones
from service.model import Gathering, Purpose, Status, Vote
from service.rules import access, holidays, polling, samples
from service.rules.access import Actor, Verb
from service.rules.minimum import too_few
from service.rules.notices import NewNotice
from service.rules.polling import Tally
from service.store import feeds, memberships, minimum, outbox, polls
from service.store.polls import Moment, Poll, Voter

if TYPE_CHECKING:
    from service.database import Connection


@dataclass(frozen=True, slots=True)
class Standings:
    """A poll as its facilitator sees it; `names` only for whoever may read them: per moment, per vote."""

    gathering: Gathering
    poll: Poll | None
    moments: list[Moment]
    tallies: dict[int, Tally]
    best: set[int]
    asked: int  # before anybody is: how many would be
    voted: int
    names: dict[int, dict[Vote, list[str]]] | None
    few: bool = False  # another date is looked for because too few can come

    @property
    def open(self) -> bool:
        """Tell whether people are voting."""
        return self.poll is not None and self.poll.asked_at is not None and self.poll.closed_at is None


async def propose(
    db: Database, actor: Actor, gathering_id: int, starts: Sequence[datetime], *, now: datetime
) -> Standings:
    """Propose moments for a gathering, each as long as it lasts; nobody hears of it yet.

    Raises Invalid under `moments`, Conflict while people are voting, or for a gathering that is over or cancelled.
    """
    polling.check(starts)
    async with db.transaction() as conn:
        gathering = await lock(conn, actor, gathering_id)
        _require_alive(gathering, now)
        before = await polls.select_poll(conn, gathering_id)
        if before and before.asked_at and not before.closed_at:
            raise Conflict("people are voting on it")
        moments = _moments(gathering, starts, now)
        await polls.upsert_poll(conn, gathering_id, now)
        await polls.delete_voters(conn, gathering_id)
        await polls.replace_moments(conn, gathering_id, moments)
        return await _standings(conn, actor, gathering, now)


async def start(
    db: Database, actor: Actor, gathering_id: int, starts: Sequence[datetime], *, now: datetime
) -> Standings:
    """Propose moments and ask everybody about them at once: both or nothing."""
    async with db.transaction() as conn:
        within = db.within(conn)
        await propose(within, actor, gathering_id, starts, now=now)
        return await ask(within, actor, gathering_id, now=now)


async def suggested(db: Database, actor: Actor, gathering_id: int, *, now: datetime) -> Standings:
    """Suggest moments instead of the one that a published gathering has, in the shape of `standings`; writes nothing.

    For a draft: the moment it has, and the days after it.
    """
    async with db.reading() as conn:
        gathering = await read(conn, actor, gathering_id)
        if gathering.status == Status.PUBLISHED:
            starts = polling.others(gathering.starts_local, now, lambda day: holidays.holiday(day) is None)
        else:
            starts = [gathering.starts_local + timedelta(days=number) for number in range(polling.LEAST)]
        lasts = gathering.ends_local - gathering.starts_local
        moments = [Moment(0, one, one + lasts, zones.resolve(one, gathering.timezone, "moments")) for one in starts]
        asked = len(await memberships.select_invited(conn, gathering.circle_id))
        few = await _too_few(conn, gathering, now)
    return Standings(gathering, None, moments, {}, set(), asked, 0, None, few)


def letter(standings: Standings, *, language: str, now: datetime) -> DueNotice:
    """Make the letter that asks, as everybody would get it; it is about nobody."""
    told = _facts(standings.moments, few=standings.few)
    return samples.notice(standings.gathering, Purpose.POLL, told, language, now)


async def ask(db: Database, actor: Actor, gathering_id: int, *, now: datetime) -> Standings:
    """Ask every member of the circle once, and plan the one reminder; repeating it does nothing."""
    async with db.transaction() as conn:
        gathering = await lock(conn, actor, gathering_id)
        _require_alive(gathering, now)
        poll = await _require_open(conn, gathering_id)
        moments = await polls.select_moments(conn, gathering_id)
        if poll.asked_at is None:
            wanted = await memberships.select_invited(conn, gathering.circle_id)
            await polls.add_voters(conn, gathering_id, wanted)
            await polls.update_asked(conn, gathering_id, now)
            voters = await polls.select_voters(conn, gathering_id)
            few = await _too_few(conn, gathering, now)
            await outbox.insert_notices(conn, _notices(gathering, moments, voters, now, few=few), now)
        return await _standings(conn, actor, gathering, now)


async def standings(db: Database, actor: Actor, gathering_id: int, *, now: datetime) -> Standings:
    """Read how a poll stands, for whoever runs the gathering."""
    async with db.reading() as conn:
        return await _standings(conn, actor, await read(conn, actor, gathering_id), now)


async def preview_pick(
    db: Database, actor: Actor, gathering_id: int, moment_id: int, *, language: str, now: datetime
) -> Preview:
    """Show who would hear of a date that is picked: invitations of a draft, a new time of what was published."""
    async with db.reading() as conn:
        gathering = await read(conn, actor, gathering_id)
        moment = await _moment(conn, gathering_id, moment_id)
    given = {"starts_local": moment.starts_local, "ends_local": moment.ends_local}
    if gathering.status == Status.DRAFT:
        return await previewing.publish(db, actor, gathering_id, language=language, now=now, given=given)
    return (await previewing.change(db, actor, gathering_id, given, language=language, now=now))[0]


async def pick(
    db: Database, actor: Actor, gathering_id: int, moment_id: int, *, now: datetime, coalesce: timedelta
) -> Gathering:
    """Close the poll on one of its moments: the gathering is then, and published if it was not; everybody is asked.

    Who voted yes is invited like everybody else: a vote for several moments is no promise to come to this one.
    """
    async with db.transaction() as conn:
        gathering = await lock(conn, actor, gathering_id)
        _require_alive(gathering, now)
        await _require_open(conn, gathering_id)
        moment = await _moment(conn, gathering_id, moment_id)
        if moment.starts_at <= now:
            raise Conflict("this moment has passed")
        await polls.close(conn, gathering_id, now)
        given = {"starts_local": moment.starts_local, "ends_local": moment.ends_local}
        gathering = await altering.alter(conn, actor, gathering, given, now=now, coalesce=coalesce)
        if gathering.status == Status.DRAFT:
            gathering, _ = await altering.open_up(conn, actor, gathering, now=now)
        await feeds.mark_gathering(conn, gathering_id, gathering.circle_id, now)
        return gathering


async def close(db: Database, actor: Actor, gathering_id: int, *, now: datetime) -> Standings:
    """End a poll without a date; whoever opens the link reads that it is over, and nobody gets a mail."""
    async with db.transaction() as conn:
        gathering = await lock(conn, actor, gathering_id)
        await _require_open(conn, gathering_id)
        await polls.close(conn, gathering_id, now)
        return await _standings(conn, actor, gathering, now)


def _notices(
    gathering: Gathering, moments: Sequence[Moment], voters: Sequence[Voter], now: datetime, *, few: bool
) -> list[NewNotice]:
    last = max(moment.starts_at for moment in moments)
    later = polling.reminder_due(now, last, gathering.timezone)
    found = []
    for voter in voters:
        facts = _facts(moments, few=few) | {"voter": voter.id}
        found.append(_notice(gathering, voter, f"poll:{voter.id}", facts, now, last))
        if later is not None:
            again = facts | {"again": True}
            found.append(_notice(gathering, voter, f"poll-reminder:{voter.id}", again, later, last))
    return found


def _notice(
    gathering: Gathering, voter: Voter, key: str, facts: dict[str, object], due_at: datetime, last: datetime
) -> NewNotice:
    return NewNotice(
        dedupe_key=key,
        purpose=Purpose.POLL,
        person_id=voter.person_id,
        due_at=due_at,
        gathering_id=gathering.id,
        channel=MAIL,
        facts=facts,
        expires_at=last,
    )


def _facts(moments: Sequence[Moment], *, few: bool) -> dict[str, object]:
    proposed = [[one.starts_local.isoformat(), one.ends_local.isoformat()] for one in moments]
    return {"moments": proposed} | ({"because": "too-few"} if few else {})


async def _too_few(conn: "Connection", gathering: Gathering, now: datetime) -> bool:
    """Tell whether too few people can come to a published gathering as it stands."""
    if gathering.minimum is None or gathering.status != Status.PUBLISHED:
        return False
    numbers = (await minimum.select_numbers(conn, [gathering.id], now))[gathering.id]
    return too_few(gathering.minimum, numbers)


def _moments(
    gathering: Gathering, starts: Sequence[datetime], now: datetime
) -> list[tuple[datetime, datetime, datetime]]:
    lasts = gathering.ends_local - gathering.starts_local
    found = []
    for start in sorted(starts):
        instant = zones.resolve(start, gathering.timezone, "moments")
        if instant <= now:
            raise Invalid("moments", "every moment must lie ahead")
        zones.resolve(start + lasts, gathering.timezone, "moments")  # else it could be voted for and never be picked
        found.append((start, start + lasts, instant))
    return found


async def _standings(conn: "Connection", actor: Actor, gathering: Gathering, now: datetime) -> Standings:
    poll = await polls.select_poll(conn, gathering.id)
    moments = await polls.select_moments(conn, gathering.id) if poll else []
    voters = {one.id: one for one in await polls.select_voters(conn, gathering.id)}
    votes = await polls.select_votes(conn, gathering.id)
    tallies = {one.id: polling.tally(Vote(said) for _, at, said in votes if at == one.id) for one in moments}
    names = None
    if access.can(actor, Verb.SEE_ROSTER, scope(gathering)):
        names = {
            one.id: {
                kind: sorted(voters[who].name for who, at, said in votes if at == one.id and said == kind)
                for kind in Vote
            }
            for one in moments
        }
    voted = sum(one.voted_at is not None for one in voters.values())
    asked = len(voters)
    if poll is not None and poll.asked_at is None:
        asked = len(await memberships.select_invited(conn, gathering.circle_id))
    few = await _too_few(conn, gathering, now)
    return Standings(gathering, poll, moments, tallies, polling.best(tallies), asked, voted, names, few)


async def _moment(conn: "Connection", gathering_id: int, moment_id: int) -> Moment:
    found = next((one for one in await polls.select_moments(conn, gathering_id) if one.id == moment_id), None)
    if found is None:
        raise NotFound
    return found


async def _require_open(conn: "Connection", gathering_id: int) -> Poll:
    poll = await polls.select_poll(conn, gathering_id)
    if poll is None:
        raise NotFound
    if poll.closed_at is not None:
        raise Conflict("this poll is closed")
    return poll


def _require_alive(gathering: Gathering, now: datetime) -> None:
    if gathering.status == Status.CANCELLED or (gathering.status == Status.PUBLISHED and gathering.starts_at <= now):
        raise Conflict("this gathering takes no other date")
