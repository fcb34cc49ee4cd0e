"""How a mail greets somebody: by the given name where the full name shows one, else by the full name."""

import re
from functools import lru_cache
from typing import Final

from service.formats.cleaning import clean_line

_LENGTH: Final = 100
# Words that come before a family name.
_NOT_GIVEN: Final = re.compile(
    "de|den|der|van|von|het|la|le|el|al|bin|dhr|mw|mevr|mevrouw|meneer|heer|dr|drs|ir|ing|mr|mrs|ms|miss|prof|sir",
    re.IGNORECASE,
)


@lru_cache(4096)
def called(name: str) -> str:
    """Return the given name of "Zoë de Vries"; the whole of a name that begins with an initial or a title."""
    full = clean_line(name, _LENGTH)
    first, _, rest = full.partition(" ")
    plain = first.replace("-", "").replace("’", "").replace("'", "")
    given = bool(rest) and len(plain) > 1 and plain.isalpha() and first[0].isupper() and not first.isupper()
    return first if given and not _NOT_GIVEN.fullmatch(first) else full
