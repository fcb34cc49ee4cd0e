"""What a person can do next, each time in all three forms: a button, words to type, and a page to open."""

from typing import Final

from handlers.dialogue import lexicon
from handlers.dialogue.turn import Turn
from service.channels import Choice, Intent, Topic
from service.formats import tokens
from service.model import Circle, Gathering, Language, Mode, Partstat, Registration, Seat

PARTSTATS: Final = {
    Topic.ACCEPT: Partstat.ACCEPTED,
    Topic.ACCEPT_ONLINE: Partstat.ACCEPTED,
    Topic.DECLINE: Partstat.DECLINED,
    Topic.TENTATIVE: Partstat.TENTATIVE,
}

MODES: Final = {Topic.ACCEPT: Mode.ON_SITE, Topic.ACCEPT_ONLINE: Mode.ONLINE}
"""How somebody comes who says so in a message; counts only where both can be."""

SLUG: Final = 44
"""Characters of a circle's short name that a button can carry, with what it is for."""


def keyword(topic: Topic, argument: str | None, language: str) -> str:
    """Return what to type for an intent."""
    if argument is None and topic in lexicon.BARE_KEYWORDS:
        return lexicon.BARE_KEYWORDS[topic][language]
    return lexicon.KEYWORDS[topic][language].replace("%s", argument or "")


def choice(turn: Turn, label: str, topic: Topic, argument: str | None = None, *, page: str | None = None) -> Choice:
    """Make a choice; `page` is the path of the page that offers the same."""
    typed = keyword(topic, argument, turn.texts.language)
    return Choice(label, Intent(topic, argument), typed, turn.link(page) if page else None)


def answer(turn: Turn, label: str, topic: Topic, gathering: Gathering, own: Registration | None) -> Choice:
    """Offer an answer; its page is the person's own answer link, or the gathering's page when they are not invited."""
    page = f"/gatherings/{gathering.id}"
    if own is not None:
        handle = tokens.handle(turn.keys, tokens.ANSWER, own.id, own.generation)
        online = f"-{Mode.ONLINE}" if topic is Topic.ACCEPT_ONLINE else ""
        page = f"/r/{handle}?answer={PARTSTATS[topic]}{online}"
    return choice(turn, label, topic, str(gathering.id), page=page)


def questions(turn: Turn, gathering: Gathering, own: Registration) -> str:
    """Return the path where somebody answers the questions of a gathering: a confidential one's after signing in."""
    page = f"/r/{tokens.handle(turn.keys, tokens.ANSWER, own.id, own.generation)}"
    return f"/gatherings/{gathering.id}#questions" if gathering.confidential else f"{page}#questions"


def answers(turn: Turn, gathering: Gathering, own: Registration | None, *, maybe: bool = False) -> tuple[Choice, ...]:
    """Offer yes and no, and `maybe`; nothing in a confidential circle to whoever is not of it."""
    if _is_closed(turn, gathering, own):
        return ()
    offered = [(turn.texts.gettext("Yes, I'll be there"), Topic.ACCEPT), (turn.texts.gettext("No"), Topic.DECLINE)]
    if gathering.hybrid and not gathering.confidential:
        offered.insert(1, (turn.texts.gettext("Yes, online"), Topic.ACCEPT_ONLINE))
    if maybe:
        offered.append((turn.texts.gettext("Maybe"), Topic.TENTATIVE))
    return tuple(answer(turn, label, topic, gathering, own) for label, topic in offered)


def next_answers(turn: Turn, gathering: Gathering, own: Registration | None) -> tuple[Choice, ...]:
    """Offer what somebody can answer as they stand: who is offered a place takes it or passes, who waits may stop."""
    _ = turn.texts.gettext
    if own is not None and own.seat == Seat.OFFERED:
        offered = [(_("I'll take the place"), Topic.ACCEPT), (_("Let it go to somebody else"), Topic.DECLINE)]
    elif own is not None and own.seat == Seat.WAITING:
        offered = [(_("Take me off the waiting list"), Topic.DECLINE)]
    else:
        return answers(turn, gathering, own, maybe=True)
    return tuple(answer(turn, label, topic, gathering, own) for label, topic in offered)


def named_answers(turn: Turn, name: str, gathering: Gathering, own: Registration | None) -> tuple[Choice, ...]:
    """Offer yes and no with the name of the gathering, in a message that does not say which it is about."""
    if _is_closed(turn, gathering, own):
        return ()
    _ = turn.texts.gettext
    words = (_("I'll take the place"), _("Let it go")) if own and own.seat == Seat.OFFERED else (_("Yes"), _("No"))
    given = zip(words, (Topic.ACCEPT, Topic.DECLINE), strict=True)
    return tuple(answer(turn, f"{word}: {name}", topic, gathering, own) for word, topic in given)


def circle(turn: Turn, found: Circle) -> Choice:
    """Offer to see a circle."""
    return about_circle(turn, found.title(turn.texts.language), Topic.CIRCLE, found)


def about_circle(turn: Turn, label: str, topic: Topic, found: Circle) -> Choice:
    """Offer something about a circle; one with a name too long for a button goes by its number, behind a point."""
    argument = found.slug if len(found.slug) <= SLUG else f".{found.id}"
    typed = keyword(topic, found.slug, turn.texts.language)
    return Choice(label, Intent(topic, argument), typed, turn.link(f"/circles/{found.slug}"))


def agenda(turn: Turn) -> Choice:
    """Offer the agenda."""
    return choice(turn, turn.texts.gettext("What is coming up"), Topic.AGENDA, page="/")


def mine(turn: Turn) -> Choice:
    """Offer one's own gatherings."""
    return choice(turn, turn.texts.gettext("My gatherings"), Topic.MINE, page="/me")


def circles(turn: Turn) -> Choice:
    """Offer the circles."""
    return choice(turn, turn.texts.gettext("The circles"), Topic.CIRCLES, page="/circles")


def feed(turn: Turn) -> Choice:
    """Offer one's own calendar feed."""
    return choice(turn, turn.texts.gettext("My calendar subscription"), Topic.FEED, page="/me")


def calendar(turn: Turn, gathering: Gathering) -> Choice:
    """Offer a gathering as a calendar file."""
    page = f"/gatherings/{gathering.id}"
    return choice(turn, turn.texts.gettext("Put it in my calendar"), Topic.CALENDAR, str(gathering.id), page=page)


def languages(turn: Turn) -> tuple[Choice, ...]:
    """Offer the languages, each under its own name."""
    names = {Language.DUTCH: "Nederlands", Language.ENGLISH: "English"}
    return tuple(choice(turn, names[code], Topic.LANGUAGE, code.value, page="/me") for code in Language)


def rosters(turn: Turn) -> Choice:
    """Offer the gatherings that one leads."""
    return choice(turn, turn.texts.gettext("What you lead"), Topic.ROSTER, page="/manage")


def help_(turn: Turn) -> Choice:
    """Offer help; there is no page for it."""
    return choice(turn, turn.texts.gettext("What you can ask me"), Topic.HELP)


def _is_closed(turn: Turn, gathering: Gathering, own: Registration | None) -> bool:
    """Tell whether a gathering is not for this person: staff see that a confidential one exists, and no more."""
    return gathering.confidential and own is None and not turn.belongs(gathering)
