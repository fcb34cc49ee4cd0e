"""What is said back to a mail or a form from which nobody was registered, with what to do instead."""

from collections.abc import Mapping
from typing import Final

from bots.mail.letters import News
from bots.mail.sentences.said import Said, Sentences
from service.model import Purpose


def _visitor(news: News) -> Said:
    _ = news.texts.gettext
    return Said(
        opening=(
            _("Somebody has asked for a seat at %(what)s with this address.", what=news.what),
            _("Was that you? Please confirm it; you are not registered until you do."),
        ),
        ask="confirm",
        closing=(
            _("If it was not you, there is nothing you need to do: we will forget this address within seven days."),
        ),
    )


def _ask_link(news: News) -> Said:
    _ = news.texts.gettext
    if news.facts.get("because") == "passed-on":
        opening = (
            _("Thank you for your message about %(what)s. We have passed it on.", what=news.what),
            _("Nothing has changed for you yet. You can still let us know yourself whether you are coming."),
        )
    elif news.facts.get("because") == "unclear":
        opening = (
            _("Thank you for your message about %(what)s.", what=news.what),
            _("We were not sure what you meant, and would rather not guess. Would you press the link?"),
        )
    else:
        opening = (
            _("We received an answer to your invitation to %(what)s.", what=news.what),
            _("We could not be sure that it came from you, so nothing has changed. Was it you? Then press the link."),
        )
    return Said(opening=opening, ask="answer", question=_("Are you coming?"))


def _ask_again(news: News) -> Said:
    _ = news.texts.gettext
    opening = (
        _("Thank you for your answer about %(what)s.", what=news.what),
        _("Your answer was about an earlier time or place. Below is how it stands now."),
    )
    return Said(opening=opening, ask="answer", question=_("Can you make it?"))


def _closed(news: News) -> Said:
    _ = news.texts.gettext
    closed = {
        "cancelled": _("It has been cancelled, so there is nothing you need to do."),
        "withdrawn": _("You are no longer on the list for it. If this is not right, please ask the facilitator."),
    }.get(news.facts.get("because", ""), _("It has already taken place, so your answer changes nothing any more."))
    return Said(opening=(_("Thank you for your answer about %(what)s.", what=news.what), closed), ask="nothing")


def _register_here(news: News) -> Said:
    _ = news.texts.gettext
    return Said(
        opening=(
            _(
                "An invitation to %(what)s was answered from this address, but it was meant for somebody else.",
                what=news.what,
            ),
            _("You are welcome too. Please register yourself; you are not registered until you do."),
        ),
        ask="confirm",
        closing=(
            _(
                "If you do not want to come, there is nothing you need to do: we will forget this address within"
                " seven days."
            ),
        ),
    )


def _unsubscribed(news: News) -> Said:
    _ = news.texts.gettext
    if news.secret:
        stopped = _("You will get no more invitations by mail from this circle.")
    else:
        stopped = _("You will get no more invitations by mail from %(circle)s.", circle=news.circle)
    return Said(opening=(stopped, _("Your answer for %(what)s stays as it is.", what=news.what)))


SAID: Final[Mapping[Purpose, Sentences]] = {
    Purpose.VISITOR: _visitor,
    Purpose.ASK_LINK: _ask_link,
    Purpose.ASK_AGAIN: _ask_again,
    Purpose.CLOSED: _closed,
    Purpose.REGISTER_HERE: _register_here,
    Purpose.UNSUBSCRIBED: _unsubscribed,
}
"""What each of these purposes says."""
