"""The demo's mailbox and chat: only there, only for whoever sits at the machine, and nothing in a mail can run."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer

from bots.mail.caught import CaughtMail
from bots.mail.mime import build as built
from handlers.dialogue import dispatch, turn
from handlers.web import dev
from handlers.web.app import build
from handlers.web.dev.chat import KEPT, TALKS
from handlers.web.dev.links import linked
from handlers.web.dev.mail import MANY
from handlers.web.middleware import HEADERS
from handlers.web.site import Site
from service.channels import Choice, Document, Facts, Heading, Inbound, Intent, Outbound, Paragraph, Topic
from service.clock import MovableClock
from service.database import Database
from service.model import Partstat
from tests.bots.mail.samples import letter, mail
from tests.handlers.web.browsing import FROM_OUR_PAGE, Browser, Page
from tests.handlers.web.conftest import Browsers
from tests.handlers.web.house import KEYS, House

SITE = Site(name="Kring", base_url="http://kring.test", language="nl", timezone="Europe/Amsterdam", demo=True)
GOLDEN = Path(__file__).parents[2] / "formats" / "golden"
SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(1)><form action=/logout></form>"


@pytest.fixture
def caught(tmp_path: Path, clock: MovableClock) -> CaughtMail:
    return CaughtMail(tmp_path / "mail", clock)


@pytest.fixture
async def served(db: Database, clock: MovableClock, caught: CaughtMail) -> AsyncIterator[TestServer]:
    """The demo, listening, with the real dialogue behind its chat."""
    site = turn.Site(name=SITE.name, base_url=SITE.base_url, timezone=SITE.timezone, language=SITE.language)

    async def answer(inbound: Inbound) -> Sequence[Outbound]:
        return await dispatch.handle(db, inbound, keys=KEYS, now=clock.now(), site=site)

    app = build(db=db, clock=clock, keys=KEYS, site=SITE, more=[dev.routes(mailbox=caught, answer=answer)])
    async with TestServer(app) as server:
        yield server


async def keep(caught: CaughtMail, clock: MovableClock, to: str = "zoe@example.org", **changes: object) -> str:
    clock.move(timedelta(seconds=1))
    sent = letter(message_id=f"<{clock.now().timestamp()}@kring.example>", to_address=to, **changes)
    return await caught.send("b-1@in.kring.example", to, built(sent))


# The door ------------------------------------------------------------------------------------------------------------

PATHS = ("/dev/mail", "/dev/mail/NAME", "/dev/mail/NAME/html", "/dev/mail/NAME/raw", "/dev/chat", "/dev/chat/file")


async def test_without_the_demo_there_is_nothing(
    db: Database, house: House, clock: MovableClock, caught: CaughtMail
) -> None:
    async def answer(inbound: Inbound) -> Sequence[Outbound]:
        return ()

    name = await keep(caught, clock)
    plain = Site(name="Kring", base_url=SITE.base_url, language="nl", timezone="Europe/Amsterdam")
    for more in ([], [dev.routes(mailbox=caught, answer=answer)]):
        app = build(db=db, clock=clock, keys=KEYS, site=plain, more=more)
        async with TestServer(app) as server, TestClient(server) as client:
            browser = Browser(client)
            for path in PATHS:
                assert (await browser.get(path.replace("NAME", name))).status == 404, path
            assert "/dev/" not in (await browser.get("/")).text


async def test_whoever_comes_through_a_proxy_finds_nothing(
    visitor: Browser, caught: CaughtMail, clock: MovableClock
) -> None:
    name = await keep(caught, clock)
    for path in PATHS:
        address = path.replace("NAME", name)
        assert (await visitor.get(address, X_Forwarded_For="192.0.2.7")).status == 404, path
        assert (await visitor.get(address)).status == (404 if path == "/dev/chat/file" else 200), path
    assert (await visitor.post("/dev/chat", {"as": "x", "text": "agenda"}, FROM_OUR_PAGE)).status == 403


async def test_the_pages_of_the_demo_lead_to_them(visitor: Browser) -> None:
    page = await visitor.get("/")
    assert 'href="/dev/mail"' in page.text
    assert 'href="/dev/chat"' in page.text


# The mailbox ---------------------------------------------------------------------------------------------------------


async def test_the_mailbox_lists_the_newest_first_and_by_address(
    visitor: Browser, caught: CaughtMail, clock: MovableClock
) -> None:
    assert "Er is nog niets verstuurd." in (await visitor.get("/dev/mail")).words
    for number in range(MANY + 2):
        await keep(caught, clock, f"p{number}@example.org", subject=f"Mail {number}.")
    first = await visitor.get("/dev/mail")
    assert first.words.index(f"Mail {MANY + 1}.") < first.words.index(f"Mail {MANY}.") < first.words.index("Mail 2.")
    assert "Mail 1." not in first.words
    following = first.text.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    second = await visitor.get(following)
    assert "Mail 1." in second.words
    assert "Mail 2." not in second.words
    one = await visitor.get("/dev/mail?to=P7@")
    assert "1 mail" in one.words
    assert "Mail 7." in one.words
    assert "Naar zo'n adres is geen mail gegaan." in (await visitor.get("/dev/mail?to=nobody")).words


async def test_a_mail_is_shown_as_its_reader_sees_it(visitor: Browser, caught: CaughtMail) -> None:
    sent = mail(
        calendar=(GOLDEN / "request.nl.ics").read_bytes(),
        text="Kom je?\n\nhttp://kring.test/r/abc?answer=accepted\nhttp://kring.test.evil.example/r/abc\n",
    )
    name = await caught.send("b-1@in.kring.example", "zoe@example.org", built(sent))
    page = await visitor.get(f"/dev/mail/{name}")
    assert sent.subject in page.words
    assert "Zoë de Vries <zoe@example.org>" in page.words
    assert '<a href="http://kring.test/r/abc?answer=accepted">' in page.text
    assert '<a href="http://kring.test.evil' not in page.text
    assert "REQUEST: nodigt uit of wijzigt" in page.words
    assert "Het antwoord tot nu toe PARTSTAT NEEDS-ACTION" in page.words
    assert "Versie SEQUENCE 0" in page.words
    assert "In de agenda als STATUS CONFIRMED" in page.words
    assert "Begint DTSTART dinsdag 1 december om 16.00 uur" in page.words
    assert "BEGIN:VCALENDAR" in page.words
    raw = await visitor.get(f"/dev/mail/{name}/raw")
    assert raw.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert raw.body.endswith(built(sent))


async def test_a_mail_without_a_calendar_part_says_nothing_of_calendars(
    visitor: Browser, caught: CaughtMail, clock: MovableClock
) -> None:
    page = await visitor.get(f"/dev/mail/{await keep(caught, clock)}")
    assert "Voor de agenda" not in page.words
    assert page.status == 200


async def test_the_html_of_a_mail_can_run_nothing_and_load_nothing(
    visitor: Browser, caught: CaughtMail, clock: MovableClock
) -> None:
    name = await keep(caught, clock, html=f"<p>Kom je?</p>{SCRIPT}", text=f"Kom je? {SCRIPT}", subject=f"Hoi {SCRIPT}")
    letter_page = await visitor.get(f"/dev/mail/{name}/html")
    assert SCRIPT in letter_page.text  # as it was sent; what keeps it still is the policy
    policy = dict(
        part.strip().partition(" ")[::2] for part in letter_page.headers["Content-Security-Policy"].split(";")
    )
    assert policy == {
        "default-src": "'none'",
        "style-src": "'unsafe-inline'",
        "img-src": "data:",
        "form-action": "'none'",
        "base-uri": "'none'",
        "frame-ancestors": "'self'",
        "sandbox": "allow-top-navigation-by-user-activation",
    }
    page = await visitor.get(f"/dev/mail/{name}")
    assert page.headers["Content-Security-Policy"] == HEADERS["Content-Security-Policy"] + "; frame-src 'self'"
    assert SCRIPT not in page.text
    assert 'sandbox="allow-top-navigation-by-user-activation"' in page.text
    for tail in ("", "/html", "/raw"):
        shown = await visitor.get(f"/dev/mail/{name}{tail}")
        assert shown.headers["X-Content-Type-Options"] == "nosniff"
        assert shown.headers["Cache-Control"] == "no-store"


async def test_names_of_other_files_lead_nowhere(visitor: Browser, caught: CaughtMail, clock: MovableClock) -> None:
    await keep(caught, clock)
    for name in ("..", "../secret-keys", "%2e%2e%2fsecret-keys", "20261123T120000000000Z-000000000000.eml", "x"):
        for tail in ("", "/html", "/raw"):
            assert (await visitor.get(f"/dev/mail/{name}{tail}")).status == 404, name


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("<b>", "&lt;b&gt;"),
        ("zie https://k.test/r/a.", 'zie <a href="https://k.test/r/a">https://k.test/r/a</a>.'),
        ("https://k.test", '<a href="https://k.test">https://k.test</a>'),
        ("https://k.testament/x", "https://k.testament/x"),
        ("https://k.test@evil.example/", "https://k.test@evil.example/"),
        ('https://k.test/"onclick=x', '<a href="https://k.test/">https://k.test/</a>&#34;onclick=x'),
    ],
)
def test_only_our_own_addresses_become_links(text: str, made: str) -> None:
    assert linked(text, base_url="https://k.test") == made


# The chat ------------------------------------------------------------------------------------------------------------


async def say(browser: Browser, address: str, text: str) -> Page:
    page = await browser.get(f"/dev/chat?as={address}")
    form = next(form for form in page.forms if form.action == "/dev/chat")
    said = await browser.post("/dev/chat", {"form": form.fields["form"], "as": address, "text": text})
    assert said.status == 303, said
    return await browser.get(said.location.partition("#")[0])


async def test_people_are_found_by_name_and_address(house: House, visitor: Browser) -> None:
    page = await visitor.get("/dev/chat")
    for name in ("Anna de Vries", "Fatima Aziz Begeleider", "Sanne Staf Team", "Olaf Buiten"):
        assert name in page.words
    found = await visitor.get("/dev/chat?q=BEN@")
    assert "Ben Okafor" in found.words
    assert "Anna" not in found.words
    for nobody in ("zzz", "%", "_", "\\"):
        assert "Niemand gevonden." in (await visitor.get(f"/dev/chat?q={nobody.replace('%', '%25')}")).words, nobody


async def test_a_talk_with_kring(house: House, visitor: Browser) -> None:
    empty = await visitor.get("/dev/chat?as=anna@example.org")
    assert "Zeg hallo of vraag om de agenda" in empty.words
    page = await say(visitor, "anna@example.org", "agenda")
    assert "Gegevens delen" in page.words
    assert "Macht aan tafel" not in page.words
    keyword = next(
        button["value"]
        for form in page.forms
        for button in form.buttons
        if button.get("value", "").startswith("ja") and str(house.open.id) in button["value"]
    )
    await say(visitor, "anna@example.org", keyword)
    async with house.db.reading() as conn:
        row = await conn.fetchrow(
            "select partstat, via from registration where gathering_id = $1 and person_id = $2",
            house.open.id,
            house.anna.id,
        )
    assert tuple(row) == (Partstat.ACCEPTED, "web")


async def test_every_browser_has_its_own_talk_and_every_person_too(
    house: House, browsers: Browsers, visitor: Browser
) -> None:
    await say(visitor, "anna@example.org", "help")
    other = await browsers()
    assert "Zeg hallo" in (await other.get("/dev/chat?as=anna@example.org")).words
    assert "Zeg hallo" in (await visitor.get("/dev/chat?as=ben@example.org")).words
    assert "Zeg hallo" not in (await visitor.get("/dev/chat?as=anna@example.org")).words


async def test_a_message_from_elsewhere_is_refused(house: House, visitor: Browser) -> None:
    before = await house.digest()
    assert (await visitor.post("/dev/chat", {"as": "anna@example.org", "text": "stop"})).status == 403
    form = (await visitor.get("/dev/chat?as=anna@example.org")).form("/dev/chat").fields
    cross = {"Sec-Fetch-Site": "cross-site"}
    assert (await visitor.post("/dev/chat", {**form, "text": "stop"}, cross)).status == 403
    assert await house.digest() == before


SAID = Outbound(
    "x",
    (
        Heading("Kop <b>"),
        Paragraph("Zie http://kring.test/me en <script>"),
        Facts((("Waar", "Zaal 3"),)),
        Document("lijst.csv", "text/csv", b"a;b"),
    ),
    (Choice("Ja, ik kom", Intent(Topic.ACCEPT, "12"), "ja 12", "http://kring.test/r/x"),),
)


@pytest.fixture
async def scripted(db: Database, clock: MovableClock, caught: CaughtMail) -> AsyncIterator[Browser]:
    """A browser before a Kring that always says the same."""

    async def answer(inbound: Inbound) -> Sequence[Outbound]:
        assert (inbound.channel, inbound.scope, inbound.intent) == ("web", "private", None)
        return (SAID, SAID)

    app = build(db=db, clock=clock, keys=KEYS, site=SITE, more=[dev.routes(mailbox=caught, answer=answer)])
    async with TestServer(app) as server, TestClient(server) as client:
        yield Browser(client)


async def test_every_kind_of_block_and_choice_is_drawn(scripted: Browser) -> None:
    page = await say(scripted, "anna@example.org", "<i>hallo</i>")
    assert "<h2>Kop &lt;b&gt;</h2>" in page.text
    assert 'Zie <a href="http://kring.test/me">http://kring.test/me</a> en &lt;script&gt;' in page.text
    assert "<dt>Waar</dt><dd>Zaal 3</dd>" in page.text
    assert "&lt;i&gt;hallo&lt;/i&gt;" in page.text
    assert page.forms[0].buttons == [
        {"class": "small quiet", "name": "text", "value": "ja 12"},
    ]
    file = await scripted.get("/dev/chat/file?as=anna@example.org&name=lijst.csv")
    assert (file.status, file.body, file.headers["Content-Type"]) == (200, b"a;b", "text/csv")
    assert file.headers["Content-Disposition"] == 'attachment; filename="lijst.csv"'
    assert (await scripted.get("/dev/chat/file?as=ben@example.org&name=lijst.csv")).status == 404


async def test_a_talk_is_kept_only_so_long(scripted: Browser) -> None:
    for number in range(KEPT + 3):
        page = await say(scripted, "anna@example.org", f"bericht {number}.")
    assert "bericht 2." not in page.words
    assert "bericht 3." in page.words
    for number in range(TALKS):
        await say(scripted, f"p{number}@example.org", "hallo")
    assert "Zeg hallo" in (await scripted.get("/dev/chat?as=anna@example.org")).words


async def test_saying_nothing_says_nothing(scripted: Browser) -> None:
    page = await say(scripted, "anna@example.org", "   ")
    assert "Zeg hallo" in page.words
