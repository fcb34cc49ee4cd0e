"""A mailbox on loopback over TLS that does as it is told: the far side of the network for whoever polls one (RFC 3501).

    async with ImapServer() as server:
        server.deliver(b"From: …")
        server.tell("FETCH", "NO cannot read that mail", times=1)
        server.tell("LOGIN", HANG_UP)
        ... imaps://user:password@127.0.0.1:PORT/INBOX, trusting `client_context()` ...

Orders go by the name of a command, for those of UID by what comes after it; "greeting" is one too.
"""

import asyncio
import base64
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Final, Self

from tests.fakes.smtp_server import server_context

HANG_UP: Final = "hang up"
SILENCE: Final = "say nothing any more"
HUGE: Final = "announce a literal of a terabyte"
CHATTER: Final = "say useless things without an end"
_WORD: Final = re.compile(r'"((?:[^"\\]|\\.)*)"|(\S+)')


@dataclass
class Held:
    """A mail in the mailbox."""

    uid: int
    raw: bytes
    flags: set[str] = field(default_factory=set)


@dataclass
class _Order:
    command: str
    reply: str
    times: int | None
    naming: str


class ImapServer:
    """One mailbox, INBOX; `aside` are the mails of a folder Kring, None where there is none."""

    def __init__(
        self, *, password: str = "geheim", token: str = "", plain: bool = True, moves: bool = True, port: int = 0
    ) -> None:
        self.validity = 7
        self.mails: list[Held] = []
        self.aside: list[Held] | None = None
        self.commands: list[str] = []
        self.connections = 0
        self.port = port
        self.next_uid = 1
        self._password = password
        self._token = token
        self._ways = ["AUTH=PLAIN"] * plain + ["AUTH=XOAUTH2"] * bool(token)
        self._moves = ["MOVE"] * moves
        self._orders: list[_Order] = []
        self._sessions: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port, ssl=server_context())
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        self.hang_up_all()
        await self._server.wait_closed()

    def deliver(self, *raws: bytes) -> None:
        """Put mails into the mailbox, as the mail server does."""
        for raw in raws:
            self.mails.append(Held(self.next_uid, raw))
            self.next_uid += 1

    def start_over(self) -> None:
        """Give all mails other numbers, as a server does that was restored from a copy."""
        self.validity += 1
        for number, mail in enumerate(self.mails, start=1):
            mail.uid = number
        self.next_uid = len(self.mails) + 1

    def tell(self, command: str, reply: str, *, times: int | None = None, naming: str = "") -> None:
        """Give an order: answer a command so, `times` times or from now on; only where its arguments hold `naming`."""
        self._orders.append(_Order(command, reply, times, naming))

    def obey_no_more(self) -> None:
        self._orders.clear()

    def hang_up_all(self) -> None:
        for writer in list(self._sessions):
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._sessions.add(writer)
        try:
            await _Session(self, reader, writer).serve()
        except (ConnectionError, asyncio.IncompleteReadError, TimeoutError):
            pass
        finally:
            self._sessions.discard(writer)
            writer.transport.abort()

    def order_for(self, command: str, arguments: str) -> str | None:
        for order in self._orders:
            if order.command == command and order.naming in arguments and order.times != 0:
                order.times = order.times and order.times - 1
                return order.reply
        return None

    def capabilities(self, *, inside: bool) -> str:
        """Return what a client may use; some of it is told only to whom was let in."""
        return " ".join(["IMAP4rev1", *(self._moves if inside else self._ways)])

    def lets_in(self, user: str, secret: str, *, token: bool) -> bool:
        return bool(user) and secret == (self._token if token else self._password)


