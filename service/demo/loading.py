"""Puts the sample association into an empty database, through the same actions that everybody uses.

What would have been told in the past counts as told: nobody gets an invitation to a gathering of last month.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any, Final
from zoneinfo import ZoneInfo

from service.actions import (
    attendance,
    circles,
    importing,
    organisations,
    people,
    planning,
    registration,
    scheduling,
    signing_in,
)
from service.database import Database
from service.demo.association import generate
from service.demo.export import people_csv
from service.demo.model import TIMEZONE, Association, Gathering
from service.errors import Conflict
from service.model import Attendance, Partstat, Role, Status, Via
from service.rules.access import KRING, Actor
from service.store import addresses, outbox

SEED: Final = 1
LINK_LASTS: Final = timedelta(days=7)
FRESH: Final = 60
"""The first draft of a circle of at most so many people is published today, so that there is mail to look at."""

Progress = Callable[[str, Iterable[Any], int], Iterable[Any]]


async def is_empty(db: Database) -> bool:
    """Tell whether nobody has used this database yet."""
    return not await people.people(db, KRING, limit=1)


async def load(db: Database, *, now: datetime, progress: Progress) -> None:
    """Load everything or nothing, in one transaction; some seconds."""
    association = generate(SEED, now.astimezone(ZoneInfo(TIMEZONE)).date())
    async with db.transaction() as conn:
        inside = db.within(conn)
        await _people_and_circles(inside, association, now, progress)
        await _plan(inside, association)
        loader = _Loader(inside, await addresses.select_people_by_mail(conn), now)
        await loader.gatherings(association, progress)
        await outbox.count_as_told(conn, now - timedelta(hours=1))
        await loader.publish_one(association)


async def sign_in_links(db: Database, base_url: str, *, now: datetime) -> list[tuple[str, str]]:
    """Make links that sign in as staff, as a facilitator and as a member: of the gathering with most to see."""
    today = now.astimezone(ZoneInfo(TIMEZONE)).date()
    found = generate(SEED, today)
    to_come = [one for one in found.gatherings if one.status == "published" and one.starts_at.date() > today]
    staff = [one.email for one in found.people if one.role == "staff"]
    # Of each circle, a facilitator who is nothing else besides: staff would see everything.
    facilitators = {one.circle: one.person for one in found.memberships if one.facilitator and one.person not in staff}
    shown = max(to_come, key=lambda one: (one.circle in facilitators, len(one.answers)))
    chosen = {
        "staff": staff[0],
        "facilitator": facilitators[shown.circle],
        "member": [one.person for one in shown.answers if one.partstat == "accepted"][-1],
    }
    links = []
    for who, email in chosen.items():
        person = await people.person_by_address(db, "mail", email)
        if person is not None:
            token = await signing_in.link(db, person.id, life=LINK_LASTS, now=now)
            links.append((who, f"{base_url}/login/{token}"))
    return links


async def _people_and_circles(db: Database, association: Association, now: datetime, progress: Progress) -> None:
    for one in progress("Organisations", association.organisations, len(association.organisations)):
        await organisations.create(db, KRING, name=one.name, domains=[one.domain], now=now)
    for circle in progress("Circles", association.circles, len(association.circles)):
        await circles.create(
            db,
            KRING,
            slug=circle.slug,
            kind=circle.kind,
            title_nl=circle.title.nl,
            title_en=circle.title.en,
            description_nl=circle.description.nl,
            description_en=circle.description.en,
            language=circle.language,
            programme=circle.programme,
            now=now,
        )
    report = await importing.people(db, KRING, people_csv(association), now=now)
    if report.errors:
        raise Conflict(f"the sample association does not fit: {report.errors[0]}")


async def _plan(db: Database, association: Association) -> None:
    source = (files("service.demo") / "plan-2024.csv").read_text("utf-8")
    start = association.plan_start
    report = await planning.import_plan(db, KRING, source, year=start.year, starts_on=start)
    if report.errors:
        raise Conflict(f"the sample plan does not fit: {report.errors[0]}")


@dataclass(frozen=True, slots=True)
class _Loader:
    """Gives gatherings their life so far: planned, published, answered, attended."""

    db: Database
    people: Mapping[str, int]  # by mail address
    now: datetime

    async def gatherings(self, association: Association, progress: Progress) -> None:
        series = {
            one.key: await scheduling.create_series(
                self.db, KRING, one.circle, title_nl=one.title.nl, title_en=one.title.en, now=self.now
            )
            for one in association.series
        }
        for one in progress("Gatherings", association.gatherings, len(association.gatherings)):
            await self._gathering(one, series.get(one.series or ""))

    async def publish_one(self, association: Association) -> None:
        """Publish the first draft of a circle of a handy size, as somebody would today."""
        sizes = {circle.slug: 0 for circle in association.circles}
        for one in association.memberships:
            sizes[one.circle] += 1
        for found in await scheduling.upcoming(self.db, KRING, since=self.now, limit=200):
            if found.status == Status.DRAFT and 10 <= sizes[found.circle_slug] <= FRESH and not found.confidential:
                await scheduling.publish(self.db, KRING, found.id, now=self.now)
                return

    async def _gathering(self, one: Gathering, series_id: int | None) -> None:
        planned_at = (one.published_at or self.now) - timedelta(days=30)
        found = await scheduling.create(self.db, KRING, one.circle, _facts(one), now=planned_at, series_id=series_id)
        if one.published_at is None:
            return
        await scheduling.publish(self.db, KRING, found.id, now=one.published_at)
        for answer in one.answers:
            person_id = self.people[answer.person]
            actor = Actor(f"person:{person_id}", person_id=person_id, signed_in=True)
            await registration.respond(
                self.db, actor, found.id, person_id, Partstat(answer.partstat), via=Via(answer.via), now=answer.at
            )
        if one.attendance:
            marks = {self.people[mark.person]: Attendance(mark.presence) for mark in one.attendance}
            facilitator = Actor("kring", role=Role.ADMIN, facilitates=frozenset({found.circle_id}), signed_in=True)
            await attendance.mark(self.db, facilitator, found.id, marks, now=self.now)
        if one.status == "cancelled":
            cancelled_at = one.published_at + timedelta(days=3)
            await scheduling.cancel(self.db, KRING, found.id, one.cancel_reason or "", now=cancelled_at)


def _facts(one: Gathering) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "title_nl": one.title.nl,
        "title_en": one.title.en,
        "description_nl": one.description.nl,
        "description_en": one.description.en,
        "starts_local": one.starts_at,
        "ends_local": one.ends_at,
        "timezone": one.timezone,
        "location": one.location,
        "online_url": one.online_url,
        "capacity": one.capacity,
        "organisation_quota": one.organisation_quota,
        "visibility": one.visibility,
    }
    kept = {name: value for name, value in facts.items() if value is not None}
    return kept | {"capacity": None} if one.online_url and one.capacity is None else kept
