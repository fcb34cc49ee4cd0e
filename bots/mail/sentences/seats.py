"""What came of somebody's answer: whether there is a seat, who waits, and who moves up."""

from collections.abc import Mapping
from typing import Final

from bots.mail.letters import DEADLINE, POSITION, News
from bots.mail.sentences.said import REASON, Said, Sentences, give_way
from service.formats.cleaning import clean_text
from service.model import Purpose, WaitingReason


def _confirmation(news: News) -> Said:
    _ = news.texts.gettext
    if news.standing == "facilitating":
        return Said(opening=(_("Good to know you will be at %(what)s.", what=news.what),))
    if news.standing == "online":
        opening = _(
            "Great, you are joining %(what)s online. The link stands below and in your calendar.", what=news.what
        )
        return Said(opening=(opening,))
    opening = _("Great, you are coming! Your seat at %(what)s is booked.", what=news.what)
    return Said(opening=(opening,), closing=(give_way(news),))


def _waiting(news: News) -> Said:
    _ = news.texts.gettext
    reason = news.facts.get("reason")
    if reason == WaitingReason.APPROVAL:
        return Said(
            opening=(
                _("Thank you for registering for %(what)s.", what=news.what),
                _("The facilitator decides who takes part. You will hear from us as soon as that is settled."),
            )
        )
    if reason == WaitingReason.ORGANISATION:
        full = _("All seats for your organisation at %(what)s are taken.", what=news.what)
    else:
        full = _("All seats at %(what)s are taken.", what=news.what)
    later = _(
        "As soon as a seat comes free for you, we will let you know. Until then it is marked as provisional in your"
        " calendar."
    )
    return Said(opening=(f"{full} {_turn(news)}", later, *_online(news)))


def _online(news: News) -> tuple[str, ...]:
    """Say to somebody who waits that there is room at once, where one can also join online."""
    if not news.gathering.hybrid or news.secret:
        return ()
    return (news.texts.gettext("You can also join online, at once: press the button and choose “online”."),)


def _turn(news: News) -> str:
    _ = news.texts.gettext
    if news.facts.get("position") is not None:
        return _("You are number %(position)s on the waiting list.", position=POSITION)
    return _("You are on the waiting list.")


def _promotion(news: News) -> Said:
    _ = news.texts.gettext
    return Said(
        prefix=_("You have a seat: "),
        opening=(_("Good news: you have a seat at %(what)s. We look forward to seeing you.", what=news.what),),
        closing=(give_way(news),),
    )


def _offer(news: News) -> Said:
    _ = news.texts.gettext
    return Said(
        prefix=_("A seat for you: "),
        opening=(
            _("A seat has come free at %(what)s. We hold it for you until %(until)s.", what=news.what, until=DEADLINE),
        ),
        ask="take",
        question=_("Would you like the seat?"),
        closing=(
            _(
                "If we do not hear from you by then, the seat goes to the next person and you move to the end of the"
                " waiting list."
            ),
        ),
    )


def _offer_expired(news: News) -> Said:
    _ = news.texts.gettext
    held = _("We held a seat at %(what)s for you, but did not hear from you in time.", what=news.what)
    gone = _("The seat goes to the next person. You are still on the waiting list, now at its end.")
    return Said(opening=(held, gone, *_online(news)))


def _demotion(news: News) -> Said:
    _ = news.texts.gettext
    note = "" if news.secret else clean_text(news.facts.get("note") or "", REASON)
    return Said(
        prefix=_("Back on the waiting list: "),
        opening=(
            _("The facilitator could not keep your seat at %(what)s. You are on the waiting list now.", what=news.what),
            *([note] if note else []),
            *_online(news),
        ),
        closing=(_("As soon as a seat comes free for you, we will let you know."),),
    )


def _tentative(news: News) -> Said:
    _ = news.texts.gettext
    return Said(
        opening=(_("Noted: you may be coming to %(what)s. We are not holding a seat for you yet.", what=news.what),),
        ask="answer",
        question=_("Do you know for certain?"),
    )


def _declined(news: News) -> Said:
    _ = news.texts.gettext
    return Said(
        opening=(
            _("Thank you for letting us know that you are not coming to %(what)s.", what=news.what),
            _("That is a pity; we hope to see you another time. Can you make it after all? Just change your answer."),
        )
    )


def _seat_freed(news: News) -> Said:
    opening = news.texts.ngettext(
        "A seat is free at %(what)s, and somebody is waiting for it.",
        "%(count)s seats are free at %(what)s, and people are waiting for them.",
        int(news.facts.get("count", 1)),
        what=news.what,
    )
    decide = news.texts.gettext("It starts soon, so nobody is moved up automatically any more: you decide who comes.")
    return Said(prefix=news.texts.gettext("Seat free: "), opening=(opening, decide), ask="page")


def _too_few(news: News) -> Said:
    _ = news.texts.gettext
    minimum = news.gathering.minimum
    if news.facts.get("because") == "out-of-reach":
        few = _(
            "Fewer than %(minimum)s people can still come to %(what)s. You agreed that it does not take place then.",
            minimum=minimum,
            what=news.what,
        )
    else:
        few = _(
            "Fewer than %(minimum)s people have said yes to %(what)s so far."
            " You agreed that it does not take place then.",
            minimum=minimum,
            what=news.what,
        )
    closing = _("If you do nothing, it stays as it is planned. Only those who lead the circle have heard of this.")
    return Said(
        prefix=_("Too few: "),
        opening=(few, _("You can ask the group for another date: we suggest three, and you see them first.")),
        ask="another-date",
        closing=(closing,),
    )


SAID: Final[Mapping[Purpose, Sentences]] = {
    Purpose.CONFIRMATION: _confirmation,
    Purpose.WAITING: _waiting,
    Purpose.PROMOTION: _promotion,
    Purpose.OFFER: _offer,
    Purpose.OFFER_EXPIRED: _offer_expired,
    Purpose.DEMOTION: _demotion,
    Purpose.TENTATIVE: _tentative,
    Purpose.DECLINED: _declined,
    Purpose.SEAT_FREED: _seat_freed,
    Purpose.TOO_FEW: _too_few,
}
"""What each of these purposes says."""
