"""Circles and who is in them: creating, seeing, joining and leaving.

Whom a change of members invites to gatherings is decided in `service/actions/inviting.py`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from service.actions import admitting, circle_notices, defaults, inviting
from service.database import Database
from service.errors import Conflict, Invalid, NotAllowed, NotFound
from service.formats import fields
from service.model import (
    Circle,
    CircleKind,
    Gathering,
    Joining,
    Language,
    MembershipRole,
    MembershipState,
    Purpose,
    Visibility,
)
from service.rules import access
from service.rules.access import Actor, Verb
from service.store import circles as rows
from service.store import feeds, memberships, visitors
from service.store import kinds as kind_rows
from service.store import people as person_rows
from service.store.circles import RunCircle
from service.store.memberships import Member, Place

if TYPE_CHECKING:
    from service.database import Connection

_SLUG: Final = re.compile("[a-z0-9]+(-[a-z0-9]+)*")
_SLUG_LENGTH: Final = 80
_FIELDS: Final[Mapping[str, Callable[[Any], str]]] = {
    "kind": lambda value: fields.needed("kind", value),
    "title_nl": lambda value: fields.line("title_nl", value),
    "title_en": lambda value: fields.line("title_en", value),
    "description_nl": lambda value: fields.text("description_nl", value),
    "description_en": lambda value: fields.text("description_en", value),
    "language": lambda value: fields.choice("language", value, Language),
    "programme": lambda value: fields.line("programme", value),
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
    facts = _checked(given | {"description_nl": description_nl, "description_en": description_en})
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
    facts = _checked(changes)
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
    proved = actor.signed_in and actor.person_id is not None
    visibilities = [Visibility.PUBLIC, Visibility.MEMBERS] if proved else [Visibility.PUBLIC]
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


async def members(db: Database, actor: Actor, slug: str) -> list[Member]:
    """List who is in a circle and who asks to be; of a confidential one only for its own people."""
    async with db.reading() as conn:
        circle = await read(conn, actor, slug)
        access.require(actor, Verb.SEE_ROSTER, scope(circle))
        return await memberships.select_members(conn, circle.id)


async def member_count(db: Database, actor: Actor, slug: str) -> int:
    """Count the active members of a circle that the actor may see."""
    async with db.reading() as conn:
        circle = await read(conn, actor, slug)
        return await memberships.count_members(conn, circle.id)


async def complete(db: Database, actor: Actor, circle: Circle) -> bool:
    """Tell whether a group has all the members that its kind allows; no other circle ever has."""
    access.require(actor, Verb.SEE_CIRCLE, scope(circle))
    if circle.most_members is None:
        return False
    async with db.reading() as conn:
        return await memberships.count_group(conn, circle.id) >= circle.most_members


async def set_member(
    db: Database,
    actor: Actor,
    slug: str,
    person_id: int,
    role: str,
    *,
    now: datetime,
    standing: MembershipState | None = None,
) -> None:
    """Make a person an active member in a role; who comes in is invited to what is still to come.

    With `standing` only somebody whose membership stands so: NotFound for everybody else. Raises Conflict for a group
    that is complete, and NotAllowed for somebody of the team whom a confidential circle's own people have to let in.
    """
    role = fields.choice("role", role, MembershipRole)
    async with db.transaction() as conn:
        circle = await read(conn, actor, slug)
        access.require(actor, Verb.SET_MEMBERS, scope(circle))
        to_come = await inviting.coming(conn, circle.id, now=now)
        role_of_person = await person_rows.lock_person(conn, person_id)
        if role_of_person is None:
            raise NotFound
        await admitting.hold(conn, circle)
        before = await memberships.lock_place(conn, circle.id, person_id)
        if standing is not None and (before is None or before.state != standing):
            raise NotFound
        if before is not None and before.state == MembershipState.REQUESTED:
            await circle_notices.tell(conn, circle, Purpose.JOINED, [person_id], now=now)
        if before != Place(role, MembershipState.ACTIVE):
            defaults.require_open(circle)
            await admitting.require_consent(conn, circle, actor, role_of_person)
            await admitting.require_room(conn, circle, person_id, role)
            await circle_notices.warn_facilitators(conn, circle, actor, now=now)
            await visitors.confirm_visitors(conn, [person_id], now)
            await _let_in(conn, circle, to_come, person_id, role, now)


async def remove_member(db: Database, actor: Actor, slug: str, person_id: int, *, now: datetime) -> None:
    """Take a person out of a circle, or refuse who asks to come in; who is not in it stays so."""
    async with db.transaction() as conn:
        circle = await read(conn, actor, slug)
        access.require(actor, Verb.SET_MEMBERS, scope(circle))
        before = await _let_out(conn, circle, person_id, actor, now)
        if before is not None and before.state == MembershipState.REQUESTED:
            await circle_notices.tell(conn, circle, Purpose.JOIN_REFUSED, [person_id], now=now)


async def join(db: Database, actor: Actor, slug: str, *, now: datetime) -> MembershipState:
    """Join a circle oneself, as its kind allows: at once, on request, or not at all (NotAllowed).

    A group that is complete takes nobody in by itself (Conflict); whoever asks for it waits until somebody leaves.
    """
    async with db.transaction() as conn:
        circle = await read(conn, actor, slug)
        access.require(actor, Verb.JOIN_CIRCLE, scope(circle))
        person_id = _oneself(actor)
        to_come = await inviting.coming(conn, circle.id, now=now)
        await person_rows.lock_person(conn, person_id)
        await admitting.hold(conn, circle)
        before = await memberships.lock_place(conn, circle.id, person_id)
        if before is not None and before.state == MembershipState.ACTIVE:
            return MembershipState.ACTIVE
        defaults.require_open(circle)
        if circle.joining == Joining.INVITED:
            raise NotAllowed("Into this circle one is invited.")
        if circle.joining == Joining.OPEN:
            await admitting.require_room(conn, circle, person_id, MembershipRole.PARTICIPANT)
            await _let_in(conn, circle, to_come, person_id, MembershipRole.PARTICIPANT, now)
            return MembershipState.ACTIVE
        await memberships.set_place(
            conn, circle.id, person_id, role=MembershipRole.PARTICIPANT, state=MembershipState.REQUESTED, now=now
        )
        if before is None or before.state == MembershipState.LEFT:
            await circle_notices.ask_facilitators(conn, circle, person_id, now=now)
        return MembershipState.REQUESTED


async def leave(db: Database, actor: Actor, slug: str, *, now: datetime) -> None:
    """Leave a circle oneself, or take back the request to join it."""
    async with db.transaction() as conn:
        circle = await read(conn, actor, slug)
        await _let_out(conn, circle, _oneself(actor), actor, now)


def scope(circle: Circle) -> access.Object:
    """Return a circle as `service.rules.access` asks about it."""
    return access.Object(circle_id=circle.id, visibility=circle.visibility, confidential=circle.confidential)


def _checked(given: Mapping[str, Any]) -> dict[str, str]:
    """Return the facts given, cleaned; raises Invalid for the first that cannot be right by itself."""
    for field in given:
        if field not in _FIELDS:
            raise Invalid(field, "This cannot be set.")
    return {field: _FIELDS[field](value) for field, value in given.items()}


async def _check_whole(conn: "Connection", facts: Mapping[str, str]) -> CircleKind:
    if not facts["title_nl"] and not facts["title_en"]:
        raise Invalid("title", "A title is needed in one language at least.")
    kind = await kind_rows.select_kind(conn, facts["kind"])
    if kind is None:
        raise Invalid("kind", "There is no such kind of circle.")
    return kind


async def read(conn: "Connection", actor: Actor, slug: str) -> Circle:
    """Read a circle inside the caller's transaction; one that is hidden from the actor is not found."""
    circle = _found(await rows.select_circle(conn, slug) if _is_slug(slug) else None)
    access.require(actor, Verb.SEE_CIRCLE, scope(circle))
    return circle


