"""Connecting a chat to a person, and everybody who tries to connect somebody else's."""

import re
from datetime import timedelta

from service.actions import linking, people, second_factor
from service.formats import totp
from service.formats.tokens import hashed
from service.model import Person
from tests.actions.delivery_worker import KEYS
from tests.bots.telegram.conftest import House
from tests.fakes.telegram import Account

LINK = "https://t.me/kring_bot?start=l_{}"


async def token(house: House, name: str) -> str:
    """Press the button on the own page of somebody who is signed in."""
    return await linking.begin(house.play.db, await house.play.actor(name), "telegram", now=house.play.now)


async def owner(house: House, account: Account) -> str | None:
    """Tell whose a chat is."""
    found: Person | None = await people.person_by_address(house.play.db, "telegram", str(account.id))
    return found and found.name


async def code(house: House, address: str) -> str | None:
    """Read the code in the last mail to an address, as its owner does."""
    await house.silence()
    for recipient, text in reversed(await house.letters()):
        if recipient == address and (found := re.search(r"^\s*(\d{6})\s*$", text, re.M)):
            return found[1]
    return None


async def test_a_link_from_the_own_page_connects_after_a_yes_and_both_sides_hear_of_it(house: House) -> None:
    await house.play.open("Anna", facilitator="")
    await house.play.execute("update person set name = 'Anna de Vries' where name = 'Anna'")
    phone = house.telegram.account("Anna", username="anna")
    async with house.open():
        phone.opens(LINK.format(await token(house, "Anna")))
        asked = await phone.reads("Zal ik @anna koppelen aan A… de V…, a***@example.org?")
        assert await owner(house, phone) is None
        await house.silence()  # nobody presses in the millisecond before it is written down which message that was
        await phone.presses("Ja, koppel maar")
        done = await phone.reads("Gekoppeld!")
        assert done.id == asked.id
        assert await owner(house, phone) == "Anna de Vries"
        phone.types("/mijn")
        await phone.reads("Er staat nu niets op je lijst")
        await house.silence()
    (row,) = await house.play.fetch("select preferred_channel from person where name = 'Anna de Vries'")
    assert row["preferred_channel"] == "telegram"
    assert [subject for _, subject in await house.mails()] == ["Je chat is gekoppeld met Samen"]
    kept = await house.play.fetch("select token_hash from link_request")
    assert [len(row["token_hash"]) for row in kept] == [32]


async def test_no_means_no_and_the_link_is_used_up(house: House) -> None:
    await house.play.open("Anna", facilitator="")
    phone = house.telegram.account("Somebody")
    async with house.open():
        link = LINK.format(await token(house, "Anna"))
        phone.opens(link)
        await phone.reads("Zal ik")
        await phone.presses("Nee, dat ben ik niet")
        await phone.reads("niets gekoppeld")
        phone.opens(link)
        await phone.reads("werkt niet meer")
        await house.silence()
    assert await owner(house, phone) is None
    assert await house.mails() == []


async def test_a_code_that_was_mailed_connects_the_chat_that_asked(house: House) -> None:
    await house.play.open("Anna", facilitator="")
    phone = house.telegram.account("Anna")
    async with house.open():
        phone.types("/link anna@example.org")
        await phone.reads("Als ik dat adres ken")
        given = await code(house, "anna@example.org")
        assert given is not None
        phone.types(f"{given[:3]} {given[3:]}")
        await phone.reads("Gekoppeld!")
    assert await owner(house, phone) == "Anna"


async def told_alike(one: Account, other: Account, address: str) -> None:
    """Let one ask for a code for Anna's address, the other for theirs; whose it is must not show."""
    one.types("/link anna@example.org")
    other.types(f"/link {address}")
    first, second = await one.reads("zes cijfers"), await other.reads("zes cijfers")
    assert first.text == second.text


async def test_an_address_that_nobody_has_is_answered_in_the_same_words(house: House) -> None:
    await house.play.open("Anna", facilitator="")
    known, unknown = house.telegram.account("One"), house.telegram.account("Two")
    async with house.open():
        await told_alike(known, unknown, "nobody@example.org")
        unknown.types("123456")
        await unknown.reads("niet de code")
        await house.silence()
    assert [recipient for recipient, _ in await house.mails()] == ["anna@example.org"]


