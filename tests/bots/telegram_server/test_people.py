import asyncio
from datetime import timedelta

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import (
    BotCommand,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    Update,
)

from service.clock import MovableClock
from tests.fakes.telegram import TelegramServer
from tests.fakes.telegram.world import Json

YES_NO = InlineKeyboardMarkup(
    inline_keyboard=[
        [
            InlineKeyboardButton(text="Ja", callback_data="yes"),
            InlineKeyboardButton(text="Pagina", url="https://kring.example/me"),
        ]
    ]
)


async def next_update(bot: Bot) -> Update:
    """Return what happened last, and confirm it and all before."""
    found = await bot.get_updates(offset=-1)
    await bot.get_updates(offset=found[-1].update_id + 1)
    return found[-1]


async def answered(pressed: "asyncio.Future[Json]", bot: Bot, **answer: object) -> Json:
    """Let the bot answer the press that is under way."""
    await asyncio.sleep(0)
    query = (await next_update(bot)).callback_query
    assert query is not None
    await bot.answer_callback_query(query.id, **answer)  # type: ignore[arg-type]
    return await pressed


async def test_somebody_starts_types_and_presses(bot: Bot, telegram: TelegramServer) -> None:
    anna = telegram.account("Anna de Vries", language="nl", username="anna")
    anna.opens(f"https://t.me/{(await bot.me()).username}?start=l_abc-123")
    update = await next_update(bot)
    assert update.message is not None
    assert update.message.from_user is not None
    assert (update.message.text, update.message.from_user.full_name) == ("/start l_abc-123", "Anna de Vries")
    assert update.message.from_user.language_code == "nl"
    await bot.send_message(anna.id, "Kom je?", reply_markup=YES_NO)
    pressed = asyncio.ensure_future(anna.presses("Ja"))
    assert await answered(pressed, bot, text="Leuk!", show_alert=True) == {"text": "Leuk!", "alert": True, "url": ""}
    assert (await anna.presses("Pagina"))["url"] == "https://kring.example/me"


async def test_a_payload_that_telegram_does_not_take_is_a_bare_start(bot: Bot, telegram: TelegramServer) -> None:
    anna = telegram.account("Anna")
    for payload in ("a.b", "x" * 65, ""):
        anna.opens(f"t.me/kring_bot?start={payload}")
        update = await next_update(bot)
        assert update.message is not None
        assert update.message.text == "/start"


async def test_a_press_carries_the_message_or_the_little_that_is_left_of_it(bot: Bot, telegram: TelegramServer) -> None:
    anna, bo = telegram.account("Anna"), telegram.account("Bo")
    anna.types("/start")
    await bot.send_message(anna.id, "Kom je?", reply_markup=YES_NO)
    pressed = asyncio.ensure_future(bo.forges("yes", on=anna.last))
    await asyncio.sleep(0)
    query = (await bot.get_updates(offset=-1))[0].callback_query
    assert query is not None
    assert query.message is not None
    assert (query.from_user.id, query.message.chat.id, query.data) == (bo.id, anna.id, "yes")
    await answered(pressed, bot)
    pressed = asyncio.ensure_future(anna.forges_on_a_lost_message("yes"))
    await asyncio.sleep(0)
    query = (await bot.get_updates(offset=-1))[0].callback_query
    assert query is not None
    assert query.message is not None
    assert query.message.date == 0
    await answered(pressed, bot)


async def test_an_answer_to_a_press_has_its_limits(bot: Bot, telegram: TelegramServer, clock: MovableClock) -> None:
    anna = telegram.account("Anna")
    anna.types("/start")
    await bot.send_message(anna.id, "Kom je?", reply_markup=YES_NO)
    press = anna.taps("Ja")
    for wrong, said in (
        ({"text": "x" * 201}, "MESSAGE_TOO_LONG"),
        ({"url": "https://elsewhere.example"}, "URL_INVALID"),
    ):
        with pytest.raises(TelegramBadRequest, match=said):
            await bot.answer_callback_query(press, **wrong)  # type: ignore[arg-type]
    assert await bot.answer_callback_query(press, url="https://t.me/kring_bot?start=g_12")
    late = anna.taps("Ja")
    clock.move(timedelta(minutes=2))
    for number in (late, "12"):
        with pytest.raises(TelegramBadRequest, match="query is too old"):
            await bot.answer_callback_query(number)


