"""How updates come in: by both ways, once each, and never acknowledged before they are kept."""

import asyncio
import json
import socket
import sys
from collections.abc import Sequence
from datetime import timedelta

import aiohttp
import pytest
from structlog.testing import capture_logs

from bots.telegram import client
from bots.telegram.intake import Poller, Update
from service.actions import intake
from service.config import WrongSetting, read
from service.wiring.checking import check
from tests.bots.telegram.conftest import SECRET, House
from tests.fakes.telegram import BAD_GATEWAY, Refusal
from tests.waiting import until

HEADER = "X-Telegram-Bot-Api-Secret-Token"


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def hooked(port: int) -> dict[str, str]:
    return {
        "KRING_TELEGRAM_MODE": "webhook",
        "KRING_TELEGRAM_SECRET": SECRET,
        "KRING_BASE_URL": f"http://127.0.0.1:{port}",
        "KRING_HTTP": f"127.0.0.1:{port}",
    }


async def inbox(house: House) -> list[tuple[str, str]]:
    return [tuple(row) for row in await house.play.fetch("select external_id, state from inbox order by id")]


@pytest.mark.parametrize("way", ["polling", "webhook"])
async def test_an_update_is_kept_and_answered_whichever_way_it_comes(house: House, way: str) -> None:
    await house.play.open("Anna", facilitator="")
    anna = await house.account("Anna")
    settings = hooked(free_port()) if way == "webhook" else {}
    async with house.open("web", "telegram", "worker", **settings):
        if way == "webhook":
            await house.telegram.until(lambda: bool(house.telegram.called("setWebhook")))
        anna.types("/help")
        await anna.reads("Dit kun je me vragen")
        await house.silence()
    (kept,) = await inbox(house)
    assert (kept[0].split(":")[0], kept[1]) == (house.telegram.token.split(":")[0], "applied")
    dropped = [call.parameters.get("drop_pending_updates") for call in house.telegram.calls]
    assert "True" not in map(str, dropped)


@pytest.mark.parametrize(
    "secret",
    [None, "", "wrong", SECRET[:-1], SECRET + "s", "é" * 40, "\udcff" * 40],
    ids=["none", "empty", "wrong", "prefix", "longer", "not-ascii", "no-utf-8"],
)
async def test_without_the_secret_nothing_is_let_in(house: House, secret: str | None) -> None:
    port = free_port()
    async with house.open("web", **hooked(port)):
        body = json.dumps({"update_id": 1})
        head = "".join(f"{HEADER}: {secret}\r\n" for _ in ([] if secret is None else [1]))
        request = f"POST /telegram/x HTTP/1.1\r\nHost: x\r\n{head}Content-Length: {len(body)}\r\n\r\n{body}"
        assert await status(port, request.encode("utf-8", "surrogateescape")) == 401
    assert await inbox(house) == []


async def status(port: int, request: bytes) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    line = await reader.readline()
    writer.close()
    return int(line.split()[1])


async def test_what_is_too_large_is_refused_and_what_is_no_update_is_kept_as_dead(house: House) -> None:
    port = free_port()
    async with house.open("web", "telegram", "worker", **hooked(port)), aiohttp.ClientSession() as session:

        async def brings(body: bytes) -> int:
            url = f"http://127.0.0.1:{port}/telegram/updates"
            async with session.post(url, data=body, headers={HEADER: SECRET}) as answer:
                return answer.status

        assert await brings(b'{"update_id": 1, "x": "' + b"y" * 65_536 + b'"}') == 413
        assert await brings(b"{not json") == 200
        assert await brings(b"[" * 5000) == 200
        assert await brings(b'{"update_id": "x"}') == 200
        assert await brings(b'{"update_id": 7, "message": {"chat": {"id": 5}}}') == 200
        assert await brings(b'{"update_id": 7, "message": {"chat": {"id": 5}}}') == 200
        await until(lambda: all_ended(house, 4))
    assert [state for _, state in await inbox(house)] == ["dead"] * 4


async def all_ended(house: House, count: int) -> bool:
    return [state != "new" for _, state in await inbox(house)] == [True] * count


async def test_a_database_that_is_gone_means_come_back_later(house: House) -> None:
    port = free_port()
    async with house.open("web", **hooked(port)) as kring, aiohttp.ClientSession() as session:
        await kring.db.close()
        url, headers = f"http://127.0.0.1:{port}/telegram/updates", {HEADER: SECRET}
        async with session.post(url, data=b'{"update_id": 1}', headers=headers) as answer:
            assert answer.status == 503


@pytest.mark.parametrize("secret", ["", "s" * 31])
def test_a_webhook_without_a_good_secret_does_not_start(secret: str) -> None:
    given = {"KRING_TELEGRAM_TOKEN": "123456789:" + "A" * 30, "KRING_TELEGRAM_MODE": "webhook"}
    with pytest.raises(WrongSetting, match=r"^KRING_TELEGRAM_SECRET must have 32 characters or more"):
        read(given | {"KRING_TELEGRAM_SECRET": secret})


COMMITS = "select count(distinct xmin::text) from inbox"


def test_a_token_that_cannot_be_one_does_not_start() -> None:
    with pytest.raises(WrongSetting, match=r"^KRING_TELEGRAM_TOKEN is not the token of a bot"):
        read({"KRING_TELEGRAM_TOKEN": "nonsense"})


