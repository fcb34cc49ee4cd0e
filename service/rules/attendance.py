"""From when it can be told who is at a gathering."""

from datetime import datetime, timedelta
from typing import Final

from service.model import Gathering, Status

DOORS: Final = timedelta(hours=1)
"""How long before the start the first may be there."""


def opens_at(gathering: Gathering) -> datetime:
    """Return from when people can be ticked."""
    return gathering.starts_at - DOORS


def is_at_the_door(gathering: Gathering, now: datetime) -> bool:
    """Tell whether people come in at this moment: until an hour after the end, for whoever marks the last of them."""
    return may_be_marked(gathering, now) and now < gathering.ends_at + DOORS


def may_be_marked(gathering: Gathering, now: datetime) -> bool:
    """Tell whether people can be ticked as present: a published gathering, from an hour before it starts."""
    return gathering.status == Status.PUBLISHED and now >= opens_at(gathering)
