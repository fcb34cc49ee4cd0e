"""The one door for answers: whose they may be, when they count, and the one message about what came of each."""

import itertools
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from service.actions import registration, scheduling
from service.actions.answering import Outcome
from service.errors import Conflict, Expired, Invalid, KringError, NotAllowed, NotFound
from service.formats import tokens
from service.model import Partstat, Role, Via
from service.rules.access import ANONYMOUS, KRING, Actor
from tests.actions.play import KEYS, Play

STAFF = Actor("person:0", person_id=0, role=Role.STAFF, signed_in=True)

NEEDS_ACTION = ("needs-action", "none", None)
SEATED = ("accepted", "seated", None)
DECLINED = ("declined", "none", None)
TENTATIVE = ("tentative", "none", None)


def waiting(position: int | None) -> tuple[str, str, int | None]:
    return ("accepted", "waiting", position)


async def press(play: Play, handle: str, partstat: str = "accepted", keys: tokens.Keys = KEYS) -> Outcome:
    return await registration.answer_by_handle(
        play.db, handle, Partstat(partstat), keys=keys, via=Via.LINK, now=play.step()
    )


async def look(play: Play, handle: str) -> registration.Ticket:
    return await registration.by_handle(play.db, handle, keys=KEYS, now=play.now)


async def both(play: Play, handle: str) -> list[type[KringError]]:
    """Return how looking and answering with a handle are refused."""
    refused = []
    for attempt in (look(play, handle), press(play, handle)):
        with pytest.raises(KringError) as refusal:
            await attempt
        refused.append(refusal.type)
    return refused


# The handle in a mail


async def test_the_link_answers_for_its_holder_in_any_case_of_letters(play: Play) -> None:
    await play.open("Anna", "Bert")
    gathering = await play.published(capacity=1)
    handle = await play.handle(gathering, "Anna")
    ticket = await look(play, handle)
    assert (ticket.gathering, ticket.email, ticket.language) == (gathering, "anna@example.org", "nl")
    assert (ticket.registration.person_name, ticket.registration.partstat) == ("Anna", "needs-action")
    outcome = await press(play, handle.upper())
    assert (outcome.changed, outcome.registration.seat, outcome.registration.via) == (True, "seated", "link")
    assert await play.history(gathering, "Anna") == [(f"person:{play.ids['Anna']}", "link", "accepted", "seated", "")]
    assert (await look(play, handle.swapcase())).registration == outcome.registration
    assert (await press(play, await play.handle(gathering, "Bert"))).registration.position == 1


async def test_a_handle_that_we_did_not_make_shows_and_does_nothing(play: Play) -> None:
    await play.open("Anna")
    gathering = await play.published()
    good = await play.handle(gathering, "Anna")
    forged = [good[:place] + ("b" if good[place] != "b" else "c") + good[place + 1 :] for place in range(len(good))]
    for purpose in ("u", "b", "p", ""):
        forged.append(await play.handle(gathering, "Anna", purpose))
    forged += ["", "a", good[:-1], good + "a", f" {good}", "é" * len(good), tokens.handle(KEYS, "r", 10**15)]
    for handle in forged:
        assert await both(play, handle) == [NotFound, NotFound]
    assert await play.seats(gathering) == {"Anna": NEEDS_ACTION}


async def test_a_handle_of_an_older_key_works_and_one_of_a_dropped_key_does_not(play: Play) -> None:
    await play.open("Anna")
    gathering = await play.published()
    handle = await play.handle(gathering, "Anna")
    with pytest.raises(NotFound):
        await press(play, handle, keys={"b": b"n" * 32})
    with pytest.raises(NotFound):
        await press(play, handle, keys={"a": b"n" * 32})
    assert (await press(play, handle, keys={"b": b"n" * 32, **KEYS})).changed


