"""The refusals of Kring: few, each with a stable code.

What is normal is a result and never an error: a full gathering answers "waiting". Each edge (web, API, chat, CLI)
translates these once into its own words.
"""

from typing import ClassVar


class KringError(Exception):
    """Something was refused."""

    code: ClassVar[str] = "internal"

    def __str__(self) -> str:
        """Return the message given, else the first line of the class's docstring."""
        return super().__str__() or (type(self).__doc__ or "").partition("\n")[0]


class NotFound(KringError):
    """There is nothing here, or nothing that is yours to see."""

    code = "not_found"


class NotAllowed(KringError):
    """You may not do this."""

    code = "not_allowed"


class Invalid(KringError):
    """What was given cannot be right; `field` names where."""

    code = "invalid"

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class Expired(KringError):
    """This link or code no longer works."""

    code = "expired"


class Conflict(KringError):
    """This does not go together with what is there now."""

    code = "conflict"


class Unavailable(KringError):
    """Kring cannot do this just now; trying again later will help."""

    code = "unavailable"


class DeliveryFailed(KringError):
    """A message could not be handed over.

    `permanent`: trying again cannot help. `address_at_fault`: the address itself is wrong or gone, as against our
    reputation, our content or their server. `uncertain`: it may have arrived all the same. `pause`: seconds for which
    the channel wants nothing at all. `closed`: the channel lets us in no more until somebody changes a setting.
    `detail`: what the other side said, for the ledger.
    """

    code = "delivery_failed"

    def __init__(
        self,
        detail: str,
        *,
        permanent: bool,
        address_at_fault: bool = False,
        uncertain: bool = False,
        pause: float | None = None,
        closed: bool = False,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.permanent = permanent
        self.address_at_fault = address_at_fault
        self.uncertain = uncertain
        self.pause = pause
        self.closed = closed
