"""Answers to gatherings that come in at the same time, by button or command, answered in one transaction.

Takes only what changes nothing but the answer of whoever gives it; everything else is for `dispatch.handle`, alone.
"""

from collections.abc import Sequence
from datetime import datetime

import structlog

from handlers.dialogue import choices, phrases, rsvp
from handlers.dialogue.dispatch import speakers, turn_of
from handlers.dialogue.turn import Site, Turn, ident
from service.actions import registration
from service.actions.registration import Wish
from service.channels import Inbound, Outbound, Topic
from service.database import Database
from service.formats.tokens import Keys

log = structlog.get_logger()


async def handle_together(
    db: Database, inbounds: Sequence[Inbound], *, keys: Keys, now: datetime, site: Site
) -> list[tuple[Outbound, ...] | None]:
    """Answer many, all on one channel, as `handle` would each; None for each that needs a transaction of its own."""
    said: list[tuple[Outbound, ...] | None] = [None] * len(inbounds)
    asked = {place: topic for place, inbound in enumerate(inbounds) if (topic := _answers(inbound)) is not None}
    if not asked:
        return said
    found = await speakers(db, [inbounds[place] for place in asked], now=now)
    turns: dict[int, Turn] = {}
    for place, speaker in zip(asked, found, strict=True):
        known = {turn.person.id for turn in turns.values()}
        alone = speaker is None or speaker.prompt is not None or not speaker.reachable
        if speaker is not None and not alone and speaker.person.id not in known:
            turns[place] = turn_of(db, inbounds[place], speaker, keys=keys, now=now, site=site)
    wishes = [_wish(turn, inbounds[place], asked[place]) for place, turn in turns.items()]
    outcomes = await registration.respond_together(db, wishes, now=now)
    for (place, turn), outcome in zip(turns.items(), outcomes, strict=True):
        if outcome is not None:
            log.info("talked", channel=turn.channel, person=turn.person.id, topic=asked[place])
            said[place] = (rsvp.told(turn, outcome, choices.PARTSTATS[asked[place]]),)
    return said


def _answers(inbound: Inbound) -> Topic | None:
    """Return what a message answers to a gathering that it names; None for any other message."""
    asked = inbound.intent
    named = asked is not None and phrases.number(asked.argument or "") is not None
    return asked.topic if asked is not None and named and asked.topic in choices.PARTSTATS else None


def _wish(turn: Turn, inbound: Inbound, topic: Topic) -> Wish:
    assert inbound.intent is not None
    return Wish(
        actor=turn.actor,
        gathering_id=ident(inbound.intent.argument),
        person_id=turn.person.id,
        partstat=choices.PARTSTATS[topic],
        via=turn.via,
        clicked_at=min(turn.at, turn.now),
        mode=choices.MODES.get(topic),
    )
