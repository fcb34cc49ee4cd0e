"""`kring person`: what is held about somebody on stdout, and its end only once somebody is sure."""

import json

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
