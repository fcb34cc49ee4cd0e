"""`kring outbox`: look at what waits to be sent, stop it, let it go on."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from service.cli.using import with_kring

if TYPE_CHECKING:
    from service.store.outbox import Pile
    from service.wiring.house import Kring


@click.group()
def outbox() -> None:
    """What waits to be sent."""


@outbox.command("list")
@click.option("--json", "as_json", is_flag=True, help="For a script: a JSON array.")
def listing(as_json: bool) -> None:
    """Count the notices by what they tell and where they stand."""

    async def work(kring: "Kring") -> tuple["list[Pile]", bool]:
        from service.actions import pausing
        from service.rules.access import KRING

        return await pausing.overview(kring.db, KRING), await pausing.paused_since(kring.db) is not None

    piles, paused = with_kring(work)
    if as_json:
        items = [{**asdict(pile), "first_due": pile.first_due.isoformat()} for pile in piles]
        click.echo(json.dumps({"paused": paused, "items": items}))
        return
    for pile in piles:
        click.echo(f"{pile.state:<10}{pile.purpose:<16}{pile.count:>7}  due from {pile.first_due:%Y-%m-%d %H:%M} UTC")
    click.echo("Sending is paused." if paused else "Sending goes on.")


@outbox.command()
def pause() -> None:
    """Stop all sending, for every process, until resumed; nothing is lost."""

    async def work(kring: "Kring") -> None:
        from service.actions import pausing
        from service.rules.access import KRING

        await pausing.pause(kring.db, KRING, now=kring.clock.now())

    with_kring(work)
    click.echo("Sending is paused.")


@outbox.command()
def resume() -> None:
    """Let sending go on."""

    async def work(kring: "Kring") -> None:
        from service.actions import pausing
        from service.rules.access import KRING

        await pausing.resume(kring.db, KRING)

    with_kring(work)
    click.echo("Sending goes on.")
