"""What is left of a gathering: written and added by who leads it, found by who may see it, told once."""

import io
from datetime import timedelta

import pytest
from aiohttp import FormData

from service.actions import attendance, circles, materials, scheduling
from service.clock import MovableClock
from service.formats.attachments import LARGEST
from service.model import Attendance, Gathering
from service.rules.access import KRING, Actor
from tests.factories import make_person
from tests.handlers.web.browsing import FROM_OUR_PAGE, Browser, Page
from tests.handlers.web.conftest import Browsers
from tests.handlers.web.house import House

PDF = b"%PDF-1.7 slides"


@pytest.fixture
async def fatima(house: House, browsers: Browsers) -> Browser:
    """The facilitator of the data circle."""
    return await browsers(house.fatima)


def at(gathering: Gathering, tail: str = "") -> str:
    return f"/manage/gatherings/{gathering.id}/report{tail}"


async def upload(browser: Browser, gathering: Gathering, name: str, content: bytes, title: str = "") -> Page:
    page = await browser.get(at(gathering))
    data = FormData({"form": page.form(at(gathering, "/files")).fields["form"], "title": title})
    data.add_field("file", io.BytesIO(content), filename=name, content_type="text/html")
    return await browser.post(at(gathering, "/files"), data, FROM_OUR_PAGE)


async def test_a_report_and_a_link_stand_at_the_gathering(house: House, fatima: Browser, browsers: Browsers) -> None:
    page = await fatima.get(at(house.open))
    assert (await fatima.press(page, at(house.open), text="We delen voortaan.\n\nMet afspraken.")).status == 303
    page = await fatima.get(at(house.open, "?saved=report"))
    assert "Opgeslagen. Er is nog niemand op de hoogte." in page.words
    await fatima.press(page, at(house.open, "/links"), url="https://example.org/slides", title="De <b>slides</b>")
    visitor = await browsers()
    shown = await visitor.get(f"/gatherings/{house.open.id}")
    assert "We delen voortaan." in shown.words
    assert '<a href="https://example.org/slides" rel="noreferrer">De &lt;b&gt;slides&lt;/b&gt;</a>' in shown.text
    page = await fatima.get(at(house.open))
    (removal,) = [form for form in page.forms if form.action.endswith("/remove")]
    await fatima.press(page, removal.action)
    await fatima.press(page, at(house.open), text=" ")
    shown = await visitor.get(f"/gatherings/{house.open.id}")
    assert "Verslag" not in shown.words
    assert "example.org/slides" not in shown.text


async def test_a_file_is_handed_back_to_be_kept_and_not_shown(
    house: House, fatima: Browser, browsers: Browsers
) -> None:
    assert (await fatima.get(at(house.members))).status == 403  # another circle's
    assert (await upload(fatima, house.open, "Zoë's slides.pdf", PDF, "Slides")).status == 303
    (kept,) = (await materials.kept(house.db, KRING, house.open.id)).materials
    path = f"/gatherings/{house.open.id}/materials/{kept.id}"
    handed = await (await browsers()).get(path)
    assert handed.body == PDF
    assert handed.headers["Content-Type"] == "application/pdf"
    assert handed.headers["Content-Disposition"].startswith('attachment; filename="Zo_')
    assert handed.headers["X-Content-Type-Options"] == "nosniff"
    assert (await fatima.get(f"/gatherings/{house.full.id}/materials/{kept.id}")).status == 404


async def test_a_large_file_comes_through_and_a_larger_or_wrong_one_does_not(house: House, fatima: Browser) -> None:
    assert (await upload(fatima, house.open, "groot.pdf", PDF + bytes(LARGEST - len(PDF)))).status == 303
    refused = await upload(fatima, house.open, "groter.pdf", PDF + bytes(LARGEST))
    assert (refused.status, "hoogstens 5 MB" in refused.words) == (400, True)
    assert (await upload(fatima, house.open, "veel.pdf", bytes(LARGEST * 2))).status == 413
    for name, content in (("x.html", b"<script>"), ("x.pdf", b"<script>"), ("", b"")):
        assert (await upload(fatima, house.open, name, content)).status == 400
    page = await fatima.get(at(house.open))
    assert (await fatima.press(page, at(house.open, "/links"), url="javascript:alert(1)")).status == 400
    assert len((await materials.kept(house.db, KRING, house.open.id)).materials) == 1


