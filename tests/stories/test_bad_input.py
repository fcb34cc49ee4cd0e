"""What goes wrong sooner or later, from outside: old links, broken files, wrong settings, a port that is taken."""

from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from service.embedded import Embedded
from tests.conftest import dsn_to
from tests.program import Program, running
from tests.stories.conftest import Programs
from tests.stories.founding import MEMBERS, PEOPLE, founded, imported, published
from tests.stories.newcomer import Newcomer, arrived, heading

BROKEN = """name;email;language;organisation;title;roles;circles
Dirk Jansen;dirk@example.org;nl;;;;data
Eva Smit;eva at example.org;nl;;;;data
;niemand@example.org;nl;;;;data
Guus Mol;guus@example.org;fr;;;;data
Hans Bos;hans@example.org;nl;;;boss;data
Ines Kok;dirk@example.org;nl;;;;
Jan Vos;jan@example.org;nl;;;;nergens
"""

WRONG = {
    "KRING_ADMIN": "nobody",
    "KRING_BASE_URL": "http://kring.example.org:port",
    "KRING_COALESCE": "-1",
    "KRING_DATA": "",
    "KRING_DATABASE_URL": "mysql://localhost/kring",
    "KRING_DATABASE_URL_FILE": "/nowhere/url",
    "KRING_HTTP": "127.0.0.1:99999",
    "KRING_LANGUAGE": "de",
    "KRING_LMTP": "somewhere",
    "KRING_LOG": "loud",
    "KRING_MAIL_DOMAIN": "in example org",
    "KRING_MAIL_FROM": "Kring <kring@example.org>",
    "KRING_NAME": "",
    "KRING_SECRET_KEYS": "a:dG9vIHNob3J0",
    "KRING_SMTP_CONNECTIONS": "many",
    "KRING_SMTP_URL": "smtp://relay:99999",
    "KRING_TIMEZONE": "Mars/Olympus",
}
UNREACHABLE = {
    "KRING_DATABASE_URL": "postgresql://kring:secret@127.0.0.1:1/kring",
    "KRING_PG_BIN": "/nowhere",
    "KRING_DATA": "/proc/nowhere",
    "KRING_HTTP": "nowhere.invalid:8080",
    "KRING_LMTP": "nowhere.invalid:8024",
}


async def test_a_link_that_is_unknown_or_no_longer_valid_reveals_nothing_and_offers_a_fresh_one(
    programs: Programs, clone_dsn: str
) -> None:
    async with running(programs(clone_dsn)) as program, arrived(program) as newcomer:
        await founded(newcomer)
        gathering, invitations = await published(newcomer, "Geheim beraad")
        anna = (await newcomer.call("GET", "/people?email=anna@example.org"))["items"][0]
        await newcomer.call("DELETE", f"/circles/data/members/{anna['id']}", status=204)
        link = invitations["anna@example.org"].link("r")
        forged = link[:-1] + ("a" if link[-1] != "a" else "b")
        assert "Geheim" not in await same_page(newcomer, {link: 410, forged: 404, "/r/x": 404})
        elsewhere = {"/login/x": 410, "/u/x": 404, "/feeds/x.ics": 404, f"/gatherings/{gathering + 1}": 404}
        for path, status in elsewhere.items():
            assert (await (await newcomer.browser()).get(path)).status == status
        await asks_for_a_fresh_one(newcomer, link)


async def same_page(newcomer: Newcomer, links: dict[str, int]) -> str:
    """See the same page behind every link, but for the link itself, and return its words."""
    words = set()
    for link, status in links.items():
        page = await (await newcomer.browser()).get(link)
        assert (page.status, heading(page)) == (status, "Deze link werkt niet meer")
        words.add(page.words)
    assert len(words) == 1
    return words.pop()


async def asks_for_a_fresh_one(newcomer: Newcomer, link: str) -> None:
    answers = set()
    for address in ("nobody@example.org", "ben@example.org"):
        browser = await newcomer.browser()
        answered = await browser.press(await browser.get(link), "/login", email=address)
        answers.add((answered.status, answered.words.replace(address, "")))
    assert len(answers) == 1
    await newcomer.mailbox.find(1, lambda letter: letter.to == "ben@example.org" and "/login/" in letter.text)
    await newcomer.mailbox.find(0, lambda letter: letter.to == "nobody@example.org")


