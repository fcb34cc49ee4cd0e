"""Replies that come shuffled, doubled and late, beside answers by another door, come to what a plain model says."""

import itertools
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.clock import MovableClock
from service.database import Database
from service.formats.received import ReceivedMail
from service.model import Gathering, Via
from tests.actions.play import Play
from tests.actions.post import Post
from tests.conftest import NOW

partstats = st.sampled_from(["accepted", "declined", "tentative"])
steps = st.lists(
    st.one_of(
        st.tuples(st.just("press"), partstats),
        st.tuples(st.just("press"), partstats),
        st.tuples(st.just("bring"), st.integers(0, 30)),
        st.tuples(st.just("link"), partstats),
        st.tuples(st.just("edit")),
        st.tuples(st.just("move")),
    ),
    max_size=14,
)
ALL = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
_serial = itertools.count(1)


@dataclass
class Model:
    """The last click about the time that stands is the answer; the order of arrival is nothing."""

    moves: int = 0
    clicked: datetime = NOW
    partstat: str = "needs-action"

    def click(self, partstat: str, at: datetime, moves: int) -> None:
        if moves == self.moves and at >= self.clicked:
            self.clicked, self.partstat = at, partstat


@dataclass
class Mails:
    """What was pressed, and how it lies about: a mail may come at any time, and again."""

    pressed: list[tuple[ReceivedMail, str, datetime, int]] = field(default_factory=list)


@given(steps, st.randoms(use_true_random=False))
@settings(ALL, max_examples=30, derandomize=True)
async def test_shuffled_doubled_and_stale_replies_come_to_the_last_click(
    shared: Database, steps: list[tuple], random: object
) -> None:
    await come_to_the_last_click(shared, steps, random)


@pytest.mark.soak
@given(steps, st.randoms(use_true_random=False))
@settings(ALL, max_examples=1_000)
async def test_a_thousand_orders_of_replies_come_to_the_last_click(
    shared: Database, steps: list[tuple], random: object
) -> None:
    await come_to_the_last_click(shared, steps, random)


async def come_to_the_last_click(shared: Database, steps: list[tuple], random: object) -> None:
    """Let replies come in any order and again, and see after each step that the last click stands."""
    play, name, gathering = await stage(shared)
    post, model, mails = Post(play), Model(), Mails()
    for kind, *details in steps:
        play.step()
        if kind == "press":
            await press(post, gathering, name, details[0], model, mails)
        elif kind == "bring" and mails.pressed:
            await bring(post, mails, details[0] % len(mails.pressed), model)
        elif kind == "link":
            await play.answer(gathering, name, details[0], via=Via.LINK)
            model.click(details[0], play.now, model.moves)
        elif kind in ("edit", "move"):
            await change(play, gathering, kind)
            model.moves += kind == "move"
        assert (await play.row(gathering, name, "partstat"))[0] == model.partstat
    order = [*range(len(mails.pressed))] * 2
    random.shuffle(order)  # type: ignore[attr-defined]
    for number in order:
        await bring(post, mails, number, model)
        assert (await play.row(gathering, name, "partstat"))[0] == model.partstat
    told = await play.fetch("select purpose, count(*) from notice where gathering_id = $1 group by 1", gathering.id)
    counts = {row["purpose"]: row["count"] for row in told}
    history = await play.history(gathering, name)
    answers = sum(counts.get(purpose, 0) for purpose in ("confirmation", "declined", "tentative"))
    assert answers == len(history)  # one message for each change, none for what changed nothing


async def stage(shared: Database) -> tuple[Play, str, Gathering]:
    number = next(_serial)
    play, name = Play(shared, MovableClock(NOW), slug=f"order-{number}"), f"Order{number}"
    await play.open(name, facilitator="")
    return play, name, await play.published()


async def press(post: Post, gathering: Gathering, name: str, partstat: str, model: Model, mails: Mails) -> None:
    message = await post.message(gathering, name, partstat)
    received = await post.addressed(gathering, name, calendar=message)
    mails.pressed.append((received, partstat, post.play.now, model.moves))


async def bring(post: Post, mails: Mails, number: int, model: Model) -> None:
    received, partstat, at, moves = mails.pressed[number]
    await post.bring(received)
    model.click(partstat, at, moves)


async def change(play: Play, gathering: Gathering, kind: str) -> None:
    if kind == "move":
        await play.move(gathering, timedelta(hours=1))
    else:
        await play.change(gathering, title_nl=f"Titel {play.now.isoformat()}")
    await play.after(seconds=60)
