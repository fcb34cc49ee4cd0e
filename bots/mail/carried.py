"""Carry what was read in a mail from one process to another, as JSON: nothing in it can be more than plain values.

Only carries; what is at the two ends stands in `reader` and `sandbox`.
"""

import json
import struct
from dataclasses import fields
from datetime import datetime
from typing import Any, Final

from service.formats.received import (
    Authentication,
    CalendarMessage,
    DeliveryReport,
    Handled,
    Method,
    ReceivedMail,
)

COUNT: Final = struct.Struct("!I")
"""Stands before questions that are asked together: how many there are."""

LENGTHS: Final = struct.Struct("!II")
"""Stands before a question, for its envelope and its mail, and before an answer, for which the second number is 0."""

READY: Final = b"\n"
"""What a reader says once it can read."""


def packed(received: ReceivedMail) -> bytes:
    """Write what was read."""
    return json.dumps(received, default=_plain).encode()


def _plain(value: Any) -> Any:
    """Write what JSON does not know: moments, and the values that a mail is made of, by the names of their fields."""
    if isinstance(value, datetime):
        return value.isoformat()
    return {field.name: getattr(value, field.name) for field in fields(value)}


def unpacked(data: bytes) -> ReceivedMail:
    """Read what was written; raises ValueError, KeyError or TypeError for anything else."""
    told: dict[str, Any] = json.loads(data)
    return ReceivedMail(
        **told
        | {
            "handled": Handled(told["handled"]),
            "authentication": Authentication(told["authentication"]),
            "received_at": _moment(told["received_at"]),
            "calendar": None if told["calendar"] is None else _calendar(told["calendar"]),
            "report": None if told["report"] is None else DeliveryReport(**told["report"]),
            "lines": tuple(map(str, told["lines"])),
        }
    )


def _calendar(told: dict[str, Any]) -> CalendarMessage:
    return CalendarMessage(
        **told
        | {
            "method": Method(told["method"]),
            "dtstamp": _moment(told["dtstamp"]),
            "attendees": tuple((str(who), partstat) for who, partstat in told["attendees"]),
        }
    )


def _moment(told: str | None) -> datetime | None:
    return None if told is None else datetime.fromisoformat(told)
