"""A mail in words: what every letter consists of, and what its sentences may use.

Which sentences a purpose takes is chosen in `gathering_letters`, `circle_letters` and `personal_letters`; `render`
gives them their form and fills in the person. Whatever differs from person to person is a slot, so that one letter
serves everyone who gets the same news.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from bots.mail.slots import slot
from service.formats.cleaning import clean_line, clean_text
from service.model import Gathering, Purpose
from service.texts.catalogue import Texts

NAME: Final = slot("name")
ANSWER: Final = slot("answer")
"""The link to the answer page."""
PRESENT: Final = slot("present")
"""The link that says that the person is there."""
STOP: Final = slot("stop")
"""The link that stops the invitations of a circle."""
POSITION: Final = slot("position")
DEADLINE: Final = slot("deadline")
LOGIN: Final = slot("login")
CODE: Final = slot("code")
ME: Final = slot("me")
"""The link to one's own page."""

ADDRESS: Final = slot("address")
"""An address of theirs that others changed, as far as its owner needs it."""
WHEN: Final = slot("when")
CONFIRM: Final = slot("confirm")
"""The link by which they say whether an address is theirs."""

LINE: Final = 255
_DESCRIPTION: Final = 3000


@dataclass(frozen=True, slots=True)
class Button:
    """Something to press; `kind` is yes, maybe, no, score or plain."""

    label: str
    url: str
    kind: str = "plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A mail in words, in the order in which it is read.

    `message` is what somebody wrote to the reader, `lines` are labelled facts, `body` is the description; `link` is
    what the text part has in place of the buttons, `code` what to type instead, each with the words before it. `why`
    tells why somebody gets this, `stop` how to get it no more. `asks` leads to questions of the gathering.
    """

    subject: str
    greeting: str
    opening: tuple[str, ...]
    regards: str
    message: str = ""
    heading: str = ""
    lines: tuple[tuple[str, str], ...] = ()
    body: str = ""
    question: str = ""
    buttons: tuple[Button, ...] = ()
    hint: str = ""
    link: tuple[str, str] = ("", "")
    code: tuple[str, str] = ("", "")
    closing: tuple[str, ...] = ()
    asks: tuple[str, str] = ("", "")
    more: tuple[str, str] = ("", "")
    why: str = ""
    stop: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What a letter about a gathering tells, all but the person.

    `standing` is how the reader stands: a word of `service/rules/groups.py`. `days` counts from the day the notice was
    due to the day of the gathering. `base` is the web's address, `home` the association's zone.
    """

    purpose: Purpose
    texts: Texts
    gathering: Gathering
    facts: Mapping[str, Any]
    standing: str
    listed: bool
    days: int
    base: str
    home: str

    @property
    def secret(self) -> bool:
        """Tell whether title, place, text and circle are for those only who have signed in."""
        return self.gathering.confidential

    @property
    def title(self) -> str:
        """Return what the gathering is called in a mail."""
        if self.secret:
            return self.texts.gettext("Peer meeting")
        return clean_line(self.gathering.title(self.texts.language), LINE)

    @property
    def what(self) -> str:
        """Return the gathering as it stands inside a sentence."""
        return self.texts.gettext("the peer meeting") if self.secret else f"“{self.title}”"

    @property
    def circle(self) -> str:
        """Return the circle's title; never to be asked for where it is secret."""
        assert not self.secret
        return clean_line(self.gathering.circle_title(self.texts.language), LINE)

    @property
    def page(self) -> str:
        """Return the address of the gathering's page."""
        return f"{self.base}/gatherings/{self.gathering.id}"

    @property
    def short(self) -> str:
        """Return day and time for a subject."""
        local = self.gathering.starts_local
        return f"{self.texts.short_day(local)}, {self.texts.clock(local)}"

    @property
    def when(self) -> str:
        """Return day, times and, where it is not the association's own, the zone."""
        found = self.gathering
        return self.texts.when(found.starts_local, found.ends_local, found.timezone, home=self.home)

    @property
    def moments(self) -> list[str]:
        """Return the moments that are proposed, each in words."""
        found = self.gathering
        return [
            self.texts.when(
                datetime.fromisoformat(starts), datetime.fromisoformat(ends), found.timezone, home=self.home
            )
            for starts, ends in self.facts.get("moments", [])
        ]

    @property
    def place(self) -> str:
        """Return where it is; empty where that is secret or nowhere."""
        return "" if self.secret else clean_line(self.gathering.location, LINE)

    @property
    def over(self) -> bool:
        """Tell whether there is nothing to come to any more."""
        return self.purpose in (Purpose.CANCELLATION, Purpose.WITHDRAWAL, Purpose.CLOSED, Purpose.RATING)

    @property
    def stranger(self) -> bool:
        """Tell whether the reader is somebody of whom only an address is known."""
        return self.purpose in (Purpose.VISITOR, Purpose.REGISTER_HERE, Purpose.CHECK_IN)

    @property
    def call(self) -> str:
        """Return the link of the call, for those who come; the web shows it to nobody else either."""
        comes = self.standing in ("coming", "online", "facilitating") and not self.secret and not self.over
        return clean_line(self.gathering.online_url, LINE) if comes else ""

    @property
    def body(self) -> str:
        """Return the description; empty where that is secret."""
        return "" if self.secret else clean_text(self.gathering.description(self.texts.language), _DESCRIPTION)
