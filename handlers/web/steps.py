"""Shared by the pages of who runs a gathering: which one it is, and the steps of a form that asks before it acts."""

from typing import Final

from aiohttp import web

from handlers.web.site import actor, database, ident
from service.actions import scheduling
from service.model import Gathering
from service.rules import access
from service.rules.access import Verb

STEP: Final = "step"
SURE: Final = "sure"
FOLLOWING: Final = "following"
"""The value of the field `scope` that means this gathering and those after it in its series."""


async def run(request: web.Request) -> Gathering:
    """Read the gathering in the path for somebody who runs it; for anybody else it is refused as the actions do."""
    found = await scheduling.get(database(request), actor(request), ident(request))
    access.require(actor(request), Verb.EDIT_GATHERING, scheduling.scope(found))
    return found
