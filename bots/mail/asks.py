"""What stands around the sentences of a mail: the facts, the buttons, why somebody gets it and how to get it no more.

The sentences themselves are in the package `sentences`.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from bots.mail.letters import ANSWER, LINE, PRESENT, STOP, Button, News
from service.formats.cleaning import clean_line
from service.model import Partstat, Purpose
from service.rules.ratings import HIGHEST, LOWEST
from service.texts.catalogue import marked

ONLINE: Final = "accepted-online"
"""The answer page's word for a yes to joining from elsewhere."""

Asked = tuple[tuple[Button, ...], tuple[str, str]]
"""The buttons, and what the text part has in their place: words and a link."""


_WHY: Final = {
    Purpose.CHECK_IN: marked(
        "You receive this mail because somebody typed this address at the door of this gathering."
    ),
    Purpose.VISITOR: marked("You receive this mail because somebody typed this address on our website."),
    Purpose.REGISTER_HERE: marked("You receive this mail because an answer to an invitation came from this address."),
    Purpose.RATING: marked("You receive this mail because you were at this gathering. We ask only once."),
    Purpose.TOO_FEW: marked("You receive this mail because you lead this circle."),
    Purpose.POLL: marked("You receive this mail because you belong to the circle that looks for a date."),
}
"""Why somebody gets a mail of a purpose, where that is the same for everybody."""


def asked(news: News, kind: str) -> Asked:
    """Return how the reader can act: answer, take (an offered seat), change, confirm, page, another date or nothing."""
    return _ASKED[kind](news)


def lines(news: News) -> tuple[tuple[str, str], ...]:
    """Return when and where, as far as a mail may tell, each with what it was before."""
    _ = news.texts.gettext
    if news.purpose is Purpose.POLL:
        return tuple((str(number), when) for number, when in enumerate(news.moments, start=1))
    if news.over:
        return ((_("When"), news.when),)
    time_before, place_before = _before(news)
    found = (
        (_("When"), news.when),
        (_("Was"), time_before),
        (_("Where"), news.place),
        (_("Was"), place_before),
        (_("Online"), _online(news)),
    )
    return tuple((label, value) for label, value in found if value)


def _online(news: News) -> str:
    if news.secret or not news.gathering.online_url or news.purpose is Purpose.CHECK_IN:
        return ""  # who checks in stands at the door
    _ = news.texts.gettext
    if news.call:
        return news.call
    if news.gathering.hybrid:
        return _("you get the link once you join online or have a seat")
    return _("you get the link once you have a seat")


def _before(news: News) -> tuple[str, str]:
    """Return the time and the place that an update replaces."""
    previous, time, place = news.facts.get("previous") or {}, "", ""
    if news.facts.get("moved") and "starts_local" in previous:
        starts, ends = (datetime.fromisoformat(previous[name]) for name in ("starts_local", "ends_local"))
        zone = news.gathering.timezone  # the new time names it already
        time = news.texts.when(starts, ends, zone, home=zone)
    if news.facts.get("relocated") and not news.secret:
        place = clean_line(previous.get("location") or "", LINE)
    return time, place


def why(news: News) -> str:
    """Return why somebody gets this mail."""
    _ = news.texts.gettext
    if news.purpose in _WHY:
        return _(_WHY[news.purpose])
    if news.standing == "facilitating":
        return _("You receive this mail because you facilitate this gathering.")
    if news.listed and not news.secret:
        return _("You receive this mail because you belong to %(circle)s or were invited by it.", circle=news.circle)
    return _("You receive this mail because you are invited to this gathering or registered for it.")


def stop(news: News) -> tuple[str, str]:
    """Return where to stop such mails, in words and as a link."""
    _ = news.texts.gettext
    if news.listed:
        return _("Stop invitations from this circle:"), STOP
    if news.stranger:
        return "", ""
    return _("Your preferences:"), f"{news.base}/me"


def _answer(news: News) -> Asked:
    _ = news.texts.gettext
    online = (Button(_("Yes, online"), _preset(ONLINE), "yes"),) if news.gathering.hybrid and not news.secret else ()
    buttons = (
        Button(_("Yes, I'll be there"), _preset(Partstat.ACCEPTED), "yes"),
        *online,
        Button(_("Maybe"), _preset(Partstat.TENTATIVE), "maybe"),
        Button(_("No"), _preset(Partstat.DECLINED), "no"),
    )
    return buttons, (_("Let us know here:"), ANSWER)


def _take(news: News) -> Asked:
    _ = news.texts.gettext
    buttons = (
        Button(_("Yes, I'll be there"), _preset(Partstat.ACCEPTED), "yes"),
        Button(_("No"), _preset(Partstat.DECLINED), "no"),
    )
    return buttons, (_("Let us know here:"), ANSWER)


def _change(news: News) -> Asked:
    _ = news.texts.gettext
    return (Button(_("See or change my answer"), ANSWER),), (_("See or change your answer here:"), ANSWER)


def _confirm(news: News) -> Asked:
    _ = news.texts.gettext
    return (Button(_("Yes, register me"), _preset(Partstat.ACCEPTED), "yes"),), (_("Register here:"), ANSWER)


def _page(news: News) -> Asked:
    _ = news.texts.gettext
    waiting = f"{news.base}/manage/gatherings/{news.gathering.id}/seats"
    return (Button(_("See who is waiting"), waiting),), (_("See who is waiting:"), waiting)


def _another_date(news: News) -> Asked:
    _ = news.texts.gettext
    poll = f"{news.base}/manage/gatherings/{news.gathering.id}/poll"
    return (Button(_("Ask the group for another date"), poll),), (_("Ask the group for another date here:"), poll)


def _rate(news: News) -> Asked:
    """Offer every score; the page that each opens has it chosen already, and one button."""
    scores = range(LOWEST, HIGHEST + 1)
    buttons = tuple(Button(str(score), f"{ANSWER}/rate?score={score}", "score") for score in scores)
    return buttons, (news.texts.gettext("Give it here:"), f"{ANSWER}/rate")


def _present(news: News) -> Asked:
    _ = news.texts.gettext
    return (Button(_("I am here"), PRESENT, "yes"),), (_("Confirm here that you are present:"), PRESENT)


def _tick(news: News) -> Asked:
    _ = news.texts.gettext
    return (Button(_("Tick what suits me"), ANSWER, "yes"),), (_("Tick what suits you here:"), ANSWER)


def _nothing(news: News) -> Asked:
    return (), ("", "")


_ASKED: Final[Mapping[str, Callable[[News], Asked]]] = {
    "answer": _answer,
    "take": _take,
    "change": _change,
    "confirm": _confirm,
    "page": _page,
    "another-date": _another_date,
    "rate": _rate,
    "present": _present,
    "nothing": _nothing,
    "tick": _tick,
}


def _preset(partstat: str) -> str:
    """Return the answer link with an answer ticked already: opening it changes nothing."""
    return f"{ANSWER}?answer={partstat}"