async def test_a_handle_that_was_taken_back_is_as_if_never_made(play: Play) -> None:
    await play.open("Anna")
    gathering = await play.published()
    handle = await play.handle(gathering, "Anna")
    await play.execute("update registration set generation = generation + 1")
    assert await both(play, handle) == [NotFound, NotFound]
    assert (await press(play, await play.handle(gathering, "Anna"))).changed


async def test_the_link_of_somebody_who_left_has_expired_and_works_again_for_who_comes_back(play: Play) -> None:
    await play.open("Anna")
    gathering = await play.published()
    handle = await play.handle(gathering, "Anna")
    await play.leave("Anna")
    assert await both(play, handle) == [Expired, Expired]
    await play.join("Anna")
    assert (await press(play, handle)).changed


async def test_the_link_of_a_cancelled_gathering_shows_it_and_takes_no_answer(play: Play) -> None:
    await play.open("Anna")
    gathering = await play.published()
    handle = await play.handle(gathering, "Anna")
    await play.cancel(gathering)
    assert (await look(play, handle)).gathering.status == "cancelled"
    with pytest.raises(Conflict):
        await press(play, handle)


async def test_the_link_shows_a_gathering_that_is_over_for_thirty_days(play: Play) -> None:
    await play.open("Anna")
    gathering = await play.published(days=1, hours=2)
    handle = await play.handle(gathering, "Anna")
    await play.before_start(gathering, hours=-1)
    assert (await press(play, handle)).changed  # under way: who comes in late may still say so
    play.clock.set(gathering.ends_at)
    with pytest.raises(Conflict):
        await press(play, handle)
    play.clock.set(gathering.ends_at + timedelta(days=30) - timedelta(seconds=2))
    assert (await look(play, handle)).registration.partstat == "accepted"
    with pytest.raises(Conflict):
        await press(play, handle)
    play.clock.set(gathering.ends_at + timedelta(days=30))
    assert await both(play, handle) == [Expired, Expired]


# Whose answer it may be


async def test_whoever_may_see_a_published_gathering_signs_up_without_being_invited(play: Play) -> None:
    await play.open()
    await play.person("Gast")
    gathering = await play.published(capacity=1)
    await play.news()
    assert await play.answer(gathering, "Gast", "accepted") == (await play.roster(gathering))[0]
    assert await play.seats(gathering) == {"Gast": SEATED}
    facts = {"method": "REQUEST", "sequence": 0, "status": "confirmed", "partstat": "accepted", "rsvp": False}
    assert await play.letters() == [("Gast", "confirmation", facts)]
    assert [kind for _, kind, _, _ in await play.reminders(gathering, "Gast")] == ["P7D", "P1D"]


@pytest.mark.parametrize(
    ("visibility", "outcomes"),
    [
        ("public", {"member": None, "guest": None, "anonymous": NotAllowed, "key": NotAllowed}),
        ("members", {"member": None, "guest": None, "anonymous": NotFound, "key": NotFound}),
        ("circle", {"member": None, "guest": NotFound, "anonymous": NotFound, "key": NotFound}),
    ],
)
async def test_one_signs_up_as_oneself_for_what_one_may_see(
    play: Play, visibility: str, outcomes: dict[str, type[KringError] | None]
) -> None:
    await play.open("Anna", kind="dinner")
    await play.person("Gast")
    gathering = await play.published(visibility=visibility)
    actors = {
        "member": await play.actor("Anna"),
        "guest": await play.actor("Gast"),
        "anonymous": ANONYMOUS,
        "key": Actor("api:1", facilitates=frozenset({gathering.circle_id + 1}), signed_in=True),
    }
    for who, refused in outcomes.items():
        actor = actors[who]
        person = actor.person_id or play.ids["Anna"]
        attempt = registration.respond(
            play.db, actor, gathering.id, person, Partstat.ACCEPTED, via=Via.API, now=play.step()
        )
        if refused is None:
            assert (await attempt).registration.seat == "seated"
        else:
            with pytest.raises(refused):
                await attempt


