"""Plan a gathering in a few questions: of which circle, what, when and where; it is there once all of it was seen.

A confidential circle plans after signing in: what its gatherings are about is for no chat and no mail.
"""

from datetime import datetime
from typing import Any, Final

from handlers.dialogue import asking, choices, leading, saying, timing
from handlers.dialogue.asking import Option, Said, Step
from handlers.dialogue.turn import Turn
from service.actions import circles, members, prompting, scheduling
from service.channels import Block, Choice, Facts, Heading, Outbound, Paragraph, Topic
from service.errors import Invalid, NotAllowed
from service.formats import fields
from service.formats.cleaning import clean_line
from service.model import Circle, Gathering
from service.rules import access
from service.rules.access import Verb
from service.store.prompts import Prompt

_GO: Final = "go"
_DRAFT: Final = "draft"
_SKIP: Final = "skip"
_MANY: Final = 500
_CHOICES: Final = 8
_PAGE: Final = "/manage"


async def start(turn: Turn, argument: str | None) -> tuple[Outbound, ...]:
    """Ask what a gathering of a circle is called; without a circle, of which it is."""
    if argument is not None:
        return await _ask_title(turn, await _circle(turn, argument))
    led = await _led(turn)
    if len(led) == 1:
        return await _ask_title(turn, led[0])
    if not led and not turn.actor.staff:
        raise NotAllowed
    words = turn.texts.gettext("Of which circle? Choose one, or type its short name.")
    options = [Option(str(one.id), one.title(turn.texts.language), one.slug) for one in led[:_CHOICES]]
    return await asking.ask(turn, Topic.PLAN, "circle", {}, (Paragraph(words),), options, page=_PAGE)


async def _asked_circle(turn: Turn, prompt: Prompt, said: Said) -> tuple[Outbound, ...]:
    wanted = said.core.strip().casefold()
    names = {one.id: (one.slug, one.title_nl.casefold(), one.title_en.casefold()) for one in await _led(turn)}
    meant = [key for key, known in names.items() if str(key) == said.value or (wanted and wanted in known)]
    return await _ask_title(turn, await _circle(turn, names[meant[0]][0] if len(meant) == 1 else wanted))


async def _ask_title(turn: Turn, circle: Circle) -> tuple[Outbound, ...]:
    if circle.confidential:
        return (_after_signing_in(turn),)
    words = turn.texts.gettext("What is the gathering called?")
    blocks = (Heading(circle.title(turn.texts.language)), Paragraph(words))
    return await asking.ask(turn, Topic.PLAN, "title", {"circle": circle.slug}, blocks, page=_PAGE)


async def _title(turn: Turn, prompt: Prompt, said: Said) -> tuple[Outbound, ...]:
    title = clean_line(said.core, fields.LINE)
    if not title:
        return await asking.again(turn, prompt, turn.texts.gettext("What is the gathering called?"), page=_PAGE)
    words = turn.texts.gettext(
        "When is it? Day and time, with the end if you know it, like this: %(example)s", example=timing.example(turn)
    )
    collected = prompt.collected | {"title": title}
    return await asking.ask(turn, Topic.PLAN, "when", collected, (Paragraph(words),), page=_PAGE)


async def _when(turn: Turn, prompt: Prompt, said: Said) -> tuple[Outbound, ...]:
    understood = timing.understood(turn, said, turn.site.timezone)
    if isinstance(understood, tuple):
        return await asking.again(turn, prompt, *understood, page=_PAGE)
    starts, ends = timing.span(understood)
    when = turn.texts.when(starts, ends, turn.site.timezone, home=turn.site.timezone)
    words = turn.texts.gettext("That is %(when)s. And where? A place, the link of a call, or neither yet.", when=when)
    options = (Option(_SKIP, turn.texts.gettext("Not known yet")),)
    collected = prompt.collected | {"starts": starts.isoformat(), "ends": ends.isoformat()}
    return await asking.ask(turn, Topic.PLAN, "where", collected, (Paragraph(words),), options, page=_PAGE)


async def _where(turn: Turn, prompt: Prompt, said: Said) -> tuple[Outbound, ...]:
    place = "" if said.value == _SKIP else clean_line(said.core, fields.LINE)
    online = place.startswith(("https://", "http://"))
    collected = prompt.collected | {"location": "" if online else place, "online_url": place if online else ""}
    return await _summary(turn, collected)


