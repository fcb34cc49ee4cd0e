"""What Telegram answers to a message and what becomes of it, row by row, told by Telegram over the wire."""

from collections.abc import MutableMapping
from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.bots.telegram.conftest import House
from tests.bots.telegram.test_send import invited, ledger, mailed
from tests.fakes.telegram import BAD_GATEWAY, HANG_UP, Account, Message, Refusal, TelegramServer
from tests.program import free_port
from tests.waiting import until

UNREACHABLE = "select undeliverable_at is not null as so from address where channel = 'telegram'"


async def unreachable(house: House) -> bool:
    return bool((await house.play.fetch(UNREACHABLE))[0]["so"])


@pytest.mark.parametrize(
    "refusal",
    [
        Refusal.forbidden("bot was blocked by the user"),
        Refusal.forbidden("user is deactivated"),
        Refusal.forbidden("bot can't initiate conversation with a user"),
        Refusal.bad("chat not found"),
        Refusal.bad("PEER_ID_INVALID"),
    ],
    ids=lambda refusal: refusal.description,
)
async def test_who_is_not_to_be_found_is_told_by_mail_until_they_write_again(house: House, refusal: Refusal) -> None:
    anna = await invited(house)
    house.telegram.tell("sendMessage", refusal, times=1)
    async with house.open():
        await until(lambda: mailed(house))
        await house.silence()
        assert await ledger(house) == [("telegram", "refused"), ("mail", "sent")]
        assert await unreachable(house)
        anna.types("/start")  # nobody told that the chat takes messages again
        await anna.reads("Dit kun je me vragen")
        await house.silence()
    assert not await unreachable(house)
    (row,) = await house.play.fetch("select distinct lane from notice where person_id is not null and waits")
    assert row["lane"] == "telegram"


@pytest.mark.parametrize(
    "refusal",
    [
        Refusal.bad("can't parse entities: unsupported start tag"),
        Refusal.bad("BUTTON_DATA_INVALID"),
        Refusal.bad("ENTITY_BOUNDS_INVALID"),
    ],
    ids=lambda refusal: refusal.description,
)
async def test_what_is_our_fault_costs_the_buttons_and_not_the_message(house: House, refusal: Refusal) -> None:
    anna = await invited(house)
    house.telegram.tell("sendMessage", refusal, times=1)
    async with house.open():
        bare = await anna.reads("Bijeenkomst")
        await house.silence()
    assert (bare.labels, await ledger(house), await house.mails()) == ([], [("telegram", "sent")], [])


async def test_what_telegram_will_not_have_in_any_form_goes_by_mail(house: House) -> None:
    anna = await invited(house)
    house.telegram.tell("sendMessage", Refusal.bad("message is too long"))
    async with house.open():
        await until(lambda: mailed(house))
        await house.silence()
    assert await ledger(house) == [("telegram", "refused"), ("mail", "sent")]
    assert (anna.texts, await unreachable(house)) == ([], False)


@pytest.mark.parametrize(
    ("deed", "arrived"),
    [(HANG_UP, 1), (HANG_UP, 0), (BAD_GATEWAY, 0), (Refusal(500, "Internal Server Error"), 0)],
    ids=["answer lost", "request lost", "bad gateway", "server error"],
)
async def test_what_nobody_knows_of_goes_once_by_mail(house: House, deed: Refusal | str, arrived: int) -> None:
    anna = await invited(house)
    house.telegram.tell("sendMessage", deed, times=1, done=bool(arrived))
    async with house.open():
        await until(lambda: mailed(house))
        await house.silence()
    assert (len(anna.texts), len(await house.mails())) == (arrived, 1)
    assert await ledger(house) == [("telegram", "unknown"), ("mail", "sent")]


async def test_a_token_that_was_taken_away_lets_everything_go_by_mail(house: House) -> None:
    await invited(house)
    house.telegram.tell("sendMessage", Refusal(401, "Unauthorized"))
    async with house.open():
        await until(lambda: mailed(house))
    assert [outcome for channel, outcome in await ledger(house) if channel == "mail"] == ["sent"]


async def test_what_never_reached_telegram_is_sent_there_when_it_is_back(house: House) -> None:
    house.telegram = TelegramServer(clock=house.play.clock, port=free_port())
    anna = await invited(house)
    with capture_logs() as logs:
        async with house.open():
            await until(lambda: waits(logs))
            async with house.telegram:
                await anna.reads("Bijeenkomst")
                await house.silence()
    assert (await ledger(house), await house.mails()) == ([("telegram", "sent")], [])


async def waits(logs: list[MutableMapping[str, Any]]) -> bool:
    """Tell whether the lane has found nobody at the other end."""
    return any(one["event"] == "outbox_waits" and one["channel"] == "telegram" for one in logs)


async def card(house: House) -> tuple[Account, Message]:
    """Have Anna and the card of a gathering in her chat."""
    anna = house.accounts["Anna"]
    anna.types("/agenda")
    return anna, await anna.reads("Bijeenkomst")


@pytest.mark.parametrize("sentence", ["message to edit not found", "MESSAGE_ID_INVALID", "message can't be edited"])
async def test_what_cannot_be_edited_any_more_is_shown_anew(house: House, sentence: str) -> None:
    await house.play.open("Anna", facilitator="")
    await house.play.published(days=10)
    await house.account("Anna")
    async with house.open():
        anna, shown = await card(house)
        house.telegram.tell("editMessageText", Refusal.bad(sentence), times=1)
        await anna.presses("Ja, ik kom", on=shown)
        anew = await anna.reads("op de lijst")
        await anna.presses("Ik kan toch niet", on=anew)
        changed = await anna.reads("Jammer")
        await house.silence()
    assert anew.id != shown.id
    assert changed.id == anew.id


async def test_what_would_change_nothing_counts_as_changed(house: House) -> None:
    await house.play.open("Anna", facilitator="")
    await house.play.published(days=10)
    await house.account("Anna")
    async with house.open():
        anna, shown = await card(house)
        about = "k1:gathering:" + shown.text.split(" ")[0]
        await anna.forges(about, on=shown)
        await house.silence()
        said = len(anna.messages)
        async with house.play.db.transaction() as conn:
            await conn.execute("update sent_view set digest = 'another'")
        for _ in range(2):  # after the first it is known again how it looks
            await anna.forges(about, on=shown)
            await house.silence()
    assert (len(anna.messages), shown.edits) == (said, 1)
    assert [call.status for call in house.telegram.called("editMessageText")] == [200, 400]
