"""Running a circle with its own key: letting people in by address, and looking before closing, moving and picking."""

from service.actions import keys
from service.clock import MovableClock
from service.database import Database
from service.rules.access import KRING
from tests.handlers.web.api.asking import Asking, circle, gathering, person

TIMES = {"starts_at": "2026-12-01T16:00", "ends_at": "2026-12-01T17:00"}


async def test_who_runs_a_circle_lets_people_in_by_address(ask: Asking, db: Database, clock: MovableClock) -> None:
    ada = await person(ask, "Ada")
    await circle(ask)
    number = await gathering(ask)
    own = ask.with_key(await keys.create_key(db, KRING, name="own", role="facilitator", circle="data", now=clock.now()))
    known = await own.post(
        "/circles/data/members", {"name": "A. L.", "email": "ADA@example.org", "role": "facilitator"}
    )
    assert (known.status, known.body) == (200, {"circle": "data", "person_id": ada, "role": "facilitator"})
    new = await own.post("/circles/data/members", {"name": "Nel Nieuw", "email": "nel@example.org"})
    assert (new.status, new.body["role"]) == (200, "participant")
    nel = (await ask.get(f"/people/{new.body['person_id']}")).body
    assert (nel["name"], nel["email"], nel["language"]) == ("Nel Nieuw", "nel@example.org", "nl")
    assert [one["name"] for one in (await own.get("/circles/data/members")).items] == ["Ada", "Nel Nieuw"]
    invited = {one["name"] for one in (await own.get(f"/gatherings/{number}/registrations")).items}
    assert invited == {"Ada", "Nel Nieuw"}
    refused = await own.post("/circles/data/members", {"name": "Nel", "email": "nel"})
    assert (refused.status, refused.body["field"]) == (400, "email")
    assert len((await ask.get("/people")).items) == 2
    seen = (await own.get(f"/circles/data/members/{ada}")).body
    assert (seen["name"], seen["role"], seen["state"], seen["invited"]) == ("Ada", "facilitator", "active", 1)
    await own.delete(f"/circles/data/members/{ada}")
    assert (await own.get(f"/circles/data/members/{ada}")).status == 404
    assert [one["name"] for one in (await own.get(f"/gatherings/{number}/registrations")).items] == ["Nel Nieuw"]


async def test_a_look_at_closing_counts_what_closing_does(ask: Asking) -> None:
    ada, bea = await person(ask, "Ada"), await person(ask, "Bea")
    await circle(ask, members=(ada, bea))
    number = await gathering(ask)
    await gathering(ask, publish=False, starts_at="2026-12-08T16:00", ends_at="2026-12-08T17:00")
    await ask.put(f"/gatherings/{number}/registrations/{bea}", {"partstat": "declined"})
    seen = await ask.get("/circles/data/close")
    assert (seen.status, seen.body) == (200, {"people": 2, "gatherings": 2, "calendars": 1})
    assert (await ask.get("/circles/data")).body["closed_at"] is None
    assert (await ask.post("/circles/data/close")).status == 200
    told = [one["purpose"] for one in (await ask.get(f"/gatherings/{number}/notices")).items]
    assert told.count("cancellation") == seen.body["calendars"]


