"""Looking for a date together, from proposing to the invitation."""

from datetime import datetime, timedelta

import pytest

from service.actions import polls, voting
from service.actions.polls import Standings
from service.actions.voting import Ballot
from service.errors import Conflict, Expired, Invalid, NotAllowed, NotFound
from service.formats import tokens
from service.model import Gathering
from service.rules.access import KRING
from tests.actions.play import KEYS, PAUSE, Play

STARTS = [datetime(2026, 12, day, 16) for day in (8, 9, 10)]


async def asked(play: Play, gathering: Gathering) -> Standings:
    await polls.propose(play.db, KRING, gathering.id, STARTS, now=play.step())
    return await polls.ask(play.db, KRING, gathering.id, now=play.step())


async def handle(play: Play, gathering: Gathering, name: str) -> str:
    (row,) = await play.fetch(
        "select id from poll_voter where gathering_id = $1 and person_id = $2", gathering.id, play.ids[name]
    )
    return tokens.handle(KEYS, tokens.POLL, row["id"])


async def vote(play: Play, gathering: Gathering, name: str, *said: str) -> Ballot:
    standings = await polls.standings(play.db, KRING, gathering.id, now=play.now)
    votes = {moment.id: vote for moment, vote in zip(standings.moments, said, strict=True)}
    link = await handle(play, gathering, name)
    return await voting.vote_by_handle(play.db, link, votes, keys=KEYS, now=play.step())


async def sent(play: Play) -> list[tuple[str, bool]]:
    """Send what is due, and return the mails of the poll among it: to whom, and whether it was the reminder."""
    await play.deliver()
    rows = await play.fetch(
        """
        select p.name, coalesce((n.facts ->> 'again')::boolean, false) as again from notice n
        join person p on p.id = n.person_id
        where n.purpose = 'poll' and n.sent_at = $1 order by p.name
        """,
        play.now,
    )
    return [(row["name"], row["again"]) for row in rows]


async def test_from_three_moments_to_one_invitation_each(play: Play) -> None:
    await play.open("Anna", "Bert", "Cor")
    draft = await play.draft()
    await polls.propose(play.db, KRING, draft.id, STARTS, now=play.step())
    assert await play.news() == []
    standings = await polls.ask(play.db, KRING, draft.id, now=play.step())
    assert [one.starts_local for one in standings.moments] == STARTS
    assert (standings.asked, standings.voted) == (4, 0)
    assert await sent(play) == [(name, False) for name in ("Anna", "Bert", "Cor", "Fien")]
    assert await polls.ask(play.db, KRING, draft.id, now=play.step()) == standings  # once is enough

    await vote(play, draft, "Anna", "yes", "no", "yes")
    await vote(play, draft, "Bert", "no", "if-need-be", "yes")
    again = await vote(play, draft, "Anna", "no", "no", "yes")
    assert sorted(again.votes.values()) == ["no", "no", "yes"]
    standings = await polls.standings(play.db, await play.actor("Fien"), draft.id, now=play.now)
    assert [(one.yes, one.if_need_be, one.no) for one in standings.tallies.values()] == [
        (0, 0, 2),
        (0, 1, 1),
        (2, 0, 0),
    ]
    assert standings.best == {standings.moments[2].id}
    assert standings.names is not None
    assert standings.names[standings.moments[2].id]["yes"] == ["Anna", "Bert"]

    await play.after(days=3)
    assert await sent(play) == [("Cor", True), ("Fien", True)]
    await play.after(days=1)
    assert await sent(play) == []

    await play.news()
    picked = standings.moments[2]
    preview = await polls.preview_pick(play.db, KRING, draft.id, picked.id, language="nl", now=play.now)
    assert (preview.told, preview.gathering.starts_local) == (4, STARTS[2])
    done = await polls.pick(play.db, KRING, draft.id, picked.id, now=play.step(), coalesce=PAUSE)
    assert (done.status, done.starts_local, done.ends_local) == (
        "published",
        STARTS[2],
        STARTS[2] + (draft.ends_local - draft.starts_local),
    )
    assert await play.news() == [(name, "invitation") for name in ("Anna", "Bert", "Cor", "Fien")]
    assert set((await play.seats(done)).values()) == {("needs-action", "none", None)}  # a vote seats nobody


