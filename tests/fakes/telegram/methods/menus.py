"""What the bot shows of itself: commands per scope and language, its name and its descriptions."""

from typing import TYPE_CHECKING

from tests.fakes.telegram import limits
from tests.fakes.telegram.parameters import Parameters
from tests.fakes.telegram.refusals import Refusal
from tests.fakes.telegram.world import Json

if TYPE_CHECKING:
    from tests.fakes.telegram.server import TelegramServer

LENGTHS = {"name": 64, "description": 512, "short_description": 120}


async def set_my_commands(telegram: "TelegramServer", parameters: Parameters) -> bool:
    key = limits.scope_of(parameters.structure("scope"), parameters.text("language_code"))
    commands = limits.check_commands(parameters.structure("commands") or [])
    if commands:
        telegram.menus[key] = commands
    else:
        telegram.menus.pop(key, None)
    return True


async def get_my_commands(telegram: "TelegramServer", parameters: Parameters) -> list[Json]:
    return telegram.menus.get(limits.scope_of(parameters.structure("scope"), parameters.text("language_code")), [])


async def delete_my_commands(telegram: "TelegramServer", parameters: Parameters) -> bool:
    telegram.menus.pop(limits.scope_of(parameters.structure("scope"), parameters.text("language_code")), None)
    return True


async def set_my_name(telegram: "TelegramServer", parameters: Parameters) -> bool:
    return _say(telegram, parameters, "name")


async def get_my_name(telegram: "TelegramServer", parameters: Parameters) -> Json:
    return _said(telegram, parameters, "name")


async def set_my_description(telegram: "TelegramServer", parameters: Parameters) -> bool:
    return _say(telegram, parameters, "description")


async def get_my_description(telegram: "TelegramServer", parameters: Parameters) -> Json:
    return _said(telegram, parameters, "description")


async def set_my_short_description(telegram: "TelegramServer", parameters: Parameters) -> bool:
    return _say(telegram, parameters, "short_description")


async def get_my_short_description(telegram: "TelegramServer", parameters: Parameters) -> Json:
    return _said(telegram, parameters, "short_description")


async def set_chat_menu_button(telegram: "TelegramServer", parameters: Parameters) -> bool:
    button = parameters.structure("menu_button") or {"type": "default"}
    if button.get("type") not in ("commands", "default", "web_app"):
        raise Refusal.bad("MENU_BUTTON_INVALID")
    telegram.menu_buttons[parameters.get("chat_id")] = button
    return True


async def get_chat_menu_button(telegram: "TelegramServer", parameters: Parameters) -> Json:
    default = telegram.menu_buttons.get(None, {"type": "default"})
    return telegram.menu_buttons.get(parameters.get("chat_id"), default)


def _say(telegram: "TelegramServer", parameters: Parameters, what: str) -> bool:
    text, language = parameters.text(what), parameters.text("language_code")
    if limits.units(text) > LENGTHS[what]:
        raise Refusal.bad(f"{what.upper()}_TOO_LONG")
    limits.scope_of(None, language)
    if text:
        telegram.about[what, language] = text
    else:
        telegram.about.pop((what, language), None)
    return True


def _said(telegram: "TelegramServer", parameters: Parameters, what: str) -> Json:
    """A language without a text of its own has the text for all."""
    fallback = telegram.about.get((what, ""), telegram.world.bot.first_name if what == "name" else "")
    return {what: telegram.about.get((what, parameters.text("language_code")), fallback)}
