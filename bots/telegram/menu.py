"""The menus of commands: Dutch and English, for everybody in private and for those who lead, set only when changed."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import structlog
from aiogram import Bot
from aiogram.exceptions import AiogramError
from aiogram.types import (
    BotCommand,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    BotCommandScopeDefault,
    BotCommandScopeUnion,
)

from bots.telegram.parse import CHANNEL
from bots.telegram.refusals import said
from service.actions import remembering
from service.database import Database
from service.model import Language
from service.texts.catalogue import marked, translator

log = structlog.get_logger()

_COMMANDS: Final = (
    ({"nl": "agenda", "en": "agenda"}, marked("What is coming up")),
    ({"nl": "mijn", "en": "mine"}, marked("What you've signed up for")),
    ({"nl": "kringen", "en": "circles"}, marked("Which circles there are")),
    ({"nl": "taal", "en": "language"}, marked("Dutch or English")),
    ({"nl": "link", "en": "link"}, marked("Connect this chat to your mail address")),
    ({"nl": "unlink", "en": "unlink"}, marked("Disconnect this chat")),
    ({"nl": "stop", "en": "stop"}, marked("No more invitations from a circle")),
    ({"nl": "help", "en": "help"}, marked("What you can ask me")),
)
_GROUPS: Final = (({"nl": "kaart", "en": "card"}, marked("Put the card of a gathering here")), _COMMANDS[0])
_LEADING: Final = (({"nl": "lijst", "en": "list"}, marked("Who is coming, to what you lead")),)


@dataclass(frozen=True, slots=True)
class Menu:
    """The commands that one kind of chat is offered in one language; no language is for all the others."""

    name: str
    scope: BotCommandScopeUnion
    language: str
    commands: tuple[tuple[str, str], ...]

    @property
    def digest(self) -> str:
        """Return what differs when the menu does."""
        return hashlib.sha256(json.dumps(self.commands).encode()).hexdigest()


def menus(leaders: Iterable[str]) -> Iterator[Menu]:
    """List the menus there should be; `leaders` are the chats of those who lead a circle."""
    for code, language in (("", Language.ENGLISH), ("nl", Language.DUTCH)):
        everybody, leading = _said(_COMMANDS, language), _said(_LEADING, language)
        yield Menu(f"default:{code}", BotCommandScopeDefault(), code, everybody)
        yield Menu(f"private:{code}", BotCommandScopeAllPrivateChats(), code, everybody)
        yield Menu(f"groups:{code}", BotCommandScopeAllGroupChats(), code, _said(_GROUPS, language))
        for chat in leaders:
            scope = BotCommandScopeChat(chat_id=int(chat))
            yield Menu(f"chat:{chat}:{code}", scope, code, (*leading, *everybody))


async def bring_up(bot: Bot, db: Database) -> None:
    """Set what has changed; where Telegram will not have it, say so and go on: a bot without menus still answers."""
    already = await remembering.menus(db, CHANNEL)
    wanted = {menu.name: menu for menu in menus(await remembering.leaders(db, CHANNEL))}
    for menu in wanted.values():
        if already.get(menu.name) == menu.digest:
            continue
        try:
            commands = [BotCommand(command=name, description=text) for name, text in menu.commands]
            await bot.set_my_commands(commands, scope=menu.scope, language_code=menu.language or None)
        except AiogramError as error:
            log.warning("telegram_menu_not_set", menu=menu.name.partition(":")[0], reason=said(error))
            continue
        await remembering.set_menu(db, CHANNEL, menu.name, menu.digest)
    for name in already.keys() - wanted.keys():
        await _take_away(bot, db, name)


async def _take_away(bot: Bot, db: Database, name: str) -> None:
    """Take a menu of its own from a chat whose person leads nothing any more."""
    kind, chat, code = (*name.split(":"), "")[:3]
    if kind != "chat" or not chat:
        return
    try:
        await bot.delete_my_commands(scope=BotCommandScopeChat(chat_id=int(chat)), language_code=code or None)
    except AiogramError as error:
        log.warning("telegram_menu_not_set", menu=kind, reason=said(error))
    await remembering.set_menu(db, CHANNEL, name, "")


def _said(table: Sequence[tuple[dict[str, str], str]], language: str) -> tuple[tuple[str, str], ...]:
    texts = translator(language)
    return tuple((names[language], texts.gettext(text)) for names, text in table)
