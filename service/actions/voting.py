"""Voting in a poll for a date: by the link in the mail, or as a member of the circle.

What is proposed, asked and picked is in `polls`. A vote is no answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from service.actions.scheduling import scope
from service.database import Database
from service.errors import Expired, Invalid, NotFound
from service.formats import tokens
from service.formats.tokens import Keys
from service.model import Gathering, Vote
from service.rules import access
from service.rules.access import Actor, Verb
from service.store import gatherings, polls
from service.store.polls import Moment, Poll, Voter

if TYPE_CHECKING:
    from service.database import Connection


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
    if voter is None or not tokens.verifies(keys, tokens.POLL, handle):
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
