"""The attendance list taken along: a sheet to sign, with lines for whoever is not on it, and files.

Of a confidential gathering a file leaves only for somebody who has said that they know it is.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from aiohttp import web

from handlers.web import forms, roster
from handlers.web.render import page, texts
from handlers.web.routes import Access, Route
from handlers.web.site import NUMBER, actor, database, now
from service.actions import questions
from service.errors import Invalid
from service.formats import answers, rosters
from service.formats.rosters import Column
from service.model import Gathering, Registration

BLANK: Final = 12
"""Lines for those who walk in."""


async def sheet(request: web.Request) -> web.Response:
    """Show the sheet that is signed at the door: whoever comes, by name, empty lines, and who joins online."""
    found, everyone = await roster.listed(request)
    coming = [one for one in everyone if roster.belongs(one, roster.Show.COMING)]
    by_name = sorted(coming, key=lambda one: one.person_name.casefold())
    return page(
        request,
        "sheet.html",
        gathering=found,
        people=[one for one in by_name if not (found.hybrid and one.online)],
        online=[one for one in by_name if found.hybrid and one.online],
        blank=range(BLANK),
    )


async def csv(request: web.Request) -> web.Response:
    """Hand over the list as CSV."""
    return await _file(request, "csv", rosters.CSV_TYPE, _csv)


async def xlsx(request: web.Request) -> web.Response:
    """Hand over the list as a spreadsheet."""
    return await _file(request, "xlsx", rosters.XLSX_TYPE, _xlsx)


async def _file(
    request: web.Request, extension: str, media: str, write: Callable[..., Awaitable[bytes]]
) -> web.Response:
    found, everyone = await roster.listed(request)
    if found.confidential and await forms.text(request, "confidential") != "yes":
        raise Invalid("confidential", "Say first that you know this list is confidential.")
    return web.Response(
        body=await write(request, found, everyone),
        content_type=media,
        charset="utf-8" if media.startswith("text/") else None,
        headers={"Content-Disposition": f'attachment; filename="{rosters.file_name(found, extension)}"'},
    )


async def _csv(request: web.Request, found: Gathering, everyone: Sequence[Registration]) -> bytes:
    return rosters.csv(found, everyone, texts(request), more=await _answers(request, found))


async def _xlsx(request: web.Request, found: Gathering, everyone: Sequence[Registration]) -> bytes:
    more = await _answers(request, found)
    return await asyncio.to_thread(rosters.xlsx, found, everyone, texts(request), now=now(request), more=more)


async def _answers(request: web.Request, found: Gathering) -> list[Column]:
    """Make the columns of what people answered, for whoever may see that; the sheet that goes round has none."""
    given = await questions.for_roster(database(request), actor(request), found)
    return answers.columns(given.questions, given.answers, texts(request)) if given else []


_PLACE: Final = f"/manage/gatherings/{NUMBER}/roster"

ROUTES: Final = [
    Route("GET", f"{_PLACE}/sheet", sheet, Access.MANAGER, private=True),
    Route("POST", f"{_PLACE}.csv", csv, Access.MANAGER, private=True),
    Route("POST", f"{_PLACE}.xlsx", xlsx, Access.MANAGER, private=True),
]