async def test_the_holder_of_a_link_answers_for_no_one_else_and_is_not_signed_in(play: Play) -> None:
    await play.open("Anna", "Bert")
    gathering = await play.published()
    ident = await play.row(gathering, "Anna", "id")
    holder = Actor("link", registration_id=ident["id"])
    for person in (play.ids["Anna"], play.ids["Bert"]):
        with pytest.raises(NotAllowed):
            await registration.respond(
                play.db, holder, gathering.id, person, Partstat.ACCEPTED, via=Via.LINK, now=play.now
            )
    for read in (registration.roster, registration.ledger):
        with pytest.raises(NotAllowed):
            await read(play.db, holder, gathering.id)
    with pytest.raises(NotAllowed):
        await registration.mine(play.db, holder, now=play.now)
    assert await registration.own(play.db, holder, gathering.id) is None


async def test_facilitators_and_staff_answer_for_others_and_stand_in_the_history(play: Play) -> None:
    await play.open("Anna", "Bert")
    await play.person("Gast")
    gathering = await play.published()
    await play.news()
    await play.respond(gathering, "Anna", "accepted", by="Fien")
    await registration.respond(
        play.db, STAFF, gathering.id, play.ids["Gast"], Partstat.TENTATIVE, via=Via.API, now=play.step()
    )
    assert await play.seats(gathering) == {"Anna": SEATED, "Gast": TENTATIVE, "Bert": NEEDS_ACTION}
    assert await play.news() == [("Anna", "confirmation"), ("Gast", "tentative")]
    assert await play.history(gathering, "Anna") == [(f"person:{play.ids['Fien']}", "web", "accepted", "seated", "")]
    assert await play.history(gathering, "Gast") == [("person:0", "api", "tentative", "none", "")]
    with pytest.raises(NotAllowed):
        await play.respond(gathering, "Bert", "accepted", by="Anna")
    with pytest.raises(NotFound):
        await registration.respond(
            play.db, STAFF, gathering.id, 999_999, Partstat.ACCEPTED, via=Via.API, now=play.step()
        )


async def test_after_the_end_only_who_runs_it_puts_the_list_right(play: Play) -> None:
    await play.open("Anna", "Bert")
    gathering = await play.published(days=1, capacity=1)
    await play.after(days=2)
    await play.news()
    with pytest.raises(Conflict):
        await play.answer(gathering, "Anna", "accepted")
    await play.respond(gathering, "Anna", "accepted", by="Fien")
    await play.respond(gathering, "Bert", "accepted", by="Fien")
    await play.respond(gathering, "Anna", "declined", by="Fien")
    assert await play.seats(gathering) == {"Bert": waiting(1), "Anna": DECLINED}
    await play.respond(gathering, "Bert", "accepted", by="Fien")
    assert await play.seats(gathering) == {"Bert": SEATED, "Anna": DECLINED}
    assert await play.news() == []


async def test_no_answer_is_not_an_answer(play: Play) -> None:
    await play.open("Anna")
    gathering = await play.published()
    for attempt in (
        play.answer(gathering, "Anna", "needs-action"),
        press(play, await play.handle(gathering, "Anna"), "needs-action"),
    ):
        with pytest.raises(Invalid) as refusal:
            await attempt
        assert refusal.value.field == "partstat"


async def test_a_draft_takes_no_answers(play: Play) -> None:
    await play.open("Anna")
    draft = await play.draft()
    with pytest.raises(NotFound):
        await play.answer(draft, "Anna", "accepted")
    with pytest.raises(Conflict):
        await play.respond(draft, "Anna", "accepted", by="Fien")
    with pytest.raises(NotFound):
        await registration.respond(play.db, KRING, 0, play.ids["Anna"], Partstat.ACCEPTED, via=Via.API, now=play.now)


