"""How was it: one of ten choices says it, for whoever was there.

A number alone counts only where it can be about one gathering and no other.
"""

from typing import Final

from handlers.dialogue import choices, saying
from handlers.dialogue.turn import Turn, ident
from service.actions import ratings
from service.channels import Choice, Heading, Outbound, Paragraph, Topic
from service.errors import Conflict
from service.model import Gathering
from service.rules.ratings import HIGHEST, LOWEST

_CHOICES: Final = 8


async def rate(turn: Turn, argument: str | None) -> tuple[Outbound, ...]:
    """Keep a mark, or ask for one: the argument is a gathering, a score, or both as 12-8."""
    number, _, score = (argument or "").partition("-")
    if score:
        return (await _keep(turn, ident(number), int(score)),)
    found = await ratings.awaiting(turn.db, turn.actor, now=turn.now)
    if not number:
        return (_which(turn, found),)
    about = next((one for one in found if one.id == ident(number)), None)
    if about is None and len(found) == 1 and LOWEST <= int(number) <= HIGHEST:
        return (await _keep(turn, found[0].id, int(number)),)
    if about is None:
        await ratings.own(turn.db, turn.actor, ident(number), now=turn.now)
        raise Conflict("only who was there can say how it was")
    return (_asked(turn, about),)


async def _keep(turn: Turn, gathering_id: int, score: int) -> Outbound:
    gathering = await ratings.rate(turn.db, turn.actor, gathering_id, score, now=turn.now)
    words = turn.texts.gettext(
        "Thank you! You gave it a %(score)s. Only the average of many is ever shown.", score=score
    )
    page = f"/gatherings/{gathering.id}/rate"
    another = choices.choice(turn, turn.texts.gettext("Another mark"), Topic.RATE, str(gathering.id), page=page)
    return Outbound(
        turn.key(f"rating:{gathering.id}"),
        (Heading(saying.heading(turn, gathering)), Paragraph(words)),
        (another,),
        confidential=gathering.confidential,
    )


def _asked(turn: Turn, gathering: Gathering) -> Outbound:
    words = turn.texts.gettext("What mark would you give it, from 1 to 10?")
    return Outbound(
        turn.key(f"rating:{gathering.id}"),
        (Heading(saying.heading(turn, gathering)), Paragraph(words)),
        tuple(_score(turn, gathering, score) for score in range(LOWEST, HIGHEST + 1)),
        confidential=gathering.confidential,
    )


def _score(turn: Turn, gathering: Gathering, score: int) -> Choice:
    page = f"/gatherings/{gathering.id}/rate?score={score}"
    return choices.choice(turn, str(score), Topic.RATE, f"{gathering.id}-{score}", page=page)


def _which(turn: Turn, found: list[Gathering]) -> Outbound:
    if len(found) == 1:
        return _asked(turn, found[0])
    if not found:
        words = turn.texts.gettext("There is nothing to give a mark to just now.")
        return Outbound(turn.key("ratings"), (Paragraph(words),), (choices.mine(turn),))
    offered = [
        choices.choice(turn, saying.line(turn, one), Topic.RATE, str(one.id), page=f"/gatherings/{one.id}/rate")
        for one in found[:_CHOICES]
    ]
    words = turn.texts.gettext("Which one do you mean?")
    hidden = any(one.confidential for one in found)
    return Outbound(turn.key("ratings"), (Paragraph(words),), tuple(offered), confidential=hidden)
