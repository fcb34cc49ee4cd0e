"""When people may say themselves that they are there, and for how long what the door shows them is good.

Decides; the secret behind what is shown is in `service/formats/tokens.py`.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

LEAD: Final = timedelta(minutes=30)
"""So long before the start the door opens."""

SLOT: Final = timedelta(minutes=1)
"""How long one sign stands at the door before the next."""

KEPT: Final = 4
"""How many signs are good at a time: whoever takes a picture has a few minutes to press the button."""

_EPOCH: Final = datetime(2020, 1, 1, tzinfo=UTC)


def is_open(starts_at: datetime, ends_at: datetime, now: datetime) -> bool:
    """Tell whether people may check in."""
    return starts_at - LEAD <= now < ends_at


def slot(now: datetime) -> int:
    """Number the sign that stands at the door at a moment."""
    return (now - _EPOCH) // SLOT


def renewal(now: datetime) -> datetime:
    """Tell when the next sign takes the place of the one that stands at the door at a moment."""
    return _EPOCH + (slot(now) + 1) * SLOT


def good(now: datetime) -> range:
    """Return the numbers of the signs that are good at a moment, the one that stands there last."""
    last = slot(now)
    return range(last - KEPT + 1, last + 1)
