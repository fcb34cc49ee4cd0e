"""Looking for a date together: propose, ask, vote, pick.

A poll belongs to a gathering that is planned already, so that title, place and circle are known. Votes are no answers:
when a date is picked everybody is invited or, for a gathering that was published before, told of the new time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from service.actions import altering, previewing
from service.actions.calendars import MAIL
from service.actions.previewing import Preview
from service.actions.scheduling import lock, scope
from service.channels import DueNotice
from service.database import Database
from service.errors import Conflict, Expired, Invalid, NotFound
from service.formats import tokens, zones
from service.formats.tokens import Keys
from service.model import Gathering, Purpose, Status, Vote
from service.rules import access, polling
from service.rules.access import Actor, Verb
from service.rules.notices import NewNotice
from service.rules.polling import Tally
from service.store import feeds, gatherings, memberships, outbox, polls
from service.store.polls import Moment, Poll, Voter

if TYPE_CHECKING:
    from service.database import Connection

HANDLE = "poll"
"""The purpose of the handle that votes for one person."""


@dataclass(frozen=True, slots=True)
class Ballot:
    """A poll as one person sees it; `voter` is None for a member who was not asked and has not voted."""

    gathering: Gathering
    poll: Poll
    moments: list[Moment]
    voter: Voter | None
    votes: dict[int, Vote]

    def open(self, now: datetime) -> bool:
        """Tell whether votes still count."""
        return self.poll.closed_at is None and any(moment.starts_at > now for moment in self.moments)


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
        return await _standings(conn, actor, gathering)


def letter(standings: Standings, *, language: str, now: datetime) -> DueNotice:
    """Make the letter that asks, as everybody would get it; it is about nobody."""
    return previewing.notice(standings.gathering, Purpose.POLL, _facts(standings.moments), language, now)


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
            await outbox.insert_notices(conn, list(_notices(gathering, moments, voters, now)), now)
        return await _standings(conn, actor, gathering)


async def standings(db: Database, actor: Actor, gathering_id: int) -> Standings:
    """Read how a poll stands, for whoever runs the gathering."""
    async with db.reading() as conn:
        return await _standings(conn, actor, await _read(conn, actor, gathering_id))


async def by_handle(db: Database, handle: str, *, keys: Keys) -> Ballot:
    """Read a poll as the holder of a link from the mail; raises NotFound for what we never made."""
    async with db.reading() as conn:
        return await _held(conn, handle, keys)


async def own(db: Database, actor: Actor, gathering_id: int) -> Ballot:
    """Read a poll of a circle that one belongs to; NotFound for anybody else's."""
    async with db.reading() as conn:
        return await _own(conn, actor, gathering_id)


async def mine(db: Database, actor: Actor, *, now: datetime) -> list[Gathering]:
    """List the gatherings of one's circles for which a date is looked for now."""
    async with db.reading() as conn:
        return await polls.select_open(conn, sorted(actor.member_of | actor.facilitates), now)


async def vote_by_handle(db: Database, handle: str, votes: Mapping[int, str], *, keys: Keys, now: datetime) -> Ballot:
    """Vote as the holder of a link; raises Expired once the poll is closed, Invalid for what is no vote."""
    async with db.transaction() as conn:
        ballot = await _held(conn, handle, keys)
        assert ballot.voter is not None
        await _save(conn, ballot, ballot.voter.id, votes, now)
        return await _held(conn, handle, keys)


async def vote(db: Database, actor: Actor, gathering_id: int, votes: Mapping[int, str], *, now: datetime) -> Ballot:
    """Vote as a member of the circle, asked or not."""
    async with db.transaction() as conn:
        ballot = await _own(conn, actor, gathering_id)
        assert actor.person_id is not None
        await polls.add_voters(conn, gathering_id, [actor.person_id])
        voters = await polls.select_voters(conn, gathering_id)
        voter = next(one for one in voters if one.person_id == actor.person_id)
        await _save(conn, ballot, voter.id, votes, now)
        return await _own(conn, actor, gathering_id)


