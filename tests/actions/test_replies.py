"""Answers that come by mail: pressed in a calendar or written, whose they are, what they lead to, what is said back."""

from datetime import timedelta
from typing import Any

import pytest

from service.formats.received import Authentication, CalendarMessage, Handled, Method, ReceivedMail
from service.model import Via
from tests.actions.play import Play
from tests.actions.post import Post, mail

NEEDS_ACTION = ("needs-action", "none", None)
SEATED = ("accepted", "seated", None)
DECLINED = ("declined", "none", None)
TENTATIVE = ("tentative", "none", None)
WAITING = ("accepted", "waiting", 1)

STRANGER: dict[str, Any] = {"from_address": "eva@elsewhere.example", "envelope_from": "eva@elsewhere.example"}
ANOTHER = {"attendees": (("eva@elsewhere.example", "accepted"),)}
CONFIDENTIAL = "intervision_group"


@pytest.fixture
def post(play: Play) -> Post:
    return Post(play)


async def ended(post: Post) -> tuple[str, str, str]:
    """Return how the last mail ended, in the inbox as in the verdict."""
    row = (await post.play.fetch("select state, reason from inbox order by id desc limit 1"))[0]
    verdict = post.verdicts[-1]
    assert (row["state"], row["reason"]) == (verdict.state, verdict.reason)
    return (verdict.state, verdict.reason, str(verdict.facts.get("told", "")))


async def staged(play: Play, *names: str, kind: str = "community_of_practice", **facts: Any) -> Any:
    """Open the circle with an invited gathering, all that has been heard so far forgotten."""
    await play.open(*(names or ("Anna", "Bert")), kind=kind)
    gathering = await play.published(**facts)
    await play.news()
    return gathering


# Pressed in a calendar


async def test_accept_in_a_calendar_takes_a_seat_and_leads_to_one_mail(play: Play, post: Post) -> None:
    gathering = await staged(play)
    await post.press(gathering, "Anna", "accepted")
    assert await ended(post) == ("applied", "answer", "")
    assert await play.seats(gathering) == {"Anna": SEATED, "Bert": NEEDS_ACTION}
    assert await play.news() == [("Anna", "confirmation")]
    assert await play.history(gathering, "Anna") == [
        (f"person:{play.ids['Anna']}", "calendar", "accepted", "seated", "")
    ]


async def test_accept_for_a_full_gathering_waits_and_one_mail_corrects_the_calendar(play: Play, post: Post) -> None:
    gathering = await staged(play, capacity=1)
    await play.accept(gathering, "Anna")
    await play.news()
    await post.press(gathering, "Bert", "accepted")
    assert post.verdicts[-1].facts["seat"] == "waiting"
    assert await play.seats(gathering) == {"Anna": SEATED, "Bert": WAITING}
    (letter,) = await play.letters()
    assert letter == (
        "Bert",
        "waiting",
        {
            "method": "REQUEST",
            "sequence": 1,
            "status": "tentative",
            "partstat": "tentative",
            "rsvp": False,
            "position": 1,
            "reason": "full",
        },
    )
    assert (await play.copies(gathering))["Bert"] == (1, "tentative")


@pytest.mark.parametrize(("partstat", "standing"), [("declined", DECLINED), ("tentative", TENTATIVE)])
async def test_decline_and_maybe_count_too(play: Play, post: Post, partstat: str, standing: Any) -> None:
    gathering = await staged(play, "Anna")
    await post.press(gathering, "Anna", partstat)
    assert await play.seats(gathering) == {"Anna": standing}
    assert await play.news() == [("Anna", partstat)]


async def test_a_decline_in_a_calendar_moves_the_queue_up(play: Play, post: Post) -> None:
    gathering = await staged(play, capacity=1)
    await play.accept(gathering, "Anna", "Bert")
    await play.news()
    await post.press(gathering, "Anna", "declined")
    assert await play.seats(gathering) == {"Bert": SEATED, "Anna": DECLINED}
    assert await play.news() == [("Anna", "declined"), ("Bert", "promotion")]


