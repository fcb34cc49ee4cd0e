"""Telegram on this machine, to talk by hand with a Kring that runs here.

    python -m tests.fakes.telegram 8150
    KRING_TELEGRAM_API=http://127.0.0.1:8150 KRING_TELEGRAM_TOKEN=… kring run

Then type, a line each (people appear when they are first named; `Anna/en` has the app in English):

    Anna: /agenda                 Anna writes to the bot
    Anna! Ja, ik kom              Anna presses a button
    Anna> https://t.me/…          Anna opens a link to the bot
    Kring = Anna, Bo              a group that Anna makes, with the bot in it
    Anna@Kring: /kaart 12         Anna writes in the group
    Bo@Kring! Ja                  Bo presses a button there
    Anna- / Anna+                 Anna blocks the bot, lets it come back
"""

import asyncio
import re
import sys
from dataclasses import dataclass, field

from tests.fakes.telegram import Account, Group, Message, TelegramServer
from tests.fakes.telegram.accounts import Conversation

LINE = re.compile(r"(?P<who>[\w/ ]+?)\s*(@\s*(?P<group>[\w ]+?))?\s*(?P<deed>[:!>=+-])\s*(?P<rest>.*)")


@dataclass(slots=True)
class Room:
    """Whoever was named so far, and how much of what there is to read has been shown."""

    telegram: TelegramServer
    accounts: dict[str, Account] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    shown: int = 0

    def who(self, name: str) -> Account:
        name, _, language = name.partition("/")
        if name not in self.accounts:
            self.accounts[name] = self.telegram.account(name, language=language or "nl")
        return self.accounts[name]

    async def obey(self, line: str) -> None:
        """Do what one line says; raises AssertionError where it cannot be done."""
        read = LINE.fullmatch(line)
        assert read, "a line is for example  Anna: /agenda"
        name, where, deed, rest = read["who"], read["group"], read["deed"], read["rest"]
        if deed == "=":
            self.groups[name] = self.telegram.group(name, *[self.who(one.strip()) for one in rest.split(",")])
            return
        who = self.who(name)
        if where:
            assert where in self.groups, f"no group {where}"
            await self._in_group(who, self.groups[where], deed, rest)
        elif deed == "!":
            self._answered(name, await who.presses(rest))
        else:
            {":": who.types, ">": who.opens, "-": lambda _: who.blocks(), "+": lambda _: who.unblocks()}[deed](rest)

    async def _in_group(self, who: Account, group: Group, deed: str, rest: str) -> None:
        if deed == "!":
            self._answered(who.user.first_name, await group.presses(who, rest))
        else:
            assert deed == ":", "in a group one writes (:) or presses (!)"
            group.types(who, rest)

    def _answered(self, name: str, answer: dict[str, object]) -> None:
        says = f"{answer['text']} {answer['url']}".strip()
        if says:
            sys.stdout.write(f"    ({'box' if answer['alert'] else 'bubble'} for {name}: {says})\n")

    def has_news(self) -> bool:
        return self.telegram.world.changes > self.shown

    def show(self) -> None:
        """Print what the bot wrote or changed since last time."""
        places: list[tuple[str, Conversation]] = [*self.accounts.items(), *self.groups.items()]
        news = [(message.changed, name, message) for name, place in places for message in place.messages]
        for changed, name, message in sorted(news, key=lambda one: one[0]):
            if changed > self.shown:
                sys.stdout.write(drawn(name, message))
        self.shown = self.telegram.world.changes
        sys.stdout.flush()


def drawn(name: str, message: Message) -> str:
    """Return a message as a person would see it."""
    lines = [f"  ┌ {name}{' (changed)' if message.edits else ''}"]
    if "document" in message.json:
        lines.append(f"  │ 📎 {message.json['document']['file_name']}")
    lines += [f"  │ {line}" for line in message.text.split("\n")]
    lines += ["  │ " + " ".join(f"[{label}]" for label in row) for row in message.rows]
    return "\n".join([*lines, ""])


async def main(port: int) -> None:
    async with TelegramServer(port=port) as telegram, asyncio.TaskGroup() as tasks:
        room = Room(telegram)
        sys.stdout.write(f"KRING_TELEGRAM_API={telegram.url} KRING_TELEGRAM_TOKEN={telegram.token}\n")
        sys.stdout.flush()
        reading = tasks.create_task(_read(room))
        while not reading.done():
            waiting = tasks.create_task(telegram.until(room.has_news, within=86_400))
            await asyncio.wait({reading, waiting}, return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()
            room.show()


async def _read(room: Room) -> None:
    while line := await asyncio.to_thread(sys.stdin.readline):
        if not line.strip():
            continue
        try:
            await room.obey(line.strip())
        except (AssertionError, TimeoutError) as wrong:
            sys.stdout.write(f"    ? {wrong or 'the bot does not answer'}\n")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 8150))
