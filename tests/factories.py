"""Makes what a test needs and does not care about, through the same actions as everybody else."""

import itertools
from datetime import datetime

from service.actions import circles, joining, organisations, people
from service.database import Database
from service.model import Circle, MembershipRole, Organisation, Person, Role
from service.rules.access import KRING
from tests.conftest import NOW

_serial = itertools.count(1)


async def make_organisation(db: Database, name: str | None = None, *, now: datetime = NOW) -> Organisation:
    return await organisations.create(db, KRING, name=name or f"Organisation {next(_serial)}", now=now)


async def make_person(
    db: Database,
    name: str | None = None,
    *,
    email: str | None = None,
    language: str = "nl",
    organisation: Organisation | None = None,
    title: str = "",
    role: str = Role.MEMBER,
    now: datetime = NOW,
) -> Person:
    number = next(_serial)
    return await people.create_person(
        db,
        KRING,
        name=name or f"Person {number}",
        email=email or f"person{number}@example.org",
        language=language,
        organisation_id=organisation.id if organisation else None,
        title=title,
        role=role,
        now=now,
    )


async def make_circle(
    db: Database,
    slug: str | None = None,
    *,
    kind: str = "community_of_practice",
    language: str = "nl",
    programme: str = "",
    now: datetime = NOW,
) -> Circle:
    slug = slug or f"circle-{next(_serial)}"
    return await circles.create(
        db,
        KRING,
        slug=slug,
        kind=kind,
        title_nl=f"Kring {slug}",
        title_en=f"Circle {slug}",
        language=language,
        programme=programme,
        now=now,
    )


async def make_member(
    db: Database,
    circle: Circle,
    person: Person | None = None,
    *,
    role: str = MembershipRole.PARTICIPANT,
    now: datetime = NOW,
) -> Person:
    """Let somebody be in a circle: the person given, or else a new one."""
    person = person or await make_person(db, now=now)
    await joining.set_member(db, KRING, circle.slug, person.id, role, now=now)
    return person