async def test_the_same_reply_again_changes_nothing_and_tells_nobody(play: Play, post: Post) -> None:
    gathering = await staged(play, "Anna")
    stamp = play.now.replace(microsecond=0)
    await post.press(gathering, "Anna", "accepted", stamp=stamp)
    await play.news()
    for partstat in ("accepted", "declined"):
        await post.press(gathering, "Anna", partstat, stamp=stamp)
        assert await ended(post) == ("no-op", "stale", "")
    await post.press(gathering, "Anna", "accepted", stamp=stamp + timedelta(seconds=2))
    assert await ended(post) == ("no-op", "said-before", "")
    assert (await play.seats(gathering), await play.news()) == ({"Anna": SEATED}, [])


async def test_a_reply_that_was_pressed_before_a_later_click_elsewhere_does_not_count(play: Play, post: Post) -> None:
    gathering = await staged(play, "Anna")
    pressed = play.step()
    await play.answer(gathering, "Anna", "accepted", via=Via.LINK)
    await play.news()
    await post.press(gathering, "Anna", "declined", stamp=pressed)
    assert await ended(post) == ("no-op", "a-later-click-stands", "")
    assert (await play.seats(gathering), await play.news()) == ({"Anna": SEATED}, [])


async def test_a_clock_that_is_wrong_counts_as_the_moment_of_receipt(play: Play, post: Post) -> None:
    gathering = await staged(play, "Anna")
    await play.answer(gathering, "Anna", "accepted")
    for stamp in (play.now - timedelta(days=400), play.now + timedelta(days=400)):
        for partstat in ("declined", "accepted"):
            await post.press(gathering, "Anna", partstat, stamp=stamp)
            assert await ended(post) == ("applied", "answer", "")
            (answered,) = await play.row(gathering, "Anna", "answered_at")
            assert answered == play.now


async def test_a_reply_to_an_older_title_counts_and_one_to_an_older_time_is_asked_again(play: Play, post: Post) -> None:
    gathering = await staged(play, "Anna", "Bert")
    await play.change(gathering, title_nl="Anders")
    await play.after(seconds=60)
    await post.press(gathering, "Anna", "accepted")
    assert await ended(post) == ("applied", "answer", "")
    old = (await play.row(gathering, "Bert", "sequence"))[0]
    await play.move(gathering, timedelta(days=1))
    await play.after(seconds=60)
    await play.news()
    await post.press(gathering, "Bert", "accepted", calendar={"sequence": old})
    assert await ended(post) == ("no-op", "about-an-older-time", "True")
    assert (await play.seats(gathering))["Bert"] == NEEDS_ACTION
    assert await play.news() == [("Bert", "ask-again")]
    await post.press(gathering, "Bert", "accepted", stamp=play.now + timedelta(seconds=1))
    assert (await play.seats(gathering))["Bert"] == SEATED


async def test_a_reply_to_a_cancelled_or_past_gathering_is_acknowledged_once(play: Play, post: Post) -> None:
    gathering = await staged(play, "Anna")
    await play.cancel(gathering)
    await play.news()
    await post.press(gathering, "Anna", "accepted")
    assert await ended(post) == ("no-op", "closed", "True")
    await play.after(minutes=30)
    await post.press(gathering, "Anna", "accepted")
    other = await play.published()
    await play.before_start(other, hours=-5)
    await play.news()
    await post.press(other, "Anna", "accepted")
    assert await ended(post) == ("no-op", "closed", "True")
    closed = await play.fetch("select facts ->> 'because' as because from notice where purpose = 'closed' order by id")
    assert [row["because"] for row in closed] == ["cancelled", "over"]
    assert await play.seats(gathering) == {"Anna": NEEDS_ACTION}


