"""Circles: which there are, what one is about, coming in, going out, and stopping the invitations of one.

Confidential circles have no name in messages; who belongs to one finds it after signing in.
"""

from collections.abc import Sequence
from typing import Final

from handlers.dialogue import choices, saying
from handlers.dialogue.turn import Turn, ident
from handlers.dialogue.words import is_slug
from service.actions import circles, joining, members, scheduling, unsubscribing
from service.channels import Block, Choice, Facts, Heading, Outbound, Paragraph, Topic
from service.errors import NotFound
from service.model import Circle, Joining, MembershipState

PAGE: Final = 20
_MANY: Final = 500
_NEXT: Final = 5


async def overview(turn: Turn, argument: str | None) -> tuple[Outbound, ...]:
    """List the circles the person may see, their own first; the others after a name where one is given."""
    found = await circles.visible(turn.db, turn.actor, limit=_MANY)
    named = [one for one in found if not one.confidential]
    own = [one for one in named if _belongs(turn, one)]
    others = [one for one in named if not _belongs(turn, one) and one.slug > (argument or "")]
    _ = turn.texts.gettext
    hidden = _is_in_hidden(turn, found)
    messages = [] if argument else _list(turn, "own", _("Your circles"), own, hidden=hidden)
    name = _("Other circles") if own or hidden else _("Circles")
    messages += _list(turn, "others", name, others[:PAGE], hidden=False)
    if len(others) > PAGE:
        more = choices.choice(turn, _("Show me more"), Topic.CIRCLES, _short(others[PAGE - 1].slug), page="/circles")
        messages.append(Outbound(turn.key("circles:more"), (Paragraph(_("There are more circles.")),), (more,)))
    nothing = Paragraph(_("There are no circles to show you just now."))
    return tuple(messages) or (Outbound(turn.key("circles"), (nothing,), (choices.agenda(turn),)),)


async def show(turn: Turn, argument: str | None) -> tuple[Outbound, ...]:
    """Show a circle and what it has planned."""
    circle = await _circle(turn, argument)
    if circle.confidential:
        return (_confidential(turn, circle),)
    count = await members.count(turn.db, turn.actor, circle.slug)
    _ = turn.texts.gettext
    rows = [(_("Members"), str(count)), (_("More"), turn.link(f"/circles/{circle.slug}"))]
    blocks: list[Block] = [Heading(circle.title(turn.texts.language))]
    if text := circle.description(turn.texts.language):
        blocks.append(Paragraph(text))
    blocks += [Facts(tuple(rows)), *await _planned(turn, circle)]
    if not _belongs(turn, circle) and circle.joining == Joining.INVITED:
        blocks.append(Paragraph(_("This circle is by invitation.")))
    return (Outbound(turn.key(f"circle:{circle.id}"), tuple(blocks), _door(turn, circle)),)


async def join(turn: Turn, argument: str | None) -> tuple[Outbound, ...]:
    """Let the person into a circle, or ask its facilitator to."""
    circle = await _circle(turn, argument)
    state = await joining.join(turn.db, turn.actor, circle.slug, now=turn.now)
    _, title = turn.texts.gettext, _title(turn, circle)
    if state is MembershipState.REQUESTED:
        words = _("I've passed on that you would like to join %(title)s. A facilitator will have a look.", title=title)
    elif _belongs(turn, circle):
        words = _("You're already in %(title)s.", title=title)
    else:
        words = _("Welcome to %(title)s! You'll be invited to its gatherings.", title=title)
    leave = _choice(turn, _("Leave this circle"), Topic.LEAVE, circle)
    return (_about(turn, circle, words, (*leave, choices.mine(turn))),)


async def leave(turn: Turn, argument: str | None) -> tuple[Outbound, ...]:
    """Let the person out of a circle, or take back that they asked to come in."""
    circle = await _circle(turn, argument)
    await joining.leave(turn.db, turn.actor, circle.slug, now=turn.now)
    _, title = turn.texts.gettext, _title(turn, circle)
    if _belongs(turn, circle):
        words = _("You've left %(title)s. Its gatherings will disappear from your calendar.", title=title)
    else:
        words = _("You're not in %(title)s.", title=title)
    back = () if circle.joining == Joining.INVITED else _choice(turn, _join_label(turn, circle), Topic.JOIN, circle)
    return (_about(turn, circle, words, (*back, choices.circles(turn))),)


async def stop(turn: Turn, argument: str | None) -> tuple[Outbound, ...]:
    """Stop the invitations of one circle; without one, ask of which."""
    if argument is None:
        return (await _ask_which(turn),)
    circle = await _circle(turn, argument)
    await unsubscribing.choose(turn.db, turn.actor, circle.id, False, now=turn.now)
    words = turn.texts.gettext(
        "No more invitations from %(title)s. You're still in the circle, and on your own page you can have them back.",
        title=_title(turn, circle),
    )
    return (_about(turn, circle, words, _choice(turn, turn.texts.gettext("Leave this circle"), Topic.LEAVE, circle)),)


