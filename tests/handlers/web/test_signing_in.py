"""Signing in by mail: the link, the code, and what scanners and strangers get out of it."""

import base64
from datetime import timedelta

import pytest

from service.actions import people, signing_in
from service.clock import MovableClock
from service.formats import totp
from service.formats.tokens import ADDRESS, handle
from service.rules.access import KRING
from tests.handlers.web.browsing import Browser, Page
from tests.handlers.web.conftest import Browsers
from tests.handlers.web.house import KEYS, House


async def asked(browser: Browser, email: str, wish: str = "") -> Page:
    page = await browser.get(f"/login?next={wish}" if wish else "/login")
    return await browser.press(page, "/login", email=email)


async def test_the_link_signs_in_the_browser_that_asked(house: House, visitor: Browser) -> None:
    page = await asked(visitor, "  Anna@Example.org ")
    assert "Als we Anna@Example.org kennen, is er een mail naar je onderweg." in page.words
    [facts] = await house.mails("sign-in")
    link = f"/login/{facts['token']}"
    entered = await visitor.press(await visitor.get(link), link)
    assert (entered.status, entered.location) == (303, "/me")
    assert "Dag Anna de Vries" in (await visitor.get("/me")).words


async def test_a_scanner_that_opens_and_presses_everything_uses_nothing_up(
    house: House, visitor: Browser, browsers: Browsers
) -> None:
    await asked(visitor, "anna@example.org")
    [facts] = await house.mails("sign-in")
    link, scanner = f"/login/{facts['token']}", await browsers()
    before = await house.digest()
    await scanner.ask("HEAD", link)
    pages = [await scanner.get(link) for _ in range(3)]
    assert {"Je vroeg dit aan in een andere browser" in page.words for page in pages} == {True}
    assert [form.action for form in pages[0].forms] == []
    human = await visitor.get(link)
    pressed = await scanner.post(link, human.form(link).fields)
    assert (pressed.status, scanner.cookie("kring")) == (403, None)
    assert await house.digest() == before
    assert (await visitor.press(human, link)).status == 303


async def test_on_another_device_the_code_is_typed_where_it_was_asked_for(
    house: House, visitor: Browser, browsers: Browsers
) -> None:
    page = await asked(visitor, "anna@example.org", "gathering:7")
    [facts] = await house.mails("sign-in")
    assert "Typ de code uit de mail daar" in (await (await browsers()).get(f"/login/{facts['token']}")).words
    spaced = f"{facts['code'][:3]} {facts['code'][3:]}"
    entered = await visitor.press(page, "/login/code", code=spaced)
    assert (entered.status, entered.location) == (303, "/gatherings/7")
    assert (await visitor.get("/me")).status == 200


async def test_whoever_asks_for_another_persons_link_gets_nothing_when_that_person_opens_it(
    house: House, visitor: Browser, browsers: Browsers
) -> None:
    await asked(visitor, "anna@example.org")
    [facts] = await house.mails("sign-in")
    victim = await browsers()
    assert (await victim.get(f"/login/{facts['token']}")).forms == []
    assert (await visitor.get("/me")).location == "/login?next=me"


async def test_a_link_works_once_and_takes_its_code_with_it(house: House, visitor: Browser) -> None:
    page = await asked(visitor, "anna@example.org")
    [facts] = await house.mails("sign-in")
    link = f"/login/{facts['token']}"
    shown, cookies = await visitor.get(link), visitor.cookie("kring-browser")
    await visitor.press(shown, link)
    visitor.client.session.cookie_jar.clear()
    visitor.client.session.cookie_jar.update_cookies({"kring-browser": cookies or ""}, visitor.client.make_url("/"))
    assert (await visitor.press(shown, link)).status == 410
    assert (await visitor.press(page, "/login/code", code=facts["code"])).status == 400
    assert (await visitor.get(link)).status == 410


async def test_after_ten_minutes_link_and_code_are_over(house: House, visitor: Browser, clock: MovableClock) -> None:
    page = await asked(visitor, "anna@example.org")
    [facts] = await house.mails("sign-in")
    shown = await visitor.get(f"/login/{facts['token']}")
    clock.move(signing_in.LIFE)
    assert (await visitor.press(shown, f"/login/{facts['token']}")).status == 410
    assert (await visitor.press(page, "/login/code", code=facts["code"])).status == 400