async def guard(house: House, name: str) -> None:
    """Let somebody sign in with an app as well from now on."""
    await house.play.execute(
        "insert into second_factor (person_id, key_id, nonce, created_at, confirmed_at)"
        " select id, 'a', 'nonce', $2, $2 from person where name = $1",
        name,
        house.play.now,
    )


async def test_the_mail_of_who_has_a_second_factor_connects_nothing_in_the_same_words(house: House) -> None:
    await house.play.open("Anna", "Ben", facilitator="")
    await guard(house, "Anna")
    guarded, other = house.telegram.account("One"), house.telegram.account("Two")
    async with house.open():
        await told_alike(guarded, other, "ben@example.org")
        guarded.types("123456")
        await guarded.reads("niet de code")
        await house.silence()
        assert [recipient for recipient, _ in await house.mails()] == ["ben@example.org"]
        guarded.opens(LINK.format(await token(house, "Anna")))
        await guarded.reads("Zal ik")
        await guarded.presses("Ja, koppel maar")
        await guarded.reads("Gekoppeld!")
    assert await owner(house, guarded) == "Anna"


async def test_a_chat_that_is_older_than_the_second_factor_has_nothing_of_the_teams_rights_until_it_is_connected_anew(
    house: House,
) -> None:
    play = house.play
    await play.open("Anna", "Ben")
    gathering = await play.published(days=9)
    await play.execute("update person set role = 'staff' where name = 'Anna'")
    phone = await house.account("Anna")
    play.step()
    async with house.open():
        phone.types(f"/lijst {gathering.id}")
        await phone.reads("Ben")
        old, anna = await token(house, "Anna"), await play.actor("Anna")
        await second_factor.begin(play.db, anna, keys=KEYS, now=play.now)
        (row,) = await play.fetch("select key_id, nonce from second_factor")
        secret = totp.secret(KEYS, row["key_id"], play.ids["Anna"], row["nonce"])
        assert secret is not None
        shown = totp.code(secret, totp.step(play.now.timestamp()))
        await second_factor.confirm(play.db, anna, shown, token="", keys=KEYS, now=play.step())
        phone.types(f"/lijst {gathering.id}")
        await phone.reads("zien alleen de begeleiders")
        phone.opens(LINK.format(old))
        await phone.reads("werkt niet meer")
        play.step()
        phone.opens(LINK.format(await token(house, "Anna")))
        await phone.reads("Zal ik")
        await house.silence()
        await phone.presses("Ja, koppel maar")
        await phone.reads("Gekoppeld!")
        await house.silence()
        phone.types(f"/lijst {gathering.id}")
        assert "Ben" in (await phone.reads("Ben")).text


async def test_a_code_that_is_older_than_the_second_factor_connects_nothing(house: House) -> None:
    await house.play.open("Anna", facilitator="")
    phone = house.telegram.account("Reader of mail")
    async with house.open():
        phone.types("/link anna@example.org")
        given = await code(house, "anna@example.org")
        assert given is not None
        await guard(house, "Anna")
        phone.types(given)
        await phone.reads("niet de code")
    assert await owner(house, phone) is None


async def test_the_sixth_try_is_one_too_many_even_with_the_right_code(house: House) -> None:
    await house.play.open("Anna", facilitator="")
    phone = house.telegram.account("Guesser")
    async with house.open():
        phone.types("/link anna@example.org")
        given = await code(house, "anna@example.org")
        assert given is not None
        wrong = f"{(int(given) + 1) % 10**6:06}"
        for _ in range(5):
            phone.types(wrong)
            await house.silence()
        phone.types(given)
        await house.silence()
    assert await owner(house, phone) is None


async def test_a_chat_and_an_address_are_asked_for_only_so_often_a_day(house: House) -> None:
    await house.play.open("Anna", facilitator="")
    async with house.open():
        for number in range(3):
            phone = house.telegram.account(f"Bomber {number}")
            for _ in range(6):
                phone.types("/link anna@example.org")
                await house.silence()
            assert "te vaak" in phone.last.text
    assert len(await house.mails()) == 3


async def test_a_code_is_good_in_the_chat_that_asked_and_nowhere_else(house: House) -> None:
    await house.play.open("Anna", facilitator="")
    mine, thief = house.telegram.account("Anna"), house.telegram.account("Thief")
    async with house.open():
        mine.types("/link anna@example.org")
        given = await code(house, "anna@example.org")
        thief.types("/link anna@example.org")
        await house.silence()
        thief.types(str(given))
        await thief.reads("niet de code")
        mine.types(str(given))
        await mine.reads("Gekoppeld!")
        mine.types(str(given))
        await house.silence()
    assert (await owner(house, mine), await owner(house, thief)) == ("Anna", None)


