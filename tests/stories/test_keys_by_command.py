"""`kring api-key`: a key is made, found again by its number, and ended."""

import json

from service.actions import keys
from service.clock import SystemClock
from service.database import Database
from tests.stories.conftest import Programs


async def test_a_key_that_fell_into_the_wrong_hands_is_ended(
    programs: Programs, clone: Database, clone_dsn: str
) -> None:
    program, now = programs(clone_dsn), SystemClock().now()
    made = await program.kring("api-key", "create", "website", "--role", "staff")
    key = made.stdout.strip()
    assert await keys.actor_for_key(clone, key, now=now) is not None
    shown, listed = await program.kring("api-key", "list"), await program.kring("api-key", "list", "--json")
    (one,) = json.loads(listed.stdout)
    assert (one["name"], one["role"], one["circle"]) == ("website", "staff", None)
    assert shown.stdout.split() == [str(one["id"]), one["created_at"][:10], "not", "used", "staff", "website"]
    assert key not in shown.stdout + listed.stdout
    ended = await program.kring("api-key", "revoke", str(one["id"]))
    assert (ended.code, ended.stdout) == (0, f"Key {one['id']} opens nothing any more.\n")
    assert await keys.actor_for_key(clone, key, now=SystemClock().now()) is None
    again = await program.kring("api-key", "revoke", str(one["id"]))
    assert (again.code, again.complaints) == (1, ["There is no such key."])
    assert (await program.kring("api-key", "list")).stdout == ""
