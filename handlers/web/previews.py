"""Who will hear of a step, in sentences, and the letter that they get: shown before anything is sent."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from service.actions.previewing import Hearing, Preview
from service.model import Purpose
from service.rules.groups import Group
from service.rules.ways import Sequel
from service.texts.catalogue import Texts, marked

_MAILS: Final = {
    Purpose.INVITATION: marked("an invitation by mail, for their calendar"),
    Purpose.UPDATE: marked("a mail, and their calendar changes with it"),
    Purpose.CANCELLATION: marked("a mail, and it goes out of their calendar"),
}


def sentences(texts: Texts, preview: Preview) -> list[str]:
    """Say group by group who hears what; without anybody who hears, nothing."""
    if not preview.told:
        return _follows(texts, preview)
    mail = texts.gettext(_MAILS[preview.purpose])
    hear = [
        texts.gettext("%(people)s: %(mail)s", people=people(texts, one), mail=mail)
        for one in preview.hearings
        if one.hears
    ]
    silent = [
        texts.gettext("%(people)s: no message", people=people(texts, one)) for one in preview.hearings if not one.hears
    ]
    return hear + silent + _follows(texts, preview)


def _follows(texts: Texts, preview: Preview) -> list[str]:
    """Say what becomes of those who said yes, where the ways to take part change."""
    of, found = preview.sequels, []
    if asked := of.get(Sequel.ASK):
        found.append(
            texts.ngettext(
                "%(count)s person was going to join online. They are asked anew, and have no seat until they say yes.",
                "%(count)s people were going to join online. They are asked anew, and have no seat until they say yes.",
                asked,
            )
        )
    if joins := of.get(Sequel.JOIN):
        found.append(
            texts.ngettext(
                "%(count)s person said yes to joining online, and still joins online unless they choose the place.",
                "%(count)s people said yes to joining online, and still join online unless they choose the place.",
                joins,
            )
        )
    if preview.lifted is not None:
        found.append(
            texts.gettext(
                "The limit of %(capacity)s was that of the place, and goes with it: online there is room for everyone.",
                capacity=preview.lifted,
            )
        )
    return found


def total(texts: Texts, previews: Iterable[Preview]) -> str:
    """Say how many mails several steps lead to together."""
    return texts.ngettext("%(count)s mail", "%(count)s mails", sum(one.told for one in previews))


def people(texts: Texts, hearing: Hearing) -> str:
    """Say how many people a group holds."""
    return _PEOPLE[hearing.group](texts, hearing.count)


_PEOPLE: Final[Mapping[Group, Callable[[Texts, int], str]]] = {
    Group.NEW: lambda t, n: t.ngettext("%(count)s new person", "%(count)s new people", n),
    Group.FACILITATING: lambda t, n: t.ngettext("%(count)s facilitator", "%(count)s facilitators", n),
    Group.COMING: lambda t, n: t.ngettext("%(count)s person who is coming", "%(count)s people who are coming", n),
    Group.ONLINE: lambda t, n: t.ngettext("%(count)s person who joins online", "%(count)s people who join online", n),
    Group.OFFERED: lambda t, n: t.ngettext("%(count)s person with an offer", "%(count)s people with an offer", n),
    Group.WAITING: lambda t, n: t.ngettext("%(count)s person who waits", "%(count)s people who wait", n),
    Group.MAYBE: lambda t, n: t.ngettext("%(count)s person who said maybe", "%(count)s people who said maybe", n),
    Group.OPEN: lambda t, n: t.ngettext("%(count)s person without an answer", "%(count)s people without an answer", n),
    Group.DECLINED: lambda t, n: t.ngettext("%(count)s person who said no", "%(count)s people who said no", n),
}
