"""Believe what our own mail server found out about a sender (RFC 8601), and nobody else.

Checks no signature itself. Much of the field is a sender's own text, such as the local part of the envelope: what is
not written as the grammar has it proves nothing, and a finding against the sender outweighs every other.
"""

import re
from dataclasses import dataclass
from typing import Final

from bots.mail.fields import LONGEST, Fields
from service.formats.received import Authentication

# RFC 5322 section 3.2.4: in a quoted string a backslash takes the next character as it is.
_PIECE: Final = re.compile(r'(?P<gap>\s+)|(?P<text>"(?:[^"\\]|\\.)*+"|[^\s;()"\\]+)')
# RFC 5322 section 3.2.2: comments nest, and have escapes too.
_IN_COMMENT: Final = re.compile(r"[^()\\]++|\\.|[()]")
_OPEN_NAME: Final = re.compile(r"[a-z0-9][a-z0-9./_-]*[=/]")
# RFC 8601 section 2.2: one token or quoted string. A quoted local part with a domain behind it is never believed.
_PAIR: Final = re.compile(r'([a-z0-9][a-z0-9._-]*)(?:/[0-9]+)?=("(?:[^"\\]|\\.)*"|[^"]+)')
_ESCAPED: Final = re.compile(r"\\(.)")
_FAILED: Final = re.compile(r"\bdmarc\s?=\s?fail\b")


@dataclass(slots=True)
class _Split:
    """The words of each part between semicolons, comments left out; `odd` where something is not as it should be."""

    parts: list[list[str]]
    odd: bool = False


def authentication(fields: Fields, authserv_id: str | None, from_address: str | None) -> Authentication:
    """Return what the topmost Authentication-Results says of the address in From, if our own server wrote it."""
    if not authserv_id or not from_address:
        return Authentication.NONE
    raw = fields.first("authentication-results")
    value = " ".join(raw.split()).lower()
    split = _split(value)
    head, *entries = split.parts
    # RFC 8601 section 2.2: the name, then perhaps a version.
    if head[:1] != [authserv_id.lower()] or not all(word.isdecimal() for word in head[1:]):
        return Authentication.NONE
    # Wherever it stands: a comment that a sender left open would else hide it.
    if _FAILED.search(value):
        return Authentication.FAIL
    verdict = _verdict(entries, from_address.rpartition("@")[2])
    odd = split.odd or len(raw) >= LONGEST
    return Authentication.NONE if odd and verdict is Authentication.PASS else verdict


def _split(value: str) -> _Split:
    found = _Split([[]])
    at, gap = 0, True
    while at < len(value):
        if value[at] == ";":
            found.parts.append([])
            at, gap = at + 1, True
        elif value[at] == "(":
            end = _comment_end(value, at)
            # A quote means nothing in a comment, except to a server that copied a quoted local part into it.
            found.odd |= end is None or '"' in value[at:end]
            at, gap = end or len(value), True
        elif (piece := _PIECE.match(value, at)) is None:
            found.odd = True
            at += 1
        else:
            if text := piece["text"]:
                _add(found.parts[-1], text, gap=gap)
            at, gap = piece.end(), not text
    return found


def _comment_end(value: str, at: int) -> int | None:
    depth = 0
    while piece := _IN_COMMENT.match(value, at):
        at = piece.end()
        depth += {"(": 1, ")": -1}.get(piece[0], 0)
        if not depth:
            return at
    return None


def _add(words: list[str], text: str, *, gap: bool) -> None:
    """Put text behind the last word, or make it the next one; gaps around the first `=` and before it part nothing."""
    last = words[-1] if words else ""
    if last and (not gap or _OPEN_NAME.fullmatch(last) or (text[0] in "=/" and "=" not in last)):
        words[-1] += text
    else:
        words.append(text)


def _verdict(entries: list[list[str]], domain: str) -> Authentication:
    if entries and not entries[-1]:
        entries = entries[:-1]  # several servers end the last one with a semicolon too
    pairs = [[pair for word in words if (pair := _PAIR.fullmatch(word))] for words in entries]
    told = [{pair[1]: _plain(pair[2]) for pair in found} for found in pairs]
    judged = [entry["dmarc"] for entry in told if next(iter(entry), "") == "dmarc"]
    if "fail" in judged:
        return Authentication.FAIL
    # Text that is no pair, or a name that comes twice: nobody knows which of them our server meant.
    odd = any(not words or len(entry) != len(words) for words, entry in zip(entries, told, strict=True))
    if odd or len(judged) > 1:
        return Authentication.NONE
    # A domain without a policy of its own: RFC 7489 section 3.1 asks the same of the signature or the envelope.
    return Authentication.PASS if any(_speaks_for(entry, domain) for entry in told) else Authentication.NONE


def _speaks_for(told: dict[str, str], domain: str) -> bool:
    """Tell whether one result says that a mail is by a domain."""
    match next(iter(told.items())):
        case "dmarc", "pass":
            return _domain(told.get("header.from", "")) == domain
        case "dkim", "pass":
            return _covers(_domain(told.get("header.d") or told.get("header.i", "")), domain)
        case "spf", "pass":
            return _covers(_domain(told.get("smtp.mailfrom", "")), domain)
        case _:
            return False


def _plain(value: str) -> str:
    return _ESCAPED.sub(r"\1", value[1:-1]) if value.startswith('"') else value


def _domain(value: str) -> str:
    return value.rpartition("@")[2].rstrip(".")


def _covers(signer: str, domain: str) -> bool:
    """Tell whether a signing domain is that of the address or one above it; never one that stands below it."""
    return signer == domain or ("." in signer and domain.endswith(f".{signer}"))
