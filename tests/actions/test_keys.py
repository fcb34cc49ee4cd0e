"""Keys of programs: shown once, kept as a hash, allowed what their role allows."""

import hashlib

import pytest

from service.actions import keys
from service.database import Database
from service.errors import Invalid, NotAllowed, NotFound
from service.model import Role
from service.rules.access import ANONYMOUS, KRING, Actor
from tests.conftest import NOW
from tests.factories import make_circle


@pytest.mark.parametrize("role", ["staff", "admin"])
async def test_a_key_acts_as_its_role(db: Database, role: str) -> None:
    key = await keys.create_key(db, KRING, name="website", role=role, now=NOW)
    actor = await keys.actor_for_key(db, key, now=NOW)
    assert actor is not None
    assert actor == Actor(actor.name, role=role, signed_in=True)
    assert actor.name.startswith("api:")


async def test_a_facilitators_key_works_for_its_circle_only(db: Database) -> None:
    circle = await make_circle(db, "alfa")
    key = await keys.create_key(db, KRING, name="alfa", role="facilitator", circle="alfa", now=NOW)
    actor = await keys.actor_for_key(db, key, now=NOW)
    assert actor is not None
    assert actor == Actor(actor.name, role=Role.MEMBER, facilitates=frozenset({circle.id}), signed_in=True)


async def test_only_the_hash_of_a_key_is_kept_and_using_it_writes_nothing(db: Database) -> None:
    key = await keys.create_key(db, KRING, name="website", role="staff", now=NOW)
    assert len(key) == 43  # 32 bytes
    await keys.actor_for_key(db, key, now=NOW)
    async with db.reading() as conn:
        found = await conn.fetchrow("select key_hash, name, last_used_at, t::text as whole from api_key t")
    assert found is not None
    assert tuple(found)[:3] == (hashlib.sha256(key.encode()).digest(), "website", None)
    assert key not in found["whole"]


@pytest.mark.parametrize("key", ["", "x", "a" * 10_000, "é\x00\udcff"])
async def test_an_unknown_key_is_nobodys(db: Database, key: str) -> None:
    await keys.create_key(db, KRING, name="website", role="staff", now=NOW)
    assert await keys.actor_for_key(db, key, now=NOW) is None


async def test_a_revoked_key_is_nobodys(db: Database) -> None:
    await make_circle(db, "alfa")
    lost = await keys.create_key(db, KRING, name="website", role="staff", now=NOW)
    kept = await keys.create_key(db, KRING, name="alfa", role="facilitator", circle="alfa", now=NOW)
    first, second = await keys.every(db, KRING, now=NOW)
    assert [(one.name, one.role, one.circle) for one in (first, second)] == [
        ("website", "staff", None),
        ("alfa", "facilitator", "alfa"),
    ]
    await keys.revoke(db, KRING, first.id, now=NOW)
    assert await keys.actor_for_key(db, lost, now=NOW) is None
    assert await keys.actor_for_key(db, kept, now=NOW) is not None
    assert await keys.every(db, KRING, now=NOW) == [second]
    for number in (first.id, second.id + 1):
        with pytest.raises(NotFound):
            await keys.revoke(db, KRING, number, now=NOW)


@pytest.mark.parametrize("actor", [ANONYMOUS, Actor("person:0", role=Role.STAFF, signed_in=True)])
async def test_only_an_admin_sees_or_ends_keys(db: Database, actor: Actor) -> None:
    await keys.create_key(db, KRING, name="website", role="staff", now=NOW)
    (found,) = await keys.every(db, KRING, now=NOW)
    with pytest.raises(NotAllowed):
        await keys.every(db, actor, now=NOW)
    with pytest.raises(NotAllowed):
        await keys.revoke(db, actor, found.id, now=NOW)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": "", "role": "staff"}, "name"),
        ({"name": "x", "role": "member"}, "role"),
        ({"name": "x", "role": "facilitator"}, "circle"),
        ({"name": "x", "role": "staff", "circle": "alfa"}, "circle"),
    ],
)
async def test_a_key_that_cannot_be_is_refused_under_its_field(db: Database, given: dict[str, str], field: str) -> None:
    await make_circle(db, "alfa")
    with pytest.raises(Invalid) as refusal:
        await keys.create_key(db, KRING, **given, now=NOW)
    assert refusal.value.field == field


async def test_a_key_for_a_circle_that_is_not_there_is_not_made(db: Database) -> None:
    with pytest.raises(NotFound):
        await keys.create_key(db, KRING, name="x", role="facilitator", circle="alfa", now=NOW)


@pytest.mark.parametrize("actor", [ANONYMOUS, Actor("person:1", person_id=1, role=Role.STAFF, signed_in=True)])
async def test_keys_are_made_by_admins(db: Database, actor: Actor) -> None:
    with pytest.raises(NotAllowed):
        await keys.create_key(db, actor, name="x", role="staff", now=NOW)
