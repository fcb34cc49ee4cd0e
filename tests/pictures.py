"""Takes the pictures of docs/ from the running program: `python -m tests.pictures [FOLDER] [--dark]`.

Starts the sample association in a folder of its own, looks at it as different people do, and leaves nothing behind.
"""

import argparse
import asyncio
import struct
import tempfile
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from playwright.async_api import Browser

from tests.browser import machines
from tests.browser.machines import PHONE, Device, Screen
from tests.program import CHECKOUT, Program, running
from tests.stories.letters import Letter
from tests.stories.newcomer import Newcomer, arrived
from tests.waiting import until

DESK = Device("desk", 1080, 760)
LOW = Device("desk", 1080, 680)
"""For a page of which a higher picture would be too large."""
FOLDER = CHECKOUT / "docs" / "pictures"
LARGEST = 128 * 1024
"""Bytes of a picture; a page that needs more has too much on it for a picture."""


@dataclass(frozen=True)
class Sight:
    """What a picture shows: how somebody gets there, who it is, and on which devices."""

    name: str
    go: Callable[[Newcomer, Screen], Awaitable[None]]
    who: str = ""
    language: str = "nl-NL"
    devices: tuple[Device, ...] = (DESK, PHONE)


async def agenda(_: Newcomer, screen: Screen) -> None:
    await screen.open("/")


async def answer(demo: Newcomer, screen: Screen) -> None:
    await screen.open((await invitation(demo)).link("r"))


async def own_page(_: Newcomer, screen: Screen) -> None:
    await screen.open("/me")


async def roster(_: Newcomer, screen: Screen) -> None:
    await screen.open("/manage/past")
    await screen.page.locator('.runs a[href$="/roster"]').first.click()


async def overview(_: Newcomer, screen: Screen) -> None:
    await screen.open("/manage")


async def planning(demo: Newcomer, screen: Screen) -> None:
    await screen.open(f"/manage/circles/{(await held(demo, screen))['circle']}/gatherings/new")


async def publishing(demo: Newcomer, screen: Screen) -> None:
    draft = (await planned(demo, (await held(demo, screen))["circle"], timedelta(days=30)))["id"]
    await screen.open(f"/manage/gatherings/{draft}/publish")


async def door(demo: Newcomer, screen: Screen) -> None:
    await screen.open(f"/manage/gatherings/{(await held(demo, screen))['id']}/roster/find?q=van")


async def sign(demo: Newcomer, screen: Screen) -> None:
    begun = (await planned(demo, (await held(demo, screen))["circle"], timedelta(minutes=-10)))["id"]
    await demo.call("POST", f"/gatherings/{begun}/publish")
    await screen.open(f"/manage/gatherings/{begun}/check-in?still")


async def message(demo: Newcomer, screen: Screen) -> None:
    await screen.open(f"/manage/gatherings/{(await held(demo, screen))['id']}/messages")


async def report(demo: Newcomer, screen: Screen) -> None:
    number = (await held(demo, screen))["id"]
    text = "We deelden wat werkt: klein beginnen, samen inkopen, en één iemand die het bijhoudt."
    await demo.call("PUT", f"/gatherings/{number}/report", {"text": text})
    await screen.open(f"/manage/gatherings/{number}/report")


async def held(demo: Newcomer, screen: Screen) -> dict[str, Any]:
    """Find the gathering that the facilitator led last."""
    await screen.open("/manage/past")
    link = await screen.page.locator('.runs a[href$="/roster"]').first.get_attribute("href")
    found: dict[str, Any] = await demo.call("GET", f"/gatherings/{(link or '').split('/')[3]}")
    return found


async def planned(demo: Newcomer, circle: str, ahead: timedelta) -> dict[str, Any]:
    """Plan a gathering of a circle so long from now."""
    starts = datetime.now(ZoneInfo("Europe/Amsterdam")).replace(tzinfo=None, second=0, microsecond=0) + ahead
    if ahead > timedelta(0):
        starts = starts.replace(hour=16, minute=0)
    facts = {
        "circle": circle,
        "title": {"nl": "Samen digitaal verder", "en": "Going digital together"},
        "starts_at": starts.isoformat(),
        "ends_at": (starts + timedelta(hours=2)).isoformat(),
        "timezone": "Europe/Amsterdam",
        "location": "Zaal 3, Utrecht",
    }
    made: dict[str, Any] = await demo.call("POST", "/gatherings", facts, status=201)
    return made


async def answers(demo: Newcomer, screen: Screen) -> None:
    number = (await planned(demo, (await held(demo, screen))["circle"], timedelta(days=30)))["id"]
    await demo.call("POST", f"/gatherings/{number}/publish")
    choices = [{"text": {"nl": words}} for words in ("Alles", "Vegetarisch", "Veganistisch")]
    diet = {"kind": "choice", "text": {"nl": "Wat eet je?"}, "choices": choices}
    drinks = {"kind": "yes-no", "text": {"nl": "Blijf je voor de borrel?"}}
    asked = await demo.call("PUT", f"/gatherings/{number}/questions", {"items": [diet, drinks]})
    first, second = (one["id"] for one in asked["items"])
    people = (await demo.call("GET", f"/gatherings/{number}/registrations"))["items"]
    for at, one in enumerate([one for one in people if not one["facilitator"]][:9]):
        place = f"/gatherings/{number}/registrations/{one['person_id']}"
        await demo.call("PUT", place, {"partstat": "accepted"})
        said = [{"question_id": first, "choice": (1, 2, 1, 3)[at % 4]}, {"question_id": second, "yes": at % 3 > 0}]
        await demo.call("PUT", f"{place}/answers", {"items": said})
    await screen.open(f"/manage/gatherings/{number}/answers")


