"""Questions of a gathering: asked, answered, seen by few, copied, and forgotten in time."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from service import scheduler
from service.actions import questions, scheduling, series
from service.errors import Conflict, Invalid, NotAllowed, NotFound
from service.model import Gathering, Question, QuestionAnswer, QuestionChoice
from service.rules.access import KRING
from service.rules.questions import Given
from tests.actions.play import KEYS, Play
from tests.actions.test_statements import counted

DIET = Question(
    0,
    "choice",
    "Wat eet je?",
    "What do you eat?",
    needed=False,
    choices=(QuestionChoice(0, "Alles", ""), QuestionChoice(0, "Vegetarisch", "Vegetarian")),
)
ACCESS = Question(0, "text", "Wat heb je nodig?", "", needed=False)
LUNCH = Question(0, "yes-no", "Blijf je lunchen?", "", needed=True)
DAYS = 14


async def ask(play: Play, gathering: Gathering, *asked: Question, days: int = DAYS) -> list[Question]:
    return await questions.change(play.db, KRING, gathering.id, lambda _: asked, days=days)


async def say(play: Play, gathering: Gathering, name: str, given: Mapping[int, Given]) -> Mapping[int, QuestionAnswer]:
    actor = await play.actor(name)
    return (await questions.answer(play.db, actor, gathering.id, play.ids[name], given, now=play.step())).answers


async def kept(play: Play) -> list[tuple[str, Any]]:
    """List whose answers there are."""
    rows = await play.fetch(
        """
        select p.name, coalesce(a.text, a.choice::text, a.yes::text) as said
        from question_answer a join registration r on r.id = a.registration_id join person p on p.id = r.person_id
        order by p.name, a.question_id
        """
    )
    return [tuple(row) for row in rows]


@pytest.fixture
async def lunch(play: Play) -> Gathering:
    """A gathering with three questions, to which Anna and Bob have said yes."""
    await play.open("Anna", "Bob", "Cor")
    made = await play.published()
    await ask(play, made, DIET, ACCESS, LUNCH)
    await play.accept(made, "Anna", "Bob")
    return await play.read(made)


async def test_answers_are_kept_changed_and_added_up(play: Play, lunch: Gathering) -> None:
    assert (lunch.questions, lunch.answers_days) == (3, DAYS)
    diet, access, stays = await questions.listed(play.db, KRING, lunch.id)
    await say(play, lunch, "Anna", {diet.id: 2, access.id: "  Een ringleiding ", stays.id: True})
    await say(play, lunch, "Bob", {diet.id: 1, stays.id: False})
    await say(play, lunch, "Bob", {diet.id: 2, stays.id: False})
    assert await kept(play) == [
        ("Anna", "2"),
        ("Anna", "Een ringleiding"),
        ("Anna", "true"),
        ("Bob", "2"),
        ("Bob", "false"),
    ]
    found = await questions.everyones(play.db, await play.actor("Fien"), lunch.id)
    assert [one.person_name for one in found.people] == ["Anna", "Bob"]
    assert [(dict(one.choices), one.answered, one.yes, one.no) for one in found.totals] == [
        ({1: 0, 2: 2}, 2, 0, 0),
        ({}, 1, 0, 0),
        ({}, 2, 1, 1),
    ]


async def test_only_who_comes_adds_up(play: Play) -> None:
    await play.open("Anna", "Bob")
    made = await play.published(capacity=1)
    (stays,) = await ask(play, made, LUNCH)
    await play.accept(made, "Anna", "Bob")
    await say(play, made, "Anna", {stays.id: True})
    await say(play, made, "Bob", {stays.id: True})  # who waits is asked too
    found = await questions.everyones(play.db, KRING, made.id)
    assert (found.totals[0].yes, [one.person_name for one in found.people]) == (1, ["Anna", "Bob"])


async def test_a_yes_never_waits_for_an_answer_and_a_no_takes_answers_along(play: Play, lunch: Gathering) -> None:
    _, _, stays = await questions.listed(play.db, KRING, lunch.id)
    assert (await play.seats(lunch))["Anna"][:2] == ("accepted", "seated")
    await say(play, lunch, "Anna", {stays.id: True})
    await say(play, lunch, "Bob", {stays.id: True})
    await play.decline(lunch, "Anna")
    assert await kept(play) == [("Bob", "true")]
    await play.answer(lunch, "Bob", "tentative")
    assert await kept(play) == [("Bob", "true")]
    await play.accept(lunch, "Anna")
    assert await kept(play) == [("Bob", "true")]  # what was forgotten does not come back


async def test_only_who_said_yes_answers_until_it_begins(play: Play, lunch: Gathering) -> None:
    _, _, stays = await questions.listed(play.db, KRING, lunch.id)
    with pytest.raises(Conflict, match="only who comes"):
        await say(play, lunch, "Cor", {stays.id: True})
    play.clock.set(lunch.starts_at - timedelta(seconds=1))
    with pytest.raises(Conflict, match="begun"):
        await say(play, lunch, "Anna", {stays.id: True})
    assert await kept(play) == []


async def test_what_is_missing_or_wrong_changes_nothing(play: Play, lunch: Gathering) -> None:
    diet, access, stays = await questions.listed(play.db, KRING, lunch.id)
    await say(play, lunch, "Anna", {diet.id: 1, stays.id: True})
    before = await kept(play)
    for given in ({diet.id: 2}, {diet.id: 7, stays.id: True}, {stays.id: True, access.id: "x" * 201}, {0: "x"}):
        with pytest.raises(Invalid):
            await say(play, lunch, "Anna", given)
    assert await kept(play) == before


async def test_who_may_answer_and_who_may_see(play: Play, lunch: Gathering) -> None:
    _, _, stays = await questions.listed(play.db, KRING, lunch.id)
    anna, bob, fien = [await play.actor(name) for name in ("Anna", "Bob", "Fien")]
    for_anna = lunch.id, play.ids["Anna"]
    with pytest.raises(NotAllowed):
        await questions.answer(play.db, bob, *for_anna, {stays.id: True}, now=play.step())
    await questions.answer(play.db, fien, *for_anna, {stays.id: True}, now=play.step())
    for who in (anna, fien, KRING):
        assert (await questions.own(play.db, who, *for_anna)).answers == {stays.id: QuestionAnswer(stays.id, yes=True)}
    with pytest.raises(NotAllowed):
        await questions.own(play.db, bob, *for_anna)
    for who in (anna, bob):
        with pytest.raises(NotAllowed):
            await questions.everyones(play.db, who, lunch.id)
        with pytest.raises(NotAllowed):
            await questions.asked(play.db, who, lunch.id)
        assert await questions.for_roster(play.db, who, lunch) is None


async def test_of_a_confidential_circle_only_who_leads_it_sees_answers(play: Play) -> None:
    await play.open("Anna", kind="intervision_group")
    made = await play.published()
    (stays,) = await ask(play, made, LUNCH)
    await play.accept(made, "Anna")
    await say(play, made, "Anna", {stays.id: True})
    made = await play.read(made)
    assert await questions.for_roster(play.db, await play.actor("Fien"), made) is not None
    await play.join("Bob")
    for who in (KRING, await play.actor("Bob")):  # the team plans it, its people see the list: neither sees answers
        assert await questions.for_roster(play.db, who, made) is None
        with pytest.raises(NotAllowed):
            await questions.everyones(play.db, who, made.id)
    handle = await play.handle(made, "Anna")
    with pytest.raises(NotAllowed):
        await questions.by_handle(play.db, handle, keys=KEYS, now=play.now)
    with pytest.raises(NotAllowed):
        await questions.answer_by_handle(play.db, handle, {stays.id: False}, keys=KEYS, now=play.step())


async def test_a_link_answers_for_its_holder(play: Play, lunch: Gathering) -> None:
    _, _, stays = await questions.listed(play.db, KRING, lunch.id)
    handle = await play.handle(lunch, "Anna")
    await questions.answer_by_handle(play.db, handle, {stays.id: True}, keys=KEYS, now=play.step())
    found = await questions.by_handle(play.db, handle, keys=KEYS, now=play.now)
    assert (found.answers, found.withheld) == ({}, {stays.id})
    with pytest.raises(NotFound):
        await questions.by_handle(play.db, await play.handle(lunch, "Anna", "u"), keys=KEYS, now=play.now)


async def test_of_what_goes_the_answers_go_too_and_what_stays_keeps_them(play: Play, lunch: Gathering) -> None:
    diet, access, stays = await questions.listed(play.db, KRING, lunch.id)
    await say(play, lunch, "Anna", {diet.id: 1, access.id: "Rolstoel", stays.id: True})
    await say(play, lunch, "Bob", {diet.id: 2, stays.id: True})
    renamed = Question(
        diet.id,
        "choice",
        "Eten?",
        "",
        needed=True,
        choices=(QuestionChoice(2, "Veg", ""), QuestionChoice(0, "Vegan", "")),
    )
    found = await ask(play, lunch, stays, renamed)
    assert [(one.id, one.text_nl) for one in found] == [(stays.id, "Blijf je lunchen?"), (diet.id, "Eten?")]
    assert [(one.number, one.text_nl) for one in found[1].choices] == [(2, "Veg"), (3, "Vegan")]
    assert sorted(await kept(play)) == [("Anna", "true"), ("Bob", "2"), ("Bob", "true")]
    assert (await play.read(lunch)).questions == 2
    with pytest.raises(Invalid):
        await ask(play, lunch, access)


async def test_another_one_like_it_and_the_dates_that_follow_ask_the_same(play: Play) -> None:
    await play.open("Anna")
    start = (play.now + timedelta(days=3)).replace(tzinfo=None, microsecond=0)
    given = {"title_nl": "Lunch", "starts_local": start, "ends_local": start + timedelta(hours=1)}
    starts = [start + timedelta(days=7 * number) for number in range(4)]
    made = await series.plan(play.db, KRING, play.slug, given, starts, timezone="Europe/Amsterdam", now=play.now)
    first, second, third, fourth = made.gatherings
    await ask(play, second, ACCESS)
    await ask(play, first, LUNCH, DIET, days=7)
    assert await questions.copy_following(play.db, KRING, first.id, now=play.now) == 2
    asked = [
        [(one.kind, [each.text_nl for each in one.choices]) for one in await questions.listed(play.db, KRING, each.id)]
        for each in (first, second, third, fourth)
    ]
    same = [("yes-no", []), ("choice", ["Alles", "Vegetarisch"])]
    assert asked == [same, [("text", [])], same, same]
    again = await scheduling.duplicate(play.db, KRING, third.id, start + timedelta(days=70), now=play.now)
    assert (again.questions, again.answers_days) == (2, 7)
    copied = await questions.listed(play.db, KRING, again.id)
    assert [one.kind for one in copied] == ["yes-no", "choice"]
    assert {one.id for one in copied}.isdisjoint({one.id for one in await questions.listed(play.db, KRING, third.id)})


async def test_how_long_answers_are_kept_never_becomes_longer(play: Play, lunch: Gathering) -> None:
    for days, expected in ((30, 14), (7, 7), (14, 7)):
        await ask(play, lunch, ACCESS, days=days)
        assert (await play.read(lunch)).answers_days == expected


async def test_answers_are_deleted_when_their_time_is_over_and_the_log_counts_them(
    play: Play, lunch: Gathering
) -> None:
    _, access, stays = await questions.listed(play.db, KRING, lunch.id)
    await say(play, lunch, "Anna", {access.id: "zangvogel", stays.id: True})
    await say(play, lunch, "Bob", {stays.id: True})
    assert questions.forget_old in scheduler.FORGETTING
    with capture_logs() as logs:
        play.clock.set(lunch.ends_at + timedelta(days=DAYS) - timedelta(seconds=1))
        await questions.forget_old(play.db, now=play.now)
        assert len(await kept(play)) == 3
        await questions.forget_old(play.db, now=play.step())
        assert await kept(play) == []
        await questions.forget_old(play.db, now=play.step())
    assert logs == [{"event": "answers_forgotten", "log_level": "info", "answers": 3, "gatherings": 1}]
    assert len(await questions.listed(play.db, KRING, lunch.id)) == 3  # what was asked is no secret


async def test_nothing_is_kept_for_a_cancelled_gathering_nor_of_who_left(play: Play, lunch: Gathering) -> None:
    other = await play.published(days=40)
    (asked,) = await ask(play, other, LUNCH)
    await play.accept(other, "Anna", "Bob")
    _, _, stays = await questions.listed(play.db, KRING, lunch.id)
    for name in ("Anna", "Bob"):
        await say(play, lunch, name, {stays.id: True})
        await say(play, other, name, {asked.id: True})
    await play.cancel(lunch)
    await play.leave("Bob")
    assert await kept(play) == [("Anna", "true")]  # at once: what comes back the same day is asked again
    with pytest.raises(Conflict):
        await ask(play, lunch, ACCESS)
    await play.publish(lunch)
    await play.join("Bob")
    await play.accept(lunch, "Anna")
    await play.accept(other, "Bob")
    assert await kept(play) == [("Anna", "true")]


async def test_an_answer_stands_in_one_place_alone_and_in_no_log(play: Play, lunch: Gathering) -> None:
    _, access, stays = await questions.listed(play.db, KRING, lunch.id)
    with capture_logs() as logs:
        await say(play, lunch, "Anna", {access.id: "zangvogel", stays.id: True})
        await play.move(lunch, timedelta(hours=1))
        assert await singing(play) == ["question_answer"]
        await play.decline(lunch, "Anna")
        assert await singing(play) == []
    assert "zangvogel" not in repr(logs)


async def singing(play: Play) -> list[str]:
    """List the tables in which the canary stands."""
    found = []
    for (table,) in await play.fetch("select tablename from pg_tables where schemaname = 'public'"):
        (row,) = await play.fetch(f"select count(*) from {table} t where t::text like '%zangvogel%'")
        found += [table] * bool(row[0])
    return found


async def test_a_gathering_without_questions_costs_no_statement_more(play: Play) -> None:
    await play.open("Anna", "Bob", "Cor")
    plain, asking = await play.published(), await play.published(days=31)
    await ask(play, asking, LUNCH)
    for made in (plain, asking):
        await play.accept(made, "Anna", "Bob", "Cor")

    async def decline(play: Play, gathering: Gathering, name: str) -> None:
        await play.decline(gathering, name)

    assert await counted(play, decline, plain, "Anna") + 1 == await counted(play, decline, asking, "Bob")


async def test_reading_answers_costs_as_many_statements_for_many_people(play: Play) -> None:
    costs = []
    for people in (3, 12):
        names = [f"P{people}{number:02}" for number in range(people)]
        made = await _asked(play, names)
        costs.append(await counted(play, lambda play, made: questions.everyones(play.db, KRING, made.id), made))
    assert costs[0] == costs[1]


async def _asked(play: Play, names: list[str]) -> Gathering:
    play.slug = names[0].lower()
    await play.open(*names, facilitator="")
    made = await play.published()
    asked = await ask(play, made, LUNCH, DIET)
    await play.accept(made, *names)
    for name in names:
        await say(play, made, name, {asked[0].id: True, asked[1].id: 1})
    return made
