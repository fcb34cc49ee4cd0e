"""At the door, with keys: the sign to check in by, who walks in, and taking a mark back."""

from datetime import timedelta

from service.actions import checking_in, keys, people
from service.clock import MovableClock
from service.database import Database
from service.rules.access import KRING
from tests.handlers.web.api.asking import Asking, circle, gathering, organisation, person
from tests.handlers.web.api.conftest import SECRETS

TO_THE_DOOR = timedelta(days=8, hours=6)
"""To shortly before the start."""


async def test_a_screen_at_the_door_shows_the_sign_that_checks_people_in(
    ask: Asking, db: Database, clock: MovableClock
) -> None:
    ada = await person(ask, "Ada")
    await circle(ask, members=(ada,))
    number = await gathering(ask)
    closed = (await ask.get(f"/gatherings/{number}/check-in")).body
    assert closed == {
        "url": None,
        "code": None,
        "renews_at": None,
        "opens_at": "2026-12-01T14:30:00Z",
        "closes_at": "2026-12-01T16:30:00Z",
    }
    clock.set(clock.now().fromisoformat("2026-12-01T14:45:20+00:00"))
    first, second = [(await ask.get(f"/gatherings/{number}/check-in")).body for _ in range(2)]
    assert first == second
    assert first["renews_at"] == "2026-12-01T14:46:00Z"
    clock.move(timedelta(minutes=1))
    renewed = (await ask.get(f"/gatherings/{number}/check-in")).body
    assert renewed["url"] != first["url"]
    handle = renewed["url"].removeprefix("http://kring.test/here/")
    await checking_in.check_in(db, await people.actor_for(db, ada), handle, keys=SECRETS, now=clock.now())
    (row,) = (await ask.get(f"/gatherings/{number}/registrations")).items
    assert row["attendance"] == "present"


async def test_somebody_is_found_by_a_few_letters_walks_in_and_is_taken_back(ask: Asking, clock: MovableClock) -> None:
    acme = await organisation(ask, "Acme Zorg")
    ada, ans = await person(ask, "Ada"), await person(ask, "Ans", organisation_id=acme)
    await circle(ask, members=(ada,))
    number = await gathering(ask)
    clock.move(TO_THE_DOOR)
    place = f"/gatherings/{number}/walk-ins"
    found = (await ask.get(place, q="a")).body
    assert (found["code"], found["field"]) == ("invalid", "q")
    found = (await ask.get(place, q="ad")).body
    assert ([one["person_id"] for one in found["registrations"]], found["passers"]) == ([ada], [])
    found = (await ask.get(place, q="acme an")).body
    assert found == {
        "registrations": [],
        "passers": [{"person_id": ans, "name": "Ans", "organisation": "Acme Zorg", "member": False}],
    }
    walked = await ask.post(place, {"person_id": ans})
    assert (walked.status, walked.body["attendance"]) == (200, "present")
    assert (await ask.get(place, q="ans")).body["passers"] == []
    undone = await ask.post(f"/gatherings/{number}/attendance/undo")
    assert (undone.status, undone.body) == (200, {"people": 1})
    marks = {row["name"]: row["attendance"] for row in (await ask.get(f"/gatherings/{number}/registrations")).items}
    assert marks == {"Ada": None, "Ans": None}


async def test_a_key_takes_back_its_own_marks_and_nobody_elses(ask: Asking, db: Database, clock: MovableClock) -> None:
    ada = await person(ask, "Ada")
    await circle(ask, members=(ada,))
    number = await gathering(ask)
    clock.move(TO_THE_DOOR)
    other = ask.with_key(await keys.create_key(db, KRING, name="other", role="staff", now=clock.now()))
    assert (await ask.put(f"/gatherings/{number}/attendance", {str(ada): "excused"})).status == 200
    assert (await other.post(f"/gatherings/{number}/attendance/undo")).body == {"people": 0}
    (row,) = (await ask.get(f"/gatherings/{number}/registrations")).items
    assert row["attendance"] == "excused"


async def test_to_a_confidential_gathering_only_its_own_people_are_found(
    ask: Asking, db: Database, clock: MovableClock
) -> None:
    ada, _ = await person(ask, "Ada"), await person(ask, "Adri")
    await circle(ask, "secret", "intervision_group", members=(ada,))
    number = await gathering(ask, "secret")
    own = ask.with_key(
        await keys.create_key(db, KRING, name="own", role="facilitator", circle="secret", now=clock.now())
    )
    found = (await own.get(f"/gatherings/{number}/walk-ins", q="ad")).body
    assert ([one["name"] for one in found["registrations"]], found["passers"]) == (["Ada"], [])
    assert (await ask.get(f"/gatherings/{number}/walk-ins", q="ad")).status == 403
