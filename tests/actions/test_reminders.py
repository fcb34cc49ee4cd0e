"""Reminders from arming to sending: once per person, kind and start, in the morning, and never when of no use."""

import itertools
import random
from collections import Counter
from datetime import UTC, datetime, time, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from service.model import NoticeState, Purpose
from service.rules import usefulness
from service.store import claims, notices
from service.store.notices import Outcome
from tests.actions.play import ZONE, Play
from tests.conftest import NOW

WORKER = 7
THERE = ZoneInfo(ZONE)

Reminded = tuple[str, str, datetime]
"""Who was reminded, with which kind, of which start."""


async def send(play: Play) -> list[Reminded]:
    """Do what a worker does with all that is due, and return the reminders that went out."""
    out: list[Reminded] = []
    async with play.db.transaction() as conn:
        ids = await claims.claim(conn, WORKER, "mail", play.now, limit=10_000)
        outcomes = []
        for due in await notices.select_due(conn, ids, play.now):
            against = usefulness.reason_against(due, play.now)
            state = NoticeState.SENT if against is None else NoticeState.EXPIRED
            outcomes.append(Outcome(due.id, WORKER, state, play.now, detail=against or ""))
            if due.purpose == Purpose.REMINDER and against is None:
                assert due.gathering is not None
                out.append((due.name, due.facts["kind"], due.gathering.starts_at))
        await notices.mark(conn, outcomes)
    return sorted(out)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=THERE).astimezone(UTC)


def local(text: str, hours: float = 2) -> dict[str, Any]:
    start = datetime.fromisoformat(text)
    return {"starts_local": start, "ends_local": start + timedelta(hours=hours)}


async def test_publishing_arms_the_reminders_of_everyone_invited(play: Play) -> None:
    await play.open("Anna")
    draft = await play.draft(**local("2026-12-10T16:00"), reminders=["P7D", "P1D", "PT2H"])
    assert await play.reminders(draft) == []
    gathering = await play.publish(draft)
    assert await play.reminders(gathering, "Anna") == [
        ("Anna", "P7D", at("2026-12-03T09:00"), "planned"),
        ("Anna", "P1D", at("2026-12-09T09:00"), "planned"),
        ("Anna", "PT2H", at("2026-12-10T14:00"), "planned"),
    ]
    assert [one[1:] for one in await play.reminders(gathering, "Fien")] == [
        one[1:] for one in await play.reminders(gathering, "Anna")
    ]


async def test_a_move_drops_the_old_reminders_and_plans_new_ones_at_once(play: Play) -> None:
    await play.open("Anna")
    gathering = await play.published(**local("2026-12-10T16:00"))
    await play.change(gathering, **local("2026-12-17T10:00"))
    assert await play.reminders(gathering, "Anna") == [
        ("Anna", "P7D", at("2026-12-03T09:00"), "cancelled"),
        ("Anna", "P1D", at("2026-12-09T09:00"), "cancelled"),
        ("Anna", "P7D", at("2026-12-10T09:00"), "planned"),
        ("Anna", "P1D", at("2026-12-16T09:00"), "planned"),
    ]
    await play.change(gathering, **local("2026-12-10T16:00"))
    assert [one[3] for one in await play.reminders(gathering, "Anna")] == [
        "planned",
        "planned",
        "cancelled",
        "cancelled",
    ]
    await play.change(gathering, reminders=["P1D", "P3D"])
    assert [(kind, state) for _, kind, _, state in await play.reminders(gathering, "Anna")] == [
        ("P7D", "cancelled"),
        ("P3D", "planned"),
        ("P1D", "planned"),
        ("P7D", "cancelled"),
        ("P1D", "cancelled"),
    ]


async def test_the_same_start_reminds_once_and_another_start_reminds_anew(play: Play) -> None:
    await play.open("Anna", facilitator="")
    gathering = await play.published(**local("2026-12-10T16:00"))
    first = gathering.starts_at
    play.clock.set(at("2026-12-03T10:00"))
    assert await send(play) == [("Anna", "P7D", first)]
    moved = await play.change(gathering, **local("2026-12-17T16:00"))
    back = await play.change(gathering, **local("2026-12-10T16:00"))
    assert back.starts_at == first
    assert await send(play) == []
    moved = await play.change(gathering, **local("2026-12-11T16:00"))
    play.clock.set(at("2026-12-04T10:00"))
    assert await send(play) == [("Anna", "P7D", moved.starts_at)]
    play.clock.set(at("2026-12-10T09:00"))
    assert await send(play) == [("Anna", "P1D", moved.starts_at)]
    play.clock.set(at("2026-12-12T09:00"))
    assert await send(play) == []


async def test_postponed_after_the_last_reminder_went_out_it_reminds_for_the_new_day(play: Play) -> None:
    await play.open("Anna", facilitator="")
    gathering = await play.published(**local("2026-12-10T16:00"))
    play.clock.set(at("2026-12-09T12:00"))
    assert [kind for _, kind, _ in await send(play)] == ["P1D", "P7D"]
    moved = await play.change(gathering, **local("2026-12-15T16:00"))
    play.clock.set(at("2026-12-14T09:00"))
    assert await send(play) == [("Anna", "P1D", moved.starts_at)]


