"""Writing the body of a feed: who may read what in it, its entries, its head.

Steps inside the caller's snapshot of the database. What was written for one gathering is kept until that gathering
changes, so that a change costs its own lines and nothing else.
"""

import gzip
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from service.actions.feed_marks import Marks
from service.formats import entries, feeds, ical, zones
from service.formats.feeds import FeedHead
from service.formats.ical import PRODID, CalendarBlock
from service.formats.shelf import Shelf
from service.model import Gathering, MembershipRole, localised
from service.rules import access
from service.rules.access import Actor, Object, Verb
from service.store import feed_entries, gatherings
from service.store.feed_entries import Listed, Registered, Span, Terms
from service.texts.catalogue import Texts, translator

if TYPE_CHECKING:
    from service.database import Connection

PAST: Final = timedelta(days=90)
AHEAD: Final = timedelta(days=400)
LARGEST: Final = 1_000_000
"""Bytes of a feed; what lies furthest ahead is left out above that, because calendar programs give up."""

COLOUR: Final = "teal"
_ROOM: Final = 16 * 2**20
_LEVEL: Final = 1  # of gzip: a quarter of the time of the highest, for a third more bytes
_OVERHEAD: Final = 600  # bytes that Python takes around a kept value

Piece = TypeVar("Piece")


class Association(Protocol):
    """Whose feeds these are; `base_url` has no slash at its end."""

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def base_url(self) -> str: ...  # noqa: D102
    @property
    def language(self) -> str: ...  # noqa: D102
    @property
    def timezone(self) -> str: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Edition:
    """What the same feed is written for: whose it is, the day in their zone, the wished language and its address."""

    association: Association
    day: date
    language: str
    address: str

    def tag(self, feed_id: int, revision: int) -> str:
        """Return the strong ETag of a feed in this edition; a person's own language is in its revision."""
        about = self.association
        ours = "\n".join((str(feed_id), about.name, about.base_url, about.timezone, PRODID))
        return feeds.etag(ours, revision, self.day, self.language)


@dataclass(frozen=True, slots=True)
class Body:
    """A feed as it is sent, plain and packed with gzip."""

    plain: bytes
    zipped: bytes
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Item:
    """A gathering as everyone sees it, and the time zone that it names."""

    lines: bytes
    timezone: str


class Kept:
    """What one process has written of feeds, and which feeds were fetched since somebody last wrote that down."""

    def __init__(self, room: int = _ROOM) -> None:
        self.bodies: Shelf[Body] = Shelf(room)
        self.items: Shelf[Item] = Shelf(room)
        self.blocks: Shelf[CalendarBlock] = Shelf(room)
        self.marks = Marks()
        self.used: dict[int, datetime] = {}


async def write(conn: "Connection", terms: Terms, kept: Kept, edition: Edition) -> Body:
    """Write a feed as it stands in this snapshot, in two statements at most."""
    texts = translator(terms.language or edition.language)
    span = _span(edition.day, edition.association.timezone)
    if terms.person_id is not None and terms.circle_id is None:
        registered = await feed_entries.list_registered(conn, terms.person_id, span)
        items = await _own_items(conn, registered, kept, texts, edition.association.base_url)
    else:
        items = await _common_items(conn, await _listed(conn, terms, span), kept, texts, edition.association.base_url)
    plain = feeds.feed(
        _head(terms, texts, edition), _fitting([item.lines for item in items]), [item.timezone for item in items]
    )
    return Body(plain, gzip.compress(plain, _LEVEL, mtime=0), max(terms.changed_at, span.today))


def _span(day: date, timezone: str) -> Span:
    there = zones.zone(timezone)
    since, until, today = (
        datetime.combine(morning, time(), there).astimezone(UTC) for morning in (day - PAST, day + AHEAD, day)
    )
    return Span(since, until, today)


async def _listed(conn: "Connection", terms: Terms, span: Span) -> list[Listed]:
    """List what the public, or the owner of a circle's feed, may see at this moment."""
    if terms.circle_id is None:
        return await feed_entries.list_public(conn, span)
    if not _open(terms):
        return []
    found = await feed_entries.list_circle(conn, terms.circle_id, span)
    owner = _owner(terms)
    return [
        one
        for one in found
        if access.can(owner, Verb.SEE_GATHERING, Object(terms.circle_id, one.visibility, one.confidential))
    ]