async def test_blocking_and_coming_back_are_told(bot: Bot, telegram: TelegramServer) -> None:
    anna = telegram.account("Anna")
    anna.types("/start")
    anna.blocks()
    blocked = (await next_update(bot)).my_chat_member
    assert blocked is not None
    assert (blocked.old_chat_member.status, blocked.new_chat_member.status) == ("member", "kicked")
    anna.types("Toch weer")
    back, message = await bot.get_updates()
    assert back.my_chat_member is not None
    assert back.my_chat_member.new_chat_member.status == "member"
    assert message.message is not None


async def test_in_a_group_the_bot_hears_only_what_is_meant_for_it(bot: Bot, telegram: TelegramServer) -> None:
    anna = telegram.account("Anna")
    group = telegram.group("Kring", anna)
    added = (await next_update(bot)).my_chat_member
    assert added is not None
    assert added.chat.title == "Kring"
    card = await bot.send_message(group.chat.id, "Kaart")
    assert group.types(anna, "Wie neemt er taart mee?") is None
    assert group.types(anna, "/kaart@other_bot 12") is None
    assert group.types(anna, "/kaart 12") is not None
    assert group.types(anna, "/kaart@kring_bot 12") is not None
    assert group.types(anna, "😀 dag @kring_bot") is not None
    assert group.types(anna, "Ik!", reply_to=group.chat.messages[card.message_id]) is not None
    assert group.types_anonymously("/kaart 12") is not None
    texts = [update.message.text for update in await bot.get_updates() if update.message]
    assert texts == ["/kaart 12", "/kaart@kring_bot 12", "😀 dag @kring_bot", "Ik!", "/kaart 12"]


async def test_the_bot_can_ask_who_leads_a_group(bot: Bot, telegram: TelegramServer) -> None:
    anna, bo, cas = (telegram.account(name) for name in ("Anna", "Bo", "Cas"))
    group = telegram.group("Kring", anna, bo)
    group.chat.members[bo.id] = "administrator"
    statuses = [(await bot.get_chat_member(group.chat.id, who.id)).status for who in (anna, bo, cas)]
    assert statuses == ["creator", "administrator", "left"]
    assert {one.user.id for one in await bot.get_chat_administrators(group.chat.id)} == {anna.id, bo.id}
    assert await bot.get_chat_member_count(group.chat.id) == 3
    assert (await bot.get_chat(group.chat.id)).title == "Kring"
    assert await bot.leave_chat(group.chat.id)


async def test_a_menu_is_that_of_the_narrowest_scope_in_the_persons_language(
    bot: Bot, telegram: TelegramServer
) -> None:
    anna, bo = telegram.account("Anna", language="nl"), telegram.account("Bo", language="fr")
    group = telegram.group("Kring", anna, bo)
    private, groups, leads = (
        BotCommandScopeAllPrivateChats(),
        BotCommandScopeAllGroupChats(),
        BotCommandScopeAllChatAdministrators(),
    )
    for scope, language, names in (
        (private, None, ["agenda", "mine"]),
        (private, "nl", ["agenda", "mijn"]),
        (groups, None, ["agenda"]),
        (leads, None, ["card"]),
        (BotCommandScopeChat(chat_id=bo.id), None, ["list"]),
    ):
        commands = [BotCommand(command=name, description="…") for name in names]
        assert await bot.set_my_commands(commands, scope, language)
    assert (telegram.menu(anna), telegram.menu(bo)) == (["agenda", "mijn"], ["list"])
    assert (telegram.menu(anna, group=group), telegram.menu(bo, group=group)) == (["card"], ["agenda"])
    assert [one.command for one in await bot.get_my_commands(private, "nl")] == ["agenda", "mijn"]
    await bot.delete_my_commands(private, "nl")
    assert telegram.menu(anna) == ["agenda", "mine"]
    for wrong in (BotCommand(command="Kaart", description="…"), BotCommand(command="kaart", description="")):
        with pytest.raises(TelegramBadRequest):
            await bot.set_my_commands([wrong])


async def test_what_the_bot_says_of_itself_is_kept_per_language(bot: Bot, telegram: TelegramServer) -> None:
    await bot.set_my_description("The circles")
    await bot.set_my_description("De kringen", "nl")
    await bot.set_my_short_description("Kring")
    await bot.set_my_name("Kring van Noord")
    described = [(await bot.get_my_description(language)).description for language in ("nl", "fr")]
    assert described == ["De kringen", "The circles"]
    assert (await bot.get_my_short_description()).short_description == "Kring"
    assert (await bot.get_my_name("nl")).name == "Kring van Noord"
    with pytest.raises(TelegramBadRequest, match="DESCRIPTION_TOO_LONG"):
        await bot.set_my_description("x" * 513)
    me = await bot.get_me()
    assert (me.is_bot, me.can_read_all_group_messages) == (True, False)
