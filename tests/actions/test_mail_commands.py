"""Commands by mail: who may give them, what comes back, and that nobody is answered in a loop."""

from dataclasses import dataclass
from datetime import timedelta

import pytest

from service.actions import people
from service.channels import Document, Facts, Outbound
from service.formats import tokens
from service.formats.outbounds import unpacked
from service.formats.received import Authentication
from service.model import Gathering, Partstat
from service.rules.access import KRING
from tests.actions.play import KEYS, Play
from tests.actions.post import Post, mail


@dataclass(frozen=True)
class Answer:
    """A mail that waits to be handed over: to which address, below which mail, and what it says."""

    to: str
    below: str
    said: list[Outbound]

    @property
    def words(self) -> str:
        rows = [row for one in self.said for block in one.blocks if isinstance(block, Facts) for row in block.rows]
        texts = [block.text for one in self.said for block in one.blocks if not isinstance(block, Facts | Document)]
        return "\n".join([*texts, *(f"{label}: {value}" for label, value in rows)])

    @property
    def files(self) -> list[str]:
        return [block.name for one in self.said for block in one.blocks if isinstance(block, Document)]


async def answers(play: Play) -> list[Answer]:
    rows = await play.fetch("select conversation, channel, facts from notice where purpose = 'answer' order by id")
    assert {row["channel"] for row in rows} <= {"mail"}
    return [
        Answer(row["conversation"], row["facts"]["in_reply_to"], list(map(unpacked, row["facts"]["outbound"])))
        for row in rows
    ]


@pytest.fixture
async def kickoff(play: Play) -> Gathering:
    await play.open("Ada", "Ben")
    return await play.published()


@pytest.fixture
def post(play: Play) -> Post:
    return Post(play)


async def test_somebody_known_and_proved_is_answered_below_their_mail(
    play: Play, post: Post, kickoff: Gathering
) -> None:
    verdict = await post.command("Ada", "agenda", message_id="<q1@mail.example>")
    assert (verdict.state, verdict.reason, verdict.person_id) == ("applied", "command", play.ids["Ada"])
    (answer,) = await answers(play)
    assert (answer.to, answer.below) == (mail("Ada"), "<q1@mail.example>")
    assert f"{kickoff.id} · Bijeenkomst" in answer.words


async def test_a_second_address_is_answered_there(play: Play, post: Post, kickoff: Gathering) -> None:
    await people.change_person(play.db, KRING, play.ids["Ada"], {"email": "ada@new.example"}, now=play.step())
    await post.command("Ada", "mijn")
    await post.command("Ada", "mijn", from_address="ada@new.example")
    assert [one.to for one in await answers(play)] == [mail("Ada"), "ada@new.example"]


@pytest.mark.parametrize("authentication", [Authentication.NONE, Authentication.FAIL])
async def test_what_is_not_proved_does_nothing_and_is_told_to_the_person_once_a_day(
    play: Play, post: Post, kickoff: Gathering, authentication: Authentication
) -> None:
    for text in ("verlaat cop", f"ja {kickoff.id}", "taal en"):
        verdict = await post.command("Ada", text, authentication=authentication)
        assert (verdict.state, verdict.reason) == ("parked", "unchecked")
    (told,) = await answers(play)
    assert told.words == (
        "Er kwam een bericht binnen op jouw naam, maar ik kon niet nagaan of het van jou was. Daarom heb ik er niets "
        "mee gedaan. Was jij het? Op je eigen pagina kun je hetzelfde doen nadat je hebt ingelogd.\n"
        "Jouw pagina: http://kring.test/me"
    )
    assert (await play.seats(kickoff))["Ada"] == ("needs-action", "none", None)
    play.clock.move(timedelta(days=1))
    await post.command("Ada", "agenda", authentication=authentication)
    assert len(await answers(play)) == 2


async def test_somebody_unknown_is_not_answered(play: Play, post: Post, kickoff: Gathering) -> None:
    for changes in ({"from_address": "niemand@example.org"}, {"from_address": None}):
        verdict = await post.command("Ada", "agenda", **changes)
        assert (verdict.state, verdict.reason) == ("parked", "whose-is-unclear")
    await play.execute("update address set verified_at = null where value = $1", mail("Ben"))
    assert (await post.command("Ben", "agenda")).state == "parked"
    assert await answers(play) == []


async def test_what_is_not_understood_is_answered_seldom_and_kept_for_a_human(
    play: Play, post: Post, kickoff: Gathering
) -> None:
    for number in range(8):
        play.clock.move(timedelta(minutes=11) if number % 2 else timedelta(minutes=1))
        verdict = await post.command("Ada", "Kan iemand mij terugbellen?")
        assert (verdict.state, verdict.reason) == ("parked", "unclear")
    assert len(await answers(play)) == 5
    assert "Sorry, dat begrijp ik niet." in (await answers(play))[0].words


