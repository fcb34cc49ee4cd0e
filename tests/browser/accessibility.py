"""What axe finds against WCAG 2.2, levels A and AA: contrast, names, roles, order, targets.

What axe cannot know, such as words that are cut off, is looked for in `checks`.
"""

from typing import Any

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
OPTIONS: dict[str, Any] = {
    "runOnly": {"type": "tag", "values": LEVELS},
    "resultTypes": ["violations"],
    "iframes": False,  # a mail in its frame is somebody else's page
}

LIKENESS = """() => JSON.stringify([...new Set([...document.querySelectorAll('*')].map((one) => {
  const sign = (it) => it ? `${it.tagName}.${it.className.baseVal ?? it.className}` : '';
  const more = [...one.attributes].filter((it) => /^(role|aria-\\w+|type|lang|open|scope)$/.test(it.name));
  return [sign(one.parentElement), sign(one), ...more.map((it) => `${it.name}=${it.name.startsWith('aria-') || it.value}`)]
    .join(' ');
}))].sort())"""
"""Of what a page consists: two pages of which this is the same look the same to axe."""

_AXE = Axe()
_seen: dict[tuple[str, bool], list[str]] = {}


async def violations(page: Page, device: str, *, scripts: bool) -> list[str]:
    """List what is against the rules on the page as it stands, each with where.

    A page that consists of the same as one before it is not looked at again. Where the browser runs no scripts it may
    for this moment: the page has none of its own.
    """
    key = (device + await page.evaluate(LIKENESS), scripts)
    if key not in _seen:
        _seen[key] = await _found(page, scripts=scripts)
    return _seen[key]


async def _found(page: Page, *, scripts: bool) -> list[str]:
    browser = await page.context.new_cdp_session(page)
    try:
        await browser.send("Emulation.setScriptExecutionDisabled", {"value": False})
        found = (await _AXE.run(page, options=OPTIONS)).response["violations"]
    finally:
        await browser.send("Emulation.setScriptExecutionDisabled", {"value": not scripts})
        await browser.detach()
    return [f"{one['id']}: {node['html'][:140]}" for one in found for node in one["nodes"]]
