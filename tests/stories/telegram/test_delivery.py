"""What is heard is done once, and what is said arrives once, whatever happens on the way."""

import asyncio
from datetime import timedelta

from service.model import Gathering
from tests.fakes.telegram import HANG_UP, Refusal
from tests.stories.telegram.stage import Friend, Stage

EFFECTS = "select count(*) from registration_history where via = 'telegram'"
LEDGER = """
    select d.channel, d.outcome from delivery d join notice n on n.id = d.notice_id
    where n.person_id = $1 and n.purpose = 'broadcast' order by d.id
"""


async def effects(stage: Stage) -> int:
    return int((await stage.fetch(EFFECTS))[0][0])


async def invited(stage: Stage, *names: str, **facts: object) -> tuple[Gathering, list[Friend]]:
    friends = [await stage.friend(name) for name in names]
    gathering = await stage.gathering(*friends, **facts)
    await stage.settled()
    return gathering, friends


async def test_an_update_that_comes_twice_is_done_and_answered_once(stage: Stage) -> None:
    gathering, [anna] = await invited(stage, "Anna")
    update = anna.phone.types(f"ja {gathering.id}")
    assert update is not None
    await anna.phone.reads("je staat op de lijst")
    said = len(anna.phone.messages)
    for _ in range(3):
        stage.telegram.updates.again(update)
        await stage.settled()
    assert (await effects(stage), len(anna.phone.messages)) == (1, said)


async def test_lower_numbers_after_an_idle_week_are_heard(stage: Stage) -> None:
    gathering, [anna] = await invited(stage, "Anna", days=30)
    anna.phone.types(f"ja {gathering.id}")
    await stage.settled()
    stage.clock.move(timedelta(days=9))
    stage.telegram.updates.count_from(1000)
    for word in ("nee", "ja", "nee"):
        anna.phone.types(f"{word} {gathering.id}")
    await stage.settled()
    assert await effects(stage) == 4
    assert await stage.standings(gathering) == {"Anna": ("declined", "none", None)}


async def test_numbers_out_of_order_are_all_heard(stage: Stage) -> None:
    gathering, [anna, bo] = await invited(stage, "Anna", "Bo")
    for number, friend in ((5_000, anna), (20, bo), (4_000, anna), (10, bo)):
        stage.telegram.updates.count_from(number)
        friend.phone.types(f"ja {gathering.id}")
        await stage.settled()
    assert await effects(stage) == 2


async def test_who_taps_five_times_gets_five_answers_and_one_seat(stage: Stage) -> None:
    gathering, [anna] = await invited(stage, "Anna")
    anna.phone.types("/agenda")
    await anna.phone.reads("Kick-off")
    presses = [anna.phone.taps("Ja, ik kom") for _ in range(5)]
    queries = stage.telegram.world.queries
    await stage.telegram.until(lambda: all(queries[press].answer is not None for press in presses))
    await stage.settled()
    assert await effects(stage) == 1
    assert await stage.standings(gathering) == {"Anna": ("accepted", "seated", None)}


async def test_two_who_tap_for_the_last_seat_get_it_once(stage: Stage) -> None:
    gathering, friends = await invited(stage, "Anna", "Bo", "Cas", "Dirk", capacity=1)
    for friend in friends:
        friend.phone.types("/agenda")
        await friend.phone.reads("Kick-off")
    await asyncio.gather(*(friend.phone.presses("Ja, ik kom") for friend in friends))
    await stage.settled()
    standings = (await stage.standings(gathering)).values()
    assert sorted(standings, key=lambda one: one[2] or 0) == [
        ("accepted", "seated", None),
        ("accepted", "waiting", 1),
        ("accepted", "waiting", 2),
        ("accepted", "waiting", 3),
    ]


async def test_an_answer_that_telegram_took_and_did_not_confirm_does_not_hold_up_the_rest(stage: Stage) -> None:
    gathering, [anna] = await invited(stage, "Anna")
    stage.telegram.tell("sendMessage", HANG_UP, times=1, done=True)
    anna.phone.types(f"ja {gathering.id}")
    await anna.phone.reads("je staat op de lijst")
    anna.phone.types("/mijn")
    await anna.phone.reads("Jouw bijeenkomsten")
    await stage.settled()
    assert await effects(stage) == 1


async def test_a_normal_stop_in_the_middle_loses_and_doubles_nothing(still: Stage) -> None:
    async with still.running():
        gathering, friends = await invited(still, *(f"Vriend{number}" for number in range(12)))
        before = len(still.telegram.called("sendMessage"))
        for friend in friends:
            friend.phone.types(f"ja {gathering.id}")
        await still.telegram.until(lambda: len(still.telegram.called("sendMessage")) >= before + 3)
    async with still.running():
        await still.telegram.until(lambda: all(map(on_the_list, friends)), within=20)
        await still.settled()
    assert [on_the_list(friend) for friend in friends] == [1] * 12
    assert await effects(still) == 12


def on_the_list(friend: Friend) -> int:
    """Count how often somebody was told that they are on the list."""
    return sum("je staat op de lijst" in text for text in friend.phone.texts)


async def test_too_many_requests_pause_everything_and_lose_nothing(stage: Stage) -> None:
    gathering, friends = await invited(stage, "Anna", "Bo", "Cas", "Dirk")
    stage.telegram.tell("sendMessage", Refusal.too_many(1), times=1)
    for friend in friends:
        friend.phone.types(f"ja {gathering.id}")
    for friend in friends:
        await friend.phone.reads("je staat op de lijst", within=20)
    calls = stage.telegram.called("sendMessage")
    refused = next(number for number, call in enumerate(calls) if call.status == 429)
    others_under_way = [call for call in calls[refused + 1 :] if call.at < calls[refused].at + 1]
    assert len(others_under_way) <= 3  # what was on its way when the refusal came
    assert await effects(stage) == 4


async def test_who_blocks_the_bot_is_told_by_mail_and_again_here_after_coming_back(stage: Stage) -> None:
    gathering, [anna] = await invited(stage, "Anna")
    anna.phone.blocks()
    await stage.settled()
    mails = len(list((stage.folder / "mail").glob("*.eml")))
    stage.clock.set(gathering.starts_at - timedelta(hours=20))
    await stage.mailed(mails + 1)
    stage.telegram.obey_no_more()
    anna.phone.types("/mijn")
    await anna.phone.reads("Jouw bijeenkomsten")
