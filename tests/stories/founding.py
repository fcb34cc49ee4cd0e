"""A small association, founded from outside: with commands and the API alone."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.stories.letters import Letter
from tests.stories.newcomer import Newcomer

CIRCLE = "data"
PEOPLE = """name;email;language;organisation;title;roles;circles
Anna de Vries;anna@example.org;nl;Stichting Wereldwijs;;;data
Ben Okafor;ben@example.org;en;Stichting Wereldwijs;;;data
Çiğdem Şahin;cigdem@example.org;nl;Water voor Allen;directeur;;data
Fatima Aziz;fatima@example.org;nl;Water voor Allen;;;*data
"""
MEMBERS = 4


async def founded(newcomer: Newcomer) -> None:
    """Make a key, a circle and its people."""
    made = await newcomer.program.kring("api-key", "create", "founder", "--role", "staff")
    assert (made.code, made.complaints) == (0, [])
    newcomer.key = made.stdout.strip()
    circle = {"slug": CIRCLE, "kind": "community_of_practice", "title": {"nl": "Datakring", "en": "Data circle"}}
    await newcomer.call("POST", "/circles", circle, status=201)
    taken = await imported(newcomer, PEOPLE)
    assert taken == (0, f"Done: {MEMBERS} added, 0 changed, 0 unchanged.\n", [])


async def imported(newcomer: Newcomer, source: str, encoding: str = "utf-8") -> tuple[int, str, list[str]]:
    """Take in a file of people, and return the exit code and what was said on stdout and on stderr."""
    path = newcomer.program.folder / "people.csv"
    path.write_text(source, encoding)
    done = await newcomer.program.kring("import", "people", str(path))
    return done.code, done.stdout, done.complaints


async def published(newcomer: Newcomer, title: str, **facts: Any) -> tuple[int, dict[str, Letter]]:
    """Plan and publish a gathering; return its number and the invitations, by mail address."""
    begins = datetime.now(UTC).replace(hour=14, minute=0, second=0, microsecond=0, tzinfo=None) + timedelta(days=21)
    planned = {
        "circle": CIRCLE,
        "title": {"nl": title, "en": title},
        "starts_at": begins.isoformat(),
        "ends_at": (begins + timedelta(hours=2)).isoformat(),
        "location": "Zaal 3",
    }
    made = await newcomer.call("POST", "/gatherings", planned | facts, status=201)
    await newcomer.call("POST", f"/gatherings/{made['id']}/publish")
    letters = await newcomer.mailbox.find(MEMBERS, lambda letter: letter.subject.startswith(title))
    return made["id"], {letter.to: letter for letter in letters}
