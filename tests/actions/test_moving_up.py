"""Waiting, approval, offers: how people move up, and that each resulting state is told once."""

from datetime import timedelta
from functools import partial

import pytest

from service.actions import announcing, registration
from service.errors import NotAllowed
from service.model import Gathering, Partstat, Role, Via
from service.rules.access import Actor
from tests.actions.play import Play

SEATED = ("accepted", "seated", None)
OFFERED = ("accepted", "offered", None)
DECLINED = ("declined", "none", None)
STAFF = Actor("person:0", person_id=0, role=Role.STAFF, signed_in=True)


def waiting(position: int | None) -> tuple[str, str, int | None]:
    return ("accepted", "waiting", position)


async def queue(play: Play, *names: str, hours: float, **facts: int) -> Gathering:
    """Publish a gathering with one seat, so many hours ahead, that everybody accepts in turn."""
    await play.open(*names)
    gathering = await play.published(days=hours / 24, **({"capacity": 1} | facts))
    await play.accept(gathering, *names)
    await play.news()
    return gathering


# One message for each resulting state


STATES = ["needs-action", "seated", "waiting", "offered", "tentative", "declined"]
MESSAGES = {
    ("needs-action", "accepted"): "confirmation",
    ("needs-action", "tentative"): "tentative",
    ("needs-action", "declined"): "declined",
    ("seated", "accepted"): None,
    ("seated", "tentative"): "tentative",
    ("seated", "declined"): "declined",
    ("waiting", "accepted"): None,
    ("waiting", "tentative"): "tentative",
    ("waiting", "declined"): "declined",
    ("offered", "accepted"): "confirmation",
    ("offered", "tentative"): "tentative",
    ("offered", "declined"): "declined",
    ("tentative", "accepted"): "confirmation",
    ("tentative", "tentative"): None,
    ("tentative", "declined"): "declined",
    ("declined", "accepted"): "confirmation",
    ("declined", "tentative"): "tentative",
    ("declined", "declined"): None,
}


@pytest.mark.parametrize(("state", "answer"), MESSAGES)
async def test_each_answer_in_each_state_is_told_once_and_saying_the_same_again_never(
    play: Play, state: str, answer: str
) -> None:
    await play.open("Anna", "Bert")
    gathering = await play.published(days=1.5, capacity=1)
    if state in ("waiting", "offered"):
        await play.accept(gathering, "Bert", "Anna")
    if state == "offered":
        await play.decline(gathering, "Bert")
    if state in ("tentative", "declined"):
        await play.answer(gathering, "Anna", state)
    if state == "seated":
        await play.accept(gathering, "Anna")
    (anna,) = (one for one in await play.roster(gathering) if one.person_name == "Anna")
    assert state in (anna.seat, anna.partstat)
    await play.news()
    told = MESSAGES[state, answer]
    for via in Via:
        outcome = await play.respond(gathering, "Anna", answer, via=via)
        assert outcome.changed == (told is not None)
        assert [heard for heard in await play.news() if heard[0] == "Anna"] == ([("Anna", told)] if told else [])
        told = None
    before = {"needs-action": 0, "offered": 2}.get(state, 1)
    assert len(await play.history(gathering, "Anna")) == before + (MESSAGES[state, answer] is not None)


async def test_a_freed_seat_goes_to_whoever_waited_longest_whichever_way_it_came_free(play: Play) -> None:
    names = ["Anna", "Bert", "Cor", "Dirk", "Eva"]
    gathering = await queue(play, *names, hours=24 * 9)
    await play.decline(gathering, "Anna")
    assert await play.news() == [("Anna", "declined"), ("Bert", "promotion")]
    await play.answer(gathering, "Bert", "tentative")
    assert await play.news() == [("Bert", "tentative"), ("Cor", "promotion")]
    await play.leave("Cor")
    assert await play.news() == [("Cor", "withdrawal"), ("Dirk", "promotion")]
    await play.respond(gathering, "Dirk", "declined", by="Fien")
    assert await play.news() == [("Dirk", "declined"), ("Eva", "promotion")]
    assert await play.history(gathering, "Eva") == [
        (f"person:{play.ids['Eva']}", "web", "accepted", "waiting", ""),
        ("kring", None, "accepted", "seated", ""),
    ]


async def test_who_leaves_the_queue_closes_it_up_and_who_comes_back_stands_at_its_end(play: Play) -> None:
    gathering = await queue(play, "Anna", "Bert", "Cor", "Dirk", hours=24 * 9)
    await play.decline(gathering, "Bert")
    assert await play.news() == [("Bert", "declined")]
    assert await play.seats(gathering) == {
        "Anna": SEATED,
        "Cor": waiting(1),
        "Dirk": waiting(2),
        "Bert": DECLINED,
    }
    assert (await play.answer(gathering, "Bert", "accepted")).position == 3


