"""How it was: asked once of those who were there, counted together, and let go of after a month."""

from datetime import date, timedelta

import pytest

from service.actions import attendance, people, planning, ratings
from service.actions.ratings import Verdict
from service.errors import Conflict, Invalid, NotAllowed, NotFound
from service.model import Attendance, Gathering, Role
from service.rules.access import ANONYMOUS, KRING, Actor
from tests.actions.play import ABSENT, EXCUSED, KEYS, PRESENT, Play

PLAN = """programme,title,kind,output,min_count,max_count,period,months,language,audience,source,circle
Samen,De kring,community_of_practice,gathering,1,,year,,nl,leden,test,cop
"""
SIX = ("Anna", "Bert", "Cor", "Dirk", "Eva", "Fred")


async def mark(play: Play, gathering: Gathering, **marks: Attendance | None) -> None:
    given = {await play.person(name): there for name, there in marks.items()}
    await attendance.mark(play.db, await play.actor("Fien"), gathering.id, given, now=play.step())


async def held(play: Play, *names: str, kind: str = "community_of_practice") -> Gathering:
    """Hold a gathering, with everybody there."""
    await play.open(*names, kind=kind)
    gathering = await play.published(days=1)
    await play.accept(gathering, *names)
    await play.after(days=2)
    await mark(play, gathering, Fien=PRESENT, **dict.fromkeys(names, PRESENT))
    return gathering


async def asked(play: Play, gathering: Gathering) -> dict[str, str]:
    rows = await play.fetch(
        """
        select p.name, n.state from notice n join person p on p.id = n.person_id
        where n.purpose = 'rating' and n.gathering_id = $1
        """,
        gathering.id,
    )
    return dict(sorted((row["name"], row["state"]) for row in rows))


async def rate(play: Play, gathering: Gathering, name: str, score: int, comment: str | None = None) -> None:
    await ratings.rate(play.db, await play.actor(name), gathering.id, score, comment, now=play.step())


async def test_those_who_were_there_are_asked_and_nobody_else(play: Play) -> None:
    await play.open("Anna", "Bert", "Cor")
    gathering = await play.published(days=1)
    await play.accept(gathering, "Anna", "Bert")
    play.clock.set(gathering.ends_at)
    await mark(play, gathering, Anna=PRESENT, Bert=ABSENT, Cor=EXCUSED, Fien=PRESENT)
    assert await asked(play, gathering) == {"Anna": "planned"}
    (notice,) = await play.fetch("select due_at, expires_at from notice where purpose = 'rating'")
    assert notice["due_at"] == gathering.ends_at + timedelta(hours=1)
    assert notice["expires_at"] == gathering.ends_at + timedelta(days=14)


async def test_marking_otherwise_takes_the_question_back_until_it_is_asked_and_it_is_asked_once(play: Play) -> None:
    await play.open("Anna")
    gathering = await play.published(days=1)
    play.clock.set(gathering.ends_at)
    states = []
    for there in (PRESENT, ABSENT, PRESENT, None, PRESENT):
        await mark(play, gathering, Anna=there)
        states.append((await asked(play, gathering))["Anna"])
    assert states == ["planned", "cancelled", "planned", "cancelled", "planned"]
    await play.after(hours=2)
    await play.deliver()
    await mark(play, gathering, Anna=ABSENT)
    await mark(play, gathering, Anna=PRESENT)
    assert await asked(play, gathering) == {"Anna": "sent"}


async def test_who_has_rated_already_is_not_asked(play: Play) -> None:
    gathering = await held(play, "Anna")
    await rate(play, gathering, "Anna", 8)
    assert await asked(play, gathering) == {"Anna": "cancelled"}
    await mark(play, gathering, Anna=None)
    await mark(play, gathering, Anna=PRESENT)
    assert await asked(play, gathering) == {"Anna": "cancelled"}


async def test_nobody_is_asked_where_the_kind_does_not_ask_or_nobody_can_be_reached(play: Play) -> None:
    await play.open("Anna", "Bert")
    gathering = await play.published(days=1)
    play.clock.set(gathering.ends_at)
    await play.execute("delete from address where person_id = $1", play.ids["Bert"])
    await mark(play, gathering, Bert=PRESENT)
    await play.execute("update circle_kind set rating = false")
    await mark(play, gathering, Anna=PRESENT)
    assert await asked(play, gathering) == {}
    with pytest.raises(Conflict):
        await rate(play, gathering, "Anna", 8)


async def test_the_average_and_what_was_written_appear_with_the_fifth_answer(play: Play) -> None:
    gathering = await held(play, *SIX)
    staff = Actor("person:0", person_id=0, role=Role.STAFF, signed_in=True)
    for count, name in enumerate(SIX[:4], start=1):
        await rate(play, gathering, name, 8, f"Woord van {count}")
        assert await ratings.verdict(play.db, staff, gathering.id) == Verdict(count, None, [])
    await rate(play, gathering, "Anna", 7)  # thinks again: her words stay
    await rate(play, gathering, "Eva", 6, "")
    verdict = await ratings.verdict(play.db, await play.actor("Fien"), gathering.id)
    assert (verdict.count, verdict.average) == (5, 7.4)
    assert sorted(verdict.comments) == ["Woord van 1", "Woord van 2", "Woord van 3", "Woord van 4"]
    for nosy in (await play.actor("Anna"), ANONYMOUS):
        with pytest.raises(NotAllowed):
            await ratings.verdict(play.db, nosy, gathering.id)


