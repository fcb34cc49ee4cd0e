"""Walks through a chat, from the first tap to what everybody else sees of it."""

from tests.bots.telegram.conftest import House


async def test_yes_by_a_tap_is_a_seat_and_the_card_says_so(house: House) -> None:
    await house.play.open("Anna", "Bert", facilitator="")
    gathering = await house.play.published(days=10)
    anna = await house.account("Anna")
    async with house.open():
        anna.types("/agenda")
        await house.silence()
        assert [text.partition("\n")[0] for text in anna.texts][-2:] == ["Agenda", f"{gathering.id} · Bijeenkomst"]
        card = await anna.reads("Bijeenkomst")
        assert await anna.presses("Ja, ik kom", on=card) == {"text": "", "alert": False, "url": ""}
        changed = await anna.reads("lijst")
        assert changed.id == card.id
        await house.silence()
    assert await house.standing(gathering, "Anna") == ("accepted", "seated", "telegram")
