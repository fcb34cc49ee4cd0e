"""What is told of a gathering to its people: that it is planned, has changed, comes near, is over or is off."""

from collections.abc import Mapping
from typing import Final

from bots.mail.letters import LINE, News
from bots.mail.sentences.said import REASON, Said, Sentences, calendar_knows, give_way
from service.formats.cleaning import clean_line, clean_text
from service.formats.fields import TEXT
from service.model import Mode, Purpose, Status


def _invitation(news: News) -> Said:
    _ = news.texts.gettext
    again = news.facts.get("again")
    if again:
        opening = _(
            "Good news: %(what)s takes place after all. Earlier answers no longer count,"
            " so please let us know once more whether you are coming.",
            what=news.what,
        )
    elif news.standing == "facilitating":
        opening = _("You facilitate %(what)s. The invitations have gone out.", what=news.what)
    elif news.secret or news.circle == news.title:
        opening = _("You are warmly invited to %(what)s.", what=news.what)
    else:
        opening = _("%(circle)s warmly invites you to %(what)s.", circle=news.circle, what=news.what)
    prefix = _("Takes place after all: ") if again else ""
    return Said(prefix=prefix, opening=(opening,), ask="answer", question=_("Are you coming?"), body=True)


def _update(news: News) -> Said:
    way, ways = _ways(news)
    prefix, opening = _changed(news)
    ask, question, kept = _still_coming(news)
    if not opening and not ways:
        opening = news.texts.gettext("The information about %(what)s has been updated.", what=news.what)
    return Said(
        prefix=prefix or way,
        opening=tuple(one for one in (opening, ways, kept) if one),
        ask=ask,
        question=question,
        body=bool(news.facts.get("edited")),
    )


def _changed(news: News) -> tuple[str, str]:
    """Say that the time or the place is another, for the subject and as a sentence; neither where both stay."""
    _ = news.texts.gettext
    if news.facts.get("restored"):
        return _("Correction: "), _(
            "What we last told you about %(what)s no longer holds. This is how it stands now.", what=news.what
        )
    moved, relocated = news.facts.get("moved"), news.facts.get("relocated") and not news.secret
    relocated = relocated and news.facts.get("ended") != Mode.ON_SITE
    if relocated and not news.place and not news.gathering.online_url:
        return _nowhere(news)
    if moved and relocated:
        return _("New time and place: "), _("There is a new time and place for %(what)s.", what=news.what)
    if moved:
        return _("New time: "), _("There is a new time for %(what)s.", what=news.what)
    if relocated:
        return _("New place: "), _("There is a new place for %(what)s.", what=news.what)
    return "", ""


def _nowhere(news: News) -> tuple[str, str]:
    """Say that the place is no longer the known one, before there is another."""
    _ = news.texts.gettext
    if news.facts.get("moved"):
        said = _("There is a new time for %(what)s. Where it will be is not known yet.", what=news.what)
        return _("New time: "), said
    return _("Another place: "), _("%(what)s will be somewhere else. Where is not known yet.", what=news.what)


def _ways(news: News) -> tuple[str, str]:
    """Say which way to take part came or went, for the subject and as a sentence; nothing of what is confidential."""
    _ = news.texts.gettext
    if news.secret:
        return "", ""
    said = {
        ("opened", Mode.ONLINE): (_("Online too: "), _("You can now also join %(what)s online.", what=news.what)),
        ("opened", Mode.ON_SITE): (
            _("At a place too: "),
            _("%(what)s was online only; now you can come to the place as well.", what=news.what),
        ),
        ("ended", Mode.ONLINE): (
            _("No longer online: "),
            _("You can no longer join %(what)s online.", what=news.what),
        ),
        ("ended", Mode.ON_SITE): (_("Online only: "), _("%(what)s is now online only.", what=news.what)),
    }
    for fact in ("ended", "opened"):
        if news.facts.get(fact):
            return said[fact, Mode(news.facts[fact])]
    return "", ""


def _cancellation(news: News) -> Said:
    _ = news.texts.gettext
    reason = "" if news.secret else clean_text(news.facts.get("cancel_reason", ""), REASON)
    return Said(
        prefix=_("Cancelled: "),
        opening=(_("Unfortunately %(what)s will not take place.", what=news.what), *([reason] if reason else [])),
        ask="nothing",
        closing=(calendar_knows(news),),
    )


def _withdrawal(news: News) -> Said:
    _ = news.texts.gettext
    return Said(
        prefix=_("No longer invited: "),
        opening=(_("You are no longer on the list for %(what)s.", what=news.what),),
        ask="nothing",
        closing=(calendar_knows(news), _("If this is not right, please ask the facilitator.")),
    )


def _reminder(news: News) -> Said:
    _ = news.texts.gettext
    prefix, opening = _countdown(news)
    said: dict[str, tuple[str, str, str]] = {
        "coming": (_("We look forward to seeing you."), "change", ""),
        "online": (_("You join online; the link stands below."), "change", ""),
        "facilitating": (_("You are facilitating this gathering."), "change", ""),
        "waiting": (
            _("You are still on the waiting list. As soon as a seat comes free, we will let you know."),
            "change",
            "",
        ),
        "offered": (_("A seat is held for you, but you have not taken it yet."), "take", _("Would you like the seat?")),
        "maybe": (_("Your answer was “maybe”."), "answer", _("Do you know for certain by now?")),
        "open": (_("You have not answered yet."), "answer", _("Are you coming?")),
    }
    then, ask, question = said[news.standing]
    closing = (give_way(news),) if news.standing == "coming" else ()
    return Said(prefix=prefix, opening=(f"{opening} {then}",), ask=ask, question=question, closing=closing)


