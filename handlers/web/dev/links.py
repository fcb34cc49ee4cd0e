"""Make the links to our own pages that stand in a text ready to press; everybody else's stay plain text."""

import re
from typing import Final

from markupsafe import Markup, escape

_ADDRESS: Final = re.compile(r"https?://[^\s<>\"']+")
_AFTER: Final = ".,;:!?)"


def linked(text: str, *, base_url: str) -> Markup:
    """Escape a text and turn the addresses of our pages into links."""
    made, done = Markup(), 0
    for found in _ADDRESS.finditer(text):
        address = found[0].rstrip(_AFTER)
        if address == base_url or address.startswith(f"{base_url}/"):
            made += escape(text[done : found.start()])
            made += Markup('<a href="{0}">{0}</a>').format(address)
            done = found.start() + len(address)
    return made + escape(text[done:])
