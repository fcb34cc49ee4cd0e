"""Days and times as people type them; it is Monday 23 November 2026, ten in the morning."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.formats.moments import LONGEST, Gap, Moment, read

NOW = datetime(2026, 11, 23, 10, 0)


def moment(text: str) -> Moment:
    """Write a moment as 2027-02-02 16:00, or with an end as 2027-02-02 16:00-17:30."""
    start, _, end = text[11:].partition("-")
    day = text[:10]
    return Moment(datetime.fromisoformat(f"{day}T{start}"), datetime.fromisoformat(f"{day}T{end}") if end else None)


CLEAR = {
    "di 2 februari 16:00": "2027-02-02 16:00",
    "2027-02-02 16:00": "2027-02-02 16:00",
    "2027-02-02T16:00": "2027-02-02 16:00",
    "dinsdag 2 februari 2027 om 16.00 uur": "2027-02-02 16:00",
    "Tuesday February 2nd, 4pm": "2027-02-02 16:00",
    "2nd of February at 4:30 p.m.": "2027-02-02 16:30",
    "the 2nd of february 2027, 16:00": "2027-02-02 16:00",
    "Feb 2 16:00": "2027-02-02 16:00",
    "2-2-2027 16u": "2027-02-02 16:00",
    "2.2.2027 16u30": "2027-02-02 16:30",
    "3/3/2027 16:00": "2027-03-03 16:00",
    "31/3 16:00": "2027-03-31 16:00",
    "29 februari 16:00": "2028-02-29 16:00",
    "24 nov. 9 uur": "2026-11-24 09:00",
    "23 november 16:00": "2026-11-23 16:00",
    "morgen 16:00": "2026-11-24 16:00",
    "tomorrow at 4pm": "2026-11-24 16:00",
    "overmorgen om 9": "2026-11-25 09:00",
    "the day after tomorrow 14:00": "2026-11-25 14:00",
    "vandaag 16 uur": "2026-11-23 16:00",
    "vanavond 8 uur": "2026-11-23 20:00",
    "tonight at 8": "2026-11-23 20:00",
    "woensdag 16:00": "2026-11-25 16:00",
    "woensdagmiddag 4 uur": "2026-11-25 16:00",
    "woensdag om 4 uur 's middags": "2026-11-25 16:00",
    "volgende week woensdag 16:00": "2026-12-02 16:00",
    "wednesday next week 4pm": "2026-12-02 16:00",
    "komende vrijdag 13.30": "2026-11-27 13:30",
    "volgende maandag 16:00": "2026-11-30 16:00",
    "next monday 4pm": "2026-11-30 16:00",
    "maandag 9:00": "2026-11-30 09:00",
    "over twee weken 16:00": "2026-12-07 16:00",
    "in 3 days at 16:00": "2026-11-26 16:00",
    "wo 16:00-17:30": "2026-11-25 16:00-17:30",
    "wo 16.00 – 17.30 uur": "2026-11-25 16:00-17:30",
    "wo van 16:00 tot 18:00": "2026-11-25 16:00-18:00",
    "wo 16-18 uur": "2026-11-25 16:00-18:00",
    "wed 4-6pm": "2026-11-25 16:00-18:00",
    "wed from 11 to 1pm": "2026-11-25 11:00-13:00",
    "wed 4pm until 6pm": "2026-11-25 16:00-18:00",
    "wed 9 tot 11 uur": "2026-11-25 09:00-11:00",
    "woensdag 19:00 tot 9 uur 's avonds": "2026-11-25 19:00-21:00",
    "wed 12pm": "2026-11-25 12:00",
    "wo half vijf 's middags": "2026-11-25 16:30",
    "wo 07:30": "2026-11-25 07:30",
    "wo 7:30": "2026-11-25 07:30",
}


@pytest.mark.parametrize(("text", "expected"), CLEAR.items())
def test_what_can_mean_one_moment_is_read(text: str, expected: str) -> None:
    reading = read(text, NOW)
    assert (reading.moments, reading.gap) == ((moment(expected),), None)


EITHER = {
    "next tuesday 4pm": ("2026-11-24 16:00", "2026-12-01 16:00"),
    "volgende woensdag 16:00": ("2026-11-25 16:00", "2026-12-02 16:00"),
    "maandag 16:00": ("2026-11-23 16:00", "2026-11-30 16:00"),
    "woensdag 4 uur": ("2026-11-25 16:00", "2026-11-25 04:00"),
    "wo om 8 uur": ("2026-11-25 20:00", "2026-11-25 08:00"),
    "wo half vijf": ("2026-11-25 16:30", "2026-11-25 04:30"),
    "wo kwart over vier": ("2026-11-25 16:15", "2026-11-25 04:15"),
    "wo kwart voor 5": ("2026-11-25 16:45", "2026-11-25 04:45"),
    "wo 4:30": ("2026-11-25 16:30", "2026-11-25 04:30"),
    "wo van 4 tot 6": ("2026-11-25 16:00-18:00", "2026-11-25 04:00-06:00"),
    "3/4/2027 16:00": ("2027-04-03 16:00", "2027-03-04 16:00"),
}


@pytest.mark.parametrize(("text", "expected"), EITHER.items())
def test_what_can_mean_two_moments_gives_both(text: str, expected: tuple[str, str]) -> None:
    assert read(text, NOW).moments == tuple(map(moment, expected))


GAPS = {
    "": Gap.DAY,
    "16:00": Gap.DAY,
    "om 16:00": Gap.DAY,
    "dinsdag": Gap.TIME,
    "2 februari": Gap.TIME,
    "dinsdag of woensdag 16:00": Gap.UNKNOWN,
    "dinsdag woensdag 16:00": Gap.UNKNOWN,
    "morgen dinsdag 16:00": Gap.DAY,
    "volgende week 16:00": Gap.DAY,
    "30 februari 16:00": Gap.NO_SUCH_DAY,
    "2027-13-01 16:00": Gap.NO_SUCH_DAY,
    "wo 2 februari 16:00": Gap.WEEKDAY,
    "wednesday 2027-02-02 16:00": Gap.WEEKDAY,
    "2 februari 2026 16:00": Gap.PAST,
    "vandaag 9:00": Gap.PAST,
    "ergens in februari": Gap.UNKNOWN,
    "di 2 februari 25:00": Gap.UNKNOWN,
    "di 2 februari 16:75": Gap.UNKNOWN,
    "di 2 februari 13pm": Gap.UNKNOWN,
    "di 2 februari 18:00-16:00": Gap.UNKNOWN,
    "di 2 februari 16:00 17:00": Gap.UNKNOWN,
    "di 2 februari 4-6": Gap.UNKNOWN,
    "di 2 februari 04:00 's middags": Gap.UNKNOWN,
    "di 2 februari 16:00 's ochtends en 's avonds": Gap.TIME,
    "12": Gap.UNKNOWN,
    "x" * (LONGEST + 1): Gap.UNKNOWN,
}


@pytest.mark.parametrize(("text", "gap"), GAPS.items())
def test_what_is_not_clear_is_not_guessed_at(text: str, gap: Gap) -> None:
    assert (read(text, NOW).moments, read(text, NOW).gap) == ((), gap)


WORDS = "di dinsdag next 2 02 februari 2027 16:00 4pm half vijf om tot - over een week morgen 's middags . 31/4 29 feb"


@given(st.one_of(st.text(), st.lists(st.sampled_from(WORDS.split()), max_size=9).map(" ".join)))
def test_any_text_at_all_is_read_or_not_and_nothing_lies_in_the_past(text: str) -> None:
    reading = read(text, NOW)
    assert bool(reading.moments) is (reading.gap is None)
    assert len(set(reading.moments)) == len(reading.moments) <= 8
    assert all(one.starts > NOW and (one.ends is None or one.ends > one.starts) for one in reading.moments)
