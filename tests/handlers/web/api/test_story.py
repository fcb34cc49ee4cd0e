from service.actions import planning
from service.clock import MovableClock
from service.database import Database
from service.rules.access import KRING
from tests.handlers.web.api.asking import Asking, circle, gathering, person

NEW = {
    "circle": "data",
    "title": {"nl": "Kickoff"},
    "description": {"en": "Bring a question.\n\nAnd an answer."},
    "starts_at": "2026-12-01T16:00",
    "ends_at": "2026-12-01T17:30:00",
    "timezone": "Europe/Amsterdam",
    "location": "Utrecht",
    "capacity": 1,
    "reminders": ["P1D"],
    "visibility": "members",
}


async def test_a_gathering_from_plan_to_attendance_list(ask: Asking, clock: MovableClock) -> None:
    organisation = await ask.post("/organisations", {"name": "Acme Zorg", "domains": ["Acme.example"]})
    assert (organisation.status, organisation.body) == (
        201,
        {"id": organisation.body["id"], "name": "Acme Zorg", "domains": ["acme.example"]},
    )
    assert (await ask.get("/organisations")).body == {"items": [organisation.body], "next": None}

    facts = {"name": "Ada", "email": "Ada@Example.org", "language": "nl", "title": "Adviseur"}
    said = await ask.post("/people", facts | {"organisation_id": organisation.body["id"]})
    ada = said.body["id"]
    assert (said.status, said.headers["Location"]) == (201, f"/api/v1/people/{ada}")
    assert said.body == {
        "id": ada,
        "name": "Ada",
        "email": "ada@example.org",
        "language": "nl",
        "role": "member",
        "organisation_id": organisation.body["id"],
        "organisation": "Acme Zorg",
        "title": "Adviseur",
    }
    ben, cor, fay = [await person(ask, name) for name in ("Ben", "Cor", "Fay")]
    assert (await ask.get("/people", email="ADA@example.org")).body == {"items": [said.body], "next": None}
    assert (await ask.get(f"/people/{ada}")).body == said.body
    renamed = await ask.patch(f"/people/{ada}", {"name": "Ada Lovelace", "title": None})
    assert renamed.body == said.body | {"name": "Ada Lovelace", "title": None}
    await ask.patch(f"/people/{ada}", {"title": "Adviseur"})
    assert (await ask.get(f"/people/{ada}")).body == said.body | {"name": "Ada Lovelace"}

    circle = await ask.post("/circles", {"slug": "data", "kind": "community_of_practice", "title": {"nl": "Datakring"}})
    assert (circle.status, circle.headers["Location"]) == (201, "/api/v1/circles/data")
    assert circle.body == {
        "id": circle.body["id"],
        "slug": "data",
        "kind": "community_of_practice",
        "title": {"nl": "Datakring", "en": None},
        "description": {"nl": None, "en": None},
        "language": "nl",
        "programme": None,
        "closed_at": None,
        "visibility": "public",
        "confidential": False,
        "joining": "open",
        "most_members": None,
        "url": "http://kring.test/circles/data",
    }
    titled = await ask.patch("/circles/data", {"title": {"en": "Data circle"}, "programme": "Digitaal"})
    assert titled.body == circle.body | {"title": {"nl": "Datakring", "en": "Data circle"}, "programme": "Digitaal"}
    assert (await ask.get("/circles")).body == {"items": [titled.body], "next": None}
    assert (await ask.get("/circles/data")).body == titled.body
    for number, role in ((ada, "participant"), (ben, "participant"), (fay, "facilitator")):
        said = await ask.put(f"/circles/data/members/{number}", {"role": role})
        assert (said.status, said.body) == (200, {"circle": "data", "person_id": number, "role": role})

    draft = await ask.post("/gatherings", NEW)
    assert draft.status == 201, draft
    ident = draft.body["id"]
    assert (draft.status, draft.headers["Location"]) == (201, f"/api/v1/gatherings/{ident}")
    by_answer = ("invited", "accepted", "tentative", "declined", "needs_action")
    nobody = dict.fromkeys((*by_answer, "seated", "offered", "waiting", "online", "present", "facilitators"), 0)
    assert draft.body == {
        "id": ident,
        "uid": draft.body["uid"],
        "circle": "data",
        "series_id": None,
        "status": "draft",
        "sequence": 0,
        "title": {"nl": "Kickoff", "en": None},
        "description": {"nl": None, "en": "Bring a question.\n\nAnd an answer."},
        "starts_at": "2026-12-01T16:00",
        "ends_at": "2026-12-01T17:30",
        "timezone": "Europe/Amsterdam",
        "starts_at_utc": "2026-12-01T15:00:00Z",
        "ends_at_utc": "2026-12-01T16:30:00Z",
        "location": "Utrecht",
        "online_url": None,
        "capacity": 1,
        "organisation_quota": None,
        "approval": False,
        "reminders": ["P1D"],
        "visibility": "members",
        "confidential": False,
        "cancel_reason": None,
        "counts": nobody,
        "url": f"http://kring.test/gatherings/{ident}",
    }
    published = await ask.post(f"/gatherings/{ident}/publish")
    assert published.body == draft.body | {
        "status": "published",
        "counts": nobody | {"invited": 3, "needs_action": 2, "facilitators": 1},
    }
    again = await ask.post(f"/gatherings/{ident}/publish")
    assert again.body == published.body
    invited = await ask.post(f"/gatherings/{ident}/invitations", {"person_ids": [cor]})
    assert invited.body["counts"] == nobody | {"invited": 4, "needs_action": 3, "facilitators": 1}
    assert [(each["name"], each["partstat"], each["seat"], each["via"]) for each in await listed(ask, ident)] == [
        ("Fay", "needs-action", "none", None),
        ("Ada Lovelace", "needs-action", "none", None),
        ("Ben", "needs-action", "none", None),
        ("Cor", "needs-action", "none", None),
    ]

    seated = await ask.put(f"/gatherings/{ident}/registrations/{ada}", {"partstat": "accepted"})
    assert seated.body == {
        "person_id": ada,
        "name": "Ada Lovelace",
        "organisation": "Acme Zorg",
        "facilitator": False,
        "partstat": "accepted",
        "seat": "seated",
        "position": None,
        "waiting_reason": None,
        "mode": None,
        "offer_expires_at": None,
        "via": "api",
        "answered_at": "2026-11-23T09:00:00Z",
        "attendance": None,
        "remark": None,
    }
    for position, number in enumerate((ben, cor), start=1):
        waiting = await ask.put(f"/gatherings/{ident}/registrations/{number}", {"partstat": "accepted"})
        assert (waiting.body["seat"], waiting.body["position"], waiting.body["waiting_reason"]) == (
            "waiting",
            position,
            "full",
        )
    await ask.put(f"/gatherings/{ident}/registrations/{ada}", {"partstat": "declined"})
    assert [(each["name"], each["seat"], each["position"]) for each in await listed(ask, ident)] == [
        ("Ben", "seated", None),
        ("Cor", "waiting", 1),
        ("Fay", "none", None),
        ("Ada Lovelace", "none", None),
    ]
    moved = await ask.patch(f"/gatherings/{ident}", {"ends_at": "2026-12-01T18:00", "capacity": None})
    assert (moved.body["ends_at"], moved.body["capacity"], moved.body["sequence"]) == ("2026-12-01T18:00", None, 1)
    assert moved.body["counts"] == nobody | {
        "invited": 4, "accepted": 2, "declined": 1, "seated": 2, "facilitators": 1
    }  # fmt: skip

    clock.set(clock.now().replace(month=12, day=2))
    assert (await ask.get(f"/gatherings/{ident}")).body["status"] == "held"
    marked = await ask.put(f"/gatherings/{ident}/attendance", {str(ben): "present", str(cor): "excused"})
    assert [(each["name"], each["attendance"]) for each in marked.items] == [
        ("Ben", "present"),
        ("Cor", "excused"),
        ("Fay", None),
        ("Ada Lovelace", None),
    ]
    assert (await ask.get(f"/gatherings/{ident}")).body["counts"]["present"] == 1
    ledger = await ask.get(f"/gatherings/{ident}/notices")
    assert {(each["purpose"], each["person"]) for each in ledger.items} >= {
        ("invitation", "Ben"),
        ("promotion", "Ben"),
        ("waiting", "Cor"),
    }
    csv = await ask.get(f"/gatherings/{ident}/roster.csv", language="en")
    assert (csv.status, csv.headers["Content-Type"]) == (200, "text/csv; charset=utf-8")
    named = "filename=\"data-2026-12-01.csv\"; filename*=UTF-8''data-2026-12-01.csv"
    assert csv.headers["Content-Disposition"] == f"attachment; {named}"
    assert csv.body.decode("utf-8-sig").splitlines()[1] == (
        '"Ben","","accepted","seated","","API","2026-11-23 10:00","present"'
    )
    xlsx = await ask.get(f"/gatherings/{ident}/roster.xlsx")
    assert (xlsx.status, xlsx.body[:4]) == (200, b"PK\x03\x04")

    assert (await ask.delete(f"/circles/data/members/{ben}")).status == 204


