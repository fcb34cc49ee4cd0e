import asyncio
import resource
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bots.mail.caught import CaughtMail
from bots.mail.mime import Attachment, build
from service.clock import MovableClock
from service.errors import DeliveryFailed, NotFound
from tests.bots.mail.samples import CALENDAR, INVITATION, letter, mail

NOON = datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=UTC)
BOUNCES = "b-1@in.kring.example"
ZOE = "zoe@example.org"


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(NOON)


@pytest.fixture
def caught(tmp_path: Path, clock: MovableClock) -> CaughtMail:
    return CaughtMail(tmp_path / "data" / "mail", clock)


async def test_a_mail_is_kept_as_it_was_with_its_envelope_on_top(caught: CaughtMail, tmp_path: Path) -> None:
    name = await caught.send(BOUNCES, ZOE, build(INVITATION))
    assert [path.name for path in (tmp_path / "data" / "mail").iterdir()] == [name]
    assert (tmp_path / "data" / "mail" / name).read_bytes() == (
        b"Return-Path: <b-1@in.kring.example>\r\nDelivered-To: zoe@example.org\r\n" + build(INVITATION)
    )
    assert name.startswith("20261123T120000123456Z-")


async def test_mails_are_listed_newest_first(caught: CaughtMail, clock: MovableClock) -> None:
    for number in range(3):
        await caught.send(BOUNCES, f"p{number}@example.org", build(mail(message_id=f"<{number}@kring.example>")))
        clock.move(timedelta(microseconds=1))
    listed = await caught.list()
    assert [(line.to, line.subject, line.date) for line in listed] == [
        (f"p{number}@example.org", INVITATION.subject, NOON + timedelta(microseconds=number)) for number in (2, 1, 0)
    ]
    assert await caught.list(limit=1) == listed[:1]


async def test_the_same_message_id_again_takes_the_same_place(caught: CaughtMail, clock: MovableClock) -> None:
    first = await caught.send(BOUNCES, ZOE, build(INVITATION))
    clock.move(timedelta(hours=1))
    assert await caught.send(BOUNCES, ZOE, build(mail(text="anders"))) == first
    assert len(await caught.list()) == 1
    assert (await caught.read(first)).text == "anders"


async def test_the_same_message_id_after_a_restart_takes_the_same_place(tmp_path: Path, clock: MovableClock) -> None:
    first = await CaughtMail(tmp_path, clock).send(BOUNCES, ZOE, build(INVITATION))
    clock.move(timedelta(days=1))
    assert await CaughtMail(tmp_path, clock).send(BOUNCES, ZOE, build(INVITATION)) == first


async def test_a_mail_is_taken_apart(caught: CaughtMail) -> None:
    raw = build(INVITATION)
    content = await caught.read(await caught.send("", ZOE, raw))
    assert content.headers == (
        ("Return-Path", "<>"),
        ("Delivered-To", ZOE),
        ("Date", "Mon, 23 Nov 2026 17:00:00 +0000"),
        ("Message-ID", INVITATION.message_id),
        ("From", "CoP Énergie <kring@kring.example>"),
        ("To", "Zoë de Vries <zoe@example.org>"),
        ("Subject", INVITATION.subject),
        ("Reply-To", "CoP Énergie <r-abcdefghij@in.kring.example>"),
        ("Auto-Submitted", "auto-generated"),
        ("X-Auto-Response-Suppress", "OOF, AutoReply, DR, RN, NRN"),
        ("MIME-Version", "1.0"),
        ("Content-Type", content.headers[-1][1]),
    )
    assert content.text == INVITATION.text.rstrip().replace("\n", "\r\n")
    assert content.html == INVITATION.html.rstrip().replace("\n", "\r\n")
    assert content.calendar == CALENDAR
    assert content.attachments == (Attachment(filename="invite.ics", media_type="application/ics", content=CALENDAR),)
    assert content.raw.endswith(raw)


async def test_a_mail_without_calendar_and_with_a_file(caught: CaughtMail) -> None:
    roster = Attachment(filename="Énergie.csv", media_type="text/csv", content=b"a;b\r\n")
    content = await caught.read(await caught.send("", ZOE, build(letter(attachments=(roster,)))))
    assert (content.calendar, content.attachments) == (None, (roster,))


async def test_an_address_beyond_ascii_is_shown_as_it_is(caught: CaughtMail) -> None:
    await caught.send("", "zoë@example.org", build(letter(to_address="zoë@example.org")))
    [line] = await caught.list()
    assert line.to == "zoë@example.org"
    assert dict((await caught.read(line.name)).headers)["To"] == "Zoë de Vries <zoë@example.org>"


@pytest.mark.parametrize("name", ["", ".", "..", "../secret-keys", "/etc/passwd", "x.eml", "..%2fx.eml", "a\x00b"])
async def test_nothing_but_a_caught_mail_can_be_read(caught: CaughtMail, tmp_path: Path, name: str) -> None:
    kept = await caught.send(BOUNCES, ZOE, build(INVITATION))
    (tmp_path / "data" / "secret-keys").write_text("secret")
    for wrong in (name, f"{kept}/../../secret-keys", f"../mail/{kept}", kept + "\n", kept.replace(".eml", "")):
        with pytest.raises(NotFound):
            await caught.read(wrong)
    gone = kept.replace("2026", "2027")
    with pytest.raises(NotFound):
        await caught.read(gone)


async def test_strange_files_in_the_folder_are_passed_over(caught: CaughtMail, tmp_path: Path) -> None:
    assert await caught.list() == ()
    await caught.check()
    (tmp_path / "data" / "mail" / "notes.eml").write_text("x")
    assert await caught.list() == ()


async def test_a_folder_that_cannot_be_written_is_worth_another_try(tmp_path: Path, clock: MovableClock) -> None:
    (tmp_path / "mail").write_text("a file where the folder should be")
    caught = CaughtMail(tmp_path / "mail", clock)
    for attempt in (caught.check, lambda: caught.send(BOUNCES, ZOE, build(INVITATION))):
        with pytest.raises(DeliveryFailed) as failed:
            await attempt()
        assert not failed.value.permanent
    await caught.aclose()


async def test_a_disk_that_is_full_takes_nothing_leaves_nothing_behind_and_is_tried_by_many_at_once(
    caught: CaughtMail, tmp_path: Path
) -> None:
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, usual[1]))
    try:
        attempts = [caught.check() for _ in range(8)] + [caught.send(BOUNCES, ZOE, build(INVITATION))]
        failures = await asyncio.gather(*attempts, return_exceptions=True)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
    assert [str(failure) for failure in failures] == 8 * ["connect: File too large"] + ["content: File too large"]
    assert not any((tmp_path / "data" / "mail").iterdir())
    assert await asyncio.gather(*(caught.check() for _ in range(8))) == 8 * [None]
    assert not any((tmp_path / "data" / "mail").iterdir())
