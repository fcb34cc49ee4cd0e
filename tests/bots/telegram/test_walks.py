"""Walks through a chat, from the first tap to what everybody else sees of it."""

from tests.bots.telegram.conftest import House


async def test_yes_by_a_tap_is_a_seat_and_the_card_says_so(house: House) -> None:
    await house.play.open("Anna", "Bert", facilitator="")
    gathering = await house.play.published(days=10)
    anna = await house.account("Anna")
    async with house.open():
        anna.types("/agenda")
        await house.silence()
        assert [text.partition("\n")[0] for text in anna.texts][-2:] == ["Agenda", f"{gathering.id} · Bijeenkomst"]
        card = await anna.reads("Bijeenkomst")
        assert await anna.presses("Ja, ik kom", on=card) == {"text": "", "alert": False, "url": ""}
        changed = await anna.reads("lijst")
        assert changed.id == card.id
        await house.silence()
    assert await house.standing(gathering, "Anna") == ("accepted", "seated", "telegram")


async def test_what_is_asked_in_a_group_is_answered_in_private(house: House) -> None:
    await house.play.open("Anna", kind="intervision_group", facilitator="")
    await house.play.published(days=10, title_nl="Geheim")
    anna, stranger = await house.account("Anna"), house.telegram.account("Stranger")
    group = house.telegram.group("Kring", anna, stranger)
    async with house.open():
        group.types(anna, "/agenda@kring_bot")
        await anna.reads("Intervisie")
        group.types(stranger, "/agenda@kring_bot")
        group.types(anna, "/agenda@another_bot")
        group.types(anna, "gewoon praten")
        await house.silence()
    assert group.texts == []
    assert "Geheim" not in " ".join(anna.texts)


async def test_who_writes_in_the_name_of_a_group_has_no_name_here(house: House) -> None:
    await house.play.open("Anna", facilitator="")
    group = house.telegram.group("Kring", await house.account("Anna"))
    async with house.open():
        group.types_anonymously("/link@kring_bot anna@example.org")
        await group.reads("namens de groep")
        await house.silence()
    assert await house.mails() == []


async def test_a_tap_below_a_card_that_leads_elsewhere_leaves_the_card_alone(house: House) -> None:
    await house.play.open("Anna", facilitator="")
    await house.play.published(days=10)
    anna = await house.account("Anna")
    async with house.open():
        anna.types("/agenda")
        card = await anna.reads("Bijeenkomst")
        await anna.presses("Ja, ik kom", on=card)
        card = await anna.reads("op de lijst")
        await anna.presses("Mijn bijeenkomsten", on=card)
        own = await anna.reads("Jouw bijeenkomsten")
        assert own.id != card.id
        anna.types("/taal")
        asked = await anna.reads("Wat heb je het liefst?")
        await anna.presses("English", on=asked)
        changed = await anna.reads("From now on")
        assert changed.id == asked.id


async def test_one_persons_button_in_anothers_hand_answers_for_that_other(house: House) -> None:
    await house.play.open("Anna", "Bert", facilitator="")
    gathering = await house.play.published(days=10)
    anna, bert = await house.account("Anna"), await house.account("Bert")
    stranger = house.telegram.account("Stranger")
    async with house.open():
        anna.types("/agenda")
        card = await anna.reads("Bijeenkomst")
        (data,) = [button["callback_data"] for button in card.buttons if button["text"] == "Ja, ik kom"]
        bert.types("/help")
        await bert.reads("vragen")
        await bert.forges(data, on=card)
        stranger.types("hallo")
        await stranger.reads("wie je bent")
        await stranger.forges(data, on=card)
        await house.silence()
    assert await house.standing(gathering, "Anna") == ("needs-action", "none", None)
    assert (await house.standing(gathering, "Bert"))[0] == "accepted"


async def test_whoever_takes_the_last_seat_the_other_waits_and_both_are_told_so(house: House) -> None:
    await house.play.open("Anna", "Bert", facilitator="")
    gathering = await house.play.published(days=10, capacity=1)
    anna, bert = await house.account("Anna"), await house.account("Bert")
    async with house.open():
        cards = []
        for one in (anna, bert):
            one.types("/agenda")
            cards.append(await one.reads("Bijeenkomst"))
        for one, card in zip((anna, bert), cards, strict=True):
            one.taps("Ja, ik kom", on=card)
        await house.silence()
        standings = {(await house.standing(gathering, name))[1]: name for name in ("Anna", "Bert")}
        assert set(standings) == {"seated", "waiting"}
        waits = house.accounts[standings["waiting"]]
        assert "plaats 1" in waits.last.text or "plek 1" in waits.last.text
        await house.play.decline(gathering, standings["seated"])
        promoted = await waits.reads("Goed nieuws")
        assert promoted.labels == ["Ik kan toch niet"]
