"""What makes a page sound: nothing to scroll sideways, and everything that a screen reader or a thumb needs.

Contrast, and what else the rules of WCAG tell a program to look for, is measured in `accessibility`.
"""

from playwright.async_api import Page

FAULTS = """() => {
  const faults = [];
  const is_shown = (one) => one.checkVisibility({visibilityProperty: true, opacityProperty: false});
  const name = (one) => {
    const labelled = (one.getAttribute('aria-labelledby') || '').split(' ').map((id) => document.getElementById(id));
    const words = [one.getAttribute('aria-label'), ...labelled.map((label) => label && label.textContent),
      ...[...(one.labels || [])].map((label) => label.textContent), one.getAttribute('title')];
    return words.find((word) => word && word.trim()) || '';
  };
  const shown = (query) => [...document.querySelectorAll(query)].filter(is_shown);
  const where = (one) => one.outerHTML.slice(0, 120);
  const must = (right, fault) => { if (!right) faults.push(fault); };

  must(['nl', 'en'].includes(document.documentElement.lang), 'the page does not tell its language');
  must(document.title.trim().length > 3, 'the page has no title');
  must(document.querySelectorAll('h1').length === 1, 'the page has not one heading of the first level');
  must(document.querySelectorAll('main').length === 1, 'the page has not one main part');
  for (const landmark of ['header.top', 'footer', 'nav'])
    must(document.querySelector(`body > ${landmark}, body > * ${landmark}`), `the page has no ${landmark}`);
  must(document.querySelector('body > a.skip[href="#main"]'), 'the first link does not skip to the content');

  let level = 0;
  for (const heading of shown('h1, h2, h3, h4, h5, h6')) {
    const next = Number(heading.tagName[1]);
    must(next <= level + 1, `a heading skips a level: ${where(heading)}`);
    must(heading.textContent.trim(), `a heading is empty: ${where(heading)}`);
    level = next;
  }
  const menus = shown('nav').map(name);
  must(new Set(menus).size === menus.length && !menus.includes(''), `menus that have no name of their own: ${menus}`);
  const ids = [...document.querySelectorAll('[id]')].map((one) => one.id);
  must(new Set(ids).size === ids.length, `an id stands twice: ${ids.filter((id, at) => ids.indexOf(id) !== at)}`);
  for (const one of shown('input:not([type=hidden]), select, textarea, iframe'))
    must(name(one), `a field has no label: ${where(one)}`);
  for (const one of shown('a, button, summary'))
    must(name(one) || one.textContent.trim() || one.querySelector('img[alt]:not([alt=""])'), `no words: ${where(one)}`);
  for (const one of document.querySelectorAll('img')) must(one.hasAttribute('alt'), `no alt: ${where(one)}`);
  for (const one of shown('fieldset')) must(one.querySelector('legend'), `no legend: ${where(one)}`);
  for (const one of document.querySelectorAll('th')) must(one.hasAttribute('scope'), `no scope: ${where(one)}`);
  for (const one of document.querySelectorAll('a[href^="#"]'))
    must(document.getElementById(one.hash.slice(1)), `leads nowhere: ${where(one)}`);
  must(!document.querySelector('script, [onclick], [style]'), 'a script or a style stands in the page');
  return faults;
}"""

TARGETS = """() => {
  const faults = [];
  const is_shown = (one) => one.checkVisibility({visibilityProperty: true});
  for (const one of [...document.querySelectorAll('button, .button, summary, nav a, input, select')].filter(is_shown)) {
    const hit = one.matches('input[type=radio], input[type=checkbox]') ? one.closest('label') || one : one;
    const box = hit.getBoundingClientRect();
    if (box.width && Math.min(box.width, box.height) < 40)
      faults.push(`${one.outerHTML.slice(0, 100)}: ${box.width}×${box.height}`);
  }
  return faults;
}"""
"""What a thumb presses: 44 pixels in the design, 24 at the least in WCAG 2.2 section 2.5.8."""

WIDER = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"

CUT = """() => [...document.querySelectorAll('h1, h2, h3, p, a, button, dt, dd, th, td, li, label, .pill')]
  .filter((one) => one.checkVisibility() && !one.closest('.unseen, .scroll, .mails'))
  .filter((one) => one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflowX !== 'visible')
  .map((one) => one.outerHTML.slice(0, 120))"""


async def faults(page: Page, *, thumbs: bool) -> list[str]:
    """List what is wrong with the page as it stands; `thumbs` for a screen that is touched."""
    found: list[str] = await page.evaluate(FAULTS)
    found += [f"words are cut off: {one}" for one in await page.evaluate(CUT)]
    wider = await page.evaluate(WIDER)
    if wider > 0:
        found.append(f"the page is {wider} pixels wider than the screen")
    if thumbs:
        found += [f"too small to press: {one}" for one in await page.evaluate(TARGETS)]
    return found
