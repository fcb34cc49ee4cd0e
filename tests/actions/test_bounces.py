"""Mails that come back: which address they are about, when it is used no more, and what the facilitator sees."""

from datetime import timedelta
from typing import Any

import pytest

from service.actions import registration
from service.formats import tokens
from service.formats.received import DeliveryReport, Handled, ReceivedMail
from service.formats.tokens import peppered
from service.model import Gathering
from service.rules.access import KRING
from service.store import claims, notices
from tests.actions.play import KEYS, Play
from tests.actions.post import Post, bounce_handle

NOBODY = DeliveryReport(kind="hard", status="5.1.1")
FULL = DeliveryReport(kind="soft", status="5.2.2")

HANDED = """
    insert into delivery (notice_id, channel, address_id, at, outcome)
    select n.id, 'mail', (select a.id from address a where a.person_id = n.person_id and a.is_primary), $1, 'sent'
    from notice n where n.state = 'sent' and not exists (select from delivery d where d.notice_id = n.id)
"""


@pytest.fixture
def post(play: Play) -> Post:
    return Post(play)


async def sent(play: Play) -> Gathering:
    """Invite Anna, and count the invitation as handed over."""
    await play.open("Anna", facilitator="")
    gathering = await play.published(reminders=[])
    await hand_over(play)
    return gathering


async def hand_over(play: Play) -> None:
    await play.deliver()
    await play.execute(HANDED, play.now)


async def bounce(post: Post, gathering: Gathering, report: DeliveryReport | None = NOBODY, **changes: Any) -> str:
    handle = await post.play.handle(gathering, "Anna", "b")
    plain = {"handled": Handled.BOUNCE, "handle": handle, "report": report, "automatic": "null sender"}
    verdict = await post.bring(ReceivedMail(**plain | changes))  # type: ignore[arg-type]
    return f"{verdict.state} {verdict.reason}"


async def ledger(play: Play, gathering: Gathering) -> list[tuple[str, str, str | None]]:
    return [(one.purpose, one.state, one.error) for one in await registration.ledger(play.db, KRING, gathering.id)]


async def suppressed(play: Play, value: str = "anna@example.org") -> str | None:
    async with play.db.reading() as conn:
        return (await notices.select_suppressed(conn, [peppered(KEYS, value)])).get(peppered(KEYS, value))


async def undeliverable(play: Play) -> list[str]:
    return [row["value"] for row in await play.fetch("select value from address where undeliverable_at is not null")]


async def test_nobody_there_ends_the_address_and_the_facilitator_sees_it(play: Play, post: Post) -> None:
    gathering = await sent(play)
    assert await bounce(post, gathering) == "applied report-hard"
    assert (await undeliverable(play), await suppressed(play)) == (["anna@example.org"], "bounced")
    assert await ledger(play, gathering) == [("invitation", "failed", "came back: 5.1.1")]
    (tried,) = await play.fetch("select outcome, detail from delivery order by id desc limit 1")
    assert tuple(tried) == ("refused", "came back: 5.1.1")
    assert await play.seats(gathering) == {"Anna": ("needs-action", "none", None)}


async def test_what_came_back_goes_to_the_next_address(play: Play, post: Post) -> None:
    gathering = await sent(play)
    await play.execute(
        "insert into address (person_id, channel, value, verified_at, created_at)"
        " select id, 'mail', 'anna@home.example', $1, $1 from person where name = 'Anna'",
        play.now,
    )
    await bounce(post, gathering)
    assert await ledger(play, gathering) == [("invitation", "planned", "came back: 5.1.1")]
    async with play.db.transaction() as conn:
        ids = await claims.claim(conn, 1, "mail", play.now, limit=10)
        (due,) = await notices.select_due(conn, ids, play.now)
    assert (due.address, due.purpose) == ("anna@home.example", "invitation")


async def test_a_full_mailbox_counts_once_a_day_and_ends_the_address_after_twenty(play: Play, post: Post) -> None:
    gathering = await sent(play)
    for day in range(20):
        assert await undeliverable(play) == [], day
        for _ in range(3):
            await bounce(post, gathering, FULL)
        play.clock.move(timedelta(days=1))
    assert (await undeliverable(play), await suppressed(play)) == (["anna@example.org"], "bounced")


@pytest.mark.parametrize(
    ("report", "end"),
    [
        (DeliveryReport(kind="policy", status="5.7.26"), ("applied report-policy", "failed")),
        (DeliveryReport(kind="delayed", status="4.4.1"), ("no-op report-delayed", "sent")),
        (DeliveryReport(kind="odd"), ("parked strange-report", "sent")),
        (None, ("no-op automatic", "sent")),
    ],
)
async def test_what_is_not_the_fault_of_the_address_never_ends_it(
    play: Play, post: Post, report: DeliveryReport | None, end: tuple[str, str]
) -> None:
    gathering = await sent(play)
    for _ in range(3):
        ended = await bounce(post, gathering, report)
        play.clock.move(timedelta(days=1))
    assert (ended, (await ledger(play, gathering))[0][1]) == end
    assert (await undeliverable(play), await suppressed(play)) == ([], None)


async def test_a_complaint_stops_the_invitations_and_nothing_else(play: Play, post: Post) -> None:
    gathering = await sent(play)
    assert await bounce(post, gathering, DeliveryReport(kind="complaint")) == "applied report-complaint"
    assert (await undeliverable(play), await suppressed(play)) == ([], "complained")
    assert (await ledger(play, gathering))[0][1] == "sent"


@pytest.mark.parametrize("changes", [{"handle": "b" * 40}, {"handle": None}, {"handled": Handled.OTHER}])
async def test_a_report_about_nobody_changes_nothing(play: Play, post: Post, changes: dict[str, Any]) -> None:
    gathering = await sent(play)
    assert await bounce(post, gathering, **changes) == "no-op report-about-nobody"
    assert (await undeliverable(play), (await ledger(play, gathering))[0][1]) == ([], "sent")


async def test_handles_that_were_taken_back_still_tell_whose_mail_came_back(play: Play, post: Post) -> None:
    gathering = await sent(play)
    handle = await play.handle(gathering, "Anna", "b")
    await play.execute("update registration set generation = 2")
    assert await bounce(post, gathering, handle=handle) == "applied report-hard"
    answers = await play.handle(gathering, "Anna", "r")
    assert await bounce(post, gathering, handle=answers) == "no-op report-about-nobody"


async def test_mails_about_no_gathering_come_back_too(play: Play, post: Post) -> None:
    await play.open("Anna", facilitator="")
    person = play.ids["Anna"]
    await play.execute(
        "insert into notice (dedupe_key, purpose, person_id, due_at, created_at) values ('s', 'sign-in', $1, $2, $2)",
        person,
        play.now,
    )
    await hand_over(play)
    mail = ReceivedMail(handled=Handled.BOUNCE, handle=bounce_handle(person, tokens.BOUNCE_OF_PERSON), report=NOBODY)
    assert (await post.bring(mail)).state == "applied"
    assert await undeliverable(play) == ["anna@example.org"]
