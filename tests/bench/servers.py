"""Both sides of the benchmarks over HTTP, each a process: `floor FILE` serves bytes from memory, `kring DSN` is Kring.

Prints the port it listens on.
"""

import asyncio
import sys
from pathlib import Path

from aiohttp import web

from handlers.web.app import build
from handlers.web.site import Site
from service import log
from service.clock import SystemClock
from service.database import Database

SITE = Site(name="Kring", base_url="http://127.0.0.1", language="nl", timezone="Europe/Amsterdam")
KEYS = {"a": bytes(32)}
TAG = '"0123456789abcdef0123456789abcdef"'


def floor(file: str) -> web.Application:
    """The least that aiohttp can do: bytes that are there already, and 304 for whoever has them."""
    content = Path(file).read_bytes()
    fields = {"ETag": TAG, "Content-Type": "text/calendar; charset=utf-8"}

    async def serve(request: web.Request) -> web.Response:
        if request.headers.get("If-None-Match") == TAG:
            return web.Response(status=304, headers=fields)
        return web.Response(body=content, headers=fields)

    app = web.Application()
    app.router.add_get("/feed.ics", serve)
    return app


async def serve(app: web.Application) -> None:
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(runner.addresses[0][1], flush=True)  # noqa: T201 - the parent reads it
    await asyncio.Event().wait()


async def kring(dsn: str) -> None:
    log.configure("json")
    db = await Database.open(dsn)
    await serve(build(db=db, clock=SystemClock(), keys=KEYS, site=SITE))


if __name__ == "__main__":
    asyncio.run(serve(floor(sys.argv[2])) if sys.argv[1] == "floor" else kring(sys.argv[2]))
