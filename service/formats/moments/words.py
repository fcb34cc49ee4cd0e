"""The words and forms in which people write days and times, Dutch and English side by side."""

import re
from typing import Final

MORNING: Final = 7
"""From this hour on, a time with minutes means the morning where nothing else is said."""

OFFICE: Final = 9
"""The same of a time without minutes: 9 is the morning, 8 can be either."""

DASHES: Final = str.maketrans({"–": "-", "—": "-", "‑": "-", "−": "-"})

FILLERS: Final = frozenset(["om", "op", "at", "on", "in", "van", "from", "de", "the", "vanaf", "uur", "en", "and"])
"""What may stand around a day and a time and says nothing."""

MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "januari january jan",
            "februari february feb febr",
            "maart march mrt mar",
            "april apr",
            "mei may",
            "juni june jun",
            "juli july jul",
            "augustus august aug",
            "september sept sep",
            "oktober october okt oct",
            "november nov",
            "december dec",
        ),
        start=1,
    )
    for name in names.split()
}

WEEKDAYS: Final = tuple(
    frozenset(names.split())
    for names in (
        "maandag ma monday mon",
        "dinsdag di tuesday tue tues",
        "woensdag wo woe wednesday wed",
        "donderdag do thursday thu thur thurs",
        "vrijdag vr vrij friday fri",
        "zaterdag za saturday sat",
        "zondag zo sunday sun",
    )
)

NUMBERS: Final = {
    name: number
    for number, names in enumerate(
        (
            "een één a an one",
            "twee two",
            "drie three",
            "vier four",
            "vijf five",
            "zes six",
            "zeven seven",
            "acht eight",
            "negen nine",
            "tien ten",
            "elf eleven",
            "twaalf twelve",
        ),
        start=1,
    )
    for name in names.split()
}

NEXT: Final = frozenset(("volgende", "next"))
HALVES: Final = {"am": 0, "pm": 1}

_MONTH: Final = "|".join(sorted(MONTHS, key=len, reverse=True))
_DAY: Final = r"(?P<day>\d{1,2})"
_YEAR: Final = r"(?P<year>20\d\d)"
_NUMBER: Final = "|".join(sorted(NUMBERS, key=len, reverse=True))
_NAME: Final = "|".join(sorted((name for names in WEEKDAYS for name in names), key=len, reverse=True))


def _form(pattern: str) -> re.Pattern[str]:
    """Compile a form that begins and ends at the edge of a word."""
    return re.compile(rf"(?<![\w:./-]){pattern}(?![\w:/-]|\.\d)")


ISO: Final = _form(rf"{_YEAR}-(?P<month>\d{{1,2}})-{_DAY}")
DAY_MONTH_YEAR: Final = _form(rf"{_DAY}(?P<dash>[-.])(?P<month>\d{{1,2}})(?P=dash){_YEAR}")
DAY_OF_MONTH: Final = _form(rf"{_DAY}(?:e|ste|de|st|nd|rd|th)?\s+(?:of\s+)?(?P<month>{_MONTH})(?:\s+{_YEAR})?")
MONTH_AND_DAY: Final = _form(rf"(?P<month>{_MONTH})\s+(?:the\s+)?{_DAY}(?:st|nd|rd|th)?(?:\s+{_YEAR})?")
SLASHED: Final = _form(rf"{_DAY}/(?P<month>\d{{1,2}})(?:/{_YEAR})?")

WEEKDAY: Final = _form(
    rf"(?:(?P<which>volgende|next|komende|aanstaande|aankomende|coming|deze|this)\s+)?(?P<name>{_NAME})"
)
NEXT_WEEK: Final = _form(r"(?:volgende week|next week)")
RELATIVE: Final = tuple(
    (_form(f"(?:{words})"), ahead)
    for words, ahead in (
        ("overmorgen|(?:the )?day after tomorrow", 2),
        ("morgen|tomorrow", 1),
        ("vandaag|today", 0),
    )
)
THIS_DAY: Final = _form("(?:vanochtend|vanmiddag|vanavond|tonight|this (?:morning|afternoon|evening))")
AHEAD: Final = _form(rf"(?:over|in)\s+(?P<count>\d{{1,2}}|{_NUMBER})\s+(?P<unit>dagen|dag|days?|weken|week|weeks?)")

PARTS: Final = tuple(
    (_form(f"(?:{words})"), half)
    for words, half in (
        ("s ochtends|s morgens|vanochtend|ochtend|(?:in the |this )?morning", 0),
        ("s middags|vanmiddag|middag|(?:in the |this )?afternoon", 1),
        ("s avonds|vanavond|avond|tonight|(?:in the |this )?evening", 1),
    )
)

_HOUR: Final = r"(?P<hour>\d{1,2})(?:[:.u](?P<minute>\d{2}))?\s*(?P<mark>uur|u|h|am|pm)?"
_LAST: Final = r"(?P<hour2>\d{1,2})(?:[:.u](?P<minute2>\d{2}))?\s*(?P<mark2>uur|u|h|am|pm)?"
RANGE: Final = _form(rf"{_HOUR}\s*(?P<dash>-|tot|to|until|till)\s*{_LAST}")
SPOKEN: Final = _form(rf"(?P<how>half|kwart\s+voor|kwart\s+over)\s+(?P<hour>{_NUMBER}|\d{{1,2}})(?:\s+uur)?")
# A number alone is no time: it must say so by minutes, by a mark behind it, or by "om" or "at" before it.
TIME: Final = _form(
    r"(?P<hour>\d{1,2})(?:[:.u](?P<minute>\d{2})(?:\s*(?P<mark>uur|u|h|am|pm))?|\s*(?P<only>uur|u|h|am|pm))"
)
AT: Final = _form(r"(?:om|at)\s+(?P<hour>\d{1,2})")
COMPOUND: Final = re.compile(
    r"(maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|zondag)(ochtend|morgen|middag|avond)"
)


def number(word: str) -> int:
    """Read a number in digits or in words."""
    return int(word) if word.isdigit() else NUMBERS[word]


def taken(pattern: re.Pattern[str], text: str) -> tuple[bool, str]:
    """Take what fits out of a text; tell whether there was something."""
    found = pattern.search(text)
    return (True, without(text, found)) if found else (False, text)


def without(text: str, found: re.Match[str]) -> str:
    """Leave out of a text what was found in it."""
    return f"{text[: found.start()]} {text[found.end() :]}"
