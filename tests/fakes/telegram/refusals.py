"""What the Bot API says when it will not: status, sentence and parameters, as its clients know them."""

from dataclasses import dataclass, field
from typing import Any, Self


@dataclass(eq=False)
class Refusal(Exception):
    """An answer that is not ok."""

    status: int
    description: str
    parameters: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def bad(cls, sentence: str, **parameters: Any) -> Self:
        return cls(400, f"Bad Request: {sentence}", parameters)

    @classmethod
    def forbidden(cls, sentence: str) -> Self:
        return cls(403, f"Forbidden: {sentence}")

    @classmethod
    def conflict(cls, sentence: str) -> Self:
        return cls(409, f"Conflict: {sentence}")

    @classmethod
    def too_many(cls, retry_after: int) -> Self:
        return cls(429, f"Too Many Requests: retry after {retry_after}", {"retry_after": retry_after})

    def body(self) -> dict[str, Any]:
        answer: dict[str, Any] = {"ok": False, "error_code": self.status, "description": self.description}
        return answer | ({"parameters": self.parameters} if self.parameters else {})


NOT_FOUND = Refusal(404, "Not Found")
UNAUTHORIZED = Refusal(401, "Unauthorized")
SERVER_ERROR = Refusal(500, "Internal Server Error")
BLOCKED = Refusal.forbidden("bot was blocked by the user")
NEVER_STARTED = Refusal.forbidden("bot can't initiate conversation with a user")
DEACTIVATED = Refusal.forbidden("user is deactivated")
NOT_MODIFIED = Refusal.bad(
    "message is not modified: specified new message content and reply markup are exactly the same as a current content "
    "and reply markup of the message"
)
QUERY_TOO_OLD = Refusal.bad("query is too old and response timeout expired or query ID is invalid")
