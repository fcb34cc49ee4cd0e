"""What came from Telegram as what it means to Kring: an update in, a plain value out. Pure.

What typed words mean is found out elsewhere; only what is Telegram's own is understood here.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from aiogram.types import CallbackQuery, ChatMemberUpdated, MaybeInaccessibleMessageUnion, Message, Update, User
from pydantic import ValidationError

from bots.telegram.codes import intent
from service.channels import Inbound, Intent, Topic

CHANNEL: Final = "telegram"

ALLOWED: Final = ("message", "callback_query", "my_chat_member")
"""The updates that are asked for; all others are never sent."""

_COMMAND: Final = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@([A-Za-z0-9_]{1,32}))?(?=\s|$)")
_LINK: Final = re.compile(r"l_[A-Za-z0-9_-]{22}")
_GATHERING: Final = re.compile(r"e_([0-9]{1,18})")
_ANSWERS: Final = frozenset({Topic.ACCEPT, Topic.ACCEPT_ONLINE, Topic.DECLINE, Topic.TENTATIVE})
_ADDRESS: Final = re.compile(r"[^\s@]{1,64}@[^\s@]{1,255}")


class Kind(StrEnum):
    """What an update is."""

    SAID = "said"  # words, or a button of ours
    OUTDATED = "outdated"  # a button that this version never made
    BLOCKED = "blocked"
    UNBLOCKED = "unblocked"
    MOVED = "moved"  # a group has a new number
    NAMELESS = "nameless"  # from somebody who writes in the name of a group or channel
    OTHER = "other"  # nothing for Kring
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """An update as Kring understands it.

    `account` is what Telegram calls whoever did it, for them to read; `pressed` the message whose button it was,
    `query` what an answer to the press must name. `seems` is what all the buttons of that message are about, as the
    key of a view begins; empty where they are about several things.
    """

    kind: Kind
    chat: str = ""
    address: str = ""
    account: str = ""
    language: str = ""
    inbound: Inbound | None = None
    pressed: str | None = None
    seems: str = ""
    query: str | None = None
    moved_to: str = ""


def read(raw: bytes, *, me: str | None, received_at: datetime) -> Received:
    """Read an update; `me` is the bot's own username, as far as it is known."""
    try:
        update = Update.model_validate_json(raw)
    except ValidationError:
        return Received(kind=Kind.UNREADABLE)
    if update.callback_query is not None:
        return _pressed(update.update_id, update.callback_query, received_at)
    if update.my_chat_member is not None:
        return _member(update.my_chat_member)
    if update.message is not None:
        return _message(update.update_id, update.message, me)
    return Received(kind=Kind.OTHER)


def conversation(values: Any) -> str:
    """Name the chat of an update that was read as JSON only; what belongs to one is worked on in order."""
    for name in ("message", "my_chat_member", "edited_message"):
        if isinstance(chat := _at(values, name, "chat", "id"), int):
            return f"{CHANNEL}:{chat}"
    for path in (("callback_query", "message", "chat", "id"), ("callback_query", "from", "id")):
        if isinstance(found := _at(values, *path), int):
            return f"{CHANNEL}:{found}"
    return f"{CHANNEL}:{_at(values, 'update_id')}"


def _at(values: Any, *path: str) -> Any:
    for name in path:
        values = values.get(name) if isinstance(values, dict) else None
    return values


def _pressed(number: int, query: CallbackQuery, received_at: datetime) -> Received:
    who: dict[str, Any] = _who(query.from_user)
    if query.message is None:
        return Received(kind=Kind.OUTDATED, chat=who["address"], query=query.id, **who)
    chat, asked = query.message.chat, intent(query.data or "")
    more: dict[str, Any] = {"chat": str(chat.id), "pressed": str(query.message.message_id), "query": query.id, **who}
    more["seems"] = _seems(query.message)
    if asked is None:
        return Received(kind=Kind.OUTDATED, **more)
    inbound = Inbound(
        channel=CHANNEL,
        external_id=str(number),
        received_at=received_at,
        address=who["address"],
        conversation=str(chat.id),
        scope="private" if chat.type == "private" else "group",
        intent=asked,
    )
    return Received(kind=Kind.SAID, inbound=inbound, **more)


