"""Hand messages to Telegram: send, edit in place, answer a press; what Telegram then says is read in `refusals`."""

from collections.abc import Callable
from typing import Final, Protocol

import structlog
from aiogram import Bot
from aiogram.exceptions import AiogramError, TelegramMigrateToChat, TelegramRetryAfter
from aiogram.types import (
    BufferedInputFile,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    MessageEntity,
)

from bots.telegram import client, refusals
from bots.telegram.pace import TelegramPace
from bots.telegram.parse import CHANNEL
from bots.telegram.render import CAPABILITIES, TOAST, Piece, Rendered, cut, render
from service.actions import conversing
from service.channels import DueNotice, Outbound, Receipt
from service.clock import Clock
from service.database import Database
from service.errors import DeliveryFailed
from service.formats.outbounds import unpacked
from service.model import Purpose
from service.rules.views import takes_place
from service.store.views import View

log = structlog.get_logger()

_NO_PREVIEW: Final = LinkPreviewOptions(is_disabled=True)


class TelegramSender:
    """Sends notices and answers as one bot; `words` writes a notice as a message."""

    capabilities = CAPABILITIES

    def __init__(self, bot: Bot, db: Database, words: Callable[[DueNotice], Outbound], clock: Clock) -> None:
        self._bot = bot
        self._db = db
        self._clock = clock
        self._words = words
        self.pace = TelegramPace()

    async def check(self) -> None:
        """Ask who we are; raises DeliveryFailed where nobody answers, closed where the token is no good."""
        await client.introduce(self._bot)

    async def deliver(self, due: DueNotice) -> Receipt:
        """Answer a press, or show a message; raises DeliveryFailed."""
        assert due.address is not None
        try:
            if "callback" in due.facts:
                await self._hush(due)
            if due.purpose == Purpose.ANSWER and "outbound" not in due.facts:
                return Receipt()
            await self._show(due, due.address)
            return Receipt()
        except AiogramError as error:
            raise refusals.failure(error) from None

    async def _hush(self, due: DueNotice) -> None:
        """Let the button stop waiting, with a word where there is one; too late is as good as done."""
        asked = due.facts["callback"]
        try:
            await self._bot.answer_callback_query(
                asked["id"],
                text=cut(asked.get("text", ""), TOAST) or None,
                show_alert=bool(asked.get("alert")),
                url=asked.get("url"),
            )
        except AiogramError as error:
            if not refusals.is_late(error):
                raise

    async def _show(self, due: DueNotice, chat: str) -> None:
        outbound = unpacked(due.facts["outbound"]) if "outbound" in due.facts else self._words(due)
        rendered = render(outbound)
        follows = bool(due.facts.get("follows"))
        if follows:
            shown = await conversing.message_of(self._db, CHANNEL, chat, outbound.view_key)
        else:
            shown = await self._pressed(due, chat, outbound.view_key)
        try:
            await self._shown(chat, outbound, rendered, shown, follows=follows)
        except TelegramMigrateToChat as moved:
            to = str(moved.migrate_to_chat_id)
            await conversing.moved(self._db, CHANNEL, chat, to)
            await self._shown(to, outbound, rendered, None)

    async def _pressed(self, due: DueNotice, chat: str, view_key: str) -> str | None:
        """Return the message whose button was pressed, if this takes its place."""
        pressed = due.facts.get("pressed")
        if pressed is None:
            return None
        view = await conversing.view_of(self._db, CHANNEL, chat, pressed["message"])
        shows = view.view_key if view is not None else None
        fits = takes_place(view_key, shows, alone=pressed["alone"], seems=pressed["seems"])
        return str(pressed["message"]) if fits else None

    async def _shown(
        self, chat: str, outbound: Outbound, rendered: Rendered, shown: str | None, *, follows: bool = False
    ) -> None:
        """Edit the message that shows this already, else send it; one that `follows` and was taken away stays away."""
        if shown is not None and rendered.pieces and not rendered.files:
            known = await conversing.view_of(self._db, CHANNEL, chat, shown)
            if known is not None and known.digest == rendered.digest:
                return
            if await self._edited(chat, shown, rendered):
                await self._keep(chat, shown, outbound, rendered)
                return
            await conversing.gone(self._db, CHANNEL, chat, shown)
            if follows:
                raise DeliveryFailed("the message was taken away", permanent=True)
        reference = ""
        for number, piece in enumerate(rendered.pieces, 1):
            last = number == len(rendered.pieces)
            reference = await self._sent(chat, piece, rendered, buttons=last)
        for file in rendered.files:
            content = BufferedInputFile(file.content, file.name)
            await self._bot.send_document(int(chat), content, protect_content=rendered.protected or None)
        if rendered.pieces:
            await self._keep(chat, reference, outbound, rendered)

    async def _keep(self, chat: str, reference: str, outbound: Outbound, rendered: Rendered) -> None:
        view = View(outbound.view_key, rendered.digest)
        await conversing.shown(self._db, CHANNEL, chat, reference, view, now=self._clock.now())

    async def _sent(self, chat: str, piece: Piece, rendered: Rendered, *, buttons: bool) -> str:
        async def send(*, plain: bool) -> str:
            message = await self._bot.send_message(
                int(chat),
                piece.text,
                entities=None if plain else _entities(piece),
                reply_markup=_keyboard(rendered) if buttons and not plain else None,
                protect_content=rendered.protected or None,
                link_preview_options=_NO_PREVIEW,
            )
            return str(message.message_id)

        return await _or_plain(send)

    async def _edited(self, chat: str, reference: str, rendered: Rendered) -> bool:
        """Edit a message; False where it is no longer there to be edited."""

        async def edit(*, plain: bool) -> str:
            await self._bot.edit_message_text(
                rendered.pieces[0].text,
                chat_id=int(chat),
                message_id=int(reference),
                entities=None if plain else _entities(rendered.pieces[0]),
                reply_markup=None if plain else _keyboard(rendered),
                link_preview_options=_NO_PREVIEW,
            )
            return reference

        try:
            await _or_plain(edit)
        except AiogramError as error:
            if refusals.is_same(error):
                return True
            if refusals.is_past_editing(error):
                return False
            raise
        return True


class _Way(Protocol):
    async def __call__(self, *, plain: bool) -> str: ...


async def _or_plain(way: _Way) -> str:
    """Send as it should be; where Telegram will not have it so, which is our fault, log that and send bare text."""
    try:
        return await way(plain=False)
    except (TelegramRetryAfter, TelegramMigrateToChat):
        raise
    except AiogramError as error:
        harmless = refusals.is_same(error) or refusals.is_past_editing(error)
        if harmless or not refusals.is_our_fault(error):
            raise
        log.error("telegram_refused_our_message", reason=refusals.said(error))
        return await way(plain=True)


def _entities(piece: Piece) -> list[MessageEntity] | None:
    return [MessageEntity(type="bold", offset=offset, length=length) for offset, length in piece.bold] or None


def _keyboard(rendered: Rendered) -> InlineKeyboardMarkup | None:
    rows = [
        [InlineKeyboardButton(text=one.label, callback_data=one.code, url=one.url) for one in row]
        for row in rendered.rows
    ]
    return InlineKeyboardMarkup(inline_keyboard=rows) if rows else None
