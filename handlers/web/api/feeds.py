"""The calendar subscriptions of a person, in the API: to see and to end; their addresses are shown to nobody else."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from handlers.web.api.fields import Id, Items
from handlers.web.api.typed import Answer, Call, Operation
from service.actions import feeds


class Feed(Answer):
    """A calendar subscription that works."""

    id: int
    kind: Literal["person", "circle"] = Field(description="Of all that they are invited to, or of a circle")
    circle: str | None
    created_at: datetime
    last_used_at: datetime | None = Field(description="When a calendar fetched it")


async def every(call: Call, *, id_: Id) -> Items[Feed]:
    """List a person's calendar subscriptions."""
    found = await feeds.feeds(call.db, call.actor, id_)
    return Items[Feed](
        items=[
            Feed(
                id=each.id,
                kind="person" if each.kind == feeds.PERSON else "circle",
                circle=each.circle_slug,
                created_at=each.created_at,
                last_used_at=each.last_used_at,
            )
            for each in found
        ]
    )


async def end(call: Call, *, id_: Id, feed_id: Id) -> None:
    """End a subscription for good, such as one whose address got around; ending it twice is no error.

    A new one they make on their own page, for its address is theirs alone. Only a key of an admin ends an admin's.
    """
    await feeds.revoke_feed(call.db, call.actor, id_, feed_id, now=call.now)


OPERATIONS = (
    Operation("GET", "/people/{id}/feeds", every),
    Operation("DELETE", "/people/{id}/feeds/{feed_id}", end, status=204),
)