def _seems(message: MaybeInaccessibleMessageUnion) -> str:
    """Tell by the buttons of a message what it shows: the one gathering that they answer, or give a mark to."""
    if not isinstance(message, Message) or message.reply_markup is None:
        return ""
    buttons = [button for row in message.reply_markup.inline_keyboard for button in row]
    asked = [found for button in buttons if (found := intent(button.callback_data or "")) is not None]
    answered = {f"gathering:{one.argument}" for one in asked if one.topic in _ANSWERS}
    rated = {f"rating:{(one.argument or '').partition('-')[0]}" for one in asked if one.topic is Topic.RATE}
    about = answered | rated
    return about.pop() if len(about) == 1 else ""


def _member(change: ChatMemberUpdated) -> Received:
    if change.chat.type != "private":
        return Received(kind=Kind.OTHER)
    status = change.new_chat_member.status
    kind = {"kicked": Kind.BLOCKED, "member": Kind.UNBLOCKED}.get(status, Kind.OTHER)
    who: dict[str, Any] = _who(change.from_user)
    return Received(kind=kind, chat=str(change.chat.id), **who)


def _message(number: int, message: Message, me: str | None) -> Received:
    chat = str(message.chat.id)
    if message.migrate_to_chat_id is not None:
        return Received(kind=Kind.MOVED, chat=chat, moved_to=str(message.migrate_to_chat_id))
    text = message.text if message.text is not None else message.caption
    private = message.chat.type == "private"
    if text is None and not private:
        return Received(kind=Kind.OTHER)
    asked = _asked(text or "", me)
    if message.sender_chat is not None or message.from_user is None or message.from_user.is_bot:
        return Received(kind=Kind.NAMELESS if isinstance(asked, Intent) or private else Kind.OTHER, chat=chat)
    if asked is None:
        return Received(kind=Kind.OTHER)
    who: dict[str, Any] = _who(message.from_user)
    inbound = Inbound(
        channel=CHANNEL,
        external_id=str(number),
        received_at=message.date,
        address=who["address"],
        conversation=chat,
        scope="private" if private else "group",
        intent=asked if isinstance(asked, Intent) else None,
        text=asked if isinstance(asked, str) else None,
        reply_to=str(message.reply_to_message.message_id) if message.reply_to_message else None,
    )
    return Received(kind=Kind.SAID, chat=chat, inbound=inbound, **who)


def _asked(text: str, me: str | None) -> Intent | str | None:
    """Return what is Telegram's own way of asking, else the words; None for a command to another bot."""
    found = _COMMAND.match(text)
    if found is None:
        return text
    name, bot, argument = found[1].lower(), found[2], text[found.end() :].strip()
    if bot is not None and me is not None and bot.lower() != me.lower():
        return None
    if name == "start":
        return _started(argument)
    if name in ("link", "koppel"):
        return Intent(Topic.LINK, argument if _ADDRESS.fullmatch(argument) else None)
    if name in ("unlink", "ontkoppel"):
        return Intent(Topic.UNLINK)
    return f"/{name} {argument}".rstrip()


def _started(argument: str) -> Intent:
    """Read what a link to the bot brings along; anything that we would not have written counts as nothing."""
    if _LINK.fullmatch(argument):
        return Intent(Topic.LINK, argument)
    if found := _GATHERING.fullmatch(argument):
        return Intent(Topic.GATHERING, found[1])
    return Intent(Topic.HELP)


def _who(user: User) -> dict[str, str]:
    account = f"@{user.username}" if user.username else user.full_name
    return {"address": str(user.id), "account": account[:100], "language": (user.language_code or "")[:2]}
