"""What a new gathering of a circle most likely looks like: like its last one, the next time they would meet."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from service.actions import circles
from service.actions.defaults import of_kind
from service.database import Database
from service.model import Circle
from service.rules import suggestions
from service.rules.access import Actor, Verb
from service.store import gatherings

KEPT = (
    "location", "online_url", "capacity", "organisation_quota", "approval", "reminders", "visibility", "timezone",
)  # fmt: skip
"""What one gathering of a circle most often has in common with the next; not its title, of which one language would
stay behind when somebody types the other."""


async def suggest(
    db: Database, actor: Actor, slug: str, *, timezone: str, now: datetime
) -> tuple[Circle, Mapping[str, Any]]:
    """Suggest every fact of a gathering that a circle plans next; raises NotFound, NotAllowed."""
    async with db.reading() as conn:
        circle = await circles.read(conn, actor, slug, Verb.EDIT_GATHERING)
        latest = await gatherings.select_latest(conn, circle.id, 2)
        facts = await of_kind(conn, circle, timezone)
    facts |= {"title_nl": circle.title_nl, "title_en": circle.title_en}
    if latest:
        facts |= {name: getattr(latest[0], name) for name in KEPT}
    there = now.astimezone(ZoneInfo(facts["timezone"])).replace(tzinfo=None)
    start = suggestions.next_start([one.starts_local for one in latest], there)
    lasts = latest[0].ends_local - latest[0].starts_local if latest else suggestions.LASTS
    return circle, facts | {"starts_local": start, "ends_local": start + lasts}
