import os
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import Message
from html.parser import HTMLParser
from pathlib import Path

import icalendar
import pytest

from bots.mail.gathering_letters import letter
from bots.mail.mime import build
from bots.mail.names import called
from bots.mail.writing import news_of
from service.channels import DueNotice
from service.formats.tokens import read_handle, verifies
from service.model import ABOUT_A_CIRCLE, Partstat, Purpose, Seat
from tests.bots.mail.dues import (
    CIRCLE,
    COMING,
    GATHERING,
    KEYS,
    MAILED,
    NOW,
    PERSONAL,
    REGISTRATION,
    WAITING,
    calendar,
    due,
    renderer,
)

GOLDEN = Path(__file__).parent / "golden"
LANGUAGES = ("nl", "en")
HEADERS = ("From", "To", "Reply-To", "Subject", "Message-ID", "In-Reply-To", "List-Id", "List-Unsubscribe")


def sent(notice: DueNotice) -> Message:
    _, mail = renderer().mail(notice)
    return message_from_bytes(build(mail))


def part(message: Message, kind: str) -> str:
    found = [one for one in message.walk() if one.get_content_type() == kind]
    payload = found[0].get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload.decode()


def text_of(raw: bytes) -> str:
    return part(message_from_bytes(raw), "text/plain")


def shown(message: Message) -> str:
    """What a reader sees: the headers that matter, then the text part."""
    lines = [f"{name}: {make_header(decode_header(message[name]))}" for name in HEADERS if message[name]]
    return "\n".join(lines).replace("\r\n ", " ") + "\n\n" + part(message, "text/plain").replace("\r\n", "\n")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("purpose", MAILED)
