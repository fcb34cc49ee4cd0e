"""A tap changes the message whose button it was: also one that nobody has written down, and nobody else's."""

from datetime import timedelta

from service.actions import attendance, registration
from service.model import Attendance, Partstat, Via
from service.rules.access import KRING
from tests.fakes.telegram import HANG_UP, LATE
from tests.stories.telegram.stage import WEBHOOK, Stage

pytestmark = WEBHOOK


async def test_a_tap_before_the_card_is_written_down_edits_the_card_all_the_same(stage: Stage) -> None:
    anna = await stage.friend("Anna")
    gathering = await stage.gathering(anna, title_nl="Kick-off")
    await stage.settled()
    stage.telegram.tell("sendMessage", lambda given: LATE if "Kick-off" in given.get("text", "") else None, times=1)
    anna.phone.types("/agenda")
    card = await anna.phone.reads("Kick-off")
    said = len(anna.phone.messages)
    press = anna.phone.taps("Ja, ik kom", on=card)
    await stage.done()
    assert await stage.standings(gathering) == {"Anna": ("accepted", "seated", None)}
    stage.telegram.obey_no_more()
    await stage.telegram.until(lambda: "je staat op de lijst" in card.text)
    await stage.settled()
    assert stage.telegram.world.queries[press].answer is not None
    assert (card.edits, len(anna.phone.messages)) == (1, said)


async def test_a_tap_on_a_message_of_which_telegram_never_told_edits_that_message(stage: Stage) -> None:
    anna = await stage.friend("Anna")
    gathering = await stage.gathering(anna, title_nl="Kick-off")
    await stage.settled()
    stage.telegram.tell("sendMessage", HANG_UP, times=1, done=True)
    stage.clock.set(gathering.starts_at - timedelta(hours=20))
    reminder = await anna.phone.reads("Kick-off")
    await stage.settled()
    said = len(anna.phone.messages)
    for label, told in (("Nee", "Jammer"), ("Ik kom toch wel", "je staat op de lijst")):
        await anna.phone.presses(label, on=reminder)
        await stage.telegram.until(lambda words=told: words in reminder.text)
        await stage.settled()
    assert (reminder.edits, len(anna.phone.messages)) == (2, said)


async def test_a_tap_on_an_unknown_message_leaves_it_alone_where_the_answer_is_about_something_else(
    stage: Stage,
) -> None:
    anna = await stage.friend("Anna")
    await stage.gathering(anna, title_nl="Kick-off")
    anna.phone.types("/agenda")
    card = await anna.phone.reads("Kick-off")
    await anna.phone.presses("Ja, ik kom", on=card)
    await stage.telegram.until(lambda: "je staat op de lijst" in card.text)
    await stage.settled()
    async with stage.db.transaction() as conn:
        await conn.execute("delete from sent_view")
    await anna.phone.presses("Mijn bijeenkomsten", on=card)
    own = await anna.phone.reads("Jouw bijeenkomsten")
    assert own.id != card.id
    assert "je staat op de lijst" in card.text


async def test_the_message_that_asks_for_a_mark_thanks_for_it(stage: Stage) -> None:
    els, anna = await stage.friend("Els"), await stage.friend("Anna")
    gathering = await stage.gathering(anna, led_by=els, title_nl="Kick-off")
    now = stage.clock.now()
    await registration.respond(stage.db, KRING, gathering.id, anna.id, Partstat.ACCEPTED, via=Via.API, now=now)
    stage.clock.set(gathering.ends_at)
    await attendance.mark(stage.db, KRING, gathering.id, {anna.id: Attendance.PRESENT}, now=stage.clock.now())
    (due,) = await stage.fetch("select due_at from notice where purpose = 'rating' and person_id = $1", anna.id)
    stage.clock.set(due["due_at"])
    asked = await anna.phone.reads("Welk cijfer")
    await anna.phone.presses("8", on=asked)
    await stage.telegram.until(lambda: "Je gaf een 8" in asked.text)
    assert asked.labels == ["Ander cijfer"]


async def test_a_card_in_somebody_elses_chat_stays_as_it_is(stage: Stage) -> None:
    anna, bo = await stage.friend("Anna"), await stage.friend("Bo")
    await stage.gathering(anna, bo, title_nl="Kick-off")
    anna.phone.types("/agenda")
    card = await anna.phone.reads("Kick-off")
    bo.phone.types("/help")
    await stage.settled()
    (accept,) = [button["callback_data"] for button in card.buttons if button["text"] == "Ja, ik kom"]
    for known in (True, False):
        if not known:
            async with stage.db.transaction() as conn:
                await conn.execute("delete from sent_view")
        await bo.phone.forges(accept, on=card)
        await bo.phone.reads("op de lijst")
        await stage.settled()
    assert card.edits == 0


async def test_who_comes_changes_from_here_to_online_and_back_on_one_card(stage: Stage) -> None:
    anna = await stage.friend("Anna")
    gathering = await stage.gathering(anna, title_nl="Kick-off", online_url="https://meet.example.org/kamer")
    anna.phone.types("/agenda")
    card = await anna.phone.reads("Kick-off")
    online = "Leuk, je doet online mee."
    for label, told, offered in (
        ("Ja, ik kom", "je staat op de lijst", ["Toch liever online", "Ik kan toch niet"]),
        ("Toch liever online", online, ["Toch liever ter plekke", "Ik kan toch niet"]),
        ("Toch liever ter plekke", "je staat op de lijst", ["Toch liever online", "Ik kan toch niet"]),
        ("Ik kan toch niet", "Jammer", ["Ik kom toch wel", "Ja, online"]),
        ("Ja, online", online, ["Toch liever ter plekke", "Ik kan toch niet"]),
    ):
        await anna.phone.presses(label, on=card)
        await stage.telegram.until(lambda words=told: words in card.text)
        assert card.labels == [*offered, "Mijn bijeenkomsten"]
    assert card.text.endswith("uur · online\n\nOnline: https://meet.example.org/kamer")
    assert await stage.standings(gathering) == {"Anna": ("accepted", "none", None)}
