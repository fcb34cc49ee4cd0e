from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import pytest

from service.actions import announcing, circles, feeds, joining, people, preferences
from service.actions.feed_writing import Kept
from service.clock import MovableClock
from service.database import Database
from service.rules.access import KRING
from tests.actions.feed_stage import Stage


@pytest.fixture
def stage(db: Database, clock: MovableClock) -> Stage:
    return Stage(db, clock)


Step = Callable[[Stage], Awaitable[object]]


async def accept(stage: Stage) -> None:
    await stage.answer(stage.first, stage.ann, "accepted")


async def move(stage: Stage) -> None:
    await stage.change(stage.first, starts_local=datetime(2026, 12, 9, 10), ends_local=datetime(2026, 12, 9, 12))


async def retitle(stage: Stage) -> None:
    await stage.change(stage.first, title_nl="Anders")


async def relocate(stage: Stage) -> None:
    await stage.change(stage.first, location="Zwolle")


async def announce(stage: Stage) -> None:
    await retitle(stage)
    before = (await stage.read(stage.token)).tag
    due = await announcing.due(stage.db, now=stage.clock.move(timedelta(minutes=1)))
    for step, gathering_id in due:
        await step(stage.db, gathering_id, now=stage.clock.now())
    assert (await stage.read(stage.token)).tag != before


async def hide(stage: Stage) -> None:
    await stage.change(stage.first, visibility="circle")


async def cancel(stage: Stage) -> None:
    await stage.cancel(stage.first)


async def reopen(stage: Stage) -> None:
    await stage.cancel(stage.first)
    before = (await stage.read(stage.token)).tag
    await stage.publish(stage.first)
    assert (await stage.read(stage.token)).tag != before


async def publish(stage: Stage) -> None:
    await stage.gathering("open", "Nog een")


async def decline(stage: Stage) -> None:
    await stage.answer(stage.first, stage.ann, "declined")


async def maybe(stage: Stage) -> None:
    await stage.answer(stage.first, stage.ann, "tentative")


async def leave(stage: Stage) -> None:
    await joining.leave(stage.db, await people.actor_for(stage.db, stage.ann), "open", now=stage.clock.now())


async def be_removed(stage: Stage) -> None:
    await joining.remove_member(stage.db, KRING, "open", stage.ann, now=stage.clock.now())


async def change_language(stage: Stage) -> None:
    ann = await people.actor_for(stage.db, stage.ann)
    await preferences.change(stage.db, ann, stage.ann, {"language": "en"}, now=stage.clock.now())


async def become_staff(stage: Stage) -> None:
    await people.change_person(stage.db, KRING, stage.ann, {"role": "staff"}, now=stage.clock.now())


async def make_confidential(stage: Stage) -> None:
    await circles.change(stage.db, KRING, "open", {"kind": "intervision_group"}, now=stage.clock.now())


async def rename_circle(stage: Stage) -> None:
    await circles.change(stage.db, KRING, "open", {"title_nl": "Kring anders"}, now=stage.clock.now())


async def wait_a_day(stage: Stage) -> None:
    stage.clock.move(timedelta(days=1))


COMMON = [move, retitle, relocate, hide, cancel, reopen, publish, make_confidential, wait_a_day]
OWN = [move, retitle, relocate, announce, hide, cancel, reopen, decline, maybe, leave, be_removed, change_language,
       make_confidential, wait_a_day]  # fmt: skip
CIRCLE = [*COMMON, leave, be_removed, change_language, become_staff, rename_circle]


@pytest.mark.parametrize(
    ("kind", "step"),
    [("public", step) for step in COMMON] + [("person", step) for step in OWN] + [("circle", step) for step in CIRCLE],
)
async def test_whatever_a_feed_shows_its_tag_changes_with_it_at_once(stage: Stage, kind: str, step: Step) -> None:
    stage.ann = await stage.person("Ann")
    await stage.circle("open", stage.ann)
    stage.first = await stage.gathering("open", "Begroting")
    await accept(stage)
    makers = {"public": None, "person": (stage.ann,), "circle": (stage.ann, "open")}
    stage.token = await stage.subscribe(*makers[kind]) if makers[kind] else None
    before = await stage.read(stage.token)
    await step(stage)
    after = await stage.read(stage.token, seen=before.tag)
    assert after.tag != before.tag
    assert after.body is not None
    # Another process, which kept nothing, writes the same under the same tag.
    stage.kept = Kept()
    elsewhere = await stage.read(stage.token)
    assert (elsewhere.tag, elsewhere.body) == (after.tag, after.body)


async def test_what_changes_nothing_in_a_feed_leaves_its_tag(stage: Stage) -> None:
    ann, ben = await stage.person("Ann"), await stage.person("Ben")
    await stage.circle("open", ann, ben)
    first = await stage.gathering("open", "Begroting")
    tokens = (None, await stage.subscribe(ann), await stage.subscribe(ann, "open"))
    before = [(await stage.read(token)).tag for token in tokens]
    await stage.answer(first, ben, "accepted")
    await feeds.flush_usage(stage.db, stage.kept)
    assert [(await stage.read(token)).tag for token in tokens] == before
