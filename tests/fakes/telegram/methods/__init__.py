"""The methods of the Bot API that this server knows, by name; what is not here is 404, as for a word it never heard."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final

from tests.fakes.telegram.methods import chats, delivery, files, menus, messages
from tests.fakes.telegram.parameters import Parameters

if TYPE_CHECKING:
    from tests.fakes.telegram.server import TelegramServer

Method = Callable[["TelegramServer", Parameters], Awaitable[Any]]

METHODS: Final[dict[str, Method]] = {
    "getMe": delivery.get_me,
    "getUpdates": delivery.get_updates,
    "setWebhook": delivery.set_webhook,
    "deleteWebhook": delivery.delete_webhook,
    "getWebhookInfo": delivery.get_webhook_info,
    "sendMessage": messages.send_message,
    "editMessageText": messages.edit_message_text,
    "editMessageCaption": messages.edit_message_caption,
    "editMessageReplyMarkup": messages.edit_message_reply_markup,
    "deleteMessage": messages.delete_message,
    "answerCallbackQuery": messages.answer_callback_query,
    "sendChatAction": messages.send_chat_action,
    "sendDocument": files.send_document,
    "sendPhoto": files.send_photo,
    "getFile": files.get_file,
    "setMyCommands": menus.set_my_commands,
    "getMyCommands": menus.get_my_commands,
    "deleteMyCommands": menus.delete_my_commands,
    "setMyName": menus.set_my_name,
    "getMyName": menus.get_my_name,
    "setMyDescription": menus.set_my_description,
    "getMyDescription": menus.get_my_description,
    "setMyShortDescription": menus.set_my_short_description,
    "getMyShortDescription": menus.get_my_short_description,
    "setChatMenuButton": menus.set_chat_menu_button,
    "getChatMenuButton": menus.get_chat_menu_button,
    "getChat": chats.get_chat,
    "getChatMember": chats.get_chat_member,
    "getChatAdministrators": chats.get_chat_administrators,
    "getChatMemberCount": chats.get_chat_member_count,
    "leaveChat": chats.leave_chat,
}
"""Telegram takes the names in any case; `find` does too."""

_BY_LOWER: Final = {name.lower(): (name, method) for name, method in METHODS.items()}


def find(name: str) -> tuple[str, Method] | None:
    """Return a method with its name as it is written in the documentation."""
    return _BY_LOWER.get(name.lower())
