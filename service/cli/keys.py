"""`kring api-key`: keys for programs."""

from typing import TYPE_CHECKING

import click

from service.cli.using import with_kring

if TYPE_CHECKING:
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
