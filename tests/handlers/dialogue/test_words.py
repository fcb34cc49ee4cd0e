"""What is understood, and above all what is not: a wrong answer noted costs more than a question asked."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from handlers.dialogue import lexicon, linking
from handlers.dialogue.choices import keyword
from handlers.dialogue.phrases import phrases
from handlers.dialogue.words import ANSWERS, LIMIT, Puzzle, Unclear, parse
from service.channels import Intent, Topic

YES = """
ja | Ja! | JA | ja graag | Ja, graag! | graag, ja | ja hoor | jazeker | ja zeker | ja leuk | ja prima
ja, ik kom | ik kom | Ik kom graag | ik ben erbij | ja ik ben erbij! | ik doe mee | aanmelden
meld me aan | Ik meld me aan. | Hoi, ja graag | Goedemorgen, ja! | ja dank je wel | ja, tot dan! | ja 😊
ja :) | 👍 | 👍🏽 | 👍👍 | ja 👍 | ✅ | (ja) | "ja" | hallo kring, ik kom graag | ja alstublieft | ja a.u.b.
ja, heel graag | ja, gezellig! | ja natuurlijk | yes | Yes! | yes please | Yes, please. | yes of course
sure | yep | yeah | I'll be there | I’ll be there! | yes, I'll be there | count me in | I'm in
sign me up | I'm coming | yes thanks | Hi, yes please | yes, looking forward to it
"""
NO = """
nee | Nee. | nee helaas | Nee, helaas | helaas niet | helaas, nee | nee hoor | nee bedankt | nee, dank je
nee sorry | afmelden | meld me af | Ik meld me af. | ik kan niet | ik kan helaas niet
sorry, ik kan niet | ik ben verhinderd | verhinderd | ik kom niet | ik kom helaas niet | nee, ik kan niet
nee, ik ben verhinderd | nee :( | 👎 | nee 👎 | toch niet | Hoi, nee helaas | afzeggen
ik kan er helaas niet bij zijn | jammer, ik kan niet | het spijt me, nee | no | No. | no thanks
no, thank you | unfortunately not | Sorry, no | no, sorry | I can't make it | I can’t come
no, I can't make it | cannot make it | not coming | I won't be there | count me out | decline | nope
I'm afraid not coming
"""
MAYBE = """
misschien | Misschien. | misschien, sorry | weet ik nog niet | ik weet het nog niet | onder voorbehoud
wellicht | maybe | perhaps | not sure yet | I'm not sure yet | hi, maybe | tentative
"""


def split(text: str) -> list[str]:
    return [part.strip() for row in text.splitlines() for part in row.split("|") if part.strip()]


@pytest.mark.parametrize("number", ["", " 12", " #12"])
@pytest.mark.parametrize(
    ("texts", "topic"), [(YES, Topic.ACCEPT), (NO, Topic.DECLINE), (MAYBE, Topic.TENTATIVE)], ids=["yes", "no", "maybe"]
)
def test_plain_answers_are_understood(texts: str, topic: Topic, number: str) -> None:
    wanted = Intent(topic, "12" if number else None)
    answers = [text.rstrip(".") for text in split(texts)] if number else split(texts)  # "No. 12" is no refusal
    assert {text: parse(text + number) for text in answers} == dict.fromkeys(answers, wanted)


@pytest.mark.parametrize(
    "text", ["12 ja", "#12: ja graag", "Ja, 12", "aanmelden 12", "ja nr 12", "ja, bijeenkomst 12", "/ja 12"]
)
def test_the_number_may_stand_where_people_put_it(text: str) -> None:
    assert parse(text) == Intent(Topic.ACCEPT, "12")


COMMANDS = {
    "agenda": Intent(Topic.AGENDA),
    "/agenda": Intent(Topic.AGENDA),
    "/agenda@kring_bot": Intent(Topic.AGENDA),
    "Agenda?": Intent(Topic.AGENDA),
    "hoi, de agenda graag": Intent(Topic.AGENDA),
    "what's on?": Intent(Topic.AGENDA),
    "agenda na 12": Intent(Topic.AGENDA, "12"),
    "12": Intent(Topic.GATHERING, "12"),
    "#12": Intent(Topic.GATHERING, "12"),
    "12?": Intent(Topic.GATHERING, "12"),
    "0012": Intent(Topic.GATHERING, "12"),
    "toon 12": Intent(Topic.GATHERING, "12"),
    "show gathering 12": Intent(Topic.GATHERING, "12"),
    "/mijn": Intent(Topic.MINE),
    "/mine": Intent(Topic.MINE),
    "mijn aanmeldingen": Intent(Topic.MINE),
    "my gatherings please": Intent(Topic.MINE),
    "/kringen": Intent(Topic.CIRCLES),
    "circles": Intent(Topic.CIRCLES),
    "mijn kringen": Intent(Topic.CIRCLES),
    "kring data-denkers": Intent(Topic.CIRCLE, "data-denkers"),
    "circle data-denkers": Intent(Topic.CIRCLE, "data-denkers"),
    "word lid van data-denkers": Intent(Topic.JOIN, "data-denkers"),
    "Word lid van Data-Denkers!": Intent(Topic.JOIN, "data-denkers"),
    "join data": Intent(Topic.JOIN, "data"),
    "join top": Intent(Topic.JOIN, "top"),
    "word lid van top, graag": Intent(Topic.JOIN, "top"),
    "join 12": Intent(Topic.ACCEPT, "12"),
    "verlaat data": Intent(Topic.LEAVE, "data"),
    "leave data please": Intent(Topic.LEAVE, "data"),
    "leave 12": Intent(Topic.DECLINE, "12"),
    "/lijst 12": Intent(Topic.ROSTER, "12"),
    "/list 12": Intent(Topic.ROSTER, "12"),
    "lijst": Intent(Topic.ROSTER),
    "wie komt er naar 12?": Intent(Topic.ROSTER, "12"),
    "/lijst 12 2": Intent(Topic.ROSTER, "12-2"),
    "lijst 12 pagina 2": Intent(Topic.ROSTER, "12-2"),
    "list 12 page 2": Intent(Topic.ROSTER, "12-2"),
    "lijst 12-2": Intent(Topic.ROSTER, "12-2"),
    "lijst 12 csv": Intent(Topic.ROSTER, "12-csv"),
    "list 12 as excel please": Intent(Topic.ROSTER, "12-xlsx"),
    "/list 12-xlsx": Intent(Topic.ROSTER, "12-xlsx"),
    "wie nog niet 12": Intent(Topic.UNANSWERED, "12"),
    "Wie heeft nog niet geantwoord op 12?": Intent(Topic.UNANSWERED, "12"),
    "who has not answered 12": Intent(Topic.UNANSWERED, "12"),
    "Who hasn't answered 12?": Intent(Topic.UNANSWERED, "12"),
    "wie nog niet": Intent(Topic.UNANSWERED),
    "aanwezigheid 12": Intent(Topic.ATTENDANCE, "12"),
    "attendance 12 page 2": Intent(Topic.ATTENDANCE, "12-2"),
    "deelnemer 12 345": Intent(Topic.ATTENDEE, "12-345"),
    "aanwezig 12 345": Intent(Topic.PRESENT, "12-345"),
    "present 12-345": Intent(Topic.PRESENT, "12-345"),
    "afwezig 12 345": Intent(Topic.ABSENT, "12-345"),
    "afgemeld 12 345": Intent(Topic.EXCUSED, "12-345"),
    "undo 12 345": Intent(Topic.UNMARK, "12-345"),
    "bericht 12": Intent(Topic.MESSAGE, "12"),
    "message 12": Intent(Topic.MESSAGE, "12"),
    "bericht intrekken 5": Intent(Topic.CALL_OFF, "5"),
    "bericht tegenhouden 5": Intent(Topic.CALL_OFF, "5"),
    "ics 12": Intent(Topic.CALENDAR, "12"),
    "zet 12 in mijn agenda": Unclear(Puzzle.UNKNOWN),
    "calendar 12": Intent(Topic.CALENDAR, "12"),
    "/feed": Intent(Topic.FEED),
    "laat maar": Intent(Topic.DROP),
    "never mind": Intent(Topic.DROP),
    "/taal en": Intent(Topic.LANGUAGE, "en"),
    "taal Engels": Intent(Topic.LANGUAGE, "en"),
    "/language nl": Intent(Topic.LANGUAGE, "nl"),
    "English please": Intent(Topic.LANGUAGE, "en"),
    "in het Nederlands graag": Intent(Topic.LANGUAGE, "nl"),
    "/taal": Intent(Topic.LANGUAGE),
    "/help": Intent(Topic.HELP),
    "hulp": Intent(Topic.HELP),
    "help!": Intent(Topic.HELP),
    "?": Intent(Topic.HELP),
    "/start": Intent(Topic.HELP),
    "Hoi": Intent(Topic.HELP),
    "good morning": Intent(Topic.HELP),
    "/stop": Intent(Topic.STOP),
    "uitschrijven": Intent(Topic.STOP),
    "stop mail van data": Intent(Topic.STOP, "data"),
}


@pytest.mark.parametrize(("text", "intent"), COMMANDS.items())
def test_commands_are_understood_in_both_languages(text: str, intent: Intent | Unclear) -> None:
    assert parse(text) == intent


LETTERS = {
    "Hoi Kring,\n\nJa graag!\n\nGroet,\nJan de Vries\nBestuurder, Acme\n020 123 45 67": Topic.ACCEPT,
    "Beste Anna,\nNee helaas.\nIk ben dan op vakantie.\nHartelijke groet, Jan": Topic.DECLINE,
    "Dear Anna,\n\nYes please\n\nKind regards,\nBen\nThis message is confidential, but not secret.": Topic.ACCEPT,
    "ja\nik kom graag": Topic.ACCEPT,
    "Misschien\n\nJan": Topic.TENTATIVE,
    "agenda\n\nJan de Vries\nmaar liever gebeld": Topic.AGENDA,
    "ja\nGroet, Jan\n" + "disclaimer " * 400: Topic.ACCEPT,
}


@pytest.mark.parametrize(("text", "topic"), LETTERS.items())
def test_a_letter_counts_by_its_first_line(text: str, topic: Topic) -> None:
    assert parse(text) == Intent(topic)


TAKEN_BACK = {
    "ja\nmaar niet dinsdag": Puzzle.RESERVATION,
    "ja\ntenzij het regent": Puzzle.RESERVATION,
    "ja\nmisschien": Puzzle.SEVERAL,
    "ja\nof nee, toch niet": Puzzle.RESERVATION,
    "ja\nkan het ook online?": Puzzle.RESERVATION,
    "ja\nik neem twee collega's mee": Puzzle.COMPANY,
    "ja\nGroet, Jan\nPS toch niet": Puzzle.RESERVATION,
    "ja\nGroet, Jan\nP.S. alleen de ochtend": Puzzle.RESERVATION,
    "nee\nof toch wel": Puzzle.RESERVATION,
    "nee\nja": Puzzle.SEVERAL,
    "ja 12\nnee 13": Puzzle.SEVERAL,
    "agenda\nja 12": Puzzle.SEVERAL,
    "yes\nunless it is full": Puzzle.RESERVATION,
    "yes\nbut only online": Puzzle.RESERVATION,
    "no\nactually, yes I can": Puzzle.RESERVATION,
    "Hoi, niet ja\nja": Puzzle.UNKNOWN,
    "ja\n" + "bla " * 1000 + "\nniet": Puzzle.LONG,
}


@pytest.mark.parametrize(("text", "why"), TAKEN_BACK.items())
def test_a_second_thought_further_down_makes_an_answer_unclear(text: str, why: Puzzle) -> None:
    found = parse(text)
    assert isinstance(found, Unclear)
    assert found.why is why


AMBIGUOUS = """
ja, maar niet dinsdag | ja, met 2 collega's | ja maar alleen online | ja, als het kan | ja? | ja... | ja…
ja of nee | ja/nee | ja en nee | nee en ja | ja nee | nee ja | ja ja | nee nee nee | nou ja | nou, ja
ja, tenzij ik ziek ben | ja mits | ja, ik denk het wel | ik denk van wel | ik denk het
ik kom waarschijnlijk | waarschijnlijk wel | bijna zeker | zeker | zeker niet | ik kom, maar later
ik kom later | ik kom iets later | ik kom half uur | ik kom om 12 | ja 12 uur | ja om 12 | ja 12.30
ja 12:30 | ja 1,5 uur | ja 12 december | ja 12 en 13 | ja 12, 13 | ja 2 personen | ja +1
ik kom met z'n tweeën | wij komen met 3 | we komen samen | ja, mijn collega komt | nee, mijn collega komt
Jan komt | Jan kan niet | ja helaas | helaas ja | nee graag | graag niet | graag | heel graag! | nee 👍
ja 👎 | 👍👎 | ja :( | 🤔 | 🤷 | 👌 | ok | oké | prima | is goed | komt goed | ik laat het weten
ik laat het nog weten | misschien wel, misschien niet | ja misschien | nee misschien | geen idee
geen probleem | niet nee | ik kan niet wachten | ik kan niet anders dan komen | ik kom niet te laat
ik kom niet alleen | ja dat kan niet | ja, dat klopt | ja, die mail heb ik gekregen | nee, dat is goed
niet verhinderd | ik ben niet verhinderd | kan ik me nog aanmelden | aanmelden? | afmelden?
kan ik me afmelden | hoe meld ik me af | ik wil me niet afmelden | ik heb me al aangemeld
ja voor dinsdag, nee voor woensdag | volgende keer wel | deze keer niet | het zal wel
wie komen er | is er nog plek | wanneer is het | ja, onder voorbehoud | nee tenzij | jaa? | nja | neuh
yes and no | yes or no | yes/no | yes? | yes... | yes, but later | yes but not on Tuesday
yes, with a colleague | yes plus one | yes +2 | yes, if I can | yes if possible | yes I cannot make it
yes I can't | no yes | no problem | no problem, I will be there | no worries | no doubt
no, I will be there | no. 12 | No 12 and 13 | not no | I think so | I guess | probably | probably not
I might | I can | I'll try | I will try to be there | I'll let you know | let me check | I'm coming late
I'll be there at 12 | I'll be there later | we'll be there | we are coming with 3 | count us in
can I still sign up | sign up? | how do I sign off | yes for Tuesday, no for Wednesday | see you | great
lovely | sorry | unfortunately | unfortunately yes | alas yes | I am not sure I can come
not sure about this | I can't wait | I cannot wait to be there | I won't miss it | not coming alone
no show | accept my apologies | decline of the west | register my complaint | who is coming | I was there
yes was the answer | maybe yes | maybe no | yes maybe
"""


@pytest.mark.parametrize("text", split(AMBIGUOUS))
def test_what_could_mean_two_things_is_never_taken_for_an_answer(text: str) -> None:
    assert isinstance(parse(text), Unclear)


def test_the_ambiguous_lines_are_many_and_all_different() -> None:
    lines = split(AMBIGUOUS)
    assert len(lines) == len(set(lines)) > 160


WHY = {
    "": Unclear(Puzzle.NOTHING),
    " \n\t": Unclear(Puzzle.NOTHING),
    "dank je wel": Unclear(Puzzle.THANKS),
    "Thanks!": Unclear(Puzzle.THANKS),
    "super, bedankt": Unclear(Puzzle.THANKS),
    "ja, met 2 collega's": Unclear(Puzzle.COMPANY, Topic.ACCEPT),
    "ja 12 met 2 collega's": Unclear(Puzzle.COMPANY, Topic.ACCEPT, "12"),
    "yes, with a colleague": Unclear(Puzzle.COMPANY, Topic.ACCEPT),
    "ja, maar niet dinsdag": Unclear(Puzzle.RESERVATION, Topic.ACCEPT),
    "nee 12, of toch": Unclear(Puzzle.RESERVATION, Topic.DECLINE, "12"),
    "ja 12 13": Unclear(Puzzle.SEVERAL, Topic.ACCEPT),
    "taal frans": Unclear(Puzzle.ARGUMENT, Topic.LANGUAGE),
    "lijst boodschappen": Unclear(Puzzle.ARGUMENT, Topic.ROSTER),
    "word lid van": Unclear(Puzzle.ARGUMENT, Topic.JOIN),
    "join Data_Denkers": Unclear(Puzzle.ARGUMENT, Topic.JOIN),
    "verlaat data?": Unclear(Puzzle.RESERVATION, Topic.LEAVE, "data"),
    "aanwezig 12": Unclear(Puzzle.ARGUMENT, Topic.PRESENT),
    "aanwezig 12 345?": Unclear(Puzzle.RESERVATION, Topic.PRESENT, "12-345"),
    "lijst 12 volgend jaar": Unclear(Puzzle.UNKNOWN),
    "toon " + "1" * 19: Unclear(Puzzle.ARGUMENT, Topic.GATHERING),
    "wat een weer": Unclear(Puzzle.UNKNOWN),
    "/onbekend": Unclear(Puzzle.UNKNOWN),
}


@pytest.mark.parametrize(("text", "unclear"), WHY.items())
def test_why_something_is_unclear_is_told(text: str, unclear: Unclear) -> None:
    assert parse(text) == unclear


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("topic", sorted(set(Topic) - {Topic.REPLY} - linking.TOPICS))
def test_what_a_choice_says_to_type_is_what_it_does(topic: Topic, language: str) -> None:
    by_name = (Topic.CIRCLE, Topic.CIRCLES, Topic.JOIN, Topic.LEAVE, Topic.STOP)
    by_person = (Topic.ATTENDEE, Topic.PRESENT, Topic.ABSENT, Topic.EXCUSED, Topic.UNMARK)
    arguments = {**dict.fromkeys(by_name, "data-denkers"), **dict.fromkeys(by_person, "12-345"), Topic.LANGUAGE: "en"}
    argument = arguments.get(topic, "12")
    if topic in (Topic.MINE, Topic.HELP, Topic.FEED, Topic.DROP):
        assert parse(keyword(topic, None, language)) == Intent(topic)
        return
    assert parse(keyword(topic, argument, language)) == Intent(topic, argument)
    if topic in lexicon.BARE_KEYWORDS:
        assert parse(keyword(topic, None, language)) == Intent(topic)


def test_no_phrase_stands_in_two_lists_of_answers() -> None:
    found = [phrase for text in lexicon.ANSWERS.values() for phrase in phrases(text)]
    soft = [
        phrase for text in (lexicon.GLAD, lexicon.SORRY, lexicon.THANKS, lexicon.POLITE) for phrase in phrases(text)
    ]
    assert len([*found, *soft]) == len({*found, *soft})


@given(st.text())
@example("/")
@example("/@")
@example("#")
@example("\ud800")
@example("ja\x00\u202e")
@example("No.")
def test_any_text_at_all_can_be_read(text: str) -> None:
    assert isinstance(parse(text), Intent | Unclear)


@given(st.lists(st.sampled_from(sorted({w for t in (YES, NO, MAYBE, AMBIGUOUS) for p in split(t) for w in p.split()}))))
def test_any_order_of_known_words_can_be_read(words: list[str]) -> None:
    assert isinstance(parse(" ".join(words)), Intent | Unclear)


@given(
    st.sampled_from(split(YES) + split(NO) + split(MAYBE)),
    st.text("bcfqvxz", min_size=3, max_size=8),
    st.booleans(),
)
def test_one_word_too_many_and_it_is_no_answer(answer: str, word: str, before: bool) -> None:
    found = parse(f"{word} {answer}" if before else f"{answer} {word}")
    assert isinstance(found, Unclear)


@given(st.sampled_from(split(YES)), st.sampled_from(split(NO) + split(MAYBE)), st.sampled_from([" ", ", ", ". ", "\n"]))
def test_two_answers_that_disagree_are_no_answer(one: str, other: str, between: str) -> None:
    found = parse(one + between + other)
    assert isinstance(found, Unclear) or found.topic not in ANSWERS


@pytest.mark.parametrize(
    "text", ["ja " * 100_000, "." * 300_000, "hoi " * 100_000, "ja\n" * 100_000, "a\u0301" * 100_000]
)
def test_of_a_long_text_no_more_is_read_than_the_limit(text: str) -> None:
    assert parse(text) == parse(text[: LIMIT + 1])
