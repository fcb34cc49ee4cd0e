"""Visitors: whoever types an address at a public gathering; nothing counts until the mailed link is pressed."""

import asyncio
from datetime import timedelta

import pytest

from service.actions import announcing, attendance, registration, scheduling
from service.actions.answering import Outcome
from service.clock import MovableClock
from service.database import Database
from service.errors import Conflict, Expired, Invalid, NotFound
from service.model import Gathering, Partstat, Via
from tests.actions.play import KEYS, PRESENT, Play


async def ask(play: Play, gathering: Gathering, email: str = "Gast@Example.org", name: str = "Gast") -> None:
    await registration.register_visitor(
        play.db, gathering.id, name=name, email=email, language="en", keys=KEYS, now=play.step()
    )


async def press(play: Play, gathering: Gathering, partstat: str = "accepted") -> Outcome:
    """Press the link in the mail to the visitor."""
    handle = await link(play, gathering)
    return await registration.answer_by_handle(
        play.db, handle, Partstat(partstat), keys=KEYS, via=Via.LINK, now=play.step()
    )


async def link(play: Play, gathering: Gathering) -> str:
    (row,) = await play.fetch("select person_id from address where value = 'gast@example.org'")
    play.ids["Gast"] = row["person_id"]
    return await play.handle(gathering, "Gast")


async def forget(play: Play) -> None:
    await announcing.forget_visitors(play.db, now=play.now)


async def known(play: Play) -> list[tuple[str, str, bool]]:
    """Return name, address and whether they stay, of everybody but the facilitator."""
    rows = await play.fetch(
        """
        select p.name, a.value, p.provisional_until is null and a.verified_at is not null as stays
        from person p left join address a on a.person_id = p.id where p.name <> 'Fien' order by p.id
        """
    )
    return [tuple(row) for row in rows]


async def invited(play: Play, gathering: Gathering) -> int:
    return (await scheduling.counts(play.db, [gathering.id]))[gathering.id].invited


async def test_nothing_counts_until_the_mailed_link_is_pressed(play: Play) -> None:
    await play.open()
    gathering = await play.published(capacity=1)
    await play.news()
    await ask(play, gathering)
    assert await play.letters() == [("Gast", "visitor", {})]
    assert [one.person_name for one in await play.roster(gathering)] == ["Fien"]
    assert await invited(play, gathering) == 1
    assert await play.reminders(gathering, "Gast") == []
    assert await known(play) == [("Gast", "gast@example.org", False)]
    outcome = await press(play, gathering)
    assert (outcome.registration.seat, outcome.registration.via) == ("seated", "link")
    assert await known(play) == [("Gast", "gast@example.org", True)]
    assert await play.news() == [("Gast", "confirmation")]
    assert [kind for _, kind, _, _ in await play.reminders(gathering, "Gast")] == ["P7D", "P1D"]
    assert [one.person_name for one in await play.roster(gathering)] == ["Gast", "Fien"]
    await play.after(days=8)
    await forget(play)
    assert await known(play) == [("Gast", "gast@example.org", True)]


async def test_who_has_not_pressed_hears_nothing_more_and_holds_nothing(play: Play) -> None:
    await play.open("Anna")
    gathering = await play.published(capacity=1)
    await ask(play, gathering)
    await play.news()
    await play.move(gathering, timedelta(hours=1))
    await play.after(seconds=20)
    await play.accept(gathering, "Anna")
    await play.cancel(gathering)
    await play.publish(gathering)
    assert {name for name, _ in await play.news()} == {"Anna", "Fien"}
    assert await known(play) == [("Anna", "anna@example.org", True), ("Gast", "gast@example.org", False)]


async def test_who_does_not_press_within_seven_days_is_forgotten(play: Play) -> None:
    await play.open()
    gathering = await play.published(days=30)
    await ask(play, gathering)
    handle = await link(play, gathering)
    await play.after(days=7, seconds=-1)
    await forget(play)
    assert await known(play) == [("Gast", "gast@example.org", False)]
    await play.after(seconds=1)
    await forget(play)
    assert await known(play) == []
    assert await play.fetch("select id from notice where purpose = 'visitor'") == []
    with pytest.raises(NotFound):
        await registration.by_handle(play.db, handle, keys=KEYS, now=play.now)


