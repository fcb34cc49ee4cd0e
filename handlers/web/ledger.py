"""Who was told what about a gathering, and whether it arrived: the ledger, person by person.

Reads; what is told to whom is decided in `service/rules/notices.py`.
"""

from typing import Final

from aiohttp import web

from handlers.web import paging, tallies
from handlers.web.render import page
from handlers.web.routes import Access, Route
from handlers.web.site import NUMBER, actor, database, ident
from service.actions import registration, scheduling

MANY: Final = 120
"""Notices on one page."""


async def ledger(request: web.Request) -> web.Response:
    """Show the notices about a gathering, all of them or those of one purpose, in the order in which they are due."""
    db, who, number = database(request), actor(request), ident(request)
    every = await registration.ledger(db, who, number)
    found = await scheduling.get(db, who, number)
    purpose = request.query.get("purpose", "")
    chosen = purpose if purpose in tallies.PURPOSES else ""
    rows = [one for one in every if chosen in ("", one.purpose)]
    shown, more = paging.cut(rows, lambda one: one.id, request.query.get("after", ""), MANY)
    present = {one.purpose for one in every}
    return page(
        request,
        "ledger.html",
        gathering=found,
        notices=shown,
        purposes={name: words for name, words in tallies.PURPOSES.items() if name in present},
        states=tallies.STATES,
        chosen=chosen,
        more=more,
        later="after" in request.query,
        names=tallies.PURPOSES,
    )


ROUTES: Final = [Route("GET", f"/manage/gatherings/{NUMBER}/notices", ledger, Access.MANAGER, private=True)]
