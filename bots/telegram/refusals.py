"""What Telegram's refusals mean for a message: try again, wait, give up, or somebody else's fault."""

import re
from typing import Final

import aiohttp
from aiogram import exceptions

from service.errors import DeliveryFailed
from service.formats.cleaning import clean_line

MARGIN: Final = 0.5
"""Seconds that are waited longer than Telegram asks for."""

_GONE: Final = re.compile(
    r"chat not found|user not found|PEER_ID_INVALID|chat_id is empty|group chat was deactivated", re.I
)
_SAME: Final = re.compile(r"message is not modified", re.I)
_NO_EDIT: Final = re.compile(r"message to edit not found|MESSAGE_ID_INVALID|message can't be edited", re.I)
_LATE: Final = re.compile(r"query is too old|query ID is invalid|QUERY_ID_INVALID", re.I)
_TOKEN: Final = re.compile(r"\d{5,}:[A-Za-z0-9_-]{20,}")


def is_same(error: Exception) -> bool:
    """Tell whether an edit was refused because nothing would change."""
    return isinstance(error, exceptions.TelegramBadRequest) and bool(_SAME.search(error.message))


def is_past_editing(error: Exception) -> bool:
    """Tell whether the message to edit is no longer there."""
    return isinstance(error, exceptions.TelegramBadRequest) and bool(_NO_EDIT.search(error.message))


def is_late(error: Exception) -> bool:
    """Tell whether a press was answered too late to show anything."""
    return isinstance(error, exceptions.TelegramBadRequest) and bool(_LATE.search(error.message))


def is_our_fault(error: Exception) -> bool:
    """Tell whether Telegram would not have the message as we wrote it."""
    if isinstance(error, exceptions.TelegramBadRequest):
        return not _GONE.search(error.message)
    return isinstance(error, exceptions.TelegramEntityTooLarge)


def failure(error: Exception) -> DeliveryFailed:
    """Say what a refusal means for the outbox."""
    detail = said(error)
    match error:
        case exceptions.TelegramRetryAfter():
            return DeliveryFailed(detail, permanent=False, pause=error.retry_after + MARGIN)
        case exceptions.TelegramUnauthorizedError() | exceptions.TelegramNotFound():
            return DeliveryFailed(detail, permanent=True, closed=True)
        case exceptions.TelegramForbiddenError():
            return DeliveryFailed(detail, permanent=True, address_at_fault=True)
        case exceptions.TelegramBadRequest() | exceptions.TelegramEntityTooLarge():
            return DeliveryFailed(detail, permanent=True, address_at_fault=bool(_GONE.search(error.message)))
        case exceptions.TelegramNetworkError():
            # Before there is a connection nothing can have been sent; after that nobody knows.
            never_sent = isinstance(error.__cause__, aiohttp.ClientConnectorError)
            return DeliveryFailed(detail, permanent=False, uncertain=not never_sent)
        case _:
            return DeliveryFailed(detail, permanent=False, uncertain=True)


def said(error: Exception) -> str:
    """Return what the other side said, without the token, which stands in every address of the Bot API."""
    words = error.message if isinstance(error, exceptions.TelegramAPIError) else type(error).__name__
    return clean_line(_TOKEN.sub("***", words), 300)