async def test_a_report_goes_once_to_those_who_were_there(
    house: House, browsers: Browsers, clock: MovableClock
) -> None:
    await materials.write_report(house.db, KRING, house.open.id, "Het was goed.", now=clock.now())
    clock.set(house.open.ends_at)
    marks = {house.anna.id: Attendance.PRESENT, house.ben.id: Attendance.ABSENT}
    await attendance.mark(house.db, KRING, house.open.id, marks, now=clock.now())
    fatima = await browsers(house.fatima)
    assert f'href="{at(house.open, "/tell")}"' in (await fatima.get(at(house.open))).text
    page = await fatima.get(at(house.open, "/tell"))
    assert "Eén iemand die erbij was krijgt het, één keer." in page.words
    assert "Het was goed." in page.words
    assert (await fatima.press(page, at(house.open, "/tell"))).status == 303
    assert (await fatima.press(page, at(house.open, "/tell"))).status == 409
    (facts,) = await house.mails("broadcast")
    assert facts["text"] == "Het was goed."
    assert "Het is al verstuurd" in (await fatima.get(at(house.open, "/tell"))).words


async def test_where_it_was_called_off_it_may_go_again(house: House, browsers: Browsers, clock: MovableClock) -> None:
    await materials.write_report(house.db, KRING, house.open.id, "Het was goed.", now=clock.now())
    clock.set(house.open.ends_at)
    await attendance.mark(house.db, KRING, house.open.id, {house.anna.id: Attendance.PRESENT}, now=clock.now())
    fatima = await browsers(house.fatima)
    await fatima.press(await fatima.get(at(house.open, "/tell")), at(house.open, "/tell"))
    messages = f"/manage/gatherings/{house.open.id}/messages"
    page = await fatima.get(messages)
    (form,) = [form for form in page.forms if form.action.endswith("/call-off")]
    await fatima.press(page, form.action)
    assert "tegengehouden" in (await fatima.get(messages)).words
    await fatima.press(await fatima.get(at(house.open, "/tell")), at(house.open, "/tell"))
    async with house.db.reading() as conn:
        states = await conn.fetch("select state from notice where purpose = 'broadcast' order by id")
    assert [row["state"] for row in states] == ["cancelled", "planned"]


async def test_what_is_kept_in_confidence_is_for_the_circle_alone(
    house: House, browsers: Browsers, clock: MovableClock
) -> None:
    inside = Actor("kring", facilitates=frozenset({house.secret.circle_id}), signed_in=True)
    await materials.write_report(house.db, inside, house.secret.id, "KANARIE verslag", now=clock.now())
    kept = await materials.add_file(
        house.db, inside, house.secret.id, title="KANARIE", name="kanarie.pdf", content=PDF, now=clock.now()
    )
    path, file = f"/gatherings/{house.secret.id}", f"/gatherings/{house.secret.id}/materials/{kept.id}"
    anna = await browsers(house.anna)
    assert "KANARIE verslag" in (await anna.get(path)).words
    assert (await anna.get(file)).status == 200
    for person in (None, house.outsider, house.staff, house.fatima):
        browser = await browsers(person)
        assert "KANARIE" not in (await browser.get(path)).text
        assert (await browser.get(file)).status == 404
    staff = await browsers(house.staff)
    assert (await staff.get(at(house.secret))).status == 403


async def test_who_was_invited_from_elsewhere_finds_it_too(
    house: House, browsers: Browsers, clock: MovableClock
) -> None:
    await circles.create(
        house.db,
        KRING,
        slug="bestuur",
        kind="board_meeting",
        title_nl="Bestuur",
        title_en="",
        language="nl",
        now=clock.now(),
    )
    facts = {"title_nl": "Intern", "starts_local": house.open.starts_local, "ends_local": house.open.ends_local}
    made = await scheduling.create(house.db, KRING, "bestuur", facts, now=clock.now())
    await scheduling.publish(house.db, KRING, made.id, now=clock.now())
    guest, other = await make_person(house.db), await make_person(house.db)
    await scheduling.invite(house.db, KRING, made.id, [guest.id], now=clock.now())
    kept = await materials.add_file(
        house.db, KRING, made.id, title="", name="x.pdf", content=PDF, now=clock.now() + timedelta(seconds=1)
    )
    path = f"/gatherings/{made.id}/materials/{kept.id}"
    assert (await (await browsers(guest)).get(path)).status == 200
    assert (await (await browsers(other)).get(path)).status == 404
