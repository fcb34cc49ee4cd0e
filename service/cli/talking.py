"""`kring chat`: talk to Kring in the terminal, as the people of the association do by message."""

from typing import TYPE_CHECKING

import click

from service.cli.using import with_kring

if TYPE_CHECKING:
    from service.wiring.house import Kring


@click.command()
@click.option("--as", "address", metavar="ADDRESS", required=True, help="The mail address of the person who talks.")
def chat(address: str) -> None:
    """Talk to Kring; one line in, an answer out, until the end of input or "exit"."""

    async def work(kring: "Kring") -> None:
        from service.wiring import talking

        await talking.converse(kring, address)

    with_kring(work)
