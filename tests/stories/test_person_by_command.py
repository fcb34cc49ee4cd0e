"""`kring person`: what is held about somebody on stdout, and its end only once somebody is sure."""

import json
from pathlib import Path

from service.database import Database
from tests.factories import make_circle, make_member, make_person
from tests.stories.conftest import Programs


async def test_a_person_is_exported_and_erased_by_their_address(
    programs: Programs, clone: Database, clone_dsn: str
) -> None:
    zoe = await make_person(clone, "Zoë de Vries", email="zoe@example.org")
    await make_member(clone, await make_circle(clone, "energie"), zoe)
    program = programs(clone_dsn)
    exported = await program.kring("person", "export", "Zoe@Example.org")
    held = json.loads(exported.stdout)
    assert exported.code == 0
    assert [one["name"] for one in held["person"]] == ["Zoë de Vries"]
    assert [one["circle"] for one in held["memberships"]] == ["energie"]

    unsure = await program.kring("person", "erase", "zoe@example.org", stdin="n\n")
    assert unsure.code == 1
    assert "Erase Zoë de Vries for good? There is no way back." in unsure.stdout
    async with clone.reading() as conn:
        assert await conn.fetchval("select erased_at from person where id = $1", zoe.id) is None

    erased = await program.kring("person", "erase", "zoe@example.org", "--yes")
    assert (erased.code, erased.stdout) == (0, "Erased. The last mails go out as soon as Kring runs.\n")
    for verb in (["export"], ["erase", "--yes"]):
        refused = await program.kring("person", verb[0], "zoe@example.org", *verb[1:])
        assert (refused.code, refused.complaints) == (1, ["This is nobody's mail address."])


async def test_a_restored_backup_brings_nobody_back_for_good(
    programs: Programs, clone: Database, clone_dsn: str, tmp_path: Path
) -> None:
    zoe = await make_person(clone, "Zoë de Vries", email="zoe@example.org")
    await make_person(clone, "Yara", email="yara@example.org")
    program, kept = programs(clone_dsn), tmp_path / "erased"
    async with clone.reading() as conn:
        backup = dict(await conn.fetchrow("select * from person where id = $1", zoe.id) or {})
    assert (await program.kring("person", "erase", "zoe@example.org", "--yes")).code == 0
    listed = await program.kring("person", "erased")
    assert (listed.code, len(listed.stdout.split())) == (0, 1)
    kept.write_text(listed.stdout)

    async with clone.transaction() as conn:
        await conn.execute("update person set name = $2, erased_at = null where id = $1", zoe.id, backup["name"])
        await conn.execute(
            "insert into address (person_id, channel, value, is_primary, verified_at, created_at) "
            "values ($1, 'mail', 'zoe@example.org', true, $2, $2)",
            zoe.id,
            backup["created_at"],
        )
    again = await program.kring("person", "erase-again", str(kept))
    assert (again.code, again.stdout) == (0, "Erased again: 1.\n")
    refused = await program.kring("person", "export", "zoe@example.org")
    assert (refused.code, refused.complaints) == (1, ["This is nobody's mail address."])
    assert (await program.kring("person", "export", "yara@example.org")).code == 0
    assert (await program.kring("person", "erase-again", str(kept))).stdout == "Erased again: 0.\n"


async def test_a_number_that_was_given_anew_means_nobody(
    programs: Programs, clone: Database, clone_dsn: str, tmp_path: Path
) -> None:
    zoe = await make_person(clone, "Zoë de Vries", email="zoe@example.org")
    program, kept = programs(clone_dsn), tmp_path / "erased"
    await program.kring("person", "erase", "zoe@example.org", "--yes")
    kept.write_text((await program.kring("person", "erased")).stdout)
    async with clone.transaction() as conn:
        await conn.execute(
            "update person set name = 'Xander', erased_at = null, created_at = created_at + interval '1 microsecond' "
            "where id = $1",
            zoe.id,
        )
    assert (await program.kring("person", "erase-again", str(kept))).stdout == "Erased again: 0.\n"
    async with clone.reading() as conn:
        assert await conn.fetchval("select name from person where id = $1", zoe.id) == "Xander"


async def test_who_cannot_be_erased_again_is_told(
    programs: Programs, clone: Database, clone_dsn: str, tmp_path: Path
) -> None:
    zoe = await make_person(clone, "Zoë de Vries", email="zoe@example.org")
    program, kept = programs(clone_dsn), tmp_path / "erased"
    await program.kring("person", "erase", "zoe@example.org", "--yes")
    kept.write_text((await program.kring("person", "erased")).stdout)
    async with clone.transaction() as conn:
        await conn.execute("update person set role = 'admin', erased_at = null where id = $1", zoe.id)
    again = await program.kring("person", "erase-again", str(kept))
    assert (again.code, again.stdout) == (1, "Erased again: 0.\n")
    assert again.complaints == [f"person {zoe.id}: This is the only admin: make somebody else one first."]