async def _summary(turn: Turn, collected: dict[str, Any]) -> tuple[Outbound, ...]:
    """Show what was understood, and how many would be invited."""
    _, circle = turn.texts.gettext, await _circle(turn, collected["circle"])
    count = await members.count(turn.db, turn.actor, circle.slug)
    facts = _facts(collected)
    when = turn.texts.when(facts["starts_local"], facts["ends_local"], turn.site.timezone, home=turn.site.timezone)
    rows = (
        (_("Circle"), circle.title(turn.texts.language)),
        (_("When"), when),
        (_("Where"), facts["location"]),
        (_("Online"), facts["online_url"]),
    )
    words = turn.texts.ngettext(
        "Shall I plan it and invite the one member of the circle?",
        "Shall I plan it and invite the %(count)s members of the circle?",
        count,
    )
    blocks: tuple[Block, ...] = (
        Heading(collected["title"]),
        Facts(tuple((label, value) for label, value in rows if value)),
        Paragraph(words),
    )
    options = (Option(_GO, _("Yes, invite them")), Option(_DRAFT, _("Keep it as a draft")))
    return await asking.ask(turn, Topic.PLAN, _GO, collected, blocks, options, page=_PAGE)


async def _go(turn: Turn, prompt: Prompt, said: Said) -> tuple[Outbound, ...]:
    collected = prompt.collected
    if said.value not in (_GO, _DRAFT):
        return await _summary(turn, collected)
    if not await prompting.take(turn.db, turn.actor, prompt):
        raise Invalid("reply", "answered before")
    circle = await _circle(turn, collected["circle"])
    title = {f"title_{circle.language}": collected["title"]}
    made = await scheduling.create(
        turn.db, turn.actor, circle.slug, _facts(collected) | title, now=turn.now, timezone=turn.site.timezone
    )
    if said.value == _GO:
        made = await scheduling.publish(turn.db, turn.actor, made.id, now=turn.now)
    return (_planned(turn, made, published=said.value == _GO),)


STEPS: Final[asking.Steps] = {
    (Topic.PLAN, "circle"): Step(_asked_circle),
    (Topic.PLAN, "title"): Step(_title),
    (Topic.PLAN, "when"): Step(_when),
    (Topic.PLAN, "where"): Step(_where, (_SKIP,)),
    (Topic.PLAN, _GO): Step(_go, (_GO, _DRAFT)),
}


def _planned(turn: Turn, gathering: Gathering, *, published: bool) -> Outbound:
    _ = turn.texts.gettext
    words = (
        _("It's planned, and the invitations are on their way.")
        if published
        else _("It's there as a draft: nobody has been invited yet.")
    )
    blocks = (
        Heading(saying.heading(turn, gathering)),
        Paragraph(words),
        Paragraph(saying.when_and_where(turn, gathering)),
    )
    page, ident = leading.page_of(gathering.id), str(gathering.id)
    ways: tuple[Choice, ...] = (
        choices.choice(turn, _("Give it another time"), Topic.MOVE, ident, page=page),
        choices.choice(turn, _("Cancel it"), Topic.CANCEL, ident, page=page),
    )
    if not published:
        ways = (choices.choice(turn, _("Invite the members"), Topic.PUBLISH, ident, page=page), *ways)
    return Outbound(turn.key(f"planned:{gathering.id}"), blocks, ways)


def _facts(collected: dict[str, Any]) -> dict[str, Any]:
    """Return what a gathering is made of, as `scheduling` takes it."""
    times = {f"{name}_local": datetime.fromisoformat(collected[name]) for name in ("starts", "ends")}
    return {"location": collected["location"], "online_url": collected["online_url"]} | times


def _after_signing_in(turn: Turn) -> Outbound:
    words = turn.texts.gettext("This circle is confidential: plan its gatherings after signing in.")
    page = Facts(((turn.texts.gettext("More"), turn.link(_PAGE)),))
    return Outbound(turn.key("step:plan"), (Paragraph(words), page), (choices.rosters(turn),))


async def _circle(turn: Turn, slug: str) -> Circle:
    """Read a circle in which the person may plan; raises NotFound, NotAllowed."""
    circle = await circles.get(turn.db, turn.actor, slug)
    access.require(turn.actor, Verb.EDIT_GATHERING, circles.scope(circle))
    return circle


async def _led(turn: Turn) -> list[Circle]:
    found = await circles.visible(turn.db, turn.actor, limit=_MANY)
    return [one for one in found if one.id in turn.actor.facilitates]