async def test_closing_takes_back_what_is_not_sent_and_tells_nobody(play: Play) -> None:
    await play.open("Anna")
    draft = await play.draft()
    await asked(play, draft)
    await play.deliver()
    await polls.close(play.db, KRING, draft.id, now=play.step())
    await play.news()
    await play.after(days=4)
    assert await sent(play) == []
    with pytest.raises(Expired):
        await vote(play, draft, "Anna", "yes", "yes", "yes")
    with pytest.raises(Conflict):
        await polls.close(play.db, KRING, draft.id, now=play.now)
    link = await handle(play, draft, "Anna")
    assert not (await voting.by_handle(play.db, link, keys=KEYS)).open(play.now)
    # Another round begins with nothing ticked, and the old links are gone.
    await asked(play, draft)
    with pytest.raises(NotFound):
        await voting.by_handle(play.db, link, keys=KEYS)


async def test_a_published_gathering_is_moved_and_everybody_keeps_the_seat(play: Play) -> None:
    await play.open("Anna", facilitator="")
    gathering = await play.published()
    await play.accept(gathering, "Anna")
    standings = await asked(play, gathering)
    await play.news()
    done = await polls.pick(play.db, KRING, gathering.id, standings.moments[0].id, now=play.step(), coalesce=PAUSE)
    await play.after(seconds=61)
    assert await play.news() == [("Anna", "update")]
    assert (done.uid, done.starts_local, (await play.seats(done))["Anna"][1]) == (gathering.uid, STARTS[0], "seated")


async def test_a_member_votes_without_having_been_asked_and_nobody_else_does(play: Play) -> None:
    await play.open("Anna")
    draft = await play.draft()
    standings = await asked(play, draft)
    await play.join("Later")
    await play.person("Buiten")
    votes = {standings.moments[0].id: "yes"}
    later, outside = await play.actor("Later"), await play.actor("Buiten")
    assert [one.id for one in await voting.mine(play.db, later, now=play.now)] == [draft.id]
    ballot = await voting.vote(play.db, later, draft.id, votes, now=play.step())
    assert ballot.votes == votes
    assert await voting.mine(play.db, outside, now=play.now) == []
    for refused in (
        voting.own(play.db, outside, draft.id),
        voting.vote(play.db, outside, draft.id, votes, now=play.now),
    ):
        with pytest.raises(NotFound):
            await refused
    with pytest.raises(NotFound):  # hidden, because a draft
        await polls.standings(play.db, later, draft.id, now=play.now)
    published = await play.published()
    with pytest.raises(NotAllowed):
        await polls.propose(play.db, later, published.id, STARTS, now=play.now)


@pytest.mark.parametrize("said", [{0: "yes"}, {"first": "perhaps"}])
async def test_what_is_no_vote_is_refused(play: Play, said: dict[object, str]) -> None:
    await play.open("Anna")
    draft = await play.draft()
    standings = await asked(play, draft)
    votes = {standings.moments[0].id if moment == "first" else 0: vote for moment, vote in said.items()}
    with pytest.raises(Invalid):
        await voting.vote_by_handle(play.db, await handle(play, draft, "Anna"), votes, keys=KEYS, now=play.now)
    right = await handle(play, draft, "Anna")
    for wrong in ("", "x" * 40, right[:20] + ("b" if right[20] == "a" else "a") + right[21:]):
        with pytest.raises(NotFound):
            await voting.by_handle(play.db, wrong, keys=KEYS)


