"""How fast a bot writes: never faster than it should, and not slower than it must."""

from dataclasses import replace
from itertools import pairwise

from bots.telegram.pace import BURST, Bucket, TelegramPace
from service.model import Purpose
from tests.bots.mail.dues import due


def reminder(chat: str):
    return due(Purpose.REMINDER, address=chat)


def sent_at(pace: TelegramPace, chats: list[str]) -> list[float]:
    """Send to these chats one after the other as soon as each may go, and return when that was."""
    now, moments = 0.0, []
    for chat in chats:
        now += pace.wait(reminder(chat), now)
        pace.take(reminder(chat), now)
        moments.append(now)
    return moments


def test_two_thousand_chats_take_eighty_seconds() -> None:
    moments = sent_at(TelegramPace(), [str(number) for number in range(2000)])
    assert 79.0 <= moments[-1] <= 80.0
    for start in range(79):
        assert sum(start <= moment < start + 1 for moment in moments) <= 28


def test_one_chat_gets_a_burst_and_then_one_a_second() -> None:
    moments = sent_at(TelegramPace(), ["7"] * 20)
    assert moments[BURST - 1] < 1.0
    assert moments[-1] >= 20 - BURST


def test_a_group_gets_eighteen_a_minute_and_one_a_second() -> None:
    moments = sent_at(TelegramPace(), ["-100"] * 40)
    assert all(later - earlier >= 0.999 for earlier, later in pairwise(moments))
    for start in moments:
        assert sum(start <= moment < start + 60 for moment in moments) <= 18
    assert moments[5] <= 5.5


def test_one_slow_chat_holds_up_no_other() -> None:
    pace = TelegramPace()
    sent_at(pace, ["7"] * 30)
    assert pace.wait(reminder("7"), 22.0) > 0.5
    assert pace.wait(reminder("8"), 22.0) == 0.0


def test_a_late_caller_loses_nothing_of_the_pace() -> None:
    bucket, sent, now = Bucket(25, 3), 0, 0.0
    while now < 10:
        while bucket.wait(now) <= 0:
            bucket.take(now)
            sent += 1
        now += 0.07
    assert 250 <= sent <= 253


def test_the_answer_to_a_press_waits_for_nothing() -> None:
    pace, press = TelegramPace(), replace(reminder("7"), purpose=Purpose.ANSWER, facts={"callback": {"id": "1"}})
    sent_at(pace, ["7"] * 30)
    assert (pace.wait(press, 0.0), pace.conversation(press)) == (0.0, None)
