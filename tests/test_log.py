import subprocess
import sys

import pytest

FAILING = """
import structlog
from service import log
log.configure({style!r})
def work(email):
    raise RuntimeError("broken")
try:
    work("ada@" + "example.org")
except RuntimeError:
    structlog.get_logger().exception("failed", reference="abc")
"""


@pytest.mark.parametrize("style", ["console", "json"])
def test_a_traceback_shows_where_and_not_with_what(style: str) -> None:
    said = subprocess.run(
        [sys.executable, "-c", FAILING.format(style=style)], capture_output=True, text=True, check=True
    )
    assert "broken" in said.stderr and "abc" in said.stderr and "work" in said.stderr
    assert "ada@" not in said.stderr


QUOTING = """
import asyncpg, structlog
from service import log
log.configure({style!r})
fault = asyncpg.NotNullViolationError("null value in column")
fault.detail = "Failing row contains (7, hush@example.org)."
try:
    try:
        raise fault
    except asyncpg.PostgresError as error:
        raise RuntimeError("broken") from error
except RuntimeError:
    structlog.get_logger().exception("failed")
"""


@pytest.mark.parametrize("style", ["console", "json"])
def test_what_the_database_complains_of_is_told_without_the_row(style: str) -> None:
    program = QUOTING.format(style=style)
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "broken" in said.stderr and "null value in column" in said.stderr
    assert "hush" not in said.stderr


SERVING = """
import asyncio
from aiohttp import web
from service import log
log.configure({style!r})
async def main():
    runner = web.AppRunner(web.Application(), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0]
    for request in {requests!r}:
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(request)
        assert (await reader.readline()).split()[1] == b"400", request
        writer.close()
    await runner.cleanup()
asyncio.run(main())
"""
NO_HTTP = [
    b"GET / HTTP/1.1\r\nAuthorization Bearer hush-key\r\n\r\n",
    b"GET /r/hush-handle\x01 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET / HTTP/1.1\r\nCookie: kring=hush" + b"h" * 10_000 + b"\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: hush\r\n\r\n",
]


@pytest.mark.parametrize("style", ["console", "json"])
def test_a_request_that_is_no_http_is_told_without_what_it_held(style: str) -> None:
    program = SERVING.format(style=style, requests=NO_HTTP)
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert said.stderr.count("request is no HTTP") == len(NO_HTTP)
    assert "hush" not in said.stderr and "Traceback" not in said.stderr
    assert len(said.stderr.splitlines()) == len(NO_HTTP)
