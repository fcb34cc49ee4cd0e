"""Kinds of circle: the policy that staff decide, and what follows from changing it.

What a kind decides for a new gathering is read in `defaults`; who may see and join, in `service/rules/access`.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from service.actions import minimum
from service.database import Database
from service.errors import Conflict, Invalid, NotFound
from service.formats import fields
from service.formats.fields import Check
from service.model import CircleKind, Joining, Language, Visibility
from service.rules import access, reminders
from service.rules.access import Actor, Verb
from service.store import feeds, gatherings
from service.store import kinds as rows

_NAME: Final = re.compile("[a-z]+(_[a-z]+)*")
_NAME_LENGTH: Final = 80

NEW: Final[Mapping[str, Any]] = {
    "label_nl": "",
    "label_en": "",
    "visibility": Visibility.MEMBERS,
    "confidential": False,
    "joining": Joining.OPEN,
    "capacity": None,
    "organisation_quota": None,
    "approval": False,
    "reminders": ["P7D", "P1D"],
    "minimum": None,
    "language": None,
    "rating": True,
    "most_members": None,
    "facilitators_count": False,
}
"""The policy of a kind that says nothing else."""


async def get(db: Database, actor: Actor, name: str) -> CircleKind:
    """Read one kind, for those who decide about it."""
    access.require(actor, Verb.EDIT_CIRCLE)
    async with db.reading() as conn:
        return _found(await rows.select_kind(conn, name))


async def create(db: Database, actor: Actor, name: str, given: Mapping[str, Any]) -> CircleKind:
    """Add a kind; a name that is taken is a conflict."""
    access.require(actor, Verb.EDIT_CIRCLE)
    if not _NAME.fullmatch(name) or len(name) > _NAME_LENGTH:
        raise Invalid("name", "Use small letters and single underscores.")
    policy = _complete(given, NEW)
    async with db.transaction() as conn:
        if not await rows.insert_kind(conn, name, policy):
            raise Conflict("There is a kind of this name already.")
    return CircleKind(name=name, **policy)


async def change(db: Database, actor: Actor, name: str, given: Mapping[str, Any], *, now: datetime) -> CircleKind:
    """Change the policy of a kind.

    Who sees and joins its circles changes at once, and how many a group takes and needs; capacity, quota, approval,
    reminders and visibility of a gathering are its own from the moment it was planned. What was told in confidence
    stays so: a confidential kind that has circles stays confidential.
    """
    access.require(actor, Verb.EDIT_CIRCLE)
    async with db.transaction() as conn:
        before = _found(await rows.lock_kind(conn, name))
        policy = _complete(given, {fact: getattr(before, fact) for fact in rows.POLICY})
        if before.confidential and not policy["confidential"] and await rows.kind_in_use(conn, name):
            raise Conflict("There are circles of this kind, and what was told in confidence stays so.")
        await rows.update_kind(conn, name, policy)
        if (before.confidential, before.visibility) != (policy["confidential"], policy["visibility"]):
            await feeds.mark_kind(conn, name, now)
        if before.minimum != policy["minimum"]:
            await minimum.rearm(conn, await gatherings.select_of_kind(conn, name, now), now=now)
    return CircleKind(name=name, **policy)


def _complete(given: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    policy = dict(before) | fields.checked(given, _CHECKS)
    if not policy["label_nl"] and not policy["label_en"]:
        raise Invalid("label", "A name is needed in one language at least.")
    for most, words in (("capacity", "the capacity"), ("most_members", "the most members")):
        if policy["minimum"] and policy[most] and policy["minimum"] > policy[most]:
            raise Invalid("minimum", f"The minimum cannot be more than {words}.")
    return policy


def _found(kind: CircleKind | None) -> CircleKind:
    if kind is None:
        raise NotFound
    return kind


_CHECKS: Final[Mapping[str, Check]] = {
    "label_nl": fields.line,
    "label_en": fields.line,
    "visibility": lambda name, value: fields.choice(name, value, Visibility),
    "confidential": fields.flag,
    "joining": lambda name, value: fields.choice(name, value, Joining),
    "capacity": fields.number,
    "organisation_quota": fields.number,
    "approval": fields.flag,
    "reminders": reminders.checked,
    "minimum": fields.number,
    "language": lambda name, value: None if value is None else fields.choice(name, value, Language),
    "rating": fields.flag,
    "most_members": fields.number,
    "facilitators_count": fields.flag,
}