class _Session:
    def __init__(self, server: ImapServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._server, self._reader, self._writer = server, reader, writer
        self._inside = False
        self._commands: dict[str, Callable[[list[str]], Awaitable[str]]] = {
            "CAPABILITY": self._capability,
            "LOGIN": self._login,
            "AUTHENTICATE": self._authenticate,
            "SELECT": self._select,
            "NOOP": self._noop,
            "SEARCH": self._search,
            "FETCH": self._fetch,
            "STORE": self._store,
            "MOVE": self._move,
            "LOGOUT": self._logout,
        }

    async def serve(self) -> None:
        if not await self._obeyed("greeting", "", "*"):
            self._say(f"* OK [CAPABILITY {self._server.capabilities(inside=False)}] ready")
        while line := (await self._reader.readline()).decode().strip():
            tag, command, *rest = line.split(" ", 2)
            arguments = rest[0] if rest else ""
            if command.upper() == "UID":
                command, _, arguments = arguments.partition(" ")
            self._server.commands.append(f"{command.upper()} {arguments}".strip())
            if await self._obeyed(command.upper(), arguments, tag):
                continue
            words = [re.sub(r"\\(.)", r"\1", quoted) or bare for quoted, bare in _WORD.findall(arguments)]
            self._say(f"{tag} {await self._commands[command.upper()](words)}")
            if command.upper() == "LOGOUT":
                return

    async def _obeyed(self, command: str, arguments: str, tag: str) -> bool:
        reply = self._server.order_for(command, arguments)
        if reply == HANG_UP:
            raise ConnectionResetError
        if reply == SILENCE:
            await self._reader.read()
            raise ConnectionResetError
        if reply == HUGE:
            self._say("* 1 FETCH (UID 1 BODY[] {1099511627776}")
            await self._pour(b"x" * 65536)
        if reply == CHATTER:
            await self._pour(b"* OK " + b"still here " * 400 + b"\r\n")
        if reply is not None:
            self._say(f"{tag} {reply}")
        return reply is not None

    async def _pour(self, data: bytes) -> None:
        while not self._writer.is_closing():
            self._writer.write(data)
            await self._writer.drain()
            await asyncio.sleep(0)  # drain itself may not wait
        raise ConnectionResetError

    def _say(self, line: str) -> None:
        self._writer.write(line.encode() + b"\r\n")

    async def _capability(self, words: list[str]) -> str:
        self._say(f"* CAPABILITY {self._server.capabilities(inside=self._inside)}")
        return "OK done"

    async def _login(self, words: list[str]) -> str:
        user, password = words
        return self._let_in(self._server.lets_in(user, password, token=False))

    async def _authenticate(self, words: list[str]) -> str:
        self._say("+ ")
        said = base64.b64decode(await self._reader.readline()).decode()
        if words[0].upper() == "PLAIN":
            _, user, password = said.split("\0")
            return self._let_in(self._server.lets_in(user, password, token=False))
        user, bearer = re.fullmatch("user=(.*)\1auth=Bearer (.*)\1\1", said).groups()  # type: ignore[union-attr]
        good = self._server.lets_in(user, bearer, token=True)
        if not good:
            self._say("+ " + base64.b64encode(f'{{"status":"401","token":"{bearer}"}}'.encode()).decode())
            assert await self._reader.readline() == b"\r\n"
        return self._let_in(good)

    def _let_in(self, good: bool) -> str:
        self._inside = good
        return "OK welcome" if good else "NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)"

    async def _select(self, words: list[str]) -> str:
        if words != ["INBOX"]:
            return "NO [NONEXISTENT] Unknown Mailbox"
        self._say(f"* {len(self._server.mails)} EXISTS")
        self._say("* 0 RECENT")
        self._say(r"* FLAGS (\Seen \Deleted)")
        self._say(f"* OK [UIDVALIDITY {self._server.validity}] UIDs valid")
        self._say(f"* OK [UIDNEXT {self._server.next_uid}] Predicted next UID")
        return "OK [READ-WRITE] INBOX selected. (Success)"

    async def _noop(self, words: list[str]) -> str:
        self._say(f"* {len(self._server.mails)} EXISTS")
        return "OK Success"

    async def _search(self, words: list[str]) -> str:
        uids = [mail.uid for mail in self._chosen(words[1])]
        self._say(" ".join(["* SEARCH", *map(str, uids)]))
        return "OK SEARCH completed"

    async def _fetch(self, words: list[str]) -> str:
        part = re.search(r"BODY\.PEEK\[]<0\.(\d+)>", " ".join(words))
        for mail in self._chosen(words[0]):
            if part is None:
                self._say(f"* {self._place(mail)} FETCH (UID {mail.uid} RFC822.SIZE {len(mail.raw)})")
                continue
            told = mail.raw[: int(part[1])]
            self._writer.write(f"* {self._place(mail)} FETCH (UID {mail.uid} BODY[]<0> {{{len(told)}}}\r\n".encode())
            self._writer.write(told + b")\r\n")
            await self._writer.drain()
        self._say(r"* 1 FETCH (FLAGS (\Answered))")  # somebody else works in the mailbox, too
        return "OK Success"

    async def _store(self, words: list[str]) -> str:
        for mail in self._chosen(words[0]):
            mail.flags.add(words[2].strip("()"))
        return "OK Success"

    async def _move(self, words: list[str]) -> str:
        if self._server.aside is None or words[1] != "Kring":
            return "NO [TRYCREATE] No such folder"
        for mail in self._chosen(words[0]):
            self._say(f"* {self._place(mail)} EXPUNGE")
            self._server.mails.remove(mail)
            self._server.aside.append(mail)
        return "OK Success"

    async def _logout(self, words: list[str]) -> str:
        self._say("* BYE LOGOUT received")
        return "OK bye"

    def _place(self, mail: Held) -> int:
        return self._server.mails.index(mail) + 1

    def _chosen(self, wanted: str) -> list[Held]:
        """Return the mails of a set of UIDs; an open one holds the last mail whatever it says (section 6.4.8)."""
        mails = self._server.mails
        if wanted.endswith(":*"):
            least = int(wanted[:-2])
            return [mail for mail in mails if mail.uid >= least] or mails[-1:]
        uids = {int(one) for one in wanted.split(",")}
        return [mail for mail in mails if mail.uid in uids]
