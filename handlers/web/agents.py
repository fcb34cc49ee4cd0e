"""Which browser somebody uses, in two words: enough to know one's own again in a list, and no more."""

from typing import Final

# The first that fits: each browser also calls itself what older ones are called (RFC 9110 section 10.1.5).
_BROWSERS: Final = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS: Final = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)


def described(header: str) -> str:
    """Say which browser runs where; empty for one that says neither."""
    known = header[:500]
    browser = next((name for sign, name in _BROWSERS if sign in known), "")
    system = next((name for sign, name in _SYSTEMS if sign in known), "")
    return ", ".join(part for part in (browser, system) if part)
