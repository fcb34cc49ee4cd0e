"""Circles: who sees which, and how people come in and go."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from service.actions import circles, joining, members, people, registration, scheduling
from service.database import Database
from service.errors import Conflict, Invalid, KringError, NotAllowed, NotFound
from service.model import Circle, Person, Role, Visibility
from service.rules import access
from service.rules.access import ANONYMOUS, KRING, Actor, Verb
from service.store.memberships import Member
from tests.conftest import NOW
from tests.factories import make_circle, make_member, make_organisation, make_person

STAFF = Actor("person:0", role=Role.STAFF, signed_in=True)
LATER = NOW + timedelta(days=1)


async def test_a_circle_has_the_policy_of_its_kind(db: Database) -> None:
    made = await circles.create(
        db,
        STAFF,
        slug="intervisie-zuid",
        kind="intervision_group",
        title_nl=" Intervisie  Zuid ",
        title_en="",
        description_nl="Een\r\ntwee",
        language="nl",
        programme="Leren",
        now=NOW,
    )
    assert made == Circle(
        made.id, "intervisie-zuid", "intervision_group", "Intervisie Zuid", "", "Een\ntwee", "", "nl", "Leren",
        "circle", True, "invited", 8, False,
    )  # fmt: skip
    assert await circles.get(db, STAFF, "intervisie-zuid") == made


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("slug", {"slug": "Hoofdletter"}),
        ("slug", {"slug": "a--b"}),
        ("slug", {"slug": "-a"}),
        ("slug", {"slug": "a\n"}),
        ("slug", {"slug": ""}),
        ("slug", {"slug": "a" * 81}),
        ("kind", {"kind": "tea_party"}),
        ("kind", {"kind": ""}),
        ("language", {"language": "fr"}),
        ("title", {"title_nl": "", "title_en": " "}),
    ],
)
async def test_a_fact_that_cannot_be_right_is_refused_under_its_name(
    db: Database, field: str, given: dict[str, str]
) -> None:
    facts = {"slug": "zuid", "kind": "training", "title_nl": "Zuid", "title_en": "", "language": "nl"} | given
    with pytest.raises(Invalid) as refusal:
        await circles.create(db, STAFF, **facts, now=NOW)
    assert refusal.value.field == field
    assert await circles.visible(db, STAFF) == []


async def test_a_slug_is_taken_once(db: Database) -> None:
    await make_circle(db, "zuid")
    with pytest.raises(Conflict):
        await make_circle(db, "zuid")


async def test_a_change_leaves_what_it_does_not_name(db: Database) -> None:
    made = await make_circle(db, "zuid", kind="training", programme="Leren")
    changed = await circles.change(db, STAFF, "zuid", {"title_en": "South", "kind": "dinner"}, now=NOW)
    assert changed == Circle(
        made.id, "zuid", "dinner", "Kring zuid", "South", "", "", "nl", "Leren", "circle", False, "invited", None, False
    )
    for field, value in (("slug", "noord"), ("kind", "tea_party"), ("language", ""), ("programme", None)):
        with pytest.raises(Invalid) as refusal:
            await circles.change(db, STAFF, "zuid", {field: value}, now=NOW)
        assert refusal.value.field == field
    with pytest.raises(Invalid):
        await circles.change(db, STAFF, "zuid", {"title_en": "", "title_nl": ""}, now=NOW)
    with pytest.raises(NotFound):
        await circles.change(db, STAFF, "noord", {"title_en": "North"}, now=NOW)
    assert await circles.get(db, STAFF, "zuid") == changed


async def test_a_confidential_circle_stays_confidential(db: Database) -> None:
    made = await make_circle(db, "spiegel", kind="intervision_group")
    with pytest.raises(Conflict):
        await circles.change(db, STAFF, "spiegel", {"kind": "community_of_practice", "title_en": "Mirror"}, now=NOW)
    assert await circles.get(db, STAFF, "spiegel") == made
    renamed = await circles.change(db, STAFF, "spiegel", {"kind": "intervision_group", "title_en": "Mirror"}, now=NOW)
    assert (renamed.title_en, renamed.confidential) == ("Mirror", True)
    await make_circle(db, "zuid", kind="training")
    assert (await circles.change(db, STAFF, "zuid", {"kind": "intervision_group"}, now=NOW)).confidential


async def test_the_list_of_circles_is_exactly_what_each_actor_may_see(db: Database) -> None:
    async with db.transaction() as conn:
        for visibility, confidential in itertools.product(Visibility, (False, True)):
            await conn.execute(
                "insert into circle_kind (name, label_nl, label_en, visibility, confidential)"
                " values ($1, '', '', $2, $3)",
                f"{visibility}-{confidential}",
                visibility,
                confidential,
            )
    made = []
    for kind, part in itertools.product((kind.name for kind in await circles.kinds(db) if "-" in kind.name), "abc"):
        made.append(await make_circle(db, f"{kind.lower()}-{part}", kind=kind))
    assert len(made) == 18
    own, led = ([circle.id for circle in made if circle.slug.endswith(part)] for part in "ab")
    everyone = _actors(own, led)
    assert len(everyone) == 2 * 2 * 3 * 2 * 2
    for actor in everyone:
        allowed = [circle for circle in made if access.can(actor, Verb.SEE_CIRCLE, circles.scope(circle))]
        assert await circles.visible(db, actor) == sorted(allowed, key=lambda circle: circle.slug)


async def test_hidden_circles_are_not_found_and_lists_come_in_pages(db: Database) -> None:
    for slug in ("d", "b", "a", "c"):
        await make_circle(db, slug)
    await make_circle(db, "aa", kind="intervision_group")
    assert [circle.slug for circle in await circles.visible(db, ANONYMOUS, limit=2)] == ["a", "b"]
    assert [circle.slug for circle in await circles.visible(db, ANONYMOUS, after="b", limit=2)] == ["c", "d"]
    for slug in ("aa", "no-such-circle", "", "a\x00", "\udcff"):
        with pytest.raises(NotFound):
            await circles.get(db, ANONYMOUS, slug)
    with pytest.raises(Invalid):
        await circles.visible(db, ANONYMOUS, after="\x00")


async def test_members_are_listed_facilitators_first_then_by_name(db: Database) -> None:
    circle = await make_circle(db, kind="ceo_meetup")
    zuid = await make_organisation(db, "Zuid")
    bert = await make_member(db, circle, await make_person(db, "bert", organisation=zuid))
    anna = await make_member(db, circle, await make_person(db, "Anna"))
    zoe = await make_member(db, circle, await make_person(db, "Zoë"), role="facilitator")
    gone = await make_member(db, circle)
    await joining.remove_member(db, KRING, circle.slug, gone.id, now=NOW)
    cor = await make_person(db, "Cor")
    await joining.join(db, await people.actor_for(db, cor.id), circle.slug, now=LATER)
    expected = [
        Member(zoe.id, "Zoë", None, "facilitator", "active", NOW),
        Member(anna.id, "Anna", None, "participant", "active", NOW),
        Member(bert.id, "bert", "Zuid", "participant", "active", NOW),
        Member(cor.id, "Cor", None, "participant", "requested", LATER),
    ]
    assert await members.everyone(db, STAFF, circle.slug) == expected
    assert await members.everyone(db, await people.actor_for(db, zoe.id), circle.slug) == expected
    assert await members.count(db, STAFF, circle.slug) == 3
    with pytest.raises(NotAllowed):
        await members.everyone(db, await people.actor_for(db, anna.id), circle.slug)


async def test_of_a_confidential_circle_staff_see_numbers_and_its_people_see_each_other(db: Database) -> None:
    circle = await make_circle(db, kind="intervision_group")
    anna = await make_member(db, circle, await make_person(db, "Anna"))
    bert = await make_member(db, circle, await make_person(db, "Bert"), role="facilitator")
    for actor in (STAFF, KRING):
        assert await members.count(db, actor, circle.slug) == 2
        with pytest.raises(NotAllowed):
            await members.everyone(db, actor, circle.slug)
    for person in (anna, bert):
        listed = await members.everyone(db, await people.actor_for(db, person.id), circle.slug)
        assert [member.person_id for member in listed] == [bert.id, anna.id]
    stranger = await people.actor_for(db, (await make_person(db)).id)
    for attempt in (members.everyone, members.count):
        with pytest.raises(NotFound):
            await attempt(db, stranger, circle.slug)


@pytest.mark.parametrize(
    ("kind", "outcome"), [("training", "active"), ("working_group", "requested"), ("general_assembly", NotAllowed)]
)
async def test_one_joins_as_the_kind_allows(db: Database, kind: str, outcome: str | type[KringError]) -> None:
    circle = await make_circle(db, kind=kind)
    anna = await make_person(db)
    actor = await people.actor_for(db, anna.id)
    if isinstance(outcome, str):
        assert await joining.join(db, actor, circle.slug, now=NOW) == outcome
        assert await joining.join(db, actor, circle.slug, now=LATER) == outcome
        assert await place(db, circle, anna) == ("participant", outcome, NOW)
    else:
        with pytest.raises(outcome):
            await joining.join(db, actor, circle.slug, now=NOW)
        assert await place(db, circle, anna) is None


async def test_only_who_is_signed_in_joins_or_leaves(db: Database) -> None:
    circle = await make_circle(db)
    anna = await make_person(db)
    for actor in (ANONYMOUS, KRING, Actor("link", person_id=anna.id, registration_id=1)):
        for verb in (joining.join, joining.leave):
            with pytest.raises(NotAllowed):
                await verb(db, actor, circle.slug, now=NOW)


async def test_a_facilitator_lets_in_or_refuses_who_asks(db: Database) -> None:
    circle = await make_circle(db, kind="working_group")
    anna, bert = await make_person(db), await make_person(db)
    host = await people.actor_for(db, (await make_member(db, circle, role="facilitator")).id)
    for person in (anna, bert):
        await joining.join(db, await people.actor_for(db, person.id), circle.slug, now=NOW)
    await joining.set_member(db, host, circle.slug, anna.id, "participant", now=LATER)
    await joining.remove_member(db, host, circle.slug, bert.id, now=LATER)
    assert await place(db, circle, anna) == ("participant", "active", LATER)
    assert await place(db, circle, bert) == ("participant", "left", NOW)


async def test_who_comes_back_begins_anew_and_gets_the_mails_again(db: Database) -> None:
    circle = await make_circle(db)
    anna = await make_member(db, circle)
    async with db.transaction() as conn:
        await conn.execute("update membership set mails = false")
    await joining.set_member(db, KRING, circle.slug, anna.id, "facilitator", now=LATER)
    assert await place(db, circle, anna) == ("facilitator", "active", NOW)
    async with db.reading() as conn:
        assert not await conn.fetchval("select mails from membership")
    actor = await people.actor_for(db, anna.id)
    await joining.leave(db, actor, circle.slug, now=LATER)
    await joining.leave(db, actor, circle.slug, now=LATER)
    assert await place(db, circle, anna) == ("facilitator", "left", NOW)
    await joining.join(db, actor, circle.slug, now=LATER)
    assert await place(db, circle, anna) == ("participant", "active", LATER)
    async with db.reading() as conn:
        assert await conn.fetchval("select mails and until is null from membership")


async def test_joining_twice_at_the_same_moment_makes_one_member(clone: Database) -> None:
    circle = await make_circle(clone)
    actor = await people.actor_for(clone, (await make_person(clone)).id)
    joined = await asyncio.gather(*(joining.join(clone, actor, circle.slug, now=NOW) for _ in range(8)))
    assert joined == ["active"] * 8
    assert await members.count(clone, KRING, circle.slug) == 1


async def test_who_joins_is_invited_to_what_is_to_come_and_who_leaves_is_taken_off(db: Database) -> None:
    circle = await make_circle(db)
    start = (NOW + timedelta(days=10)).replace(tzinfo=None)
    facts = {"title_nl": "Bijeenkomst", "starts_local": start, "ends_local": start + timedelta(hours=2)}
    draft = await scheduling.create(db, KRING, circle.slug, facts | {"timezone": "Europe/Amsterdam"}, now=NOW)
    gathering = await scheduling.publish(db, KRING, draft.id, now=NOW)
    anna = await make_member(db, circle)
    actor = await people.actor_for(db, anna.id)
    own = await registration.own(db, actor, gathering.id)
    assert own is not None
    assert own.withdrawn_at is None
    await joining.leave(db, actor, circle.slug, now=LATER)
    async with db.reading() as conn:
        assert await conn.fetchval("select withdrawn_at from registration") == LATER
        purposes = await conn.fetch("select purpose from notice where purpose <> 'reminder' order by id")
    assert [row["purpose"] for row in purposes] == ["invitation", "withdrawal"]


async def test_who_does_not_exist_cannot_be_a_member(db: Database) -> None:
    circle = await make_circle(db)
    with pytest.raises(NotFound):
        await joining.set_member(db, KRING, circle.slug, 999, "participant", now=NOW)
    with pytest.raises(Invalid) as refusal:
        await joining.set_member(db, KRING, circle.slug, 999, "boss", now=NOW)
    assert refusal.value.field == "role"
    await joining.remove_member(db, KRING, circle.slug, 999, now=NOW)
    assert await members.count(db, KRING, circle.slug) == 0


@pytest.mark.parametrize(
    ("who", "edits", "sets"),
    [("stranger", NotAllowed, NotAllowed), ("member", NotAllowed, NotAllowed), ("facilitator", None, None)],
)
async def test_circles_are_made_by_staff_and_filled_by_facilitators(
    db: Database, who: str, edits: type[KringError] | None, sets: type[KringError] | None
) -> None:
    circle = await make_circle(db)
    person = await make_person(db)
    if who != "stranger":
        await make_member(db, circle, person, role={"member": "participant"}.get(who, who))
    actor, other = await people.actor_for(db, person.id), await make_person(db)
    given = {"slug": "nieuw", "kind": "training", "title_nl": "Nieuw", "title_en": "", "language": "nl"}
    await expect(NotAllowed, lambda: circles.create(db, actor, **given, now=NOW))
    await expect(NotAllowed, lambda: circles.change(db, actor, circle.slug, {"kind": "dinner"}, now=NOW))
    await expect(NotAllowed, lambda: circles.change(db, actor, circle.slug, {"programme": "Leren"}, now=NOW))
    await expect(edits, lambda: circles.change(db, actor, circle.slug, {"title_nl": "Anders"}, now=NOW))
    await expect(sets, lambda: joining.set_member(db, actor, circle.slug, other.id, "participant", now=NOW))
    await expect(sets, lambda: joining.remove_member(db, actor, circle.slug, other.id, now=NOW))


async def expect(refused: type[KringError] | None, attempt: Callable[[], Awaitable[object]]) -> None:
    if refused is None:
        await attempt()
    else:
        with pytest.raises(refused):
            await attempt()


async def place(db: Database, circle: Circle, person: Person) -> tuple[object, ...] | None:
    async with db.reading() as conn:
        row = await conn.fetchrow(
            "select role, state, since from membership where circle_id = $1 and person_id = $2", circle.id, person.id
        )
    return None if row is None else tuple(row)


def _actors(own: list[int], led: list[int]) -> list[Actor]:
    """Everybody there can be: of no circle, of some, leading others, in every role, signed in or not, with a key."""
    return [
        Actor(
            "somebody",
            person_id=person_id,
            role=role,
            member_of=frozenset(own if member else []),
            facilitates=frozenset(led if leads else []),
            signed_in=signed_in,
        )
        for person_id, signed_in, role, member, leads in itertools.product(
            (None, 1), (False, True), Role, (False, True), (False, True)
        )
    ]
