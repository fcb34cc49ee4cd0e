"""Questions and answers through the API, from asking to adding up."""

import csv
import io

import pytest

from tests.handlers.web.api.asking import Asking, circle, gathering, person

DIET = {
    "kind": "choice",
    "text": {"nl": "Wat eet je?", "en": "What do you eat?"},
    "choices": [{"text": {"nl": "Alles"}}, {"text": {"nl": "Vegetarisch", "en": "Vegetarian"}}],
}
ACCESS = {"kind": "text", "text": {"en": "What do you need?"}, "needed": True}


@pytest.fixture
async def asked(ask: Asking) -> tuple[int, int, int]:
    """A gathering to which Ada has said yes and Ben has not, with their numbers."""
    ada, ben = await person(ask, "Ada"), await person(ask, "Ben")
    await circle(ask, members=(ada, ben))
    made = await gathering(ask)
    await ask.put(f"/gatherings/{made}/registrations/{ada}", {"partstat": "accepted"})
    return made, ada, ben


async def test_from_asking_to_adding_up(ask: Asking, asked: tuple[int, int, int]) -> None:
    made, ada, ben = asked
    said = await ask.put(f"/gatherings/{made}/questions", {"items": [DIET, ACCESS]})
    diet, access = said.items
    assert diet == {
        "id": diet["id"],
        "kind": "choice",
        "text": {"nl": "Wat eet je?", "en": "What do you eat?"},
        "needed": False,
        "choices": [
            {"number": 1, "text": {"nl": "Alles", "en": None}},
            {"number": 2, "text": {"nl": "Vegetarisch", "en": "Vegetarian"}},
        ],
    }
    assert (await ask.get(f"/gatherings/{made}/questions")).body == said.body
    # What was answered may be sent back as it came.
    assert (await ask.put(f"/gatherings/{made}/questions", said.body)).body == said.body
    answers = [{"question_id": diet["id"], "choice": 2}, {"question_id": access["id"], "text": "=1+1"}]
    place = f"/gatherings/{made}/registrations/{ada}/answers"
    given = await ask.put(place, {"items": answers})
    assert given.items == [
        {"question_id": diet["id"], "text": None, "choice": 2, "yes": None},
        {"question_id": access["id"], "text": "=1+1", "choice": None, "yes": None},
    ]
    assert (await ask.get(place)).body == given.body
    assert (await ask.get(f"/gatherings/{made}/answers")).items == [
        {
            "question_id": diet["id"],
            "answered": 1,
            "choices": [{"number": 1, "count": 0}, {"number": 2, "count": 1}],
            "yes": 0,
            "no": 0,
        },
        {"question_id": access["id"], "answered": 1, "choices": [], "yes": 0, "no": 0},
    ]
    file = await ask.get(f"/gatherings/{made}/roster.csv", language="en")
    rows = {row[0]: row[-2:] for row in csv.reader(io.StringIO(file.body.decode("utf-8-sig")))}
    assert rows == {"Name": ["What do you eat?", "What do you need?"], "Ada": ["Vegetarian", "'=1+1"], "Ben": ["", ""]}
    assert (await ask.get(f"/gatherings/{made}/roster.xlsx")).status == 200
    late = await ask.put(f"/gatherings/{made}/registrations/{ben}/answers", {"items": answers})
    assert (late.status, late.body["code"]) == (409, "conflict")
    await ask.put(f"/gatherings/{made}/registrations/{ada}", {"partstat": "declined"})
    assert (await ask.get(place)).items == []
    assert (await ask.put(f"/gatherings/{made}/questions", {"items": []})).items == []


@pytest.mark.parametrize(
    ("items", "field"),
    [
        ([{"kind": "text", "text": {}}], "text"),
        ([{**DIET, "choices": []}], "choices"),
        ([{**ACCESS, "choices": DIET["choices"]}], "choices"),
        ([{**ACCESS, "id": 999}], "id"),
        ([ACCESS] * 11, "items"),
    ],
)
async def test_what_cannot_be_asked(ask: Asking, asked: tuple[int, int, int], items: list[object], field: str) -> None:
    said = await ask.put(f"/gatherings/{asked[0]}/questions", {"items": items})
    assert (said.status, said.body["code"], said.body["field"]) == (400, "invalid", field)


async def test_what_is_no_answer(ask: Asking, asked: tuple[int, int, int]) -> None:
    made, ada, _ = asked
    diet, access = (await ask.put(f"/gatherings/{made}/questions", {"items": [DIET, ACCESS]})).items
    needed = {"question_id": access["id"], "text": "Niets"}
    for items, field in (
        ([], f"q{access['id']}"),
        ([needed, {"question_id": diet["id"], "choice": 3}], f"q{diet['id']}"),
        ([needed, {"question_id": diet["id"], "yes": True}], f"q{diet['id']}"),
        ([needed, {"question_id": diet["id"], "choice": 1, "yes": True}], "items"),
        ([needed, needed], "items"),
        ([needed, {"question_id": 999, "text": "x"}], "q999"),
    ):
        said = await ask.put(f"/gatherings/{made}/registrations/{ada}/answers", {"items": items})
        assert (said.status, said.body["field"]) == (400, field), items
    assert (await ask.get(f"/gatherings/{made}/registrations/{ada}/answers")).items == []
