"""Connecting a chat: the one conversation that strangers can have, for who they are is what it is about."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from handlers.dialogue import phrases
from handlers.dialogue.turn import Site, Turn
from service.actions import linking, people
from service.channels import Choice, Facts, Heading, Inbound, Intent, Outbound, Paragraph, Topic
from service.database import Database
from service.errors import Expired, Invalid, NotAllowed
from service.formats.tokens import Keys
from service.model import Language, Person
from service.texts.catalogue import Texts, translator

TOPICS: Final = frozenset({Topic.LINK, Topic.LINK_YES, Topic.LINK_NO, Topic.UNLINK})

_DIGITS: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ask:
    """Who asks, and with what."""

    db: Database
    inbound: Inbound
    person: Person | None
    texts: Texts
    site: Site
    keys: Keys
    now: datetime

    def say(self, *sentences: str, choices: tuple[Choice, ...] = (), heading: str = "") -> tuple[Outbound, ...]:
        blocks = (*((Heading(heading),) if heading else ()), *map(Paragraph, sentences))
        return (Outbound(f"link:{self.inbound.conversation}", blocks, choices),)


async def answer(
    db: Database,
    inbound: Inbound,
    asked: Intent | None,
    person: Person | None,
    *,
    site: Site,
    keys: Keys,
    now: datetime,
) -> tuple[Outbound, ...] | None:
    """Answer what is about connecting this chat; None for everything else."""
    code = _code(inbound)
    if code is None and (asked is None or asked.topic not in TOPICS):
        return None
    language = person.language if person else spoken(inbound, site)
    ask = _Ask(db=db, inbound=inbound, person=person, texts=translator(language), site=site, keys=keys, now=now)
    if inbound.scope != "private":
        return ()
    if code is not None:
        return await _try(ask, code)
    assert asked is not None
    return await _ANSWERS[asked.topic](ask, asked.argument)


def spoken(inbound: Inbound, site: Site) -> str:
    """Choose the language for somebody who is not known."""
    return inbound.language if inbound.language in tuple(Language) else site.language


def how(texts: Texts, site: Site) -> str:
    """Say how a chat is connected."""
    return texts.gettext(
        "To connect this chat, open %(page)s and press “Connect Telegram”. Or send me /link with your mail address"
        " behind it, such as /link name@example.org: I mail you a code, and you type it here.",
        page=f"{site.base_url}/me",
    )


async def _link(ask: _Ask, argument: str | None) -> tuple[Outbound, ...]:
    _ = ask.texts.gettext
    if argument is None:
        return ask.say(how(ask.texts, ask.site))
    if argument.startswith("l_"):
        return await _look(ask, argument.removeprefix("l_"))
    try:
        await linking.ask_code(ask.db, ask.inbound.channel, ask.inbound.address, argument, keys=ask.keys, now=ask.now)
    except Invalid:
        return ask.say(_("I can't read that mail address. Send it like this: /link name@example.org"))
    except NotAllowed:
        return ask.say(_("That was asked too often for today. Try again tomorrow, or use the link on your own page."))
    return ask.say(
        _("If I know that address, a code of six digits is on its way to it. Type the code here within 15 minutes.")
    )


async def _look(ask: _Ask, token: str) -> tuple[Outbound, ...]:
    _ = ask.texts.gettext
    try:
        offer = await linking.look(ask.db, ask.inbound.channel, token, ask.inbound.address, now=ask.now)
    except Expired:
        return ask.say(_too_late(ask))
    texts = translator(offer.language)
    number = str(offer.request_id)
    yes = Choice(texts.gettext("Yes, connect it"), Intent(Topic.LINK_YES, number), "")
    no = Choice(texts.gettext("No, that's not me"), Intent(Topic.LINK_NO, number), "")
    words = texts.gettext(
        "Shall I connect %(account)s to %(name)s, %(address)s? Then your reminders and messages come here.",
        account=ask.inbound.account,
        name=offer.name,
        address=offer.address,
    )
    return ask.say(words, choices=(yes, no))


async def _yes(ask: _Ask, argument: str | None) -> tuple[Outbound, ...]:
    number = phrases.number(argument or "")
    try:
        person = await linking.accept(
            ask.db,
            ask.inbound.channel,
            int(number or 0),
            ask.inbound.address,
            account=ask.inbound.account,
            now=ask.now,
        )
    except Expired:
        return ask.say(_too_late(ask))
    return _done(ask, person)


async def _no(ask: _Ask, argument: str | None) -> tuple[Outbound, ...]:
    _ = ask.texts.gettext
    number = phrases.number(argument or "")
    try:
        await linking.refuse(ask.db, ask.inbound.channel, int(number or 0), ask.inbound.address, now=ask.now)
    except Expired:
        return ask.say(_too_late(ask))
    return ask.say(_("Good, nothing has been connected, and the link no longer works."))


async def _try(ask: _Ask, code: str) -> tuple[Outbound, ...] | None:
    tried = await linking.try_code(
        ask.db, ask.inbound.channel, ask.inbound.address, code, account=ask.inbound.account, now=ask.now
    )
    if not tried.open:
        return None
    if tried.person is None:
        return ask.say(
            ask.texts.gettext("That isn't the code I mailed. Look once more, or ask for a new one with /link.")
        )
    return _done(ask, tried.person)


async def _unlink(ask: _Ask, argument: str | None) -> tuple[Outbound, ...]:
    _ = ask.texts.gettext
    if ask.person is None:
        return ask.say(_("This chat isn't connected to anybody."), how(ask.texts, ask.site))
    actor = await people.actor_for(ask.db, ask.person.id)
    await linking.disconnect(ask.db, actor, ask.inbound.channel, now=ask.now)
    return ask.say(_("This chat is no longer connected. From now on everything comes by mail."))


def _done(ask: _Ask, person: Person) -> tuple[Outbound, ...]:
    texts = translator(person.language)
    _ = texts.gettext
    choices = (
        Choice(_("What is coming up"), Intent(Topic.AGENDA), "agenda"),
        Choice(_("My gatherings"), Intent(Topic.MINE), _("mine")),
    )
    return ask.say(
        _(
            "Connected! From now on your reminders and messages come here; invitations for your calendar still come by"
            " mail. Rather by mail again? Send /unlink."
        ),
        choices=choices,
    )


def _too_late(ask: _Ask) -> str:
    return ask.texts.gettext(
        "This link no longer works: it was used, or is older than two days. Get a new one at %(page)s.",
        page=f"{ask.site.base_url}/me",
    )


def _code(inbound: Inbound) -> str | None:
    """Return six digits that were typed, with or without a space in the middle."""
    digits = (inbound.text or "").strip().replace(" ", "")
    return digits if len(digits) == _DIGITS and digits.isascii() and digits.isdigit() else None


_ANSWERS: Final = {Topic.LINK: _link, Topic.LINK_YES: _yes, Topic.LINK_NO: _no, Topic.UNLINK: _unlink}


def welcome(inbound: Inbound, site: Site) -> Outbound:
    """Tell somebody whose chat is not connected what this is and how to connect it."""
    texts = translator(spoken(inbound, site))
    hello = texts.gettext(
        "Hello! Here members of %(name)s find their circles and sign up for gatherings. I don't know yet who you are.",
        name=site.name,
    )
    return Outbound(
        f"welcome:{inbound.conversation}", (Heading(site.name), Paragraph(hello), Paragraph(how(texts, site)))
    )


async def elsewhere(turn: Turn, argument: str | None) -> tuple[Outbound, ...]:
    """Say, on a channel that knows people by their mail address, that a chat is connected in the chat itself."""
    words = turn.texts.gettext("You connect a chat in that chat, or on your own page. Here I know you already.")
    page = Facts(((turn.texts.gettext("Your page"), turn.link("/me")),))
    return (Outbound(turn.key("link"), (Paragraph(words), page)),)
