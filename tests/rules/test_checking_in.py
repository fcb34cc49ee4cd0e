from datetime import UTC, datetime, timedelta

from service.rules import checking_in

START = datetime(2026, 12, 1, 15, tzinfo=UTC)
END = START + timedelta(hours=2)
SECOND = timedelta(seconds=1)


def test_the_door_opens_half_an_hour_before_and_closes_at_the_end() -> None:
    moments = (START - checking_in.LEAD - SECOND, START - checking_in.LEAD, START, END - SECOND, END)
    assert [checking_in.is_open(START, END, moment) for moment in moments] == [False, True, True, True, False]


def test_a_sign_is_good_for_a_few_minutes_after_it_came_up() -> None:
    shown = checking_in.slot(START)
    assert [shown in checking_in.good(START + timedelta(minutes=late)) for late in (-1, 0, 3, 4)] == [
        False,
        True,
        True,
        False,
    ]
    assert checking_in.slot(START + timedelta(seconds=59)) == shown
    assert checking_in.slot(START + timedelta(seconds=60)) == shown + 1
    for late in (0, 59):
        assert checking_in.renewal(START + timedelta(seconds=late)) == START + timedelta(seconds=60)