async def test_asking_again_gives_seven_days_again(play: Play) -> None:
    await play.open()
    first, second = await play.published(days=30), await play.published(days=40)
    await ask(play, first)
    await play.after(days=6)
    await ask(play, second)
    await play.after(days=6)
    await forget(play)
    assert (await press(play, second)).registration.seat == "seated"
    assert await known(play) == [("Gast", "gast@example.org", True)]


async def test_what_is_left_unpressed_is_forgotten_of_people_who_are_known_too(play: Play) -> None:
    await play.open()
    await play.person("Gast")
    first, second = await play.published(days=30), await play.published(days=40)
    await ask(play, first)
    await ask(play, second)
    await press(play, second)
    await play.after(days=8)
    await forget(play)
    assert await known(play) == [("Gast", "gast@example.org", True)]
    rows = await play.fetch("select gathering_id from registration where person_id = $1", play.ids["Gast"])
    assert [row["gathering_id"] for row in rows] == [second.id]


async def test_nobody_can_tell_whether_an_address_is_known(play: Play) -> None:
    await play.open("Anna")
    await play.person("Gast")
    gathering = await play.published()
    await play.news()
    for email in ("gast@example.org", "anna@example.org", "nobody@example.org"):
        await ask(play, gathering, email, "Someone else")
    assert await play.news() == [("Anna", "visitor"), ("Gast", "visitor"), ("Someone else", "visitor")]
    assert [name for name, *_ in await known(play)] == ["Anna", "Gast", "Someone else"]
    assert [one.person_name for one in await play.roster(gathering)] == ["Fien", "Anna"]


async def test_an_address_gets_three_mails_a_day_and_the_fourth_try_looks_the_same(play: Play) -> None:
    await play.open()
    gatherings = [await play.published(days=30 + number) for number in range(5)]
    await play.news()
    for gathering in gatherings:
        await ask(play, gathering)
    assert await play.news() == [("Gast", "visitor")] * 3
    await ask(play, gatherings[4], "other@example.org", "Other")
    assert await play.news() == [("Other", "visitor")]
    await play.after(days=1)
    await ask(play, gatherings[4])
    assert await play.news() == [("Gast", "visitor")]


async def test_asking_twice_is_one_registration(play: Play) -> None:
    await play.open()
    gathering = await play.published()
    await ask(play, gathering)
    await ask(play, gathering, "GAST@example.org", "Gast Twee")
    assert await play.fetch("select count(*) from registration where invited_at is null") == [(1,)]
    assert (await press(play, gathering)).changed
    await ask(play, gathering)
    assert await known(play) == [("Gast", "gast@example.org", True)]
    assert [one.seat for one in await play.roster(gathering)] == ["seated", "none"]


async def test_who_left_the_circle_can_come_as_a_visitor(play: Play) -> None:
    await play.open("Gast")
    gathering = await play.published()
    await play.leave("Gast")
    await ask(play, gathering)
    assert [one.person_name for one in await play.roster(gathering)] == ["Fien"]
    assert (await press(play, gathering)).registration.seat == "seated"
    assert [one.person_name for one in await play.roster(gathering)] == ["Gast", "Fien"]


async def test_typing_the_address_of_who_left_takes_nothing_of_their_history(play: Play) -> None:
    await play.open("Gast")
    gathering = await play.published(days=30)
    await play.accept(gathering, "Gast")
    await play.leave("Gast")
    before = await play.history(gathering, "Gast")
    assert len(before) == 2
    await ask(play, gathering)
    mailed = await link(play, gathering)
    await play.after(days=8)
    await forget(play)
    assert await play.history(gathering, "Gast") == before
    assert [one.person_name for one in await play.roster(gathering)] == ["Fien"]
    assert (await play.row(gathering, "Gast", "withdrawn_at"))["withdrawn_at"] == play.now
    with pytest.raises(Expired):
        await registration.by_handle(play.db, await play.handle(gathering, "Gast"), keys=KEYS, now=play.now)
    with pytest.raises(NotFound):
        await registration.by_handle(play.db, mailed, keys=KEYS, now=play.now)
    await ask(play, gathering)
    assert (await press(play, gathering)).registration.seat == "seated"


