"""The JSON API: the same actions as every other front has, for programs; described by its own OpenAPI document."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from http import HTTPStatus
from typing import Final

from aiohttp import web

from handlers.web.api import (
    circles,
    door,
    feeds,
    gatherings,
    kinds,
    materials,
    messages,
    organisations,
    page,
    people,
    plan,
    polls,
    preferences,
    previews,
    questions,
    registrations,
    series,
    sessions,
)
from handlers.web.api.problems import Refused, translated
from handlers.web.api.typed import PREFIX
from handlers.web.routes import Access, Guard, Route

OPERATIONS: Final = (
    *organisations.OPERATIONS,
    *people.OPERATIONS,
    *preferences.OPERATIONS,
    *sessions.OPERATIONS,
    *feeds.OPERATIONS,
    *circles.OPERATIONS,
    *kinds.OPERATIONS,
    *gatherings.OPERATIONS,
    *previews.OPERATIONS,
    *series.OPERATIONS,
    *polls.OPERATIONS,
    *registrations.OPERATIONS,
    *door.OPERATIONS,
    *questions.OPERATIONS,
    *messages.OPERATIONS,
    *materials.OPERATIONS,
    *plan.OPERATIONS,
)


def routes(*, coalesce: timedelta) -> Iterator[Route]:
    """List the routes of the API; edits of a published gathering wait `coalesce` before people are told."""
    described = page.Described(OPERATIONS)
    yield Route("GET", "/api", described.readable, Access.ANYONE)
    yield Route("GET", "/api/{noun:[a-z]+}", described.noun, Access.ANYONE)
    yield Route("GET", f"{PREFIX}/openapi.json", translated(described.document), Access.ANYONE, session=False)
    for operation in OPERATIONS:
        perform = translated(partial(operation.perform, coalesce=coalesce))
        yield Route(
            operation.method,
            PREFIX + operation.path,
            perform,
            Access.KEY,
            Guard.NONE,
            private=True,
            session=False,
            largest=operation.largest,
        )
    yield Route("*", "/api/{rest:.*}", translated(_nowhere), Access.KEY, Guard.NONE, session=False)


async def _nowhere(request: web.Request) -> web.StreamResponse:
    """Refuse what no other route has taken: the path is unknown, or its method is."""
    resolved = [await resource.resolve(request) for resource in request.app.router.resources()]
    methods = sorted({method for _, allowed in resolved for method in allowed} - {"*"})
    if methods:
        raise Refused(HTTPStatus.METHOD_NOT_ALLOWED, {"Allow": ", ".join(methods)})
    raise Refused(HTTPStatus.NOT_FOUND)
