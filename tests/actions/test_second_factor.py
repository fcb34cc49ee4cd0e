"""A code from an app, beside the mail: setting it up, signing in with it, losing it."""

from datetime import timedelta

import pytest

from service.actions import people, second_factor, web_sessions
from service.actions.web_sessions import Begun
from service.database import Database
from service.errors import Conflict, Invalid, NotAllowed, NotFound
from service.formats import totp
from service.model import Person, Role
from service.rules.access import KRING, Actor
from tests.conftest import NOW
from tests.factories import make_person

KEYS = {"a": b"k" * 32}
HALF_MINUTE = timedelta(seconds=30)


async def team(db: Database) -> tuple[Person, Actor]:
    person = await make_person(db, role=Role.STAFF)
    return person, await people.actor_for(db, person.id)


async def shown(db: Database, person: Person, *, later: timedelta = timedelta()) -> str:
    """Return the code that the person's app shows at a moment."""
    async with db.reading() as conn:
        row = await conn.fetchrow("select key_id, nonce from second_factor where person_id = $1", person.id)
    secret = totp.secret(KEYS, row["key_id"], person.id, row["nonce"])
    assert secret is not None
    return totp.code(secret, totp.step((NOW + later).timestamp()))


async def set_up(db: Database) -> tuple[Person, Actor, list[str]]:
    person, actor = await team(db)
    await second_factor.begin(db, actor, keys=KEYS, now=NOW)
    codes = await second_factor.confirm(db, actor, await shown(db, person), token="", keys=KEYS, now=NOW)
    return person, actor, codes


async def by_mail(db: Database, person: Person) -> Begun:
    async with db.transaction() as conn:
        return await web_sessions.begin(conn, person.id, now=NOW)


async def holds(db: Database, token: str) -> bool:
    return await web_sessions.holder(db, token, seen=None, now=NOW) is not None


async def test_until_a_code_has_proved_the_app_nobody_is_asked_for_one(db: Database) -> None:
    person, actor = await team(db)
    await second_factor.begin(db, actor, keys=KEYS, now=NOW)
    assert await second_factor.state(db, actor) is None
    begun = await by_mail(db, person)
    assert (begun.awaits_code, await holds(db, begun.token)) == (False, True)
    with pytest.raises(Invalid):
        await second_factor.confirm(db, actor, "000000", token="", keys=KEYS, now=NOW)
    assert await second_factor.state(db, actor) is None


async def test_an_app_that_proves_itself_ends_every_session_but_the_one_that_asks(db: Database) -> None:
    person, actor = await team(db)
    here, there = await by_mail(db, person), await by_mail(db, person)
    await second_factor.begin(db, actor, keys=KEYS, now=NOW)
    with pytest.raises(Invalid):
        await second_factor.confirm(db, actor, "000000", token=here.token, keys=KEYS, now=NOW)
    assert (await holds(db, here.token), await holds(db, there.token)) == (True, True)
    await second_factor.confirm(db, actor, await shown(db, person), token=here.token, keys=KEYS, now=NOW)
    assert (await holds(db, here.token), await holds(db, there.token)) == (True, False)


async def test_with_an_app_the_mail_alone_lets_nobody_in(db: Database) -> None:
    person, _, _ = await set_up(db)
    waiting = await by_mail(db, person)
    assert (waiting.awaits_code, waiting.expires_at) == (True, NOW + web_sessions.AWAITING)
    assert not await holds(db, waiting.token)
    assert await second_factor.enter(db, waiting.token, "000000", keys=KEYS, now=NOW) is None
    later = NOW + HALF_MINUTE
    code = await shown(db, person, later=HALF_MINUTE)
    begun = await second_factor.enter(db, waiting.token, code, keys=KEYS, now=later)
    assert begun is not None
    assert (begun.awaits_code, begun.token != waiting.token) == (False, True)
    assert await holds(db, begun.token)
    assert await second_factor.enter(db, waiting.token, code, keys=KEYS, now=later) is None


async def test_the_same_step_is_refused_the_second_time(db: Database) -> None:
    person, _, _ = await set_up(db)
    code = await shown(db, person)
    waiting = await by_mail(db, person)
    assert await second_factor.enter(db, waiting.token, code, keys=KEYS, now=NOW) is None


async def test_the_wait_for_a_code_is_short(db: Database) -> None:
    person, _, _ = await set_up(db)
    waiting = await by_mail(db, person)
    late = web_sessions.AWAITING
    code = await shown(db, person, later=late)
    assert await second_factor.enter(db, waiting.token, code, keys=KEYS, now=NOW + late) is None


async def test_guessing_is_stopped(db: Database) -> None:
    person, actor, _ = await set_up(db)
    waiting = await by_mail(db, person)
    for _ in range(second_factor.TRIES.count):
        await second_factor.enter(db, waiting.token, "000000", keys=KEYS, now=NOW)
    later = NOW + HALF_MINUTE
    code = await shown(db, person, later=HALF_MINUTE)
    assert await second_factor.enter(db, waiting.token, code, keys=KEYS, now=later) is None
    with pytest.raises(Invalid):
        await second_factor.remove(db, actor, code, keys=KEYS, now=later)


