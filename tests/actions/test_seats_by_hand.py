"""What a facilitator decides about one seat, and what everybody hears of it."""

from datetime import timedelta

import pytest

from service.actions import seats
from service.errors import Conflict, Invalid, NotAllowed, NotFound
from service.model import Gathering, Registration
from service.rules.seating import Hand
from tests.actions.play import Play


async def hand(
    play: Play, gathering: Gathering, name: str, what: Hand, note: str = "", *, by: str = "Fien"
) -> Registration:
    actor = await play.actor(by)
    return await seats.by_hand(play.db, actor, gathering.id, play.ids[name], what, note, now=play.step())


async def full(play: Play, **facts: int) -> Gathering:
    """A gathering with two seats, taken by Anna and Bert, while Cor and Dirk wait."""
    await play.open("Anna", "Bert", "Cor", "Dirk", "Eva")
    gathering = await play.published(capacity=2, **facts)
    await play.accept(gathering, "Anna", "Bert", "Cor", "Dirk")
    await play.news()
    return gathering


async def test_a_seat_taken_back_goes_to_the_first_who_waits_and_the_note_is_told(play: Play) -> None:
    gathering = await full(play)
    done = await hand(play, gathering, "Bert", Hand.DEMOTE, "De zaal is kleiner")
    assert (done.seat, done.position) == ("waiting", 2)
    assert [(name, purpose, facts.get("note")) for name, purpose, facts in await play.letters()] == [
        ("Bert", "demotion", "De zaal is kleiner"),
        ("Cor", "promotion", None),
    ]
    assert {name: seat for name, (_, seat, _) in (await play.seats(gathering)).items()} == {
        "Anna": "seated",
        "Cor": "seated",
        "Dirk": "waiting",
        "Bert": "waiting",
        "Eva": "none",
    }
    actor = (await play.actor("Fien")).name
    assert (await play.history(gathering, "Bert"))[-1] == (actor, None, "accepted", "waiting", "De zaal is kleiner")


async def test_beyond_the_limit_a_seat_needs_a_reason_that_stays_in_the_history(play: Play) -> None:
    gathering = await full(play)
    with pytest.raises(Invalid) as refused:
        await hand(play, gathering, "Dirk", Hand.OVERRIDE, "  ")
    assert refused.value.field == "note"
    with pytest.raises(Conflict):
        await hand(play, gathering, "Dirk", Hand.PROMOTE)
    assert await play.news() == []
    done = await hand(play, gathering, "Dirk", Hand.OVERRIDE, "Spreekt zelf")
    assert done.seat == "seated"
    assert await play.news() == [("Dirk", "promotion")]
    assert (await play.history(gathering, "Dirk"))[-1][3:] == ("seated", "Spreekt zelf")
    # Three have a seat of two: the next who leaves makes no room.
    await play.decline(gathering, "Anna")
    assert (await play.seats(gathering))["Cor"] == ("accepted", "waiting", 1)
    await play.decline(gathering, "Bert")
    assert (await play.seats(gathering))["Cor"] == ("accepted", "seated", None)


async def test_a_free_seat_is_given_or_offered_to_whom_the_facilitator_chooses(play: Play) -> None:
    gathering = await full(play)
    await play.before_start(gathering, hours=2)
    await play.decline(gathering, "Anna")
    await play.news()
    with pytest.raises(Conflict):
        await hand(play, gathering, "Anna", Hand.PROMOTE)  # has said no
    offered = await hand(play, gathering, "Dirk", Hand.OFFER)
    assert (offered.seat, offered.offer_expires_at) == ("offered", gathering.starts_at)
    assert await play.news() == [("Dirk", "offer")]
    with pytest.raises(Conflict):
        await hand(play, gathering, "Cor", Hand.PROMOTE)  # the offer holds the seat
    given = await hand(play, gathering, "Dirk", Hand.PROMOTE)
    assert (given.seat, given.offer_expires_at) == ("seated", None)
    play.clock.set(gathering.starts_at - timedelta(minutes=20))
    await play.decline(gathering, "Bert")
    with pytest.raises(Conflict):
        await hand(play, gathering, "Cor", Hand.OFFER)  # too soon for anybody to answer
    assert (await hand(play, gathering, "Cor", Hand.PROMOTE)).seat == "seated"


async def test_a_seat_is_not_taken_back_from_who_would_have_it_again_at_once(play: Play) -> None:
    await play.open("Anna", "Bert")
    gathering = await play.published(capacity=5)
    await play.accept(gathering, "Anna", "Bert")
    await play.news()
    with pytest.raises(Conflict):
        await hand(play, gathering, "Anna", Hand.DEMOTE, "Waarom")
    await play.change(gathering, capacity=1)
    assert (await hand(play, gathering, "Anna", Hand.DEMOTE, "Te vol")).seat == "waiting"
    assert await play.news() == [("Anna", "demotion")]


async def test_an_organisation_keeps_to_its_quota_but_for_an_override(play: Play) -> None:
    await play.open("Anna", "Bert")
    await play.organisation("Stichting", "Cor", "Dirk")
    for name in ("Cor", "Dirk"):
        await play.join(name)
    gathering = await play.published(organisation_quota=1)
    await play.accept(gathering, "Cor", "Dirk")
    with pytest.raises(Conflict):
        await hand(play, gathering, "Dirk", Hand.PROMOTE)
    assert (await hand(play, gathering, "Dirk", Hand.OVERRIDE, "Samen een verhaal")).seat == "seated"


async def test_who_may_not_decide_and_whom_it_cannot_be_about(play: Play) -> None:
    gathering = await full(play)
    with pytest.raises(NotAllowed):
        await hand(play, gathering, "Cor", Hand.OVERRIDE, "Ik", by="Anna")
    await play.person("Buiten")
    with pytest.raises(NotFound):
        await hand(play, gathering, "Buiten", Hand.PROMOTE)
    with pytest.raises(Conflict):
        await hand(play, gathering, "Eva", Hand.PROMOTE)  # has not answered
    play.clock.set(gathering.starts_at)
    with pytest.raises(Conflict):
        await hand(play, gathering, "Cor", Hand.OVERRIDE, "Te laat")
