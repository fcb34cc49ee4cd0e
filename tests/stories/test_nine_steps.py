"""What a newcomer does in the first half hour, from outside: the real program, its pages, its commands, its mail."""

import csv
import io
import re
import zipfile
from datetime import datetime
from typing import Any

from icalendar import Calendar

from tests.handlers.web.browsing import Browser, Page
from tests.program import Program
from tests.stories.gathering import SEATS, Gathering, answer, confirms, members_of, person_of, stands
from tests.stories.letters import Letter, invites
from tests.stories.newcomer import Newcomer, gatherings, handy_draft, heading, shown
from tests.stories.talking import reads_the_caught_mail, talks_in_the_browser, talks_in_the_terminal
from tests.waiting import until


async def test_a_newcomer_walks_the_nine_steps(demo: Newcomer, clone_dsn: str) -> None:
    await sees_the_agenda_in_two_languages(demo)
    gathering = await publishes_a_gathering(demo, clone_dsn)
    await answers_with_the_link_in_the_mail(demo, gathering)
    await fills_it_up_and_waits(demo, gathering)
    await sees_the_longest_waiting_move_up(demo, gathering)
    await talks_in_the_terminal(demo, gathering)
    member = await signs_in_by_mail(demo, gathering)
    await subscribes_a_calendar(demo, gathering, member)
    await marks_who_was_there(demo)
    await looks_at_the_plan(demo)
    await talks_in_the_browser(demo, gathering)
    await reads_the_caught_mail(demo, gathering)
    await everybody_was_invited_once(demo, gathering)
    await stops_it(demo.program)


async def sees_the_agenda_in_two_languages(demo: Newcomer) -> None:
    dutch, english = await demo.browser("nl"), await demo.browser("en")
    agenda, translated = gatherings(await dutch.get("/")), gatherings(await english.get("/"))
    assert list(agenda) == list(translated) != []
    assert set(agenda.values()).isdisjoint(translated.values())
    for browser, listed in ((dutch, agenda), (english, translated)):
        path, title = next(iter(listed.items()))
        page = await browser.get(path)
        assert (page.status, heading(page)) == (200, title)
    assert heading(await dutch.get("/circles")) == "Kringen"
    assert heading(await dutch.get("/circles?lang=en")) == "Circles"
    assert heading(await dutch.get("/circles")) == "Circles"  # what was chosen at the foot of a page stays


async def publishes_a_gathering(demo: Newcomer, dsn: str) -> Gathering:
    made = await demo.program.kring("api-key", "create", "walk", "--role", "staff")
    assert (made.code, made.complaints) == (0, [])
    demo.key = made.stdout.strip()
    draft = await handy_draft(demo)
    members = await members_of(dsn, draft["circle"])
    at = f"/gatherings/{draft['id']}"
    assert (await demo.call("PATCH", at, {"capacity": SEATS, "organisation_quota": None}))["status"] == "draft"
    published = await demo.call("POST", f"{at}/publish")
    assert (published["status"], published["counts"]["invited"]) == ("published", len(members))
    assert (await demo.call("POST", f"{at}/publish"))["sequence"] == published["sequence"]  # again: nothing happens

    letters = await demo.mailbox.find(len(members), lambda letter: invites(letter, published))
    assert sorted(letter.to for letter in letters) == sorted(members)
    assert {len(letter.attendees) for letter in letters} == {1}
    assert [str(letter.attendees[0]).lower() for letter in letters] == [f"mailto:{letter.to}" for letter in letters]
    assert {letter.method for letter in letters} == {"REQUEST"}
    assert len({letter.uid for letter in letters}) == len(members)
    registered = (await demo.call("GET", f"{at}/registrations"))["items"]
    assert {(one["partstat"], one["seat"]) for one in registered} == {("needs-action", "none")}
    takes_a_seat = {one["person_id"] for one in registered if not one["facilitator"]}
    people = {address: await person_of(demo, address) for address in members}
    invited = {one.to: one for one in letters if people[one.to]["id"] in takes_a_seat}
    return Gathering(draft["id"], draft["circle"], published, invited, people)


async def answers_with_the_link_in_the_mail(demo: Newcomer, gathering: Gathering) -> None:
    invitation = gathering.invitations[gathering.seat(0)]
    link = invitation.link("r")
    before = await demo.standings(gathering.id)
    scanner = await demo.browser()
    for path in (link, f"{link}?answer=accepted", f"{link}?answer=declined"):
        assert (await scanner.get(path)).status == 200
        assert (await scanner.ask("HEAD", path)).status == 200
    assert await demo.standings(gathering.id) == before

    await answer(demo, gathering, 0, "accepted")
    assert await stands(demo, gathering, 0) == ("accepted", "seated", None)
    _, confirmation = await demo.mailbox.copies(invitation, 2)
    confirms(confirmation, invitation)


