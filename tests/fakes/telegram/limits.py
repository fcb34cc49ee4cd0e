"""What Telegram checks before it takes something on: lengths in UTF-16 units, entities, keyboards, commands. Pure."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from tests.fakes.telegram.refusals import Refusal

TEXT: Final = 4096
CAPTION: Final = 1024
CALLBACK_ANSWER: Final = 200
CALLBACK_DATA: Final = 64
UPLOAD: Final = 50 * 2**20
PHOTO: Final = 10 * 2**20
BUTTONS: Final = 100

_PAIRED = {
    "bold", "italic", "underline", "strikethrough", "spoiler", "blockquote", "expandable_blockquote", "code", "pre",
    "text_link", "text_mention", "custom_emoji", "date_time",
}  # fmt: skip
_FOUND = {
    "mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number",
}  # fmt: skip
_ACTIONS = {"callback_data", "url", "web_app", "login_url", "switch_inline_query", "copy_text"}
_SCOPES = {
    "default": (), "all_private_chats": (), "all_group_chats": (), "all_chat_administrators": (),
    "chat": ("chat_id",), "chat_administrators": ("chat_id",), "chat_member": ("chat_id", "user_id"),
}  # fmt: skip


def units(text: str) -> int:
    """Count as Telegram does: in UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2


def trimmed(text: str, entities: list[dict[str, Any]]) -> tuple[str, list[dict[str, Any]]]:
    """Check the entities against the text, then cut white space off both ends, as Telegram does with both."""
    _check_entities(text, entities)
    lead = units(text) - units(text.lstrip())
    text = text.strip()
    kept = []
    for entity in sorted(entities, key=lambda one: (one["offset"], -one["length"])):
        start = max(entity["offset"] - lead, 0)
        end = min(entity["offset"] + entity["length"] - lead, units(text))
        if end > start:
            kept.append(entity | {"offset": start, "length": end - start})
    return text, kept


def check_text(text: str) -> None:
    if not text:
        raise Refusal.bad("message text is empty")
    if units(text) > TEXT:
        raise Refusal.bad("message is too long")


def check_caption(text: str) -> None:
    if units(text) > CAPTION:
        raise Refusal.bad("message caption is too long")


def check_callback_answer(text: str) -> None:
    if units(text) > CALLBACK_ANSWER:
        raise Refusal.bad("MESSAGE_TOO_LONG")


def check_keyboard(markup: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return an inline keyboard without its empty rows, None for none at all."""
    rows = markup.get("inline_keyboard")
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise Refusal.bad('field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays')
    rows = [row for row in rows if row]
    buttons = [button for row in rows for button in row]
    if len(buttons) > BUTTONS or any(len(row) > 8 for row in rows):
        raise Refusal.bad("reply markup is too long")
    for button in buttons:
        _check_button(button)
    return {"inline_keyboard": rows} if rows else None


def check_commands(commands: Any) -> list[dict[str, Any]]:
    if not isinstance(commands, list) or len(commands) > 100:
        raise Refusal.bad("BOT_COMMANDS_TOO_MUCH")
    for one in commands:
        if not re.fullmatch(r"[a-z0-9_]{1,32}", one.get("command", "")):
            raise Refusal.bad("BOT_COMMAND_INVALID")
        if not 1 <= units(one.get("description", "")) <= 256:
            raise Refusal.bad("BOT_COMMAND_DESCRIPTION_INVALID")
    return commands


def scope_of(scope: Mapping[str, Any] | None, language: str) -> tuple[str, ...]:
    """Return the key under which commands of a scope and a language are kept."""
    scope = scope or {"type": "default"}
    kind = scope.get("type")
    if kind not in _SCOPES:
        raise Refusal.bad("can't parse BotCommandScope: Unsupported type specified")
    if language and not re.fullmatch(r"[a-z]{2}", language):
        raise Refusal.bad("invalid language code specified")
    missing = [name for name in _SCOPES[kind] if name not in scope]
    if missing:
        raise Refusal.bad(f"can't parse BotCommandScope: Can't find field \"{missing[0]}\"")
    return (kind, *(str(scope[name]) for name in _SCOPES[kind]), language)


def check_url(url: str, where: str) -> None:
    """Refuse what Telegram cannot open: another scheme than http, https or tg, or a host without a dot."""
    parts = urlsplit(url if "://" in url or url.startswith("tg:") else f"http://{url}")
    host = parts.hostname or ""
    if parts.scheme != "tg" and (parts.scheme not in ("http", "https") or ("." not in host and ":" not in host)):
        raise Refusal.bad(f"{where} '{url}' is invalid: Wrong HTTP URL")


def _check_button(button: Mapping[str, Any]) -> None:
    if not isinstance(button.get("text"), str) or not button["text"].strip():
        raise Refusal.bad('can\'t parse inline keyboard button: Field "text" must be non-empty')
    actions = _ACTIONS & button.keys()
    if not actions:
        raise Refusal.bad("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    if len(actions) > 1:
        raise Refusal.bad("can't parse inline keyboard button: exactly one action is allowed")
    if "callback_data" in button and not 1 <= len(str(button["callback_data"]).encode()) <= CALLBACK_DATA:
        raise Refusal.bad("BUTTON_DATA_INVALID")
    if "url" in button:
        check_url(button["url"], "inline keyboard button URL")


def _check_entities(text: str, entities: Iterable[Mapping[str, Any]]) -> None:
    size, inside = units(text), _second_halves(text)
    for entity in entities:
        if entity.get("type") not in _PAIRED | _FOUND:
            raise Refusal.bad("can't parse MessageEntity: Unsupported type specified")
        for name in ("offset", "length"):
            if not isinstance(entity.get(name), int) or entity[name] < 0:
                raise Refusal.bad(f"receive an entity with incorrect {name} {entity.get(name)}")
        _check_place(entity["offset"], entity["offset"] + entity["length"], size, inside)
        if entity["type"] == "text_link":
            check_url(entity.get("url", ""), "entity URL")


def _check_place(start: int, end: int, size: int, inside: set[int]) -> None:
    if start > size:
        raise Refusal.bad(f"entity begins after the end of the text at UTF-16 offset {start}")
    beginning = f"entity beginning at UTF-16 offset {start} ends"
    if end > size:
        raise Refusal.bad(f"{beginning} after the end of the text at UTF-16 offset {end}")
    if start in inside:
        raise Refusal.bad("entity begins in a middle of a UTF-16 symbol")
    if end in inside:
        raise Refusal.bad(f"{beginning} in a middle of a UTF-16 symbol")


def _second_halves(text: str) -> set[int]:
    """Return the offsets at which an entity would cut a character in two."""
    cut, at = set(), 0
    for character in text:
        at += 1
        if ord(character) > 0xFFFF:
            cut.add(at)
            at += 1
    return cut