async def test_of_a_confidential_gathering_only_its_own_people_know_who_comes(play: Play) -> None:
    await play.open("Anna", "Bert", kind="intervision_group")
    await play.person("Gast")
    gathering = await play.published()
    admin = Actor("person:0", person_id=0, role=Role.ADMIN, signed_in=True)
    key = Actor("api:1", role=Role.STAFF, signed_in=True)
    anna, fien, gast = [await play.actor(name) for name in ("Anna", "Fien", "Gast")]
    verbs: dict[str, Callable[[Actor], Awaitable[object]]] = {
        "get": lambda who: scheduling.get(play.db, who, gathering.id),
        "roster": lambda who: registration.roster(play.db, who, gathering.id),
        "ledger": lambda who: registration.ledger(play.db, who, gathering.id),
        "answer": lambda who: registration.respond(
            play.db, who, gathering.id, play.ids["Bert"], Partstat.ACCEPTED, via=Via.API, now=play.now
        ),
        "invite": lambda who: scheduling.invite(play.db, who, gathering.id, [play.ids["Bert"]], now=play.now),
    }
    expected: list[tuple[Actor, dict[str, type[KringError] | None]]] = [
        (fien, dict.fromkeys(verbs)),
        (anna, {"get": None, "roster": None, "ledger": NotAllowed, "answer": NotAllowed, "invite": NotAllowed}),
        (STAFF, {"get": None, "roster": NotAllowed, "ledger": NotAllowed, "answer": NotAllowed, "invite": NotAllowed}),
        (admin, {"get": None, "roster": NotAllowed, "ledger": NotAllowed, "answer": NotAllowed, "invite": NotAllowed}),
        (key, {"get": None, "roster": NotAllowed, "ledger": NotAllowed, "answer": NotAllowed, "invite": NotAllowed}),
        (gast, dict.fromkeys(verbs, NotFound)),
        (ANONYMOUS, dict.fromkeys(verbs, NotFound)),
    ]
    for actor, outcomes in expected:
        for verb, refused in outcomes.items():
            if refused is None:
                await verbs[verb](actor)
            else:
                with pytest.raises(refused):
                    await verbs[verb](actor)
    counts = (await scheduling.counts(play.db, [gathering.id]))[gathering.id]
    assert (counts.invited, counts.accepted) == (3, 1)


# Order of clicks


Click = tuple[str, int]
CLICKS: list[Click] = [("accepted", 10), ("declined", 15), ("accepted", 20), ("accepted", 20)]


@pytest.mark.parametrize("order", sorted(set(itertools.permutations(CLICKS))))
async def test_in_whatever_order_clicks_arrive_the_last_one_stands(play: Play, order: list[Click]) -> None:
    await play.open("Anna")
    gathering = await play.published()
    base = play.now
    play.clock.move(timedelta(hours=1))
    for partstat, seconds in order:
        await play.respond(gathering, "Anna", partstat, clicked_at=base + timedelta(seconds=seconds, milliseconds=7))
    (anna,) = (one for one in await play.roster(gathering) if not one.facilitator)
    assert (anna.partstat, anna.answered_at) == ("accepted", base + timedelta(seconds=20))


async def test_clicks_in_the_same_second_go_by_arrival(play: Play) -> None:
    await play.open("Anna")
    gathering = await play.published()
    at = play.now.replace(microsecond=0)
    for partstat, micro in (("accepted", 900_000), ("declined", 100_000)):
        await play.respond(gathering, "Anna", partstat, clicked_at=at.replace(microsecond=micro))
    assert await play.seats(gathering) == {"Anna": DECLINED}


async def test_a_late_click_changes_nothing_and_is_answered_with_what_stands(play: Play) -> None:
    await play.open("Anna", "Bert")
    gathering = await play.published(capacity=1)
    await play.accept(gathering, "Anna", "Bert")
    await play.news()
    outcome = await play.respond(gathering, "Anna", "declined", clicked_at=play.now - timedelta(minutes=5))
    assert (outcome.changed, outcome.registration.seat) == (False, "seated")
    assert await play.seats(gathering) == {"Anna": SEATED, "Bert": waiting(1)}
    assert await play.news() == []
    assert len(await play.history(gathering, "Anna")) == 1
