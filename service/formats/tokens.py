"""Secrets that people hold: random tokens, kept here only as a hash, and handles derived from a registration.

A handle grants one set of verbs on one registration and is never a login. It can be made again for each reminder, fits
the local part of a mail address (64 characters, RFC 5321 section 4.5.3.1.1) and reads the same in any case.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache

Keys = Mapping[str, bytes]
"""Signing keys by their one-letter id; the first signs, all verify."""

ANSWER = "r"
"""The purpose of the handle that answers for one registration."""

PRESENT = "h"
"""The purpose of the handle that says for one registration that its person is there."""

QUESTION = "q"
"""The purpose of the handle by which a mail is known to answer a question of the dialogue."""

UNSUBSCRIBE = "u"
"""The purpose of the handle that stops the invitations of one circle."""

BOUNCE, BOUNCE_OF_PERSON = "b", "p"
"""The purposes of the handles in our envelope sender: of mails about a registration, and of others."""

POLL = "poll"
"""The purpose of the handle with which somebody votes for the moments of a poll."""

ADDRESS = "address"
"""The purpose of the handle by which an address of before says whether a new one is the person's too."""

SIGN = "c"
"""The purpose of the sign at the door, of which the generation is the minute."""

CODE_DIGITS = 4

ID_CHARACTERS = 13  # 64 bits in base32
MAC_CHARACTERS = 26  # 128 bits in base32
HANDLE_CHARACTERS = 1 + ID_CHARACTERS + MAC_CHARACTERS


def new_token() -> str:
    """Make a random token of 256 bits, safe in a path."""
    return secrets.token_urlsafe(32)


def new_uid() -> str:
    """Make an iCalendar UID: random, never reused, and telling nothing of a host (RFC 7986 section 5.3)."""
    return f"{_base32(secrets.token_bytes(15))}@kring"


def hashed(token: str | bytes) -> bytes:
    """Return the SHA-256 under which a token is kept."""
    return hashlib.sha256(token if isinstance(token, bytes) else token.encode(errors="surrogatepass")).digest()


def peppered(keys: Keys, address: str) -> bytes:
    """Return the hash under which a suppressed address is kept: useless to whoever has only the database."""
    return mac(_first(keys)[1], f"suppression|{address}")


def peppered_by_each(keys: Keys, address: str) -> list[bytes]:
    """Return the hashes under which an address may be kept: what was suppressed with an older key stays so."""
    return [peppered({name: key}, address) for name, key in keys.items()]


def erasure(keys: Keys, person_id: int, made_at: datetime) -> str:
    """Return what tells of a person's row that it was erased, and nothing to whoever has neither the row nor a key."""
    row = f"{person_id}|{made_at.astimezone(UTC).isoformat()}"
    return mac(_first(keys)[1], f"erasure|{row}").hex()


def mac(key: bytes, subject: str) -> bytes:
    """Return the HMAC-SHA256 (RFC 2104) with which a key says that something is ours."""
    made = _keyed(key).copy()  # a third of the price of keying anew
    made.update(f"kring/v1|{subject}".encode())
    return made.digest()


page_mac = lru_cache(1024)(mac)
"""The same for links and their forms, kept for a while: whoever opens a page presses its button in the next minutes.

Not for what is about addresses and erased people, of which nothing may stay.
"""


def handle(keys: Keys, purpose: str, ident: int, generation: int = 0) -> str:
    """Derive the handle of a purpose on a row; lower case."""
    key_id, key = _first(keys)
    return key_id + _number(ident) + _mac(key, purpose, ident, generation)


def code(keys: Keys, purpose: str, ident: int, generation: int) -> str:
    """Derive a few digits to be typed from sight: good for a moment, and guarded by a limit of tries."""
    made = mac(_first(keys)[1], f"code|{purpose}|{ident}|{generation}")
    return f"{int.from_bytes(made[:8], 'big') % 10**CODE_DIGITS:0{CODE_DIGITS}}"


@lru_cache(256)
def read_handle(text: str) -> int | None:
    """Return the row that a handle names, or None when it cannot be one; proves nothing until `verifies`."""
    text = text.lower()
    if len(text) != HANDLE_CHARACTERS or not text.isascii() or text[ID_CHARACTERS] not in _EVEN:
        return None
    try:
        ident = base64.b32decode(text[1 : 1 + ID_CHARACTERS].upper() + "===")
    except ValueError:
        return None
    number = int.from_bytes(ident, "big")
    return number if number < 2**63 else None


def verifies(keys: Keys, purpose: str, text: str, generation: int = 0) -> bool:
    """Tell whether a handle was made by us for this purpose and generation; compares in constant time."""
    ident, key = read_handle(text), keys.get(text[:1].lower())
    if ident is None or key is None:
        return False
    # The number too is compared as we write it: base32 has a spare bit there, and a handle has one spelling.
    made = _number(ident) + _mac(key, purpose, ident, generation)
    return hmac.compare_digest(text[1:].lower().encode(), made.encode())


def _first(keys: Keys) -> tuple[str, bytes]:
    return next(iter(keys.items()))


@lru_cache(256)
def _number(ident: int) -> str:
    return _base32(ident.to_bytes(8, "big"))


def _mac(key: bytes, purpose: str, ident: int, generation: int) -> str:
    return _base32(page_mac(key, f"{purpose}|{ident}|{generation}")[:16])


@lru_cache(16)
def _keyed(key: bytes) -> hmac.HMAC:
    return hmac.new(key, digestmod=hashlib.sha256)


def _base32(data: bytes) -> str:
    """Write bytes in base32 (RFC 4648 section 6), lower case and unpadded; two characters at a time, for speed."""
    bits = len(data) * 8
    characters = -(-bits // 5)
    pairs = (characters + 1) // 2
    value = int.from_bytes(data, "big") << (pairs * 10 - bits)
    return "".join([_PAIRS[value >> shift & 1023] for shift in range(pairs * 10 - 10, -1, -10)])[:characters]


_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_EVEN = _ALPHABET[::2]  # what a number can end in: its thirteen characters have one bit to spare, and it is never set
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]
