"""A gathering's card in a group: true whatever door a change comes by, and never a word of what is confidential."""

import asyncio
from datetime import timedelta

from service.actions import registration, scheduling
from service.model import Gathering, Partstat, Via
from service.rules.access import KRING
from tests.factories import make_person
from tests.fakes.telegram import Group, Message
from tests.stories.telegram.stage import POLLING, Friend, Stage

pytestmark = POLLING

YES = "Ja, ik kom"


class Square:
    """A group in which the circle of a gathering talks, led by Els; Bo is in the group and known to nobody."""

    def __init__(self, stage: Stage, gathering: Gathering, els: Friend, anna: Friend, group: Group) -> None:
        self.stage = stage
        self.gathering = gathering
        self.els = els
        self.anna = anna
        self.group = group

    async def card(self) -> Message:
        self.group.types(self.els.phone, f"/kaart {self.gathering.id}")
        return await self.group.reads(self.gathering.title_nl)

    async def answers(self, who: Friend, partstat: Partstat) -> None:
        """Answer by another door."""
        now = self.stage.clock.move(timedelta(seconds=1))
        await registration.respond(self.stage.db, KRING, self.gathering.id, who.id, partstat, via=Via.API, now=now)


async def square(stage: Stage, *, supergroup: bool = True, **facts: object) -> Square:
    els, anna = await stage.friend("Els"), await stage.friend("Anna")
    gathering = await stage.gathering(anna, led_by=els, **facts)
    group = stage.telegram.group("Datakring", els.phone, anna.phone, supergroup=supergroup)
    await stage.settled()
    return Square(stage, gathering, els, anna, group)


async def test_a_card_follows_every_change_in_place(stage: Stage) -> None:
    at = await square(stage, capacity=3)
    card = await at.card()
    assert "Nog niemand heeft ja gezegd" in card.text
    await at.answers(at.anna, Partstat.ACCEPTED)
    await stage.telegram.until(lambda: "Er komt één iemand · nog 2 plekken\nAnna" in card.text)
    now = stage.clock.now()
    changes = {"location": "Zwolle"}
    await scheduling.change(stage.db, KRING, at.gathering.id, changes, now=now, coalesce=timedelta(0))
    await stage.telegram.until(lambda: "Zwolle" in card.text)
    await scheduling.cancel(stage.db, KRING, at.gathering.id, "Zaal dicht", now=now)
    await stage.telegram.until(lambda: "Zaal dicht" in card.text)
    assert card.labels == []
    assert at.group.messages == [card]


async def test_a_tap_of_somebody_known_is_an_answer_and_only_they_read_more(stage: Stage) -> None:
    at = await square(stage)
    card = await at.card()
    answer = await at.group.presses(at.anna.phone, YES)
    assert "op de lijst" in answer["text"]
    await stage.telegram.until(lambda: "Anna" in card.text)
    assert await stage.standings(at.gathering) == {
        "Anna": ("accepted", "seated", None),
        "Els": ("needs-action", "none", None),
    }
    assert at.group.messages == [card]


async def test_a_card_of_what_is_online_too_takes_both_answers(stage: Stage) -> None:
    at = await square(stage, online_url="https://meet.example.org/kamer", capacity=1)
    card = await at.card()
    assert card.labels == [YES, "Ja, online", "Nee"]
    answer = await at.group.presses(at.anna.phone, "Ja, online")
    assert answer["text"] == "Leuk, je doet online mee."
    await stage.settled()
    assert (await stage.standings(at.gathering))["Anna"] == ("accepted", "none", None)
    answer = await at.group.presses(stage.telegram.account("Bo"), "Ja, online")
    assert answer["url"] == f"https://t.me/kring_bot?start=e_{at.gathering.id}"
    assert "meet.example.org" not in card.text


async def test_whoever_asks_for_a_card_in_private_is_told_what_to_type_in_the_group(stage: Stage) -> None:
    els = await stage.friend("Els")
    gathering = await stage.gathering(led_by=els)
    els.phone.types(f"/kaart {gathering.id}")
    told = await els.phone.reads("Een kaart hoort in een groep")
    assert told.text.endswith(f"typ daar /kaart {gathering.id}.")


async def test_a_stranger_who_taps_is_led_to_a_private_chat_and_changes_nothing(stage: Stage) -> None:
    at = await square(stage)
    await at.card()
    bo = stage.telegram.account("Bo")
    answer = await at.group.presses(bo, YES)
    assert answer["url"].startswith("https://t.me/kring_bot?start=") or answer["text"]
    await stage.settled()
    assert {one[0] for one in (await stage.standings(at.gathering)).values()} == {"needs-action"}
    if answer["url"]:
        bo.opens(answer["url"])
        assert await bo.reads()


