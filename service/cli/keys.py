"""`kring api-key`: keys for programs."""

import json
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING

import click

from service.cli.using import with_kring

if TYPE_CHECKING:
    from service.store.api_keys import ListedKey
    from service.wiring.house import Kring


@click.group("api-key")
def api_key() -> None:
    """Keys for programs that use the JSON API."""


@api_key.command()
@click.argument("name")
@click.option("--role", type=click.Choice(["staff", "admin", "facilitator"]), required=True)
@click.option("--circle", metavar="SLUG", help="The circle that a facilitator's key is for.")
def create(name: str, role: str, circle: str | None) -> None:
    """Make a key and print it, once: only its hash is kept."""
    if (role == "facilitator") != (circle is not None):
        raise click.UsageError("--circle goes with --role facilitator, and only with it")

    async def work(kring: "Kring") -> str:
        from service.actions import keys
        from service.rules.access import KRING

        return await keys.create_key(kring.db, KRING, name=name, role=role, circle=circle, now=kring.clock.now())

    click.echo(with_kring(work))


@api_key.command("list")
@click.option("--json", "as_json", is_flag=True, help="For a script: a JSON array.")
def listing(as_json: bool) -> None:
    """List the keys that still open something, by their number; never what they are."""

    async def work(kring: "Kring") -> "list[ListedKey]":
        from service.actions import keys
        from service.rules.access import KRING

        return await keys.every(kring.db, KRING, now=kring.clock.now())

    found = with_kring(work)
    if as_json:
        click.echo(json.dumps([asdict(one) for one in found], default=datetime.isoformat))
    for one in found if not as_json else ():
        used = f"used {one.last_used_at:%Y-%m-%d}" if one.last_used_at else "not used"
        click.echo(f"{one.id:>4}  {one.created_at:%Y-%m-%d}  {used:<17}{one.role:<12}{one.circle or '':<24}{one.name}")


@api_key.command()
@click.argument("ident", metavar="ID", type=int)
def revoke(ident: int) -> None:
    """End a key by its number, at once."""

    async def work(kring: "Kring") -> None:
        from service.actions import keys
        from service.rules.access import KRING

        await keys.revoke(kring.db, KRING, ident, now=kring.clock.now())

    with_kring(work)
    click.echo(f"Key {ident} opens nothing any more.")