def _countdown(news: News) -> tuple[str, str]:
    _ = news.texts.gettext
    if news.days <= 0:
        return _("Today: "), _("Today is the day: %(what)s.", what=news.what)
    if news.days == 1:
        return _("Tomorrow: "), _("Tomorrow is the day: %(what)s.", what=news.what)
    if news.days == 7:
        return _("Next week: "), _("One week to go: %(what)s.", what=news.what)
    opening = _("%(days)s days to go: %(what)s.", days=news.days, what=news.what)
    return _("Reminder: "), opening


def _still_coming(news: News) -> tuple[str, str, str]:
    """Return what to ask after a change, in which words, and what stays as it is."""
    _ = news.texts.gettext
    asked, online = bool(news.facts.get("rsvp")), news.facts.get("said") == Mode.ONLINE
    if online and asked:
        return "answer", _("Are you coming?"), _asked_anew(news)
    if not asked and not _ways(news)[1]:
        return "change", "", ""
    if news.facts.get("opened") == Mode.ONLINE and news.standing == "waiting" and not asked and not news.secret:
        turn = _("You keep your place on the waiting list. Online there is room at once.")
        return "answer", _("Would you like to join online?"), turn
    kept = {
        "coming": _("Your seat remains yours."),
        "online": _("You join online, as you said."),
        "waiting": _("You keep your place on the waiting list."),
        "declined": _("You had declined. Perhaps you can come now?"),
    }.get("online" if online else news.standing, "")
    return ("answer", _("Can you make it?"), kept) if asked else ("change", "", kept)


def _asked_anew(news: News) -> str:
    """Say to somebody whose yes was to joining online why they are asked once more."""
    _ = news.texts.gettext
    if news.secret:
        return _("Something has changed that your answer was about. That is why we ask you once more.")
    return _("You were going to join online. That is why we ask you once more: would you like to come to the place?")


def _poll(news: News) -> Said:
    _ = news.texts.gettext
    planned = news.gathering.status == Status.PUBLISHED
    if news.facts.get("because") == "too-few":
        opening = _("Too few people can come to %(what)s, so we are looking for another date.", what=news.what)
    elif planned:
        opening = _("We are looking for another date for %(what)s.", what=news.what)
    else:
        opening = _("We are looking for a date for %(what)s.", what=news.what)
    if news.facts.get("again"):
        opening = _("We are still looking for a date for %(what)s, and have not heard from you yet.", what=news.what)
    return Said(
        prefix=_("Which date? "),
        opening=(opening, _("Which of these moments suit you? Tick them, and we pick what suits most people.")),
        ask="tick",
        closing=(
            _("It stays planned for %(when)s until another date is picked; then you get the new time.", when=news.when)
            if planned
            else _("Once a date is picked you get an invitation, and then you say whether you come."),
            _(
                "You can also answer with the numbers of what suits you, like this: date %(example)s",
                example=f"{news.gathering.id}-1-3",
            ),
        ),
        dated=False,
    )


def _check_in(news: News) -> Said:
    _ = news.texts.gettext
    return Said(
        prefix=_("Check in: "),
        opening=(
            _("Welcome to %(what)s! Confirm that you are here, and you are on the list as present.", what=news.what),
        ),
        ask="present",
        closing=(_("The link works until the gathering is over."),),
    )


def _rating(news: News) -> Said:
    _ = news.texts.gettext
    closing = _("Nobody sees what you gave: only the average of at least five people is shown.")
    return Said(
        prefix=_("How was it? "),
        opening=(_("You were at %(what)s. We would like to know what you thought of it.", what=news.what),),
        ask="rate",
        question=_("What mark would you give it, from 1 to 10?"),
        closing=(closing,),
    )


def _broadcast(news: News) -> Said:
    _ = news.texts.gettext
    author = clean_line(news.facts.get("author") or "", LINE)
    if news.secret:
        opening = _("There is a message for you about %(what)s. You can read it after signing in.", what=news.what)
    elif author:
        opening = _("%(author)s has a message for you about %(what)s:", author=author, what=news.what)
    else:
        opening = _("There is a message for you about %(what)s:", what=news.what)
    open_question = news.standing == "open" and not news.facts.get("over")
    return Said(
        prefix=_("Message: "),
        opening=(opening,),
        ask="nothing" if news.facts.get("over") else "answer" if open_question else "change",
        question=_("Are you coming?") if open_question else "",
        message="" if news.secret else clean_text(news.facts.get("text", ""), TEXT),
    )


SAID: Final[Mapping[Purpose, Sentences]] = {
    Purpose.INVITATION: _invitation,
    Purpose.UPDATE: _update,
    Purpose.CANCELLATION: _cancellation,
    Purpose.WITHDRAWAL: _withdrawal,
    Purpose.REMINDER: _reminder,
    Purpose.CHECK_IN: _check_in,
    Purpose.RATING: _rating,
    Purpose.POLL: _poll,
    Purpose.BROADCAST: _broadcast,
}
"""What each of these purposes says."""
