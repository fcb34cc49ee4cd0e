"""What the calendar formats cost; `python -m tests.formats.measure` prints microseconds, lowest of five rounds."""

import json
import timeit
from collections.abc import Callable
from dataclasses import replace

from service.formats.feeds import etag, feed, item
from service.formats.ical import block
from service.formats.itip import cancel, request
from tests.formats.samples import DAY, ENTRIES, HEADS, copy, invitee


def measure() -> dict[str, float]:
    """Time each step with texts of a usual length."""
    entry = replace(ENTRIES["nl"], description=ENTRIES["nl"].description * 4)
    lines, person, listed = block(entry), invitee(), copy()
    items, zones = [item(lines, listed)] * 1000, [lines.timezone] * 1000
    steps: dict[str, tuple[Callable[[], object], int]] = {
        "invitation from a kept block": (lambda: request(lines, person), 2000),
        "cancellation from a kept block": (lambda: cancel(lines, person), 2000),
        "new block": (lambda: block(entry), 2000),
        "feed item from a kept block": (lambda: item(lines, listed), 2000),
        "feed of 1,000 kept items": (lambda: feed(HEADS["nl"], items, zones), 50),
        "etag": (lambda: etag("public", 7, DAY, "nl"), 2000),
    }
    return {name: _microseconds(step, number) for name, (step, number) in steps.items()}


def _microseconds(step: Callable[[], object], number: int) -> float:
    return round(min(timeit.repeat(step, number=number, repeat=5)) / number * 1e6, 1)


if __name__ == "__main__":
    for name, microseconds in measure().items():
        print(json.dumps({"case": name, "us": microseconds}))  # noqa: T201
