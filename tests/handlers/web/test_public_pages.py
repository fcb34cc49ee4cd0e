"""The pages that anybody may open, in both languages, and what they keep to themselves."""

from datetime import datetime, timedelta

import pytest
from icalendar import Calendar

from service.actions import scheduling
from service.clock import MovableClock
from service.model import Partstat
from service.rules.access import KRING
from tests.handlers.web.browsing import Browser
from tests.handlers.web.conftest import Browsers
from tests.handlers.web.house import House

HIDDEN = ("Macht aan tafel", "Power at the table", "Spiegel", "Mirror", "Nog niet", "Not yet")


async def test_the_agenda_shows_what_the_public_may_see(house: House, visitor: Browser) -> None:
    page = await visitor.get("/")
    assert page.status == 200
    assert "December 2026" in page.words.title()
    assert "Gegevens delen dinsdag 1 december 2026, 16.00–18.00 uur Datakring · Zaal 3" in page.words
    assert "Kleine zaal" in page.words
    assert "Vol – wachtlijst" in page.words
    assert [title for title in (*HIDDEN, "De nieuwe Kamer") if title in page.text] == []
    assert 'href="webcal://kring.test/feeds/public.ics"' in page.text


async def test_the_agenda_speaks_english(house: House, visitor: Browser) -> None:
    page = await visitor.get("/?lang=en")
    assert page.headers["Content-Language"] == "en"
    assert '<html lang="en">' in page.text
    assert "Sharing data Tuesday 1 December 2026, 16:00–18:00 Data circle · Zaal 3" in page.words
    assert "Full – waiting list" in page.words
    assert '<link rel="alternate" hreflang="nl" href="http://kring.test/?lang=nl">' in page.text


@pytest.mark.parametrize(
    ("header", "language"),
    [("en-GB,en;q=0.9,nl;q=0.8", "en"), ("de,fr;q=0.9", "nl"), ("nl;q=0.1,en;q=0.2", "en"), ("en;q=0,nl", "nl"),
     ("en;q=x", "nl"), ("", "nl")],
)  # fmt: skip
async def test_the_browsers_language_is_followed(house: House, visitor: Browser, header: str, language: str) -> None:
    page = await visitor.get("/", Accept_Language=header)
    assert page.headers["Content-Language"] == language


async def test_the_chosen_language_is_kept_and_beats_the_persons_own(house: House, browsers: Browsers) -> None:
    ben = await browsers(house.ben)
    assert (await ben.get("/")).headers["Content-Language"] == "en"
    await ben.get("/circles?lang=nl")
    assert (await ben.get("/")).headers["Content-Language"] == "nl"


async def test_members_see_what_is_theirs_and_how_they_stand(house: House, browsers: Browsers) -> None:
    await house.answer(house.full, house.anna, Partstat.ACCEPTED)
    anna, outsider = await (await browsers(house.anna)).get("/"), await (await browsers(house.outsider)).get("/")
    assert "Macht aan tafel" in anna.words
    assert "De nieuwe Kamer" in anna.words
    assert "Wachtlijst, plek 1" in anna.words
    assert "Nog niet geantwoord" in anna.words
    assert "De nieuwe Kamer" in outsider.words
    assert [title for title in HIDDEN if title in outsider.text] == []


