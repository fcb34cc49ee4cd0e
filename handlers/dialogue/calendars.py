"""Calendars: a gathering as a file, and the feed that keeps a calendar up to date by itself."""

from typing import Final

from handlers.dialogue import choices, saying
from handlers.dialogue.turn import Turn, ident
from service.actions import calendar_files, feeds, scheduling
from service.channels import Block, Document, Facts, Heading, Outbound, Paragraph

_MEDIA_TYPE: Final = "text/calendar"


async def calendar(turn: Turn, argument: str | None) -> tuple[Outbound, ...]:
    """Hand over a gathering as a calendar file; raises NotFound."""
    gathering = await scheduling.get(turn.db, turn.actor, ident(argument))
    content = await calendar_files.file(
        turn.db, turn.actor, gathering.id, texts=turn.texts, base_url=turn.site.base_url
    )
    words = turn.texts.gettext("Open this file to put it in your calendar. A subscription keeps itself up to date.")
    blocks: tuple[Block, ...] = (
        Heading(saying.heading(turn, gathering)),
        Paragraph(words),
        Document(f"kring-{gathering.id}.ics", _MEDIA_TYPE, content),
    )
    ways = (choices.feed(turn), choices.mine(turn))
    return (Outbound(turn.key(f"calendar:{gathering.id}"), blocks, ways, confidential=gathering.confidential),)


async def feed(turn: Turn, argument: str | None) -> tuple[Outbound, ...]:
    """Give the address of one's own feed, once; whoever has one makes a new one on their own page.

    A second address would end the first, and a calendar that follows it would fall silent.
    """
    _ = turn.texts.gettext
    page = Facts(((_("Your page"), turn.link("/me")),))
    own = [one for one in await feeds.feeds(turn.db, turn.actor, turn.person.id) if one.kind == feeds.PERSON]
    if own:
        words = _("Your calendar subscription has an address already. Lost it? On your page you can have a new one.")
        return (Outbound(turn.key("feed"), (Paragraph(words), page), (choices.mine(turn),)),)
    token = await feeds.create_feed(turn.db, turn.actor, feeds.PERSON, now=turn.now)
    blocks: tuple[Block, ...] = (
        Heading(_("Your calendar subscription")),
        Paragraph(_("Subscribe your calendar to this address, and what you've signed up for appears by itself.")),
        Facts(((_("Address"), turn.link(f"/feeds/{token}.ics")),)),
        Paragraph(_("It's yours alone and I can't show it again: whoever has it can read your calendar.")),
    )
    return (Outbound(turn.key("feed"), blocks, (choices.mine(turn),)),)