async def test_who_has_left_is_told_that_an_answer_changes_nothing(play: Play, post: Post) -> None:
    gathering = await staged(play, "Anna")
    await play.leave("Anna")
    await play.news()
    await post.press(gathering, "Anna", "accepted")
    assert await ended(post) == ("no-op", "closed", "True")
    assert [(who, what, facts["because"]) for who, what, facts in await play.letters()] == [
        ("Anna", "closed", "withdrawn")
    ]


# Whose answer it is


async def test_a_forwarded_invitation_changes_nothing_for_whom_it_was_meant(play: Play, post: Post) -> None:
    gathering = await staged(play, "Anna", visibility="members")
    await post.press(gathering, "Anna", "declined", calendar=ANOTHER, **STRANGER)
    assert await ended(post) == ("parked", "forwarded", "")
    assert (await play.seats(gathering), await play.news()) == ({"Anna": NEEDS_ACTION}, [])


async def test_who_got_an_open_invitation_forwarded_may_register_with_a_link_of_their_own(
    play: Play, post: Post
) -> None:
    gathering = await staged(play, "Anna", visibility="public")
    for _ in range(5):
        await post.press(gathering, "Anna", "accepted", calendar=ANOTHER, from_name="Koop nu", **STRANGER)
    told = [verdict.facts["told"] for verdict in post.verdicts]
    assert told == [True, True, True, False, False]
    assert await play.seats(gathering) == {"Anna": NEEDS_ACTION}
    assert [purpose for _, purpose in await play.news()] == ["register-here"] * 3
    (row,) = await play.fetch("select invited_at, seat from registration r join person p on p.id = r.person_id"
                              " where p.name = 'Koop nu'")  # fmt: skip
    assert tuple(row) == (None, "none")


@pytest.mark.parametrize(
    "changes", [{"automatic": "auto-generated"}, {"authentication": Authentication.NONE}, {"from_address": None}]
)
async def test_a_stranger_who_may_be_somebody_else_is_not_written_to(
    play: Play, post: Post, changes: dict[str, Any]
) -> None:
    gathering = await staged(play, "Anna", visibility="public")
    await post.press(gathering, "Anna", "accepted", calendar=ANOTHER, **STRANGER | changes)
    assert await ended(post) == ("parked", "forwarded", "")
    assert await play.news() == []


async def test_a_secretary_may_answer_but_not_for_a_confidential_circle(play: Play, post: Post) -> None:
    gathering = await staged(play, "Anna")
    await post.press(gathering, "Anna", "accepted", **STRANGER)
    assert await ended(post) == ("applied", "answer", "")
    assert await play.news() == [("Anna", "confirmation")]


async def test_a_confidential_circle_asks_for_a_click_once_a_day(play: Play, post: Post) -> None:
    gathering = await staged(play, "Anna", kind=CONFIDENTIAL)
    await post.press(gathering, "Anna", "accepted", **STRANGER)
    assert await ended(post) == ("no-op", "held-for-a-click", "True")
    await play.after(hours=1)
    await post.press(gathering, "Anna", "accepted", **STRANGER)
    assert await ended(post) == ("no-op", "held-for-a-click", "False")
    assert [verdict.person_id for verdict in post.verdicts] == [None, None]
    assert await play.news() == [("Anna", "ask-link")]
    assert tuple(await play.row(gathering, "Anna", "partstat, seat")) == ("needs-action", "none")
    await post.press(gathering, "Anna", "accepted")
    assert tuple(await play.row(gathering, "Anna", "partstat, seat")) == ("accepted", "seated")


async def test_an_answer_from_an_alias_counts_and_proposes_the_alias(play: Play, post: Post) -> None:
    gathering = await staged(play, "Anna")
    await post.press(gathering, "Anna", "accepted", calendar={"attendees": (("a.smit@example.org", "accepted"),)})
    assert await ended(post) == ("applied", "answer-by-alias", "")
    proposed = await play.fetch("select person_id, value from alias_proposal")
    assert [tuple(row) for row in proposed] == [(play.ids["Anna"], "a.smit@example.org")]
    stamp = play.now + timedelta(seconds=5)
    foreign = {"attendees": ((mail("Bert"), "declined"),)}
    await play.person("Bert")
    await post.press(gathering, "Anna", "declined", stamp=stamp, calendar=foreign)
    assert post.verdicts[-1].facts["alias_proposed"] is False


