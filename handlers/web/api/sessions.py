"""Where a person is signed in, in the API, for an admin: by numbers, never by anything that opens a session."""

from datetime import datetime

from pydantic import Field

from handlers.web.api.fields import Id, Items
from handlers.web.api.typed import Answer, Call, Operation
from service.actions import web_sessions


class Session(Answer):
    """A browser in which a person is signed in."""

    id: int
    agent: str | None = Field(description="Which browser it says to be")
    created_at: datetime
    last_used_at: datetime


async def every(call: Call, *, id_: Id) -> Items[Session]:
    """List where a person is signed in, the browser used last first; only with a key of an admin."""
    found = await web_sessions.every(call.db, call.actor, id_, now=call.now)
    return Items[Session](
        items=[
            Session(id=each.id, agent=each.agent or None, created_at=each.created_at, last_used_at=each.last_used_at)
            for each in found
        ]
    )


async def end(call: Call, *, id_: Id, session_id: Id) -> None:
    """Sign a person out of one browser; only with a key of an admin."""
    await web_sessions.end_one(call.db, call.actor, id_, session_id)


OPERATIONS = (
    Operation("GET", "/people/{id}/sessions", every),
    Operation("DELETE", "/people/{id}/sessions/{session_id}", end, status=204),
)
