"""The letters about the reader's own addresses, when somebody of the team has changed those.

They go to the addresses of before, and say nothing of what somebody is a member of: a mailbox may have other readers.
"""

from dataclasses import replace
from typing import Final

from bots.mail.letters import ADDRESS, CONFIRM, WHEN, Button, Letter
from service.model import Purpose
from service.texts.catalogue import Texts

PURPOSES: Final = frozenset(
    {Purpose.ADDRESS_ADDED, Purpose.ADDRESS_PRIMARY, Purpose.ADDRESS_REMOVED, Purpose.ADDRESS_WAITS}
)


def letter(purpose: Purpose, texts: Texts, association: str, *, decides: bool) -> Letter:
    """Write what has become of an address; `decides`: the reader may say whether it is theirs."""
    if purpose is Purpose.ADDRESS_WAITS:
        return _waits(texts, association)
    _, facts = texts.gettext, {"name": association, "when": WHEN, "address": ADDRESS}
    right = _("Is that right? Then you need not do anything.")
    wrong = _("Is it not? Then let the association know at once.")
    if purpose is Purpose.ADDRESS_REMOVED:
        subject = _("%(name)s has removed a mail address of yours", name=association)
        removed = _(
            "Somebody of the team of %(name)s removed a mail address from what we know of you,"
            " on %(when)s: %(address)s.",
            **facts,
        )
        return _heard(texts, subject, removed, _("You can no longer sign in with it."), right, wrong)
    if purpose is Purpose.ADDRESS_PRIMARY:
        subject = _("Your mail from %(name)s goes to another address", name=association)
        given = _(
            "Somebody of the team of %(name)s changed your mail address, on %(when)s."
            " From now on our mail goes to %(address)s.",
            **facts,
        )
    else:
        subject = _("%(name)s has a new mail address of yours", name=association)
        given = _(
            "Somebody of the team of %(name)s added a mail address to what we know of you, on %(when)s: %(address)s.",
            **facts,
        )
    if not decides:
        return _heard(texts, subject, given, right, wrong)
    right = _("Is it yours? Then please say so below.")
    wrong = _("Is it not yours, or are you not sure? Take it away on the same page, and let the association know.")
    return replace(
        _heard(texts, subject, given, right, wrong),
        buttons=(Button(_("Is this address yours?"), CONFIRM),),
        link=(_("Say here whether this address is yours:"), CONFIRM),
    )


def _heard(texts: Texts, subject: str, *opening: str) -> Letter:
    """Write to an address of before."""
    return Letter(
        subject=subject,
        greeting=texts.gettext("Hello,"),
        opening=opening,
        regards=texts.gettext("Kind regards,"),
        why=texts.gettext("You receive this mail because we know you by this address, or did until now."),
    )


def _waits(texts: Texts, association: str) -> Letter:
    _ = texts.gettext
    return Letter(
        subject=_("Signing in to %(name)s: one more step", name=association),
        greeting=_("Hello,"),
        opening=(
            _("You cannot sign in with this address yet: the team added it, and we do not know yet that it is yours."),
            _(
                "We have just mailed the address we knew you by before."
                " Open the link in that mail and say that it is yours."
            ),
            _("Do you no longer read mail there? Then ask the association to help you."),
        ),
        regards=_("Kind regards,"),
        why=_(
            "You receive this mail because somebody wants to sign in with this address."
            " If that was not you, you can ignore it."
        ),
    )