async def test_of_several_attendees_the_one_who_was_invited_counts(play: Play, post: Post) -> None:
    gathering = await staged(play, "Anna")
    both = (("bert@example.org", "declined"), (mail("Anna"), "accepted"))
    await post.press(gathering, "Anna", None, calendar={"attendees": both})
    assert await play.seats(gathering) == {"Anna": SEATED}


AT_ODDS = ((mail("Anna"), "accepted"), (mail("Anna"), "declined"))


@pytest.mark.parametrize("attendees", [(), ((mail("Anna"), None),), AT_ODDS])
async def test_a_reply_without_an_answer_is_parked_and_its_person_gets_the_link(
    play: Play, post: Post, attendees: Any
) -> None:
    gathering = await staged(play, "Anna")
    await post.press(gathering, "Anna", None, calendar={"attendees": attendees})
    assert await ended(post) == ("parked", "unchecked", "True")
    assert (await play.seats(gathering), await play.news()) == ({"Anna": NEEDS_ACTION}, [("Anna", "ask-link")])


async def test_without_the_address_only_a_proved_sender_counts(play: Play, post: Post) -> None:
    gathering = await staged(play, "Anna")
    bare = {"handled": Handled.OTHER, "handle": None}
    await post.press(gathering, "Anna", "accepted", **bare, authentication=Authentication.NONE)
    assert await ended(post) == ("parked", "unchecked", "True")
    await post.press(gathering, "Anna", "accepted", **bare, calendar={"uid": "unheard-of"})
    assert await ended(post) == ("parked", "whose-is-unclear", "")
    await post.press(gathering, "Anna", "accepted", **bare)
    assert await ended(post) == ("applied", "answer", "")


async def test_a_handle_that_was_taken_back_proves_nothing(play: Play, post: Post) -> None:
    gathering = await staged(play, "Anna")
    old = await play.handle(gathering, "Anna")
    await play.execute("update registration set generation = 1")
    await post.press(gathering, "Anna", "accepted", handle=old, authentication=Authentication.FAIL)
    assert await ended(post) == ("parked", "unchecked", "True")


@pytest.mark.parametrize("kind", ["community_of_practice", CONFIDENTIAL])
async def test_what_names_a_confidential_gathering_without_proof_is_kept_from_the_team_all_the_same(
    play: Play, post: Post, kind: str
) -> None:
    gathering = await staged(play, "Anna", kind=kind)
    old = await play.handle(gathering, "Anna")
    await play.execute("update registration set generation = 1")
    await post.press(gathering, "Anna", "accepted", handle=old, calendar={"uid": "mangled by a gateway"})
    assert await ended(post) == ("parked", "whose-is-unclear", "")
    assert post.verdicts[-1].person_id is None
    assert post.verdicts[-1].gathering_id == (gathering.id if kind == CONFIDENTIAL else None)
    assert tuple(await play.row(gathering, "Anna", "partstat, seat")) == ("needs-action", "none")


async def test_a_reply_about_another_invitation_than_its_address_is_parked(play: Play, post: Post) -> None:
    gathering = await staged(play, "Anna")
    other = await play.published(days=40)
    (uid,) = await play.row(other, "Anna", "uid")
    await post.press(gathering, "Anna", "accepted", calendar={"uid": uid})
    assert await ended(post) == ("parked", "unchecked", "True")
    await post.press(gathering, "Anna", "accepted", calendar={"uid": "mangled by a gateway"})
    assert await ended(post) == ("applied", "answer", "")


# What is for a human, and what is for nobody


