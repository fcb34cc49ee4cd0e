"""Who it is that says something on a channel, for the dialogue: by the address that the channel has made sure of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from service.actions import people
from service.channels import MAIL
from service.database import Database
from service.errors import Invalid
from service.formats.addresses import normalised
from service.model import Person, Role
from service.rules.access import Actor
from service.store import speakers as rows
from service.store.prompts import Prompt
from service.store.speakers import Spoken


@dataclass(frozen=True, slots=True)
class Speaker:
    """Somebody known who says something: what they may do now, and the question that waits for their answer there.

    `reachable`: what is sent to where they speak from is believed to arrive.
    """

    person: Person
    actor: Actor
    prompt: Prompt | None
    reachable: bool


async def speakers(
    db: Database, heard: Sequence[tuple[str, str]], *, channel: str, known_on: str, now: datetime
) -> list[Speaker | None]:
    """Find whose the addresses are, each with the conversation it speaks in; None for one that is nobody's.

    On some channels people are known by an address of another one: `known_on`.
    """
    kept = [(_kept(address) if known_on == MAIL else address, conversation) for address, conversation in heard]
    async with db.reading() as conn:
        found = await rows.select_speakers(conn, kept, channel=channel, known_on=known_on, now=now)
    at_the_machine = known_on == MAIL and channel != MAIL
    return [None if one is None else _speaker(one, guarded=one.guarded and not at_the_machine) for one in found]


def _kept(address: str) -> str:
    """Return a mail address as it is kept; nothing, which is nobody's, for what cannot be one."""
    try:
        return normalised(address)
    except Invalid:
        return ""


def _speaker(one: Spoken, *, guarded: bool) -> Speaker:
    """Make an actor of somebody who has proved to be that person.

    By mail alone, whoever signs in with a second factor as well has nothing of the team's rights; nor in a chat, unless
    it was connected since: then it was, from a session that had shown the second factor.
    """
    actor = people.actor_of(one.person.id, one.standing, role=Role.MEMBER if guarded else None)
    return Speaker(one.person, actor, one.prompt, one.reachable)
