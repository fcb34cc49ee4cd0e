"""How Kring writes its log: one line per thing done, for people on a terminal and as JSON elsewhere.

Addresses, titles, tokens and bodies are never put into it; as a second wall, values under telling names are masked.
"""

import logging
import sys
from collections.abc import MutableMapping
from functools import cache
from typing import Any, Final

import structlog

_SECRET: Final = ("token", "password", "secret", "key", "authorization", "cookie", "handle", "email", "address")
_NO_HTTP: Final = "aiohttp.http_exceptions"
"""The home of the exceptions with which aiohttp refuses to read a request."""

_QUIET: Final = ("aiohttp.access", "mail.log", "asyncio")


def configure(style: str | None, *, quiet: bool = False) -> None:
    """Set up the log: "console" or "json"; None chooses console on a terminal and JSON elsewhere.

    `quiet` leaves out what only tells that things went well, for commands that answer on stdout.
    """
    console = style == "console" or (style is None and sys.stderr.isatty())
    shared: list[structlog.typing.Processor] = [
        structlog.processors.add_log_level,
        _curt,
        _sparing,
        structlog.processors.TimeStamper(fmt="%H:%M:%S" if console else "iso", utc=not console),
        _mask,
    ]
    # The variables of each frame stay out of a traceback: among them are addresses, keys and bodies.
    plain = structlog.dev.plain_traceback
    traces = structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False))
    render: list[structlog.typing.Processor] = (
        [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)]
        if console
        else [traces, structlog.processors.JSONRenderer(ensure_ascii=False)]
    )
    structlog.configure(
        processors=[*shared, *render],
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING if quiet else logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    _adopt(shared, render)


def _adopt(shared: list[structlog.typing.Processor], render: list[structlog.typing.Processor]) -> None:
    """Let the libraries that log through the standard library come out the same way, from warnings up."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *render],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.ERROR)


def _curt(_: Any, __: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Say of a request that is no HTTP that it came: the library quotes the line, and that may be a key or a cookie."""
    found = entry.get("exc_info")
    kind = found[0] if isinstance(found, tuple) else None
    if kind is None or kind.__module__ != _NO_HTTP:
        return entry
    del entry["exc_info"]
    entry.update(event="request is no HTTP", level="warning", fault=kind.__name__)
    return entry


def _sparing(_: Any, __: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Leave out of what the database complains of the details: it quotes whole rows in them."""
    found = entry.get("exc_info")
    error = sys.exc_info()[1] if found is True else found[1] if isinstance(found, tuple) else found
    while isinstance(error, BaseException):
        if type(error).__module__.startswith("asyncpg."):
            error.__dict__.update(detail=None, hint=None)
        error = error.__cause__ or error.__context__
    return entry


def _mask(_: Any, __: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for name in entry:
        if _is_secret(name):
            entry[name] = "***"
    return entry


@cache
def _is_secret(name: str) -> bool:
    return any(word in name.lower() for word in _SECRET)
