"""Turn the HTML of a mail into the text that its writer typed above the quote.

Linear whatever the markup, and nothing of it is ever shown: the words are read and forgotten.
"""

import re
from html import unescape
from typing import Final

from bots.mail.quotes import QUOTE

_TAG: Final = re.compile(r"(/?)([a-z][a-z0-9:]{0,20})", re.IGNORECASE)
_OPENING: Final = re.compile("<[a-z/!?]", re.IGNORECASE)
_UNSEEN: Final = frozenset(("script", "style", "head", "title", "template", "svg"))
_LINE: Final = frozenset(
    (
        "br",
        "p",
        "div",
        "tr",
        "li",
        "ul",
        "ol",
        "table",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "pre",
        "section",
        "dd",
        "dt",
    )
)
# Around what Gmail, Outlook, Yahoo and Thunderbird quote.
_QUOTING: Final = re.compile(
    r"gmail_quote|gmail_attr|yahoo_quoted|moz-cite-prefix|protonmail_quote|divrplyfwdmsg|appendonsend|OutlookMessageHeader"
    r"|gmail_signature|moz-signature",
    re.IGNORECASE,
)
_ATTRIBUTES: Final = 500


def text_of(html: str) -> str:
    """Return the text, with a quote's sign where a quote begins and nothing behind that."""
    found, at = list[str](), 0
    while at < len(html):
        opening = _OPENING.search(html, at)
        found.append(_spaced(html[at : opening.start() if opening else len(html)]))
        if not opening:
            break
        start = opening.start()
        end = html.find("-->", start) + 3 if html.startswith("<!--", start) else html.find(">", start) + 1
        if end <= start:
            break  # a tag that never ends
        name, word, attributes = _tag(html[start + 1 : end])
        if name == "blockquote" or _QUOTING.search(attributes):
            found.append(f"\n{QUOTE}")
            break
        if name in _UNSEEN:
            end = _behind(html, word, end)
        if name.lstrip("/") in _LINE:
            found.append("\n")
        at = end
    return unescape("".join(found))


def _tag(inside: str) -> tuple[str, str, str]:
    """Return the name with its slash, the name alone and the attributes of a tag."""
    tag = _TAG.match(inside)
    if not tag:
        return "", "", ""
    word = tag[2].lower()
    return f"{tag[1]}{word}", word, inside[tag.end() : tag.end() + _ATTRIBUTES]


def _behind(html: str, word: str, end: int) -> int:
    closing = re.compile(f"</{word}", re.IGNORECASE).search(html, end)
    return len(html) if closing is None else closing.start()


def _spaced(text: str) -> str:
    """Treat line breaks in the source as the blanks that they are."""
    return text.replace("\r", " ").replace("\n", " ")
