"""A notice as a message in a chat: the sentences of its mail without the greeting, and buttons to answer with."""

from datetime import datetime
from typing import Final

from bots.mail import circle_letters, gathering_letters
from bots.mail.letters import Letter, News
from bots.mail.slots import Slotted
from bots.mail.writing import news_of
from service.channels import Block, Choice, DueNotice, Facts, Heading, Intent, Outbound, Paragraph, Topic
from service.formats.tokens import ANSWER, Keys, handle
from service.model import ABOUT_A_CIRCLE, Gathering, Purpose
from service.texts.catalogue import Texts, translator

_SCORES: Final = range(1, 11)
_OPEN: Final = frozenset({"open", "maybe", "declined"})
_SHOWS: Final = {Purpose.RATING: "rating", Purpose.POLL: "poll"}
"""What a message shows, where that is not the gathering: the first tap on its buttons then takes its place."""


class Words:
    """Writes the notices of one association; `base_url` is how people reach its pages."""

    def __init__(self, keys: Keys, *, base_url: str, timezone: str) -> None:
        self._keys = keys
        self._base = base_url
        self._home = timezone

    def __call__(self, due: DueNotice) -> Outbound:
        """Write a notice about a gathering, about a circle, or that a chat is connected no more."""
        if due.purpose in ABOUT_A_CIRCLE:
            return self._about_circle(due)
        if due.gathering is None:
            return _parted(due)
        news = news_of(due, due.gathering, base=self._base, home=self._home)
        letter = gathering_letters.letter(news)
        return Outbound(
            view_key=f"{_SHOWS.get(news.purpose, 'gathering')}:{due.gathering.id}:person:{due.person_id}",
            blocks=_blocks(letter, self._personal(due, due.gathering)),
            choices=self._choices(due, due.gathering, news),
            confidential=due.gathering.confidential,
        )

    def _about_circle(self, due: DueNotice) -> Outbound:
        """Write what concerns a circle itself; the facts of a confidential one name nothing."""
        circle = due.facts.get("circle", {})
        letter = circle_letters.letter(translator(due.language), Purpose(due.purpose), circle, self._base)
        blocks: list[Block] = [Heading(letter.subject), *map(Paragraph, letter.opening)]
        if letter.link[1]:
            blocks.append(Paragraph(" ".join(letter.link)))
        return Outbound(f"notice:{due.id}", tuple(blocks), confidential=not circle)

    def _personal(self, due: DueNotice, gathering: Gathering) -> dict[str, str]:
        values = {"name": due.name, "position": str(due.facts.get("position", "")), "answer": self._page(due) or ""}
        if "offer_expires_at" in due.facts:
            until = datetime.fromisoformat(due.facts["offer_expires_at"])
            values["deadline"] = translator(due.language).moment(until, gathering.timezone, home=self._home)
        return values

    def _choices(self, due: DueNotice, gathering: Gathering, news: News) -> tuple[Choice, ...]:
        """Offer what the reader can do about it; nothing where there is nothing left to do."""
        ident, _ = str(gathering.id), news.texts.gettext
        if news.purpose is Purpose.RATING:
            return tuple(_scored(ident, score, news.texts) for score in _SCORES)
        if news.over or news.facts.get("over"):
            return ()
        if news.purpose is Purpose.POLL:
            return (Choice(_("Which dates suit you?"), Intent(Topic.POLL, ident), _("date %(number)s", number=ident)),)
        if news.purpose is Purpose.TOO_FEW:
            words = _("another date %(number)s", number=ident)
            return (Choice(_("Ask the group for another date"), Intent(Topic.REPLAN, ident), words),)
        if news.purpose is Purpose.SEAT_FREED:
            words = _("list %(number)s", number=ident)
            return (Choice(_("See who is waiting"), Intent(Topic.ROSTER, ident), words),)
        page = self._page(due)
        typed = {
            Topic.ACCEPT: _("yes %(number)s", number=ident),
            Topic.ACCEPT_ONLINE: _("yes online %(number)s", number=ident),
            Topic.DECLINE: _("no %(number)s", number=ident),
        }
        offered = _answers(news, hybrid=gathering.hybrid and not gathering.confidential)
        return tuple(Choice(label, Intent(topic, ident), typed[topic], page) for label, topic in offered)

    def _page(self, due: DueNotice) -> str | None:
        if due.registration is None:
            return None
        return f"{self._base}/r/{handle(self._keys, ANSWER, due.registration.id, due.registration.generation)}"


def _parted(due: DueNotice) -> Outbound:
    words = translator(due.language).gettext(
        "This chat is no longer connected, because you have connected another one. If that was not you, sign in on the"
        " website and disconnect it there."
    )
    return Outbound(f"link:{due.address}", (Paragraph(words),))


def _answers(news: News, *, hybrid: bool) -> list[tuple[str, Topic]]:
    """Choose what somebody can answer as they stand."""
    _ = news.texts.gettext
    online = [(_("Yes, online"), Topic.ACCEPT_ONLINE)] if hybrid else []
    if news.standing == "offered":
        return [(_("I'll take the place"), Topic.ACCEPT), (_("Let it go to somebody else"), Topic.DECLINE)]
    if news.standing in _OPEN or news.facts.get("rsvp"):
        return [(_("Yes, I'll be there"), Topic.ACCEPT), *online, (_("No"), Topic.DECLINE)]
    if news.standing == "waiting":
        return [*online, (_("Take me off the waiting list"), Topic.DECLINE)]
    return [(_("Sorry, I can't come after all"), Topic.DECLINE)] if news.standing == "coming" else []


def _scored(ident: str, score: int, texts: Texts) -> Choice:
    typed = texts.gettext("rate %(number)s %(score)s", number=ident, score=score)
    return Choice(str(score), Intent(Topic.RATE, f"{ident}-{score}"), typed)


def _blocks(letter: Letter, values: dict[str, str]) -> tuple[Block, ...]:
    """Set the letter's sentences under each other, with the facts between them."""

    def said(*texts: str) -> list[Block]:
        filled = " ".join(Slotted.of(text, str.encode, b"").filled(values).decode() for text in texts if text)
        return [Paragraph(filled)] if filled else []

    blocks: list[Block] = [Heading(letter.heading)] if letter.heading else []
    blocks += said(*letter.opening)
    blocks += said(letter.message)
    if letter.lines:
        blocks.append(Facts(letter.lines))
    blocks += said(letter.body)
    blocks += said(letter.question)
    blocks += said(*letter.closing)
    for words, link in (letter.asks, letter.more):
        if words:
            blocks += said(f"{words}\n{link}")
    return tuple(blocks)
