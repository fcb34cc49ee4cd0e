"""The people of a test, with the app in their hands: they read, type, press, block, and meet in groups."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import parse_qs, urlsplit

from tests.fakes.telegram import limits
from tests.fakes.telegram.methods.chats import member_json
from tests.fakes.telegram.updates import Update
from tests.fakes.telegram.world import Chat, File, Json, Message, User

if TYPE_CHECKING:
    from tests.fakes.telegram.server import TelegramServer

ANONYMOUS: Final = User(1_087_968_824, "Group", username="GroupAnonymousBot", is_bot=True)
"""Who seems to write when an administrator writes in the name of the group."""

_MARKED = (("bot_command", r"(?<![\w/])/[A-Za-z0-9_]{1,64}(@\w+)?"), ("mention", r"(?<!\w)@[A-Za-z]\w{3,}"))


class Conversation:
    """A chat as somebody in it sees it. What they do sets the point from which `reads` counts something as new."""

    def __init__(self, telegram: "TelegramServer", chat: Chat) -> None:
        self.telegram = telegram
        self.chat = chat
        self._since = 0

    @property
    def messages(self) -> list[Message]:
        """What the bot has written here and still stands."""
        return [message for message in self.chat.messages.values() if message.by_bot]

    @property
    def last(self) -> Message:
        return self.messages[-1]

    @property
    def texts(self) -> list[str]:
        return [message.text for message in self.messages]

    @property
    def news(self) -> list[Message]:
        """What was written or changed since the last thing done here."""
        return [message for message in self.messages if message.changed > self._since]

    async def reads(self, text: str = "", *, within: float = 10.0) -> Message:
        """Wait for a message with this text that was written or changed since the last thing done here."""
        try:
            await self.telegram.until(lambda: self._news(text) is not None, within=within)
        except TimeoutError:
            raise AssertionError(f"no news with {text!r} among {self.texts[-5:]}") from None
        found = self._news(text)
        assert found is not None
        return found

    async def quiet(self) -> None:
        """Wait until the bot has confirmed all updates: what it then has not written it may still write."""
        await self.telegram.all_heard()

    def with_button(self, label: str) -> Message:
        """Return the latest message that has this button."""
        found = [message for message in self.messages if label in message.labels]
        assert found, f"no button {label!r} among {[message.labels for message in self.messages[-5:]]}"
        return found[-1]

    def file(self, message: Message) -> File:
        """Return the file that hangs at a message."""
        return self.telegram.world.files[message.json["document"]["file_id"]]

    def _news(self, text: str) -> Message | None:
        return next((message for message in reversed(self.news) if text in message.text), None)

    def _acts(self) -> None:
        self._since = self.telegram.world.changes

    def _post(self, sender: User, content: Json) -> Message:
        return self.telegram.world.post(self.chat, sender, content)

    def _written(self, sender: User, text: str, reply_to: Message | None) -> Message:
        assert 1 <= limits.units(text) <= limits.TEXT, "the app sends no such text"
        self._acts()
        content: Json = {"text": text}
        if found := _entities(text):
            content["entities"] = found
        if reply_to is not None:
            content["reply_to_message"] = reply_to.json
        return self._post(sender, content)

    async def _pressed(self, user: User, message: Message, button: Json) -> Json:
        """Press and wait for the bot's answer; a button with an address is opened instead."""
        self._acts()
        if "url" in button:
            return {"text": "", "alert": False, "url": button["url"]}
        return await self._query(user, message.json, button["callback_data"])

    async def _query(self, user: User, message: Json, data: str) -> Json:
        query = self._sends_query(user, message, data)
        await self.telegram.until(lambda: self.telegram.world.queries[query].answer is not None)
        return self.telegram.world.queries[query].answer or {}

    def _sends_query(self, user: User, message: Json, data: str) -> str:
        query = self.telegram.world.query(user)
        chat = message["chat"]["id"]
        content = {"id": query.id, "from": user.json(), "message": message, "chat_instance": str(chat), "data": data}
        self.telegram.updates.add("callback_query", content, chat)
        return query.id


class Account(Conversation):
    """Somebody in their own chat with the bot."""

    def __init__(self, telegram: "TelegramServer", user: User) -> None:
        super().__init__(telegram, telegram.world.private_chat(user))
        self.user = user

    @property
    def id(self) -> int:
        return self.user.id

    def types(self, text: str, *, reply_to: Message | None = None) -> Update | None:
        """Write to the bot; the first time is what the start button does."""
        self.user.started = True
        if self.user.blocked:
            self.unblocks()
        message = self._written(self.user, text, reply_to)
        return self.telegram.updates.add("message", message.json, self.chat.id)

    def opens(self, link: str) -> Update | None:
        """Follow a t.me link to the bot and press start; a payload that Telegram does not take is silently dropped."""
        parts = urlsplit(link if "://" in link else f"https://{link}")
        assert (parts.hostname, parts.path) == ("t.me", f"/{self.telegram.world.bot.username}"), link
        payload = parse_qs(parts.query).get("start", [""])[0]
        return self.types(f"/start {payload}" if re.fullmatch(r"[A-Za-z0-9_-]{1,64}", payload) else "/start")

    async def presses(self, label: str, *, on: Message | None = None) -> Json:
        """Press a button of the latest message that has it; return the answer: text, alert, url."""
        message = on or self.with_button(label)
        return await self._pressed(self.user, message, _button(message, label))

    async def forges(self, data: str, *, on: Message | None = None) -> Json:
        """Send data that no button of this account had, as a changed app can; the message may be anybody's."""
        self._acts()
        return await self._query(self.user, (on or self.last).json, data)

    def taps(self, label: str, *, on: Message | None = None) -> str:
        """Press and do not wait; return the number of the press."""
        message = on or self.with_button(label)
        self._acts()
        return self._sends_query(self.user, message.json, _button(message, label)["callback_data"])

    async def forges_on_a_lost_message(self, data: str) -> Json:
        """Press on a message so old that Telegram no longer shows it to the bot."""
        self._acts()
        return await self._query(self.user, {"chat": self.chat.json(), "message_id": 1, "date": 0}, data)

    def blocks(self) -> None:
        self.user.blocked = True
        self._standing("member", "kicked")

    def unblocks(self) -> None:
        self.user.blocked = False
        self._standing("kicked", "member")

    def deactivates(self) -> None:
        self.user.deactivated = True

    def _standing(self, old: str, new: str) -> None:
        content = _standing(self.telegram, self.chat, self.user, old, new)
        self.telegram.updates.add("my_chat_member", content, self.chat.id)


