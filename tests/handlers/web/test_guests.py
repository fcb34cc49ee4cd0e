"""Inviting a guest on a page."""

from service.actions import guests
from tests.handlers.web.conftest import Browsers
from tests.handlers.web.house import House

TYPED = {"name": "Gerda Gast", "email": "gerda@example.net", "organisation": "Buurt BV", "language": "nl"}


async def test_a_guest_is_invited_and_faults_come_back_as_typed(house: House, browsers: Browsers) -> None:
    fatima = await browsers(house.fatima)
    place = f"/manage/gatherings/{house.open.id}/guests"
    page = await fatima.get(place)
    before = len(await house.mails("invitation"))
    wrong = await fatima.press(page, place, **TYPED | {"email": "geen"})
    assert wrong.status == 400
    assert wrong.form(place).fields["name"] == "Gerda Gast"
    done = await fatima.press(page, place, **TYPED)
    assert "De uitnodiging is onderweg." in (await fatima.get(done.location)).words
    assert len(await house.mails("invitation")) - before == 1
    assert place in (await fatima.get(f"/manage/gatherings/{house.open.id}")).text
    draft = f"/manage/gatherings/{house.draft.id}/guests"
    refused = await fatima.press(await fatima.get(draft), draft, **TYPED)
    assert "Gasten kun je uitnodigen" in refused.words


async def test_so_many_a_day_and_no_more(house: House, browsers: Browsers) -> None:
    fatima = await browsers(house.fatima)
    place = f"/manage/gatherings/{house.open.id}/guests"
    page = await fatima.get(place)
    answers = [
        (await fatima.press(page, place, **TYPED | {"email": f"gast{number}@example.net"})).status
        for number in range(guests.INVITER.count + 1)
    ]
    assert answers == [303] * guests.INVITER.count + [429]
