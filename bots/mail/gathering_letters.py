"""The letters about a gathering: which sentences each takes, purpose by purpose.

What every letter asks and says around them is in `asks`, their form in `render`.
"""

from typing import Final

from bots.mail.asks import asked, lines, stop, why
from bots.mail.letters import ANSWER, NAME, Letter, News
from bots.mail.sentences import gatherings, replies, seats
from service.model import Purpose

_SAID: Final = {**gatherings.SAID, **seats.SAID, **replies.SAID}


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