def _is_slug(text: str) -> bool:
    return len(text) <= _SLUG_LENGTH and _SLUG.fullmatch(text) is not None


def _found(circle: Circle | None) -> Circle:
    if circle is None:
        raise NotFound
    return circle


def _oneself(actor: Actor) -> int:
    if actor.person_id is None or not actor.signed_in:
        raise NotAllowed
    return actor.person_id


async def _let_in(
    conn: "Connection", circle: Circle, to_come: Sequence[Gathering], person_id: int, role: str, now: datetime
) -> None:
    await memberships.set_place(conn, circle.id, person_id, role=role, state=MembershipState.ACTIVE, now=now)
    await inviting.joined(conn, to_come, [person_id], now=now)


async def _let_out(conn: "Connection", circle: Circle, person_id: int, actor: Actor, now: datetime) -> Place | None:
    """Take somebody out; returns what they were, None where they were in it no more."""
    to_come = await inviting.coming(conn, circle.id, now=now)
    await admitting.hold(conn, circle)
    before = await memberships.lock_place(conn, circle.id, person_id)
    if before is None or before.state == MembershipState.LEFT:
        return None
    if person_id != actor.person_id:
        await circle_notices.warn_facilitators(conn, circle, actor, now=now)
    await memberships.end_place(conn, circle.id, person_id, now)
    if before.state == MembershipState.ACTIVE:
        await inviting.left(conn, to_come, [person_id], by=actor.name, now=now)
    return before
