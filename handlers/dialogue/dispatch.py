"""The door of the conversation: an inbound message in, what the person wants done, outbound messages out.

Knows no platform. Whoever calls has made sure that the address is really that of whoever writes.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import structlog

from handlers.dialogue import (
    agenda,
    asking,
    attending,
    calendars,
    changing,
    choices,
    circles,
    group_cards,
    groups,
    helping,
    language,
    linking,
    messaging,
    planning,
    polling,
    puzzles,
    rating,
    refusals,
    replanning,
    roster,
    rsvp,
)
from handlers.dialogue.turn import Site, Topical, Turn
from handlers.dialogue.words import Unclear, parse
from service.actions import linking as chats
from service.actions import speaking
from service.actions.speaking import Speaker
from service.channels import Facts, Heading, Inbound, Intent, Outbound, Paragraph, Topic
from service.database import Database
from service.formats.tokens import Keys
from service.model import Language, Person, Via
from service.texts.catalogue import translator

log = structlog.get_logger()

_KNOWN_BY_MAIL: Final = frozenset((Via.CONSOLE, Via.WEB))
"""Channels without addresses of their own: there a person is named by a mail address."""

_TOPICS: Final[Mapping[Topic, Topical]] = {
    Topic.AGENDA: agenda.upcoming,
    Topic.GATHERING: agenda.show,
    Topic.MINE: agenda.mine,
    **{topic: rsvp.answering(topic) for topic in choices.PARTSTATS},
    Topic.CIRCLES: circles.overview,
    Topic.CIRCLE: circles.show,
    Topic.JOIN: circles.join,
    Topic.LEAVE: circles.leave,
    Topic.STOP: circles.stop,
    Topic.CALENDAR: calendars.calendar,
    Topic.FEED: calendars.feed,
    Topic.ROSTER: roster.roster,
    Topic.UNANSWERED: roster.unanswered,
    Topic.ATTENDANCE: attending.overview,
    Topic.ATTENDEE: attending.attendee,
    **{topic: attending.marks(topic) for topic in (Topic.PRESENT, Topic.ABSENT, Topic.EXCUSED, Topic.UNMARK)},
    Topic.MESSAGE: messaging.start,
    Topic.CARD: group_cards.share,
    Topic.CALL_OFF: messaging.call_off,
    Topic.PLAN: planning.start,
    Topic.PUBLISH: changing.publish,
    Topic.MOVE: changing.move,
    Topic.REPLAN: replanning.start,
    Topic.CANCEL: changing.cancel,
    Topic.POLL: polling.poll,
    Topic.RATE: rating.rate,
    Topic.LANGUAGE: language.choose,
    Topic.HELP: helping.overview,
    **dict.fromkeys(linking.TOPICS, linking.elsewhere),
    Topic.REPLY: asking.outdated,
    Topic.DROP: asking.nothing_open,
}

_STEPS: Final[asking.Steps] = {**messaging.STEPS, **planning.STEPS, **changing.STEPS, **replanning.STEPS}
"""What waits for the answers to questions."""


async def handle(db: Database, inbound: Inbound, *, keys: Keys, now: datetime, site: Site) -> tuple[Outbound, ...]:
    """Answer a message; each of the things that can be asked is at most one action that changes something.

    In a group only commands and buttons are heard, and nobody is answered who is not known; what is not for everybody
    to read is said in private, where a dialogue of several steps goes on. A refusal is an answer;
    what is no refusal (Unavailable, a fault of ours) is raised.
    """
    asked = inbound.intent or parse(inbound.text or "", cut=inbound.cut)
    group = inbound.scope == "group"
    if group and (isinstance(asked, Unclear) or not (inbound.intent or (inbound.text or "").startswith("/"))):
        return ()
    known_by_mail = inbound.channel in (Via.MAIL, *_KNOWN_BY_MAIL)
    (speaker,) = await speakers(db, [inbound], now=now)
    person = None if speaker is None else speaker.person
    if not known_by_mail:
        wish = asked if isinstance(asked, Intent) else None
        said = await linking.answer(db, inbound, wish, person, site=site, keys=keys, now=now)
        if said is not None:
            return said
    if speaker is None:
        log.info("talked", channel=inbound.channel, person=None)
        return () if group else (_welcome(site, inbound) if known_by_mail else linking.welcome(inbound, site),)
    if not speaker.reachable and not known_by_mail:
        # Whoever writes here reads here, also where nobody told that they take messages again.
        await chats.reach(db, inbound.channel, inbound.address, reachable=True, now=now)
    turn = turn_of(db, inbound, speaker, keys=keys, now=now, site=site)
    topic = asked.topic if isinstance(asked, Intent) else None
    log.info("talked", channel=inbound.channel, person=speaker.person.id, topic=topic or "unclear")
    return await _answer(turn, inbound, asked)


def understood(said: Sequence[Outbound]) -> bool:
    """Tell from an answer whether the message was understood."""
    return not any(puzzles.puzzled(one) for one in said)


def unchecked(person: Person, *, site: Site) -> Outbound:
    """Say to somebody that a message came in their name of which nobody knows whether it was theirs."""
    texts = translator(person.language)
    words = texts.gettext(
        "A message came in your name, but I couldn't be sure that it was from you, so I did nothing with it. Was it "
        "you? On your own page you can do the same after signing in."
    )
    page = Facts(((texts.gettext("Your page"), f"{site.base_url}/me"),))
    return Outbound(f"unchecked:person:{person.id}", (Paragraph(words), page))


async def speakers(db: Database, inbounds: Sequence[Inbound], *, now: datetime) -> list[Speaker | None]:
    """Find who says these things, all on one channel; a question waits where nobody else reads along."""
    channel = inbounds[0].channel
    known_on = Via.MAIL if channel in _KNOWN_BY_MAIL else channel
    heard = [(inbound.address, _private(inbound)) for inbound in inbounds]
    return await speaking.speakers(db, heard, channel=channel, known_on=known_on, now=now)


def _private(inbound: Inbound) -> str:
    return inbound.address if inbound.scope == "group" else inbound.conversation


def turn_of(db: Database, inbound: Inbound, speaker: Speaker, *, keys: Keys, now: datetime, site: Site) -> Turn:
    """Make the turn of the conversation that somebody known takes with a message."""
    return Turn(
        db=db,
        actor=speaker.actor,
        person=speaker.person,
        prompt=speaker.prompt,
        texts=translator(speaker.person.language),
        site=site,
        keys=keys,
        via=Via(inbound.channel),
        channel=inbound.channel,
        conversation=inbound.conversation,
        private=_private(inbound),
        group=inbound.scope == "group",
        at=inbound.received_at,
        now=now,
    )


async def _answer(turn: Turn, inbound: Inbound, asked: Intent | Unclear) -> tuple[Outbound, ...]:
    try:
        shared = await groups.answer(turn, asked) if turn.group and isinstance(asked, Intent) else None
        if shared is not None:
            return shared
        taken = await asking.answer(turn, inbound, asked, _STEPS)
        if taken is not None:
            return taken
        if isinstance(asked, Unclear):
            return await puzzles.answer(turn, asked)
        return await _TOPICS[asked.topic](turn, asked.argument)
    except refusals.REFUSALS as error:
        return (refusals.refusal(turn, error, asked.topic),)


def _welcome(site: Site, inbound: Inbound) -> Outbound:
    """Tell somebody who is not known what this is, in both languages, and nothing else."""
    first = Language(site.language)
    spoken = [translator(code) for code in (first, *(code for code in Language if code is not first))]
    words = [
        texts.gettext(
            "Hello! This is where members of the association find their circles and sign up for gatherings. "
            "I don't know this address yet. Ask the association to add it, and I'll be glad to help."
        )
        for texts in spoken
    ]
    return Outbound(f"welcome:{inbound.conversation}", (Heading(site.name), *map(Paragraph, words)))