async def _circle(turn: Turn, argument: str | None) -> Circle:
    """Read a circle by its short name, or by its number behind a point; raises NotFound for what cannot be one."""
    if argument is not None and argument.startswith("."):
        return await circles.get_by_id(turn.db, turn.actor, ident(argument[1:]))
    if argument is None or not is_slug(argument):
        raise NotFound
    return await circles.get(turn.db, turn.actor, argument)


async def _ask_which(turn: Turn) -> Outbound:
    _ = turn.texts.gettext
    mailed = {key for key, one in (await unsubscribing.memberships(turn.db, turn.actor)).items() if one.mails}
    found = [one for one in await circles.visible(turn.db, turn.actor, limit=_MANY) if one.id in mailed]
    own = [one for one in found if not one.confidential]
    blocks = [Paragraph(_("Which circle should stop inviting you?"))]
    if not own:
        blocks = [Paragraph(_("You get no invitations from circles that I could stop."))]
    if len(found) > len(own):
        blocks.append(_hidden(turn))
    offered = [choices.about_circle(turn, one.title(turn.texts.language), Topic.STOP, one) for one in own]
    return Outbound(turn.key("stop"), tuple(blocks), tuple(offered[:PAGE]) or (choices.help_(turn),))


def _short(slug: str) -> str:
    """Cut a short name to what a button can carry; what follows it in the list is the same."""
    return slug[: choices.SLUG].rstrip("-")


def _belongs(turn: Turn, circle: Circle) -> bool:
    return circle.id in turn.actor.member_of | turn.actor.facilitates


def _is_in_hidden(turn: Turn, found: Sequence[Circle]) -> bool:
    return any(one.confidential and _belongs(turn, one) for one in found)


def _list(turn: Turn, view: str, name: str, found: Sequence[Circle], *, hidden: bool) -> list[Outbound]:
    """List circles, each as a choice; nothing where there are none."""
    if not found and not hidden:
        return []
    blocks: list[Block] = [Heading(name), *([_hidden(turn)] if hidden else [])]
    return [Outbound(turn.key(f"circles:{view}"), tuple(blocks), tuple(choices.circle(turn, one) for one in found))]


def _hidden(turn: Turn) -> Paragraph:
    words = turn.texts.gettext(
        "Your confidential circles aren't named here. You'll find them after signing in: %(page)s",
        page=turn.link("/me"),
    )
    return Paragraph(words)


def _confidential(turn: Turn, circle: Circle) -> Outbound:
    words = turn.texts.gettext("This circle is confidential. You'll find it after signing in.")
    signing_in = Facts(((turn.texts.gettext("More"), turn.link("/me")),))
    return Outbound(turn.key(f"circle:{circle.id}"), (Paragraph(words), signing_in), confidential=True)


async def _planned(turn: Turn, circle: Circle) -> list[Block]:
    found = await scheduling.upcoming(turn.db, turn.actor, since=turn.now, circle=circle.slug, limit=_NEXT)
    lines = [saying.line(turn, gathering) for gathering in found]
    return [Paragraph("\n".join((turn.texts.gettext("Coming up"), *lines)))] if lines else []


def _door(turn: Turn, circle: Circle) -> tuple[Choice, ...]:
    """Offer to come in or to go out, as the circle allows."""
    if _belongs(turn, circle):
        return _choice(turn, turn.texts.gettext("Leave this circle"), Topic.LEAVE, circle)
    if circle.joining == Joining.INVITED:
        return ()
    return _choice(turn, _join_label(turn, circle), Topic.JOIN, circle)


def _join_label(turn: Turn, circle: Circle) -> str:
    asks = circle.joining == Joining.REQUEST
    return turn.texts.gettext("Ask to join") if asks else turn.texts.gettext("Join this circle")


def _choice(turn: Turn, label: str, topic: Topic, circle: Circle) -> tuple[Choice, ...]:
    """Offer something about a circle; nothing about one that has no name here."""
    if circle.confidential:
        return ()
    return (choices.about_circle(turn, label, topic, circle),)


def _title(turn: Turn, circle: Circle) -> str:
    return turn.texts.gettext("this circle") if circle.confidential else circle.title(turn.texts.language)


def _about(turn: Turn, circle: Circle, words: str, offered: tuple[Choice, ...]) -> Outbound:
    return Outbound(turn.key(f"circle:{circle.id}"), (Paragraph(words),), offered, confidential=circle.confidential)