async def test_a_single_answer_moves_no_average_that_somebody_could_read_it_off(play: Play) -> None:
    names = [f"Persoon{number}" for number in range(11)]
    gathering = await held(play, *names)
    await planning.import_plan(play.db, KRING, PLAN, year=2026, starts_on=date(play.now.year, 1, 1))
    seen, planned = [], []
    for number, name in enumerate(names):
        await rate(play, gathering, name, 10 if number < 5 else 1, f"Woord {number}" if number > 4 else "")
        verdict = await ratings.verdict(play.db, KRING, gathering.id)
        seen.append((verdict.count, verdict.average, len(verdict.comments)))
        (line,) = await planning.plan(play.db, KRING, 2026, now=play.now)
        planned.append((line.ratings, line.rating))
    assert seen == [(count, None, 0) for count in range(1, 5)] + [(5, 10.0, 0)] * 5 + [(10, 5.5, 5)] * 2
    assert planned == [(count, average) for count, average, _ in seen]


async def test_the_plan_shows_it_once_there_are_five(play: Play) -> None:
    gathering = await held(play, *SIX)
    starts = date(play.now.year, 1, 1)
    await planning.import_plan(play.db, KRING, PLAN, year=2026, starts_on=starts)

    async def shown() -> tuple[float | None, int, int]:
        (line,) = await planning.plan(play.db, KRING, 2026, now=play.now)
        return line.rating, line.ratings, line.present

    for name in SIX[:4]:
        await rate(play, gathering, name, 9)
    assert await shown() == (None, 4, 6)
    await rate(play, gathering, "Eva", 4)
    assert await shown() == (8.0, 5, 6)


async def test_only_who_was_there_may_say_something_and_only_a_mark(play: Play) -> None:
    gathering = await held(play, "Anna", "Bert")
    await mark(play, gathering, Bert=ABSENT)
    await play.person("Olaf")
    for score in (0, 11, -1):
        with pytest.raises(Invalid) as refused:
            await rate(play, gathering, "Anna", score)
        assert refused.value.field == "score"
    for name, error in (("Bert", Conflict), ("Fien", Conflict), ("Olaf", NotFound)):
        with pytest.raises(error):
            await rate(play, gathering, name, 8)
    with pytest.raises(NotAllowed):
        await ratings.rate(play.db, ANONYMOUS, gathering.id, 8, now=play.now)
    assert await ratings.awaiting(play.db, await play.actor("Bert"), now=play.now) == []
    assert [one.id for one in await ratings.awaiting(play.db, await play.actor("Anna"), now=play.now)] == [gathering.id]
    with pytest.raises(NotFound):
        await ratings.rate_by_handle(play.db, "x" * 40, 8, None, keys=KEYS, now=play.now)
    assert (await play.fetch("select count(*) from rating"))[0][0] == 0


async def test_before_the_end_and_a_month_later_nothing_is_taken_and_nobody_knows_whose_it_was(play: Play) -> None:
    await play.open("Anna", "Bert")
    gathering = await play.published(days=1)
    play.clock.set(gathering.ends_at - timedelta(minutes=5))
    await mark(play, gathering, Anna=PRESENT, Bert=PRESENT)
    with pytest.raises(Conflict):
        await rate(play, gathering, "Anna", 8)
    play.clock.set(gathering.ends_at + timedelta(days=29))
    await rate(play, gathering, "Anna", 8, "Fijn")
    await ratings.let_go(play.db, now=play.now)
    assert await play.fetch("select 1 from rating where registration_id is not null") != []
    play.clock.set(gathering.ends_at + timedelta(days=30))
    with pytest.raises(Conflict):
        await rate(play, gathering, "Bert", 8)
    await ratings.let_go(play.db, now=play.now)
    assert [tuple(row) for row in await play.fetch("select registration_id, score, comment from rating")] == [
        (None, 8, "Fijn")
    ]


async def test_of_a_confidential_gathering_no_words_are_kept(play: Play) -> None:
    gathering = await held(play, *SIX, kind="intervision_group")
    with pytest.raises(Invalid) as refused:
        await rate(play, gathering, "Anna", 8, "Geheim")
    assert refused.value.field == "comment"
    for name in SIX:
        await rate(play, gathering, name, 8, "")
    staff = Actor("person:0", person_id=0, role=Role.STAFF, signed_in=True)
    assert await ratings.verdict(play.db, staff, gathering.id) == Verdict(5, 8.0, [])


async def test_a_link_of_the_mail_rates_for_its_holder_alone(play: Play) -> None:
    gathering = await held(play, "Anna", "Bert")
    handle = await play.handle(gathering, "Anna")
    await ratings.rate_by_handle(play.db, handle, 9, "Top", keys=KEYS, now=play.step())
    visit = await ratings.by_handle(play.db, handle, keys=KEYS, now=play.now)
    assert (visit.open, visit.given and visit.given.score, visit.given and visit.given.comment) == (True, 9, "Top")
    other = await ratings.own(play.db, await people.actor_for(play.db, play.ids["Bert"]), gathering.id, now=play.now)
    assert (other.open, other.given) == (True, None)