async def preview_pick(
    db: Database, actor: Actor, gathering_id: int, moment_id: int, *, language: str, now: datetime
) -> Preview:
    """Show who would hear of a date that is picked: invitations of a draft, a new time of what was published."""
    async with db.reading() as conn:
        gathering = await _read(conn, actor, gathering_id)
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
        return await _standings(conn, actor, gathering)


def handle_of(keys: Keys, voter_id: int) -> str:
    """Make the handle of somebody who is asked."""
    return tokens.handle(keys, HANDLE, voter_id)


def _notices(
    gathering: Gathering, moments: Sequence[Moment], voters: Sequence[Voter], now: datetime
) -> list[NewNotice]:
    last = max(moment.starts_at for moment in moments)
    later = polling.reminder_due(now, last, gathering.timezone)
    found = []
    for voter in voters:
        facts = _facts(moments) | {"voter": voter.id}
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


def _facts(moments: Sequence[Moment]) -> dict[str, object]:
    return {"moments": [[one.starts_local.isoformat(), one.ends_local.isoformat()] for one in moments]}


def _moments(
    gathering: Gathering, starts: Sequence[datetime], now: datetime
) -> list[tuple[datetime, datetime, datetime]]:
    lasts = gathering.ends_local - gathering.starts_local
    found = []
    for start in sorted(starts):
        instant = zones.resolve(start, gathering.timezone, "moments")
        if instant <= now:
            raise Invalid("moments", "every moment must lie ahead")
        found.append((start, start + lasts, instant))
    return found


async def _save(conn: "Connection", ballot: Ballot, voter_id: int, votes: Mapping[int, str], now: datetime) -> None:
    if not ballot.open(now) or ballot.poll.asked_at is None:
        raise Expired
    known = {moment.id for moment in ballot.moments}
    for moment, said in votes.items():
        if moment not in known or said not in tuple(Vote):
            raise Invalid("votes", "say yes, if-need-be or no to the moments of this poll")
    await polls.save_votes(conn, voter_id, votes, now)


async def _held(conn: "Connection", handle: str, keys: Keys) -> Ballot:
    ident = tokens.read_handle(handle)
    voter = None if ident is None else await polls.select_voter(conn, ident)
    if voter is None or not tokens.verifies(keys, HANDLE, handle):
        raise NotFound
    gathering = await gatherings.select_gathering(conn, voter.gathering_id)
    assert gathering is not None
    return await _ballot(conn, gathering, voter)


async def _own(conn: "Connection", actor: Actor, gathering_id: int) -> Ballot:
    gathering = await gatherings.select_gathering(conn, gathering_id)
    if gathering is None or not access.can(actor, Verb.VOTE, scope(gathering)):
        raise NotFound
    voters = await polls.select_voters(conn, gathering_id)
    return await _ballot(conn, gathering, next((one for one in voters if one.person_id == actor.person_id), None))


async def _ballot(conn: "Connection", gathering: Gathering, voter: Voter | None) -> Ballot:
    poll = await polls.select_poll(conn, gathering.id)
    if poll is None or poll.asked_at is None:
        raise NotFound
    moments = await polls.select_moments(conn, gathering.id)
    votes = await polls.select_votes(conn, gathering.id) if voter else []
    own_votes = {moment: Vote(said) for who, moment, said in votes if voter and who == voter.id}
    return Ballot(gathering, poll, moments, voter, own_votes)


async def _standings(conn: "Connection", actor: Actor, gathering: Gathering) -> Standings:
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
    return Standings(gathering, poll, moments, tallies, polling.best(tallies), asked, voted, names)


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


async def _read(conn: "Connection", actor: Actor, gathering_id: int) -> Gathering:
    gathering = await gatherings.select_gathering(conn, gathering_id)
    if gathering is None:
        raise NotFound
    access.require(actor, Verb.EDIT_GATHERING, scope(gathering))
    return gathering
