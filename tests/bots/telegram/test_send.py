"""What Telegram says to a message, row by row, and what becomes of it."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from service.model import Partstat, Via
from tests.bots.telegram.conftest import House
from tests.fakes.telegram import HANG_UP, Account, Refusal
from tests.waiting import until

OUTDATED = "Deze kaart is verouderd. Zo staat het er nu voor."


async def invited(house: House) -> Account:
    """Have Anna, whose chat is connected, and the moment at which she is reminded of an invitation."""
    await house.play.open("Anna", facilitator="")
    await house.play.published(days=30)
    anna = await house.account("Anna")
    await house.play.execute("delete from notice where purpose <> 'reminder'")
    (row,) = await house.play.fetch("select min(due_at) as due from notice")
    house.play.clock.set(row["due"])
    return anna


async def ledger(house: House) -> list[tuple[str, str]]:
    return [tuple(row) for row in await house.play.fetch("select channel, outcome from delivery order by id")]


async def test_a_reminder_comes_with_buttons_and_one_tap_answers_it(house: House) -> None:
    anna = await invited(house)
    async with house.open():
        card = await anna.reads("Bijeenkomst")
        assert card.rows[0] == ["Ja, ik kom", "Nee"]
        await anna.presses("Nee", on=card)
        changed = await anna.reads("Jammer")
        assert changed.id == card.id
        await house.silence()
    assert await house.mails() == []


@pytest.mark.parametrize(
    ("act", "told"),
    [
        (lambda anna: anna.blocks(), "by mail"),
        (lambda anna: anna.deactivates(), "by mail"),
    ],
    ids=["blocked", "deactivated"],
)
async def test_who_cannot_be_reached_in_the_chat_is_told_by_mail(
    house: House, act: Callable[[Account], None], told: str
) -> None:
    anna = await invited(house)
    act(anna)
    async with house.open():
        await house.silence()
        await until(lambda: mailed(house))
    assert anna.texts == []


async def test_who_takes_messages_again_is_told_in_the_chat_again(house: House) -> None:
    anna = await invited(house)
    async with house.open():
        await anna.reads("Bijeenkomst")
        anna.blocks()
        await house.silence()
        lanes = await house.play.fetch("select distinct lane from notice where state = 'planned'")
        assert [row["lane"] for row in lanes] in ([], ["mail"])
        anna.unblocks()
        await house.silence()
        (row,) = await house.play.fetch("select undeliverable_at from address where channel = 'telegram'")
        assert row["undeliverable_at"] is None


async def test_a_flood_is_waited_out_and_nothing_is_lost(house: House) -> None:
    anna = await invited(house)
    house.telegram.tell("sendMessage", Refusal.too_many(1), times=1)
    async with house.open():
        await anna.reads("Bijeenkomst", within=20)
    first, second = house.telegram.called("sendMessage")
    assert second.at - first.at >= 1.0
    assert await ledger(house) == [("telegram", "sent")]


async def test_the_answer_to_words_is_said_again_when_its_fate_is_unknown(house: House) -> None:
    await house.play.open("Anna", facilitator="")
    anna = await house.account("Anna")
    house.telegram.tell("sendMessage", HANG_UP, times=1)
    async with house.open():
        anna.types("/help")
        await until(lambda: tried(house))
        house.play.clock.move(timedelta(seconds=3))
        await anna.reads("Dit kun je me vragen")


async def test_a_press_that_was_answered_too_late_is_no_fault(house: House) -> None:
    await house.play.open("Anna", facilitator="")
    gathering = await house.play.published(days=10)
    anna = await house.account("Anna")
    async with house.open():
        anna.types("/agenda")
        card = await anna.reads("Bijeenkomst")
        house.telegram.tell("answerCallbackQuery", Refusal.bad("query is too old"), times=1)
        anna.taps("Ja, ik kom", on=card)
        await anna.reads("op de lijst")
        await house.silence()
    assert await house.standing(gathering, "Anna") == ("accepted", "seated", "telegram")


async def test_the_same_tap_again_edits_nothing_and_is_answered_all_the_same(house: House) -> None:
    await house.play.open("Anna", facilitator="")
    await house.play.published(days=10)
    anna = await house.account("Anna")
    async with house.open():
        anna.types("/agenda")
        card = await anna.reads("Bijeenkomst")
        for _ in range(5):
            await anna.forges("k1:accept:" + card.text.split(" ")[0], on=card)
        await house.silence()
    edits = [call for call in house.telegram.called("editMessageText") if call.status == 200]
    assert len(edits) == 2  # on the list; and from the second tap on: already on the list
    assert len(house.telegram.called("answerCallbackQuery")) == 5


async def test_what_was_answered_in_the_calendar_is_told_in_the_chat(house: House) -> None:
    await house.play.open("Anna", facilitator="")
    gathering = await house.play.published(days=10)
    anna = await house.account("Anna")
    async with house.open():
        await house.silence()
        await house.play.answer(gathering, "Anna", Partstat.ACCEPTED, via=Via.CALENDAR)
        told = await anna.reads("Wat fijn dat je komt")
        assert told.labels == ["Ik kan toch niet"]


async def test_old_and_forged_buttons_show_how_it_stands_now_and_change_nothing(house: House) -> None:
    await house.play.open("Anna", facilitator="")
    gathering = await house.play.published(days=10)
    anna = await house.account("Anna")
    async with house.open():
        anna.types("/agenda")
        card = await anna.reads("Bijeenkomst")
        for data in ("r1:accept:1", "k0:accept:1", "k1:nonsense", "k1:accept:;drop", "x" * 64, "k1:roster:999999"):
            answer = await anna.forges(data, on=card)
            assert answer["text"] == (
                "" if data.startswith("k1:roster") else "Deze kaart is verouderd. Zo staat het er nu voor."
            )
        await anna.forges_on_a_lost_message("k1:what:1")
        await house.silence()
    assert await house.standing(gathering, "Anna") == ("needs-action", "none", None)


async def mailed(house: House) -> bool:
    return len(await house.mails()) == 1


async def tried(house: House) -> bool:
    return len(await ledger(house)) >= 1
