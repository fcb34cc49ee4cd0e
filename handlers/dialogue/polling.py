"""Which date suits: the moments of a poll, one tap or one word each.

A tap goes from yes to if need be to no and round again; nobody else's votes are shown.
"""

from typing import Final

from handlers.dialogue import choices, saying
from handlers.dialogue.turn import Turn, ident
from service.actions import voting
from service.actions.voting import Ballot
from service.channels import Choice, Facts, Heading, Outbound, Paragraph, Topic
from service.errors import Invalid
from service.model import Gathering, Vote
from service.store.polls import Moment
from service.texts.catalogue import marked

_NEXT: Final = {None: Vote.YES, Vote.YES: Vote.IF_NEED_BE, Vote.IF_NEED_BE: Vote.NO, Vote.NO: Vote.YES}
_WORDS: Final = {Vote.YES: marked("yes"), Vote.IF_NEED_BE: marked("if need be"), Vote.NO: marked("no")}


async def poll(turn: Turn, argument: str | None) -> tuple[Outbound, ...]:
    """Show the moments of a gathering, or vote: 12-2 goes on with the second of them, 12-1-3 says yes to just these.

    In a letter, where going round would take a letter each time, one moment too is said yes to, and no to the others.
    """
    number, *chosen = (argument or "").split("-")
    if not number:
        return (await _open_ones(turn),)
    ballot = await voting.own(turn.db, turn.actor, ident(number))
    if not chosen:
        return (_shown(turn, ballot),)
    places = {int(one) for one in chosen}
    if not all(1 <= place <= len(ballot.moments) for place in places):
        raise Invalid("moment", "there is no such moment")
    votes = _votes(ballot, places, alone=len(places) == 1 and not turn.unhurried)
    return (_shown(turn, await voting.vote(turn.db, turn.actor, ballot.gathering.id, votes, now=turn.now)),)


def _votes(ballot: Ballot, places: set[int], *, alone: bool) -> dict[int, str]:
    if alone:
        moment = ballot.moments[min(places) - 1]
        return {moment.id: _NEXT[ballot.votes.get(moment.id)]}
    return {moment.id: Vote.YES if place in places else Vote.NO for place, moment in enumerate(ballot.moments, start=1)}


async def _open_ones(turn: Turn) -> Outbound:
    """Show the one poll that is open; of several, ask for which gathering."""
    found = await voting.mine(turn.db, turn.actor, now=turn.now)
    if len(found) == 1:
        return _shown(turn, await voting.own(turn.db, turn.actor, found[0].id))
    if not found:
        words = turn.texts.gettext("No date is looked for in your circles just now.")
        return Outbound(turn.key("polls"), (Paragraph(words),), (choices.agenda(turn), choices.mine(turn)))
    words = turn.texts.gettext("For which gathering?")
    hidden = any(one.confidential for one in found)
    return Outbound(
        turn.key("polls"), (Paragraph(words),), tuple(_open(turn, one) for one in found), confidential=hidden
    )


def _open(turn: Turn, gathering: Gathering) -> Choice:
    name = saying.heading(turn, gathering)
    return choices.choice(turn, name, Topic.POLL, str(gathering.id), page=f"/polls/{gathering.id}")


def _shown(turn: Turn, ballot: Ballot) -> Outbound:
    _, found = turn.texts.gettext, ballot.gathering
    rows = tuple((str(place), _line(turn, ballot, one)) for place, one in enumerate(ballot.moments, start=1))
    offered: tuple[Choice, ...] = ()
    words = _("This poll is over. If a date was picked, the invitation is in your mail.")
    if ballot.open(turn.now):
        words = _("Tap what suits you: once is yes, twice is if need be, three times is no.")
        offered = tuple(_tap(turn, ballot, place, one) for place, one in enumerate(ballot.moments, start=1))
    return Outbound(
        turn.key(f"poll:{found.id}"),
        (Heading(saying.heading(turn, found)), Paragraph(words), Facts(rows)),
        offered,
        confidential=found.confidential,
    )


def _line(turn: Turn, ballot: Ballot, moment: Moment) -> str:
    home = turn.site.timezone
    when = turn.texts.when(moment.starts_local, moment.ends_local, ballot.gathering.timezone, home=home)
    vote = ballot.votes.get(moment.id)
    return f"{when}: {turn.texts.gettext(_WORDS[vote])}" if vote else when


def _tap(turn: Turn, ballot: Ballot, place: int, moment: Moment) -> Choice:
    vote = ballot.votes.get(moment.id)
    day = f"{turn.texts.short_day(moment.starts_local)}, {turn.texts.clock(moment.starts_local)}"
    label = f"{day}: {turn.texts.gettext(_WORDS[vote])}" if vote else day
    number = ballot.gathering.id
    return choices.choice(turn, label, Topic.POLL, f"{number}-{place}", page=f"/polls/{number}")