async def test_a_visitor_whom_staff_make_a_member_is_invited_like_any_other(play: Play) -> None:
    await play.open()
    gathering = await play.published()
    await ask(play, gathering)
    await link(play, gathering)
    await play.news()
    await play.join("Gast")
    assert await play.news() == [("Gast", "invitation")]
    assert await invited(play, gathering) == 2
    await play.after(days=8)
    await forget(play)
    assert await known(play) == [("Gast", "gast@example.org", True)]


@pytest.mark.parametrize("how", ["invited", "there"])
async def test_a_visitor_whom_the_team_invites_or_saw_is_not_forgotten(play: Play, how: str) -> None:
    await play.open()
    gathering, other = await play.published(days=1), await play.published(days=20)
    await ask(play, gathering)
    await link(play, gathering)
    if how == "invited":
        await play.invite(other, "Gast")
    else:
        marks = {play.ids["Gast"]: PRESENT}
        await play.before_start(gathering, minutes=15)
        await attendance.mark(play.db, await play.actor("Fien"), gathering.id, marks, now=play.step())
    await play.after(days=8)
    await forget(play)
    assert await known(play) == [("Gast", "gast@example.org", True)]
    listed = other if how == "invited" else gathering
    assert "Gast" in [one.person_name for one in await play.roster(listed)]


async def test_taking_back_a_mark_vouches_for_no_visitor(play: Play) -> None:
    await play.open()
    gathering, other = await play.published(days=-1), await play.published(days=20)
    await ask(play, other)
    await link(play, other)
    marks = {play.ids["Gast"]: None}
    await attendance.mark(play.db, await play.actor("Fien"), gathering.id, marks, now=play.step())
    assert await known(play) == [("Gast", "gast@example.org", False)]
    await play.after(days=8)
    await forget(play)
    assert await known(play) == []


async def test_the_same_new_address_typed_for_three_gatherings_at_once_is_one_person(
    clone: Database, clock: MovableClock
) -> None:
    play = Play(clone, clock)
    await play.open()
    gatherings = [await play.published(days=30 + number) for number in range(3)]
    await asyncio.gather(*(ask(play, gathering) for gathering in gatherings))
    assert await known(play) == [("Gast", "gast@example.org", False)]
    assert (await play.fetch("select count(*) from notice where purpose = 'visitor'"))[0][0] == 3


async def test_who_declines_by_the_mailed_link_is_registered_as_declined(play: Play) -> None:
    await play.open()
    gathering = await play.published()
    await ask(play, gathering)
    await play.news()
    assert (await press(play, gathering, "declined")).registration.partstat == "declined"
    assert await play.news() == [("Gast", "declined")]
    assert await known(play) == [("Gast", "gast@example.org", True)]


@pytest.mark.parametrize("kind", ["training", "dinner", "intervision_group"])
async def test_what_is_not_public_is_not_there_for_a_visitor(play: Play, kind: str) -> None:
    await play.open(kind=kind)
    gathering = await play.published()
    with pytest.raises(NotFound):
        await ask(play, gathering)
    assert await known(play) == []


async def test_a_visitor_is_refused_where_no_answer_is_taken_and_for_what_cannot_be_right(play: Play) -> None:
    await play.open()
    draft, over, cancelled = await play.draft(), await play.published(days=-1), await play.published()
    await play.cancel(cancelled)
    with pytest.raises(NotFound):
        await ask(play, draft)
    for gathering in (over, cancelled):
        with pytest.raises(Conflict):
            await ask(play, gathering)
    gathering = await play.published()
    for field, given in (("email", {"email": "not an address"}), ("name", {"name": " \t"})):
        with pytest.raises(Invalid) as refusal:
            await ask(play, gathering, **given)
        assert refusal.value.field == field
    with pytest.raises(Invalid) as refusal:
        await registration.register_visitor(
            play.db, gathering.id, name="Gast", email="gast@example.org", language="fr", keys=KEYS, now=play.now
        )
    assert refusal.value.field == "language"
    assert await known(play) == []