@pytest.mark.parametrize("asked", [{"method": Method.COUNTER}, {"attendees": ((mail("Anna"), "delegated"),)}])
async def test_another_time_or_somebody_else_is_for_the_facilitator(
    play: Play, post: Post, asked: dict[str, Any]
) -> None:
    gathering = await staged(play, "Anna")
    await play.accept(gathering, "Anna")
    await play.news()
    await post.press(gathering, "Anna", "tentative", calendar={"comment": "Kan het \x00later?"} | asked)
    assert await ended(post) == ("parked", "for-the-facilitator", "True")
    verdict = post.verdicts[-1]
    assert (verdict.gathering_id, verdict.person_id) == (gathering.id, play.ids["Anna"])
    assert verdict.facts["comment"] == "Kan het later?"
    assert (await play.seats(gathering), await play.news()) == ({"Anna": SEATED}, [("Anna", "ask-link")])


async def test_whoever_asks_for_a_copy_gets_it_under_the_same_sequence(play: Play, post: Post) -> None:
    gathering = await staged(play, "Anna")
    await play.accept(gathering, "Anna")
    await play.news()
    refresh = {"method": Method.REFRESH, "dtstamp": None}
    await post.press(gathering, "Anna", None, calendar=refresh)
    assert await ended(post) == ("applied", "asked-for-a-copy", "")
    await post.press(gathering, "Anna", None, calendar=refresh)
    assert await ended(post) == ("no-op", "asked-for-a-copy", "")
    (letter,) = await play.letters()
    assert (letter[1], letter[2]["method"], letter[2]["sequence"]) == ("confirmation", "REQUEST", 0)


@pytest.mark.parametrize(
    ("received", "end"),
    [
        ({"own": True, "lines": ("ja",)}, ("no-op", "our-own", "")),
        ({"automatic": "auto-replied", "lines": ("ja",)}, ("no-op", "automatic", "")),
        ({"automatic": "subject", "lines": ("Ik ben er niet",)}, ("no-op", "automatic", "")),
        ({"refused": "too large"}, ("parked", "refused", "")),
        ({"calendar": CalendarMessage(method=Method.OTHER)}, ("no-op", "not-an-answer", "")),
    ],
)
async def test_what_no_person_answered_never_counts_and_is_never_answered(
    play: Play, post: Post, received: dict[str, Any], end: tuple[str, str, str]
) -> None:
    gathering = await staged(play, "Anna")
    await post.bring(await post.addressed(gathering, "Anna", **received))
    assert await ended(post) == end
    assert (await play.seats(gathering), await play.news()) == ({"Anna": NEEDS_ACTION}, [])


async def test_a_calendar_reply_counts_though_a_program_sent_it(play: Play, post: Post) -> None:
    gathering = await staged(play, "Anna")
    await post.press(gathering, "Anna", "accepted", automatic="auto-generated")
    assert await play.seats(gathering) == {"Anna": SEATED}


# Words


@pytest.mark.parametrize(
    ("line", "standing", "purpose"),
    [
        ("Ja, graag!", SEATED, "confirmation"),
        ("nee, helaas", DECLINED, "declined"),
        ("Maybe", TENTATIVE, "tentative"),
    ],
)
async def test_plain_words_from_the_person_are_an_answer(
    play: Play, post: Post, line: str, standing: Any, purpose: str
) -> None:
    gathering = await staged(play, "Anna")
    await post.write(gathering, "Anna", line)
    assert await ended(post) == ("applied", "answer", "")
    assert (await play.seats(gathering), await play.news()) == ({"Anna": standing}, [("Anna", purpose)])
    assert (await play.row(gathering, "Anna", "via"))[0] == "mail"


@pytest.mark.parametrize(
    ("lines", "changes"),
    [
        (("Ja maar kan het later?",), {}),
        (("Ja, met 2 collega's",), {}),
        ((), {}),
        ((), {"unreadable": True}),
        (("ja",), {"cut": True}),
        (("agenda",), {}),
        (("ja 999999",), {}),
    ],
)
async def test_what_is_unclear_is_never_guessed_but_gets_the_link(
    play: Play, post: Post, lines: tuple[str, ...], changes: dict[str, Any]
) -> None:
    gathering = await staged(play, "Anna")
    await post.write(gathering, "Anna", *lines, **changes)
    assert await ended(post) == ("parked", "unclear", "True")
    assert await play.seats(gathering) == {"Anna": NEEDS_ACTION}
    assert [(name, purpose, facts["because"]) for name, purpose, facts in await play.letters()] == [
        ("Anna", "ask-link", "unclear")
    ]