async def test_a_machine_that_sends_commands_is_left_alone_after_a_while(
    play: Play, post: Post, kickoff: Gathering
) -> None:
    states = [(await post.command("Ada", "agenda")).state for _ in range(32)]
    assert states == ["applied"] * 30 + ["no-op"] * 2
    assert len(await answers(play)) == 30
    assert (await post.command("Ben", "agenda")).state == "applied"


async def test_an_answer_to_an_invitation_is_confirmed_once_by_the_mail_with_the_calendar(
    play: Play, post: Post, kickoff: Gathering
) -> None:
    await play.letters()
    verdict = await post.command("Ada", f"ja {kickoff.id}", "Groet, Ada")
    assert verdict.state == "applied"
    assert (await play.seats(kickoff))["Ada"] == ("accepted", "seated", None)
    assert await play.news() == [("Ada", "confirmation")]
    await post.command("Ada", f"ja {kickoff.id}")
    assert [one.words.splitlines()[1] for one in await answers(play)] == ["Je stond al op de lijst."]


async def test_a_facilitator_gets_the_whole_list_with_its_files(play: Play, post: Post, kickoff: Gathering) -> None:
    await play.answer(kickoff, "Ada", Partstat.ACCEPTED)
    for text in (f"lijst {kickoff.id}", f"list {kickoff.id}"):
        await post.command("Fien", text)
    await post.command("Fien", f"wie nog niet {kickoff.id}")
    await post.command("Fien", f"Who has not answered {kickoff.id}?")
    one, other, silent, same = await answers(play)
    assert one.files == other.files == [f"cop-{kickoff.starts_local:%Y-%m-%d}.{form}" for form in ("csv", "xlsx")]
    assert "Komen (1)\nAda" in one.words
    assert "Nog geen antwoord (1)\nBen" in silent.words == same.words
    assert "Ada" not in silent.words
    verdict = await post.command("Ada", f"lijst {kickoff.id}")
    assert verdict.state == "applied"
    assert "zien alleen de begeleiders" in (await answers(play))[-1].words


async def test_of_a_confidential_circle_a_mail_names_nobody_and_carries_no_file(play: Play, post: Post) -> None:
    await play.open("Ada", "Ben", kind="intervision_group")
    gathering = await play.published(title_nl="Kanarie")
    for text in ("agenda", f"lijst {gathering.id}", f"wie nog niet {gathering.id}", "kringen", str(gathering.id)):
        await post.command("Fien", text)
    said = await answers(play)
    assert [one.files for one in said] == [[]] * 5
    text = "\n".join(one.words for one in said)
    assert not [word for word in ("Kanarie", "Ada", "Ben", "Kring cop") if word in text]


async def test_a_dialogue_of_several_letters_ends_in_one_message_to_each(
    play: Play, post: Post, kickoff: Gathering
) -> None:
    await play.letters()
    letters: list[tuple[str, ...]] = [
        (f"bericht {kickoff.id}", "Groet, Fien"),
        ("Hoi Kring,", "iedereen", "Groet, Fien"),
        ("Hoi allemaal,", "", "Neem een kabel mee.", "", "Tot dinsdag!", "", "Groeten,", "Fien"),
    ]
    for lines in letters:
        assert (await post.command("Fien", *lines)).state == "applied", lines
    await post.command("Fien", "Ja", "Met vriendelijke groet,", "Fien de Vries", question=await asked(play))
    told = [(name, facts["text"]) for name, purpose, facts in await play.letters() if purpose == "broadcast"]
    assert sorted(told) == [(name, "Hoi allemaal,\n\nNeem een kabel mee.\n\nTot dinsdag!") for name in ("Ada", "Ben")]


async def test_a_text_of_which_not_all_came_is_sent_to_nobody(play: Play, post: Post, kickoff: Gathering) -> None:
    for lines in ((f"bericht {kickoff.id}",), ("iedereen",)):
        await post.command("Fien", *lines)
    await post.command("Fien", "Het begin van een lang verhaal", cut=True)
    assert "Kan het korter?" in (await answers(play))[-1].words
    assert (await post.command("Fien", "verlaat cop", "en nog veel meer", cut=True)).state != "dead"
    assert await play.fetch("select 1 from broadcast") == []
    assert [row["state"] for row in await play.fetch("select state from membership where state <> 'active'")] == []


async def test_an_answer_in_the_thread_of_an_invitation_counts_as_one_wherever_it_is_sent(
    play: Play, post: Post, kickoff: Gathering
) -> None:
    (uid,) = await play.row(kickoff, "Ada", "uid")
    verdict = await post.command("Ada", "Ja graag!", answers_uid=uid)
    assert (verdict.state, verdict.reason) == ("applied", "answer")
    verdict = await post.command("Ada", "agenda", answers_uid=uid)
    assert (verdict.state, verdict.reason) == ("applied", "command")