async def test_a_broken_file_is_refused_by_the_line_and_the_same_file_twice_changes_nothing(
    programs: Programs, clone_dsn: str
) -> None:
    async with running(programs(clone_dsn)) as program, arrived(program) as newcomer:
        await founded(newcomer)
        await published(newcomer, "Aftrap")
        code, said, complaints = await imported(newcomer, BROKEN)
        assert (code, said, complaints[-1]) == (1, "", "Nothing was imported.")
        assert [line.split(": ")[:2] for line in complaints[:-1]] == [
            ["line 3", "email"],
            ["line 4", "name"],
            ["line 5", "language"],
            ["line 6", "roles"],
            ["line 7", "email"],
            ["line 8", "circles"],
        ]
        assert len(await newcomer.every("/people")) == MEMBERS
        assert await imported(newcomer, PEOPLE) == (0, f"Done: 0 added, 0 changed, {MEMBERS} unchanged.\n", [])
        from_excel = PEOPLE.replace("Çiğdem Şahin", "Renée Große")
        expected: tuple[int, str, list[str]] = (0, f"Done: 0 added, 1 changed, {MEMBERS - 1} unchanged.\n", [])
        assert await imported(newcomer, from_excel, "cp1252") == expected
        found = (await newcomer.call("GET", "/people?email=cigdem@example.org"))["items"]
        assert [person["name"] for person in found] == ["Renée Große"]
        assert len(newcomer.mailbox.letters) == MEMBERS


async def test_a_plan_that_is_shorter_says_that_lines_went(programs: Programs, clone_dsn: str, tmp_path: Path) -> None:
    program, file = programs(clone_dsn), tmp_path / "plan.csv"
    header = "programme,title,kind,output,min_count,max_count,period,months,language,audience,source"
    lines = [f"Leren,{title},training,gathering,1,,year,,nl,," for title in "AB"]
    for kept, said in (
        (lines, "2 added, 0 changed, 0 unchanged"),
        (lines[:1], "0 added, 0 changed, 1 unchanged, 1 removed"),
    ):
        file.write_text("\n".join((header, *kept)))
        done = await program.kring("import", "plan", str(file), "--year", "2027")
        assert (done.code, done.stdout) == (0, f"Done: {said}.\n")


@pytest.mark.parametrize("name", WRONG)
async def test_a_wrong_setting_stops_the_start_with_one_line_that_names_it(programs: Programs, name: str) -> None:
    refused = await programs(**{name: WRONG[name]}).kring("run")
    assert (refused.code, refused.stdout) == (2, "")
    (line,) = refused.stderr.splitlines()
    assert line.startswith(f"{name} ")


@pytest.mark.parametrize("name", UNREACHABLE)
async def test_a_setting_that_leads_nowhere_stops_the_start_with_one_line_that_names_it(
    programs: Programs, clone_dsn: str, name: str
) -> None:
    url = "" if name == "KRING_PG_BIN" else clone_dsn
    refused = await programs(url, **{name: UNREACHABLE[name]}).kring("run")
    assert (refused.code, refused.stdout) == (2, "")
    (line,) = refused.complaints
    assert line.startswith(name)
    assert "secret" not in refused.stderr


async def test_a_port_that_is_taken_stops_the_start_with_one_line(programs: Programs, clone_dsn: str) -> None:
    async with running(programs(clone_dsn)) as first:
        second = Program(programs().folder, clone_dsn, port=first.port)
        refused = await second.kring("run")
        assert (refused.code, refused.complaints) == (2, [f"KRING_HTTP 127.0.0.1:{first.port}: Address already in use"])
        third = Program(programs().folder, clone_dsn, lmtp=first.lmtp)
        refused = await third.kring("run")
        assert (refused.code, refused.complaints) == (2, [f"KRING_LMTP 127.0.0.1:{first.lmtp}: Address already in use"])
        assert (await first.kring("check")).code == 0  # that it is Kring itself that listens there is well
        async with arrived(first) as newcomer:
            assert (await (await newcomer.browser()).get("/readyz")).status == 200


