"""The letters about the reader and no gathering: signing in, the chat that is connected to them, their end."""

from collections.abc import Mapping
from typing import Any

from bots.mail import address_letters
from bots.mail.letters import CODE, LINE, LOGIN, ME, NAME, Button, Letter
from service.formats.cleaning import clean_line
from service.model import Purpose
from service.texts.catalogue import Texts


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


def letter(purpose: Purpose, texts: Texts, facts: Mapping[str, Any], association: str) -> Letter:
    """Write a letter about the reader and no gathering."""
    if purpose is Purpose.LINK_CODE:
        return _link_code(texts, association)
    if purpose is Purpose.LINKED:
        return _linked(texts, association, clean_line(facts.get("account") or "", LINE))
    if purpose in address_letters.PURPOSES:
        return address_letters.letter(purpose, texts, association, decides="confirm" in facts)
    if purpose is Purpose.ERASED:
        return _erased(texts, association)
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


def _erased(texts: Texts, association: str) -> Letter:
    _ = texts.gettext
    return Letter(
        subject=_("Your data at %(name)s have been erased", name=association),
        greeting=_("Dear %(name)s,", name=NAME),
        opening=(
            _(
                "What we knew of you is erased:"
                " your name, your addresses, your circles, your answers and your messages."
            ),
            _(
                "For each gathering still to come you get one last cancellation, so that it goes out of your calendar."
                " How many people came to what is over stays known; that you were one of them does not."
            ),
        ),
        regards=_("Kind regards,"),
        closing=(
            _(
                "After this you hear no more from us."
                " You are welcome back whenever you like: just sign up for something."
            ),
            _("Did you not ask for this? Then let the association know."),
        ),
        why=_("You receive this mail because this was your address of record."),
    )
