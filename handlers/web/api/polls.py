"""Polls for a date in the API: propose, ask, look at the votes, look what a pick would do, pick."""

from typing import Annotated

from pydantic import Field

from handlers.web.api import gatherings
from handlers.web.api.fields import Id, LocalTime, WrittenTime
from handlers.web.api.gatherings import Gathering
from handlers.web.api.previews import Preview, shown_preview
from handlers.web.api.typed import Answer, Call, Given, Operation
from service.actions import polls
from service.actions.polls import Standings
from service.model import Vote
from service.rules import polling


class Proposed(Given):
    """The moments to choose from, each as long as the gathering lasts."""

    moments: Annotated[list[LocalTime], Field(min_length=polling.LEAST, max_length=polling.MOST)]


class Picked(Given):
    """The moment that the gathering is to have."""

    moment_id: Id


class Moment(Answer):
    """A moment that is proposed, with its votes."""

    id: int
    starts_at: WrittenTime
    ends_at: WrittenTime
    yes: int
    if_need_be: int
    no: int
    best: bool = Field(description="Suits most people so far")
    votes: dict[Vote, list[str]] | None = Field(description="Who said what; null where names are not yours to see")


class Poll(Answer):
    """A poll for the date of a gathering."""

    gathering_id: int
    asked: bool
    closed: bool
    invited: int
    voted: int
    moments: list[Moment]


async def propose(call: Call, *, id_: Id, body: Proposed) -> Poll:
    """Propose moments; nobody hears of it before they are asked."""
    return _poll(await polls.propose(call.db, call.actor, id_, body.moments, now=call.now))


async def one(call: Call, *, id_: Id) -> Poll:
    """Read how a poll stands; a gathering without one has no moments."""
    return _poll(await polls.standings(call.db, call.actor, id_, now=call.now))


async def ask(call: Call, *, id_: Id) -> Poll:
    """Ask the members of the circle by mail; repeating it does nothing."""
    return _poll(await polls.ask(call.db, call.actor, id_, now=call.now))


async def pick(call: Call, *, id_: Id, body: Picked) -> Gathering:
    """Give the gathering a moment of the poll and publish it; a published one is moved, and its people are told."""
    found = await polls.pick(call.db, call.actor, id_, body.moment_id, now=call.now, coalesce=call.coalesce)
    return (await gatherings.written(call, [found]))[0]


async def preview(call: Call, *, id_: Id, body: Picked) -> Preview:
    """Show who would hear if a moment were picked, and in which words, without doing it."""
    spoken = call.site.language
    found = await polls.preview_pick(call.db, call.actor, id_, body.moment_id, language=spoken, now=call.now)
    return shown_preview(call, found)


async def close(call: Call, *, id_: Id) -> Poll:
    """End a poll without a date; nobody gets a mail."""
    return _poll(await polls.close(call.db, call.actor, id_, now=call.now))


def _poll(found: Standings) -> Poll:
    return Poll(
        gathering_id=found.gathering.id,
        asked=found.poll is not None and found.poll.asked_at is not None,
        closed=found.poll is not None and found.poll.closed_at is not None,
        invited=found.asked,
        voted=found.voted,
        moments=[
            Moment(
                id=one.id,
                starts_at=one.starts_local,
                ends_at=one.ends_local,
                yes=found.tallies[one.id].yes,
                if_need_be=found.tallies[one.id].if_need_be,
                no=found.tallies[one.id].no,
                best=one.id in found.best,
                votes=None if found.names is None else found.names[one.id],
            )
            for one in found.moments
        ],
    )


OPERATIONS = (
    Operation("PUT", "/gatherings/{id}/poll", propose),
    Operation("GET", "/gatherings/{id}/poll", one),
    Operation("POST", "/gatherings/{id}/poll/ask", ask),
    Operation("POST", "/gatherings/{id}/poll/pick", pick),
    Operation("POST", "/gatherings/{id}/poll/preview", preview, pure=True),
    Operation("POST", "/gatherings/{id}/poll/close", close),
)
