"""Talk with an IMAP server about one mailbox (RFC 3501): sign in, find what is new, fetch it, put it aside.

Blocks, so it lives in a thread. Believes nothing of the server: what an answer may hold is known before it is read.
What is fetched when, and what becomes of it, is decided in `polling`.
"""

import imaplib
import re
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final

from bots.mail import parts
from bots.mail.account import PORT, Account, MailboxFault, Refused
from service.formats.cleaning import clean_line

LARGEST: Final = parts.MAIL + 1
"""Bytes that are fetched of a mail: of one that is larger than is ever read, enough to know that."""

ASIDE: Final = "Kring"
"""The folder for what was taken in, where the mailbox has one; otherwise it is marked as read."""

MOST: Final = 500
"""How many mails are listed at once."""

SECONDS: Final = 20.0
"""How long the server may be silent."""

COMMAND_SECONDS: Final = 120.0
_ANSWER: Final = 2 * 1024 * 1024
_AROUND: Final = 4096
"""Bytes of an answer that carries no mail, and those around each mail."""

Row = bytes | tuple[bytes, bytes]
"""A line of an answer, or what comes before a literal and the literal."""

_SAID: Final = 200
_UID: Final = re.compile(rb"\bUID (\d{1,10})\b")
_SIZE: Final = re.compile(rb"\bRFC822\.SIZE (\d{1,15})\b")


class _Connection(imaplib.IMAP4_SSL):
    """A connection that reads no more, and for no longer, than one command may take."""

    _left = _ANSWER
    _until = float("inf")

    def __init__(self, account: Account, context: ssl.SSLContext, opened: "Callable[[_Connection], None]") -> None:
        self._opened = opened
        super().__init__(account.host, account.port, ssl_context=context, timeout=SECONDS)

    def open(self, host: str = "", port: int | None = PORT, timeout: float | None = None) -> None:
        """Connect; from here on the connection can be hung up."""
        super().open(host, port, timeout)
        self._until = time.monotonic() + COMMAND_SECONDS
        self._opened(self)

    def allow(self, size: int) -> None:
        """Say how much the answer to the next command may hold, and forget what earlier ones left."""
        self._left, self._until = size, time.monotonic() + COMMAND_SECONDS
        self.untagged_responses.clear()

    def readline(self) -> bytes:
        """Read a line."""
        return self._counted(super().readline())

    def read(self, size: int) -> bytes:
        """Read what the server announced, unless it is too much."""
        if size > self._left:
            raise self.abort("sends more than was asked for")
        return self._counted(super().read(size))

    def _counted(self, data: bytes) -> bytes:
        self._left -= len(data)
        if self._left < 0:
            raise self.abort("sends more than was asked for")
        if time.monotonic() > self._until:
            raise self.abort("takes too long")
        return data


