"""`kring import` and `kring export`: people and plans in, attendance lists out."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from service.cli.using import with_kring

if TYPE_CHECKING:
    from service.actions.importing import ImportReport
    from service.wiring.house import Kring

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
MOST_SHOWN = 50


@click.group("import")
def importing() -> None:
    """Take in people or a plan from a CSV file; all of it or nothing, and nobody is mailed."""


@importing.command()
@click.argument("file", type=FILE)
@click.option("--dry-run", is_flag=True, help="Report what would change, and change nothing.")
@click.option("--json", "as_json", is_flag=True, help="For a script: the report as JSON.")
def people(file: Path, dry_run: bool, as_json: bool) -> None:
    """Take in people: name,email,language,organisation,title,roles,circles."""
    source = file.read_bytes()

    async def work(kring: "Kring") -> "ImportReport":
        from tqdm import tqdm

        from service.actions import importing
        from service.rules.access import KRING

        with tqdm(total=source.count(b"\n"), desc="People", disable=None, leave=False) as bar:
            return await importing.people(
                kring.db,
                KRING,
                source,
                dry_run=dry_run,
                language=kring.settings.language,
                now=kring.clock.now(),
                progress=lambda done: bar.update(done - bar.n),
            )

    _report(with_kring(work), as_json=as_json, dry_run=dry_run)


@importing.command()
@click.argument("file", type=FILE)
@click.option("--year", type=click.IntRange(1990, 2200), required=True, help="The plan year.")
@click.option("--json", "as_json", is_flag=True, help="For a script: the report as JSON.")
def plan(file: Path, year: int, as_json: bool) -> None:
    """Take in an annual plan: what each programme promises."""
    source = file.read_bytes()

    async def work(kring: "Kring") -> "ImportReport":
        from service.actions import planning
        from service.rules.access import KRING

        return await planning.import_plan(kring.db, KRING, source, year=year)

    _report(with_kring(work), as_json=as_json, dry_run=False)


@click.group("export")
def exporting() -> None:
    """Hand out lists."""


@exporting.command()
@click.argument("gathering_id", type=click.IntRange(1, 2**63 - 1))
@click.option("--format", "shape", type=click.Choice(["csv", "xlsx", "html"]), default="csv", show_default=True)
@click.option("--language", type=click.Choice(["nl", "en"]), help="By default the association's.")
def roster(gathering_id: int, shape: str, language: str | None) -> None:
    """Write the attendance list of a gathering to stdout."""

    async def work(kring: "Kring") -> bytes:
        from service.actions import questions, registration
        from service.formats import answers, rosters
        from service.rules.access import KRING
        from service.texts.catalogue import translator

        now = kring.clock.now()
        gathering, registrations = await registration.roster(kring.db, KRING, gathering_id)
        texts = translator(language or kring.settings.language)
        if shape == "html":
            return rosters.html(gathering, registrations, texts)
        given = await questions.for_roster(kring.db, KRING, gathering)
        more = answers.columns(given.questions, given.answers, texts) if given else []
        if shape == "xlsx":
            return rosters.xlsx(gathering, registrations, texts, now=now, more=more)
        return rosters.csv(gathering, registrations, texts, more=more)

    sys.stdout.buffer.write(with_kring(work))


def _report(report: "ImportReport", *, as_json: bool, dry_run: bool) -> None:
    """Say what a file did; leaves with 1 and the faulty lines when it did nothing."""
    counts = {"added": report.added, "changed": report.changed, "unchanged": report.unchanged}
    if as_json:
        errors = [{"line": fault.line, "reason": fault.reason} for fault in report.errors]
        click.echo(json.dumps({**counts, "removed": report.removed, "errors": errors, "dry_run": dry_run}))
    elif report.errors:
        for fault in report.errors[:MOST_SHOWN]:
            click.echo(f"line {fault.line}: {fault.reason}", err=True)
        if len(report.errors) > MOST_SHOWN:
            click.echo(f"and {len(report.errors) - MOST_SHOWN} more", err=True)
        click.echo("Nothing was imported.", err=True)
    else:
        counts |= {"removed": report.removed} if report.removed else {}  # only lines of a plan ever are
        words = ", ".join(f"{count} {what}" for what, count in counts.items())
        click.echo(f"{'Would be' if dry_run else 'Done'}: {words}.")
    if report.errors:
        sys.exit(1)
