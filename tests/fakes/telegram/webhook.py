"""The other way of delivery: updates are posted to the bot, in order per chat, again and again until it says 2xx."""

import asyncio
import re
from datetime import datetime
from typing import Any, Final

import aiohttp

from tests.fakes.telegram.refusals import Refusal
from tests.fakes.telegram.updates import Update, Updates

SECRET_HEADER: Final = "X-Telegram-Bot-Api-Secret-Token"
LONGEST_PAUSE: Final = 64
"""How many times the first pause a pause grows to."""


class Webhook:
    """Posts what is pending. `first_pause`: seconds before a second attempt, doubled for each further one.

    Chats are served at the same time, up to `max_connections`; within a chat the next update waits for the one before.
    Unlike the real one it also posts to plain http: the bot is on loopback.
    """

    def __init__(self, updates: Updates, *, first_pause: float = 0.02) -> None:
        self.updates = updates
        self.url = ""
        self.secret = ""
        self.max_connections = 40
        self.posts: list[tuple[int, int | str]] = []
        self.last_error: tuple[datetime, str] | None = None
        self._first_pause = first_pause
        self._session: aiohttp.ClientSession | None = None
        self._chats: dict[int, asyncio.Task[None]] = {}
        self._room = asyncio.Semaphore(self.max_connections)
        updates.on_change.append(self.wake)

    async def set(self, url: str, secret: str, max_connections: int) -> None:
        """Start posting there; raises Refusal for what the Bot API would not take."""
        if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", secret):
            raise Refusal.bad("secret token contains unallowed characters")
        if not 1 <= max_connections <= 100:
            raise Refusal.bad("max_connections must be between 1 and 100")
        if not url.startswith(("https://", "http://127.0.0.1", "http://localhost")):
            raise Refusal.bad("bad webhook: An HTTPS URL must be provided for webhook")
        await self.stop()
        self.url, self.secret, self.max_connections = url, secret, max_connections
        self._room = asyncio.Semaphore(max_connections)
        self.updates.webhook_is_set = True
        self.updates.end_poll("terminated by setWebhook request")
        self.wake()

    async def delete(self) -> None:
        await self.stop()
        self.url = self.secret = ""
        self.updates.webhook_is_set = False

    async def stop(self) -> None:
        """End all posts under way; what was not confirmed stays pending."""
        tasks, self._chats = list(self._chats.values()), {}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
            self._session = None

    def info(self) -> dict[str, Any]:
        answer: dict[str, Any] = {
            "url": self.url,
            "has_custom_certificate": False,
            "pending_update_count": len(self.updates.pending),
            "max_connections": self.max_connections,
        }
        if self.updates.allowed is not None:
            answer["allowed_updates"] = sorted(self.updates.allowed)
        if self.last_error is not None:
            at, message = self.last_error
            answer |= {"last_error_date": int(at.timestamp()), "last_error_message": message}
        return answer

    def wake(self) -> None:
        """See to it that every chat with something pending is being served."""
        if not self.url:
            return
        for chat in {update.chat for update in self.updates.pending}:
            if chat not in self._chats or self._chats[chat].done():
                self._chats[chat] = asyncio.create_task(self._serve(chat))

    async def _serve(self, chat: int) -> None:
        pause = self._first_pause
        while (update := next((one for one in self.updates.pending if one.chat == chat), None)) is not None:
            async with self._room:
                outcome = await self._post(update)
            self.posts.append((update.id, outcome))
            if isinstance(outcome, int) and 200 <= outcome < 300:
                self.updates.confirm([update])
                pause = self._first_pause
                continue
            said = f"Wrong response from the webhook: {outcome}" if isinstance(outcome, int) else outcome
            self.last_error = (update.at, said)
            await asyncio.sleep(pause)
            pause = min(pause * 2, self._first_pause * LONGEST_PAUSE)

    async def _post(self, update: Update) -> int | str:
        if self._session is None:
            self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        headers = {SECRET_HEADER: self.secret} if self.secret else {}
        try:
            timeout = aiohttp.ClientTimeout(total=60)
            async with self._session.post(self.url, json=update.json(), headers=headers, timeout=timeout) as answer:
                return answer.status
        except TimeoutError:
            return "Read timeout expired"
        except aiohttp.ClientError:
            return "Connection refused"