async def test_what_cannot_be_proposed(play: Play) -> None:
    await play.open("Anna")
    draft = await play.draft()
    past = [datetime(2020, 1, day, 16) for day in (1, 2, 3)]
    skipped = [datetime(2027, 3, 28, 2, 30), *STARTS]
    for starts in ([], STARTS[:2], [*STARTS, STARTS[0]], past, skipped):
        with pytest.raises(Invalid) as refused:
            await polls.propose(play.db, KRING, draft.id, starts, now=play.now)
        assert refused.value.field == "moments"
    await asked(play, draft)
    with pytest.raises(Conflict):
        await polls.propose(play.db, KRING, draft.id, STARTS, now=play.now)
    held = await play.published(days=1)
    play.clock.set(held.starts_at + timedelta(minutes=1))
    with pytest.raises(Conflict):
        await polls.propose(play.db, KRING, held.id, STARTS, now=play.now)


async def test_of_a_confidential_circle_staff_see_numbers_and_no_names(play: Play) -> None:
    await play.open("Anna", kind="intervision_group", facilitator="")
    draft = await play.draft()
    standings = await asked(play, draft)
    await vote(play, draft, "Anna", "yes", "no", "no")
    standings = await polls.standings(play.db, KRING, draft.id, now=play.now)
    assert standings.names is None
    assert [one.yes for one in standings.tallies.values()] == [1, 0, 0]


async def test_who_leaves_the_circle_leaves_its_poll(play: Play) -> None:
    await play.open("Anna", "Bert")
    draft = await play.draft()
    standings = await asked(play, draft)
    await play.deliver()
    await vote(play, draft, "Anna", "yes", "no", "no")
    links = [await handle(play, draft, name) for name in ("Anna", "Bert")]
    for name in ("Anna", "Bert"):
        await play.leave(name)
    for link in links:
        with pytest.raises(NotFound):
            await voting.by_handle(play.db, link, keys=KEYS)
        with pytest.raises(NotFound):
            await voting.vote_by_handle(play.db, link, {standings.moments[0].id: "yes"}, keys=KEYS, now=play.step())
    standings = await polls.standings(play.db, KRING, draft.id, now=play.now)
    assert (standings.asked, standings.voted) == (1, 0)
    assert {(one.yes, one.no) for one in standings.tallies.values()} == {(0, 0)}
    await play.after(days=3)
    assert await sent(play) == [("Fien", True)]


async def test_cancelling_ends_the_poll(play: Play) -> None:
    await play.open("Anna", facilitator="")
    gathering = await play.published()
    await asked(play, gathering)
    await play.cancel(gathering)
    anna = await play.actor("Anna")
    assert await voting.mine(play.db, anna, now=play.now) == []
    link = await handle(play, gathering, "Anna")
    assert not (await voting.by_handle(play.db, link, keys=KEYS)).open(play.now)
    with pytest.raises(Expired):
        await vote(play, gathering, "Anna", "yes", "yes", "yes")
    # Opened again it has a date again: whoever wants another one asks anew.
    await play.publish(gathering)
    assert await voting.mine(play.db, anna, now=play.now) == []
    await asked(play, gathering)


async def test_a_moment_that_could_never_be_picked_is_refused(play: Play) -> None:
    await play.open("Anna")
    draft = await play.draft(hours=3)
    skipped = datetime(2027, 3, 27, 23, 30)  # ends at 2:30, which the clocks skip
    with pytest.raises(Invalid) as refused:
        await polls.propose(play.db, KRING, draft.id, [*STARTS, skipped], now=play.now)
    assert refused.value.field == "moments"


async def test_moments_keep_their_hour_when_the_gathering_changes_its_zone(play: Play) -> None:
    await play.open("Anna")
    draft = await play.draft()
    before = await polls.propose(play.db, KRING, draft.id, STARTS, now=play.step())
    await play.change(draft, timezone="America/New_York")
    after = await polls.propose(play.db, KRING, draft.id, STARTS, now=play.step())
    late = [there.starts_at - here.starts_at for here, there in zip(before.moments, after.moments, strict=True)]
    assert late == [timedelta(hours=6)] * len(STARTS)