async def fills_it_up_and_waits(demo: Newcomer, gathering: Gathering) -> None:
    for at in range(1, SEATS):
        await answer(demo, gathering, at, "accepted")
        assert await stands(demo, gathering, at) == ("accepted", "seated", None)
    for place, at in enumerate((SEATS, SEATS + 1), start=1):
        page = await answer(demo, gathering, at, "accepted")
        dutch, english = f"Je staat op de wachtlijst, plek {place}.", f"You are on the waiting list, place {place}."
        language = gathering.people[gathering.seat(at)]["language"]
        assert (dutch if language == "nl" else english) in page.words
        assert await stands(demo, gathering, at) == ("accepted", "waiting", place)
    assert (await demo.call("GET", f"/gatherings/{gathering.id}"))["counts"]["seated"] == SEATS


async def sees_the_longest_waiting_move_up(demo: Newcomer, gathering: Gathering) -> None:
    invitation = gathering.invitations[gathering.seat(SEATS)]
    _, waiting = await demo.mailbox.copies(invitation, 2)
    await answer(demo, gathering, 1, "declined")
    assert [await stands(demo, gathering, at) for at in (1, SEATS, SEATS + 1)] == [
        ("declined", "none", None),
        ("accepted", "seated", None),
        ("accepted", "waiting", 1),
    ]
    _, _, promotion = await demo.mailbox.copies(invitation, 3)
    confirms(promotion, waiting)
    assert int(promotion.appointment["sequence"]) > int(waiting.appointment["sequence"])


async def signs_in_by_mail(demo: Newcomer, gathering: Gathering) -> Browser:
    address = gathering.seat(0)
    desk = await demo.browser()
    assert (await desk.get("/me")).location == "/login?next=me"
    await asks_to_sign_in(desk, address)
    (mail,) = await demo.mailbox.find(1, lambda letter: letter.to == address and "/login/" in letter.text)
    await a_scanner_uses_nothing_up(demo, mail)

    link = mail.link("login")
    welcome = await desk.get(link)
    assert (welcome.status, heading(welcome)) == (200, "Welkom terug")
    own_page = await shown(desk, await desk.press(welcome, link))
    assert own_page.path == "/me"
    assert f"/gatherings/{gathering.id}" in gatherings(own_page)
    assert (await desk.get(link)).status == 410
    await signs_in_with_the_code(demo, address)
    return desk


async def asks_to_sign_in(browser: Browser, address: str) -> Page:
    page = await browser.press(await browser.get("/login"), "/login", email=address)
    assert (page.status, heading(page)) == (200, "Kijk in je mailbox")
    return page


async def a_scanner_uses_nothing_up(demo: Newcomer, mail: Letter) -> None:
    for _ in range(3):
        scanner = await demo.browser()
        page = await scanner.get(mail.link("login"))
        assert page.status == 200
        assert "in een andere browser" in heading(page)
        assert [form for form in page.forms if form.action.startswith("/login")] == []
        assert (await scanner.get("/me")).location == "/login?next=me"


async def signs_in_with_the_code(demo: Newcomer, address: str) -> None:
    """Ask on one device, read the mail on another, and type its code on the first."""
    tv = await demo.browser()
    page = await asks_to_sign_in(tv, address)
    *_, mail = await demo.mailbox.find(2, lambda letter: letter.to == address and "/login/" in letter.text)
    await a_scanner_uses_nothing_up(demo, mail)
    wrong = f"{(int(mail.code) + 1) % 1_000_000:06}"
    again = await tv.press(page, "/login/code", code=wrong)
    assert again.status == 400
    assert (await shown(tv, await tv.press(again, "/login/code", code=mail.code))).path == "/me"


async def subscribes_a_calendar(demo: Newcomer, gathering: Gathering, member: Browser) -> None:
    public = await reads_a_feed(demo, "/feeds/public.ics")
    assert [str(event["summary"]) for event in public] != []
    made = await member.press(await member.get("/me"), "/me/feeds")
    own = await reads_a_feed(demo, address_of(made))
    made = await member.press(await member.get(f"/circles/{gathering.circle}"), "/me/feeds")
    circle = await reads_a_feed(demo, address_of(made))
    begins = datetime.fromisoformat(gathering.facts["starts_at_utc"])
    for feed in (own, circle):
        (found,) = [event for event in feed if event.decoded("dtstart") == begins]
        assert str(found["summary"]) in gathering.facts["title"].values()


def address_of(page: Page) -> str:
    """Return the path of the feed that was just made."""
    (found,) = re.findall(r'<code class="secret">https?://[^/]+(/feeds/\S+\.ics)</code>', page.text)
    return str(found)


