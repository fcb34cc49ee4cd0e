"""`kring second-factor`: a way back in for whoever has lost their app and their recovery codes."""

from typing import TYPE_CHECKING

import click

from service.cli.using import with_kring

if TYPE_CHECKING:
    from service.wiring.house import Kring


@click.group("second-factor")
def second_factor() -> None:
    """The code that people of the team are asked for after signing in by mail."""


@second_factor.command()
@click.argument("address")
def remove(address: str) -> None:
    """Ask the person of a mail ADDRESS for no code any more; every session of theirs ends."""

    async def work(kring: "Kring") -> str:
        from service.actions import people, second_factor
        from service.errors import NotFound
        from service.rules.access import KRING

        person = await people.person_by_address(kring.db, "mail", address)
        if person is None:
            raise NotFound
        await second_factor.remove_for(kring.db, KRING, person.id)
        return person.name

    click.echo(f"{with_kring(work)} signs in by mail alone from now on; every session of theirs has ended.")