async def test_a_gathering_that_is_called_off_says_why_and_can_be_opened_again(ask: Asking) -> None:
    ada = await person(ask, "Ada")
    await circle(ask, members=(ada,))
    ident = await gathering(ask)
    cancelled = await ask.post(f"/gatherings/{ident}/cancel", {"reason": "Storm"})
    assert (cancelled.body["status"], cancelled.body["cancel_reason"]) == ("cancelled", "Storm")
    opened = await ask.post(f"/gatherings/{ident}/publish")
    assert (opened.body["status"], opened.body["cancel_reason"], opened.body["uid"]) == (
        "published",
        None,
        cancelled.body["uid"],
    )
    assert opened.body["sequence"] == cancelled.body["sequence"] + 1
    assert (await ask.post(f"/gatherings/{ident}/cancel")).body["cancel_reason"] is None


async def test_the_plan_of_a_year_against_what_takes_place(ask: Asking, db: Database) -> None:
    source = (
        "programme,title,kind,output,min_count,max_count,period,months,language,audience,source,circle\n"
        "Digitaal,Datakring,community_of_practice,gathering,2,4,year,,nl,members,test,data\n"
    )
    await circle(ask)
    await gathering(ask)
    await planning.import_plan(db, KRING, source, year=2026)
    assert (await ask.get("/plan/2026")).body == {
        "items": [
            {
                "programme": "Digitaal",
                "title": "Datakring",
                "kind": "community_of_practice",
                "output": "gathering",
                "period": "year",
                "circle": "data",
                "planned_min": 2,
                "planned_max": 4,
                "held": 0,
                "scheduled": 1,
                "drafts": 0,
                "cancelled": 0,
                "seated": 0,
                "present": 0,
                "rating": None,
                "ratings": 0,
                "on_track": True,
            }
        ]
    }
    for unknown in (2025, 0, 10_000, 2**70):
        assert (await ask.get(f"/plan/{unknown}")).status == 404


async def listed(ask: Asking, ident: int) -> list[dict[str, object]]:
    return (await ask.get(f"/gatherings/{ident}/registrations")).items
