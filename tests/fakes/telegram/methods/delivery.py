"""Who the bot is and how it hears of things: getMe, getUpdates, the webhook."""

from typing import TYPE_CHECKING

from tests.fakes.telegram.parameters import Parameters
from tests.fakes.telegram.world import Json

if TYPE_CHECKING:
    from tests.fakes.telegram.server import TelegramServer


async def get_me(telegram: "TelegramServer", _parameters: Parameters) -> Json:
    return telegram.world.bot.json() | {
        "can_join_groups": True,
        "can_read_all_group_messages": not telegram.privacy,
        "supports_inline_queries": False,
    }


async def get_updates(telegram: "TelegramServer", parameters: Parameters) -> list[Json]:
    telegram.updates.allow(parameters.structure("allowed_updates"))
    found = await telegram.updates.poll(
        offset=parameters.integer("offset", 0, -(2**31), 2**31),
        limit=parameters.integer("limit", 100, 1, 100),
        seconds=parameters.integer("timeout", 0, 0, 50),
    )
    return [update.json() for update in found]


async def set_webhook(telegram: "TelegramServer", parameters: Parameters) -> bool:
    telegram.updates.allow(parameters.structure("allowed_updates"))
    if parameters.flag("drop_pending_updates"):
        telegram.updates.clear()
    url = parameters.text("url")
    if not url:
        await telegram.webhook.delete()
        return True
    await telegram.webhook.set(url, parameters.text("secret_token"), parameters.integer("max_connections", 40, 0, 1000))
    return True


async def delete_webhook(telegram: "TelegramServer", parameters: Parameters) -> bool:
    await telegram.webhook.delete()
    if parameters.flag("drop_pending_updates"):
        telegram.updates.clear()
    return True


async def get_webhook_info(telegram: "TelegramServer", _parameters: Parameters) -> Json:
    return telegram.webhook.info()
