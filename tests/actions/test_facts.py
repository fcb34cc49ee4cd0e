"""What a gathering is made of: what is not given, what is cleaned, and what cannot be."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from service.actions import scheduling
from service.database import Database
from service.errors import Invalid, NotAllowed, NotFound
from service.rules.access import ANONYMOUS, KRING, Actor
from tests.actions.play import Play
from tests.conftest import NOW
from tests.factories import make_circle

START = datetime(2026, 12, 10, 16)
FACTS: dict[str, Any] = {"title_nl": "Begroting", "starts_local": START, "ends_local": START + timedelta(hours=2)}
FIRST, LAST = datetime(1, 1, 1), datetime(9999, 12, 31, 23)


async def test_a_draft_takes_what_is_not_given_from_the_kind_of_its_circle(db: Database) -> None:
    await make_circle(db, "masters", kind="masterclass", programme="Leren")
    made = await scheduling.create(db, KRING, "masters", FACTS, now=NOW)
    assert (made.status, made.visibility, made.capacity, made.organisation_quota) == ("draft", "circle", 30, None)
    assert (made.approval, made.reminders, made.timezone) == (False, ["P7D", "P1D"], "Europe/Amsterdam")
    assert (made.title_en, made.description_nl, made.location, made.online_url) == ("", "", "", "")
    assert (made.starts_at, made.ends_at) == (
        datetime(2026, 12, 10, 15, tzinfo=UTC),
        datetime(2026, 12, 10, 17, tzinfo=UTC),
    )
    assert (made.circle_slug, made.programme, made.sequence, made.revision) == ("masters", "Leren", 0, 1)
    assert (made.created_at, made.changed_at) == (NOW, NOW)


async def test_what_is_given_stands_above_the_kind_and_is_cleaned(db: Database) -> None:
    await make_circle(db, "masters", kind="masterclass")
    given = {
        "title_nl": "  Be\x00groting \r\n 2027 ",
        "title_en": "Budget",
        "description_nl": "Een\r\ntwee\x07",
        "location": "Utrecht",
        "online_url": "https://meet.example.org/a",
        "timezone": "America/New_York",
        "capacity": None,
        "organisation_quota": 2,
        "approval": True,
        "reminders": ["PT2H", "P1D", "PT2H"],
        "visibility": "public",
    }
    made = await scheduling.create(db, KRING, "masters", FACTS | given, now=NOW)
    assert (made.title_nl, made.title_en, made.description_nl) == ("Begroting 2027", "Budget", "Een\ntwee")
    assert (made.capacity, made.organisation_quota, made.approval) == (None, 2, True)
    assert (made.reminders, made.visibility, made.location) == (["PT2H", "P1D"], "public", "Utrecht")
    assert made.starts_at == datetime(2026, 12, 10, 21, tzinfo=UTC)


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("title", {"title_nl": ""}),
        ("title", {"title_nl": " \x00 ", "title_en": None}),
        ("title_nl", {"title_nl": 5}),
        ("description_en", {"description_en": ["text"]}),
        ("starts_at", {"starts_local": None}),
        ("starts_at", {"starts_local": "2026-12-10T16:00"}),
        ("starts_at", {"starts_local": datetime(2026, 12, 10, 16, tzinfo=UTC)}),
        ("starts_at", {"starts_local": datetime(2027, 3, 28, 2, 30), "ends_local": datetime(2027, 3, 28, 4)}),
        ("ends_at", {"starts_local": datetime(2027, 3, 28, 1), "ends_local": datetime(2027, 3, 28, 2, 30)}),
        ("ends_at", {"ends_local": None}),
        ("ends_at", {"ends_local": START}),
        ("ends_at", {"ends_local": START - timedelta(hours=1)}),
        ("ends_at", {"ends_local": START + timedelta(days=14, minutes=1)}),
        ("starts_at", {"starts_local": FIRST, "ends_local": FIRST + timedelta(hours=1)}),
        ("ends_at", {"starts_local": LAST - timedelta(hours=12), "ends_local": LAST, "timezone": "Etc/GMT+12"}),
        ("timezone", {"timezone": "Europe/Nowhere"}),
        ("timezone", {"timezone": "../../etc/passwd"}),
        ("timezone", {"timezone": ""}),
        ("timezone", {"timezone": None}),
        ("online_url", {"online_url": "javascript:alert(1)"}),
        ("online_url", {"online_url": "https://[not-an-address/"}),
        ("online_url", {"online_url": "https://"}),
        ("capacity", {"capacity": 0}),
        ("capacity", {"capacity": -3}),
        ("capacity", {"capacity": 100_001}),
        ("capacity", {"capacity": "20"}),
        ("capacity", {"capacity": True}),
        ("organisation_quota", {"organisation_quota": 0}),
        ("approval", {"approval": "yes"}),
        ("approval", {"approval": None}),
        ("reminders", {"reminders": ["tomorrow"]}),
        ("reminders", {"reminders": "P7D"}),
        ("reminders", {"reminders": None}),
        ("reminders", {"reminders": 7}),
        ("reminders", {"reminders": [7]}),
        ("reminders", {"reminders": [f"P{days}D" for days in range(1, 7)]}),
        ("visibility", {"visibility": "secret"}),
        ("visibility", {"visibility": None}),
        ("status", {"status": "published"}),
        ("starts_at", {"starts_at": START}),
    ],
)
async def test_a_fact_that_cannot_be_right_is_refused_under_its_name_and_nothing_is_made(
    db: Database, field: str, given: dict[str, Any]
) -> None:
    await make_circle(db, "cop")
    with pytest.raises(Invalid) as refusal:
        await scheduling.create(db, KRING, "cop", FACTS | given, now=NOW)
    assert refusal.value.field == field
    assert await scheduling.upcoming(db, KRING, since=datetime.min.replace(tzinfo=UTC)) == []


async def test_the_hour_that_comes_twice_in_autumn_is_its_first(db: Database) -> None:
    await make_circle(db, "cop")
    night = {"starts_local": datetime(2027, 10, 31, 2, 30), "ends_local": datetime(2027, 10, 31, 3, 30)}
    made = await scheduling.create(db, KRING, "cop", FACTS | night, now=NOW)
    assert made.ends_at - made.starts_at == timedelta(hours=2)


async def test_only_who_runs_the_circle_plans_in_it_and_a_hidden_one_is_not_there(play: Play) -> None:
    await play.open("Anna", kind="intervision_group")
    anna, fien = await play.actor("Anna"), await play.actor("Fien")
    stranger = Actor("person:0", person_id=0, signed_in=True)
    for actor, refused in ((anna, NotAllowed), (stranger, NotFound), (ANONYMOUS, NotFound)):
        with pytest.raises(refused):
            await scheduling.create(play.db, actor, "cop", FACTS, now=NOW)
    with pytest.raises(NotFound):
        await scheduling.create(play.db, KRING, "nowhere", FACTS, now=NOW)
    assert (await scheduling.create(play.db, fien, "cop", FACTS, now=NOW)).title_nl == "Begroting"
