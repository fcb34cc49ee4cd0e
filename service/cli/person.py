"""`kring person`: what is held about somebody, for them to take along, and its end."""

import json
import sys
from typing import TYPE_CHECKING, Any, TextIO

import click

from service.cli.using import with_kring

if TYPE_CHECKING:
    from service.model import Person
    from service.wiring.house import Kring


@click.group()
def person() -> None:
    """Hand out or erase what is held about the person of a mail ADDRESS."""


@person.command()
@click.argument("address")
def export(address: str) -> None:
    """Write what is held about a person to stdout, as JSON.

    Confidential circles stay without their names: the whole of it the person finds on their own page.
    """

    async def work(kring: "Kring") -> dict[str, Any]:
        from service.actions import privacy
        from service.rules.access import KRING

        found = await _person(kring, address)
        return await privacy.export(kring.db, KRING, found.id, keys=kring.keys, now=kring.clock.now())

    click.echo(json.dumps(with_kring(work), ensure_ascii=False, indent=2))


@person.command()
@click.argument("address")
@click.option("--yes", is_flag=True, help="Do not ask whether you are sure.")
def erase(address: str, yes: bool) -> None:
    """Erase a person: name, addresses, answers, messages; counts stay, without the name. There is no way back."""

    async def look(kring: "Kring") -> "Person":
        return await _person(kring, address)

    async def work(kring: "Kring") -> None:
        from service.actions import privacy
        from service.rules.access import KRING

        await privacy.erase(kring.db, KRING, found.id, keys=kring.keys, now=kring.clock.now())

    found = with_kring(look)
    if not yes:
        click.confirm(f"Erase {found.name} for good? There is no way back.", abort=True)
    with_kring(work)
    click.echo("Erased. The last mails go out as soon as Kring runs.")


@person.command()
def erased() -> None:
    """Write who was erased to stdout, a line each that says nothing of anybody.

    To be kept apart from backups, and newer than they are: one from before an erasure brings the person back.
    """

    async def work(kring: "Kring") -> list[str]:
        from service.actions import erasures
        from service.rules.access import KRING

        return await erasures.listed(kring.db, KRING, keys=kring.keys)

    for mark in with_kring(work):
        click.echo(mark)


@person.command("erase-again")
@click.argument("listed", metavar="FILE", type=click.File(encoding="utf-8"))
def erase_again(listed: TextIO) -> None:
    """Erase anew whom a backup has brought back, after FILE, as `kring person erased` wrote it before."""
    marks = frozenset(listed.read().split())

    async def work(kring: "Kring") -> tuple[int, list[str]]:
        from service.actions import erasures, privacy
        from service.errors import KringError
        from service.rules.access import KRING

        found = await erasures.brought_back(kring.db, KRING, marks, keys=kring.keys)
        left = []
        for person_id in found:
            try:
                await privacy.erase(kring.db, KRING, person_id, keys=kring.keys, now=kring.clock.now())
            except KringError as refusal:
                left.append(f"person {person_id}: {refusal}")
        return len(found) - len(left), left

    done, left = with_kring(work)
    click.echo(f"Erased again: {done}.")
    for line in left:
        click.echo(line, err=True)
    if left:
        sys.exit(1)


@person.command()
@click.argument("address")
def vouch(address: str) -> None:
    """Let a mail ADDRESS that the team gave to somebody open everything, where they can no longer say so themselves.

    Make sure that it is theirs: whoever reads mail there reads their confidential circles.
    """

    async def work(kring: "Kring") -> None:
        from service.actions import given_addresses
        from service.rules.access import KRING

        await given_addresses.vouch(kring.db, KRING, address)

    with_kring(work)
    click.echo("From now on this address is as good as any other of theirs.")


async def _person(kring: "Kring", address: str) -> "Person":
    from service.actions import people
    from service.errors import NotFound

    found = await people.person_by_address(kring.db, "mail", address)
    if found is None:
        raise NotFound("This is nobody's mail address.")
    return found
