"""Calendar feeds: a person makes, lists and ends them, and whoever holds the address reads them.

A feed's address holds a token that is shown once and is no login. What stands in a feed is written in
`service/actions/feed_writing.py`; that it has changed is noted by `service/store/feeds.py` in the change's transaction.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from service.actions import circles, feed_writing
from service.actions.feed_writing import Association, Body, Edition, Kept
from service.actions.people import hold
from service.database import Database
from service.errors import Expired, Invalid, NotAllowed, NotFound
from service.formats import fields, zones
from service.formats.tokens import hashed, new_token
from service.rules import access
from service.rules.access import Actor, Object, Verb
from service.store import feed_entries, people
from service.store import feeds as rows
from service.store.feed_entries import Mark
from service.store.feeds import FeedInfo

if TYPE_CHECKING:
    from service.database import Connection

PERSON = "person"
CIRCLE = "circle"


@dataclass(frozen=True, slots=True)
class FeedAnswer:
    """What a reader of a feed gets: its strong ETag, and its body unless the reader has that already.

    `common`: anyone may read it and keep it for others.
    """

    tag: str
    common: bool
    body: Body | None = None


async def create_feed(db: Database, actor: Actor, kind: str, circle: str | None = None, *, now: datetime) -> str:
    """Make a feed of one's own registrations, or of a circle, and return its token, for the only time.

    A feed of the same sort that one had before ends with it. Raises NotFound for a circle hidden from the actor and
    NotAllowed for a confidential one.
    """
    person_id = access.oneself(actor)
    fields.choice("kind", kind, (PERSON, CIRCLE))
    if (kind == CIRCLE) != (circle is not None):
        raise Invalid("circle", "Name the circle of a circle's feed, and of no other.")
    token = new_token()
    async with db.transaction() as conn:
        circle_id = None if circle is None else await _open_circle(conn, actor, circle)
        if await people.lock_person(conn, person_id) is None:
            raise NotFound
        await rows.revoke_kind(conn, person_id, kind, circle_id, now)
        await rows.insert_feed(conn, kind, hashed(token), person_id, circle_id, now)
    return token


async def feeds(db: Database, actor: Actor, person_id: int) -> list[FeedInfo]:
    """List one's own living feeds, or as staff anybody's, the personal one first.

    A circle that has become confidential since is for its people alone: others find no feed of it.
    """
    access.require(actor, Verb.SEE_PEOPLE, Object(person_id=person_id))
    async with db.reading() as conn:
        if await people.select_person(conn, person_id) is None:
            raise NotFound
        return await rows.select_living(conn, person_id, all_=person_id == actor.person_id)


async def revoke_feed(db: Database, actor: Actor, person_id: int, feed_id: int, *, now: datetime) -> None:
    """End a feed of one's own, or as staff anybody's; ending it twice is no error. Only an admin ends an admin's."""
    access.require(actor, Verb.SET_PREFERENCES, Object(person_id=person_id))
    async with db.transaction() as conn:
        await hold(conn, actor, person_id)
        if not await rows.revoke_feed(conn, feed_id, person_id, now, all_=person_id == actor.person_id):
            raise NotFound


async def read(
    db: Database,
    kept: Kept,
    token: str | None,
    *,
    association: Association,
    language: str | None = None,
    if_none_match: str = "",
    now: datetime,
) -> FeedAnswer:
    """Read the feed of a token, or the public one; `language` is that of the public feed, else the association's.

    A feed that has not changed costs one indexed read. Raises NotFound for a token that nobody was given and Expired
    for one that was ended.
    """
    edition = _edition(association, token, language, now)
    mark = await _mark(db, kept, token)
    if token is not None:
        kept.used[mark.id] = now
    tag = edition.tag(mark.id, mark.revision)
    if _has(if_none_match, tag):
        return FeedAnswer(tag, common=token is None)
    body = kept.bodies.get(tag)
    if body is None:
        # One snapshot, so that the tag and all that stands under it belong together.
        async with db.reading() as conn, conn.transaction(isolation="repeatable_read", readonly=True):
            tag, body = await _written(conn, mark.id, kept, edition)
    return FeedAnswer(tag, common=token is None, body=body)


async def flush_usage(db: Database, kept: Kept) -> None:
    """Write down when feeds were last fetched, in one statement; to be called about once a minute."""
    used, kept.used = kept.used, {}
    if not used:
        return
    try:
        async with db.transaction() as conn:
            await rows.update_last_used(conn, used)
    except BaseException:
        kept.used = {**used, **kept.used}
        raise


async def _open_circle(conn: "Connection", actor: Actor, slug: str) -> int:
    circle = await circles.read(conn, actor, slug)
    if circle.confidential:
        raise NotAllowed("A confidential circle has no feed.")
    return circle.id


def _edition(association: Association, token: str | None, language: str | None, now: datetime) -> Edition:
    day = now.astimezone(zones.zone(association.timezone)).date()
    if token is not None:
        return Edition(association, day, "", f"{association.base_url}/feeds/{token}.ics")
    language = language or association.language
    wish = "" if language == association.language else f"?lang={language}"
    return Edition(association, day, language, f"{association.base_url}/feeds/public.ics{wish}")


async def _mark(db: Database, kept: Kept, token: str | None) -> Mark:
    mark = await kept.marks.find(db, None if token is None else hashed(token))
    if mark is None:
        raise NotFound
    if mark.revoked_at is not None:
        raise Expired
    return mark


def _has(if_none_match: str, tag: str) -> bool:
    """Tell whether a reader's tags (RFC 9110 section 13.1.2) name this one, weak or with a coding added to it."""
    return bool(if_none_match) and (tag.strip('"') in if_none_match or if_none_match.strip() == "*")


async def _written(conn: "Connection", feed_id: int, kept: Kept, edition: Edition) -> tuple[str, Body]:
    terms = await feed_entries.select_terms(conn, feed_id)
    if terms is None:
        raise NotFound
    tag = edition.tag(terms.id, terms.revision)
    body = await feed_writing.write(conn, terms, kept, edition)
    kept.bodies.put(tag, body, len(body.plain) + len(body.zipped))
    return tag, body
