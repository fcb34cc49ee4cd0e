"""What the bot can ask about chats and who is in them."""

from typing import TYPE_CHECKING

from tests.fakes.telegram.methods.messages import open_chat
from tests.fakes.telegram.parameters import Parameters
from tests.fakes.telegram.refusals import Refusal
from tests.fakes.telegram.world import Chat, Json

if TYPE_CHECKING:
    from tests.fakes.telegram.server import TelegramServer

_RIGHTS = (
    "can_be_edited", "is_anonymous", "can_manage_chat", "can_delete_messages", "can_manage_video_chats",
    "can_restrict_members", "can_promote_members", "can_change_info", "can_invite_users", "can_post_stories",
    "can_edit_stories", "can_delete_stories", "can_send_welcome_messages",
)  # fmt: skip


async def get_chat(telegram: "TelegramServer", parameters: Parameters) -> Json:
    chat = telegram.world.find(parameters.get("chat_id"))
    gifts = dict.fromkeys(
        ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"), False
    )
    return chat.json() | {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": gifts}


async def get_chat_member(telegram: "TelegramServer", parameters: Parameters) -> Json:
    chat = open_chat(telegram, parameters)
    user = parameters.integer("user_id", 0, 0, 2**52)
    if user not in telegram.world.users:
        raise Refusal.bad("PARTICIPANT_ID_INVALID")
    return member(telegram, chat, user)


async def get_chat_administrators(telegram: "TelegramServer", parameters: Parameters) -> list[Json]:
    chat = open_chat(telegram, parameters)
    if not chat.is_group:
        raise Refusal.bad("there are no administrators in the private chat")
    leading = [user for user, status in chat.members.items() if status in ("creator", "administrator")]
    return [member(telegram, chat, user) for user in leading]


async def get_chat_member_count(telegram: "TelegramServer", parameters: Parameters) -> int:
    chat = open_chat(telegram, parameters)
    return sum(status not in ("left", "kicked") for status in chat.members.values()) if chat.is_group else 2


async def leave_chat(telegram: "TelegramServer", parameters: Parameters) -> bool:
    chat = open_chat(telegram, parameters)
    if not chat.is_group:
        raise Refusal.bad("chat member status can't be changed in private chats")
    chat.members[telegram.world.bot.id] = "left"
    telegram.happened()
    return True


def member(telegram: "TelegramServer", chat: Chat, user: int) -> Json:
    """Return a ChatMember as the API writes it."""
    return member_json(telegram.world.users[user].json(), chat.members.get(user, "left"))


def member_json(user: Json, status: str) -> Json:
    answer: Json = {"status": status, "user": user}
    if status == "creator":
        return answer | {"is_anonymous": False}
    if status == "administrator":
        return answer | dict.fromkeys(_RIGHTS, False) | {"can_manage_chat": True}
    if status == "kicked":
        return answer | {"until_date": 0}
    return answer
