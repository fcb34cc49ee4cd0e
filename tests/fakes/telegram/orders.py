"""What a test can tell the server to do wrong: refuse, answer late or never, lose an answer that was already true."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from tests.fakes.telegram.refusals import Refusal

HANG_UP: Final = "hang up"
"""Close the connection without an answer."""
SILENCE: Final = "silence"
"""Keep the connection open and say nothing until `obey_no_more`."""
LATE: Final = "late"
"""Carry it out, and say so only after `obey_no_more`."""
BAD_GATEWAY: Final = "bad gateway"
"""Answer 502 with a page of HTML, as what stands before the API does on a bad day."""

Misdeed = Refusal | str
Chooser = Callable[[Mapping[str, Any]], Misdeed | None]


@dataclass(slots=True)
class Order:
    """At `method` (of `chat`, where given) do so, `times` times or for good; `done`: after having carried it out."""

    method: str
    deed: Misdeed | Chooser
    times: int | None
    chat: int | None
    done: bool

    def fits(self, method: str, parameters: Mapping[str, Any]) -> Misdeed | None:
        """Return what to do, having counted it; None: nothing."""
        if self.method not in (method, "*") or self.times == 0:
            return None
        if self.chat is not None and parameters.get("chat_id") != self.chat:
            return None
        deed = self.deed(parameters) if callable(self.deed) else self.deed
        if deed is not None and self.times is not None:
            self.times -= 1
        return deed