async def reads_a_feed(demo: Newcomer, path: str) -> list[Any]:
    """Fetch a feed as a calendar does, a second time with the tag of the first."""
    calendar = await demo.browser()
    first = await calendar.get(path)
    assert (first.status, first.headers["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    again = await calendar.get(path, If_None_Match=first.headers["ETag"])
    assert (again.status, again.body) == (304, b"")
    events = Calendar.from_ical(first.body).walk("VEVENT")
    assert [event for event in events if "attendee" in event or "organizer" in event] == []
    return list(events)


async def marks_who_was_there(demo: Newcomer) -> None:
    facilitator = await demo.signed_in("facilitator")
    past = await facilitator.get("/manage/past")
    number, *_ = re.findall(r"/manage/gatherings/(\d+)/roster", past.text)
    place = f"/manage/gatherings/{number}/roster"
    listed, further = [], f"{place}?show=all"
    while further:
        everyone = await facilitator.get(further)
        listed += re.findall(r'<div class="who"><b>(.+?)</b>', everyone.text)
        further = "".join(re.findall(r'rel="next" href="(.+?)"', everyone.text)).replace("&amp;", "&")
    registered = (await demo.call("GET", f"/gatherings/{number}/registrations"))["items"]
    names = [one["name"] for one in registered]
    assert listed == [name.replace("'", "&#39;") for name in names]
    missed = next(one for one in registered if one["attendance"] != "present")
    marked = await facilitator.press(everyone, place, **{f"p{missed['person_id']}": "present"})
    assert "Opgeslagen." in (await shown(facilitator, marked)).words
    after = (await demo.call("GET", f"/gatherings/{number}/registrations"))["items"]
    assert {one["person_id"] for one in after if one["attendance"] == "present"} == {
        one["person_id"] for one in registered if one["attendance"] == "present"
    } | {missed["person_id"]}
    await takes_the_list_along(facilitator, everyone, place, [one["name"] for one in after])


async def takes_the_list_along(facilitator: Browser, page: Page, place: str, names: list[str]) -> None:
    form = page.form(f"{place}.xlsx")  # of two buttons; the other leads to the text file
    text = await facilitator.post(form.buttons[1]["formaction"], form.fields)
    assert form.buttons[1]["formaction"] == f"{place}.csv"
    assert text.headers["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.reader(io.StringIO(text.body.decode("utf-8-sig"))))
    assert [row[0] for row in rows[1:]] == names
    sheet = await facilitator.press(page, f"{place}.xlsx")
    with zipfile.ZipFile(io.BytesIO(sheet.body)) as archive:
        words = archive.read("xl/sharedStrings.xml").decode()
    assert [name for name in names if name.replace("'", "&apos;") not in words and name not in words] == []


async def looks_at_the_plan(demo: Newcomer) -> None:
    staff = await demo.signed_in("staff")
    page = await staff.get("/manage/plan?lang=en")
    year = re.findall(r"\d{4}", heading(page))[0]
    lines = (await demo.call("GET", f"/plan/{year}"))["items"]
    assert len(lines) > 20
    promised = [line for line in lines if line["output"] == "gathering"]
    for word, count in (("gatherings held", "held"), ("scheduled", "scheduled"), ("in draft", "drafts")):
        assert f"<dt>{word}</dt><dd>{sum(line[count] for line in promised)}</dd>" in page.text
    assert len(re.findall(r'<th role="rowheader"', page.text)) == len(lines)
    member = await demo.signed_in("member")
    assert (await member.get("/manage/plan")).status == 403


async def everybody_was_invited_once(demo: Newcomer, gathering: Gathering) -> None:
    """Look back when all is sent; who said yes and no in one breath in the terminal need not hear of the first."""
    hasty = gathering.people[gathering.seat(SEATS + 2)]["id"]

    async def told() -> list[tuple[int, str]]:
        ledger = await demo.every(f"/gatherings/{gathering.id}/notices")
        return [(one["person_id"], one["state"]) for one in ledger if one["purpose"] != "reminder"]

    async def all_is_sent() -> bool:
        return not {"planned", "claimed"} & {state for _, state in await told()}

    await until(all_is_sent)
    assert {(person, state) for person, state in await told() if state != "sent"} <= {(hasty, "expired")}
    await demo.mailbox.find(len(gathering.people), lambda letter: invites(letter, gathering.facts))


async def stops_it(program: Program) -> None:
    program.interrupt()
    assert await program.ended() == 0
    assert program.left_behind == []
    assert program.complaints == ["Stopping."]
    assert [line for line in program.log if line["level"] not in ("debug", "info")] == []
    assert [line for line in program.log if "@" in str(line)] == []
