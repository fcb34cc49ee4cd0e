"""The document of the API as a file for programs and as a page for people, written once and kept."""

import json
from collections.abc import Sequence

from aiohttp import web

from handlers.web.api import spec
from handlers.web.api.typed import Operation
from handlers.web.render import page
from handlers.web.site import site


class Described:
    """What the operations look like from outside."""

    def __init__(self, operations: Sequence[Operation]) -> None:
        self._operations = operations

    async def document(self, request: web.Request) -> web.Response:
        """Serve the OpenAPI document."""
        body = json.dumps(spec.document(self._operations, site(request)), ensure_ascii=False).encode()
        return web.Response(
            body=body, content_type="application/json", headers={"Cache-Control": "public, max-age=300"}
        )

    async def readable(self, request: web.Request) -> web.Response:
        """Show the document as a page."""
        return page(request, "api.html", document=spec.document(self._operations, site(request)))
