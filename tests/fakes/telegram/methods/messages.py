"""Sending, changing and taking back messages, and answering presses of buttons."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from tests.fakes.telegram import limits
from tests.fakes.telegram.parameters import Parameters
from tests.fakes.telegram.refusals import BLOCKED, DEACTIVATED, NEVER_STARTED, NOT_MODIFIED, QUERY_TOO_OLD, Refusal
from tests.fakes.telegram.world import Chat, Json, Message

if TYPE_CHECKING:
    from tests.fakes.telegram.server import TelegramServer

DELETABLE: Final = timedelta(hours=48)
ANSWERABLE: Final = timedelta(seconds=60)
"""How long a press waits for its answer; Telegram names no figure, clients give up after about a minute."""


async def send_message(telegram: "TelegramServer", parameters: Parameters) -> Json:
    chat = open_chat(telegram, parameters)
    text, entities = written(parameters, "text", "entities")
    limits.check_text(text)
    content: Json = {"text": text} | ({"entities": entities} if entities else {})
    return place(telegram, chat, parameters, content).json


async def edit_message_text(telegram: "TelegramServer", parameters: Parameters) -> Json:
    message = to_edit(telegram, parameters)
    text, entities = written(parameters, "text", "entities")
    limits.check_text(text)
    if "text" not in message.json:
        raise Refusal.bad("there is no text in the message to edit")
    changes: Json = {"text": text, "entities": entities or None, "reply_markup": keyboard(parameters)}
    return change(telegram, message, changes)


async def edit_message_caption(telegram: "TelegramServer", parameters: Parameters) -> Json:
    message = to_edit(telegram, parameters)
    text, entities = written(parameters, "caption", "caption_entities")
    limits.check_caption(text)
    changes = {"caption": text or None, "caption_entities": entities or None, "reply_markup": keyboard(parameters)}
    return change(telegram, message, changes)


async def edit_message_reply_markup(telegram: "TelegramServer", parameters: Parameters) -> Json:
    return change(telegram, to_edit(telegram, parameters), {"reply_markup": keyboard(parameters)})


async def delete_message(telegram: "TelegramServer", parameters: Parameters) -> bool:
    chat = open_chat(telegram, parameters)
    message = chat.messages.get(parameters.integer("message_id", 0, 0, 2**31))
    if message is None:
        raise Refusal.bad("message to delete not found")
    allowed = message.by_bot or chat.type == "private" or chat.members.get(telegram.world.bot.id) == "administrator"
    if not allowed or telegram.world.age(message) > DELETABLE:
        raise Refusal.bad("message can't be deleted")
    del chat.messages[message.id]
    telegram.happened()
    return True


async def answer_callback_query(telegram: "TelegramServer", parameters: Parameters) -> bool:
    query = telegram.world.queries.get(parameters.text("callback_query_id"))
    if query is None or telegram.world.clock.now() - query.asked_at > ANSWERABLE:
        raise QUERY_TOO_OLD
    limits.check_callback_answer(parameters.text("text"))
    url = parameters.text("url")
    if url and not url.startswith(
        (f"https://t.me/{telegram.world.bot.username}?", f"t.me/{telegram.world.bot.username}?")
    ):
        raise Refusal.bad("URL_INVALID")
    if query.answer is None:
        query.answer = {"text": parameters.text("text"), "alert": parameters.flag("show_alert"), "url": url}
    telegram.happened()
    return True


async def send_chat_action(telegram: "TelegramServer", parameters: Parameters) -> bool:
    open_chat(telegram, parameters)
    if not parameters.text("action"):
        raise Refusal.bad("wrong parameter action in request")
    return True


def open_chat(telegram: "TelegramServer", parameters: Parameters) -> Chat:
    """Return the chat that a call names, if the bot may write there; raises Refusal."""
    chat = telegram.world.find(parameters.get("chat_id"))
    if chat.user is not None:
        if chat.user.deactivated:
            raise DEACTIVATED
        if chat.user.blocked:
            raise BLOCKED
        if not chat.user.started:
            raise NEVER_STARTED
    elif (status := chat.members.get(telegram.world.bot.id)) not in ("member", "administrator"):
        verb = "was kicked from" if status == "kicked" else "is not a member of"
        raise Refusal.forbidden(f"bot {verb} the {chat.type} chat")
    return chat


def written(parameters: Parameters, text: str, entities: str) -> tuple[str, list[Json]]:
    """Return text and entities of a call, as Telegram keeps them."""
    if parameters.get("parse_mode"):
        raise Refusal.bad("unsupported parse_mode")  # Kring writes entities; this side reads nothing else
    given = parameters.structure(entities) or []
    return limits.trimmed(parameters.text(text), [dict(entity) for entity in given])


def keyboard(parameters: Parameters) -> Json | None:
    """Return the inline keyboard of a call; other kinds of reply markup are taken and shown nowhere."""
    markup = parameters.structure("reply_markup")
    return limits.check_keyboard(markup) if markup and "inline_keyboard" in markup else None


def place(telegram: "TelegramServer", chat: Chat, parameters: Parameters, content: Json) -> Message:
    """Put a message of the bot into a chat."""
    reply = _replied_to(chat, parameters)
    thread = parameters.integer("message_thread_id", 0, 0, 2**31)
    if thread and thread not in chat.threads:
        raise Refusal.bad("message thread not found")
    markup = keyboard(parameters)
    extra = {
        "reply_markup": markup,
        "reply_to_message": reply,
        "message_thread_id": thread or None,
        "is_topic_message": True if thread else None,
        "has_protected_content": True if parameters.flag("protect_content") else None,
    }
    telegram.count(chat)
    message = telegram.world.post(chat, telegram.world.bot, content | {k: v for k, v in extra.items() if v is not None})
    telegram.happened()
    return message


def to_edit(telegram: "TelegramServer", parameters: Parameters) -> Message:
    chat = open_chat(telegram, parameters)
    message = chat.messages.get(parameters.integer("message_id", 0, 0, 2**31))
    if message is None:
        raise Refusal.bad("message to edit not found")
    if not message.by_bot:
        raise Refusal.bad("message can't be edited")
    return message


def change(telegram: "TelegramServer", message: Message, changes: dict[str, Any]) -> Json:
    """Edit a message; raises Refusal where nothing would be different."""
    if all(message.json.get(name) == value for name, value in changes.items()):
        raise NOT_MODIFIED
    telegram.count(telegram.world.chats[message.json["chat"]["id"]])
    message.history.append(message.text)
    for name, value in changes.items():
        if value is None:
            message.json.pop(name, None)
        else:
            message.json[name] = value
    message.json["edit_date"] = telegram.world.stamp()
    message.edits += 1
    message.changed = telegram.world.change()
    telegram.happened()
    return message.json


def _replied_to(chat: Chat, parameters: Parameters) -> Json | None:
    reply = parameters.structure("reply_parameters")
    if not reply:
        return None
    message = chat.messages.get(int(reply.get("message_id", 0)))
    if message is None:
        if reply.get("allow_sending_without_reply"):
            return None
        raise Refusal.bad("message to be replied not found")
    return {name: value for name, value in message.json.items() if name != "reply_to_message"}
