"""What each kind of key may do: every operation × the roles × an open, a closed and a confidential circle."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from handlers.web.api import OPERATIONS
from service.actions import keys, planning, series
from service.clock import MovableClock
from service.database import Database
from service.rules.access import KRING
from tests.handlers.web.api.asking import Asking, circle, gathering, person

TIMES = {"starts_at": "2026-12-01T16:00", "ends_at": "2026-12-01T17:00"}
TITLE = {"title": {"nl": "Nieuw"}}

# Status for: staff, a facilitator of the circle, a facilitator of another circle. Where a circle is meant, it is an
# open one, one that only its own people see, and a confidential one.
PEOPLE = {
    "POST /organisations": (201, 403, 403),
    "GET /organisations": (200, 403, 403),
    "POST /people": (201, 403, 403),
    "GET /people": (200, 403, 403),
    "GET /people/{id}": (200, 403, 403),
    "PATCH /people/{id}": (200, 403, 403),
    "DELETE /people/{id}": (204, 403, 403),
    "POST /people/{id}/export": (200, 403, 403),
    "GET /people/{id}/preferences": (200, 403, 403),
    "PATCH /people/{id}/preferences": (200, 403, 403),
    # of an admin alone
    "GET /people/{id}/sessions": (403, 403, 403),
    "DELETE /people/{id}/sessions/{session_id}": (403, 403, 403),
    "GET /people/{id}/feeds": (200, 403, 403),
    "DELETE /people/{id}/feeds/{feed_id}": (404, 403, 403),
    "GET /people/{id}/addresses": (200, 403, 403),
    "POST /people/{id}/addresses": (200, 403, 403),
    "DELETE /people/{id}/addresses/{address_id}": (404, 403, 403),
    "GET /organisations/{id}": (200, 403, 403),
    "PATCH /organisations/{id}": (200, 403, 403),
    "POST /kinds": (201, 403, 403),
    "GET /kinds": (200, 200, 200),
    "GET /kinds/{name}": (200, 403, 403),
    "PATCH /kinds/{name}": (200, 403, 403),
    "POST /circles": (201, 403, 403),
    "GET /circles": (200, 200, 200),
    "GET /gatherings": (200, 200, 200),
    "GET /plan/{year}": (200, 403, 403),
    "POST /dates": (200, 200, 200),
}
# operation: (open circle, closed circle, confidential circle), each (staff, own facilitator, other facilitator)
CIRCLE = {
    "GET /circles/{slug}": ((200, 200, 200), (200, 200, 404), (200, 200, 404)),
    "PATCH /circles/{slug}": ((200, 200, 403), (200, 200, 404), (200, 200, 404)),
    "GET /circles/{slug}/close": ((200, 403, 403), (200, 403, 404), (200, 403, 404)),
    "POST /circles/{slug}/close": ((200, 403, 403), (200, 403, 404), (200, 403, 404)),
    "POST /circles/{slug}/reopen": ((200, 403, 403), (200, 403, 404), (200, 403, 404)),
    "GET /circles/{slug}/members": ((200, 200, 403), (200, 200, 404), (403, 200, 404)),
    "POST /circles/{slug}/members": ((200, 200, 403), (200, 200, 404), (200, 200, 404)),
    "GET /circles/{slug}/members/{person_id}": ((200, 200, 403), (200, 200, 404), (403, 200, 404)),
    "PUT /circles/{slug}/members/{person_id}": ((200, 200, 403), (200, 200, 404), (200, 200, 404)),
    "DELETE /circles/{slug}/members/{person_id}": ((204, 204, 403), (204, 204, 404), (204, 204, 404)),
    "POST /gatherings": ((201, 201, 403), (201, 201, 404), (201, 201, 404)),
    "GET /gatherings/{id}": ((200, 200, 200), (200, 200, 404), (200, 200, 404)),
    "PATCH /gatherings/{id}": ((200, 200, 403), (200, 200, 404), (200, 200, 404)),
    "POST /gatherings/{id}/publish": ((200, 200, 403), (200, 200, 404), (200, 200, 404)),
    "POST /gatherings/{id}/cancel": ((200, 200, 403), (200, 200, 404), (200, 200, 404)),
    "POST /gatherings/{id}/invitations": ((200, 200, 403), (200, 200, 404), (403, 200, 404)),
    "POST /gatherings/{id}/duplicate": ((201, 201, 403), (201, 201, 404), (201, 201, 404)),
    "POST /gatherings/{id}/preview": ((200, 200, 403), (200, 200, 404), (200, 200, 404)),
    "POST /series": ((201, 201, 403), (201, 201, 404), (201, 201, 404)),
    # of drafts, which only those who run them see
    "GET /series/{id}": ((200, 200, 404),) * 3,
    "POST /series/{id}/publish": ((200, 200, 404),) * 3,
    "PATCH /gatherings/{id}/following": ((200, 200, 404),) * 3,
    "POST /gatherings/{id}/following/questions": ((200, 200, 404),) * 3,
    "POST /gatherings/{id}/following/preview": ((200, 200, 404),) * 3,
    "POST /gatherings/{id}/following/cancel": ((200, 200, 404),) * 3,
    "POST /gatherings/{id}/guests": ((200, 200, 403), (200, 200, 404), (403, 200, 404)),
    "PUT /gatherings/{id}/poll": ((200, 200, 403), (200, 200, 404), (200, 200, 404)),
    "GET /gatherings/{id}/poll": ((200, 200, 403), (200, 200, 404), (200, 200, 404)),
    # of which there is none
    "POST /gatherings/{id}/poll/ask": ((404, 404, 403), (404, 404, 404), (404, 404, 404)),
    "POST /gatherings/{id}/poll/pick": ((404, 404, 403), (404, 404, 404), (404, 404, 404)),
    "POST /gatherings/{id}/poll/preview": ((404, 404, 403), (404, 404, 404), (404, 404, 404)),
    "POST /gatherings/{id}/poll/close": ((404, 404, 403), (404, 404, 404), (404, 404, 404)),
    "GET /gatherings/{id}/registrations": ((200, 200, 403), (200, 200, 404), (403, 200, 404)),
    "PUT /gatherings/{id}/registrations/{person_id}": ((200, 200, 403), (200, 200, 404), (403, 200, 404)),
    # Ada has not said yes, so that there is no seat to decide about
    "POST /gatherings/{id}/registrations/{person_id}/seat": ((409, 409, 403), (409, 409, 404), (403, 409, 404)),
    "PUT /gatherings/{id}/attendance": ((200, 200, 403), (200, 200, 404), (403, 200, 404)),
    "POST /gatherings/{id}/attendance/close": ((409, 409, 403), (409, 409, 404), (403, 409, 404)),
    "POST /gatherings/{id}/attendance/undo": ((200, 200, 403), (200, 200, 404), (403, 200, 404)),
    "GET /gatherings/{id}/check-in": ((200, 200, 403), (200, 200, 404), (403, 200, 404)),
    "GET /gatherings/{id}/walk-ins": ((200, 200, 403), (200, 200, 404), (403, 200, 404)),
    "POST /gatherings/{id}/walk-ins": ((200, 200, 403), (200, 200, 404), (403, 403, 404)),
    "GET /gatherings/{id}/roster.csv": ((200, 200, 403), (200, 200, 404), (403, 200, 404)),
    "GET /gatherings/{id}/roster.xlsx": ((200, 200, 403), (200, 200, 404), (403, 200, 404)),
    "GET /gatherings/{id}/notices": ((200, 200, 403), (200, 200, 404), (403, 200, 404)),
    "GET /gatherings/{id}/audiences": ((200, 200, 403), (200, 200, 404), (403, 200, 404)),
    "POST /gatherings/{id}/messages": ((201, 201, 403), (201, 201, 404), (403, 201, 404)),
    "GET /gatherings/{id}/messages": ((200, 200, 403), (200, 200, 404), (403, 200, 404)),
    "POST /gatherings/{id}/messages/{message_id}/call-off": ((404, 404, 403), (404, 404, 404), (403, 404, 404)),
    "GET /gatherings/{id}/materials": ((200, 200, 200), (200, 200, 404), (403, 200, 404)),
    "POST /gatherings/{id}/materials": ((201, 201, 403), (201, 201, 404), (403, 201, 404)),
    "GET /gatherings/{id}/materials/{material_id}": ((404, 404, 404), (404, 404, 404), (404, 404, 404)),
    "DELETE /gatherings/{id}/materials/{material_id}": ((404, 404, 403), (404, 404, 404), (403, 404, 404)),
    "GET /gatherings/{id}/report": ((200, 200, 200), (200, 200, 404), (403, 200, 404)),
    "PUT /gatherings/{id}/report": ((200, 200, 403), (200, 200, 404), (403, 200, 404)),
    "POST /gatherings/{id}/report/tell": ((409, 409, 403), (409, 409, 404), (403, 409, 404)),
    "GET /gatherings/{id}/questions": ((200, 200, 200), (200, 200, 404), (200, 200, 404)),
    "PUT /gatherings/{id}/questions": ((200, 200, 403), (200, 200, 404), (200, 200, 404)),
    "GET /gatherings/{id}/answers": ((200, 200, 403), (200, 200, 404), (403, 200, 404)),
    "GET /gatherings/{id}/registrations/{person_id}/answers": ((200, 200, 403), (200, 200, 404), (403, 200, 404)),
    # Ada has not said yes
    "PUT /gatherings/{id}/registrations/{person_id}/answers": ((409, 409, 403), (409, 409, 404), (403, 409, 404)),
    "GET /gatherings/{id}/rating": ((200, 200, 403), (200, 200, 404), (200, 200, 404)),
}
PLAN = """programme,title,kind,output,min_count,max_count,period,months,language,audience,source
Digitaal,Datakring,community_of_practice,gathering,2,4,year,,nl,members,test
"""
AT_THE_DOOR = (
    "PUT /gatherings/{id}/attendance",
    "POST /gatherings/{id}/attendance/undo",
    "POST /gatherings/{id}/walk-ins",
)
"""What is refused to everybody until shortly before the start."""

KINDS = {"open": "community_of_practice", "closed": "board_meeting", "confidential": "intervision_group"}


@dataclass(frozen=True)
class World:
    """Three circles with a member and a published gathering each, and a fourth circle, whose facilitator has a key."""

    staff: Asking
    keys: dict[str, str]
    gatherings: dict[str, int]
    person: int
    organisation: int
    series: dict[str, series.Series]


@pytest.fixture
async def world(ask: Asking, db: Database, clock: MovableClock) -> AsyncIterator[World]:
    ada = await person(ask, "Ada")
    gatherings = {}
    for slug, kind in KINDS.items():
        await circle(ask, slug, kind, members=(ada,))
        gatherings[slug] = await gathering(ask, slug)
    await circle(ask, "fourth")
    await planning.import_plan(db, KRING, PLAN, year=2026)
    made = {
        slug: await keys.create_key(db, KRING, name=slug, role="facilitator", circle=slug, now=clock.now())
        for slug in (*KINDS, "fourth")
    }
    organisation = (await ask.post("/organisations", {"name": "Stichting Noord"})).body["id"]
    yield World(ask, made, gatherings, ada, organisation, {slug: await rota(db, slug, clock.now()) for slug in KINDS})


async def rota(db: Database, slug: str, now: datetime) -> series.Series:
    """Plan a series of two drafts."""
    start = datetime(2026, 12, 8, 16)
    given = {"title_nl": "Reeks", "starts_local": start, "ends_local": start + timedelta(hours=1)}
    starts = [start, start + timedelta(days=7)]
    return await series.plan(db, KRING, slug, given, starts, timezone="Europe/Amsterdam", now=now)


def test_every_operation_stands_in_the_table() -> None:
    assert {f"{each.method} {each.path}" for each in OPERATIONS} == PEOPLE.keys() | CIRCLE.keys()


def body(operation: str, world: World, slug: str) -> Any:
    return {
        "POST /organisations": {"name": "Acme"},
        "POST /people": {"name": "New", "email": "new@example.org", "language": "nl"},
        "PATCH /people/{id}": {"name": "Renamed"},
        "PATCH /people/{id}/preferences": {"quiet_from": "21:00", "quiet_until": "08:00"},
        "POST /people/{id}/addresses": {"email": "second@example.org"},
        "PATCH /organisations/{id}": {"name": "Renamed"},
        "POST /kinds": {"name": "tea_party", "label": {"nl": "Theekrans"}},
        "PATCH /kinds/{name}": {"capacity": 12},
        "POST /circles": {"slug": "new", "kind": "training", **TITLE},
        "PATCH /circles/{slug}": TITLE,
        "PUT /circles/{slug}/members/{person_id}": {"role": "participant"},
        "POST /gatherings": {"circle": slug, **TIMES, **TITLE},
        "PATCH /gatherings/{id}": TITLE,
        "POST /gatherings/{id}/duplicate": {"starts_at": "2026-12-08T16:00"},
        "POST /gatherings/{id}/preview": {"step": "cancel"},
        "POST /dates": {"starts_at": "2026-12-08T16:00", "unit": "week", "times": 3},
        "POST /series": {"circle": slug, **TIMES, **TITLE, "dates": ["2026-12-08T16:00", "2026-12-15T16:00"]},
        "PATCH /gatherings/{id}/following": TITLE,
        "POST /gatherings/{id}/guests": {"name": "Gerda Gast", "email": "gerda@example.net"},
        "PUT /gatherings/{id}/poll": {"moments": [f"2026-12-0{day}T16:00" for day in (2, 3, 4)]},
        "POST /gatherings/{id}/poll/pick": {"moment_id": 1},
        "POST /gatherings/{id}/poll/preview": {"moment_id": 1},
        "POST /gatherings/{id}/following/preview": {"step": "cancel"},
        "POST /circles/{slug}/members": {"name": "Nel Nieuw", "email": "nel@example.org"},
        "POST /gatherings/{id}/invitations": {"person_ids": [world.person]},
        "PUT /gatherings/{id}/registrations/{person_id}": {"partstat": "accepted"},
        "POST /gatherings/{id}/registrations/{person_id}/seat": {"step": "promote"},
        "POST /gatherings/{id}/walk-ins": {"name": "Wim Wandel"},
        "POST /gatherings/{id}/messages": {"audience": "everyone", "text": "Neem je laptop mee."},
        "POST /gatherings/{id}/materials": {"url": "https://example.org/slides"},
        "PUT /gatherings/{id}/questions": {"items": [{"kind": "text", "text": {"nl": "Wat eet je?"}}]},
        "PUT /gatherings/{id}/registrations/{person_id}/answers": {"items": []},
        "PUT /gatherings/{id}/report": {"text": "Het was goed."},
        "PUT /gatherings/{id}/attendance": {str(world.person): "present"},
    }.get(operation)


async def status(asking: Asking, operation: str, world: World, slug: str) -> int:
    method, path = operation.split()
    kinds = {"gatherings": world.gatherings[slug], "organisations": world.organisation, "series": world.series[slug].id}
    ident = kinds.get(path.split("/")[1], world.person)
    if "/following" in path:
        ident = world.series[slug].gatherings[0].id
    places = {
        "id": ident,
        "slug": slug,
        "person_id": world.person,
        "year": 2026,
        "name": "training",
        "address_id": 9,
        "session_id": 9,
        "feed_id": 9,
        "message_id": 1,
        "material_id": 1,
    }
    path = re.sub(r"{(\w+)}", lambda place: str(places[place[1]]), path)
    path += "?q=ad" if operation == "GET /gatherings/{id}/walk-ins" else ""
    return (await asking(method, path, json=body(operation, world, slug))).status


@pytest.mark.parametrize(("operation", "expected"), PEOPLE.items())
async def test_what_belongs_to_no_circle(world: World, operation: str, expected: tuple[int, int, int]) -> None:
    assert await statuses(world, operation, "open") == expected


@pytest.mark.parametrize(("operation", "expected"), CIRCLE.items())
async def test_what_belongs_to_a_circle(
    world: World, clock: MovableClock, operation: str, expected: tuple[tuple[int, int, int], ...]
) -> None:
    if operation in AT_THE_DOOR:
        clock.move(timedelta(days=8, hours=6))
    found = {slug: await statuses(world, operation, slug) for slug in KINDS}
    assert found == dict(zip(KINDS, expected, strict=True))


async def test_nothing_is_open_without_a_key(world: World) -> None:
    nobody, every = world.staff.with_key(None), [*PEOPLE, *CIRCLE]
    found = {operation: await status(nobody, operation, world, "open") for operation in every}
    assert found == dict.fromkeys(every, 401)


async def statuses(world: World, operation: str, slug: str) -> tuple[int, int, int]:
    """Try an operation as staff, a facilitator of the circle and one of another, beginning with who may least."""
    other, own, staff = [
        await status(world.staff.with_key(key), operation, world, slug)
        for key in (world.keys["fourth"], world.keys[slug], world.staff.key)
    ]
    return staff, own, other


async def test_lists_hold_exactly_what_a_key_may_see(world: World) -> None:
    for key, circles in (
        (world.staff.key, {"open", "closed", "confidential", "fourth"}),
        (world.keys["fourth"], {"open", "fourth"}),
        (world.keys["confidential"], {"open", "confidential", "fourth"}),
    ):
        asking = world.staff.with_key(key)
        assert {each["slug"] for each in (await asking.get("/circles")).items} == circles
        shown = {each["circle"] for each in (await asking.get("/gatherings")).items}
        assert shown == circles - {"fourth"}
