"""What every command that needs a running Kring does first and last: settings, database, errors into words.

Opens and closes; the work itself is the command's.
"""

import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn, TypeVar

import click
import uvloop

from service import config
from service.config import Settings, WrongSetting
from service.errors import Invalid, KringError

if TYPE_CHECKING:
    from service.wiring.house import Kring, Source

T = TypeVar("T")


def settings(*, quiet: bool = True) -> Settings:
    """Read the settings and set up the log; leaves with 2 and a line for each setting that is wrong."""
    try:
        return configured(quiet=quiet)
    except WrongSetting as fault:
        misconfigured(str(fault))


def configured(*, quiet: bool = True) -> Settings:
    """Read the settings and set up the log; raises WrongSetting."""
    from service import log

    found = config.read()
    log.configure(found.log, quiet=quiet)
    return found


def with_kring(work: "Callable[[Kring], Awaitable[T]]") -> T:
    """Do the work of a command with Kring opened; leaves with the reason when it cannot or may not be done."""
    found = settings()
    from service.wiring import house

    async def opened(source: "Source") -> T:
        async with house.opened(found, source) as kring:
            return await work(kring)

    with explained(), house.database(found) as source:
        return uvloop.run(opened(source))


@contextmanager
def explained() -> Iterator[None]:
    """Leave with 1 and the reason when something is refused, with 2 and one line when a setting is wrong."""
    try:
        yield
    except WrongSetting as fault:
        misconfigured(str(fault))
    except KringError as refusal:
        refused(refusal)


def refused(refusal: KringError) -> NoReturn:
    """Leave with 1 and say why."""
    where = f"{refusal.field}: " if isinstance(refusal, Invalid) else ""
    click.echo(f"{where}{refusal}", err=True)
    sys.exit(1)


def misconfigured(*faults: str) -> NoReturn:
    """Leave with 2 and one line per fault."""
    for fault in faults:
        click.echo(fault, err=True)
    sys.exit(2)
