from datetime import timedelta

import pytest

from handlers.dialogue import group_cards
from service.actions.group_cards import Card
from service.channels import Intent, Outbound, Topic
from service.model import Gathering
from service.store.rosters import Counts
from tests.conftest import NOW
from tests.handlers.dialogue.house import SITE, House, read


async def card(house: House, *names: str, seated: int | None = None, slug: str = "data", **facts: object) -> Card:
    """Return a card on which these people come."""
    known = {"language", "waiting", "offered", "replaced", "kind"}
    more = {name: facts.pop(name) for name in known & facts.keys()}
    await house.circle(slug, **({"kind": more["kind"]} if "kind" in more else {}))
    gathering = await house.gathering(slug, **facts)
    return shown(gathering, *names, seated=seated, **more)


def shown(gathering: Gathering, *names: str, seated: int | None = None, **more: object) -> Card:
    counts = Counts(
        seated=len(names) if seated is None else seated,
        waiting=more.get("waiting", 0),  # type: ignore[arg-type]
        offered=more.get("offered", 0),  # type: ignore[arg-type]
    )
    language, replaced = str(more.get("language", "nl")), bool(more.get("replaced"))
    return Card(7, gathering, counts, names, language, replaced)


def written(one: Card, after: timedelta = timedelta(0)) -> Outbound:
    return group_cards.compose(one, base_url=SITE.base_url, timezone=SITE.timezone, now=NOW + after)


async def test_a_card_says_what_where_when_how_many_and_who(house: House) -> None:
    one = await card(house, "Anna de Vries", "Bo Bos", "Cas", seated=14, waiting=3, capacity=20)
    outbound = written(one)
    assert (outbound.view_key, outbound.audience) == ("card:7", "conversation")
    assert read((outbound,)).splitlines() == [
        "Kick-off",
        "Datakring",
        "dinsdag 1 december 2026, 16.00–17.30 uur",
        "Utrecht",
        "Er komen 14 mensen · 3 op de wachtlijst · nog 6 plekken",
        "Anna, Bo, Cas en nog 11",
        f"[ja {one.gathering.id}] Ja, ik kom",
        f"[nee {one.gathering.id}] Nee",
    ]
    assert [choice.intent for choice in outbound.choices] == [
        Intent(Topic.ACCEPT, str(one.gathering.id)),
        Intent(Topic.DECLINE, str(one.gathering.id)),
    ]


@pytest.mark.parametrize(
    ("language", "seated", "more", "expected"),
    [
        ("en", 0, {}, "Nobody has said yes so far. Who's first?"),
        ("nl", 0, {}, "Nog niemand heeft ja gezegd. Wie is de eerste?"),
        ("en", 1, {"capacity": 2}, "One person is coming · one place left\nAnna"),
        ("en", 2, {"capacity": 2}, "2 people are coming · full\nAnna and one more"),
        ("nl", 2, {"capacity": 2, "waiting": 1}, "Er komen 2 mensen · één op de wachtlijst · vol\nAnna en nog één"),
        ("nl", 1, {"approval": True, "waiting": 2}, "Er komt één iemand · 2 wachten op de begeleider\nAnna"),
    ],
)
async def test_the_counts_are_said_in_words(
    house: House, language: str, seated: int, more: dict[str, object], expected: str
) -> None:
    one = await card(house, *["Anna"][:seated], seated=seated, language=language, **more)
    assert expected in read((written(one),))


async def test_three_hundred_people_and_hostile_names_are_still_one_short_message(house: House) -> None:
    names = ['<b>&"_*' + "x" * 200 + f" {number}" for number in range(group_cards.NAMES)]
    one = await card(house, *names, seated=300, capacity=400)
    text = read((written(one),))
    assert "en nog 270" in text
    assert len(text) < 1500


async def test_a_card_has_no_buttons_once_there_is_nothing_to_answer(house: House) -> None:
    one = await card(house, "Anna")
    over = written(one, timedelta(days=9))
    assert (over.choices, "Deze is geweest." in read((over,)), "Anna" in read((over,))) == ((), True, True)
    replaced = written(shown(one.gathering, "Anna", replaced=True))
    assert (replaced.choices, "een nieuwere kaart" in read((replaced,))) == ((), True)


async def test_a_circle_that_became_confidential_takes_everything_back(house: House) -> None:
    one = await card(house, "Anna", kind="intervision_group", title_nl="KANARIE", location="KANARIE")
    outbound = written(one)
    assert read((outbound,)) == "Deze kaart wordt niet meer bijgehouden."
    assert outbound.choices == ()


async def test_who_runs_the_circle_puts_a_card_into_a_group_by_its_number(house: House) -> None:
    els, anna = await house.person("Els"), await house.person("Anna")
    slug = await house.circle("data", anna, led_by=els)
    gathering = await house.gathering(slug)
    assert await els.says(f"/kaart {gathering.id}", scope="group") == ()
    assert await els.says(f"/card {gathering.id}", scope="group") == ()
    async with house.db.reading() as conn:
        cards = await conn.fetch("select conversation, gathering_id, replaced from group_card order by id")
    assert [tuple(one) for one in cards] == [(els.address, gathering.id, True), (els.address, gathering.id, False)]


async def test_nobody_else_does_and_nothing_is_said_of_why(house: House) -> None:
    els, anna, bo = await house.person("Els"), await house.person("Anna"), await house.person("Bo")
    slug = await house.circle("data", anna, led_by=els)
    secret = await house.circle("secret", led_by=els, kind="intervision_group")
    public, draft = await house.gathering(slug), await house.gathering(slug, publish=False)
    hidden = await house.gathering(secret, title_nl="KANARIE")
    refusals = {
        read(await who.says(f"/kaart {number}", scope="group"))
        for who, number in ((anna, public.id), (bo, public.id), (els, draft.id), (els, hidden.id), (els, 999_999))
    }
    assert refusals == {
        "Die kan ik hier niet neerzetten. "
        "Wie een kring begeleidt, kan delen wat nog komt, behalve wat vertrouwelijk is."
    }
    async with house.db.reading() as conn:
        assert await conn.fetchval("select count(*) from group_card") == 0


async def test_in_private_the_card_is_explained(house: House) -> None:
    els = await house.person("Els", language="en")
    assert "A card belongs in a group: add me to the group and type there /card 12." in await els.hears("/card 12")
    assert read(await els.says("/kaart", scope="group")) == (
        "Which gathering? Type the number behind it, as in /card 12."
    )