async def test_check_names_every_setting_that_is_wrong(
    programs: Programs, clone_dsn: str, empty_dsn: str, tmp_path: Path
) -> None:
    unreadable = tmp_path / "url"
    unreadable.write_bytes(b"\xff\x00")
    wrong = programs(KRING_TIMEZON="Europe/Amsterdam", KRING_LANGUAGE="de", KRING_HTTP="8080", KRING_NAME="")
    wrong.settings |= {"KRING_SMTP_URL_FILE": str(unreadable), "KRING_DATABASE_URL_FILE": "/nowhere"}
    checked = await wrong.kring("check")
    assert (checked.code, checked.stderr.splitlines()) == (2, checked.complaints)
    assert checked.complaints == [
        "KRING_TIMEZON is not a setting of Kring",
        "KRING_DATABASE_URL_FILE cannot be read: No such file or directory",
        f"KRING_SMTP_URL_FILE cannot be read: {unreadable} is no text in UTF-8",
        "KRING_HTTP must be host:port, such as 127.0.0.1:8080",
        "KRING_NAME is not right: String should have at least 1 character",
        "KRING_LANGUAGE is not right: Input should be 'nl' or 'en'",
    ]
    for database, lines in ((clone_dsn, []), ("postgresql://127.0.0.1:1/kring", ["KRING_DATABASE_URL"])):
        unreached = programs(database, KRING_TIMEZON="", KRING_SMTP_URL="smtp://127.0.0.1:1")
        checked = await unreached.kring("check")
        said = [line.split(":")[0] for line in checked.complaints]
        assert said == ["KRING_TIMEZON is not a setting of Kring", "KRING_SMTP_URL", *lines]
    for dsn in (clone_dsn, empty_dsn):
        sound = await programs(dsn).kring("check")
        assert (sound.code, sound.complaints) == (0, [])
    assert not await has_schema(empty_dsn)


async def test_a_database_that_does_not_suit_is_refused_in_one_line(
    programs: Programs, admin: asyncpg.Connection, clone_dsn: str, cluster: Embedded
) -> None:
    await admin.execute("create role visitor login")
    await admin.execute("create database latin encoding 'LATIN1' template template0 locale 'C'")
    url = urlsplit(clone_dsn)
    try:
        unsuited = {
            url._replace(netloc=f"visitor@{url.netloc.rpartition('@')[2]}").geturl(): "permission denied",
            dsn_to(cluster, "latin"): "Kring needs a database with encoding UTF8, not LATIN1",
        }
        for dsn, reason in unsuited.items():
            for command in ("check", "migrate", "run"):
                refused = await programs(dsn).kring(command)
                assert (refused.code, refused.stdout) == (2, "")
                (line,) = refused.complaints
                assert line.startswith(f"KRING_DATABASE_URL: {reason}")
    finally:
        await admin.execute("drop database latin with (force)")
        await admin.execute("drop role visitor")


async def test_a_terminal_that_knows_few_letters_is_talked_to_all_the_same(programs: Programs, clone_dsn: str) -> None:
    program = programs(clone_dsn, PYTHONIOENCODING="ascii")
    said = await program.kring("chat", "--as", "nobody@example.org", stdin="help\n")
    assert (said.code, said.complaints) == (0, [])
    assert said.stdout.startswith("Kring\n?????\n\nHallo!")


@pytest.mark.parametrize("number", ["0", "99999999999999999999", "eleven"])
async def test_a_number_that_no_gathering_can_have_is_wrong_use(
    programs: Programs, clone_dsn: str, number: str
) -> None:
    refused = await programs(clone_dsn).kring("export", "roster", number)
    assert (refused.code, refused.stdout) == (2, "")
    assert "Traceback" not in refused.stderr
    assert "GATHERING_ID" in refused.complaints[-1]


async def has_schema(dsn: str) -> bool:
    conn = await asyncpg.connect(dsn)
    try:
        return bool(await conn.fetchval("select to_regclass('schema_version') is not null"))
    finally:
        await conn.close()