def test_each_purpose_says_what_it_should(purpose: Purpose, language: str) -> None:
    path = GOLDEN / f"{purpose}.{language}.txt"
    text = shown(sent(due(purpose, language)))
    if os.environ.get("KRING_WRITE_GOLDEN"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    assert text == path.read_text("utf-8")


ASKING = replace(GATHERING, questions=2)


@pytest.mark.parametrize(
    ("purpose", "language", "words"),
    [
        (Purpose.CONFIRMATION, "nl", "Er zijn 2 vragen voor je. Beantwoord ze hier, of kijk wat je zei:"),
        (Purpose.PROMOTION, "en", "There are 2 questions for you. Answer them here, or see what you said:"),
        (Purpose.WAITING, "nl", "Er zijn 2 vragen voor je."),
    ],
)
def test_a_mail_to_who_said_yes_leads_to_the_questions(purpose: Purpose, language: str, words: str) -> None:
    message = sent(due(purpose, language, gathering=ASKING))
    text = part(message, "text/plain").replace("\r\n", "\n")
    assert words in text
    assert re.search(r"^https://kring.samen.example/r/[a-z2-7]{40}#questions$", text, re.MULTILINE)
    assert "#questions" in part(message, "text/html")


def test_a_reminder_does_too_but_only_to_who_said_yes_and_nothing_else_does() -> None:
    coming = replace(REGISTRATION, **COMING)
    assert "#questions" in part(sent(due(Purpose.REMINDER, gathering=ASKING, registration=coming)), "text/plain")
    others = [
        due(Purpose.REMINDER, gathering=ASKING, registration=REGISTRATION),
        due(Purpose.DECLINED, gathering=ASKING),
    ]
    for notice in (*others, due(Purpose.INVITATION, gathering=ASKING)):
        assert "#questions" not in part(sent(notice), "text/plain")


def test_the_questions_of_a_confidential_gathering_are_behind_signing_in() -> None:
    secret = replace(ASKING, confidential=True, questions=1)
    text = part(sent(due(Purpose.CONFIRMATION, gathering=secret)), "text/plain")
    assert "https://kring.samen.example/gatherings/7#questions" in text
    assert "Er is één vraag voor je." in text


@pytest.mark.parametrize(
    ("days", "opening"),
    [
        (0, "Vandaag is het zover:"),
        (1, "Morgen is het zover:"),
        (7, "Over een week is het zover:"),
        (3, "Over 3 dagen"),
    ],
)
def test_a_reminder_counts_the_days_from_the_day_it_is_due(days: int, opening: str) -> None:
    at = datetime(2026, 12, 1, 8, 0, tzinfo=UTC) - timedelta(days=days)
    assert opening in part(sent(due(Purpose.REMINDER, due_at=at)), "text/plain")


@pytest.mark.parametrize(
    ("standing", "sentence"),
    [
        ({}, "Je hebt nog niet geantwoord."),
        (COMING, "Fijn dat je erbij bent."),
        (COMING | {"seat": Seat.NONE, "online": True}, "Je doet online mee; de link staat hieronder."),
        (WAITING, "Je staat nog op de wachtlijst."),
        (WAITING | {"seat": Seat.OFFERED}, "We houden een plek voor je vast"),
        ({"partstat": Partstat.TENTATIVE, "answered": True}, "Je antwoord was ‘misschien’."),
        ({"facilitator": True}, "Jij begeleidt deze bijeenkomst."),
    ],
)
def test_a_reminder_fits_how_its_reader_stands(standing: dict[str, object], sentence: str) -> None:
    registration = replace(REGISTRATION, **standing)  # type: ignore[arg-type]
    assert sentence in part(sent(due(Purpose.REMINDER, registration=registration)), "text/plain")


def test_the_same_notice_is_the_same_mail_byte_for_byte() -> None:
    for purpose in MAILED:
        first, again = (build(renderer().mail(due(purpose))[1]) for _ in range(2))
        assert first == again


def test_two_people_get_the_same_letter_with_their_own_names_and_links() -> None:
    one_renderer = renderer()
    one = due(Purpose.INVITATION)
    other = replace(one, id=102, name="Jan Smit", registration=replace(REGISTRATION, id=12))
    first, second = (text_of(build(one_renderer.mail(notice)[1])) for notice in (one, other))
    assert one_renderer._writer._write.cache_info().misses == 1
    link = re.compile(r"/[ru]/(\w+)")
    assert [read_handle(handle) for handle in link.findall(f"{first}\n{second}")] == [11, 11, 12, 12]
    assert "Beste Zoë," in first
    assert link.sub("", second) == link.sub("", first).replace("Zoë", "Jan")


def test_an_edited_gathering_is_written_anew() -> None:
    one_renderer = renderer()
    edited = replace(GATHERING, revision=2, title_nl="Samen gas inkopen")
    assert "Samen energie inkopen" in text_of(build(one_renderer.mail(due(Purpose.INVITATION))[1]))
    assert "Samen gas inkopen" in text_of(build(one_renderer.mail(due(Purpose.INVITATION, gathering=edited))[1]))


def test_buttons_lead_to_the_answer_page_with_the_answer_ticked() -> None:
    html = part(sent(due(Purpose.INVITATION)), "text/html")
    links = re.findall(r'href="([^"]+)"', html)
    answer = links[0].partition("?")[0]
    handle = answer.rpartition("/")[2]
    assert verifies(KEYS, "r", handle)
    wanted = ("accepted", "accepted-online", "tentative", "declined")  # it is both at a place and online
    assert links[:4] == [f"{answer}?answer={partstat}" for partstat in wanted]
    there = part(sent(due(Purpose.INVITATION, gathering=replace(GATHERING, online_url=""))), "text/html")
    assert [link.partition("=")[2] for link in re.findall(r'href="([^"]+)"', there)[:3]] == [*wanted[:1], *wanted[2:]]


def test_who_joins_online_reads_the_link_and_who_waits_reads_that_they_can() -> None:
    online = replace(REGISTRATION, **COMING | {"seat": Seat.NONE, "online": True})  # type: ignore[arg-type]
    text = part(sent(due(Purpose.CONFIRMATION, registration=online)), "text/plain")
    assert "Fijn, je doet online mee aan “Samen energie inkopen”." in text
    assert "https://vergader.example/energie" in text
    assert "Je kunt ook meteen online meedoen" in part(sent(due(Purpose.WAITING)), "text/plain")
    secret = replace(GATHERING, confidential=True)
    assert "online" not in part(sent(due(Purpose.WAITING, gathering=secret)), "text/plain")


SAID_ONLINE = {"partstat": Partstat.ACCEPTED, "seat": Seat.NONE, "answered": True, "online": True}
WAITS = {"partstat": Partstat.ACCEPTED, "seat": Seat.WAITING, "answered": True}
ASKED = {"partstat": Partstat.NEEDS_ACTION, "seat": Seat.NONE, "answered": False}


@pytest.mark.parametrize(
    ("facts", "standing", "subject", "sentences"),
    [
        (
            {"ended": "online", "rsvp": True, "said": "online"},
            ASKED,
            "Niet meer online: ",
            "Je kunt niet meer online meedoen aan “Samen energie inkopen”. | Je zou online meedoen. Daarom vragen we"
            " het je opnieuw: wil je naar de locatie komen? | Kom je?",
        ),
        (
            {"ended": "online", "rsvp": False},
            COMING,
            "Niet meer online: ",
            "Je kunt niet meer online meedoen aan “Samen energie inkopen”. | Je plek blijft van jou.",
        ),
        (
            {"opened": "online", "rsvp": False},
            WAITS,
            "Ook online: ",
            "Je kunt nu ook online meedoen aan “Samen energie inkopen”. | Je houdt je plaats op de wachtlijst. Online"
            " is er meteen plek. | Wil je online meedoen?",
        ),
        (
            {"opened": "online", "rsvp": True},
            ASKED,
            "Ook online: ",
            "Je kunt nu ook online meedoen aan “Samen energie inkopen”. | Kun je er dan bij zijn?",
        ),
        (
            {"opened": "on-site", "rsvp": False},
            SAID_ONLINE,
            "Ook op locatie: ",
            "“Samen energie inkopen” was alleen online; nu kun je ook naar de locatie komen. | Je doet online mee,"
            " zoals je hebt gezegd.",
        ),
        (
            {"ended": "on-site", "relocated": True, "rsvp": False, "said": "online"},
            COMING,
            "Alleen online: ",
            "“Samen energie inkopen” is nu alleen online. | Je doet online mee, zoals je hebt gezegd.",
        ),
        (
            {"ended": "on-site", "relocated": True, "rsvp": True},
            COMING,
            "Alleen online: ",
            "“Samen energie inkopen” is nu alleen online. | Je plek blijft van jou. | Kun je er dan bij zijn?",
        ),
        (
            {"ended": "online", "moved": True, "rsvp": True},
            COMING,
            "Nieuw tijdstip: ",
            "Er is een nieuw tijdstip voor “Samen energie inkopen”. | Je kunt niet meer online meedoen aan “Samen"
            " energie inkopen”. | Je plek blijft van jou. | Kun je er dan bij zijn?",
        ),
    ],
)
def test_a_way_to_take_part_that_comes_or_goes_is_told_to_each_as_it_concerns_them(
    facts: dict[str, object], standing: dict[str, object], subject: str, sentences: str
) -> None:
    stands = replace(REGISTRATION, **standing)  # type: ignore[arg-type]
    notice = due(Purpose.UPDATE, facts=calendar(**facts), registration=stands)
    told = letter(news_of(notice, GATHERING, base="https://kring.samen.example", home="Europe/Amsterdam"))
    assert told.subject.startswith(subject)
    assert " | ".join((*told.opening, *([told.question] if told.question else []))) == sentences


@pytest.mark.parametrize(
    ("facts", "subject", "sentence"),
    [
        (
            {"relocated": True},
            "Andere locatie: ",
            "“Samen energie inkopen” is op een andere plek. Waar, is nog niet bekend.",
        ),
        (
            {"relocated": True, "moved": True},
            "Nieuw tijdstip: ",
            "Er is een nieuw tijdstip voor “Samen energie inkopen”. Waar het wordt, is nog niet bekend.",
        ),
        (
            {"restored": True, "edited": True},
            "Correctie: ",
            "Wat we je het laatst lieten weten over “Samen energie inkopen”, klopt niet meer. Zo staat het nu.",
        ),
    ],
)
def test_an_update_names_no_place_that_is_not_there_and_no_change_that_was_taken_back(
    facts: dict[str, object], subject: str, sentence: str
) -> None:
    nowhere = replace(GATHERING, location="", online_url="")
    notice = due(Purpose.UPDATE, facts=calendar(rsvp=False, **facts))
    told = letter(news_of(notice, nowhere, base="https://kring.samen.example", home="Europe/Amsterdam"))
    assert (told.subject.startswith(subject), told.opening[0]) == (True, sentence)


def test_what_is_opened_again_says_so_in_the_subject() -> None:
    told = due(Purpose.INVITATION, facts=calendar(again=True))
    assert str(make_header(decode_header(sent(told)["Subject"]))).startswith("Gaat toch door: Samen energie inkopen")


def test_a_confidential_gathering_asks_anew_without_saying_why() -> None:
    secret = replace(GATHERING, confidential=True)
    facts: dict[str, object] = {"ended": "online", "rsvp": True, "said": "online"}
    text = part(sent(due(Purpose.UPDATE, facts=calendar(**facts), gathering=secret)), "text/plain")
    assert "online" not in text
    assert "Er is iets veranderd waar je antwoord over ging. Daarom vragen we het je opnieuw." in text


def test_invitations_are_list_mail_and_registrations_are_not() -> None:
    invitation, confirmation = sent(due(Purpose.INVITATION)), sent(due(Purpose.CONFIRMATION))
    assert invitation["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert invitation["List-Id"] == '"Kring Energie" <kring-energie.in.samen.example>'
    assert [confirmation[name] for name in ("List-Id", "List-Unsubscribe", "List-Unsubscribe-Post")] == [None] * 3
    unanswered = sent(due(Purpose.REMINDER, registration=REGISTRATION))
    assert unanswered["List-Unsubscribe"] == invitation["List-Unsubscribe"]


def test_mails_about_one_registration_stand_in_one_thread() -> None:
    invitation, update = sent(due(Purpose.INVITATION)), sent(due(Purpose.UPDATE, id=202))
    again = sent(due(Purpose.INVITATION, id=203, facts=calendar(sequence=2, again=True)))
    assert update["In-Reply-To"] == update["References"] == invitation["Message-ID"] == again["In-Reply-To"]
    assert len({invitation["Message-ID"], update["Message-ID"], again["Message-ID"]}) == 3
    assert invitation["In-Reply-To"] is None
    assert sent(due(Purpose.CONFIRMATION))["Subject"] == invitation["Subject"]


def test_the_calendar_part_carries_the_frozen_numbers() -> None:
    notice = due(Purpose.WAITING)
    event = icalendar.Calendar.from_ical(part(sent(notice), "text/calendar").encode()).walk("VEVENT")[0]
    assert event["UID"] == REGISTRATION.uid
    assert (event["SEQUENCE"], event["STATUS"], event["TRANSP"]) == (1, "TENTATIVE", "TRANSPARENT")
    assert event["SUMMARY"] == "Wachtlijst: Samen energie inkopen"
    assert event["DTSTAMP"].dt == NOW
    assert event["ATTENDEE"] == "mailto:zoe@example.org"
    handle = event["ORGANIZER"].removeprefix("mailto:r-").removesuffix("@in.samen.example")
    assert verifies(KEYS, "r", handle)
    assert sent(notice)["Reply-To"].endswith(f"<r-{handle}@in.samen.example>")


def test_only_calendar_notices_have_a_calendar_part() -> None:
    without = {
        purpose
        for purpose in MAILED
        if "text/calendar" not in [one.get_content_type() for one in sent(due(purpose)).walk()]
    }
    assert without == {
        Purpose.POLL,
        Purpose.DECLINED,
        Purpose.REMINDER,
        Purpose.CHECK_IN,
        Purpose.RATING,
        Purpose.TOO_FEW,
        Purpose.SEAT_FREED,
        Purpose.VISITOR,
        *PERSONAL,
        Purpose.ASK_LINK,
        Purpose.ASK_AGAIN,
        Purpose.CLOSED,
        Purpose.REGISTER_HERE,
        Purpose.UNSUBSCRIBED,
        Purpose.BROADCAST,
    }
    assert without >= ABOUT_A_CIRCLE


def test_bounces_name_the_registration_or_the_person() -> None:
    bounces, _ = renderer().mail(due(Purpose.CONFIRMATION))
    handle = bounces.removeprefix("b-").removesuffix("@in.samen.example")
    assert (read_handle(handle), verifies(KEYS, "b", handle)) == (REGISTRATION.id, True)
    bounces, _ = renderer().mail(due(Purpose.SIGN_IN))
    handle = bounces.removeprefix("b-").removesuffix("@in.samen.example")
    assert (read_handle(handle), verifies(KEYS, "p", handle)) == (5, True)


def test_the_link_of_a_call_is_for_those_who_come() -> None:
    link = GATHERING.online_url
    shows = {purpose for purpose in MAILED if link in everything(sent(due(purpose)))}
    assert shows == {
        Purpose.CONFIRMATION,
        Purpose.PROMOTION,
        Purpose.UPDATE,
        Purpose.REMINDER,
        Purpose.TOO_FEW,
        Purpose.SEAT_FREED,
        Purpose.ASK_AGAIN,
        Purpose.UNSUBSCRIBED,
        Purpose.BROADCAST,
    }


CANARIES = {
    "title_nl": "KANARIETITEL",
    "title_en": "KANARIETITLE",
    "description_nl": "KANARIETEKST",
    "description_en": "KANARIETEXT",
    "location": "KANARIEZAAL",
    "online_url": "https://kanarie.example/KANARIELINK",
    "circle_title_nl": "KANARIEKRING",
    "circle_title_en": "KANARIECIRCLE",
    "circle_slug": "kanarie-slug",
    "cancel_reason": "KANARIEREDEN",
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("purpose", [purpose for purpose in MAILED if purpose not in PERSONAL])
def test_a_confidential_gathering_shows_only_its_time(purpose: Purpose, language: str) -> None:
    secret = replace(GATHERING, confidential=True, **CANARIES)  # type: ignore[arg-type]
    plain = due(purpose, language, gathering=secret)
    previous = {"previous": {**plain.facts.get("previous", {}), "location": "KANARIEOUD"}}
    facts = {**plain.facts, "cancel_reason": "KANARIEREDEN", "edited": True, **previous}
    message = sent(replace(plain, facts=facts))
    assert re.findall("kanarie", everything(message), re.IGNORECASE) == []
    assert re.findall("kanarie", message.as_string(), re.IGNORECASE) == []
    word = {"nl": "Intervisie", "en": "Peer meeting"}[language]
    assert word in str(make_header(decode_header(message["Subject"])))
    assert message["List-Id"] is None
    assert str(make_header(decode_header(message["From"]))) == '"Vereniging Samen" <kring@samen.example>'


@pytest.mark.parametrize("purpose", [Purpose.SIGN_IN, Purpose.VISITOR, Purpose.REGISTER_HERE, Purpose.CHECK_IN])
def test_a_mail_to_an_unconfirmed_address_holds_nothing_that_a_visitor_typed(purpose: Purpose) -> None:
    message = sent(due(purpose, name="KANARIE www.reclame.example"))
    assert re.findall("kanarie|reclame", everything(message), re.IGNORECASE) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("purpose", sorted(ABOUT_A_CIRCLE - {Purpose.MEMBERS_CHANGED}))  # never names one
def test_of_a_confidential_circle_a_letter_says_nothing_and_is_whole(purpose: Purpose, language: str) -> None:
    named, secret = (text_of_(sent(due(purpose, language, facts={"circle": circle}))) for circle in (CIRCLE, {}))
    assert ("energie" in named.lower() or "energy" in named.lower(), "None" in secret) == (True, False)
    assert re.findall("energ", secret, re.IGNORECASE) == []


def text_of_(message: Message) -> str:
    return str(make_header(decode_header(message["Subject"]))) + part(message, "text/plain")


ANSWERING = (Purpose.ASK_LINK, Purpose.ASK_AGAIN, Purpose.CLOSED, Purpose.REGISTER_HERE, Purpose.UNSUBSCRIBED)


@pytest.mark.parametrize("purpose", ANSWERING)
def test_an_answer_to_a_mail_says_that_a_program_wrote_it_and_stands_below_that_mail(purpose: Purpose) -> None:
    message = sent(due(purpose))
    assert (message["Auto-Submitted"], message["In-Reply-To"]) == ("auto-replied", "<q1@mail.example>")
    assert message["References"].split()[-1] == "<q1@mail.example>"
    hostile = sent(due(purpose, facts={"in_reply_to": "<a@b>\r\nBcc: evil@example.org"}))
    assert (hostile["Auto-Submitted"], hostile["In-Reply-To"], hostile["Bcc"]) == ("auto-replied", None, None)


@pytest.mark.parametrize("because", ["unclear", "unchecked", "passed-on"])
def test_why_a_link_comes_is_said(because: str) -> None:
    said = part(sent(due(Purpose.ASK_LINK, facts={"because": because, "in_reply_to": ""})), "text/plain")
    words = {"unclear": "gokken liever niet", "unchecked": "niet zeker of het van jou kwam", "passed-on": "doorgegeven"}
    assert [one for one, phrase in words.items() if phrase in said.replace("\r\n", " ")] == [because]


@pytest.mark.parametrize("because", ["cancelled", "withdrawn", "over"])
def test_why_an_answer_is_too_late_is_said(because: str) -> None:
    said = part(sent(due(Purpose.CLOSED, facts={"because": because})), "text/plain")
    words = {"cancelled": "gaat niet door", "withdrawn": "niet meer voor op de lijst", "over": "is al geweest"}
    assert [one for one, phrase in words.items() if phrase in said] == [because]


HOSTILE = [
    '"><svg onload=alert(1)>',
    "[x](javascript:alert(1))",
    "a\r\nBcc: evil@example.org",
    "a\rATTENDEE:mailto:evil@example.org",
    "a\u2028b\u202eevil\x00",
    "=?utf-8?q?A=0D=0ABcc:_evil@example.org?=",
    "{{ 7*7 }} %(name)s %s",
    "<!--[if mso]><script>",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(text: str) -> None:
    told = dict.fromkeys(("title_nl", "description_nl", "location", "circle_title_nl", "online_url"), text)
    for purpose in (Purpose.INVITATION, Purpose.CONFIRMATION, Purpose.CANCELLATION):
        plain, hostile = due(purpose), due(purpose, name=text, gathering=replace(GATHERING, **told))  # type: ignore[arg-type]
        hostile = replace(hostile, facts={**hostile.facts, "cancel_reason": text})
        one, other = sent(plain), sent(hostile)
        assert other.keys() == one.keys()
        assert elements(part(other, "text/html")) <= elements(part(one, "text/html"))
        names = [line.partition(":")[0].partition(";")[0] for line in unfolded(other)]
        assert sorted(set(names)) == sorted({line.partition(":")[0].partition(";")[0] for line in unfolded(one)})


def unfolded(message: Message) -> list[str]:
    return part(message, "text/calendar").replace("\r\n ", "").splitlines()


def elements(html: str) -> set[tuple[str, str]]:
    """Every element with each of its attributes, links with their scheme."""
    found: set[tuple[str, str]] = set()

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.update(
                (tag, f"{name}={(value or '').partition(':')[0]}" if name == "href" else name) for name, value in attrs
            )
            found.add((tag, ""))

    Reader().feed(html)
    return found


def everything(message: Message) -> str:
    """All that a mail says, headers and parts decoded."""
    headers = [str(make_header(decode_header(value))) for value in message.values()]
    parts = [one.get_payload(decode=True) for one in message.walk() if not one.is_multipart()]
    return "\n".join([*headers, *(payload.decode() for payload in parts if isinstance(payload, bytes))])


@pytest.mark.parametrize(
    ("name", "greeted"),
    [
        ("Zoë de Vries", "Zoë"),
        ("Anne-Marie van den Berg", "Anne-Marie"),
        ("J. de Wit", "J. de Wit"),
        ("JW Smit", "JW Smit"),
        ("drs. Ada Smit", "drs. Ada Smit"),
        ("De Vries", "De Vries"),
        ("Cher", "Cher"),
        ("zoe smit", "zoe smit"),
        ("D’Arcy Jones", "D’Arcy"),
    ],
)
def test_people_are_greeted_by_the_name_they_go_by(name: str, greeted: str) -> None:
    assert called(name) == greeted


def test_a_poll_of_a_confidential_circle_sends_nobody_to_a_page_that_is_not_there_yet() -> None:
    text = text_of_(sent(due(Purpose.POLL, gathering=replace(GATHERING, confidential=True))))
    assert ("/p/" in text, "/gatherings/" in text) == (True, False)
