"""The menus: per kind of chat and language, set only when they changed, and no bot stops over them."""

from bots.telegram import client, menu
from tests.bots.telegram.conftest import House
from tests.fakes.telegram import Refusal


async def test_everybody_gets_a_menu_in_their_language_and_who_leads_one_more_line(house: House) -> None:
    await house.play.open("Anna", facilitator="Fien")
    anna, fien = await house.account("Anna"), await house.account("Fien")
    english = house.telegram.account("Ellen", language="en")
    async with house.open():
        await house.telegram.until(lambda: len(house.telegram.called("setMyCommands")) == 8)
    assert house.telegram.menu(anna) == ["agenda", "mijn", "kringen", "taal", "link", "unlink", "stop", "help"]
    assert house.telegram.menu(english) == ["agenda", "mine", "circles", "language", "link", "unlink", "stop", "help"]
    assert house.telegram.menu(fien)[:2] == ["lijst", "agenda"]


async def test_a_menu_that_is_set_already_is_left_alone(house: House) -> None:
    await house.play.open("Anna", facilitator="Fien")
    await house.account("Fien")
    bot = client.connect(house.telegram.token, house.telegram.url)
    for _ in range(3):
        await menu.bring_up(bot, house.play.db)
    assert len(house.telegram.called("setMyCommands")) == 8
    await house.play.execute("update membership set role = 'participant'")
    await menu.bring_up(bot, house.play.db)
    assert len(house.telegram.called("deleteMyCommands")) == 2
    await bot.session.close()


async def test_a_bot_that_may_set_no_menu_answers_all_the_same(house: House) -> None:
    await house.play.open("Anna", facilitator="")
    anna = await house.account("Anna")
    house.telegram.tell("setMyCommands", Refusal.too_many(5))
    async with house.open():
        anna.types("/help")
        await anna.reads("Dit kun je me vragen")
