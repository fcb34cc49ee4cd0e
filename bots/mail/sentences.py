"""Which sentences a mail takes, purpose by purpose; the translations are in service/texts/nl/mail.po.

Chooses words only: what every letter asks and says around them is in `asks`, their form in `render`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from bots.mail.asks import asked, lines, stop, why
from bots.mail.letters import ANSWER, CODE, DEADLINE, LINE, LOGIN, ME, NAME, POSITION, Button, Letter, News
from service.formats.cleaning import clean_line, clean_text
from service.formats.fields import TEXT
from service.model import Purpose, WaitingReason
from service.texts.catalogue import Texts

_REASON: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """What differs from purpose to purpose. `prefix` goes before the title in the subject.

    `body` is for the description of the gathering, `message` for what somebody wrote for this mail alone. `dated`: the
    subject names the day.
    """

    opening: tuple[str, ...]
    prefix: str = ""
    ask: str = "change"
    question: str = ""
    closing: tuple[str, ...] = ()
    body: bool = False
    message: str = ""
    dated: bool = True


_ASKING: Final = frozenset({Purpose.CONFIRMATION, Purpose.WAITING, Purpose.PROMOTION, Purpose.REMINDER})
_SAID_YES: Final = frozenset({"coming", "online", "facilitating", "waiting", "offered"})


def _asks(news: News) -> tuple[str, str]:
    """Return where the questions of the gathering are answered, in words and as a link; never what they are."""
    count = news.gathering.questions
    if not count or news.purpose not in _ASKING or news.standing not in _SAID_YES:
        return "", ""
    words = news.texts.ngettext(
        "There is one question for you. Answer it here, or see what you said:",
        "There are %(count)s questions for you. Answer them here, or see what you said:",
        count,
    )
    return words, f"{news.page if news.secret else ANSWER}#questions"


def _kept_back(news: News) -> bool:
    """Tell whether the page of a gathering says more than a letter may; while a date is looked for there is none."""
    return news.secret and news.purpose is not Purpose.POLL


def letter(news: News) -> Letter:
    """Write the letter for a notice about a gathering."""
    _ = news.texts.gettext
    said = _SAID[news.purpose](news)
    buttons, link = asked(news, said.ask)
    # A subject that stays the same keeps the mails about one gathering together; what must be seen at once goes before.
    return Letter(
        subject=f"{said.prefix}{news.title}" + (f" – {news.short}" if said.dated else ""),
        greeting=_("Hello,") if news.stranger else _("Dear %(name)s,", name=NAME),
        opening=said.opening,
        regards=_("Kind regards,"),
        message=said.message,
        heading=news.title,
        lines=lines(news),
        body=news.body if said.body else "",
        question=said.question,
        buttons=buttons,
        hint=_("The button opens a page where you confirm your answer.") if len(buttons) > 1 else "",
        link=link,
        closing=said.closing,
        asks=_asks(news),
        more=(_("You will find the subject and the place after signing in:"), news.page)
        if _kept_back(news)
        else ("", ""),
        why=why(news),
        stop=stop(news),
    )


def sign_in(texts: Texts, association: str) -> Letter:
    """Write the letter that signs somebody in; nothing in it was typed by whoever asked."""
    _ = texts.gettext
    return Letter(
        subject=_("Sign in to %(name)s", name=association),
        greeting=_("Hello,"),
        opening=(_("This link signs you in. Open it in the browser in which you asked for it."),),
        regards=_("Kind regards,"),
        buttons=(Button(_("Sign in"), LOGIN),),
        link=(_("Sign in here:"), LOGIN),
        code=(_("Is that browser on another device? Type this code there instead:"), CODE),
        closing=(_("The link and the code work once, for ten minutes."),),
        why=_(
            "You receive this mail because somebody wants to sign in with this address."
            " If that was not you, you can ignore it."
        ),
    )


def personal(purpose: Purpose, texts: Texts, facts: Mapping[str, Any], association: str) -> Letter:
    """Write a letter about the reader and no gathering."""
    if purpose is Purpose.LINK_CODE:
        return _link_code(texts, association)
    if purpose is Purpose.LINKED:
        return _linked(texts, association, clean_line(facts.get("account") or "", LINE))
    return _unlinked(texts, association) if purpose is Purpose.UNLINKED else sign_in(texts, association)


def _link_code(texts: Texts, association: str) -> Letter:
    _ = texts.gettext
    return Letter(
        subject=_("The code to connect your chat with %(name)s", name=association),
        greeting=_("Hello,"),
        opening=(_("Somebody, most likely you, wants to receive your messages in a chat on Telegram."),),
        regards=_("Kind regards,"),
        code=(_("Type this code in that chat:"), CODE),
        closing=(
            _("The code works once, for fifteen minutes. Give it to nobody: whoever types it reads your messages."),
        ),
        why=_(
            "You receive this mail because somebody typed this address in a chat with us."
            " If that was not you, you can ignore it."
        ),
    )


def _linked(texts: Texts, association: str, account: str) -> Letter:
    _ = texts.gettext
    return Letter(
        subject=_("Your chat is connected with %(name)s", name=association),
        greeting=_("Hello,"),
        opening=(
            _("From now on your reminders and messages go to %(account)s on Telegram.", account=account),
            _("Invitations for your calendar still come by mail."),
        ),
        regards=_("Kind regards,"),
        buttons=(Button(_("See or disconnect it"), ME),),
        link=(_("See or disconnect it on your own page:"), ME),
        closing=(_("Was this not you? Then disconnect it at once, and let the association know."),),
        why=_("You receive this mail because this is your address of record."),
    )


def _unlinked(texts: Texts, association: str) -> Letter:
    _ = texts.gettext
    return Letter(
        subject=_("Your chat is no longer connected with %(name)s", name=association),
        greeting=_("Hello,"),
        opening=(
            _("The chat on Telegram that was connected to you now belongs to somebody else."),
            _("From now on everything for you comes by mail again."),
        ),
        regards=_("Kind regards,"),
        buttons=(Button(_("My page"), ME),),
        link=(_("Your own page:"), ME),
        why=_("You receive this mail because this is your address of record."),
    )


def _invitation(news: News) -> _Said:
    _ = news.texts.gettext
    if news.facts.get("again"):
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
    return _Said(opening=(opening,), ask="answer", question=_("Are you coming?"), body=True)


def _confirmation(news: News) -> _Said:
    _ = news.texts.gettext
    if news.standing == "facilitating":
        return _Said(opening=(_("Good to know you will be at %(what)s.", what=news.what),))
    if news.standing == "online":
        opening = _(
            "Great, you are joining %(what)s online. The link stands below and in your calendar.", what=news.what
        )
        return _Said(opening=(opening,))
    opening = _("Great, you are coming! Your seat at %(what)s is booked.", what=news.what)
    return _Said(opening=(opening,), closing=(_give_way(news),))


def _waiting(news: News) -> _Said:
    _ = news.texts.gettext
    reason = news.facts.get("reason")
    if reason == WaitingReason.APPROVAL:
        return _Said(
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
    if not news.gathering.hybrid or news.secret:
        return _Said(opening=(f"{full} {_turn(news)}", later))
    online = _("You can also join online, at once: press the button and choose “online”.")
    return _Said(opening=(f"{full} {_turn(news)}", later, online))


def _promotion(news: News) -> _Said:
    _ = news.texts.gettext
    return _Said(
        prefix=_("You have a seat: "),
        opening=(_("Good news: you have a seat at %(what)s. We look forward to seeing you.", what=news.what),),
        closing=(_give_way(news),),
    )


def _offer(news: News) -> _Said:
    _ = news.texts.gettext
    return _Said(
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


def _offer_expired(news: News) -> _Said:
    _ = news.texts.gettext
    held = _("We held a seat at %(what)s for you, but did not hear from you in time.", what=news.what)
    gone = _("The seat goes to the next person. You are still on the waiting list, now at its end.")
    return _Said(opening=(held, gone))


def _demotion(news: News) -> _Said:
    _ = news.texts.gettext
    note = "" if news.secret else clean_text(news.facts.get("note") or "", _REASON)
    return _Said(
        prefix=_("Back on the waiting list: "),
        opening=(
            _("The facilitator could not keep your seat at %(what)s. You are on the waiting list now.", what=news.what),
            *([note] if note else []),
        ),
        closing=(_("As soon as a seat comes free for you, we will let you know."),),
    )


def _tentative(news: News) -> _Said:
    _ = news.texts.gettext
    return _Said(
        opening=(_("Noted: you may be coming to %(what)s. We are not holding a seat for you yet.", what=news.what),),
        ask="answer",
        question=_("Do you know for certain?"),
    )


def _declined(news: News) -> _Said:
    _ = news.texts.gettext
    return _Said(
        opening=(
            _("Thank you for letting us know that you are not coming to %(what)s.", what=news.what),
            _("That is a pity; we hope to see you another time. Can you make it after all? Just change your answer."),
        )
    )


def _update(news: News) -> _Said:
    _ = news.texts.gettext
    moved, relocated = news.facts.get("moved"), news.facts.get("relocated") and not news.secret
    if moved and relocated:
        prefix, opening = _("New time and place: "), _("There is a new time and place for %(what)s.", what=news.what)
    elif moved:
        prefix, opening = _("New time: "), _("There is a new time for %(what)s.", what=news.what)
    elif relocated:
        prefix, opening = _("New place: "), _("There is a new place for %(what)s.", what=news.what)
    else:
        prefix, opening = "", _("The information about %(what)s has been updated.", what=news.what)
    ask, question, kept = _still_coming(news)
    return _Said(
        prefix=prefix,
        opening=(opening, kept) if kept else (opening,),
        ask=ask,
        question=question,
        body=bool(news.facts.get("edited")),
    )


def _cancellation(news: News) -> _Said:
    _ = news.texts.gettext
    reason = "" if news.secret else clean_text(news.facts.get("cancel_reason", ""), _REASON)
    return _Said(
        prefix=_("Cancelled: "),
        opening=(_("Unfortunately %(what)s will not take place.", what=news.what), *([reason] if reason else [])),
        ask="nothing",
        closing=(_calendar_knows(news),),
    )


def _withdrawal(news: News) -> _Said:
    _ = news.texts.gettext
    return _Said(
        prefix=_("No longer invited: "),
        opening=(_("You are no longer on the list for %(what)s.", what=news.what),),
        ask="nothing",
        closing=(_calendar_knows(news), _("If this is not right, please ask the facilitator.")),
    )


def _reminder(news: News) -> _Said:
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
    closing = (_give_way(news),) if news.standing == "coming" else ()
    return _Said(prefix=prefix, opening=(f"{opening} {then}",), ask=ask, question=question, closing=closing)


def _poll(news: News) -> _Said:
    _ = news.texts.gettext
    if news.facts.get("again"):
        opening = _("We are still looking for a date for %(what)s, and have not heard from you yet.", what=news.what)
    else:
        opening = _("We are looking for a date for %(what)s.", what=news.what)
    return _Said(
        prefix=_("Which date? "),
        opening=(opening, _("Which of these moments suit you? Tick them, and we pick what suits most people.")),
        ask="tick",
        closing=(
            _("Once a date is picked you get an invitation, and then you say whether you come."),
            _(
                "You can also answer with the numbers of what suits you, like this: date %(example)s",
                example=f"{news.gathering.id}-1-3",
            ),
        ),
        dated=False,
    )


def _seat_freed(news: News) -> _Said:
    opening = news.texts.ngettext(
        "A seat is free at %(what)s, and somebody is waiting for it.",
        "%(count)s seats are free at %(what)s, and people are waiting for them.",
        int(news.facts.get("count", 1)),
        what=news.what,
    )
    decide = news.texts.gettext("It starts soon, so nobody is moved up automatically any more: you decide who comes.")
    return _Said(prefix=news.texts.gettext("Seat free: "), opening=(opening, decide), ask="page")


def _visitor(news: News) -> _Said:
    _ = news.texts.gettext
    return _Said(
        opening=(
            _("Somebody has asked for a seat at %(what)s with this address.", what=news.what),
            _("Was that you? Please confirm it; you are not registered until you do."),
        ),
        ask="confirm",
        closing=(
            _("If it was not you, there is nothing you need to do: we will forget this address within seven days."),
        ),
    )


def _ask_link(news: News) -> _Said:
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
    return _Said(opening=opening, ask="answer", question=_("Are you coming?"))


def _ask_again(news: News) -> _Said:
    _ = news.texts.gettext
    opening = (
        _("Thank you for your answer about %(what)s.", what=news.what),
        _("It was about an earlier time or place; both as they are now stand below."),
    )
    return _Said(opening=opening, ask="answer", question=_("Can you make it?"))


def _closed(news: News) -> _Said:
    _ = news.texts.gettext
    closed = {
        "cancelled": _("It has been cancelled, so there is nothing you need to do."),
        "withdrawn": _("You are no longer on the list for it. If this is not right, please ask the facilitator."),
    }.get(news.facts.get("because", ""), _("It has already taken place, so your answer changes nothing any more."))
    return _Said(opening=(_("Thank you for your answer about %(what)s.", what=news.what), closed), ask="nothing")


def _register_here(news: News) -> _Said:
    _ = news.texts.gettext
    return _Said(
        opening=(
            _(
                "From this address came an answer to an invitation to %(what)s that was meant for somebody else.",
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


def _unsubscribed(news: News) -> _Said:
    _ = news.texts.gettext
    if news.secret:
        stopped = _("You will get no more invitations by mail from this circle.")
    else:
        stopped = _("You will get no more invitations by mail from %(circle)s.", circle=news.circle)
    return _Said(opening=(stopped, _("Your answer for %(what)s stays as it is.", what=news.what)))


def _check_in(news: News) -> _Said:
    _ = news.texts.gettext
    return _Said(
        prefix=_("You are here: "),
        opening=(_("Welcome at %(what)s! Press the button, and you are on the list as present.", what=news.what),),
        ask="present",
        closing=(_("The link works until the gathering is over."),),
    )


def _rating(news: News) -> _Said:
    _ = news.texts.gettext
    closing = _("Nobody sees what you gave: only the average of at least five people is shown.")
    return _Said(
        prefix=_("How was it? "),
        opening=(_("You were at %(what)s. We would like to know what you thought of it.", what=news.what),),
        ask="rate",
        question=_("What mark would you give it, from 1 to 10?"),
        closing=(closing,),
    )


def _broadcast(news: News) -> _Said:
    _ = news.texts.gettext
    author = clean_line(news.facts.get("author") or "", LINE)
    if news.secret:
        opening = _("There is a message for you about %(what)s. You can read it after signing in.", what=news.what)
    elif author:
        opening = _("%(author)s has a message for you about %(what)s:", author=author, what=news.what)
    else:
        opening = _("There is a message for you about %(what)s:", what=news.what)
    open_question = news.standing == "open" and not news.facts.get("over")
    return _Said(
        prefix=_("Message: "),
        opening=(opening,),
        ask="nothing" if news.facts.get("over") else "answer" if open_question else "change",
        question=_("Are you coming?") if open_question else "",
        message="" if news.secret else clean_text(news.facts.get("text", ""), TEXT),
    )


_SAID: Final[Mapping[Purpose, Callable[[News], _Said]]] = {
    Purpose.INVITATION: _invitation,
    Purpose.CONFIRMATION: _confirmation,
    Purpose.WAITING: _waiting,
    Purpose.PROMOTION: _promotion,
    Purpose.OFFER: _offer,
    Purpose.OFFER_EXPIRED: _offer_expired,
    Purpose.DEMOTION: _demotion,
    Purpose.TENTATIVE: _tentative,
    Purpose.DECLINED: _declined,
    Purpose.UPDATE: _update,
    Purpose.CANCELLATION: _cancellation,
    Purpose.WITHDRAWAL: _withdrawal,
    Purpose.REMINDER: _reminder,
    Purpose.CHECK_IN: _check_in,
    Purpose.RATING: _rating,
    Purpose.POLL: _poll,
    Purpose.SEAT_FREED: _seat_freed,
    Purpose.VISITOR: _visitor,
    Purpose.ASK_LINK: _ask_link,
    Purpose.ASK_AGAIN: _ask_again,
    Purpose.CLOSED: _closed,
    Purpose.REGISTER_HERE: _register_here,
    Purpose.UNSUBSCRIBED: _unsubscribed,
    Purpose.BROADCAST: _broadcast,
}


def _turn(news: News) -> str:
    _ = news.texts.gettext
    if news.facts.get("position") is not None:
        return _("You are number %(position)s on the waiting list.", position=POSITION)
    return _("You are on the waiting list.")


def _give_way(news: News) -> str:
    return news.texts.gettext(
        "Has something come up? Let us know in good time, so that someone else can have your seat."
    )


def _calendar_knows(news: News) -> str:
    return news.texts.gettext("Your calendar will be updated too; there is nothing you need to do.")


def _still_coming(news: News) -> tuple[str, str, str]:
    """Return what to ask after a change, in which words, and what stays as it is."""
    _ = news.texts.gettext
    if not news.facts.get("rsvp"):
        return "change", "", ""
    kept = {
        "coming": _("Your seat remains yours."),
        "online": _("You join online, as you said."),
        "waiting": _("You keep your place on the waiting list."),
        "declined": _("You had declined. Perhaps you can come now?"),
    }.get(news.standing, "")
    return "answer", _("Can you make it?"), kept


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
