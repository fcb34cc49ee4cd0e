"""A line typed in the terminal as an inbound message. What the words mean is found out elsewhere."""

from datetime import datetime
from typing import Final

from service.channels import Inbound

CHANNEL: Final = "console"


def inbound(line: str, *, address: str, number: int, at: datetime) -> Inbound:
    """Make a message of the line with this number in the talk; `address` is the mail address of whoever types."""
    return Inbound(
        channel=CHANNEL,
        external_id=f"{at.isoformat()}:{number}",
        received_at=at,
        address=address,
        conversation=address,
        text=line.strip(),
    )
