"""Circles: creating, changing and seeing them; who comes in and goes is in `joining`."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from service.database import Database
from service.errors import Conflict, Invalid, NotFound
from service.formats import fields
from service.formats.fields import Check
from service.model import (
    Circle,
    CircleKind,
    Language,
    Visibility,
)
from service.rules import access
from service.rules.access import Actor, Verb
from service.store import circles as rows
from service.store import feeds
from service.store import kinds as kind_rows
from service.store.circles import RunCircle

if TYPE_CHECKING:
    from service.database import Connection

_SLUG: Final = re.compile("[a-z0-9]+(-[a-z0-9]+)*")
_SLUG_LENGTH: Final = 80
_CHECKS: Final[Mapping[str, Check]] = {
    "kind": fields.needed,
    "title_nl": fields.line,
    "title_en": fields.line,
    "description_nl": fields.text,
    "description_en": fields.text,
    "language": lambda name, value: fields.choice(name, value, Language),
    "programme": fields.line,
}

_POLICY: Final = {"kind", "programme"}
"""Facts that are the association's to decide."""


async def create(  # noqa: PLR0913  # the facts of a circle, by keyword
    db: Database,
    actor: Actor,
    *,
    slug: str,
    kind: str,
    title_nl: str,
    title_en: str,
    description_nl: str = "",
    description_en: str = "",
    language: str | None = None,
    association: str = Language.DUTCH,
    programme: str = "",
    now: datetime,
) -> Circle:
    """Add a circle of a kind, which decides who may see and join it; a slug that is taken is a conflict.

    Without a `language` it has that of its kind, and where that says nothing either, that of the `association`.
    """
    access.require(actor, Verb.EDIT_CIRCLE)
    if not _is_slug(slug):
        raise Invalid("slug", f"Use small letters, digits and single hyphens, at most {_SLUG_LENGTH} characters.")
    given = {"kind": kind, "title_nl": title_nl, "title_en": title_en, "programme": programme}
    given |= {"language": association if language is None else language}
    facts = fields.checked(given | {"description_nl": description_nl, "description_en": description_en}, _CHECKS)
    async with db.transaction() as conn:
        policy = await _check_whole(conn, facts)
        if language is None:
            facts["language"] = policy.language or facts["language"]
        if not await rows.insert_circle(conn, slug, facts, now):
            raise Conflict("There is a circle with this slug already.")
        return _found(await rows.select_circle(conn, slug))


async def change(db: Database, actor: Actor, slug: str, changes: Mapping[str, Any], *, now: datetime) -> Circle:
    """Change the facts given: kind, titles, descriptions, language or programme; the slug stays what it is.

    Its facilitators change titles, descriptions and language. What was told in confidence stays so: to take a
    confidential circle out of its kind is a conflict.
    """
    facts = fields.checked(changes, _CHECKS)
    async with db.transaction() as conn:
        circle = _found(await rows.lock_circle(conn, slug) if _is_slug(slug) else None)
        access.require(actor, Verb.DESCRIBE_CIRCLE, scope(circle))
        if facts.keys() & _POLICY:
            access.require(actor, Verb.EDIT_CIRCLE)
        whole = {name: getattr(circle, name) for name in rows.FACTS} | facts
        await _check_whole(conn, whole)
        await rows.update_circle(conn, slug, whole)
        changed = _found(await rows.select_circle(conn, slug))
        if circle.confidential and not changed.confidential:
            raise Conflict("A confidential circle stays so; make a new circle for what may be known.")
        await feeds.mark_circle(conn, circle.id, now)
        return changed


async def get(db: Database, actor: Actor, slug: str) -> Circle:
    """Read a circle; one that is hidden from the actor is not found."""
    async with db.reading() as conn:
        return await read(conn, actor, slug)


async def get_by_id(db: Database, actor: Actor, circle_id: int) -> Circle:
    """Read the circle of an id; one that is hidden from the actor is not found."""
    async with db.reading() as conn:
        circle = _found(await rows.select_by_id(conn, circle_id))
    access.require(actor, Verb.SEE_CIRCLE, scope(circle))
    return circle


async def visible(
    db: Database, actor: Actor, *, after: str | None = None, limit: int = 100, closed: bool = False
) -> list[Circle]:
    """List the circles that the actor may see, in the order of their slugs, those after a slug.

    `closed`: those that have closed too.
    """
    if after and not _is_slug(after):
        raise Invalid("after", "There is no such slug.")
    visibilities = [Visibility.PUBLIC, Visibility.MEMBERS] if actor.is_person else [Visibility.PUBLIC]
    own = actor.facilitates | actor.member_of
    async with db.reading() as conn:
        return await rows.select_visible(
            conn, after or "", everything=actor.staff, own=own, visibilities=visibilities, closed=closed, limit=limit
        )


async def run_by(
    db: Database, actor: Actor, *, closed: bool = False, words: str = "", now: datetime
) -> list[RunCircle]:
    """List the circles that the actor runs, with how many are in them: facilitators their own, staff all.

    `closed`: those that have closed instead; `words` of a title or programme.
    """
    words = fields.line("words", words)
    async with db.reading() as conn:
        return await rows.select_run(
            conn, actor.facilitates, everything=actor.staff, closed=closed, words=words, now=now
        )


async def kinds(db: Database) -> list[CircleKind]:
    """List the kinds that a circle can have."""
    async with db.reading() as conn:
        return await kind_rows.select_kinds(conn)


def scope(circle: Circle) -> access.Object:
    """Return a circle as `service.rules.access` asks about it."""
    return access.Object(circle_id=circle.id, visibility=circle.visibility, confidential=circle.confidential)


async def _check_whole(conn: "Connection", facts: Mapping[str, str]) -> CircleKind:
    if not facts["title_nl"] and not facts["title_en"]:
        raise Invalid("title", "A title is needed in one language at least.")
    kind = await kind_rows.select_kind(conn, facts["kind"])
    if kind is None:
        raise Invalid("kind", "There is no such kind of circle.")
    return kind


async def read(conn: "Connection", actor: Actor, slug: str, verb: Verb = Verb.SEE_CIRCLE) -> Circle:
    """Read a circle for somebody who may see it, or do what the `verb` says; one that is hidden is not found."""
    circle = _found(await rows.select_circle(conn, slug) if _is_slug(slug) else None)
    access.require(actor, verb, scope(circle))
    return circle


def require_open(circle: Circle) -> None:
    """Refuse to begin something in a circle that has closed."""
    if circle.closed_at is not None:
        raise Conflict("this circle has closed; open it again first")


def _is_slug(text: str) -> bool:
    return len(text) <= _SLUG_LENGTH and _SLUG.fullmatch(text) is not None


def _found(circle: Circle | None) -> Circle:
    if circle is None:
        raise NotFound
    return circle
