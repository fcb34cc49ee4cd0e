"""Mail addresses in the one form in which they are kept and compared.

Checks how an address is written; whether anybody reads mail there is for `service/actions/delivery.py` to find out.
"""

import re
from functools import cache
from types import ModuleType
from typing import Final

from service.errors import Invalid

# Everyday addresses, of which the library would say the same but slower; no label starts with "xn--" or "..--".
_EVERYDAY: Final = re.compile(
    "[a-z0-9_]+(?:[.+_-][a-z0-9_]+)*@(?:[a-z0-9]+(?:-[a-z0-9]+)*[.])+[a-z]{2,}",
)
_SURELY_SHORT: Final = 63  # so short that no part of it can be too long


def normalised(value: object) -> str:
    """Return the address as it is kept; raises Invalid for `email` when it cannot be one.

    Only ASCII letters become small: whoever may read `mike@` must not be found as `mıke@`, or the other way round.
    A local part with other letters stays exactly as written, since only its own server knows which spellings are the
    same (RFC 6531 section 3.2); a domain becomes A-labels (RFC 5891 section 4.4).
    """
    if not isinstance(value, str):
        raise Invalid("email", "An email address must be text.")
    value = value.strip(" \t\r\n")
    lowered = value.lower() if value.isascii() else value
    if len(lowered) <= _SURELY_SHORT and _EVERYDAY.fullmatch(lowered) and not lowered.endswith(_nowhere()):
        return lowered
    library = _library()
    try:
        checked = library.validate_email(value, check_deliverability=False, strict=True)
    except library.EmailNotValidError as error:
        raise Invalid("email", str(error)) from error
    local = value.rpartition("@")[0]
    return f"{local.lower() if local.isascii() else local}@{checked.ascii_domain}"


def masked(email: str) -> str:
    """Show of an address what lets its owner know it, and tells nobody else much."""
    local, _, domain = email.rpartition("@")
    return f"{local[:1]}***@{domain}" if local else ""


def normalised_domain(value: object) -> str:
    """Return a mail domain as it stands in addresses that are kept; raises Invalid for `domains`."""
    try:
        return normalised(f"postmaster@{value}").rpartition("@")[2]
    except Invalid as error:
        raise Invalid("domains", str(error)) from error


@cache
def _library() -> ModuleType:
    """Import the library with the first address: it compiles its patterns for a fiftieth of a second."""
    import email_validator

    return email_validator


@cache
def _nowhere() -> tuple[str, ...]:
    """Return the ends of domains that no mail reaches."""
    return tuple(f".{name}" for name in _library().SPECIAL_USE_DOMAIN_NAMES)
