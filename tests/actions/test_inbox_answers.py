"""Answers that wait in the inbox together: worked on in one transaction, and come to the same as each by itself."""

import asyncio
import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bots.telegram.talk import Talk
from handlers.dialogue.dispatch import handle
from handlers.dialogue.together import handle_together
from handlers.dialogue.words import parse
from service.actions import intake, replies
from service.actions.intake import IntakeWorker
from service.clock import MovableClock
from service.database import Database
from service.formats.received import ReceivedMail
from service.model import Gathering
from service.store.inbox import Stored
from tests.actions.play import KEYS, Play
from tests.actions.post import SITE, Post, dialogue
from tests.waiting import until

NAMES = [f"P{number:02}" for number in range(10)]
LINK = """
    insert into address (person_id, channel, value, is_primary, verified_at, created_at)
    values ($1, 'telegram', $2, true, now(), now())
"""
ENDS = "select state, reason, facts from inbox where id > $1 order by id"
LAST = "select coalesce(max(id), 0) from inbox"
LEFT = "select from inbox where state = 'new'"
ANSWERS = "select count(*) from notice where purpose = 'answer' and id > $1"
ANSWERS_OF = """
    select count(*) from registration_history h join registration r on r.id = h.registration_id
    where r.gathering_id = $1 and r.person_id = $2 and h.via is not null
"""
LAST_NOTICE = "select coalesce(max(id), 0) from notice"
TOPICS = {"accepted": "accept", "declined": "decline", "tentative": "tentative"}

Said = tuple[str, str, int]
"""Who says what about which of two gatherings."""

_serial = itertools.count(1)


@pytest.fixture
def away(clone: Database, clock: MovableClock) -> Play:
    """A stage on a database that only this test has."""
    return Play(clone, clock)


@dataclass
class Inbox:
    """An inbox into which answers are put, to be worked on at once."""

    play: Play
    mails: dict[bytes, ReceivedMail] = field(default_factory=dict)
    shared: list[bool] = field(default_factory=list)

    async def take(self, channel: str, said: Sequence[Said], gatherings: Sequence[Gathering], *, alone: bool) -> Any:
        """Put answers into the inbox and work on them; return how they ended and how many were answered there."""
        last, told = (await self._value(LAST)), (await self._value(LAST_NOTICE))
        for name, partstat, which in said:
            raw = await getattr(self, f"_{channel}")(name, partstat, gatherings[which])
            await intake.store_all(self.play.db, channel, [(f"{next(_serial)}", name, raw)], now=self.play.now)
        worker: IntakeWorker[Any] = getattr(self, f"_{channel}_worker")()
        stop = asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task((replace(worker, together=None) if alone else worker).run(stop))
            await until(self._done)
            stop.set()
        ends = [(row["state"], row["reason"], row["facts"]) for row in await self.play.fetch(ENDS, last)]
        return ends, await self._value(ANSWERS, told)

    async def answers_of(self, name: str, gathering: Gathering) -> int:
        """Count the answers in somebody's history; what others' answers did to their seat is not among them."""
        return int(await self._value(ANSWERS_OF, gathering.id, self.play.ids[name]))

    async def _mail(self, name: str, partstat: str, gathering: Gathering) -> bytes:
        post, raw = Post(self.play), f"mail {next(_serial)}".encode()
        message = await post.message(gathering, name, partstat)
        self.mails[raw] = await post.addressed(gathering, name, calendar=message)
        return raw

    async def _telegram(self, name: str, partstat: str, gathering: Gathering) -> bytes:
        account = 900 + self.play.ids[name]
        chat, who = {"id": account, "type": "private"}, {"id": account, "is_bot": False, "first_name": name}
        message = {"message_id": 1, "date": int(self.play.now.timestamp()), "chat": chat, "text": "?"}
        query = {
            "id": str(next(_serial)),
            "from": who,
            "message": message,
            "chat_instance": "1",
            "data": f"k1:{TOPICS[partstat]}:{gathering.id}",
        }
        return json.dumps({"update_id": next(_serial), "callback_query": query}).encode()

    def _mail_worker(self) -> IntakeWorker[ReceivedMail]:
        async def read(stored: Stored) -> ReceivedMail:
            return self.mails[stored.raw]

        talk = dialogue(KEYS, self.play.now)
        return IntakeWorker(
            db=self.play.db,
            clock=self.play.clock,
            channel="mail",
            read=read,
            apply=partial(replies.apply, keys=KEYS, words=parse, talk=talk),
            together=partial(replies.together, keys=KEYS),
        )

    def _telegram_worker(self) -> IntakeWorker[Any]:
        about: dict[str, Any] = {"keys": KEYS, "now": self.play.now, "site": SITE}
        talk = Talk(
            answer=partial(handle, **about),
            answers=partial(handle_together, **about),
            name=lambda: "kring_bot",
            language="nl",
        )
        return IntakeWorker(
            db=self.play.db,
            clock=self.play.clock,
            channel="telegram",
            read=talk.read,
            apply=talk.apply,
            together=talk.together,
        )

    async def _done(self) -> bool:
        return not await self.play.fetch(LEFT)

    async def _value(self, statement: str, *values: Any) -> Any:
        return (await self.play.fetch(statement, *values))[0][0]