async def test_a_look_at_several_gatherings_counts_for_each(ask: Asking) -> None:
    ada = await person(ask, "Ada")
    await circle(ask, members=(ada,))
    dates = [f"2026-12-{day:02}T16:00" for day in (1, 8, 15)]
    made = await ask.post("/series", {"circle": "data", "title": {"nl": "Reeks"}, **TIMES, "dates": dates})
    numbers = [one["id"] for one in made.body["gatherings"]]
    assert [(await ask.get(f"/gatherings/{one}")).body["series_id"] for one in numbers] == [made.body["id"]] * 3
    for one in numbers[:2]:
        await ask.post(f"/gatherings/{one}/publish")
    place = f"/gatherings/{numbers[0]}/following/preview"
    moved = {"starts_at": "2026-12-02T15:00", "ends_at": "2026-12-02T16:00"}
    seen = await ask.post(place, {"step": "change", "changes": moved})
    assert [(one["gathering_id"], one["starts_at"], one["purpose"], one["told"]) for one in seen.body["items"]] == [
        (numbers[0], "2026-12-02T14:00:00Z", "update", 1),
        (numbers[1], "2026-12-09T14:00:00Z", "update", 1),
        (numbers[2], "2026-12-16T14:00:00Z", "update", 0),
    ]
    seen = await ask.post(f"/gatherings/{numbers[1]}/following/preview", {"step": "cancel", "reason": "Ziek"})
    assert [(one["gathering_id"], one["told"]) for one in seen.body["items"]] == [(numbers[1], 1), (numbers[2], 0)]
    assert (await ask.post(place, {"step": "publish"})).body["field"] == "step"
    asked = {"items": [{"kind": "text", "text": {"nl": "Wat eet je?"}}]}
    await ask.put(f"/gatherings/{numbers[0]}/questions", asked)
    copied = [await ask.post(f"/gatherings/{numbers[0]}/following/questions") for _ in range(2)]
    assert [one.body for one in copied] == [{"gatherings": 2}, {"gatherings": 0}]
    questions = (await ask.get(f"/gatherings/{numbers[2]}/questions")).items
    assert [one["text"]["nl"] for one in questions] == ["Wat eet je?"]
    alone = await gathering(ask)
    assert (await ask.post(f"/gatherings/{alone}/following/preview", {"step": "cancel"})).status == 409
    assert [(await ask.get(f"/gatherings/{one}")).body["sequence"] for one in numbers] == [0, 0, 0]


async def test_a_look_at_a_moment_of_a_poll_tells_who_is_asked_and_picks_nothing(ask: Asking) -> None:
    ada = await person(ask, "Ada")
    await circle(ask, members=(ada,))
    number = await gathering(ask, publish=False)
    moments = [f"2026-12-0{day}T16:00" for day in (2, 3, 4)]
    poll = (await ask.put(f"/gatherings/{number}/poll", {"moments": moments})).body
    picked = {"moment_id": poll["moments"][1]["id"]}
    seen = await ask.post(f"/gatherings/{number}/poll/preview", picked)
    assert (seen.status, seen.body["purpose"], seen.body["told"]) == (200, "invitation", 1)
    assert (await ask.get(f"/gatherings/{number}")).body["status"] == "draft"
    assert (await ask.post(f"/gatherings/{number}/poll/preview", {"moment_id": 1_000_000})).status == 404
    moved = await ask.post(f"/gatherings/{number}/poll/pick", picked)
    assert (moved.body["status"], moved.body["starts_at"]) == ("published", "2026-12-03T16:00")


async def test_a_look_ahead_says_what_becomes_of_a_yes_and_of_the_limits_of_a_place(ask: Asking) -> None:
    ada, bea = await person(ask, "Ada"), await person(ask, "Bea")
    await circle(ask, members=(ada, bea))
    number = await gathering(ask, location="Utrecht", online_url="https://meet.example.org/x", capacity=1)
    await ask.put(f"/gatherings/{number}/registrations/{ada}", {"partstat": "accepted", "mode": "online"})
    await ask.put(f"/gatherings/{number}/registrations/{bea}", {"partstat": "accepted"})
    none = {"ask": 0, "seat": 0, "join": 0}
    place = f"/gatherings/{number}/preview"
    seen = (await ask.post(place, {"step": "change", "changes": {"online_url": ""}})).body
    assert (seen["sequels"], seen["lifted"]) == (none | {"ask": 1}, None)
    seen = (await ask.post(place, {"step": "change", "changes": {"location": ""}})).body
    assert (seen["sequels"], seen["lifted"]) == (none | {"seat": 1}, 1)
    seen = (await ask.post(place, {"step": "cancel"})).body
    assert (seen["sequels"], seen["lifted"]) == (none, None)
