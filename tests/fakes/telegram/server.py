"""A Bot API on loopback: real HTTP, both ways of delivery, and people who read, type and press.

    async with TelegramServer(clock=clock) as telegram:
        anna = telegram.account("Anna", language="nl")
        ... KRING_TELEGRAM_API=telegram.url, KRING_TELEGRAM_TOKEN=telegram.token ...
        anna.types("/agenda")
        card = await anna.reads("Inspiratiecafé")
        answer = await anna.presses("Ja, ik kom")
        telegram.tell("sendMessage", Refusal.too_many(3), times=1)
        telegram.tell("sendMessage", HANG_UP, times=1, done=True)       # sent, and the answer is lost

It refuses what Telegram refuses, in Telegram's words; where it knows no better it is the stricter of the two.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self

from aiohttp import web

from service.clock import Clock, SystemClock
from tests.fakes.telegram import limits, methods
from tests.fakes.telegram.accounts import Account, Group, account, group
from tests.fakes.telegram.flood import Flood
from tests.fakes.telegram.orders import BAD_GATEWAY, HANG_UP, LATE, SILENCE, Chooser, Misdeed, Order
from tests.fakes.telegram.parameters import Parameters
from tests.fakes.telegram.refusals import NOT_FOUND, UNAUTHORIZED, Refusal
from tests.fakes.telegram.updates import Updates
from tests.fakes.telegram.webhook import Webhook
from tests.fakes.telegram.world import Chat, Json, User, World

TOKEN: Final = "123456789:AAFakeTokenOfNobodyAtAll-0123456789"
LARGEST_REQUEST: Final = 64 * 2**20


@dataclass(frozen=True, slots=True)
class Call:
    """What the bot asked; `at` in seconds of a clock that only goes forward, `status` 0 where nothing was answered."""

    method: str
    parameters: Mapping[str, Any]
    at: float
    status: int


class TelegramServer:
    """`clock` is Telegram's own; `flood`: enforce its limits; `privacy` as BotFather sets it."""

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        token: str = TOKEN,
        username: str = "kring_bot",
        port: int = 0,
        flood: Flood | None = None,
        privacy: bool = True,
        largest_upload: int = limits.UPLOAD,
    ) -> None:
        bot = User(int(token.split(":")[0]), "Kring", username=username, is_bot=True)
        self.token = token
        self.privacy = privacy
        self.largest_upload = largest_upload
        self.port = port
        self.flood = flood
        self.world = World(clock or SystemClock(), bot)
        self.updates = Updates(self.world.clock)
        self.webhook = Webhook(self.updates)
        self.calls: list[Call] = []
        self.menus: dict[tuple[str, ...], list[Json]] = {}
        self.menu_buttons: dict[Any, Json] = {}
        self.about: dict[tuple[str, str], str] = {}
        self._orders: list[Order] = []
        self._obedient = asyncio.Event()
        self._news = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self.updates.on_change.append(self._tell)

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=LARGEST_REQUEST)
        app.router.add_route("*", "/bot{token}/{method}", self._answer)
        app.router.add_get("/file/bot{token}/documents/{id}", self._file)
        # A poll whose bot is gone must not be answered into the void.
        self._runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.obey_no_more()
        self.updates.end_poll("the server goes home")
        await self.webhook.stop()
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def account(
        self, name: str, *, language: str = "nl", username: str | None = None, number: int | None = None
    ) -> Account:
        """Make somebody who has the app and has not written to the bot yet."""
        return account(self, name, language, username, number)

    def group(self, title: str, *members: Account, supergroup: bool = True) -> Group:
        """Make a group of these people; the first of them made it, and adds the bot."""
        return group(self, title, members, supergroup=supergroup)

    def tell(
        self,
        method: str,
        deed: Misdeed | Chooser,
        *,
        times: int | None = None,
        chat: int | None = None,
        done: bool = False,
    ) -> None:
        """Give an order: at this method ("*" for any) do so, `times` times or until `obey_no_more`.

        A function gets the parameters; None from it lets the call pass. `done`: carry it out all the same, so that only
        the answer is missing.
        """
        self._obedient.clear()
        self._orders.append(Order(method, deed, times, chat, done))

    def obey_no_more(self) -> None:
        self._orders.clear()
        self._obedient.set()

    def called(self, method: str) -> list[Call]:
        return [call for call in self.calls if call.method == method]

    def count(self, chat: Chat) -> None:
        """Count something that is sent or edited; raises Refusal where the limits are enforced and reached."""
        if self.flood is not None:
            self.flood.count(chat.id, self.world.clock.now())

    def happened(self) -> None:
        self._tell()

    async def until(self, holds: Callable[[], bool], *, within: float = 10.0) -> None:
        """Wait for something about this server to hold; looked at whenever anything happens here."""
        async with asyncio.timeout(within):
            while not holds():
                self._news.clear()
                await self._news.wait()

    async def all_heard(self, *, within: float = 10.0) -> None:
        """Wait until the bot has confirmed every update."""
        await self.until(lambda: not self.updates.pending, within=within)

    def menu(self, account: Account, *, group: Group | None = None) -> list[str]:
        """Return the commands this person is offered in their chat with the bot, or in a group."""
        chat = group.chat if group else account.chat
        leads = chat.members.get(account.id) in ("creator", "administrator")
        scopes: list[tuple[str, ...]] = [("chat_member", str(chat.id), str(account.id))] if group else []
        scopes += [("chat_administrators", str(chat.id))] if leads else []
        scopes += [("chat", str(chat.id))]
        scopes += [("all_chat_administrators",)] if leads else []
        scopes += [("all_group_chats",) if group else ("all_private_chats",), ("default",)]
        for scope in scopes:
            for language in (account.user.language_code or "", ""):
                if found := self.menus.get((*scope, language)):
                    return [one["command"] for one in found]
        return []

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        found = methods.find(request.match_info["method"])
        name = found[0] if found else request.match_info["method"]
        parameters = Parameters({}, {})
        try:
            if request.match_info["token"] != self.token:
                raise UNAUTHORIZED
            parameters = await Parameters.of(request)
            deed, done = self._order_for(name, parameters)
            if deed is not None:
                return await self._misbehave(request, name, parameters, deed, done=done)
            if found is None:
                raise NOT_FOUND
            result = await found[1](self, parameters)
        except Refusal as refusal:
            return self._noted(name, parameters, refusal.status, refusal.body())
        return self._noted(name, parameters, 200, {"ok": True, "result": result})

    def _noted(self, name: str, parameters: Parameters, status: int, body: Json) -> web.Response:
        self.calls.append(Call(name, parameters, time.monotonic(), status))
        self._tell()
        return web.json_response(body, status=status)

    def _order_for(self, name: str, parameters: Parameters) -> tuple[Misdeed | None, bool]:
        for order in self._orders:
            if (deed := order.fits(name, parameters)) is not None:
                return deed, order.done
        return None, False

    async def _misbehave(
        self, request: web.Request, name: str, parameters: Parameters, deed: Misdeed, *, done: bool
    ) -> web.StreamResponse:
        result = None
        if (done or deed == LATE) and (found := methods.find(name)) is not None:
            result = await found[1](self, parameters)
        if deed == LATE:
            await self._obedient.wait()
            return self._noted(name, parameters, 200, {"ok": True, "result": result})
        if isinstance(deed, Refusal):
            raise deed
        self.calls.append(Call(name, parameters, time.monotonic(), 0))
        self._tell()
        if deed == SILENCE:
            await self._obedient.wait()
        if deed == BAD_GATEWAY:
            return web.Response(status=502, text="<html><h1>502 Bad Gateway</h1></html>", content_type="text/html")
        assert deed in (HANG_UP, SILENCE), deed
        if request.transport is not None:
            request.transport.abort()
        return web.Response()

    async def _file(self, request: web.Request) -> web.StreamResponse:
        file = self.world.files.get(request.match_info["id"])
        if request.match_info["token"] != self.token or file is None:
            raise web.HTTPNotFound
        return web.Response(body=file.content, content_type="application/octet-stream")

    def _tell(self) -> None:
        self._news.set()
