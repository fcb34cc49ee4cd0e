import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from aiogram import Bot
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramBadRequest,
    TelegramConflictError,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.methods import SendMessage
from aiohttp import ClientSession, web

from service.clock import MovableClock
from tests.bots.telegram_server.conftest import bot_for, close
from tests.fakes.telegram import BAD_GATEWAY, HANG_UP, SILENCE, Flood, Refusal, TelegramServer
from tests.fakes.telegram.webhook import SECRET_HEADER

SECRET = "s" * 32


class Receiver:
    """The bot's end of a webhook: notes what comes, and answers as it is told."""

    def __init__(self) -> None:
        self.got: list[tuple[int, int]] = []
        self.secrets: set[str | None] = set()
        self.answers: list[int] = []
        self.gate: dict[int, asyncio.Event] = {}

    async def take(self, request: web.Request) -> web.Response:
        update = await request.json()
        chat = update["message"]["chat"]["id"]
        self.secrets.add(request.headers.get(SECRET_HEADER))
        if chat in self.gate:
            await self.gate[chat].wait()
        self.got.append((chat, update["update_id"]))
        return web.Response(status=self.answers.pop(0) if self.answers else 200)


@pytest.fixture
async def receiver() -> AsyncIterator[tuple[Receiver, str]]:
    made = Receiver()
    app = web.Application()
    app.router.add_post("/telegram/x", made.take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield made, f"http://127.0.0.1:{runner.addresses[0][1]}/telegram/x"
    await runner.cleanup()


async def ids(bot: Bot, **asked: int) -> list[int]:
    return [update.update_id for update in await bot.get_updates(**asked)]  # type: ignore[arg-type]


async def test_updates_stay_until_the_offset_confirms_them(bot: Bot, telegram: TelegramServer) -> None:
    anna = telegram.account("Anna")
    for number in range(3):
        anna.types(f"bericht {number}")
    first = await ids(bot)
    assert await ids(bot) == first
    assert await ids(bot, limit=2) == first[:2]
    assert await ids(bot, offset=first[1]) == first[1:]
    assert await ids(bot, offset=first[2] + 1) == []
    assert telegram.updates.pending == []


async def test_a_long_poll_waits_for_something_to_happen(bot: Bot, telegram: TelegramServer) -> None:
    anna = telegram.account("Anna")
    waiting = asyncio.ensure_future(bot.get_updates(timeout=50))
    await telegram.until(lambda: telegram.updates.asked == 1)
    anna.types("dag")
    [update] = await waiting
    assert update.message is not None
    assert update.message.text == "dag"


async def test_a_second_poller_sends_the_first_one_away(bot: Bot, telegram: TelegramServer) -> None:
    first = asyncio.ensure_future(bot.get_updates(timeout=50))
    await telegram.until(lambda: telegram.updates.asked == 1)
    other = bot_for(telegram)
    assert await other.get_updates() == []
    with pytest.raises(TelegramConflictError, match="terminated by other getUpdates request"):
        await first
    await close(other)


async def test_only_the_kinds_asked_for_come_and_a_day_is_the_longest_they_wait(
    bot: Bot, telegram: TelegramServer, clock: MovableClock
) -> None:
    anna = telegram.account("Anna")
    await bot.get_updates(allowed_updates=["message"])
    anna.types("dag")
    anna.blocks()
    assert [update.event_type for update in await bot.get_updates()] == ["message"]
    clock.move(timedelta(hours=25))
    assert await bot.get_updates() == []


async def test_after_a_week_of_silence_numbers_start_anywhere(bot: Bot, telegram: TelegramServer) -> None:
    anna = telegram.account("Anna")
    anna.types("voor de vakantie")
    [before] = await ids(bot)
    await ids(bot, offset=before + 1)
    telegram.updates.count_from(1000)
    anna.types("na de vakantie")
    assert await ids(bot, offset=before + 1) == [1000]
    assert await ids(bot, offset=1001) == []


async def test_a_webhook_gets_its_secret_and_updates_in_order_per_chat(
    bot: Bot, telegram: TelegramServer, receiver: tuple[Receiver, str]
) -> None:
    there, url = receiver
    anna, bo = telegram.account("Anna"), telegram.account("Bo")
    there.gate[anna.id] = asyncio.Event()
    for account in (anna, anna, anna, bo):
        account.types("dag")
    await bot.set_webhook(url, secret_token=SECRET)
    await telegram.until(lambda: len(telegram.updates.pending) == 3)
    assert [chat for chat, _ in there.got] == [bo.id]
    there.gate[anna.id].set()
    await telegram.all_heard()
    mine = [update for chat, update in there.got if chat == anna.id]
    assert mine == sorted(mine)
    assert there.secrets == {SECRET}


async def test_a_webhook_that_fails_gets_the_same_update_again_before_the_next(
    bot: Bot, telegram: TelegramServer, receiver: tuple[Receiver, str]
) -> None:
    there, url = receiver
    there.answers = [503, 500, 401]
    anna = telegram.account("Anna")
    first, second = anna.types("een"), anna.types("twee")
    assert first is not None
    assert second is not None
    await bot.set_webhook(url)
    await telegram.all_heard()
    assert [update for _, update in there.got] == [first.id] * 4 + [second.id]
    info = await bot.get_webhook_info()
    assert (info.url, info.pending_update_count, info.last_error_message) == (
        url,
        0,
        "Wrong response from the webhook: 401",
    )
    telegram.updates.again(first)
    await telegram.all_heard()
    assert there.got[-1][1] == first.id


async def test_polling_and_a_webhook_exclude_each_other(
    bot: Bot, telegram: TelegramServer, receiver: tuple[Receiver, str]
) -> None:
    _, url = receiver
    waiting = asyncio.ensure_future(bot.get_updates(timeout=50))
    await telegram.until(lambda: telegram.updates.asked == 1)
    await bot.set_webhook(url, secret_token=SECRET, allowed_updates=["message"])
    with pytest.raises(TelegramConflictError, match="terminated by setWebhook"):
        await waiting
    with pytest.raises(TelegramConflictError, match="can't use getUpdates method while webhook is active"):
        await bot.get_updates()
    await bot.delete_webhook()
    telegram.account("Anna").types("dag")
    assert len(await bot.get_updates()) == 1
    await bot.delete_webhook(drop_pending_updates=True)
    assert await bot.get_updates() == []
    for wrong in ("http://elsewhere.example/x", "ftp://x"):
        with pytest.raises(TelegramBadRequest, match="An HTTPS URL must be provided"):
            await bot.set_webhook(wrong)
    with pytest.raises(TelegramBadRequest, match="unallowed characters"):
        await bot.set_webhook(url, secret_token="no spaces")


@pytest.mark.parametrize(
    ("deed", "error"),
    [
        (Refusal.too_many(7), TelegramRetryAfter),
        (Refusal(500, "Internal Server Error"), TelegramServerError),
        (BAD_GATEWAY, ClientDecodeError),
        (HANG_UP, TelegramNetworkError),
    ],
)
@pytest.mark.parametrize("done", [False, True])
async def test_an_order_is_obeyed_as_often_as_told(
    bot: Bot, telegram: TelegramServer, deed: Refusal | str, error: type[Exception], done: bool
) -> None:
    anna, bo = telegram.account("Anna"), telegram.account("Bo")
    anna.types("/start")
    bo.types("/start")
    telegram.tell("sendMessage", deed, times=2, chat=anna.id, done=done)
    for _ in range(2):
        with pytest.raises(error):
            await bot.send_message(anna.id, "Dag!")
    await bot.send_message(bo.id, "Dag!")
    await bot.send_message(anna.id, "Dag!")
    assert len(anna.messages) == (3 if done else 1)
    assert len(telegram.called("sendMessage")) == 4


async def test_a_silent_server_is_a_client_that_gives_up(bot: Bot, telegram: TelegramServer) -> None:
    anna = telegram.account("Anna")
    anna.types("/start")
    telegram.tell("sendMessage", SILENCE, done=True)
    with pytest.raises(TelegramNetworkError, match="timeout"):
        await bot(SendMessage(chat_id=anna.id, text="Dag!"), request_timeout=0.05)  # type: ignore[arg-type]
    assert anna.texts == ["Dag!"]


async def test_a_flood_is_held_up_for_as_long_as_it_says(clock: MovableClock) -> None:
    async with TelegramServer(clock=clock, flood=Flood()) as telegram:
        anna = telegram.account("Anna")
        anna.types("/start")
        group = telegram.group("Kring", anna)
        bot = bot_for(telegram)
        for number in range(5):
            await bot.send_message(anna.id, f"bericht {number}")
        for number in range(20):
            await bot.send_message(group.chat.id, f"bericht {number}")
        for chat, wait in ((anna.id, 2), (group.chat.id, 61)):
            with pytest.raises(TelegramRetryAfter) as caught:
                await bot.send_message(chat, "te veel")
            assert caught.value.retry_after == wait
        clock.move(timedelta(seconds=61))
        await bot.send_message(group.chat.id, "weer")
        await close(bot)


async def test_tokens_and_methods_nobody_knows_are_refused(telegram: TelegramServer) -> None:
    stranger = bot_for(telegram, "987654321:AAwrong")
    with pytest.raises(TelegramUnauthorizedError):
        await stranger.get_me()
    await close(stranger)
    bot = bot_for(telegram)
    with pytest.raises(TelegramNotFound):
        await bot.log_out()
    await close(bot)


async def test_calls_may_come_as_query_form_or_json(telegram: TelegramServer) -> None:
    anna = telegram.account("Anna")
    anna.types("/start")
    where = f"{telegram.url}/bot{telegram.token}/sendmessage"
    body = {"chat_id": anna.id, "text": "Dag!"}
    async with ClientSession() as client:
        for given in ({"params": body}, {"data": {k: str(v) for k, v in body.items()}}, {"json": body}):
            async with client.post(where, **given) as answer:  # type: ignore[arg-type]
                assert (answer.status, (await answer.json())["result"]["text"]) == (200, "Dag!")
        async with client.post(where, data=b"{", headers={"Content-Type": "application/json"}) as answer:
            assert (answer.status, (await answer.json())["ok"]) == (400, False)
