"""Guests from outside: a person of a guest organisation, invited to one gathering and to nothing else."""

import pytest

from service.actions import guests
from service.errors import Conflict, Invalid, NotAllowed
from service.model import Gathering, Registration
from service.rules.access import KRING, Actor
from tests.actions.play import Play

GERDA = {"name": "Gerda Gast", "email": "Gerda@Example.net", "organisation": "Buurt BV", "language": "en"}


async def invite(play: Play, gathering: Gathering, actor: Actor = KRING, **changes: str) -> Registration:
    return await guests.invite(play.db, actor, gathering.id, guests.checked(GERDA | changes), now=play.step())


async def test_a_guest_is_a_person_of_a_guest_organisation_with_one_invitation(play: Play) -> None:
    await play.open("Anna")
    gathering, other = await play.published(), await play.published()
    await play.news()
    made = await invite(play, gathering, await play.actor("Fien"))
    assert (made.person_name, made.organisation, made.partstat, made.facilitator) == (
        "Gerda Gast",
        "Buurt BV",
        "needs-action",
        False,
    )
    assert await play.news() == [("Gerda Gast", "invitation")]
    rows = await play.fetch(
        "select value, verified_at is not null as trusted from address where person_id = $1", made.person_id
    )
    assert [tuple(row) for row in rows] == [("gerda@example.net", True)]
    assert await play.fetch("select 1 from membership where person_id = $1", made.person_id) == []
    assert made.person_id not in [one.person_id for one in await play.roster(other)]
    assert (await invite(play, gathering)).person_id == made.person_id  # once more is the same guest
    assert await play.news() == []


async def test_a_known_address_invites_whose_it_is_and_changes_nothing_of_them(play: Play) -> None:
    await play.open("Anna", facilitator="")
    await play.person("Bert")
    gathering = await play.published()
    await play.news()
    found = await invite(play, gathering, email="bert@example.org", name="Iemand anders")
    assert (found.person_id, found.person_name, found.organisation) == (play.ids["Bert"], "Bert", None)
    assert await play.news() == [("Bert", "invitation")]


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"name": " "}, "name"), ({"email": "geen adres"}, "email"), ({"language": "fr"}, "language")],
)
def test_what_was_typed_is_checked(changes: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        guests.checked(GERDA | changes)
    assert refused.value.field == field


async def test_who_may_not_and_when_it_cannot_be(play: Play) -> None:
    await play.open("Anna")
    gathering, draft = await play.published(), await play.draft()
    with pytest.raises(NotAllowed):
        await invite(play, gathering, await play.actor("Anna"))
    with pytest.raises(Conflict):
        await invite(play, draft)
    play.clock.set(gathering.starts_at)
    with pytest.raises(Conflict):
        await invite(play, gathering)


async def test_only_its_own_facilitators_bring_a_guest_into_a_confidential_circle(play: Play) -> None:
    await play.open("Anna", kind="intervision_group")
    gathering = await play.published()
    with pytest.raises(NotAllowed):
        await invite(play, gathering)
    assert (await invite(play, gathering, await play.actor("Fien"))).person_name == "Gerda Gast"