async def test_who_joins_late_gets_what_is_still_to_come(play: Play) -> None:
    await play.open("Anna")
    gathering = await play.published(**local("2026-12-10T16:00"))
    play.clock.set(at("2026-12-05T09:00"))
    await play.join("Bert")
    play.clock.set(at("2026-12-09T20:00"))
    await play.join("Cor")
    await play.person("Gast")
    await play.answer(gathering, "Gast", "accepted")
    assert [one[1:] for one in await play.reminders(gathering, "Bert")] == [("P1D", at("2026-12-09T09:00"), "planned")]
    assert await play.reminders(gathering, "Cor") == []
    assert await play.reminders(gathering, "Gast") == []


async def test_who_leaves_declines_or_is_cancelled_on_is_not_reminded_and_who_waits_is(play: Play) -> None:
    await play.open("Anna", "Bert", "Cor", "Dirk", "Eva")
    gathering = await play.published(**local("2026-12-10T16:00"), capacity=1)
    await play.accept(gathering, "Anna", "Bert")
    await play.decline(gathering, "Cor")
    await play.leave("Dirk")
    play.clock.set(at("2026-12-03T09:00"))
    assert await send(play) == [(name, "P7D", gathering.starts_at) for name in ("Anna", "Bert", "Eva", "Fien")]
    await play.cancel(gathering)
    play.clock.set(at("2026-12-09T09:00"))
    assert await send(play) == []


async def test_a_cancelled_and_re_opened_gathering_reminds_of_what_is_still_to_come(play: Play) -> None:
    await play.open("Anna", facilitator="")
    gathering = await play.published(**local("2026-12-10T16:00"))
    play.clock.set(at("2026-12-03T09:00"))
    await send(play)
    await play.cancel(gathering)
    await play.publish(gathering)
    assert [(kind, state) for _, kind, _, state in await play.reminders(gathering)] == [
        ("P7D", "sent"),
        ("P1D", "planned"),
    ]


async def test_a_worker_that_was_down_reminds_late_while_it_helps_and_never_after_the_start(play: Play) -> None:
    await play.open("Anna", facilitator="")
    soon, later = await play.published(**local("2026-12-10T16:00")), await play.published(**local("2026-12-11T16:00"))
    play.clock.set(at("2026-12-10T16:00"))
    assert await send(play) == [("Anna", "P1D", later.starts_at), ("Anna", "P7D", later.starts_at)]
    rows = await play.fetch("select state, error from notice where purpose = 'reminder' and gathering_id = $1", soon.id)
    assert {tuple(row) for row in rows} == {("expired", "too late to be of use")}


async def test_a_reminder_that_is_due_and_not_yet_out_survives_an_edit_and_not_a_move(play: Play) -> None:
    await play.open("Anna", facilitator="")
    gathering, moved = [await play.published(**local("2026-12-10T16:00")) for _ in range(2)]
    play.clock.set(at("2026-12-09T09:05"))  # the relay greylists, or the worker is slow
    await play.change(moved, **local("2026-12-12T15:00"))
    await play.change(gathering, title_nl="Zonder tikfout")
    assert [(kind, state) for _, kind, _, state in await play.reminders(gathering)] == [
        ("P7D", "planned"),
        ("P1D", "planned"),
    ]
    await play.change(gathering, reminders=["P1D"])
    assert await send(play) == [("Anna", "P1D", gathering.starts_at)]


async def test_four_hundred_days_with_moves_joins_and_a_clock_that_jumps(play: Play) -> None:
    """Each reminder that should come does so once and in time: held to a calculation by hand."""
    chance = random.Random(400)
    await play.open("Anna", "Bert", facilitator="")
    starts = [datetime(2026, 12, 20, 10) + timedelta(days=30 * n, hours=chance.randrange(10)) for n in range(13)]
    gatherings = [await play.published(**local(start.isoformat())) for start in starts]
    end, comes, leaves = NOW + timedelta(days=400), NOW + timedelta(days=100), NOW + timedelta(days=200)

    async def move(number: int) -> None:
        starts[number] += timedelta(days=chance.choice([-1, 1, 2]), hours=chance.choice([0, 3]))
        await play.change(gatherings[number], **local(starts[number].isoformat()))

    events = {NOW + timedelta(days=29 * number + 3): partial(move, number) for number in range(1, 13)}
    events |= {comes: partial(play.join, "Cor"), leaves: partial(play.leave, "Cor")}
    reminded: list[Reminded] = []
    while play.now < end:
        play.clock.move(timedelta(minutes=chance.choice([15, 240, 600, 600, 900])))
        if chance.random() < 0.03:
            play.clock.move(-chance.choice([timedelta(hours=1), timedelta(days=1)]))  # and later forward again
        for moment in sorted(moment for moment in events if moment <= play.now):
            await events.pop(moment)()
        sent = await send(play)
        assert all(play.now < starts_at for _, _, starts_at in sent)
        reminded += sent
    expected = Counter[Reminded]()
    for start, (kind, days) in itertools.product(starts, (("P7D", 7), ("P1D", 1))):
        due = datetime.combine(start.date() - timedelta(days=days), time(9), THERE)
        names = ["Anna", "Bert", *(["Cor"] if comes < due < leaves else [])]
        expected.update((name, kind, start.replace(tzinfo=THERE).astimezone(UTC)) for name in names if due < end)
    assert len(expected) == 59
    assert Counter(reminded) == expected
