"""The letters about a circle itself: who asks to come in, who is let in or not, and that it has closed.

Of a confidential circle the notice knows nothing, and the letter says only what concerns the reader.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from bots.mail.letters import LINE, NAME, Button, Letter
from service.formats.cleaning import clean_line, clean_text
from service.model import Purpose, localised
from service.texts.catalogue import Texts

_REASON: Final = 1000


def letter(texts: Texts, purpose: Purpose, circle: Mapping[str, Any], base: str) -> Letter:
    """Write the letter for a notice about a circle; `circle` are the facts that were frozen with it."""
    _ = texts.gettext
    subject, opening, link, why = _SAID[purpose](texts, circle, base)
    return Letter(
        subject=subject,
        greeting=_("Dear %(name)s,", name=NAME),
        opening=opening,
        regards=_("Kind regards,"),
        buttons=(Button(link[0].rstrip(":"), link[1]),) if link[1] else (),
        link=link,
        why=why,
        stop=(_("Your preferences:"), f"{base}/me"),
    )


_Said = tuple[str, tuple[str, ...], tuple[str, str], str]
"""Subject, paragraphs, a link with its words, and why somebody gets this."""


def _requested(texts: Texts, circle: Mapping[str, Any], base: str) -> _Said:
    _ = texts.gettext
    title, who = _title(texts, circle), clean_line(circle.get("who", ""), LINE)
    if who and title:
        opening = _("%(who)s would like to join %(circle)s.", who=who, circle=title)
    else:
        opening = _("Somebody would like to join your peer group.")
    decide = _("You decide: let them in, or say no. Either way they get a mail about it.")
    link = _("See who asks:"), f"{base}/manage/circles/{circle['slug']}/members" if circle else f"{base}/manage/circles"
    return _("Somebody asks to join"), (opening, decide), link, _("You receive this mail because you lead this circle.")


def _joined(texts: Texts, circle: Mapping[str, Any], base: str) -> _Said:
    _ = texts.gettext
    title = _title(texts, circle)
    opening = (
        _("Welcome! You now belong to %(circle)s.", circle=title)
        if title
        else _("Welcome! You now belong to the peer group.")
    )
    then = _("You are invited to its gatherings by mail; those that are planned already follow in a moment.")
    link = _("See the circle:"), f"{base}/circles/{circle['slug']}" if circle else f"{base}/me"
    return _("You are in"), (opening, then), link, _because(texts)


def _refused(texts: Texts, circle: Mapping[str, Any], base: str) -> _Said:
    _ = texts.gettext
    title = _title(texts, circle)
    opening = (
        _("You asked to join %(circle)s. That is not possible at the moment.", circle=title)
        if title
        else _("You asked to join a peer group. That is not possible at the moment.")
    )
    then = _("There may be another circle that suits you: have a look at what there is.")
    return _("About your request to join"), (opening, then), (_("See all circles:"), f"{base}/circles"), _because(texts)


def _closed(texts: Texts, circle: Mapping[str, Any], base: str) -> _Said:
    _ = texts.gettext
    title, reason = _title(texts, circle), clean_text(circle.get("reason", ""), _REASON)
    opening = (
        _("%(circle)s has come to an end. No more gatherings are planned.", circle=title)
        if title
        else _("Your peer group has come to an end. No more gatherings are planned.")
    )
    then = _(
        "Any of its gatherings that are still in your calendar are cancelled and go out of it. "
        "Thank you for taking part!"
    )
    subject = _("%(circle)s comes to an end", circle=title) if title else _("Your peer group comes to an end")
    paragraphs = (opening, *([reason] if reason else []), then)
    return subject, paragraphs, (_("See all circles:"), f"{base}/circles"), _because_of_the_circle(texts)


def _changed(texts: Texts, circle: Mapping[str, Any], base: str) -> _Said:
    _ = texts.gettext
    opening = _("The team has changed who is in your peer group.")
    then = _("After signing in you see who is in it now. Is that not as you agreed? Then take it up with the team.")
    link = _("See who is in it:"), f"{base}/manage/circles"
    why = _("You receive this mail because you lead this circle.")
    return _("Your peer group has changed"), (opening, then), link, why


def _title(texts: Texts, circle: Mapping[str, Any]) -> str:
    return clean_line(localised(circle.get("nl", ""), circle.get("en", ""), texts.language), LINE)


def _because(texts: Texts) -> str:
    return texts.gettext("You receive this mail because you asked to join a circle.")


def _because_of_the_circle(texts: Texts) -> str:
    return texts.gettext("You receive this mail because you belong to this circle.")


_SAID: Final[Mapping[Purpose, Callable[[Texts, Mapping[str, Any], str], _Said]]] = {
    Purpose.JOIN_REQUESTED: _requested,
    Purpose.JOINED: _joined,
    Purpose.JOIN_REFUSED: _refused,
    Purpose.CIRCLE_CLOSED: _closed,
    Purpose.MEMBERS_CHANGED: _changed,
}
