"""What a gathering takes from its circle and the policy of its kind where nothing else is given."""

from typing import TYPE_CHECKING, Any

from service.actions.circles import require_open
from service.model import Circle
from service.store import kinds

if TYPE_CHECKING:
    from service.database import Connection


async def of_kind(conn: "Connection", circle: Circle, timezone: str) -> dict[str, Any]:
    """Return every fact of a gathering but its title and times, as the policy of the circle's kind has it.

    Nothing is planned for a circle that has closed: Conflict.
    """
    require_open(circle)
    kind = await kinds.select_kind(conn, circle.kind)
    assert kind is not None
    return {
        **dict.fromkeys(("title_nl", "title_en", "description_nl", "description_en", "location", "online_url"), ""),
        "timezone": timezone,
        "capacity": kind.capacity,
        "organisation_quota": kind.organisation_quota,
        "approval": kind.approval,
        "reminders": kind.reminders,
        "visibility": kind.visibility,
    }