async def test_a_group_that_moves_takes_its_card_along(stage: Stage) -> None:
    at = await square(stage, supergroup=False)
    await at.card()
    new = at.group.migrates()
    await stage.settled()
    await at.answers(at.anna, Partstat.ACCEPTED)
    card = await new.reads("Anna")
    await new.presses(at.anna.phone, YES, on=card)


async def test_a_group_that_moves_while_kring_is_away_loses_nothing(still: Stage) -> None:
    async with still.running():
        at = await square(still, supergroup=False)
        before = await at.card()
    await at.answers(at.anna, Partstat.ACCEPTED)  # which the card has yet to show
    new = at.group.migrates()
    async with still.running():
        card = await new.reads("Anna")
        await new.presses(at.anna.phone, "Nee", on=card)
        await still.telegram.until(lambda: "Nog niemand heeft ja gezegd" in card.text)
        new.types(at.els.phone, "/agenda")
        await new.reads(at.gathering.title_nl)
        await still.settled()
    assert await still.standings(at.gathering) == {
        "Anna": ("declined", "none", None),
        "Els": ("needs-action", "none", None),
    }
    assert "Anna" not in before.text  # the old group is history, and nothing is said there any more


async def test_a_group_whose_move_nobody_told_of_is_found_by_what_is_refused(stage: Stage) -> None:
    at = await square(stage, supergroup=False)
    other = await stage.gathering(at.anna, led_by=at.els, title_nl="Borrel")
    await at.card()
    at.group.types(at.els.phone, f"/kaart {other.id}")
    await at.group.reads("Borrel")
    await stage.settled()
    new = at.group.migrates(told=False)
    for gathering in (at.gathering, other):
        now = stage.clock.move(timedelta(seconds=1))
        await registration.respond(stage.db, KRING, gathering.id, at.anna.id, Partstat.ACCEPTED, via=Via.API, now=now)
    for title in (at.gathering.title_nl, "Borrel"):
        await stage.telegram.until(lambda words=title: any(_names_anna(one, words) for one in new.messages))
    await stage.settled()
    assert len(new.messages) == 2
    await new.presses(at.anna.phone, "Nee", on=new.messages[0])
    await stage.telegram.until(lambda: "Nog niemand heeft ja gezegd" in new.messages[0].text)
    assert len(new.messages) == 2


async def test_after_the_gathering_the_buttons_say_that_it_is_over(stage: Stage) -> None:
    at = await square(stage)
    card = await at.card()
    stage.clock.set(at.gathering.ends_at + timedelta(minutes=1))
    answer = await at.group.presses(at.anna.phone, YES, on=card)
    assert "Deze is geweest" in answer["text"]


async def test_three_hundred_people_are_one_message_within_the_limits(stage: Stage) -> None:
    at = await square(stage, title_nl="Grote dag", description_nl="Veel tekst. " * 400)
    card = await at.card()
    people = [await make_person(stage.db, f"Voornaam{number} <&> van Achternaam") for number in range(300)]
    now = stage.clock.move(timedelta(seconds=1))
    for one in people:
        await registration.respond(stage.db, KRING, at.gathering.id, one.id, Partstat.ACCEPTED, via=Via.API, now=now)
    await stage.telegram.until(lambda: "Er komen 300 mensen" in card.text, within=30)
    assert at.group.messages == [card]
    assert card.edits <= 20


async def test_nothing_confidential_ever_stands_in_a_group(stage: Stage) -> None:
    els, anna = await stage.friend("Els"), await stage.friend("Anna")
    facts = dict.fromkeys(("title_nl", "title_en", "description_nl", "description_en", "location"), "KANARIE")
    hidden = await stage.gathering(anna, led_by=els, kind="intervision_group", **facts)
    group = stage.telegram.group("Koffie", els.phone, anna.phone)
    for command in ("kaart", "card", "lijst", "list", "ja", "nee", "agenda", "mijn", "kringen", "help", "bericht"):
        for who in (els, anna):
            group.types(who.phone, f"/{command} {hidden.id}")
            group.types(who.phone, f"/{command}@kring_bot")
    await stage.settled()
    await asyncio.gather(*(group.forges(who.phone, data) for who in (els, anna) for data in _buttons(els, anna)))
    await stage.settled()
    said = "\n".join(group.texts + [message for one in group.messages for message in one.history])
    for word in ("KANARIE", "Intervisie", "Peer meeting", "Anna", "16.00"):
        assert word not in said, word


def _names_anna(card: Message, title: str) -> bool:
    return card.text.startswith(title) and "Anna" in card.text


def _buttons(*friends: Friend) -> list[str]:
    return sorted(
        {
            button["callback_data"]
            for friend in friends
            for message in friend.phone.messages
            for button in message.buttons
            if "callback_data" in button
        }
    )[:20]