@pytest.mark.parametrize(
    "changes", [STRANGER, {"authentication": Authentication.FAIL}, {"from_address": None}, {"handle": "r" * 40}]
)
async def test_words_from_another_address_count_for_nothing(play: Play, post: Post, changes: dict[str, Any]) -> None:
    gathering = await staged(play, "Anna")
    (uid,) = await play.row(gathering, "Anna", "uid")
    known = {"answers_uid": uid, "authentication": Authentication.NONE} if "handle" in changes else {}
    await post.write(gathering, "Anna", "ja", **known | changes)
    assert await ended(post) == ("parked", "unchecked", "True")
    assert (await play.seats(gathering), await play.news()) == ({"Anna": NEEDS_ACTION}, [("Anna", "ask-link")])


async def test_a_proved_answer_in_the_thread_of_an_invitation_counts(play: Play, post: Post) -> None:
    gathering = await staged(play, "Anna")
    (uid,) = await play.row(gathering, "Anna", "uid")
    await post.write(gathering, "Anna", "ja", handled=Handled.COMMAND, handle=None, answers_uid=uid)
    assert await play.seats(gathering) == {"Anna": SEATED}


async def test_stop_ends_the_invitations_of_the_circle_and_no_answer(play: Play, post: Post) -> None:
    gathering = await staged(play, "Anna")
    await play.accept(gathering, "Anna")
    await play.news()
    await post.write(gathering, "Anna", "Stop")
    assert await ended(post) == ("applied", "unsubscribed", "True")
    assert (await play.seats(gathering), await play.news()) == ({"Anna": SEATED}, [("Anna", "unsubscribed")])
    await play.published(days=50)
    assert await play.news() == [("Fien", "invitation")]
    assert (await play.fetch("select mails from membership where person_id = $1", play.ids["Anna"]))[0][
        "mails"
    ] is False


async def test_a_mail_to_the_unsubscribe_address_is_honoured_whoever_sent_it(play: Play, post: Post) -> None:
    gathering = await staged(play, "Anna")
    handle = await play.handle(gathering, "Anna", "u")
    unsubscribe = ReceivedMail(handled=Handled.UNSUBSCRIBE, handle=handle, automatic="auto-generated")
    for _ in range(2):
        await post.bring(unsubscribe)
        assert await ended(post) == ("applied", "unsubscribed", "")
    await post.bring(ReceivedMail(handled=Handled.UNSUBSCRIBE, handle="u" * 40))
    assert await ended(post) == ("parked", "unsubscribe-whom", "")
    assert (await play.fetch("select mails from membership where person_id = $1", play.ids["Anna"]))[0][
        "mails"
    ] is False
    assert await play.news() == []


# Never in a loop


async def test_two_krings_that_write_to_each_other_fall_silent_after_two_mails(play: Play, post: Post) -> None:
    gathering = await staged(play, "Anna", "Bert")
    exchanged = []
    speaker = "Anna"
    for _ in range(20):  # each side takes the mail of the other for that of a person, as if its marks had been lost
        await post.write(gathering, speaker, "Dank je wel voor je bericht.")
        exchanged += [letter[:2] for letter in await play.letters()]
        speaker = "Bert" if speaker == "Anna" else "Anna"
    assert exchanged == [("Anna", "ask-link"), ("Bert", "ask-link")]
    for _ in range(60):
        await play.after(minutes=11)
        await post.write(gathering, "Anna", "Dank je wel voor je bericht.")
    assert [letter[:2] for letter in await play.letters()] == [("Anna", "ask-link")] * 2