async def test_whoever_waits_for_their_organisation_hears_why_and_others_pass(play: Play) -> None:
    await play.organisation("Noord", "Anna", "Bert")
    await play.open("Anna", "Bert", "Cor")
    gathering = await play.published(capacity=2, organisation_quota=1)
    await play.news()
    await play.accept(gathering, "Anna", "Bert", "Cor")
    assert [
        (name, purpose, facts.get("reason"), facts.get("position")) for name, purpose, facts in await play.letters()
    ] == [
        ("Anna", "confirmation", None, None),
        ("Bert", "waiting", "organisation", 1),
        ("Cor", "confirmation", None, None),
    ]
    await play.decline(gathering, "Cor")
    assert await play.news() == [("Cor", "declined")]
    await play.decline(gathering, "Anna")
    assert await play.news() == [("Anna", "declined"), ("Bert", "promotion")]


# Approval


async def test_where_approval_is_needed_a_yes_waits_without_a_number_until_it_is_given(play: Play) -> None:
    await play.open("Anna", "Bert", "Cor")
    gathering = await play.published(capacity=1, approval=True)
    await play.accept(gathering, "Anna", "Bert", "Cor")
    assert await play.seats(gathering) == dict.fromkeys(("Anna", "Bert", "Cor"), waiting(None))
    await play.news()
    await play.accept(gathering, "Anna")
    assert await play.news() == []
    await play.respond(gathering, "Bert", "accepted", by="Fien")
    await play.respond(gathering, "Bert", "accepted", by="Fien")
    await play.respond(gathering, "Anna", "accepted", by="Fien")
    assert [
        (name, purpose, facts.get("reason"), facts.get("position")) for name, purpose, facts in await play.letters()
    ] == [
        ("Bert", "confirmation", None, None),
        ("Anna", "waiting", "full", 1),
    ]
    await play.respond(gathering, "Cor", "declined", by="Fien")
    await play.decline(gathering, "Bert")
    assert await play.news() == [("Anna", "promotion"), ("Bert", "declined"), ("Cor", "declined")]
    await play.accept(gathering, "Bert")
    assert (await play.seats(gathering))["Bert"] == waiting(None)  # approval was for the yes that was taken back


# Offers


async def test_between_two_days_and_three_hours_before_a_seat_is_offered_and_held(play: Play) -> None:
    gathering = await queue(play, "Anna", "Bert", "Cor", hours=40)
    await play.decline(gathering, "Anna")
    deadline = play.now + timedelta(hours=12)
    assert await play.letters() == [
        ("Anna", "declined", {}),
        (
            "Bert",
            "offer",
            {
                "method": "REQUEST",
                "sequence": 2,
                "status": "confirmed",
                "partstat": "accepted",
                "rsvp": False,
                "offer_expires_at": deadline.isoformat(),
            },
        ),
    ]
    seats = {"Bert": OFFERED, "Cor": waiting(1), "Anna": DECLINED}
    assert await play.seats(gathering) == seats
    assert (await play.answer(gathering, "Anna", "accepted")).position == 2
    await play.after(hours=12, seconds=-3)
    assert await play.seats(gathering) == seats | {"Anna": waiting(2)}
    await play.accept(gathering, "Bert")
    await play.after(hours=1)
    assert await play.seats(gathering) == {"Bert": SEATED, "Cor": waiting(1), "Anna": waiting(2)}
    assert await play.news() == [("Anna", "waiting"), ("Bert", "confirmation")]


async def test_a_refused_offer_goes_to_the_next_at_once(play: Play) -> None:
    gathering = await queue(play, "Anna", "Bert", "Cor", hours=40)
    await play.decline(gathering, "Anna")
    await play.news()
    await play.decline(gathering, "Bert")
    assert await play.news() == [("Bert", "declined"), ("Cor", "offer")]
    assert await play.seats(gathering) == {"Cor": OFFERED, "Anna": DECLINED, "Bert": DECLINED}


async def test_an_offer_that_is_let_pass_goes_to_the_next_and_its_holder_to_the_back(play: Play) -> None:
    gathering = await queue(play, "Anna", "Bert", "Cor", "Dirk", hours=47)
    await play.decline(gathering, "Anna")
    await play.news()
    await play.after(hours=12)
    assert await play.news() == [("Bert", "offer-expired"), ("Cor", "offer")]
    assert await play.seats(gathering) == {
        "Cor": OFFERED,
        "Dirk": waiting(1),
        "Bert": waiting(2),
        "Anna": DECLINED,
    }
    assert (await play.history(gathering, "Bert"))[-1] == ("kring", None, "accepted", "waiting", "")
    await play.tick()
    assert await play.news() == []


async def test_several_offers_let_pass_at_once_queue_in_the_order_in_which_they_were_made(play: Play) -> None:
    names = [f"P{number:02}" for number in range(12)]
    await play.open(*names)
    gathering = await play.published(days=47 / 24, capacity=6)
    await play.accept(gathering, *names)
    late = [*names[9:], *names[6:9]]  # in another order than they are kept in
    for name in late:
        await play.decline(gathering, name)
        await play.accept(gathering, name)
    await play.decline(gathering, *names[:6])
    assert await play.seats(gathering) == {**dict.fromkeys(late, OFFERED), **dict.fromkeys(names[:6], DECLINED)}
    await play.change(gathering, capacity=1)
    await play.after(hours=12)
    assert await play.seats(gathering) == {
        late[0]: OFFERED,
        **{name: waiting(place) for place, name in enumerate(late[1:], 1)},
        **dict.fromkeys(names[:6], DECLINED),
    }