async def test_whoever_reads_the_mail_and_goes_on_guessing_is_stopped_for_the_day(db: Database) -> None:
    person, actor, _ = await set_up(db)
    rounds, quarter = second_factor.IN_A_DAY.count // second_factor.TRIES.count, second_factor.TRIES.span
    for number in range(1, rounds + 1):
        for _ in range(second_factor.TRIES.count):
            with pytest.raises(Invalid):
                await second_factor.remove(db, actor, "000000", keys=KEYS, now=NOW + number * quarter)
    later = (rounds + 1) * quarter
    with pytest.raises(Invalid):
        await second_factor.remove(db, actor, await shown(db, person, later=later), keys=KEYS, now=NOW + later)
    later += second_factor.IN_A_DAY.span
    await second_factor.remove(db, actor, await shown(db, person, later=later), keys=KEYS, now=NOW + later)
    assert await second_factor.state(db, actor) is None


async def test_a_recovery_code_lets_in_once(db: Database) -> None:
    person, actor, codes = await set_up(db)
    assert len(set(codes)) == second_factor.CODES
    waiting = await by_mail(db, person)
    assert await second_factor.enter(db, waiting.token, codes[0].upper(), keys=KEYS, now=NOW) is not None
    waiting = await by_mail(db, person)
    assert await second_factor.enter(db, waiting.token, codes[0], keys=KEYS, now=NOW) is None
    state = await second_factor.state(db, actor)
    assert state is not None
    assert state.codes == second_factor.CODES - 1


async def test_neither_secret_nor_code_stands_in_the_database(db: Database) -> None:
    person, _, codes = await set_up(db)
    async with db.reading() as conn:
        rows = [str(row) for row in await conn.fetch("select f::text from second_factor f")]
        rows += [str(row) for row in await conn.fetch("select c::text from recovery_code c")]
        nonce = await conn.fetchval("select nonce from second_factor")
    secret = totp.secret(KEYS, "a", person.id, nonce)
    assert secret is not None
    for hidden in (secret.hex(), totp.spelled(secret).replace(" ", ""), *codes):
        assert not [row for row in rows if hidden in row]


async def test_one_that_works_is_removed_only_with_a_code(db: Database) -> None:
    person, actor, _ = await set_up(db)
    with pytest.raises(Conflict):
        await second_factor.begin(db, actor, keys=KEYS, now=NOW)
    with pytest.raises(NotFound):
        await second_factor.setup(db, actor, "Kring", keys=KEYS)
    with pytest.raises(Invalid):
        await second_factor.remove(db, actor, "000000", keys=KEYS, now=NOW)
    code = await shown(db, person, later=HALF_MINUTE)
    await second_factor.remove(db, actor, code, keys=KEYS, now=NOW + HALF_MINUTE)
    assert await second_factor.state(db, actor) is None


async def test_a_dropped_key_leaves_the_recovery_codes(db: Database) -> None:
    person, _, codes = await set_up(db)
    other = {"b": b"l" * 32}
    waiting = await by_mail(db, person)
    code = await shown(db, person, later=HALF_MINUTE)
    assert await second_factor.enter(db, waiting.token, code, keys=other, now=NOW + HALF_MINUTE) is None
    assert await second_factor.enter(db, waiting.token, codes[0], keys=other, now=NOW) is not None


async def test_an_admin_helps_who_has_lost_everything_and_nobody_else_does(db: Database) -> None:
    person, actor, _ = await set_up(db)
    async with db.transaction() as conn:
        begun = await web_sessions.begin(conn, person.id, proved=True, now=NOW)
    with pytest.raises(NotAllowed):
        await second_factor.remove_for(db, actor, person.id)
    await second_factor.remove_for(db, KRING, person.id)
    assert not await holds(db, begun.token)
    assert not (await by_mail(db, person)).awaits_code


async def test_it_is_for_the_team(db: Database) -> None:
    member = await people.actor_for(db, (await make_person(db)).id)
    with pytest.raises(NotAllowed):
        await second_factor.begin(db, member, keys=KEYS, now=NOW)


async def test_sessions_are_listed_and_ended_one_by_one(db: Database) -> None:
    person, actor = await team(db)
    _, other = await team(db)
    tokens = []
    for agent in ("Firefox, Windows", "Safari, iPhone", ""):
        async with db.transaction() as conn:
            tokens.append((await web_sessions.begin(conn, person.id, agent=agent, now=NOW)).token)
    listed = await web_sessions.every(db, actor, person.id, token=tokens[1], now=NOW)
    assert [(one.agent, one.here) for one in listed] == [
        ("Safari, iPhone", True),
        ("Firefox, Windows", False),
        ("", False),
    ]
    with pytest.raises(NotAllowed):
        await web_sessions.every(db, other, person.id, now=NOW)
    with pytest.raises(NotAllowed):
        await web_sessions.end_one(db, other, person.id, listed[1].id)
    with pytest.raises(NotFound):
        await web_sessions.end_one(db, other, other.person_id or 0, listed[1].id, token=tokens[1])
    assert not await web_sessions.end_one(db, actor, person.id, listed[1].id, token=tokens[1])
    assert [await holds(db, token) for token in tokens] == [False, True, True]
    await web_sessions.end_others(db, actor, token=tokens[1])
    assert [await holds(db, token) for token in tokens] == [False, True, False]
    assert await web_sessions.end_one(db, actor, person.id, listed[0].id, token=tokens[1])
    assert [await holds(db, token) for token in tokens] == [False] * 3


@pytest.mark.parametrize("changes", [{"role": "member"}, {"email": "new@example.org"}])
async def test_another_role_or_address_ends_every_session(db: Database, changes: dict[str, str]) -> None:
    person, _ = await team(db)
    begun = await by_mail(db, person)
    await people.change_person(db, KRING, person.id, {"name": "Anders", "role": "staff"}, now=NOW)
    assert await holds(db, begun.token)
    await people.change_person(db, KRING, person.id, changes, now=NOW)
    assert not await holds(db, begun.token)
