"""Web addresses that people type."""

from typing import Final
from urllib.parse import urlsplit

from service.errors import Invalid
from service.formats.cleaning import clean_line

LINK: Final = 2000
"""Characters of an address."""


def checked(field: str, text: str) -> str:
    """Return the address, or nothing where nothing was typed; raises Invalid for the field for what is none.

    One that is too long is refused and not cut, for half an address leads somewhere else; so is one that holds a name
    or a password (RFC 3986 section 3.2.1), which everybody who sees the link would have.
    """
    if len(text.strip()) > LINK:
        raise Invalid(field, f"give a web address of at most {LINK} characters")
    link = clean_line(text, LINK)
    if link and not _is_web_address(link):
        raise Invalid(field, "give a web address that starts with https://, without a name or password in it")
    return link


def _is_web_address(link: str) -> bool:
    try:
        parts = urlsplit(link)
    except ValueError:  # brackets that hold no address
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc and " " not in link