async def opened(play: Play) -> None:
    """Fill the circle, once; everybody has a chat."""
    if play.ids:
        return
    await play.organisation("Een", *NAMES[:4])
    await play.organisation("Twee", *NAMES[4:7])
    await play.open(*NAMES)
    for name in NAMES:
        await play.execute(LINK, play.ids[name], str(900 + play.ids[name]))


ANSWERED = st.lists(
    st.tuples(
        st.sampled_from(NAMES), st.sampled_from(["accepted", "accepted", "declined", "tentative"]), st.integers(0, 1)
    ),
    min_size=1,
    max_size=10,
    unique_by=lambda said: said[0],
)


@pytest.mark.parametrize("channel", ["mail", "telegram"])
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    before=ANSWERED,
    said=ANSWERED,
    capacity=st.one_of(st.none(), st.integers(1, 5)),
    quota=st.one_of(st.none(), st.integers(1, 2)),
    approval=st.booleans(),
)
async def test_together_comes_to_the_same_as_alone(
    away: Play,
    channel: str,
    before: list[Said],
    said: list[Said],
    capacity: int | None,
    quota: int | None,
    approval: bool,
) -> None:
    await opened(away)
    inbox = Inbox(away)
    facts = {"capacity": capacity, "organisation_quota": quota, "approval": approval}
    came = []
    for alone in (False, True):
        gatherings = [await away.published(**facts) for _ in range(2)]
        await inbox.take(channel, before, gatherings, alone=True)
        away.step()
        ends, answered = await inbox.take(channel, said, gatherings, alone=alone)
        seats = [_counted(await away.seats(one)) for one in gatherings]
        partstats = [{name: place[0] for name, place in (await away.seats(one)).items()} for one in gatherings]
        written = [await inbox.answers_of(name, gatherings[which]) for name, _, which in said]
        states = [(state, reason, end.get("partstat")) for state, reason, end in ends]
        came.append((states, answered, seats, partstats, written))
    assert came[0] == came[1]


def _counted(seats: dict[str, tuple[str, str, int | None]]) -> list[tuple[str, str]]:
    """Return answers and seats without who has which: that is up to who comes first."""
    return sorted((partstat, seat) for partstat, seat, _ in seats.values())


@pytest.mark.parametrize("channel", ["mail", "telegram"])
async def test_who_is_in_company_is_told_their_own_place(away: Play, channel: str) -> None:
    await opened(away)
    gathering = await away.published(capacity=3)
    ends, _ = await Inbox(away).take(channel, [(name, "accepted", 0) for name in NAMES], [gathering], alone=False)
    assert [end[:2] for end in ends] == [("applied", "answer" if channel == "mail" else "said")] * len(NAMES)
    assert await away.seats(gathering) == {
        name: ("accepted", *place)
        for name, place in zip(NAMES, [("seated", None)] * 3 + [("waiting", n) for n in range(1, 8)], strict=True)
    }
    if channel == "telegram":
        assert [f"plek {n}" in text for n, text in enumerate(await _texts(away), start=-2)] == [False] * 3 + [True] * 7


async def _texts(play: Play) -> list[str]:
    found = await play.fetch("select facts #>> '{outbound,blocks}' from notice where facts ? 'outbound' order by id")
    return [row[0] for row in found]


@pytest.mark.parametrize("channel", ["mail", "telegram"])
async def test_a_company_costs_as_many_turns_as_there_are_gatherings(away: Play, channel: str) -> None:
    await opened(away)
    gatherings = [await away.published() for _ in range(2)]
    before = [await _turn(away, one) for one in gatherings]
    await Inbox(away).take(channel, [(n, "accepted", at % 2) for at, n in enumerate(NAMES)], gatherings, alone=False)
    assert [await _turn(away, one) - then for one, then in zip(gatherings, before, strict=True)] == [1, 1]


async def _turn(play: Play, gathering: Gathering) -> int:
    return int((await play.fetch("select turn from gathering where id = $1", gathering.id))[0][0])
