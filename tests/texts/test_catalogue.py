from datetime import UTC, date, datetime

import jinja2
import pytest

from service.texts.catalogue import Texts, translator
from service.texts.templates import environment

DUTCH = Texts(
    "nl",
    {
        (None, "Dear %(name)s"): ("Beste %(name)s",),
        (None, "%(count)s seat"): ("%(count)s plaats", "%(count)s plaatsen"),
        ("a chair", "Place"): ("Stoel",),
    },
    lambda n: int(n != 1),
)
AMSTERDAM = "Europe/Amsterdam"


def test_a_sentence_is_said_with_its_places_filled() -> None:
    assert DUTCH.gettext("Dear %(name)s", name="Bo") == "Beste Bo"
    assert DUTCH.ngettext("%(count)s seat", "%(count)s seats", 1) == "1 plaats"
    assert DUTCH.ngettext("%(count)s seat", "%(count)s seats", 3) == "3 plaatsen"
    assert DUTCH.pgettext("a chair", "Place") == "Stoel"


def test_an_unknown_sentence_is_said_in_english() -> None:
    assert DUTCH.gettext("Place") == "Place"
    assert DUTCH.ngettext("%(count)s day", "%(count)s days", 2) == "2 days"


def test_a_language_that_kring_does_not_speak_is_english() -> None:
    assert translator("fr").language == "en"


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("nl", "dinsdag 1 december 2026, 16.00–17.30 uur"),
        ("en", "Tuesday 1 December 2026, 16:00–17:30"),
    ],
)
def test_times_are_written_as_a_reader_expects(language: str, expected: str) -> None:
    starts, ends = datetime.fromisoformat("2026-12-01T16:00"), datetime.fromisoformat("2026-12-01T17:30")
    assert translator(language).when(starts, ends, AMSTERDAM, home=AMSTERDAM) == expected


@pytest.mark.parametrize(
    ("zone", "language", "ending"),
    [
        ("Africa/Kampala", "nl", "17.30 uur (tijd in Kampala)"),
        ("Africa/Kampala", "en", "17:30 (Kampala time)"),
        ("America/New_York", "en", "17:30 (New York time)"),
        ("UTC", "nl", "17.30 uur (UTC)"),
    ],
)
def test_a_zone_is_named_where_it_is_not_the_associations_own(zone: str, language: str, ending: str) -> None:
    starts, ends = datetime.fromisoformat("2026-12-01T16:00"), datetime.fromisoformat("2026-12-01T17:30")
    assert translator(language).when(starts, ends, zone, home=AMSTERDAM).endswith("–" + ending)


def test_more_than_one_day_names_both() -> None:
    starts, ends = datetime.fromisoformat("2026-12-01T16:00"), datetime.fromisoformat("2026-12-02T12:00")
    assert (
        translator("nl").when(starts, ends, AMSTERDAM, home=AMSTERDAM)
        == "dinsdag 1 december 2026, 16.00 uur – woensdag 2 december 2026, 12.00 uur"
    )


def test_a_deadline_is_written_in_the_zone_of_the_gathering() -> None:
    deadline = datetime(2026, 12, 1, 15, tzinfo=UTC)
    assert translator("nl").moment(deadline, AMSTERDAM, home=AMSTERDAM) == "dinsdag 1 december om 16.00 uur"
    assert translator("en").moment(deadline, AMSTERDAM, home=AMSTERDAM) == "Tuesday 1 December at 16:00"


def test_short_days_and_months_have_no_dots() -> None:
    assert translator("nl").short_day(date(2026, 3, 2)) == "ma 2 mrt"
    assert translator("nl").month(date(2026, 3, 2)) == "maart 2026"


def test_templates_escape_html_and_leave_text_alone() -> None:
    sources = {"a.html.j2": "{{ gettext('Hello %(n)s 100%%', n=n) }}", "a.txt.j2": "{{ say('Hello %(n)s', n=n) }}"}
    made = environment("en", jinja2.DictLoader(sources))
    assert made.get_template("a.html.j2").render(n="<b>") == "Hello &lt;b&gt; 100%"
    assert made.get_template("a.txt.j2").render(n="<b>") == "Hello <b>"


def test_a_name_that_a_template_does_not_get_is_an_error() -> None:
    made = environment("en", jinja2.DictLoader({"a.txt": "{{ nothing }}"}))
    with pytest.raises(jinja2.UndefinedError):
        made.get_template("a.txt").render()


def test_a_template_is_compiled_once_and_says_the_words_of_each_language() -> None:
    loader = jinja2.DictLoader({"answer.html": "{{ _('No') }}"})
    dutch, english = [environment(language, loader).get_template("answer.html") for language in ("nl", "en")]
    assert (dutch.render(), english.render()) == ("Nee", "No")
    assert dutch.root_render_func.__code__ is english.root_render_func.__code__