async def plan(_: Newcomer, screen: Screen) -> None:
    await screen.open("/manage/plan")


async def mail(demo: Newcomer, screen: Screen) -> None:
    await screen.open(f"/dev/mail?to={(await invitation(demo)).to}")
    await screen.page.locator(".mails a").first.click()
    await screen.page.frame_locator("iframe.letter").locator("h1").wait_for()


async def invitation(demo: Newcomer) -> Letter:
    """Find an invitation in Dutch to somebody who takes part; whoever leads a gathering is told otherwise."""

    def fits(letter: Letter) -> bool:
        return letter.method == "REQUEST" and "van harte" in letter.text

    async def it_is_there() -> bool:
        return any(fits(letter) for letter in demo.mailbox.letters)

    await until(it_is_there)
    return next(letter for letter in demo.mailbox.letters if fits(letter))


SIGHTS = (
    Sight("agenda", agenda, language="en-GB", devices=(LOW, PHONE)),
    Sight("answer", answer, devices=(PHONE, DESK)),
    Sight("own-page", own_page, "member", "en-GB"),
    Sight("roster", roster, "facilitator"),
    Sight("overview", overview, "facilitator", devices=(DESK,)),
    Sight("planning", planning, "facilitator", devices=(DESK,)),
    Sight("publishing", publishing, "facilitator", devices=(DESK,)),
    Sight("door", door, "facilitator", devices=(PHONE,)),
    Sight("sign", sign, "facilitator", devices=(DESK,)),
    Sight("answers", answers, "facilitator", devices=(DESK,)),
    Sight("message", message, "facilitator", devices=(PHONE,)),
    Sight("report", report, "facilitator", devices=(PHONE,)),
    Sight("plan", plan, "staff", "en-GB"),
    Sight("mail", mail),
)
"""The first device of each gives its name alone to the file, the second gets a word behind it."""


async def take(folder: Path, *, dark: bool) -> None:
    """Take every picture."""
    executable = machines.find()
    if executable is None:
        raise SystemExit("There is no chromium in PATH.")
    with tempfile.TemporaryDirectory(prefix="kring-pictures-") as ground:
        async with (
            machines.chromium(executable) as browser,
            running(Program(Path(ground) / "demo"), "--demo") as program,
            arrived(program) as demo,
        ):
            made = await program.kring("api-key", "create", "pictures", "--role", "staff")
            demo.key = made.stdout.strip()
            cookies = {who: await entered(demo, who) for who in sorted({sight.who for sight in SIGHTS if sight.who})}
            large = [
                path.name
                for sight in SIGHTS
                for path in await look(browser, demo, sight, folder, cookie=cookies.get(sight.who), dark=dark)
                if path.stat().st_size > LARGEST
            ]
    if large:
        raise SystemExit(f"Larger than {LARGEST // 1024} KB: {', '.join(large)}")


async def entered(demo: Newcomer, who: str) -> str:
    """Sign in once, as the printed link allows, and return the cookie."""
    return (await demo.signed_in(who)).cookie("kring") or ""


async def look(
    browser: Browser, demo: Newcomer, sight: Sight, folder: Path, *, cookie: str | None, dark: bool
) -> list[Path]:
    """Take the pictures of one sight on each of its devices, and return where they are."""
    paths = []
    scheme = "dark" if dark else "light"
    for at, device in enumerate(sight.devices):
        path = folder / f"{sight.name}{f'-{device.name}' if at else ''}.png"
        url = demo.program.url
        async with machines.screen(browser, device, url, locale=sight.language, color_scheme=scheme) as screen:
            if cookie:
                await screen.page.context.add_cookies([{"name": "kring", "value": cookie, "url": url}])
            await sight.go(demo, screen)
            path.write_bytes(smaller(await screen.page.screenshot()))
        print(f"{path.name}: {path.stat().st_size // 1024} KB")  # noqa: T201
        paths.append(path)
    return paths


def smaller(png: bytes) -> bytes:
    """Compress the pixels of a PNG as well as zlib can; a browser takes no time for that (RFC 2083 section 4.1.3)."""
    chunks, at = [], 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        chunks.append((png[at + 4 : at + 8], png[at + 8 : at + 8 + length]))
        at += 12 + length
    pixels = zlib.compress(zlib.decompress(b"".join(data for kind, data in chunks if kind == b"IDAT")), 9)
    kept = [chunk for chunk in chunks if chunk[0] == b"IHDR"] + [(b"IDAT", pixels), (b"IEND", b"")]
    return png[:8] + b"".join(_chunk(*chunk) for chunk in kept)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def main() -> None:
    """Read the arguments and take the pictures."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folder", nargs="?", type=Path, default=FOLDER)
    arguments.add_argument("--dark", action="store_true", help="as on a screen at night")
    given = arguments.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(take(given.folder, dark=given.dark))


if __name__ == "__main__":
    main()