async def test_under_three_hours_nobody_moves_up_and_the_facilitators_hear_of_each_freed_seat_once(play: Play) -> None:
    gathering = await queue(play, "Anna", "Bert", "Cor", hours=40)
    await play.join("Gerda", role="facilitator")
    await play.before_start(gathering, hours=3, seconds=-1)
    await play.news()
    await play.decline(gathering, "Anna")
    freed = [("Fien", "seat-freed", {"count": 1}), ("Gerda", "seat-freed", {"count": 1})]
    assert await play.letters() == [("Anna", "declined", {}), *freed]
    await play.change(gathering, title_nl="Andere titel")
    await play.change(gathering, description_nl="Meer", location=gathering.location)
    await play.accept(gathering, "Anna")
    assert await play.news() == [("Anna", "waiting")]
    assert await play.seats(gathering) == {"Bert": waiting(1), "Cor": waiting(2), "Anna": waiting(3)}


async def test_under_three_hours_the_facilitator_decides_who_gets_the_seat(play: Play) -> None:
    gathering = await queue(play, "Anna", "Bert", "Cor", hours=40)
    await play.before_start(gathering, hours=2)
    await play.decline(gathering, "Anna")
    await play.news()
    await play.accept(gathering, "Bert")  # nobody helps themselves
    assert await play.seats(gathering) == {"Bert": waiting(1), "Cor": waiting(2), "Anna": DECLINED}
    await play.respond(gathering, "Cor", "accepted", by="Fien")
    assert await play.news() == [("Cor", "confirmation")]
    await play.respond(gathering, "Bert", "accepted", by="Fien")  # full again
    assert await play.news() == []
    assert await play.seats(gathering) == {"Cor": SEATED, "Bert": waiting(1), "Anna": DECLINED}


async def test_an_offer_that_runs_out_under_three_hours_goes_to_nobody_and_the_facilitator_hears(play: Play) -> None:
    gathering = await queue(play, "Anna", "Bert", "Cor", hours=40)
    await play.before_start(gathering, hours=3, minutes=10)
    await play.decline(gathering, "Anna")
    await play.news()
    await play.after(minutes=31)
    assert await play.news() == [("Bert", "offer-expired"), ("Fien", "seat-freed")]
    assert await play.seats(gathering) == {"Cor": waiting(1), "Bert": waiting(2), "Anna": DECLINED}


async def test_a_gathering_that_is_postponed_gives_what_was_left_to_the_facilitator(play: Play) -> None:
    gathering = await queue(play, "Anna", "Bert", hours=40)
    await play.before_start(gathering, hours=1)
    await play.decline(gathering, "Anna")
    await play.news()
    await play.move(gathering, timedelta(days=7))
    assert await play.news() == [("Bert", "promotion")]


async def test_once_it_has_begun_answers_are_noted_and_nobody_is_moved_or_mailed(play: Play) -> None:
    gathering = await queue(play, "Anna", "Bert", hours=40)
    await play.before_start(gathering, minutes=-5)
    copies = await play.copies(gathering)
    await play.news()
    await play.decline(gathering, "Anna")
    assert await play.seats(gathering) == {"Bert": waiting(1), "Anna": DECLINED}
    assert await play.news() == []
    assert await play.copies(gathering) == copies


async def test_steps_that_two_schedulers_take_at_once_happen_once(play: Play) -> None:
    gathering = await queue(play, "Anna", "Bert", "Cor", hours=47)
    await play.decline(gathering, "Anna")
    await play.move(gathering, timedelta(hours=1))
    await play.news()
    play.clock.move(timedelta(hours=13))
    steps = [*await announcing.due(play.db, now=play.now), *await announcing.due(play.db, now=play.now)]
    assert len(steps) == 4
    for step, ident in steps:
        await step(play.db, ident, now=play.now)
    heard = sorted(
        [("Bert", "offer-expired"), ("Cor", "offer"), *((name, "update") for name in ("Anna", "Bert", "Cor", "Fien"))]
    )
    assert await play.news() == heard


async def test_of_a_confidential_gathering_its_facilitator_approves_and_staff_may_not(play: Play) -> None:
    await play.open("Anna", kind="intervision_group")
    gathering = await play.published(approval=True)
    await play.accept(gathering, "Anna")
    approve = partial(
        registration.respond, play.db, gathering_id=gathering.id, person_id=play.ids["Anna"], via=Via.WEB, now=play.now
    )
    with pytest.raises(NotAllowed):
        await approve(actor=STAFF, partstat=Partstat.ACCEPTED)
    assert (await approve(actor=await play.actor("Fien"), partstat=Partstat.ACCEPTED)).registration.seat == "seated"
