"""Write a letter once per gathering, revision, language and news; whoever gets the same news shares it.

Pure: `render` fills in the person. What it says is in `gathering_letters`, `circle_letters` and `personal_letters`.
"""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from jinja2 import FileSystemLoader

from bots.mail import circle_letters, gathering_letters, personal_letters
from bots.mail.letters import Letter, News
from bots.mail.mime import SOFT_BREAK, quoted
from bots.mail.slots import Slotted
from service.channels import DueNotice, DueRegistration
from service.formats import ical
from service.model import ABOUT_A_CIRCLE, Gathering, Language, Purpose
from service.rules.groups import Group, group
from service.rules.usefulness import is_list_mail
from service.texts.catalogue import FOLDER, Texts, translator
from service.texts.templates import environment

KEPT: Final = 512
"""How many letters are kept written."""

_WORDING: Final = (
    "again",
    "reason",
    "moved",
    "relocated",
    "restored",
    "edited",
    "opened",
    "ended",
    "said",
    "rsvp",
    "cancel_reason",
    "count",
    "because",
    "note",
    "text",
    "author",
    "over",
)
"""The facts of a notice that change its words; the others are numbers of one person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letterhead:
    """Who writes: the association, its From address, the domain of reply addresses, its web and its zone."""

    association: str
    mail_from: str
    mail_domain: str
    base_url: str
    timezone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A letter in its forms, with slots for the person.

    `waiting` is what a calendar shows before the summary of somebody who waits; `listed` goes with one-click headers.
    """

    sender: str
    subject: str
    text: Slotted
    html: Slotted
    block: ical.CalendarBlock | None = None
    waiting: str = ""
    listed: bool = False
    list_id: str | None = None


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A letter to write: equal to another one when all that its words depend on is equal."""

    key: tuple[object, ...]
    due: DueNotice = field(compare=False)


class Writer:
    """Writes the letters of one association."""

    def __init__(self, head: Letterhead) -> None:
        self._head = head
        loader = FileSystemLoader(FOLDER / "mail")
        self._templates = {language.value: environment(language, loader) for language in Language}
        self._write = lru_cache(KEPT)(self._compose)

    def written(self, due: DueNotice) -> Written:
        """Return the letter of a notice, written now or kept from an equal one."""
        return self._write(_Wanted(_key(due), due))

    def _compose(self, wanted: _Wanted) -> Written:
        due, texts = wanted.due, translator(wanted.due.language)
        if due.gathering is None:
            letter = self._about_no_gathering(due, texts)
            return self._formed(letter, due.language, self._head.association)
        news = news_of(due, due.gathering, base=self._head.base_url, home=self._head.timezone)
        return self._formed(
            gathering_letters.letter(news),
            due.language,
            self._head.association if news.secret else news.circle,
            block=ical.block(_entry(news)),
            waiting=texts.gettext("Waiting list: "),
            listed=news.listed,
            list_id=None if news.secret else f"{news.gathering.circle_slug}.{self._head.mail_domain}",
        )

    def _about_no_gathering(self, due: DueNotice, texts: Texts) -> Letter:
        purpose = Purpose(due.purpose)
        if purpose in ABOUT_A_CIRCLE:
            return circle_letters.letter(texts, purpose, due.facts.get("circle", {}), self._head.base_url)
        return personal_letters.letter(purpose, texts, due.facts, self._head.association)

    def _formed(self, letter: Letter, language: str, sender: str, **more: Any) -> Written:
        def form(name: str) -> Slotted:
            template = self._templates[language].get_template(name)
            written = template.render(letter=letter, sender=sender).rstrip("\n")
            return Slotted.of(f"{written}\n", quoted, SOFT_BREAK)

        text, html = form("letter.txt.j2"), form("letter.html.j2")
        return Written(sender=sender, subject=letter.subject, text=text, html=html, **more)


def news_of(due: DueNotice, gathering: Gathering, *, base: str, home: str) -> News:
    """Gather what may be said of a notice, on any channel; `base` is the web's address, `home` its zone."""
    return News(
        purpose=Purpose(due.purpose),
        texts=translator(due.language),
        gathering=gathering,
        facts=due.facts,
        standing=_standing(due.registration),
        listed=is_list_mail(due),
        days=_days(due, gathering),
        base=base,
        home=home,
    )


def _key(due: DueNotice) -> tuple[object, ...]:
    """Return all that the words of a notice depend on."""
    gathering, facts = due.gathering, due.facts
    if gathering is None:
        return due.purpose, due.language, facts.get("account"), repr(facts.get("circle")), "confirm" in facts
    return (
        due.purpose,
        due.language,
        gathering.id,
        gathering.revision,
        gathering.circle_title_nl,
        gathering.circle_title_en,
        gathering.confidential,
        _standing(due.registration),
        is_list_mail(due),
        _days(due, gathering),
        facts.get("position") is None,  # the number is the person's own, but that there is one changes the words
        *[facts.get(name) for name in _WORDING],
        repr(facts["previous"]) if "previous" in facts else None,
        repr(facts["moments"]) if "moments" in facts else None,
    )


def _standing(registration: DueRegistration | None) -> str:
    """Tell how the reader of a notice stands; one without a registration is about the facilitator's own circle."""
    if registration is None:
        return Group.FACILITATING
    return group(
        registration.partstat, registration.seat, facilitator=registration.facilitator, online=registration.online
    )


def _days(due: DueNotice, gathering: Gathering) -> int:
    if due.purpose != Purpose.REMINDER:
        return 0
    there = due.due_at.astimezone(ZoneInfo(gathering.timezone))
    return (gathering.starts_local.date() - there.date()).days


def _entry(news: News) -> ical.CalendarEntry:
    """Say in a calendar what the mail says, and no more: of a confidential gathering only the time."""
    gathering, texts = news.gathering, news.texts
    behind = texts.gettext("You will find the subject and the place after signing in:")
    online = texts.gettext("Online") if gathering.online_url and not news.call and not news.secret else ""
    return ical.CalendarEntry(
        summary=news.title,
        starts_at=gathering.starts_at,
        ends_at=gathering.ends_at,
        timezone=gathering.timezone,
        created=gathering.created_at,
        last_modified=gathering.changed_at,
        description=behind if news.secret else news.body,
        location=news.place or online,
        online_url=news.call,
        url=news.page,
        confidential=news.secret,
    )
