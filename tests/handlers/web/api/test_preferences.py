"""What a person prefers and where they are signed in, with keys of the team."""

from datetime import timedelta
from typing import Any

import pytest

from service.actions import feeds, keys, people, web_sessions
from service.clock import MovableClock
from service.database import Database
from service.rules.access import KRING
from tests.handlers.web.api.asking import Asking, circle, gathering, person


async def test_what_was_read_can_be_sent_back_and_changed(ask: Asking) -> None:
    ada = await person(ask, "Ada")
    await circle(ask, members=(ada,))
    await circle(ask, "lobby", "lobby_cafe", members=(ada,))
    place = f"/people/{ada}/preferences"
    said = await ask.get(place)
    assert (said.status, said.body) == (200, {
        "language": "nl", "preferred_channel": "mail", "channels": ["mail"], "quiet_from": None, "quiet_until": None,
        "circles": [{"circle": one, "mails": True, "reminders": True} for one in ("data", "lobby")],
    })  # fmt: skip
    sent = {name: value for name, value in said.body.items() if name != "channels"}
    assert (await ask.patch(place, sent)).body == said.body
    assert (await ask.patch(place, {})).body == said.body
    changes = {"language": "en", "quiet_from": "21:00", "quiet_until": "08:30"}
    changed = await ask.patch(place, changes | {"circles": [{"circle": "lobby", "reminders": False}]})
    expected = said.body | changes
    expected["circles"] = [expected["circles"][0], {"circle": "lobby", "mails": True, "reminders": False}]
    assert (changed.status, changed.body) == (200, expected)
    assert (await ask.get(place)).body == expected
    assert (await ask.get(f"/people/{ada}")).body["language"] == "en"
    assert (await ask.patch(place, {"quiet_from": None, "quiet_until": None})).body["quiet_from"] is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"language": "de"}, "language"),
        ({"language": None}, "language"),
        ({"preferred_channel": "telegram"}, "preferred_channel"),
        ({"preferred_channel": ""}, "preferred_channel"),
        ({"quiet_from": "21:00"}, "quiet_until"),
        ({"quiet_until": "21:00"}, "quiet_from"),
        ({"quiet_from": "21:00", "quiet_until": "21:00"}, "quiet_until"),
        ({"quiet_from": "24:00", "quiet_until": "08:00"}, "quiet_from"),
        ({"quiet_from": "21:00:30", "quiet_until": "08:00"}, "quiet_from"),
        ({"quiet_from": 75600, "quiet_until": "08:00"}, "quiet_from"),
        ({"circles": [{"circle": "secret", "mails": False}]}, "circles"),
        ({"circles": [{"circle": "elsewhere", "mails": False}]}, "circles"),
        ({"circles": [{"circle": "data"}, {"circle": "data", "mails": False}]}, "circles"),
        ({"circles": [{"circle": "data", "mails": "no"}]}, "circles.0.mails"),
        ({"circles": [{"mails": False}]}, "circles.0.circle"),
        ({"channels": ["mail"]}, "channels"),
    ],
)
async def test_preferences_that_cannot_be(ask: Asking, changes: dict[str, Any], field: str) -> None:
    ada = await person(ask, "Ada")
    await circle(ask, members=(ada,))
    await circle(ask, "elsewhere")
    await circle(ask, "secret", "intervision_group", members=(ada,))
    before = (await ask.get(f"/people/{ada}/preferences")).body
    said = await ask.patch(f"/people/{ada}/preferences", {"language": "en"} | changes)
    assert (said.status, said.body["code"], said.body["field"]) == (400, "invalid", field)
    assert (await ask.get(f"/people/{ada}/preferences")).body == before


async def test_of_a_confidential_circle_nothing_is_told_nor_whether_there_is_one(ask: Asking) -> None:
    ada = await person(ask, "Ada")
    await circle(ask, "secret", "intervision_group", members=(ada,))
    place = f"/people/{ada}/preferences"
    assert (await ask.get(place)).body["circles"] == []
    said = [await ask.patch(place, {"circles": [{"circle": one, "mails": False}]}) for one in ("secret", "nowhere")]
    assert said[0].status == 400
    assert said[0].body == said[1].body


async def test_a_new_language_reaches_feeds_and_the_same_again_does_not(
    ask: Asking, db: Database, clock: MovableClock
) -> None:
    ada = await person(ask, "Ada")
    await feeds.create_feed(db, await people.actor_for(db, ada), feeds.PERSON, now=clock.now())
    revisions = []
    for language in ("nl", "en", "en", "nl"):
        await ask.patch(f"/people/{ada}/preferences", {"language": language})
        async with db.reading() as conn:
            revisions.append(await conn.fetchval("select revision from feed where person_id = $1", ada))
    assert [one - revisions[0] for one in revisions] == [0, 1, 1, 2]


async def test_who_wants_no_invitations_gets_none(ask: Asking) -> None:
    ada, bea = await person(ask, "Ada"), await person(ask, "Bea")
    await circle(ask, members=(ada, bea))
    await ask.patch(f"/people/{ada}/preferences", {"circles": [{"circle": "data", "mails": False}]})
    number = await gathering(ask)
    assert [one["person_id"] for one in (await ask.get(f"/gatherings/{number}/registrations")).items] == [bea]


async def test_only_an_admins_key_changes_an_admin(ask: Asking, db: Database, clock: MovableClock) -> None:
    ada = await person(ask, "Ada")
    await people.change_person(db, KRING, ada, {"role": "admin"}, now=clock.now())
    place = f"/people/{ada}/preferences"
    assert ((await ask.patch(place, {"language": "en"})).status, (await ask.get(place)).body["language"]) == (403, "nl")
    assert (await (await admin(ask, db, clock)).patch(place, {"language": "en"})).status == 200
    for method in ("GET", "PATCH"):
        assert (await ask(method, "/people/1000000/preferences", json={} if method == "PATCH" else None)).status == 404


async def test_sessions_are_listed_by_number_and_ended_by_an_admin_alone(
    ask: Asking, db: Database, clock: MovableClock
) -> None:
    ada, bea = await person(ask, "Ada"), await person(ask, "Bea")
    tokens = []
    for agent in ("Firefox, Windows", ""):
        clock.move(timedelta(minutes=1))
        async with db.transaction() as conn:
            tokens.append((await web_sessions.begin(conn, ada, agent=agent, now=clock.now())).token)
    operator = await admin(ask, db, clock)
    listed = (await operator.get(f"/people/{ada}/sessions")).items
    assert [one["agent"] for one in listed] == [None, "Firefox, Windows"]
    assert {name for one in listed for name in one} == {"id", "agent", "created_at", "last_used_at"}
    assert (await operator.get(f"/people/{bea}/sessions")).items == []

    place = f"/people/{ada}/sessions/{listed[1]['id']}"
    assert ((await ask.get(f"/people/{ada}/sessions")).status, (await ask.delete(place)).status) == (403, 403)
    assert (await operator.delete(f"/people/{bea}/sessions/{listed[1]['id']}")).status == 404
    assert [(await operator.delete(place)).status for _ in range(2)] == [204, 404]
    assert [one["id"] for one in (await operator.get(f"/people/{ada}/sessions")).items] == [listed[0]["id"]]
    held = [await web_sessions.holder(db, token, seen=None, now=clock.now()) is not None for token in tokens]
    assert held == [False, True]
    assert (await operator.get("/people/1000000/sessions")).status == 404


async def admin(ask: Asking, db: Database, clock: MovableClock) -> Asking:
    return ask.with_key(await keys.create_key(db, KRING, name="operator", role="admin", now=clock.now()))
