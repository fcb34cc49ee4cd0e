"""`kring receive` and `kring inbox`: mail that comes in by a pipe, and what became of mail that needs somebody."""

import json
import os
import sys
from typing import TYPE_CHECKING, Any

import click

from service.cli.using import with_kring

if TYPE_CHECKING:
    from service.store.inbox import Waiting
    from service.wiring.house import Kring

TRY_LATER = 75  # EX_TEMPFAIL of sysexits.h, by which a mail server knows that it should try again


@click.command()
@click.option(
    "--rcpt", metavar="ADDRESS", help="To whom the mail was sent; by default ORIGINAL_RECIPIENT or its headers."
)
@click.option("--sender", metavar="ADDRESS", default="", help="The envelope sender; by default SENDER.")
def receive(rcpt: str | None, sender: str) -> None:
    """Store one raw mail from stdin, for a pipe transport; exit 0 when it is stored, 75 to try again later."""
    raw = _read()
    recipient = rcpt or os.environ.get("ORIGINAL_RECIPIENT") or os.environ.get("RECIPIENT") or ""

    async def work(kring: "Kring") -> None:
        from bots.mail.envelope import Arrived
        from service.wiring import mail

        await mail.keep(kring, Arrived(recipient, sender or os.environ.get("SENDER", ""), raw))

    try:
        with_kring(work)
    except SystemExit:  # the reason was said
        sys.exit(TRY_LATER)
    except Exception as fault:  # whatever it was: a mail server must keep the mail
        click.echo(f"not stored: {fault}", err=True)
        sys.exit(TRY_LATER)


def _read() -> bytes:
    """Read the mail to its end, which a mail server expects, and keep no more of it than shows that it is too large."""
    from bots.mail.parts import MAIL

    raw = sys.stdin.buffer.read(MAIL + 1)
    while sys.stdin.buffer.read(MAIL):
        pass
    return raw


@click.group()
def inbox() -> None:
    """Mail that needs a human, or could not be worked on."""


def _listing(state: str) -> click.Command:
    @click.option("--json", "as_json", is_flag=True, help="For a script: a JSON array.")
    def listing(as_json: bool) -> None:
        async def work(kring: "Kring") -> "list[Waiting]":
            from service.actions import parked
            from service.rules.access import KRING

            return [one.message for one in await parked.waiting(kring.db, KRING, state, limit=1000)]

        found = with_kring(work)
        if as_json:
            click.echo(json.dumps([_row(one) for one in found]))
        for one in found if not as_json else ():
            click.echo(f"{one.id:>8}  {one.received_at:%Y-%m-%d %H:%M}  {one.reason:<24}{one.person or ''}")

    listing.__doc__ = f"List the {state} messages, the oldest first."
    return click.command(state)(listing)


def _row(one: "Waiting") -> dict[str, Any]:
    return {
        "id": one.id,
        "received_at": one.received_at.isoformat(),
        "reason": one.reason,
        "gathering_id": one.gathering_id,
        "person_id": one.person_id,
    }


for _state in ("parked", "dead"):
    inbox.add_command(_listing(_state))


@inbox.command()
@click.argument("ident", metavar="ID", type=int)
def replay(ident: int) -> None:
    """Have a parked or dead message worked on again."""

    async def work(kring: "Kring") -> None:
        from service.actions import parked
        from service.rules.access import KRING

        await parked.replay(kring.db, KRING, ident, now=kring.clock.now())

    with_kring(work)
    click.echo(f"Message {ident} is in the queue again.")
