"""What a person prefers: the language, the channel, when Kring keeps quiet, and what comes from each circle.

Connecting a chat is in `linking`, stopping a circle's invitations by a link in a mail in `unsubscribing`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import TYPE_CHECKING, Any, Final

from service.actions import people
from service.database import Database
from service.errors import Invalid, NotFound
from service.formats import fields
from service.model import Language
from service.rules import access
from service.rules.access import Actor, Object, Verb
from service.store import feeds, outbox
from service.store import preferences as rows
from service.store.preferences import Wish

if TYPE_CHECKING:
    from service.database import Connection

_FIELDS: Final = {"language", "preferred_channel", "quiet_from", "quiet_until", "circles"}
_WISHES: Final = {"mails", "reminders"}


@dataclass(frozen=True, slots=True)
class Preferences:
    """What somebody prefers; `channels` are those on which messages reach them. No quiet hours: both are None.

    `circles` are those they are in, by slug; the actor finds no confidential one of which they may not know the people.
    """

    language: str
    preferred_channel: str
    channels: list[str]
    quiet_from: time | None
    quiet_until: time | None
    circles: Mapping[str, Wish]


async def get(db: Database, actor: Actor, person_id: int) -> Preferences:
    """Read what oneself prefers, or as staff anybody."""
    access.require(actor, Verb.SEE_PEOPLE, Object(person_id=person_id))
    async with db.reading() as conn:
        return await _read(conn, actor, person_id)


async def change(
    db: Database, actor: Actor, person_id: int, changes: Mapping[str, Any], *, now: datetime
) -> Preferences:
    """Change what is given of oneself, or as staff of anybody: all of it, or where one thing cannot be, nothing.

    `language`, `preferred_channel`, `quiet_from` and `quiet_until`, and `circles`: by slug what is wanted of `mails`,
    its invitations, and `reminders`. A channel on which no message reaches them is Invalid, and so is a circle that
    they are not in or that is hidden from the actor. Only an admin changes an admin.
    """
    access.require(actor, Verb.SET_PREFERENCES, Object(person_id=person_id))
    async with db.transaction() as conn:
        await people.hold(conn, actor, person_id)
        before = await _read(conn, actor, person_id)
        after = _changed(before, changes)
        await rows.update_preferred(
            conn,
            person_id,
            language=after.language,
            channel=after.preferred_channel,
            begins=after.quiet_from,
            ends=after.quiet_until,
        )
        if wishes := [wish for slug, wish in after.circles.items() if wish != before.circles[slug]]:
            await rows.update_wishes(conn, person_id, wishes)
        if after.preferred_channel != before.preferred_channel:
            await outbox.reroute(conn, person_id, after.preferred_channel)
        if after.language != before.language:
            await feeds.mark_people(conn, [person_id], now)
        return after


async def _read(conn: "Connection", actor: Actor, person_id: int) -> Preferences:
    found = await rows.select_preferred(conn, person_id)
    if found is None:
        raise NotFound
    circles = {
        wish.slug: wish
        for wish in await rows.select_wishes(conn, person_id)
        if person_id == actor.person_id or access.can(actor, Verb.SEE_ROSTER, _scope(wish))
    }
    return Preferences(
        found.language, found.preferred_channel, found.channels, found.quiet_from, found.quiet_until, circles
    )


def _scope(wish: Wish) -> Object:
    return Object(circle_id=wish.circle_id, visibility=wish.visibility, confidential=wish.confidential)


def _changed(before: Preferences, changes: Mapping[str, Any]) -> Preferences:
    """Return the preferences as they are to be; raises Invalid for the first thing that cannot be."""
    for field in changes:
        if field not in _FIELDS:
            raise Invalid(field, "This cannot be set.")
    given = dict(changes)
    circles = {**before.circles, **_wishes(before, given.pop("circles", {}))}
    after = replace(before, **given, circles=circles)
    fields.choice("language", after.language, Language)
    if after.preferred_channel not in (before.preferred_channel, *before.channels):
        raise Invalid("preferred_channel", "They have no address on this channel that messages reach.")
    if (after.quiet_from is None) != (after.quiet_until is None):
        missing = "quiet_until" if after.quiet_until is None else "quiet_from"
        raise Invalid(missing, "Give both times, or neither.")
    if after.quiet_from is not None and after.quiet_from == after.quiet_until:
        raise Invalid("quiet_until", "The end must differ from the beginning.")
    return after


def _wishes(before: Preferences, given: Mapping[str, Mapping[str, Any]]) -> dict[str, Wish]:
    for slug, wanted in given.items():
        if slug not in before.circles or not wanted.keys() <= _WISHES:
            raise Invalid("circles", "They are in no such circle.")
    return {slug: replace(before.circles[slug], **wanted) for slug, wanted in given.items()}