async def test_whoever_opened_the_link_last_is_the_only_one_who_can_say_yes(house: House) -> None:
    await house.play.open("Anna", facilitator="")
    first, last = house.telegram.account("First"), house.telegram.account("Last")
    async with house.open():
        link = LINK.format(await token(house, "Anna"))
        first.opens(link)
        await first.reads("Zal ik")
        last.opens(link)
        await last.reads("Zal ik")
        await first.presses("Ja, koppel maar")
        await first.reads("werkt niet meer")
        await last.presses("Ja, koppel maar")
        await last.reads("Gekoppeld!")
        await first.forges("k1:link-yes:1")
        await house.silence()
    assert (await owner(house, first), await owner(house, last)) == (None, "Anna")


async def test_an_attackers_pending_link_dies_when_the_owner_connects(house: House) -> None:
    """Who once sat at Anna's open page keeps no way in."""
    await house.play.open("Anna", facilitator="")
    attacker, anna = house.telegram.account("Attacker"), house.telegram.account("Anna")
    async with house.open():
        stolen = LINK.format(await token(house, "Anna"))
        attacker.opens(stolen)
        await attacker.reads("Zal ik")
        anna.types("/link anna@example.org")
        anna.types(str(await code(house, "anna@example.org")))
        await anna.reads("Gekoppeld!")
        await attacker.presses("Ja, koppel maar")
        await attacker.reads("werkt niet meer")
        attacker.types("/mijn")
        await attacker.reads("Ik weet nog niet wie je bent")
    assert (await owner(house, attacker), await owner(house, anna)) == (None, "Anna")


async def test_a_link_sent_to_a_victim_shows_whose_it_is_and_connects_only_the_victims_own_chat(house: House) -> None:
    """The attacker sends their own link, hoping that the victim's answers land with them."""
    await house.play.open("Mallory", "Anna", facilitator="")
    anna = await house.account("Anna")
    async with house.open():
        anna.opens(LINK.format(await token(house, "Mallory")))
        asked = await anna.reads("Zal ik")
        assert "M…" in asked.text
        await anna.presses("Nee, dat ben ik niet")
        await anna.reads("niets gekoppeld")
    assert await owner(house, anna) == "Anna"


async def test_connecting_anew_moves_it_and_every_old_side_is_told(house: House) -> None:
    await house.play.open("Anna", "Bert", facilitator="")
    old, shared = await house.account("Anna"), await house.account("Bert")
    async with house.open():
        shared.opens(LINK.format(await token(house, "Anna")))
        await shared.reads("Zal ik")
        await shared.presses("Ja, koppel maar")
        await shared.reads("Gekoppeld!")
        await old.reads("niet meer gekoppeld")
        await house.silence()
    assert (await owner(house, old), await owner(house, shared)) == (None, "Anna")
    assert sorted(await house.mails()) == [
        ("anna@example.org", "Je chat is gekoppeld met Samen"),
        ("bert@example.org", "Je chat is niet meer gekoppeld met Samen"),
    ]


async def test_unlink_parts_them_and_what_waits_goes_by_mail(house: House) -> None:
    await house.play.open("Anna", facilitator="")
    gathering = await house.play.published(days=30)
    anna = await house.account("Anna")
    async with house.open():
        anna.types("/unlink")
        await anna.reads("niet meer gekoppeld")
        anna.types("/agenda")
        await anna.reads("Ik weet nog niet wie je bent")
    lanes = await house.play.fetch(
        "select distinct lane from notice where gathering_id = $1 and state = 'planned'", gathering.id
    )
    assert [row["lane"] for row in lanes] == ["mail"]


async def test_links_are_good_for_two_days_and_a_new_one_ends_the_old(house: House) -> None:
    await house.play.open("Anna", facilitator="")
    phone = house.telegram.account("Anna")
    first = await token(house, "Anna")
    second = await token(house, "Anna")
    async with house.open():
        phone.opens(LINK.format(first))
        await phone.reads("werkt niet meer")
        house.play.clock.move(timedelta(hours=48, seconds=1))
        phone.opens(LINK.format(second))
        await phone.reads("werkt niet meer")
    rows = await house.play.fetch("select token_hash from link_request order by id")
    assert [row["token_hash"] for row in rows] == [hashed(first), hashed(second)]
