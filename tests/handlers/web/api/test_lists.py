from typing import Any
from urllib.parse import quote

import pytest

from tests.handlers.web.api.asking import Asking, circle, gathering, organisation, person


async def walked(ask: Asking, path: str, **query: Any) -> list[list[Any]]:
    """Follow `next` from page to page, never more than twenty."""
    pages = []
    after: dict[str, str] = {}
    for _ in range(20):
        said = await ask.get(path, **query, **after)
        assert said.status == 200, said
        pages.append(said.items)
        if said.body["next"] is None:
            return pages
        after = {"after": said.body["next"]}
    raise AssertionError("the pages do not end")


def sizes(pages: list[list[Any]]) -> list[int]:
    return [len(page) for page in pages]


async def test_organisations_come_page_by_page(ask: Asking) -> None:
    made = [await organisation(ask, f"Organisation {number}") for number in range(5)]
    pages = await walked(ask, "/organisations", limit=2)
    assert sizes(pages) == [2, 2, 1]
    assert [each["id"] for page in pages for each in page] == made


async def test_a_list_that_fills_its_last_page_has_no_empty_one_after_it(ask: Asking) -> None:
    made = [await person(ask, name) for name in ("Ada", "Ben", "Cor", "Dot")]
    pages = await walked(ask, "/people", limit=2)
    assert [[each["id"] for each in page] for page in pages] == [made[:2], made[2:]]


async def test_circles_come_page_by_page_in_the_order_of_their_slugs(ask: Asking) -> None:
    for slug in ("c", "a", "b"):
        await circle(ask, slug)
    pages = await walked(ask, "/circles", limit=2)
    assert [[each["slug"] for each in page] for page in pages] == [["a", "b"], ["c"]]


async def test_gatherings_that_start_together_are_each_listed_once(ask: Asking) -> None:
    await circle(ask)
    made = [await gathering(ask, publish=False) for _ in range(5)]
    earlier = await gathering(ask, publish=False, starts_at="2026-11-30T16:00")
    pages = await walked(ask, "/gatherings", limit=2)
    assert sizes(pages) == [2, 2, 2]
    assert [each["id"] for page in pages for each in page] == [earlier, *made]


async def test_a_span_holds_what_happens_in_it(ask: Asking) -> None:
    await circle(ask)
    await circle(ask, "other")
    november = await gathering(ask, publish=False, starts_at="2026-11-30T23:30", ends_at="2026-12-01T00:30")
    first = await gathering(ask, publish=False)
    second = await gathering(ask, publish=False, starts_at="2026-12-02T00:00", ends_at="2026-12-02T01:00")
    elsewhere = await gathering(ask, "other", publish=False)
    for query, expected in (
        ({}, [november, first, elsewhere, second]),
        ({"from": "2026-12-01"}, [november, first, elsewhere, second]),
        ({"from": "2026-12-01T00:30"}, [first, elsewhere, second]),
        ({"to": "2026-12-01"}, [november, first, elsewhere]),
        ({"to": "2026-12-01T16:00"}, [november]),
        ({"from": "2026-12-02", "to": "2026-12-02"}, [second]),
        ({"circle": "other"}, [elsewhere]),
        ({"circle": "data", "from": "2026-12-02"}, [second]),
        ({"circle": "nowhere"}, []),
    ):
        said = await ask.get("/gatherings", **query)
        assert [each["id"] for each in said.items] == expected, query


async def test_what_was_told_about_a_gathering_comes_page_by_page_as_it_is_due(ask: Asking) -> None:
    ada, ben = await person(ask, "Ada"), await person(ask, "Ben")
    await circle(ask, members=(ada, ben))
    ident, other = await gathering(ask), await gathering(ask, starts_at="2026-12-01T15:00")
    path = f"/gatherings/{ident}/notices"
    (whole,) = await walked(ask, path)
    told = [each["purpose"] for each in whole]
    assert (told.count("invitation"), told.count("reminder"), len(told)) == (2, 4, 6)
    assert whole == sorted(whole, key=lambda each: (each["due"], each["id"]))
    for limit, expected in ((1, 6 * [1]), (4, [4, 2]), (6, [6])):
        pages = await walked(ask, path, limit=limit)
        assert (sizes(pages), [each for page in pages for each in page]) == (expected, whole)
    for place, nowhere in (f"/gatherings/{other}/notices", whole[0]["id"]), (path, 10**17):
        assert (await ask.get(place, after=nowhere)).body == {"items": [], "next": None}


async def test_a_page_holds_a_hundred_unless_asked_otherwise(ask: Asking, many: int) -> None:
    assert sizes(await walked(ask, "/people")) == [100, many - 100]
    assert sizes(await walked(ask, "/people", limit=1_000)) == [many]


@pytest.fixture
async def many(ask: Asking, db: Any, clock: Any) -> int:
    async with db.transaction() as conn:
        await conn.execute(
            "insert into person (name, language, created_at) select 'P' || n, 'nl', $1 from generate_series(1, 130) n",
            clock.now(),
        )
    return 130


async def test_an_address_finds_its_person_and_nobody_else(ask: Asking) -> None:
    ada = await person(ask, "Ada")
    await person(ask, "Ben")
    assert [each["id"] for each in (await ask.get("/people", email="Ada@Example.org")).items] == [ada]
    assert (await ask.get("/people", email="nobody@example.org")).body == {"items": [], "next": None}
    for nonsense in ("no address", "", "\0", "a\0@example.org", "\ud800"):
        said = await ask.get(f"/people?email={quote(nonsense, errors='surrogatepass')}")
        assert said.body == {"items": [], "next": None}, nonsense
