"""What axe finds against WCAG 2.2, levels A and AA: contrast, names, roles, order, targets; in the light and the dark.

Colours take axe three quarters of its time, so each is measured once and not in every row of every page. What axe
cannot know, such as words that are cut off, is looked for in `checks`.
"""

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import Page

LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
EVERYTHING: dict[str, Any] = {
    "runOnly": {"type": "tag", "values": LEVELS},
    "resultTypes": ["violations"],
    "iframes": False,  # a mail in its frame is somebody else's page
}
COLOURS: dict[str, Any] = {**EVERYTHING, "runOnly": {"type": "rule", "values": ["color-contrast"]}}
"""All that differs in the dark."""

MARK = """(known) => {
  for (const one of document.querySelectorAll('[data-unmeasured]')) one.removeAttribute('data-unmeasured');
  const short = (text) => [...text].reduce((sum, it) => Math.imul(sum ^ it.codePointAt(0), 16777619), 2166136261);
  const states = (it) => [...it.attributes].filter(({name}) => /^(id|style|open|checked|type|aria-\\w+)$/.test(name));
  const sign = (it) => [it.tagName, it.className.baseVal ?? it.className, it.matches('input') ? it.value : '',
    ...states(it).map(({name, value}) => name + value.replace(/\\d+/g, '')), it.previousElementSibling?.tagName,
    it.matches(':first-of-type'), it.matches(':last-of-type')].join(' ');
  const ways = new Map([[null, '']]);
  const way = (it) => ways.get(it) ?? ways.set(it, short(`${way(it.parentElement)}/${sign(it)}`)).get(it);
  const has_words = (it) => [...it.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  const shown = [...document.querySelectorAll('body *')].filter((it) => it.checkVisibility());
  const fresh = new Map(shown.filter((it) => has_words(it) || it.matches('input, select, textarea'))
    .filter((it) => !known.includes(way(it))).map((it) => [way(it), it]));
  for (const one of fresh.values()) one.setAttribute('data-unmeasured', '');
  return [...fresh.keys()];
}"""
"""Mark what shows words and whose colours were not measured before: of all that stand alike from the root down, one."""

RUN = """async (options) => {
  axe.configure({rules: [{id: 'color-contrast', selector: '[data-unmeasured]'}]});
  const why = (node) => [...node.any, ...node.all, ...node.none].map((check) => check.message).join('; ');
  const {violations} = await axe.run(document, options);
  return violations.flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.html.slice(0, 140)} (${why(node)})`));
}"""

LIKENESS = """() => JSON.stringify([...new Set([...document.querySelectorAll('*')].map((one) => {
  const sign = (it) => it ? `${it.tagName}.${it.className.baseVal ?? it.className}` : '';
  const kept = [...one.attributes].filter((it) => /^(role|aria-\\w+|type|lang|open|scope)$/.test(it.name));
  const more = kept.map((it) => `${it.name}=${it.name.startsWith('aria-') || it.value}`);
  return [sign(one.parentElement), sign(one), ...more].join(' ');
}))].sort())"""
"""Of what a page consists: two pages of which this is the same look the same to axe."""

_seen: dict[str, list[str]] = {}
_measured: set[int] = set()


async def violations(page: Page) -> list[str]:
    """List what is against the rules on the page as it stands, each with where; the browser must run scripts.

    A page that consists of the same as one before it is not looked at again.
    """
    likeness = await page.evaluate(LIKENESS)
    if likeness not in _seen:
        _seen[likeness] = await _found(page)
    return _seen[likeness]


async def _found(page: Page) -> list[str]:
    fresh: list[int] = await page.evaluate(MARK, sorted(_measured))
    await page.evaluate(AXE_SCRIPT)
    found: list[str] = await page.evaluate(RUN, EVERYTHING)
    _measured.update(fresh)
    if not fresh:
        return found
    # Where nothing moves the colours are there at once, instead of on their way from the light ones.
    await page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    found += [f"in the dark, {one}" for one in await page.evaluate(RUN, COLOURS)]
    await page.emulate_media(color_scheme="light", reduced_motion="no-preference")
    return found
