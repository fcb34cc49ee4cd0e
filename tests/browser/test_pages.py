"""Every page that links lead to, as each sort of visitor sees it, on a desk and in a hand."""

import re

import pytest

from tests.browser import accessibility, checks
from tests.browser.conftest import Screens, sound
from tests.browser.machines import DESK, Device, Screen

pytestmark = pytest.mark.browser

LINKS = "() => [...document.querySelectorAll('a[href]')].map((one) => one.getAttribute('href'))"
FILES = re.compile(r"\.(ics|csv|xlsx|json)$|/raw$|^/static/")
STRANGE = (
    "/api",
    "/login/code",
    "/login/x",
    "/r/x",
    "/u/x",
    "/nowhere",
    "/gatherings/0",
    "/dev/mail?to=nobody",
    "/manage",
)
"""Addresses that no link leads to: what is refused gets a page that is sound as well."""

LONG_WORD = "Klimaatrechtvaardigheidsvertrouwenspersonenoverleg"

UNSOUND = """<!doctype html><meta name="viewport" content="width=device-width"><title>x</title><body>
<h1>One</h1><h1>Two</h1><h3>Skipped</h3><img src="data:,"><input id="a"><p id="a">twice</p><a href="#nowhere"></a>
<p style="width: 3000px">wide</p><table><tr><th>x</table><fieldset></fieldset><button>x</button>"""


UNREADABLE = """<!doctype html><html lang="nl"><title>Leesbaar</title><body><main><h1>Kop</h1>
<p style="color: #aaa; background: #fff">nauwelijks te lezen</p><img src="data:,"><input><a href="/x"></a></main>"""


async def test_every_page_for_visitors_is_sound(screens: Screens) -> None:
    screen = await screens("en-GB")
    screen.refused = {404, 410}
    seen = await walk(screen, ["/", *STRANGE])
    expected = {
        "/",
        "/circles",
        "/circles/…",
        "/gatherings/N",
        "/dev/mail",
        "/dev/mail/…",
        "/dev/chat",
        "/r/…",
        "/login",
    }
    assert expected - seen == set()


async def test_every_page_for_who_runs_things_is_sound(screens: Screens, device: Device) -> None:
    """At a desk the office, in the hand a facilitator at the door."""
    who = "facilitator" if device.mobile else "staff"
    screen = await screens("nl-NL", who)
    seen = await walk(screen, ["/manage", "/me"])
    one = "/manage/gatherings/N"
    runs = {
        "/me/preferences",
        "/me/sign-in",
        "/me/data",
        "/manage/circles",
        "/manage/circles/…",
        "/manage/circles/…/members",
    }
    runs |= {"/manage", "/manage/past", one, f"{one}/roster", f"{one}/publish", f"{one}/cancel", f"{one}/notices"}
    runs |= {"/manage/new", f"{one}/edit", f"{one}/duplicate", f"{one}/poll", f"{one}/guests", f"{one}/seats"}
    runs |= {f"{one}/questions", f"{one}/questions/new"}
    assert runs - seen == set()
    for page in ("/manage/plan", "/manage/people", "/manage/people/N", "/manage/kinds/…", "/manage/circles/…/close"):
        assert (page in seen) == (who == "staff")


async def test_a_long_word_in_a_title_breaks(screens: Screens) -> None:
    screen = await screens("nl-NL")
    await screen.open("/")
    path = await screen.page.locator("main a[href^='/gatherings/']").first.get_attribute("href")
    assert path
    await screen.open(path)
    await screen.page.evaluate("word => { document.querySelector('h1').textContent = word }", LONG_WORD)
    await sound(screen)


async def walk(screen: Screen, ahead: list[str]) -> set[str]:
    """Follow links until one page of each sort was seen, and find nothing wrong with any."""
    seen: set[str] = set()
    while ahead:
        path = ahead.pop(0)
        if pattern(path) in seen:
            continue
        seen.add(pattern(path))
        await screen.open(path)
        await sound(screen)
        ahead += links(await screen.page.evaluate(LINKS), screen.base)
    return seen


def links(hrefs: list[str], base: str) -> list[str]:
    """Choose the links that stay here and lead to a page; a page in its other language looks the same."""
    paths = [href.removeprefix(base).partition("#")[0] for href in hrefs]
    pages = [path for path in paths if path.startswith("/") and not FILES.search(path.partition("?")[0])]
    return [path for path in pages if "lang=" not in path]


def pattern(path: str) -> str:
    """Return what pages of one sort have in common."""
    place, _, query = path.partition("?")
    place = re.sub(
        r"\d+",
        "N",
        re.sub(r"^(/circles|/manage/circles|/manage/kinds|/dev/mail|/login|/r|/u)/(?!code$)[^/]+", r"\1/…", place),
    )
    names = sorted(part.partition("=")[0] for part in query.split("&") if part)
    return "?".join([place, *names])


@pytest.mark.parametrize("device", [DESK], ids=["desk"])
async def test_axe_finds_what_nobody_can_read_or_name(screens: Screens) -> None:
    screen = await screens()
    await screen.page.set_content(UNREADABLE)
    found = await accessibility.violations(screen.page)
    kinds = sorted({one.partition(":")[0] for one in found})
    assert kinds == ["color-contrast", "image-alt", "in the dark, color-contrast", "label", "link-name"]


async def test_what_is_unsound_is_found(screens: Screens) -> None:
    screen = await screens()
    await screen.page.set_content(UNSOUND)
    found = await checks.faults(screen.page, thumbs=True)
    assert [fault.partition(":")[0] for fault in found] == [
        "the page does not tell its language",
        "the page has no title",
        "the page has not one heading of the first level",
        "the page has not one main part",
        "the page has no header.top",
        "the page has no footer",
        "the page has no nav",
        "the first link does not skip to the content",
        "a heading skips a level",
        "an id stands twice",
        "a field has no label",
        "no words",
        "no alt",
        "no legend",
        "no scope",
        "leads nowhere",
        "a script or a style stands in the page",
        f"the page is {3008 - screen.device.width} pixels wider than the screen",
        "too small to press",
        "too small to press",
    ]