async def test_numbers_that_start_anew_after_an_idle_week_are_not_taken_for_old_ones(house: House) -> None:
    await house.play.open("Anna", facilitator="")
    anna = await house.account("Anna")
    async with house.open():
        anna.types("/help")
        await house.silence()
        house.play.clock.move(timedelta(days=8))
        await intake.forget_updates(house.play.db, now=house.play.now)
        assert await inbox(house) == []
        house.telegram.updates.count_from(1)
        anna.types("/mijn")
        await anna.reads("Er staat nu niets op je lijst")


async def test_a_dead_update_is_kept_under_a_name_that_no_later_one_can_have(house: House) -> None:
    db = house.play.db
    for number, state in ((1, "dead"), (2, "applied")):
        await intake.store_all(db, "telegram", [(f"9:{number}", "telegram:5", b"{}")], now=house.play.now)
        await house.play.execute("update inbox set state = $1, done_at = $2 where state = 'new'", state, house.play.now)
    house.play.clock.move(timedelta(days=3, seconds=1))
    await intake.forget_updates(db, now=house.play.now)
    await intake.forget_updates(db, now=house.play.now)
    (kept,) = await inbox(house)
    assert kept == (f"9:1#{kept[0].partition('#')[2]}", "dead")
    await intake.store_all(db, "telegram", [("9:1", "telegram:5", b"{}")], now=house.play.now)
    assert len(await inbox(house)) == 2


async def test_updates_that_come_at_the_same_moment_are_kept_together_once_and_in_order(house: House) -> None:
    db, keys = house.play.db, [f"9:{number}" for number in (1, 2, 3, 2, 4)]
    before = (await house.play.fetch(COMMITS))[0][0]
    async with asyncio.TaskGroup() as tasks:
        for key in keys:
            tasks.create_task(intake.store_all(db, "telegram", [(key, "telegram:5", b"{}")], now=house.play.now))
    assert [key for key, _ in await inbox(house)] == ["9:1", "9:2", "9:3", "9:4"]
    assert (await house.play.fetch(COMMITS))[0][0] - before == 2  # of the first, and of all behind


async def test_an_api_that_stumbles_loses_nothing(house: House) -> None:
    await house.play.open("Anna", facilitator="")
    anna = await house.account("Anna")
    house.telegram.tell("getUpdates", BAD_GATEWAY, times=1)
    house.telegram.tell("getUpdates", Refusal.too_many(1), times=1)
    async with house.open():
        anna.types("/help")
        await anna.reads("Dit kun je me vragen")


async def test_a_token_that_is_no_good_ends_the_bot_and_not_kring(house: House) -> None:
    await house.play.open("Anna", facilitator="")
    await house.account("Anna")
    await house.play.published(days=30)
    wrong = "123456789:" + "B" * 35
    async with house.open(KRING_TELEGRAM_TOKEN=wrong):
        await until(lambda: mailed(house))


async def test_another_poller_is_waited_out_and_somebody_is_told_once(house: House) -> None:
    await house.play.open("Anna", facilitator="")
    anna = await house.account("Anna")
    kept: list[Update] = []

    async def keep(updates: Sequence[Update]) -> None:
        kept.extend(updates)

    async def confirm() -> None:
        """Hold the office."""

    house.telegram.tell("getUpdates", Refusal.conflict("terminated by other getUpdates request"), times=20)
    anna.types("/help")
    bot = client.connect(house.telegram.token, house.telegram.url)
    poller = Poller(bot, keep, conflict_seconds=0.01, alarm_after=0.05)
    with capture_logs() as logs:
        async with asyncio.TaskGroup() as tasks:
            polling = tasks.create_task(poller.run(confirm))
            await until(lambda: arrived(kept))
            polling.cancel()
    await bot.session.close()
    assert [entry["event"] for entry in logs if entry["log_level"] == "error"] == ["telegram_conflict"]
    assert len(kept) == 1


async def arrived(kept: list[Update]) -> bool:
    return len(kept) == 1


async def test_two_processes_poll_one_after_the_other_and_never_together(house: House) -> None:
    await house.play.open("Anna", facilitator="")
    anna = await house.account("Anna")
    async with house.open("telegram"):
        async with house.open("telegram"):
            anna.types("/help")
            await anna.reads("Dit kun je me vragen")
        anna.types("/mijn")
        await anna.reads("Er staat nu niets op je lijst")
    assert [call.status for call in house.telegram.called("getUpdates") if call.status == 409] == []


async def test_check_says_whether_the_bot_answers(house: House) -> None:
    settings = {"KRING_DATA": str(house.folder), "KRING_LMTP": "", "KRING_TELEGRAM_API": house.telegram.url}
    good = read(settings | {"KRING_TELEGRAM_TOKEN": house.telegram.token})
    assert await check(good) == []
    wrong = read(settings | {"KRING_TELEGRAM_TOKEN": "123456789:" + "B" * 35})
    (fault,) = await check(wrong)
    assert fault.startswith("KRING_TELEGRAM_TOKEN: ")
    assert "B" * 35 not in fault


async def mailed(house: House) -> bool:
    return len(await house.mails()) == 1


async def test_aiogram_is_not_imported_where_no_bot_is_configured() -> None:
    script = (
        "import sys; import service.wiring.running, service.wiring.checking, service.cli.running, service.scheduler;"
        "import handlers.web.app, handlers.dialogue.dispatch, bots.console.talk;"
        "sys.exit('aiogram' in sys.modules)"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", script)
    assert await process.wait() == 0
