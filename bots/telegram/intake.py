"""How updates come in: stored raw and committed first, acknowledged then. Two ways, one row."""

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import structlog
from aiogram import Bot

from bots.telegram import client
from bots.telegram.parse import ALLOWED, CHANNEL, conversation
from service.errors import DeliveryFailed

log = structlog.get_logger()

CONFLICT_SECONDS: Final = 5.0
"""How long another poller is left alone before the next try."""

ALARM_AFTER: Final = 120.0
"""Seconds of conflict after which somebody should look."""

LONGEST_PAUSE: Final = 60.0


@dataclass(frozen=True, slots=True)
class Update:
    """An update to keep: under its key it is kept once, however often it comes."""

    external_id: str
    conversation: str
    raw: bytes


Keep = Callable[[Sequence[Update]], Awaitable[None]]
"""Stores updates and commits; raises Unavailable."""


def taken(raw: bytes, *, bot: int) -> Update:
    """Make of a request's body what is kept; one that is no update is kept as well, under its own hash."""
    try:
        values = json.loads(raw)
    except (ValueError, RecursionError):
        values = None
    number = values.get("update_id") if isinstance(values, dict) else None
    if not isinstance(number, int) or isinstance(number, bool):
        digest = hashlib.sha256(raw).hexdigest()
        return Update(f"{bot}:{digest}", f"{CHANNEL}:{digest}", raw)
    return Update(f"{bot}:{number}", conversation(values), raw)


class Poller:
    """Asks for updates and keeps them; what it has not kept is never confirmed."""

    def __init__(
        self, bot: Bot, keep: Keep, *, conflict_seconds: float = CONFLICT_SECONDS, alarm_after: float = ALARM_AFTER
    ) -> None:
        self._bot = bot
        self._conflict_seconds = conflict_seconds
        self._alarm_after = alarm_after
        self._keep = keep
        self._conflict_since: float | None = None
        self._alarmed = False
        self._failures = 0

    async def run(self, confirm: Callable[[], Awaitable[None]]) -> None:
        """Poll until cancelled, which loses nothing. `confirm` raises Unavailable once the poller is another one.

        Ends where the token is no longer any good.
        """
        offset: int | None = None
        while True:
            await confirm()
            try:
                found = await client.updates(self._bot, offset=offset, allowed=ALLOWED)
                self._failures, self._conflict_since, self._alarmed = 0, None, False
                if found:
                    await self._keep([_update(self._bot.id, one) for one in found])
                # After an idle week numbers start anywhere, even lower: with nothing left to confirm, none is named.
                offset = max((int(one["update_id"]) for one in found), default=-1) + 1 or None
            except client.ApiRefusal as refusal:
                if refusal.status in (401, 404):
                    log.error("telegram_token_refused", status=refusal.status, reason=str(refusal))
                    return
                await asyncio.sleep(self._patience(refusal))
            except DeliveryFailed as failure:
                log.warning("telegram_does_not_answer", reason=failure.detail)
                await asyncio.sleep(self._back_off())

    def _patience(self, refusal: client.ApiRefusal) -> float:
        if refusal.status != 409:
            log.warning("telegram_refuses_updates", status=refusal.status, reason=str(refusal))
            return refusal.retry_after or self._back_off()
        now = asyncio.get_running_loop().time()
        self._conflict_since = self._conflict_since if self._conflict_since is not None else now
        if now - self._conflict_since >= self._alarm_after and not self._alarmed:
            self._alarmed = True
            log.error("telegram_conflict", reason="another process polls with this token; end it, or make a new token")
        return self._conflict_seconds

    def _back_off(self) -> float:
        self._failures += 1
        return min(2.0 ** (self._failures - 1), LONGEST_PAUSE)


def _update(bot: int, values: dict[str, Any]) -> Update:
    return taken(json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace"), bot=bot)
