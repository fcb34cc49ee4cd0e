"""Codes that change every half minute, from a secret that an authenticator app shares with us (RFC 6238, RFC 4226).

The secret is kept nowhere: it is derived from one of Kring's own keys and a nonce of the person, so that whoever steals
the database can make no codes. Where that key is dropped, the person sets the app up anew.
"""

import base64
import hmac
import struct
from hashlib import sha1, sha256
from typing import Final
from urllib.parse import quote

from service.formats.tokens import Keys

PERIOD: Final = 30  # seconds, RFC 6238 section 5.2
DIGITS: Final = 6
_LENGTH: Final = 20  # bytes, RFC 4226 section 4, R6
_DRIFT: Final = 1  # steps that a clock may be off, RFC 6238 section 5.2


def secret(keys: Keys, key: str, person_id: int, nonce: bytes) -> bytes | None:
    """Derive the secret of a person; None where the key is one that we no longer have."""
    if key not in keys:
        return None
    return hmac.digest(keys[key], f"kring/v1|totp|{person_id}|".encode() + nonce, sha256)[:_LENGTH]


def step(seconds: float) -> int:
    """Return the step of a moment, in seconds since 1970 (RFC 6238 section 4.2)."""
    return int(seconds) // PERIOD


def code(shared: bytes, counter: int) -> str:
    """Return the code of a step (RFC 4226 section 5.3); the apps know no other hash than SHA-1."""
    digest = hmac.digest(shared, struct.pack(">Q", counter), sha1)
    offset = digest[-1] & 15
    number = struct.unpack_from(">I", digest, offset)[0] & 0x7FFF_FFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def matching(shared: bytes, typed: str, seconds: float, *, after: int) -> int | None:
    """Return the step whose code was typed; None for a wrong one, or one of a step that was used before.

    RFC 6238 section 5.2: a code is taken once, and the clock may be one step off.
    """
    given = "".join(character for character in typed if character.isascii() and character.isdigit())
    now, found = step(seconds), None
    for counter in range(now - _DRIFT, now + _DRIFT + 1):
        if hmac.compare_digest(code(shared, counter).encode(), given.encode()) and counter > after:
            found = counter
    return found


def spelled(shared: bytes) -> str:
    """Write the secret as people type it into an app: groups of four of base32."""
    text = base64.b32encode(shared).decode().rstrip("=")
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def address(association: str, name: str, shared: bytes) -> str:
    """Write the address that an app reads from a QR code."""
    text = base64.b32encode(shared).decode().rstrip("=")
    return f"otpauth://totp/{quote(f'{association}:{name}')}?secret={text}&issuer={quote(association)}"
