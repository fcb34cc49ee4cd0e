"""The neutral message model: what every channel turns its messages into and from.

A channel is a package in `bots/` with intake, parse, render and send; it declares what it can do, and rendering
degrades by what is declared, never by exception. No platform is named here.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a channel can do; `max_text` in the channel's own characters."""

    buttons: bool = False
    edit: bool = False
    files: bool = False
    links: bool = True
    max_text: int = 100_000
    idempotent_send: bool = False


class Topic(StrEnum):
    """What an intent is about."""

    AGENDA = "agenda"
    GATHERING = "gathering"  # show one; number
    MINE = "mine"
    ACCEPT = "accept"
    DECLINE = "decline"
    TENTATIVE = "tentative"
    CIRCLES = "circles"
    CIRCLE = "circle"  # show one; slug
    JOIN = "join"
    LEAVE = "leave"
    ROSTER = "roster"  # for facilitators
    LANGUAGE = "language"
    HELP = "help"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Intent:
    """What a person asks. `argument` is a gathering's number, a circle's slug or a language, as the topic needs."""

    topic: Topic
    argument: str | None = None


@dataclass(frozen=True, slots=True)
class Inbound:
    """A message from a person, translated at the door. Exactly one of `intent` and `text` is given."""

    channel: str
    external_id: str
    received_at: datetime
    address: str
    conversation: str
    scope: Literal["private", "group"] = "private"
    intent: Intent | None = None
    text: str | None = None
    reply_to: str | None = None


@dataclass(frozen=True, slots=True)
class Heading:
    """A title line."""

    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A few sentences."""

    text: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Short labelled facts, such as when and where."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A file to hand over."""

    name: str
    media_type: str
    content: bytes


Block = Heading | Paragraph | Facts | Document


@dataclass(frozen=True, slots=True)
class Choice:
    """Something a person can do next, as button, as keyword to type and as signed link (None: there is no page)."""

    label: str
    intent: Intent
    keyword: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Outbound:
    """A message to people. The same `view_key` again means: the same card, edit it in place where the channel can."""

    view_key: str
    blocks: tuple[Block, ...]
    choices: tuple[Choice, ...] = ()
    audience: Literal["person", "conversation"] = "person"
    confidential: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a channel gives back for a message sent; `reference` lets it be edited later."""

    reference: str
    detail: str = ""