class Mailbox:
    """One mailbox over one connection; after a fault it is opened anew."""

    def __init__(self, account: Account, context: ssl.SSLContext | None = None) -> None:
        self.account = account
        self._context = context or ssl.create_default_context()
        self._connection: _Connection | None = None
        self._validity = 0
        self._moves = False
        self._secret = account.password

    def open(self) -> int:
        """Connect, sign in and choose the folder where that has not been done, and return its UIDVALIDITY."""
        with self._faults():
            connection = self._connection or self._connected()
            if connection.state != "SELECTED":
                self._signed_in(connection)
                connection.allow(_ANSWER)
                # Servers tell some of what they can only to whom they let in.
                (able, *_) = self._good(connection.capability(), "say what it can")
                self._moves = isinstance(able, bytes) and b"MOVE" in able.upper().split()  # RFC 6851
                connection.allow(_ANSWER)
                self._good(connection.select(_quoted(self.account.folder)), "choose the folder")
                _, (validity,) = connection.response("UIDVALIDITY")
                if not (validity and validity.isdigit()):
                    raise MailboxFault("the server gives no UIDVALIDITY")
                self._validity = int(validity)
            return self._validity

    def fault(self) -> str | None:
        """Find out whether the mailbox can be read, and say why not."""
        try:
            self.open()
        except MailboxFault as fault:
            return str(fault)
        finally:
            self.close()
        return None

    def newer(self, than: int) -> list[tuple[int, int]]:
        """List the mails above a UID, in order, each with its size."""
        with self._talking(_ANSWER) as connection:
            self._good(connection.noop(), "look")
            connection.allow(_ANSWER)
            rows = self._good(connection.uid("SEARCH", f"UID {than + 1}:*"), "search")
            numbers = {int(one) for row in rows if isinstance(row, bytes) for one in row.split() if one.isdigit()}
            # The last mail matches n:* even where its UID is smaller (RFC 3501 section 6.4.8).
            uids = sorted(number for number in numbers if number > than)[:MOST]
            if not uids:
                return []
            connection.allow(_ANSWER)
            rows = self._good(connection.uid("FETCH", _set(uids), "(UID RFC822.SIZE)"), "fetch")
        sizes = {uid: size for row in rows for uid, size in _numbers(row)}
        return [(uid, sizes[uid]) for uid in uids if uid in sizes]

    def fetch(self, uids: Sequence[int]) -> dict[int, bytes]:
        """Return these mails, as far as they are there, without marking them; of a large one its beginning."""
        with self._talking(len(uids) * (LARGEST + _AROUND)) as connection:
            rows = self._good(connection.uid("FETCH", _set(uids), f"(UID BODY.PEEK[]<0.{LARGEST}>)"), "fetch")
        found = {}
        for row, behind in zip(rows, [*rows[1:], b""], strict=True):
            if isinstance(row, tuple):
                told = _UID.search(row[0]) or (_UID.search(behind) if isinstance(behind, bytes) else None)
                if told:
                    found[int(told[1])] = row[1]
        return {uid: found[uid] for uid in uids if uid in found}

    def put_aside(self, uids: Sequence[int]) -> None:
        """Move what was taken in to its folder, or mark it as read where there is none."""
        with self._talking(_ANSWER) as connection:
            if self._moves:
                status, _ = connection.uid("MOVE", _set(uids), ASIDE)
                if status == "OK":
                    return
                connection.allow(_ANSWER)
            self._good(connection.uid("STORE", _set(uids), "+FLAGS.SILENT", r"(\Seen)"), "mark as read")

    def close(self) -> None:
        """Say goodbye."""
        if self._connection is not None:
            self._connection.allow(_ANSWER)
            with suppress(OSError, imaplib.IMAP4.error):
                self._connection.logout()
            self._drop()

    def hang_up(self) -> None:
        """End the connection at once, from any thread: whoever waits for the server gets a fault."""
        connection = self._connection
        if connection is not None:
            with suppress(OSError):
                connection.sock.shutdown(socket.SHUT_RDWR)

    def _connected(self) -> _Connection:
        def opened(connection: _Connection) -> None:
            self._connection = connection

        return _Connection(self.account, self._context, opened)

    def _signed_in(self, connection: _Connection) -> None:
        if connection.state != "NONAUTH":
            return
        connection.allow(_ANSWER)
        try:
            self._sign_in(connection)
        except imaplib.IMAP4.abort:
            raise
        except imaplib.IMAP4.error as refusal:
            raise MailboxFault(f"the server does not let {self.account.user} in: {self._shown(refusal)}") from None

    def _sign_in(self, connection: _Connection) -> None:
        account = self.account
        if account.token_file is not None:
            token = account.token()
            self._secret = token
            said = [f"user={account.user}\1auth=Bearer {token}\1\1".encode()]
            # A refusal comes as one more question, to which the answer is nothing.
            connection.authenticate("XOAUTH2", lambda _: said.pop() if said else b"")
            return
        if "AUTH=PLAIN" in connection.capabilities:  # RFC 4616: the one that takes what is not ASCII
            plain = f"\0{account.user}\0{account.password}".encode()
            connection.authenticate("PLAIN", lambda _: plain)
        else:
            connection.login(_quoted(account.user), account.password)

    @contextmanager
    def _talking(self, size: int) -> Iterator[_Connection]:
        with self._faults():
            if self._connection is None:
                raise MailboxFault("the connection is gone")
            self._connection.allow(size)
            yield self._connection

    @contextmanager
    def _faults(self) -> Iterator[None]:
        """Turn whatever goes wrong into a fault that may be shown; the connection is opened anew after that."""
        try:
            yield
        except Refused:
            raise
        except MailboxFault:
            self._drop()
            raise
        except (OSError, imaplib.IMAP4.error, ValueError, UnicodeError) as error:
            self._drop()
            raise MailboxFault(self._shown(error)) from None

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(OSError):
                connection.shutdown()

    def _good(self, answer: tuple[str, list[Any]], what: str) -> list[Row]:
        status, rows = answer
        if status != "OK":
            said = rows[0] if rows and isinstance(rows[0], bytes) else b""
            raise Refused(f"the server refuses to {what}: {self._shown(said.decode(errors='replace'))}")
        return [row for row in rows if row is not None]

    def _shown(self, error: object) -> str:
        """Return what went wrong without what the server may have said back of our secrets."""
        said = getattr(error, "strerror", None) or str(error) or type(error).__name__
        if isinstance(error, imaplib.IMAP4.error) and isinstance(error.args[0], bytes):
            said = error.args[0].decode(errors="replace")
        return clean_line(said.replace(self._secret, "…") if self._secret else said, _SAID)


def _set(uids: Sequence[int]) -> str:
    return ",".join(map(str, uids))


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _numbers(row: Row) -> Iterator[tuple[int, int]]:
    if isinstance(row, bytes) and (uid := _UID.search(row)) and (size := _SIZE.search(row)):
        yield int(uid[1]), int(size[1])
