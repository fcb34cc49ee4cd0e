"""An address that somebody else gives: those of before hear of it, and into a confidential circle it opens nothing."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest

from service.actions import (
    aliases,
    given_addresses,
    importing,
    joining,
    linking,
    people,
    second_factor,
    signing_in,
    web_sessions,
)
from service.database import Database
from service.errors import Conflict, NotAllowed, NotFound
from service.formats import totp
from service.formats.tokens import ADDRESS, Keys, handle
from service.model import Person, Role
from service.rules.access import KRING, Actor
from service.store import aliases as proposals
from service.store import people as rows
from tests.conftest import NOW
from tests.factories import make_circle, make_person

KEYS: Keys = {"a": b"a key that only the tests know....."}
LATER = NOW + timedelta(minutes=1)
OLD, NEW = "anna@example.org", "mallory@elders.example"
STAFF = Actor("person:0", role=Role.STAFF, signed_in=True)
Door = Callable[[Database, Actor, Person], Awaitable[object]]


async def add(db: Database, actor: Actor, anna: Person) -> None:
    await people.add_address(db, actor, anna.id, NEW, now=NOW)


async def replace(db: Database, actor: Actor, anna: Person) -> None:
    await people.change_person(db, actor, anna.id, {"email": NEW}, now=NOW)


async def take_in(db: Database, actor: Actor, anna: Person) -> None:
    report = await importing.people(db, actor, f"name,email\n{anna.name},{NEW} {OLD}\n", now=NOW)
    assert (report.changed, report.errors) == (1, [])


async def accept(db: Database, actor: Actor, anna: Person) -> None:
    async with db.transaction() as conn:
        await proposals.propose_alias(conn, anna.id, NEW, NOW)
    await aliases.accept(db, actor, anna.id, NEW, now=NOW)


DOORS: dict[str, Door] = {"page and API": add, "another primary": replace, "file": take_in, "alias": accept}


@dataclass
class Nest:
    """Anna, and how many confidential circles there are."""

    db: Database
    anna: Person

    async def join(self) -> None:
        await joining.set_member(self.db, KRING, "spiegel", self.anna.id, "participant", now=NOW)

    async def told(self) -> list[tuple[str, str, bool]]:
        """Return what was mailed about addresses: what, to which, and whether that one may decide."""
        async with self.db.reading() as conn:
            found = await conn.fetch(
                "select purpose, conversation, facts ? 'confirm' as decides from notice"
                " where purpose like 'address-%' order by id"
            )
        return [tuple(row) for row in found]

    async def asked(self, email: str) -> list[str]:
        """Ask to sign in, and return where links have been sent so far."""
        await signing_in.ask(self.db, email, "browser", network="192.0.2.1", keys=KEYS, now=LATER)
        async with self.db.reading() as conn:
            found = await conn.fetch("select conversation from notice where purpose = 'sign-in' order by id")
        return [row["conversation"] for row in found]

    async def entered(self, email: str) -> str:
        """Sign in by an address and return the session."""
        await self.asked(email)
        async with self.db.reading() as conn:
            token = await conn.fetchval(
                "select facts ->> 'token' from notice where purpose = 'sign-in' order by id desc"
            )
        return (await signing_in.enter(self.db, token, "browser", keys=KEYS, now=NOW)).token

    async def holds(self, session: str) -> bool:
        return await web_sessions.holder(self.db, session, seen=None, now=NOW) is not None

    async def handle(self, value: str = NEW) -> str:
        async with self.db.reading() as conn:
            ident = await conn.fetchval("select id from address where value = $1", value)
        return handle(KEYS, ADDRESS, ident)

    async def addresses(self) -> list[tuple[str, bool, bool]]:
        found = await people.addresses_of(self.db, KRING, self.anna.id)
        return [(one.value, one.is_primary, one.awaits_owner) for one in found]


@pytest.fixture
async def nest(db: Database) -> Nest:
    await make_circle(db, "spiegel", kind="intervision_group")
    return Nest(db, await make_person(db, "Anna", email=OLD))


@pytest.mark.parametrize("door", DOORS)
async def test_through_every_door_the_address_of_before_hears_of_it_and_decides(nest: Nest, door: str) -> None:
    await DOORS[door](nest.db, STAFF, nest.anna)
    what = "address-primary" if door in ("another primary", "file") else "address-added"
    assert await nest.told() == [(what, OLD, True)]
    assert (NEW, what == "address-primary", True) in await nest.addresses()


@pytest.mark.parametrize("door", DOORS)
async def test_through_no_door_does_it_let_anybody_in_as_a_member_of_a_confidential_circle(
    nest: Nest, door: str
) -> None:
    await nest.join()
    await DOORS[door](nest.db, STAFF, nest.anna)
    assert await nest.asked(NEW) == []
    before = len(await nest.told())
    assert before == 3  # of the change; and of the attempt, to both
    assert (await nest.told())[1:] == [("address-added", OLD, True), ("address-waits", NEW, False)]
    await linking.ask_code(nest.db, "telegram", "7", NEW, keys=KEYS, now=NOW)
    async with nest.db.reading() as conn:
        assert await conn.fetchval("select count(*) from notice where purpose = 'link-code'") == 0
        assert await rows.select_person_by_trusted_mail(conn, NEW) is None  # no command by mail either
    assert await nest.asked(OLD) == [OLD]  # to the one that was typed, whichever is the primary one now


@pytest.mark.parametrize("door", DOORS)
async def test_of_anybody_else_it_is_trusted(nest: Nest, door: str) -> None:
    await DOORS[door](nest.db, STAFF, nest.anna)
    assert await nest.asked(NEW) == [NEW]
    async with nest.db.reading() as conn:
        assert (await rows.select_person_by_trusted_mail(conn, NEW)) is not None


async def test_who_came_in_by_it_before_joining_is_out_at_once_and_back_when_it_is_theirs(nest: Nest) -> None:
    await add(nest.db, STAFF, nest.anna)
    given, own = await nest.entered(NEW), await nest.entered(OLD)
    assert (await nest.holds(given), await nest.holds(own)) == (True, True)
    await nest.join()
    assert (await nest.holds(given), await nest.holds(own)) == (False, True)
    await given_addresses.confirm(nest.db, await nest.handle(), keys=KEYS)
    assert (await nest.holds(given), await nest.holds(own)) == (True, True)


async def test_who_has_left_the_circle_is_kept_from_strangers_as_well(nest: Nest) -> None:
    await nest.join()
    await joining.remove_member(nest.db, KRING, "spiegel", nest.anna.id, now=NOW)
    await add(nest.db, STAFF, nest.anna)
    assert await nest.asked(NEW) == []


async def test_behind_a_second_factor_a_session_is_still_worth_what_its_address_is(nest: Nest) -> None:
    admin = Actor("person:0", role=Role.ADMIN, signed_in=True)
    await people.change_person(nest.db, admin, nest.anna.id, {"role": "staff"}, now=NOW)
    await add(nest.db, admin, nest.anna)
    actor = await people.actor_for(nest.db, nest.anna.id)
    await second_factor.begin(nest.db, actor, keys=KEYS, now=NOW)
    async with nest.db.reading() as conn:
        nonce = await conn.fetchval("select nonce from second_factor")
    shared = totp.secret(KEYS, "a", nest.anna.id, nonce)
    assert shared is not None
    codes = [totp.code(shared, totp.step(NOW.timestamp()) + ahead) for ahead in (0, 1)]
    await second_factor.confirm(nest.db, actor, codes[0], token="none", keys=KEYS, now=NOW)
    begun = await second_factor.enter(nest.db, await nest.entered(NEW), codes[1], keys=KEYS, now=NOW)
    assert begun is not None
    assert await nest.holds(begun.token)
    await nest.join()
    assert not await nest.holds(begun.token)


async def test_who_could_say_no_cannot_be_taken_away_first(nest: Nest) -> None:
    await replace(nest.db, STAFF, nest.anna)
    [old] = [one for one in await people.addresses_of(nest.db, KRING, nest.anna.id) if one.value == OLD]
    with pytest.raises(Conflict):
        await people.remove_address(nest.db, STAFF, nest.anna.id, old.id, now=NOW)
    await given_addresses.confirm(nest.db, await nest.handle(), keys=KEYS)
    await people.remove_address(nest.db, STAFF, nest.anna.id, old.id, now=NOW)
    assert await nest.addresses() == [(NEW, True, False)]
    assert (await nest.told())[1:] == [("address-removed", OLD, False), ("address-removed", NEW, False)]


async def test_a_second_given_address_is_told_to_both_but_decided_by_the_first(nest: Nest) -> None:
    await add(nest.db, STAFF, nest.anna)
    await people.add_address(nest.db, STAFF, nest.anna.id, "more@elders.example", now=NOW)
    assert (await nest.told())[1:] == [("address-added", OLD, True), ("address-added", NEW, False)]


async def test_saying_no_takes_it_away_with_every_session_and_mail_comes_back(nest: Nest) -> None:
    await replace(nest.db, STAFF, nest.anna)
    sessions = [await nest.entered(NEW), await nest.entered(OLD)]
    link = await nest.handle()
    await given_addresses.take_away(nest.db, link, keys=KEYS)
    assert await nest.addresses() == [(OLD, True, False)]
    assert [await nest.holds(one) for one in sessions] == [False, False]
    for again in (given_addresses.look, given_addresses.confirm, given_addresses.take_away):
        with pytest.raises(NotFound):
            await again(nest.db, link, keys=KEYS)


async def test_after_a_yes_the_link_takes_nothing_away_any_more(nest: Nest) -> None:
    await nest.join()
    await add(nest.db, STAFF, nest.anna)
    await given_addresses.confirm(nest.db, await nest.handle(), keys=KEYS)
    assert await nest.asked(NEW) == [NEW]
    with pytest.raises(NotFound):
        await given_addresses.take_away(nest.db, await nest.handle(), keys=KEYS)
    assert len(await nest.addresses()) == 2


@pytest.mark.parametrize("purpose", ["r", "u", "b", "p", "h", "q", "poll"])
async def test_a_handle_of_another_purpose_decides_nothing(nest: Nest, purpose: str) -> None:
    await add(nest.db, STAFF, nest.anna)
    async with nest.db.reading() as conn:
        ident = await conn.fetchval("select id from address where value = $1", NEW)
    for verb in (given_addresses.look, given_addresses.confirm, given_addresses.take_away):
        with pytest.raises(NotFound):
            await verb(nest.db, handle(KEYS, purpose, ident), keys=KEYS)


async def test_only_who_runs_the_machine_vouches_in_their_place(nest: Nest) -> None:
    await nest.join()
    await add(nest.db, STAFF, nest.anna)
    for actor in (STAFF, Actor("person:9", role=Role.ADMIN, signed_in=True)):
        with pytest.raises(NotAllowed):
            await given_addresses.vouch(nest.db, actor, NEW)
    with pytest.raises(NotFound):
        await given_addresses.vouch(nest.db, KRING, "nobody@example.org")
    assert await nest.asked(NEW) == []
    await given_addresses.vouch(nest.db, KRING, f" {NEW.upper()}")
    assert await nest.asked(NEW) == [NEW]


async def test_nobody_is_told_of_a_first_address_of_their_own_doing_or_of_nothing(nest: Nest) -> None:
    own = Actor(f"person:{nest.anna.id}", person_id=nest.anna.id, role=Role.STAFF, signed_in=True)
    await people.change_person(nest.db, STAFF, nest.anna.id, {"email": OLD, "title": ""}, now=NOW)
    await people.add_address(nest.db, own, nest.anna.id, "anna@home.example", now=NOW)
    await importing.people(nest.db, STAFF, f"name,email\nAnna,{OLD}\nBert,bert@a.example bert@b.example\n", now=NOW)
    assert await nest.told() == []
    assert [waits for *_, waits in await nest.addresses()] == [False, False]


async def test_what_was_only_a_dry_run_tells_nobody(nest: Nest) -> None:
    await importing.people(nest.db, STAFF, f"name,email\nAnna,{NEW} {OLD}\n", dry_run=True, now=NOW)
    assert (await nest.told(), await nest.addresses()) == ([], [(OLD, True, False)])