class Group(Conversation):
    """A group; who does something in it is named each time."""

    def types(self, who: Account, text: str, *, reply_to: Message | None = None, thread: int = 0) -> Update | None:
        """Write in the group. With privacy on, the bot hears only what is meant for it."""
        message = self._written(who.user, text, reply_to)
        if thread:
            message.json |= {"message_thread_id": thread, "is_topic_message": True}
        return self._said(message)

    def types_anonymously(self, text: str) -> Update | None:
        """Write in the name of the group, as an administrator may."""
        message = self._written(ANONYMOUS, text, None)
        message.json["sender_chat"] = self.chat.json()
        return self._said(message)

    async def presses(self, who: Account, label: str, *, on: Message | None = None) -> Json:
        message = on or self.with_button(label)
        return await self._pressed(who.user, message, _button(message, label))

    async def forges(self, who: Account, data: str, *, on: Message | None = None) -> Json:
        self._acts()
        return await self._query(who.user, (on or self.last).json, data)

    def removes_bot(self, who: Account) -> None:
        self._bot_becomes(who, "kicked")

    def adds_bot(self, who: Account) -> None:
        self._bot_becomes(who, "member")

    def migrates(self, *, told: bool = True) -> Self:
        """Turn a plain group into a supergroup: a new id, and none of the old messages; the bot may not be `told`."""
        world = self.telegram.world
        new = world.group(self.chat.title or "", supergroup=True)
        new.members = dict(self.chat.members)
        self.chat.moved_to = new.id
        old_says = world.post(self.chat, world.bot, {"migrate_to_chat_id": new.id})
        new_says = world.post(new, world.bot, {"migrate_from_chat_id": self.chat.id})
        for message, chat in ((old_says, self.chat), (new_says, new)):
            message.by_bot = False
            if told:
                self.telegram.updates.add("message", message.json, chat.id)
        return type(self)(self.telegram, new)

    def _said(self, message: Message) -> Update | None:
        if self.telegram.privacy and not self._meant_for_the_bot(message.json):
            return None
        return self.telegram.updates.add("message", message.json, self.chat.id)

    def _meant_for_the_bot(self, message: Json) -> bool:
        bot = self.telegram.world.bot
        if self.chat.members.get(bot.id) == "administrator":
            return True
        if message.get("reply_to_message", {}).get("from", {}).get("id") == bot.id:
            return True
        for entity in message.get("entities", []):
            marked = message["text"].encode("utf-16-le")[entity["offset"] * 2 :][: entity["length"] * 2]
            name, at, addressee = marked.decode("utf-16-le").partition("@")
            if addressee == bot.username or (entity["type"] == "bot_command" and not at and name):
                return True
        return False

    def _bot_becomes(self, who: Account, status: str) -> None:
        bot = self.telegram.world.bot
        old = self.chat.members.get(bot.id, "left")
        self.chat.members[bot.id] = status
        self._acts()
        content = _standing(self.telegram, self.chat, who.user, old, status)
        self.telegram.updates.add("my_chat_member", content, self.chat.id)


def account(telegram: "TelegramServer", name: str, language: str, username: str | None, number: int | None) -> Account:
    first, _, last = name.partition(" ")
    user = User(number or 900_000_000 + next(telegram.world.numbers), first, last or None, username, language)
    telegram.world.users[user.id] = user
    return Account(telegram, user)


def group(telegram: "TelegramServer", title: str, members: Iterable[Account], *, supergroup: bool) -> Group:
    people = list(members)
    chat = telegram.world.group(title, supergroup=supergroup)
    chat.members = {one.id: "member" for one in people}
    made = Group(telegram, chat)
    if people:
        chat.members[people[0].id] = "creator"
        made.adds_bot(people[0])
    return made


def _button(message: Message, label: str) -> Json:
    found = [button for button in message.buttons if button["text"] == label]
    assert found, f"no button {label!r} among {message.labels}"
    return found[0]


def _standing(telegram: "TelegramServer", chat: Chat, by: User, old: str, new: str) -> Json:
    bot = telegram.world.bot.json()
    return {
        "chat": chat.json(),
        "from": by.json(),
        "date": telegram.world.stamp(),
        "old_chat_member": member_json(bot, old),
        "new_chat_member": member_json(bot, new),
    }


def _entities(text: str) -> list[Json]:
    """Find what the app marks by itself: commands and mentions."""
    found = []
    for kind, pattern in _MARKED:
        for match in re.finditer(pattern, text):
            offset = limits.units(text[: match.start()])
            found.append({"type": kind, "offset": offset, "length": limits.units(match.group())})
    return sorted(found, key=lambda entity: entity["offset"])
