"""Files that people hand in: known by their first bytes, not by their names, with a name that is fit to hand back."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final
from urllib.parse import quote

from service.errors import Invalid
from service.formats.cleaning import clean_line

LARGEST: Final = 5 * 1024 * 1024
"""Bytes of one file."""

_NAME: Final = 120
_OFFICE: Final = "application/vnd.openxmlformats-officedocument."
_OPEN: Final = "application/vnd.oasis.opendocument."


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file as it is kept."""

    name: str
    media_type: str
    content: bytes


def checked(name: str, content: bytes) -> Attachment:
    """Return a file fit to keep; raises Invalid("file") for one that is too large, empty, or not what it seems."""
    if not content:
        raise Invalid("file", "choose a file")
    if len(content) > LARGEST:
        raise Invalid("file", f"a file may have at most {LARGEST // 1024 // 1024} MB")
    shown = clean_line(PurePath(name.replace("\\", "/")).name, 1000)
    suffix = PurePath(shown).suffix.lower()
    found = _TYPES.get(suffix)
    if found is None or not found[1](content):
        raise Invalid("file", f"this must be one of: {', '.join(sorted(_TYPES))}")
    return Attachment(shown[: -len(suffix)][: _NAME - len(suffix)] + suffix, found[0], content)


def disposition(name: str) -> str:
    """Write the header that has a browser keep a file and not show it (RFC 6266 section 4.3, RFC 8187)."""
    plain = re.sub(r"[^A-Za-z0-9 ._-]", "_", name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _begins(*starts: bytes) -> Callable[[bytes], bool]:
    return lambda content: content.startswith(starts)


def _is_office(content: bytes) -> bool:
    return content.startswith(b"PK\x03\x04") and b"[Content_Types].xml" in content


def _is_open(content: bytes) -> bool:
    # The first entry of an OpenDocument package is called mimetype (OpenDocument 1.3 part 2 section 3.3).
    return content.startswith(b"PK\x03\x04") and content[30:38] == b"mimetype"


_TYPES: Final[dict[str, tuple[str, Callable[[bytes], bool]]]] = {
    ".pdf": ("application/pdf", _begins(b"%PDF-")),
    ".png": ("image/png", _begins(b"\x89PNG\r\n\x1a\n")),
    ".jpg": ("image/jpeg", _begins(b"\xff\xd8\xff")),
    ".jpeg": ("image/jpeg", _begins(b"\xff\xd8\xff")),
    ".docx": (f"{_OFFICE}wordprocessingml.document", _is_office),
    ".pptx": (f"{_OFFICE}presentationml.presentation", _is_office),
    ".xlsx": (f"{_OFFICE}spreadsheetml.sheet", _is_office),
    ".odt": (f"{_OPEN}text", _is_open),
    ".odp": (f"{_OPEN}presentation", _is_open),
    ".ods": (f"{_OPEN}spreadsheet", _is_open),
}
"""By the end of the name: the media type, and how its first bytes are known. None of them runs in a browser."""
