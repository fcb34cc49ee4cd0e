from datetime import timedelta

import pytest
from aiogram import Bot
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramMigrateToChat,
)
from aiogram.types import (
    BufferedInputFile,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    MessageEntity,
    ReplyParameters,
)
from aiogram.utils.formatting import Bold, Text, TextLink

from service.clock import MovableClock
from tests.fakes.telegram import Account, TelegramServer

PNG = b"\x89PNG\r\n\x1a\n and so on"


@pytest.fixture
def anna(telegram: TelegramServer) -> Account:
    made = telegram.account("Anna de Vries", language="nl", username="anna")
    made.types("/start")
    return made


def one(text: str, **action: str) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text=text, **action)]])


async def test_a_message_with_entities_and_buttons_comes_back_as_aiogram_reads_it(bot: Bot, anna: Account) -> None:
    text = Text("Café ", Bold("<Anna> & 😀 co"), " ", TextLink("hier", url="https://kring.example/r/x"))
    sent = await bot.send_message(anna.id, **text.as_kwargs(), reply_markup=one("Ja", callback_data="r1:yes"))
    assert (sent.text, sent.chat.id, sent.chat.type) == ("Café <Anna> & 😀 co hier", anna.id, "private")
    assert [(entity.type, entity.extract_from(sent.text or "")) for entity in sent.entities or []] == [
        ("bold", "<Anna> & 😀 co"),
        ("text_link", "hier"),
    ]
    assert sent.reply_markup is not None
    assert [button.callback_data for row in sent.reply_markup.inline_keyboard for button in row] == ["r1:yes"]
    assert (anna.last.text, anna.last.labels) == (sent.text, ["Ja"])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x" * 4097, "message is too long"),
        ("😀" * 2049, "message is too long"),
        (" \n ", "message text is empty"),
    ],
)
async def test_texts_are_measured_in_utf_16(bot: Bot, anna: Account, text: str, said: str) -> None:
    with pytest.raises(TelegramBadRequest, match=said):
        await bot.send_message(anna.id, text)
    assert anna.messages == []


async def test_the_longest_text_passes_and_white_space_around_it_is_cut(bot: Bot, anna: Account) -> None:
    assert (await bot.send_message(anna.id, "😀" * 2048)).text == "😀" * 2048
    sent = await bot.send_message(
        anna.id, "\n Ja \n", entities=[MessageEntity(type="bold", offset=2, length=3)], parse_mode=None
    )
    [entity] = sent.entities or []
    assert (sent.text, entity.offset, entity.length) == ("Ja", 0, 2)


@pytest.mark.parametrize(
    ("entity", "said"),
    [
        ({"type": "bold", "offset": 2, "length": 9}, "ends after the end of the text at UTF-16 offset 11"),
        ({"type": "bold", "offset": 11, "length": 1}, "begins after the end of the text"),
        ({"type": "bold", "offset": 1, "length": 2}, "begins in a middle of a UTF-16 symbol"),
        ({"type": "bold", "offset": 0, "length": 1}, "offset 0 ends in a middle of a UTF-16 symbol"),
        ({"type": "bold", "offset": -1, "length": 1}, "incorrect offset -1"),
        ({"type": "shiny", "offset": 0, "length": 2}, "Unsupported type"),
        ({"type": "text_link", "offset": 0, "length": 2, "url": "http://nowhere"}, "Wrong HTTP URL"),
    ],
)
async def test_entities_must_fit_the_text(bot: Bot, anna: Account, entity: dict[str, object], said: str) -> None:
    with pytest.raises(TelegramBadRequest, match=said):
        await bot.send_message(anna.id, "😀 groet", entities=[MessageEntity.model_construct(**entity)])


@pytest.mark.parametrize(
    ("action", "said"),
    [
        ({"callback_data": "é" * 33}, "BUTTON_DATA_INVALID"),
        ({}, "Text buttons are unallowed"),
        ({"url": "http://localhost:8080/me"}, "Wrong HTTP URL"),
    ],
)
async def test_buttons_are_checked(bot: Bot, anna: Account, action: dict[str, str], said: str) -> None:
    with pytest.raises(TelegramBadRequest, match=said):
        await bot.send_message(anna.id, "Kom je?", reply_markup=one("Ja", **action))
    await bot.send_message(anna.id, "Kom je?", reply_markup=one("Ja", callback_data="é" * 32))
    assert anna.texts == ["Kom je?"]


async def test_an_edit_changes_the_message_or_says_why_not(bot: Bot, anna: Account) -> None:
    sent = await bot.send_message(anna.id, "Kom je?", reply_markup=one("Ja", callback_data="y"))
    edited = await bot.edit_message_text("Je komt.", chat_id=anna.id, message_id=sent.message_id)
    assert not isinstance(edited, bool)
    assert (edited.text, edited.reply_markup) == ("Je komt.", None)
    assert (anna.texts, anna.last.edits, anna.last.history) == (["Je komt."], 1, ["Kom je?"])
    for wrong, said in (
        ({"text": "Je komt. ", "message_id": sent.message_id}, "message is not modified"),
        ({"text": "Je komt.", "message_id": 4}, "message to edit not found"),
        ({"text": "Anders", "message_id": anna.chat.messages[min(anna.chat.messages)].id}, "message can't be edited"),
        ({"text": "y" * 4097, "message_id": sent.message_id}, "message is too long"),
    ):
        with pytest.raises(TelegramBadRequest, match=said):
            await bot.edit_message_text(chat_id=anna.id, **wrong)  # type: ignore[arg-type]
    await bot.edit_message_reply_markup(
        chat_id=anna.id, message_id=sent.message_id, reply_markup=one("Toch niet", callback_data="n")
    )
    assert (anna.last.text, anna.last.labels) == ("Je komt.", ["Toch niet"])


