"""One turn of the conversation: who asks, by which door and when, and what every answer needs.

Holds values only; finding the person is done in `dispatch`.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from handlers.dialogue import phrases
from service.channels import Outbound
from service.database import Database
from service.errors import NotFound
from service.formats.tokens import Keys
from service.model import Gathering, Person, Via
from service.rules.access import Actor
from service.store.prompts import Prompt
from service.texts.catalogue import Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The association as messages name it; `base_url` is how people reach its pages, without a slash at the end.

    `coalesce` is how long edits wait for the next one, and what goes to many for its author's second thoughts.
    """

    name: str
    base_url: str
    timezone: str
    language: str
    coalesce: timedelta = timedelta(seconds=20)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What a person asks, where, and with what; `at` is when they said it, `now` when it is read.

    `conversation` is where it was said, `private` where nobody reads along; `group`: others do. `prompt` is the
    question that waits for their answer.
    """

    db: Database
    actor: Actor
    person: Person
    prompt: Prompt | None
    texts: Texts
    site: Site
    keys: Keys
    via: Via
    channel: str
    conversation: str
    private: str
    group: bool
    at: datetime
    now: datetime

    @property
    def unhurried(self) -> bool:
        """Tell whether every word to and fro is a letter: then lists come whole, with their files."""
        return self.via is Via.MAIL

    def link(self, path: str) -> str:
        """Return the full address of a page."""
        return self.site.base_url + path

    def key(self, view: str) -> str:
        """Return the key under which a message to this person can be changed later."""
        return f"{view}:person:{self.person.id}"

    def belongs(self, gathering: Gathering) -> bool:
        """Tell whether the person is in the circle of a gathering."""
        return gathering.circle_id in self.actor.member_of | self.actor.facilitates


Topical = Callable[[Turn, str | None], Awaitable[tuple[Outbound, ...]]]
"""What a topic's module offers: the argument in, messages out."""


def ident(argument: str | None) -> int:
    """Read the number of a gathering; raises NotFound for what cannot be one."""
    number = phrases.number(argument or "")
    if number is None:
        raise NotFound
    return int(number)


def parts(argument: str | None, count: int) -> list[int]:
    """Read so many numbers with strokes between them, as in 12-345; raises NotFound for what cannot be that."""
    found = [phrases.number(part) for part in (argument or "").split("-")]
    if len(found) != count or None in found:
        raise NotFound
    return [int(part) for part in found if part is not None]


def paging(number: int, count: int, size: int) -> int:
    """Return the page of a list that is meant: the last one where it has none of this number."""
    return max(1, min(number, -(-count // size)))
