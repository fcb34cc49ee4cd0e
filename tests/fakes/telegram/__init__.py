"""Telegram's Bot API as the far side of the network; `server.TelegramServer` is the door."""

from tests.fakes.telegram.accounts import Account, Group
from tests.fakes.telegram.flood import Flood
from tests.fakes.telegram.orders import BAD_GATEWAY, HANG_UP, LATE, SILENCE
from tests.fakes.telegram.refusals import Refusal
from tests.fakes.telegram.server import TOKEN, TelegramServer
from tests.fakes.telegram.world import Message

__all__ = [
    "BAD_GATEWAY",
    "HANG_UP",
    "LATE",
    "SILENCE",
    "TOKEN",
    "Account",
    "Flood",
    "Group",
    "Message",
    "Refusal",
    "TelegramServer",
]