def _open(terms: Terms) -> bool:
    """Tell whether there may be a feed of this circle for its owner: never of a confidential one."""
    circle = Object(terms.circle_id, terms.visibility or "", bool(terms.confidential))
    return not terms.confidential and access.can(_owner(terms), Verb.SEE_CIRCLE, circle)


def _owner(terms: Terms) -> Actor:
    assert terms.circle_id is not None and terms.role is not None
    circle = frozenset([terms.circle_id])
    return Actor(
        f"person:{terms.person_id}",
        person_id=terms.person_id,
        role=terms.role,
        facilitates=circle if terms.place == MembershipRole.FACILITATOR else frozenset(),
        member_of=circle if terms.place is not None else frozenset(),
        signed_in=True,
    )


async def _common_items(
    conn: "Connection", listed: Sequence[Listed], kept: Kept, texts: Texts, base_url: str
) -> list[Item]:
    """Write gatherings as everyone sees them."""

    def write_item(gathering: Gathering) -> tuple[Item, int]:
        block = ical.block(entries.entry(gathering, texts, base_url=base_url, room=False))
        lines = feeds.item(block, entries.common_copy(gathering, texts))
        return Item(lines, block.timezone), len(lines)

    keys = [(one.gathering_id, one.revision, texts.language) for one in listed]
    return await _pieces(conn, kept.items, keys, write_item)


async def _own_items(
    conn: "Connection", registered: Sequence[Registered], kept: Kept, texts: Texts, base_url: str
) -> list[Item]:
    """Write gatherings as somebody who is registered sees them: the kept block with the lines of their own copy."""

    def write_block(gathering: Gathering) -> tuple[CalendarBlock, int]:
        block = ical.block(entries.entry(gathering, texts, base_url=base_url, room=True))
        return block, len(block.about) + len(block.place) + len(block.summary)

    keys = [(one.gathering_id, one.revision, texts.language, one.confidential) for one in registered]
    blocks = await _pieces(conn, kept.blocks, keys, write_block)
    return [
        Item(feeds.item(block, _own_copy(one, texts)), block.timezone)
        for block, one in zip(blocks, registered, strict=True)
    ]


def _own_copy(one: Registered, texts: Texts) -> ical.CalendarCopy:
    return entries.own_copy(
        uid=one.uid,
        sequence=one.sequence,
        dtstamp=one.dtstamp,
        status=one.status,
        partstat=one.partstat,
        seat=one.seat,
        texts=texts,
    )


async def _pieces(
    conn: "Connection",
    shelf: Shelf[Piece],
    keys: Sequence[tuple[Any, ...]],
    write_piece: Callable[[Gathering], tuple[Piece, int]],
) -> list[Piece]:
    """Take what is kept under keys that begin with a gathering's id, and write what is missing, in one statement."""
    found = {key: shelf.get(key) for key in keys}
    missing = {key[0]: key for key, piece in found.items() if piece is None}
    if missing:
        for gathering in await gatherings.select_many(conn, list(missing)):
            piece, size = write_piece(gathering)
            found[missing[gathering.id]] = piece
            shelf.put(missing[gathering.id], piece, size + _OVERHEAD)
    return [piece for piece in found.values() if piece is not None]


def _fitting(items: Iterable[bytes]) -> list[bytes]:
    fitting, room = [], LARGEST
    for item in items:
        room -= len(item)
        if room < 0:
            break
        fitting.append(item)
    return fitting


def _head(terms: Terms, texts: Texts, edition: Edition) -> FeedHead:
    """Name a feed; a circle that its owner may see no longer is not named."""
    association = edition.association
    if terms.person_id is None:
        name = texts.gettext("Gatherings of %(association)s", association=association.name)
        about = texts.gettext("Everything that is open to everyone.")
    elif terms.circle_id is None:
        name = texts.gettext("My gatherings at %(association)s", association=association.name)
        about = texts.gettext("What you said yes or maybe to, and where you are on the waiting list.")
    elif _open(terms):
        name = localised(terms.circle_title_nl or "", terms.circle_title_en or "", texts.language)
        about = texts.gettext("The gatherings of this circle.")
    else:
        name, about = association.name, texts.gettext("The gatherings of this circle are not open to you any more.")
    return FeedHead(name=name, timezone=association.timezone, description=about, color=COLOUR, source=edition.address)