async def test_messages_can_be_taken_back_for_two_days(bot: Bot, anna: Account, clock: MovableClock) -> None:
    first, second = [await bot.send_message(anna.id, text) for text in ("een", "twee")]
    assert await bot.delete_message(anna.id, first.message_id)
    with pytest.raises(TelegramBadRequest, match="message to delete not found"):
        await bot.delete_message(anna.id, first.message_id)
    clock.move(timedelta(hours=49))
    with pytest.raises(TelegramBadRequest, match="message can't be deleted"):
        await bot.delete_message(anna.id, second.message_id)
    assert anna.texts == ["twee"]


async def test_a_reply_and_a_thread_must_exist(bot: Bot, telegram: TelegramServer, anna: Account) -> None:
    mine = anna.chat.messages[min(anna.chat.messages)]
    sent = await bot.send_message(anna.id, "Dag!", reply_parameters=ReplyParameters(message_id=mine.id))
    assert sent.reply_to_message is not None
    with pytest.raises(TelegramBadRequest, match="message to be replied not found"):
        await bot.send_message(anna.id, "Dag!", reply_parameters=ReplyParameters(message_id=7))
    group = telegram.group("Kring", anna)
    group.chat.threads.add(12)
    assert (await bot.send_message(group.chat.id, "Dag!", message_thread_id=12)).message_thread_id == 12
    with pytest.raises(TelegramBadRequest, match="message thread not found"):
        await bot.send_message(group.chat.id, "Dag!", message_thread_id=13)


async def test_who_cannot_be_reached_is_forbidden_or_not_found(bot: Bot, telegram: TelegramServer) -> None:
    stranger = telegram.account("Bo")
    with pytest.raises(TelegramForbiddenError, match="can't initiate conversation"):
        await bot.send_message(stranger.id, "Dag!")
    stranger.types("/start")
    stranger.blocks()
    with pytest.raises(TelegramForbiddenError, match="bot was blocked by the user"):
        await bot.send_message(stranger.id, "Dag!")
    stranger.unblocks()
    await bot.send_message(stranger.id, "Dag!")
    stranger.deactivates()
    with pytest.raises(TelegramForbiddenError, match="user is deactivated"):
        await bot.send_message(stranger.id, "Dag!")
    with pytest.raises(TelegramBadRequest, match="chat not found"):
        await bot.send_message(4, "Dag!")


async def test_a_group_that_moved_names_its_new_number(bot: Bot, telegram: TelegramServer, anna: Account) -> None:
    old = telegram.group("Kring", anna, supergroup=False)
    card = await bot.send_message(old.chat.id, "Kaart")
    new = old.migrates()
    with pytest.raises(TelegramMigrateToChat) as caught:
        await bot.send_message(old.chat.id, "Dag!")
    assert caught.value.migrate_to_chat_id == new.chat.id
    with pytest.raises(TelegramBadRequest, match="message to edit not found"):
        await bot.edit_message_text("Kaart 2", chat_id=new.chat.id, message_id=card.message_id)
    await bot.send_message(new.chat.id, "Dag!")
    new.removes_bot(anna)
    with pytest.raises(TelegramForbiddenError, match="bot was kicked from the supergroup chat"):
        await bot.send_message(new.chat.id, "Dag!")
    seen = [(update.kind, update.chat) for update in telegram.updates.all[-3:]]
    assert seen == [("message", old.chat.id), ("message", new.chat.id), ("my_chat_member", new.chat.id)]


async def test_files_go_up_once_and_come_down_again(bot: Bot, telegram: TelegramServer, anna: Account) -> None:
    csv = BufferedInputFile("naam;é\n".encode(), "wie-komt.csv")
    sent = await bot.send_document(anna.id, csv, caption="Wie komt", reply_markup=one("Verder", callback_data="v"))
    assert sent.document is not None
    assert (sent.document.file_name, sent.document.file_size) == ("wie-komt.csv", 8)
    assert anna.file(anna.last).content == "naam;é\n".encode()
    again = await bot.send_document(anna.id, sent.document.file_id)
    assert again.document is not None
    assert again.document.file_unique_id == sent.document.file_unique_id
    fetched = await bot.download(sent.document)
    assert fetched is not None
    assert fetched.read() == "naam;é\n".encode()
    assert (await bot.send_photo(anna.id, BufferedInputFile(PNG, "qr.png"))).photo
    with pytest.raises(TelegramBadRequest, match="message caption is too long"):
        await bot.send_document(anna.id, csv, caption="x" * 1025)
    with pytest.raises(TelegramBadRequest, match="wrong file identifier"):
        await bot.send_document(anna.id, "no-such-file")
    with pytest.raises(TelegramBadRequest, match="there is no text in the message to edit"):
        await bot.edit_message_text("Tekst", chat_id=anna.id, message_id=sent.message_id)


async def test_a_file_beyond_the_limit_is_too_large(bot: Bot, telegram: TelegramServer, anna: Account) -> None:
    telegram.largest_upload = 1000
    await bot.send_document(anna.id, BufferedInputFile(b"x" * 1000, "enough.csv"))
    with pytest.raises(TelegramEntityTooLarge):
        await bot.send_document(anna.id, BufferedInputFile(b"x" * 1001, "much.csv"))