async def test_a_long_agenda_is_read_page_by_page(house: House, visitor: Browser) -> None:
    for number in range(45):
        starts = datetime(2027, 1, 4, 9) + timedelta(days=number // 2)
        facts = {"title_nl": f"Nummer {number:02}", "title_en": "", "starts_local": starts}
        made = await scheduling.create(
            house.db, KRING, "data", facts | {"ends_local": starts + timedelta(hours=1)}, now=house.now
        )
        await scheduling.publish(house.db, KRING, made.id, now=house.now)
    first = await visitor.get("/")
    following = first.text.partition('rel="next" href="')[2].partition('"')[0]
    second = await visitor.get(following)
    numbers = [[n for n in range(45) if f"Nummer {n:02}" in page.text] for page in (first, second)]
    assert numbers == [list(range(28)), list(range(28, 45))]
    assert 'rel="next"' not in second.text


@pytest.mark.parametrize(
    "after", ["x", "20261301T000000Z-1", "20261201T150000Z-", "20261201T150000Z-99999999999999999999"]
)
async def test_a_spoiled_place_in_the_agenda_means_its_beginning(house: House, visitor: Browser, after: str) -> None:
    page = await visitor.get(f"/?after={after}")
    assert page.status == 200
    assert "Gegevens delen" in page.words


async def test_what_is_over_leaves_the_agenda_and_what_goes_on_stays(
    house: House, visitor: Browser, clock: MovableClock
) -> None:
    clock.set(house.open.starts_at + timedelta(hours=1))
    assert "Gegevens delen" in (await visitor.get("/")).words
    clock.set(house.open.ends_at)
    assert "Gegevens delen" not in (await visitor.get("/")).words


async def test_a_gathering_says_when_where_and_how_much_room(house: House, visitor: Browser) -> None:
    page = await visitor.get(f"/gatherings/{house.full.id}")
    assert "De enige plek is bezet. Wie zich nu aanmeldt, komt op de wachtlijst." in page.words
    page = await visitor.get(f"/gatherings/{house.open.id}")
    assert "Er is plek voor iedereen." in page.words
    assert "De link krijg je zodra je bent aangemeld." in page.words
    assert "meet.example.org" not in page.text


async def test_the_online_room_opens_for_those_who_come(house: House, browsers: Browsers) -> None:
    anna, path = await browsers(house.anna), f"/gatherings/{house.open.id}"
    assert "meet.example.org" not in (await anna.get(path)).text
    answered = await anna.press(await anna.get(path), f"{path}/answer", partstat="accepted")
    assert answered.location == f"{path}?saved"
    after = await anna.get(answered.location)
    assert "https://meet.example.org/kamer" in after.text
    assert "Dank je wel, we hebben je antwoord genoteerd: ja." in after.words


async def test_somebody_in_no_circle_may_sign_up_for_what_they_may_see(house: House, browsers: Browsers) -> None:
    outsider, path = await browsers(house.outsider), f"/gatherings/{house.members.id}"
    page = await outsider.get(path)
    assert [button["value"] for button in page.form(f"{path}/answer").buttons] == ["accepted"]
    await outsider.press(page, f"{path}/answer", partstat="accepted")
    assert "Je komt. Er is een plek voor je." in (await outsider.get(path)).words


@pytest.mark.parametrize("name", ["members", "secret", "draft"])
async def test_what_is_hidden_is_not_found_in_the_same_words_as_what_is_not_there(
    house: House, visitor: Browser, name: str
) -> None:
    hidden = getattr(house, name).id
    pages = [await visitor.get(f"/gatherings/{number}") for number in (hidden, 999999)]
    assert [page.status for page in pages] == [404, 404]
    assert pages[0].words == pages[1].words
    assert (await visitor.get(f"/gatherings/{hidden}.ics")).status == 404
    form = (await visitor.get("/login")).form("/login").fields
    signed_up = await visitor.post(f"/gatherings/{hidden}/register", {**form, "name": "X", "email": "x@example.org"})
    assert signed_up.status == 404


async def test_a_draft_is_seen_by_those_who_make_it(house: House, browsers: Browsers) -> None:
    page = await (await browsers(house.fatima)).get(f"/gatherings/{house.draft.id}")
    assert "Deze bijeenkomst is nog niet gepubliceerd." in page.words
    assert (await (await browsers(house.anna)).get(f"/gatherings/{house.draft.id}")).status == 404


async def test_a_visitor_signs_up_by_mail_and_an_address_tells_nothing(house: House, visitor: Browser) -> None:
    path = f"/gatherings/{house.open.id}"
    page = await visitor.get(path)
    sent = [
        await visitor.press(page, f"{path}/register", name="Vera Gast", email=email)
        for email in ("vera@example.org", "anna@example.org")
    ]
    assert [answer.status for answer in sent] == [200, 200]
    assert sent[0].text == sent[1].text
    assert "Kijk in je mailbox" in sent[0].words
    assert len(await house.mails("visitor")) == 2


async def test_a_visitor_is_told_what_is_missing_and_keeps_what_they_typed(house: House, visitor: Browser) -> None:
    path = f"/gatherings/{house.open.id}"
    page = await visitor.get(path)
    wrong = await visitor.press(page, f"{path}/register", name="Vera <b>", email="vera")
    assert wrong.status == 400
    assert "Dit is geen mailadres." in wrong.words
    assert "Vera &lt;b&gt;" in wrong.text
    nameless = await visitor.press(page, f"{path}/register", name=" ", email="vera@example.org")
    assert "Vul je naam in." in nameless.words


async def test_a_network_signs_up_ten_visitors_an_hour(house: House, visitor: Browser) -> None:
    path = f"/gatherings/{house.open.id}"
    page = await visitor.get(path)
    statuses = [
        (await visitor.press(page, f"{path}/register", name="V", email=f"v{number}@example.org")).status
        for number in range(11)
    ]
    assert statuses == [200] * 10 + [429]


async def test_a_gathering_is_handed_over_as_a_calendar_file(house: House, visitor: Browser) -> None:
    answer = await visitor.get(f"/gatherings/{house.open.id}.ics")
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="kring-{house.open.id}.ics"'
    [event] = Calendar.from_ical(answer.body).walk("VEVENT")
    assert (str(event["SUMMARY"]), str(event["UID"]), str(event["STATUS"])) == (
        "Gegevens delen",
        house.open.uid,
        "CONFIRMED",
    )
    assert "meet.example.org" not in answer.text


async def test_no_calendar_file_of_a_confidential_gathering(house: House, browsers: Browsers) -> None:
    assert (await (await browsers(house.anna)).get(f"/gatherings/{house.secret.id}.ics")).status == 404


async def test_circles_are_shown_as_far_as_one_may_see_them(house: House, browsers: Browsers) -> None:
    def shown(text: str) -> list[str]:
        return [name for name in ("Datakring", "De Spiegel", "Lobbycafé") if name in text]

    pages = [await (await browsers(who)).get("/circles") for who in (None, house.outsider, house.anna, house.staff)]
    assert [shown(page.text) for page in pages] == [
        ["Datakring"],
        ["Datakring", "Lobbycafé"],
        ["Datakring", "De Spiegel", "Lobbycafé"],
        ["Datakring", "De Spiegel", "Lobbycafé"],
    ]


async def test_a_circle_shows_what_it_plans(house: House, visitor: Browser) -> None:
    page = await visitor.get("/circles/data")
    assert "Community of Practice · Innovatie" in page.words
    assert "Gegevens delen" in page.words
    assert "Nog niet" not in page.words
    assert [(await visitor.get(f"/circles/{slug}")).status for slug in ("spiegel", "lobby", "nergens")] == [404] * 3


async def test_joining_and_leaving_a_circle(house: House, browsers: Browsers) -> None:
    outsider = await browsers(house.outsider)
    page = await outsider.get("/circles/data")
    assert (await outsider.press(page, "/circles/data/join")).location == "/circles/data"
    joined = await outsider.get("/circles/data")
    assert "Je hoort bij deze kring" in joined.words
    assert (await outsider.press(joined, "/circles/data/leave")).location == "/me#circles"
    assert "Meedoen?" in (await outsider.get("/circles/data")).words


async def test_hostile_words_stay_words(house: House, visitor: Browser) -> None:
    hostile = '"><svg onload=alert(1)>{{ 7*7 }}[x](javascript:alert(1))\u202e'
    await scheduling.change(
        house.db,
        KRING,
        house.open.id,
        {"title_nl": hostile, "description_nl": f"{hostile}\n\n<script>", "location": hostile},
        now=house.now,
        coalesce=timedelta(0),
    )
    for path in ("/", f"/gatherings/{house.open.id}", "/circles/data", await house.link(house.open, house.anna)):
        page = await visitor.get(path)
        assert "<svg" not in page.text
        assert "<script" not in page.text
        assert "{{ 7*7 }}" in page.text
        assert 'href="javascript' not in page.text
        assert "\u202e" not in page.text