async def test_five_wrong_codes_end_the_right_one(house: House, visitor: Browser) -> None:
    page = await asked(visitor, "anna@example.org")
    [facts] = await house.mails("sign-in")
    wrong = f"{(int(facts['code']) + 1) % 10**6:06}"
    answers = [await visitor.press(page, "/login/code", code=wrong) for _ in range(5)]
    right = await visitor.press(page, "/login/code", code=facts["code"])
    assert {answer.status for answer in (*answers, right)} == {400}
    assert {answer.words for answer in (*answers, right)} == {right.words}


async def test_the_fifth_try_may_still_be_right(house: House, visitor: Browser) -> None:
    page = await asked(visitor, "anna@example.org")
    [facts] = await house.mails("sign-in")
    wrong = f"{(int(facts['code']) + 1) % 10**6:06}"
    for _ in range(4):
        await visitor.press(page, "/login/code", code=wrong)
    assert (await visitor.press(page, "/login/code", code=facts["code"])).status == 303


async def test_whoever_asks_again_and_again_guesses_a_day_no_more_than_so_often(
    house: House, browsers: Browsers, clock: MovableClock
) -> None:
    for _ in range(signing_in.IN_A_DAY // signing_in.TRIES):
        guesser = await browsers()
        page = await asked(guesser, "anna@example.org")
        facts = (await house.mails("sign-in"))[-1]
        wrong = f"{(int(facts['code']) + 1) % 10**6:06}"
        for _ in range(signing_in.TRIES):
            await guesser.press(page, "/login/code", code=wrong)
    clock.move(timedelta(hours=1))
    anna, ben = await browsers(), await browsers()
    page, other = await asked(anna, "anna@example.org"), await asked(ben, "ben@example.org")
    mine, his = (await house.mails("sign-in"))[-2:]
    assert (await anna.press(page, "/login/code", code=mine["code"])).status == 400
    assert (await ben.press(other, "/login/code", code=his["code"])).status == 303
    link = f"/login/{mine['token']}"
    assert (await anna.press(await anna.get(link), link)).status == 303
    clock.move(timedelta(days=1))
    late = await browsers()
    page = await asked(late, "anna@example.org")
    code = (await house.mails("sign-in"))[-1]["code"]
    assert (await late.press(page, "/login/code", code=code)).status == 303


async def test_a_code_is_worth_nothing_in_another_browser(house: House, visitor: Browser, browsers: Browsers) -> None:
    page = await asked(visitor, "anna@example.org")
    [facts] = await house.mails("sign-in")
    stranger = await browsers()
    assert (await stranger.press(page, "/login/code", code=facts["code"])).status == 400
    await asked(stranger, "ben@example.org")
    assert (await stranger.press(page, "/login/code", code=facts["code"])).status == 400


@pytest.mark.parametrize("email", ["nobody@example.org", "mıke@example.org"])
async def test_an_unknown_address_looks_the_same_in_every_way(house: House, browsers: Browsers, email: str) -> None:
    known, unknown = await browsers(), await browsers()
    pages = [await asked(known, "anna@example.org"), await asked(unknown, email)]
    shown = [page.text.replace("anna@example.org", "X").replace(email, "X") for page in pages]
    assert shown[0] == shown[1]
    assert [page.status for page in pages] == [200, 200]
    assert len(known.cookie("kring-browser") or "") == len(unknown.cookie("kring-browser") or "")
    wrong = [await browser.press(pages[0], "/login/code", code="12345x") for browser in (known, unknown)]
    assert wrong[0].text == wrong[1].text
    assert len(await house.mails("sign-in")) == 1


async def test_a_look_alike_address_is_somebody_else(house: House, visitor: Browser) -> None:
    await people.create_person(house.db, KRING, name="Mike", email="mike@example.org", language="nl", now=house.now)
    for look_alike in ("mıke@example.org", "mi\u212ae@example.org", "mike@example.org."):
        await asked(visitor, look_alike)
    assert await house.mails("sign-in") == []


async def test_an_address_gets_five_mails_an_hour_and_nobody_is_told(
    house: House, visitor: Browser, clock: MovableClock
) -> None:
    pages = [await asked(visitor, "anna@example.org") for _ in range(7)]
    assert {page.status for page in pages} == {200}
    assert len({page.text for page in pages}) == 1
    assert len(await house.mails("sign-in")) == 5
    clock.move(timedelta(hours=1))
    await asked(visitor, "anna@example.org")
    assert len(await house.mails("sign-in")) == 6


async def test_a_network_gets_thirty_tries_an_hour(house: House, visitor: Browser) -> None:
    form = (await visitor.get("/login")).form("/login").fields
    statuses = [
        (await visitor.post("/login", {**form, "email": f"guess{number}@example.org"})).status for number in range(31)
    ]
    assert statuses == [200] * 30 + [429]
    refused = await visitor.post("/login", {**form, "email": "anna@example.org"})
    assert (refused.status, refused.headers["Retry-After"]) == (429, "3600")


async def test_what_is_no_address_is_said(visitor: Browser, house: House) -> None:
    page = await asked(visitor, "anna")
    assert page.status == 400
    assert "Dit is geen mailadres." in page.words
    assert page.form("/login").fields["email"] == "anna"


async def test_the_link_from_the_console_needs_no_cookie_and_works_once(house: House, browsers: Browsers) -> None:
    token = await signing_in.link(house.db, house.staff.id, life=timedelta(hours=1), now=house.now)
    first, second = await browsers(), await browsers()
    page = await first.get(f"/login/{token}")
    assert (await first.press(page, f"/login/{token}")).status == 303
    assert (await first.get("/me")).status == 200
    assert (await second.get(f"/login/{token}")).status == 410


@pytest.mark.parametrize(
    "wish",
    ["//evil.example", "/\\evil.example", "https:evil.example", "%2f%2fevil.example", "gathering:1%0d%0aX:%20y",
     "gathering:١", "circle:../x", "javascript:alert(1)", "https://evil.example/"],
)  # fmt: skip
async def test_a_wish_that_is_no_page_of_ours_leads_home(house: House, visitor: Browser, wish: str) -> None:
    page = await asked(visitor, "anna@example.org", wish)
    [facts] = await house.mails("sign-in")
    assert (await visitor.press(page, "/login/code", code=facts["code"])).location == "/me"
    assert (await visitor.get(f"/login?next={wish}")).location == "/me"


async def test_signing_out_ends_the_session_itself(house: House, browsers: Browsers) -> None:
    browser = await browsers(house.anna)
    kept = browser.cookie("kring")
    left = await browser.press(await browser.get("/me"), "/logout")
    assert (left.location, browser.cookie("kring")) == ("/", None)
    browser.client.session.cookie_jar.update_cookies({"kring": kept or ""}, browser.client.make_url("/"))
    assert (await browser.get("/me")).status == 303


async def test_signing_out_everywhere_ends_every_browser_of_that_person_alone(house: House, browsers: Browsers) -> None:
    here, there, ben = await browsers(house.anna), await browsers(house.anna), await browsers(house.ben)
    await here.press(await here.get("/me/sign-in"), "/me/sign-out-everywhere")
    assert [(await browser.get("/me")).status for browser in (here, there, ben)] == [303, 303, 200]


async def test_browsers_are_listed_and_ended_from_any_of_them(house: House, browsers: Browsers) -> None:
    here, there, ben = await browsers(house.anna), await browsers(house.anna), await browsers(house.ben)
    page = await here.get("/me/sign-in")
    ends = [form.action for form in page.forms if form.action.endswith("/end")]
    assert len(ends) == 2
    assert (await ben.press(page, ends[1])).status == 403
    assert (await here.press(page, ends[1])).location == "/me/sign-in?saved=ended"
    assert [(await browser.get("/me")).status for browser in (here, there, ben)] == [200, 303, 200]
    assert (await here.press(page, ends[0])).location == "/"
    assert [(await browser.get("/me")).status for browser in (here, ben)] == [303, 200]


async def test_who_has_an_app_types_its_code_after_the_mail(
    house: House, browsers: Browsers, clock: MovableClock
) -> None:
    browser = await browsers(house.staff)
    await browser.press(await browser.get("/me/sign-in"), "/me/sign-in/app/begin")
    page = await browser.get("/me/sign-in/app")
    assert "<svg viewBox" in page.text
    spelled = page.text.partition("<code>")[2].partition("</code>")[0]
    shared = base64.b32decode(spelled.replace(" ", ""))

    def code() -> str:
        return totp.code(shared, totp.step(clock.now().timestamp()))

    assert (await browser.press(page, "/me/sign-in/app", code="000000")).status == 400
    kept = await browser.press(page, "/me/sign-in/app", code=code())
    assert (kept.status, kept.text.count("<li><code>")) == (200, 8)

    token = await signing_in.link(house.db, house.staff.id, life=timedelta(hours=1), now=house.now)
    other = await browsers()
    entered = await other.press(await other.get(f"/login/{token}"), f"/login/{token}")
    assert entered.location == "/login/app"
    assert (await other.get("/me")).status == 303
    asked = await other.get("/login/app")
    assert (await other.press(asked, "/login/app", code=code())).status == 400  # taken already
    clock.move(timedelta(seconds=30))
    assert (await other.press(asked, "/login/app", code=code())).location == "/me"
    assert (await other.get("/me")).status == 200


async def test_a_new_sign_in_replaces_the_session_of_that_browser(house: House, browsers: Browsers) -> None:
    browser = await browsers(house.ben)
    old = browser.cookie("kring")
    token = await signing_in.link(house.db, house.anna.id, life=timedelta(hours=1), now=house.now)
    await browser.press(await browser.get(f"/login/{token}"), f"/login/{token}")
    assert browser.cookie("kring") != old
    assert "Dag Anna" in (await browser.get("/me")).words
    async with house.db.reading() as conn:
        assert await conn.fetchval("select count(*) from web_session where person_id = $1", house.ben.id) == 0


async def test_members_stay_a_month_and_staff_a_week_or_twelve_idle_hours(
    house: House, browsers: Browsers, clock: MovableClock
) -> None:
    anna, staff, idle = await browsers(house.anna), await browsers(house.staff), await browsers(house.staff)
    for _ in range(14):
        clock.move(timedelta(hours=11, minutes=59))
        assert (await staff.get("/me")).status == 200
    assert (await idle.get("/me")).status == 303
    clock.move(timedelta(minutes=20))
    assert (await staff.get("/me")).status == 303
    clock.set(house.now + timedelta(days=29))
    assert (await anna.get("/me")).status == 200
    clock.set(house.now + timedelta(days=30))
    assert (await anna.get("/me")).status == 303


async def given(house: House) -> str:
    """Let the team give Anna an address, and return the link that her own one gets."""
    await people.add_address(house.db, KRING, house.anna.id, "anna@given.example", now=house.now)
    async with house.db.reading() as conn:
        facts = await conn.fetchval("select facts from notice where purpose = 'address-added'")
    return f"/address/{handle(KEYS, ADDRESS, facts['confirm'])}"


async def test_an_address_that_somebody_gave_is_theirs_by_one_press(house: House, visitor: Browser) -> None:
    link = await given(house)
    page = await visitor.get(link)
    assert "Is dit adres van jou?" in page.words
    assert "a***@given.example" in page.words
    assert "anna@given.example" not in page.text
    assert "Is dit adres van jou?" in (await visitor.get(link)).words  # looking decides nothing
    pressed = await visitor.press(page, link, mine="yes")
    assert (pressed.status, pressed.location) == (303, link)
    assert "Dit adres is van jou" in (await visitor.get(link)).words


async def test_an_address_that_is_not_theirs_goes_by_one_press_and_the_link_with_it(
    house: House, visitor: Browser
) -> None:
    link = await given(house)
    page = await visitor.get(link)
    unclear = await visitor.press(page, link, mine="perhaps")
    assert (unclear.status, unclear.location) == (303, link)
    gone = await visitor.press(page, link, mine="no")
    assert (gone.status, "Het adres is weg" in gone.words) == (200, True)
    assert (await visitor.get(link)).status == 404
    assert [one.value for one in await people.addresses_of(house.db, KRING, house.anna.id)] == ["anna@example.org"]


async def test_a_link_about_an_address_that_we_did_not_make_says_nothing(house: House, visitor: Browser) -> None:
    link = await given(house)
    for wrong in (link[:-1] + ("a" if link[-1] != "a" else "b"), "/address/nonsense"):
        assert (await visitor.get(wrong)).status == 404
        assert "given.example" not in (await visitor.get(wrong)).text
