"""What exists on Telegram's side: users, chats, messages, files. Plain data; nothing is decided here."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from service.clock import Clock
from tests.fakes.telegram.refusals import Refusal

Json = dict[str, Any]


@dataclass(slots=True)
class User:
    """Somebody with the app; `started`: has written to the bot, `blocked`: wants nothing more of it."""

    id: int
    first_name: str
    last_name: str | None = None
    username: str | None = None
    language_code: str | None = None
    is_bot: bool = False
    started: bool = False
    blocked: bool = False
    deactivated: bool = False

    def json(self) -> Json:
        fields = {
            "id": self.id,
            "is_bot": self.is_bot,
            "first_name": self.first_name,
            "last_name": self.last_name,
            "username": self.username,
            "language_code": self.language_code,
        }
        return {name: value for name, value in fields.items() if value is not None}


@dataclass(slots=True)
class Message:
    """A message as it stands now; `edits` counts how often the bot changed it, `changed` is when it last was."""

    json: Json
    by_bot: bool
    changed: int = 0
    edits: int = 0
    history: list[str] = field(default_factory=list)

    @property
    def id(self) -> int:
        return int(self.json["message_id"])

    @property
    def text(self) -> str:
        return str(self.json.get("text") or self.json.get("caption") or "")

    @property
    def buttons(self) -> list[Json]:
        return [button for row in self.json.get("reply_markup", {}).get("inline_keyboard", []) for button in row]

    @property
    def labels(self) -> list[str]:
        return [button["text"] for button in self.buttons]

    @property
    def rows(self) -> list[list[str]]:
        keyboard = self.json.get("reply_markup", {}).get("inline_keyboard", [])
        return [[button["text"] for button in row] for row in keyboard]


@dataclass(slots=True)
class Chat:
    """A conversation. `members` of a group, with their status; `moved_to`: the supergroup that took its place."""

    id: int
    type: str
    title: str | None = None
    user: User | None = None
    members: dict[int, str] = field(default_factory=dict)
    messages: dict[int, Message] = field(default_factory=dict)
    ids: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    threads: set[int] = field(default_factory=set)
    moved_to: int | None = None

    def json(self) -> Json:
        if self.user is not None:
            own = self.user.json()
            names = {name: own[name] for name in ("first_name", "last_name", "username") if name in own}
            return {"id": self.id, "type": self.type, **names}
        return {"id": self.id, "type": self.type, "title": self.title}

    @property
    def is_group(self) -> bool:
        return self.type in ("group", "supergroup")


@dataclass(frozen=True, slots=True)
class File:
    """A file that was handed over; the same content has the same `unique`."""

    id: str
    unique: str
    name: str
    media_type: str
    content: bytes


@dataclass(slots=True)
class Query:
    """A press of a button, and what the bot answered."""

    id: str
    user: User
    asked_at: datetime
    answer: Json | None = None


class World:
    """All of it, and the clock by which it lives."""

    def __init__(self, clock: Clock, bot: User) -> None:
        self.clock = clock
        self.bot = bot
        self.users: dict[int, User] = {bot.id: bot}
        self.chats: dict[int, Chat] = {}
        self.files: dict[str, File] = {}
        self.queries: dict[str, Query] = {}
        self.numbers = itertools.count(1)
        self.changes = 0
        self._account_messages = itertools.count(101)

    def stamp(self) -> int:
        return int(self.clock.now().timestamp())

    def private_chat(self, user: User) -> Chat:
        if user.id not in self.chats:
            self.chats[user.id] = Chat(user.id, "private", user=user, ids=self._account_messages)
        return self.chats[user.id]

    def group(self, title: str, *, supergroup: bool) -> Chat:
        number = next(self.numbers)
        if supergroup:
            chat = Chat(-1_001_000_000_000 - number, "supergroup", title)
        else:
            chat = Chat(-4_000_000 - number, "group", title, ids=self._account_messages)
        self.chats[chat.id] = chat
        return chat

    def find(self, chat_id: Any) -> Chat:
        """Return the chat that the bot names; raises Refusal."""
        if chat_id in (None, ""):
            raise Refusal.bad("chat_id is empty")
        try:
            chat = self.chats[int(chat_id)]
        except (KeyError, ValueError):
            raise Refusal.bad("chat not found") from None
        if chat.moved_to is not None:
            raise Refusal.bad("group chat was upgraded to a supergroup chat", migrate_to_chat_id=chat.moved_to)
        return chat

    def post(self, chat: Chat, sender: User | None, content: Json) -> Message:
        """Put a message into a chat; content holds what Telegram's Message holds beside number, date and chat."""
        json = {"message_id": next(chat.ids), "date": self.stamp(), "chat": chat.json()}
        if sender is not None:
            json["from"] = sender.json()
        message = Message(json | content, by_bot=sender is self.bot, changed=self.change())
        chat.messages[message.id] = message
        return message

    def change(self) -> int:
        """Count one more change of what there is to read."""
        self.changes += 1
        return self.changes

    def query(self, user: User) -> Query:
        query = Query(str(4_000_000_000_000 + next(self.numbers)), user, self.clock.now())
        self.queries[query.id] = query
        return query

    def age(self, message: Message) -> timedelta:
        return timedelta(seconds=self.stamp() - int(message.json["date"]))
