"""`kring run`, `kring check` and `kring migrate`: the service itself."""

import gc
from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeVar

import click
import uvloop

from service.cli.using import configured, explained, misconfigured, settings, with_kring
from service.config import Settings, WrongSetting, secret_keys, unknown

if TYPE_CHECKING:
    from service.wiring.house import Kring, Source

T = TypeVar("T")

ROLES = ("web", "worker", "telegram", "mail")


class Roles(click.ParamType[tuple[str, ...]]):
    """A list of roles with commas between them."""

    name = "roles"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:
        """Split the list; a role that does not exist is wrong use."""
        if isinstance(value, tuple):
            return value
        chosen = tuple(role.strip() for role in value.split(",") if role.strip())
        for role in chosen or ("",):
            if role not in ROLES:
                self.fail(f"{role!r} is no role; choose from {', '.join(ROLES)}", param, ctx)
        return chosen


@click.command()
@click.option("--demo", is_flag=True, help="Load the sample association on the first start, and offer /dev.")
@click.option("--roles", type=Roles(), default=ROLES, help="What this process does; by default everything.")
def run(demo: bool, roles: tuple[str, ...]) -> None:
    """Serve until Ctrl-C."""
    gc.disable()
    found = settings(quiet=False)
    from service.wiring import house

    with explained(), house.database(found) as source:
        uvloop.run(_serve(found, source, demo, roles))


async def _serve(found: Settings, source: "Source", demo: bool, roles: tuple[str, ...]) -> None:
    from service.demo import loading
    from service.wiring import house, running

    # Nothing of what imports make is ever garbage: collected neither now nor later, it costs no pause.
    gc.freeze()
    gc.enable()
    stop = running.stop_on_signals()
    async with house.opened(found, source) as kring:
        await house.appoint_admin(kring)
        if demo and await loading.is_empty(kring.db):
            await loading.load(kring.db, now=kring.clock.now(), progress=_progress)
        async with running.serving(kring, roles=roles, demo=demo, stop=stop):
            if demo and "web" in roles:
                click.echo(await _where_to_look(kring))
            await stop.wait()
            click.echo("Stopping.", err=True)


def _progress(what: str, items: Iterable[T], total: int) -> Iterable[T]:
    """Show on a terminal how far a long job is."""
    from tqdm import tqdm

    return tqdm(items, desc=what, total=total, disable=None, leave=False)


async def _where_to_look(kring: "Kring") -> str:
    from service.demo import loading

    base = kring.settings.base_url
    links = await loading.sign_in_links(kring.db, base, now=kring.clock.now())
    rows = [
        ("Agenda", f"{base}/"),
        *((f"Sign in as {who}", link) for who, link in links),
        ("Caught mail", f"{base}/dev/mail"),
        ("Chat", f"{base}/dev/chat"),
        ("API", f"{base}/api"),
    ]
    lines = [f"  {label + ':':<26}{link}" for label, link in rows]
    return "\n".join(["", "Kring is ready.", *lines, "  Ctrl-C stops all of it.", ""])


@click.command()
def migrate() -> None:
    """Bring the database to the schema of this version."""

    async def done(kring: "Kring") -> None:
        click.echo("The database is up to date.")

    with_kring(done)


@click.command()
def check() -> None:
    """Check configuration and connections; leaves with 2 and one clear line per fault."""
    faults = [f"{name} is not a setting of Kring" for name in unknown()]
    try:
        found = configured()
        secret_keys(found)
        from service.wiring import checking, house

        faults += uvloop.run(checking.check(found))
        with house.database(found) as source:
            faults += uvloop.run(checking.check_database(source))
    except WrongSetting as fault:
        faults.append(str(fault))
    if faults:
        misconfigured(*faults)
    click.echo("Configuration and connections are in order.")