async def guard(play: Play, name: str, role: str, *, confirmed: bool = True) -> None:
    """Put somebody into the team, with an app that makes codes."""
    await play.execute("update person set role = $2 where id = $1", play.ids[name], role)
    await play.execute(
        "insert into second_factor (person_id, key_id, nonce, created_at, confirmed_at)"
        " values ($1, 'a', 'nonce', $2, $3)",
        play.ids[name],
        play.now,
        play.now if confirmed else None,
    )


@pytest.mark.parametrize("confirmed", [False, True])
async def test_with_a_second_factor_a_mail_has_nothing_of_the_rights_of_the_team(
    play: Play, post: Post, kickoff: Gathering, confirmed: bool
) -> None:
    await guard(play, "Ada", "admin", confirmed=confirmed)
    await post.command("Ada", f"ja {kickoff.id}")
    await post.command("Ben", f"ja {kickoff.id}")
    await post.command("Ada", f"lijst {kickoff.id}")
    assert ("zien alleen de begeleiders" in (await answers(play))[-1].words) is confirmed
    assert (await play.seats(kickoff))["Ada"][0] == "accepted"


async def test_with_a_second_factor_a_facilitator_still_leads_by_mail(
    play: Play, post: Post, kickoff: Gathering
) -> None:
    await guard(play, "Fien", "staff")
    await post.command("Ben", f"ja {kickoff.id}")
    await post.command("Fien", f"lijst {kickoff.id}")
    words = (await answers(play))[-1].words
    assert ("Ben" in words, "zien alleen de begeleiders" in words) == (True, False)


async def begin_to_cancel(play: Play, post: Post, gathering: Gathering) -> str:
    """Have Fien go up to the last question before a gathering is cancelled, and return the handle of that mail."""
    await post.command("Fien", f"annuleer {gathering.id}")
    await post.command("Fien", "De spreker is ziek.")
    return await asked(play)


async def asked(play: Play) -> str:
    rows = await play.fetch("select facts -> 'asks' as asks from notice where purpose = 'answer' order by id")
    return tokens.handle(KEYS, tokens.QUESTION, rows[-1]["asks"])


async def test_a_yes_below_the_question_has_its_effect(play: Play, post: Post, kickoff: Gathering) -> None:
    question = await begin_to_cancel(play, post, kickoff)
    assert (await play.read(kickoff)).status == "published"
    await post.command("Fien", "ja", question=question)
    assert (await play.read(kickoff)).status == "cancelled"


@pytest.mark.parametrize("written", ["", "older", "forged", "invitation"])
async def test_a_yes_that_is_not_below_the_question_has_none_and_gets_the_question_again(
    play: Play, post: Post, kickoff: Gathering, written: str
) -> None:
    older = await begin_to_cancel(play, post, await play.published(days=20))
    await post.command("Fien", "laat maar")
    question = await begin_to_cancel(play, post, kickoff)
    put = (await answers(play))[-1]
    given = {"": None, "older": older, "forged": question[:-1] + ("a" if question[-1] != "a" else "b")}
    uid, _ = await play.row(kickoff, "Fien", "uid, id")
    thread = {"answers_uid": uid} if written == "invitation" else {}
    verdict = await post.command("Fien", "ja", question=given.get(written), **thread)
    assert (await play.read(kickoff)).status == "published"
    if thread:  # said below the invitation: an answer to that, for oneself, and the question stays open
        assert (verdict.state, verdict.reason, verdict.gathering_id) == ("applied", "answer", kickoff.id)
    else:
        again = (await answers(play))[-1]
        assert "niet onder de vraag die nog openstaat" in again.words
        assert [again.said[0].blocks[1:], again.said[0].choices] == [put.said[0].blocks, put.said[0].choices]
        assert await asked(play) == question
    await post.command("Fien", "ja", question=question)
    assert (await play.read(kickoff)).status == "cancelled"


async def test_a_yes_below_a_question_that_is_answered_already_changes_nothing(
    play: Play, post: Post, kickoff: Gathering
) -> None:
    question = await begin_to_cancel(play, post, kickoff)
    await post.command("Fien", "laat maar")
    await post.command("Fien", "ja", question=question)
    assert (await play.read(kickoff)).status == "published"


async def test_a_question_is_answered_below_an_invitation_in_the_same_thread(
    play: Play, post: Post, kickoff: Gathering
) -> None:
    question = await begin_to_cancel(play, post, kickoff)
    uid, _ = await play.row(kickoff, "Fien", "uid, id")
    await post.command("Fien", "ja", question=question, answers_uid=uid)
    assert (await play.read(kickoff)).status == "cancelled"
