"""Believe what our own mail server found out about a sender (RFC 8601), and nobody else.

Checks no signature itself.
"""

import re
from typing import Final

from bots.mail.fields import Fields
from service.formats.received import Authentication

_COMMENT: Final = re.compile(r"\([^()]*\)")
_RESULT: Final = re.compile(r"([a-z-]{1,20})\s?=\s?([a-z]{1,20})(?![\w.])")
_DOMAIN: Final = re.compile(
    r"\b(header\.from|header\.d|header\.i|smtp\.mailfrom)\s?=\s?\"?(?:[^\s;@\"]*@)?([^\s;@\"]+)"
)


def authentication(fields: Fields, authserv_id: str | None, from_address: str | None) -> Authentication:
    """Return what the topmost Authentication-Results says of the address in From, if our own server wrote it."""
    if not authserv_id or not from_address:
        return Authentication.NONE
    value = " ".join(fields.first("authentication-results").split()).lower()
    for _ in range(3):
        value = _COMMENT.sub(" ", value)
    name, _, rest = value.partition(";")
    # RFC 8601 section 2.2: the name, then perhaps a version.
    if name.strip().partition(" ")[0] != authserv_id.lower():
        return Authentication.NONE
    return _verdict([entry.strip() for entry in rest.split(";")], from_address.rpartition("@")[2])


def _verdict(entries: list[str], domain: str) -> Authentication:
    aligned = False
    for entry in entries:
        result = _RESULT.match(entry)
        if not result:
            continue
        told = {name: found.rstrip(".") for name, found in _DOMAIN.findall(entry)}
        match result[1], result[2]:
            case "dmarc", "pass" if told.get("header.from", domain) == domain:
                return Authentication.PASS
            case "dmarc", "fail":
                return Authentication.FAIL
            case "dkim", "pass":
                aligned |= _covers(told.get("header.d") or told.get("header.i", ""), domain)
            case "spf", "pass":
                aligned |= _covers(told.get("smtp.mailfrom", ""), domain)
    # A domain without a policy of its own: RFC 7489 section 3.1 asks the same of the signature or the envelope.
    return Authentication.PASS if aligned else Authentication.NONE


def _covers(signer: str, domain: str) -> bool:
    """Tell whether a signing domain is that of the address or one above it; never one that stands below it."""
    return signer == domain or ("." in signer and domain.endswith(f".{signer}"))
