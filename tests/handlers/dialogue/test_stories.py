"""Whole conversations on a real database, as somebody in a terminal has them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from handlers.dialogue.words import parse
from service.actions import attendance, members, people, registration, scheduling
from service.channels import Intent, Outbound, Topic
from service.clock import MovableClock
from service.model import Attendance, MembershipState, Partstat, Via
from service.rules.access import KRING
from tests.handlers.dialogue.house import House, read

YES = ("accepted", "seated", None)
NO = ("declined", "none", None)


async def test_a_newcomer_finds_a_gathering_signs_up_looks_and_signs_off(house: House) -> None:
    ada = await house.person("Ada", organisation="Acme")
    await house.circle("data")
    kickoff = await house.gathering("data", capacity=2)

    _, card = await ada.says("agenda")
    assert read((card,)) == (
        f"{kickoff.id} · Kick-off\nDatakring\ndinsdag 1 december 2026, 16.00–17.30 uur · Utrecht\nNog 2 plekken vrij.\n"
        f"[ja {kickoff.id}] Ja, ik kom\n[nee {kickoff.id}] Nee"
    )
    assert await ada.hears(f"ja {kickoff.id}") == (
        f"{kickoff.id} · Kick-off\nFijn, je staat op de lijst!\ndinsdag 1 december 2026, 16.00–17.30 uur · Utrecht\n"
        f"[nee {kickoff.id}] Ik kan toch niet\n[mijn] Mijn bijeenkomsten"
    )
    assert await house.standings(kickoff) == {"Ada": YES}
    assert await ada.hears("mijn") == (
        f"Jouw bijeenkomsten\nJe komt\n{kickoff.id} · di 1 dec, 16.00 uur · Kick-off\n"
        "Stuur me een nummer en je ziet er meer van."
    )
    assert "Je stond al op de lijst." in await ada.hears(f"ja {kickoff.id}")
    assert "Jammer, maar fijn dat je het laat weten." in await ada.hears(f"nee {kickoff.id}")
    assert "Dat had je al laten weten: je komt niet." in await ada.hears(f"nee {kickoff.id}")
    assert await house.standings(kickoff) == {"Ada": NO}


async def test_an_answer_is_kept_with_the_door_it_came_through(house: House) -> None:
    ada = await house.person("Ada")
    kickoff = await house.gathering(await house.circle("data", ada))
    for door in (Via.CONSOLE, Via.WEB):
        await ada.on(door).says("ja" if door is Via.CONSOLE else f"nee {kickoff.id}")
        actor = replace(KRING, person_id=ada.id)
        own = await registration.own(house.db, actor, kickoff.id)
        assert own is not None
        assert own.via == door


async def test_a_full_gathering_gives_a_place_in_line_and_a_freed_seat_goes_to_the_first(house: House) -> None:
    ada, ben, cor = [
        await house.person(name, language) for name, language in (("Ada", "nl"), ("Ben", "en"), ("Cor", "nl"))
    ]
    kickoff = await house.gathering(await house.circle("data", ada, ben, cor), capacity=1)
    await ada.says("ja")
    assert "It's full, so you're on the waiting list, place 1." in await ben.hears("yes")
    assert "Het zit vol, dus je staat op de wachtlijst, plek 2." in await cor.hears("ja graag")
    assert "plek 2" in await cor.hears("mijn")
    assert "You're on the waiting list, place 1." in await ben.hears(str(kickoff.id))
    await ada.says("nee, helaas")
    assert await house.standings(kickoff) == {"Ada": NO, "Ben": YES, "Cor": ("accepted", "waiting", 1)}
    assert "You're coming." in await ben.hears(str(kickoff.id))


@pytest.mark.parametrize(("said", "standing"), [("ja", YES), ("nee", NO)])
async def test_a_seat_that_is_offered_can_be_taken_or_passed_on(
    house: House, clock: MovableClock, said: str, standing: tuple[str, str, None]
) -> None:
    ada, ben, cor = [await house.person(name) for name in ("Ada", "Ben", "Cor")]
    kickoff = await house.gathering(await house.circle("data", ada, ben, cor), capacity=1)
    for person in (ada, ben, cor):
        await person.says("ja")
    clock.set(kickoff.starts_at - timedelta(hours=30))
    await ada.says("nee")
    offer = "Er is een plek voor je vrijgekomen! Zeg je ja vóór maandag 30 november om 22.00 uur, dan is hij van jou."
    assert offer in await ben.hears("agenda")
    assert "er is een plek voor je" in await ben.hears("mijn")
    await ben.says(said)
    standings = await house.standings(kickoff)
    assert standings["Ben"] == standing
    assert standings["Cor"][1] == ("waiting" if said == "ja" else "offered")


async def test_who_waits_for_a_colleague_or_for_approval_is_told_why(house: House) -> None:
    ada = await house.person("Ada", organisation="Acme")
    organisation = (await people.person(house.db, KRING, ada.id)).organisation_id
    ben = await house.person("Ben", organisation_id=organisation)
    await house.circle("data")
    quota = await house.gathering("data", organisation_quota=1)
    approval = await house.gathering("data", days=9, approval=True)
    await ada.says(f"ja {quota.id}")
    why = "De plekken voor jouw organisatie zijn bezet, dus je staat op de wachtlijst, plek 1."
    assert why in await ben.hears(f"ja {quota.id}")
    assert "De begeleider bekijkt hier elke aanmelding." in await ben.hears(f"ja {approval.id}")
    assert "Je aanmelding ligt bij de begeleider." in await ben.hears(f"ja {approval.id}")
    assert "de begeleider beslist" in await ben.hears("mijn")


async def test_a_bare_yes_is_only_taken_where_it_can_be_about_one_invitation(house: House) -> None:
    ada = await house.person("Ada")
    await house.circle("data", ada)
    assert await ada.hears("ja") == (
        "Er wacht nu geen uitnodiging op je antwoord.\n[agenda] Wat er aankomt\n[mijn] Mijn bijeenkomsten"
    )
    one = await house.gathering("data")
    two = await house.gathering("data", days=9)
    assert await ada.hears("ja") == (
        f"Welke bedoel je?\n[ja {one.id}] {one.id} · di 1 dec, 16.00 uur · Kick-off\n"
        f"[ja {two.id}] {two.id} · wo 2 dec, 16.00 uur · Kick-off"
    )
    assert {**await house.standings(one), **await house.standings(two)} == {"Ada": ("needs-action", "none", None)}
    await ada.says(f"ja {one.id}")
    await ada.says("ja")
    assert (await house.standings(two)) == {"Ada": YES}


async def test_a_bare_no_never_signs_off_from_one_of_several(house: House) -> None:
    ada = await house.person("Ada")
    await house.circle("data", ada)
    one = await house.gathering("data")
    await ada.says("ja")
    two = await house.gathering("data", days=9)
    assert (await ada.hears("afmelden")).startswith("Welke bedoel je?")
    assert (await house.standings(one), await house.standings(two)) == (
        {"Ada": YES},
        {"Ada": ("needs-action", "none", None)},
    )
    await ada.says(f"nee {two.id}")
    await ada.says("afmelden")
    assert await house.standings(one) == {"Ada": NO}
    assert (await ada.hears("nee")).startswith("Je staat nu nergens op de lijst")


async def test_a_maybe_is_noted_and_may_become_a_yes(house: House) -> None:
    ben = await house.person("Ben", "en")
    kickoff = await house.gathering(await house.circle("data", ben))
    answer = await ben.hears("maybe")
    assert "Noted: maybe." in answer
    assert f"[yes {kickoff.id}] Yes, I'll be there\n[no {kickoff.id}] No" in answer
    assert "You said maybe. We're not keeping a place for you yet." in await ben.hears("agenda")
    await ben.says(f"yes {kickoff.id}")
    assert await house.standings(kickoff) == {"Ben": YES}


async def test_an_earlier_click_that_comes_in_late_does_not_undo_a_later_one(house: House, clock: MovableClock) -> None:
    ada = await house.person("Ada")
    kickoff = await house.gathering(await house.circle("data", ada))
    early = clock.now()
    clock.move(timedelta(minutes=5))
    await ada.says("nee")
    clock.move(timedelta(minutes=5))
    assert "Je hebt daarna nog een ander antwoord gegeven" in read(await ada.says(f"ja {kickoff.id}", at=early))
    assert await house.standings(kickoff) == {"Ada": NO}


async def test_a_gathering_that_moved_asks_whether_one_can_still_come(house: House, clock: MovableClock) -> None:
    ada = await house.person("Ada")
    kickoff = await house.gathering(await house.circle("data", ada))
    await ada.says("ja")
    later = {
        "ends_local": kickoff.ends_local + timedelta(days=1),
        "starts_local": kickoff.starts_local + timedelta(days=1),
    }
    clock.move(timedelta(hours=1))
    await scheduling.change(house.db, KRING, kickoff.id, later, now=clock.now(), coalesce=timedelta())
    assert "Je zei ja, maar de tijd of de plaats is daarna veranderd." in await ada.hears("agenda")
    assert (await ada.hears("mijn")).startswith("Jouw bijeenkomsten\nWacht op je antwoord")
    await ada.says("ja")
    assert "Je komt." in await ada.hears("agenda")


async def test_what_is_cancelled_or_over_says_so_and_takes_no_answer(house: House, clock: MovableClock) -> None:
    ada = await house.person("Ada")
    await house.circle("data", ada)
    off, over = await house.gathering("data"), await house.gathering("data", days=3)
    await scheduling.cancel(house.db, KRING, off.id, "Te weinig mensen.", now=clock.now())
    assert "Deze gaat niet door. Te weinig mensen." in await ada.hears(f"ja {off.id}")
    assert (await ada.says(f"ja {off.id}"))[0].choices == ()
    assert "Gaat niet door" in await ada.hears("mijn")
    clock.set(over.ends_at)
    assert "Deze is geweest." in await ada.hears(f"ja {over.id}")
    assert (await house.standings(over)) == {"Ada": ("needs-action", "none", None)}


async def test_circles_are_seen_joined_asked_for_and_left(house: House) -> None:
    ada, fay = await house.person("Ada"), await house.person("Fay")
    await house.circle("data", led_by=fay, description_nl="Over data.")
    await house.circle("top", kind="ceo_meetup", title_nl="Top", title_en="Top")
    await house.circle("alv", kind="general_assembly", title_nl="ALV", title_en="Assembly")
    kickoff = await house.gathering("data")
    assert await ada.hears("kringen") == "Kringen\n[kring alv] ALV\n[kring data] Datakring\n[kring top] Top"
    assert await ada.hears("kring data") == (
        "Datakring\nOver data.\nLeden: 1\nMeer: http://kring.test/circles/data\n"
        f"Binnenkort\n{kickoff.id} · di 1 dec, 16.00 uur · Kick-off\n[word lid van data] Ik doe mee"
    )
    assert "Welkom bij Datakring!" in await ada.hears("word lid van data")
    assert "Je hoort al bij Datakring." in await ada.hears("join data")
    assert "Jouw kringen\n[kring data] Datakring\nAndere kringen\n[kring alv] ALV" in await ada.hears("kringen")
    assert (await house.standings(kickoff))["Ada"] == ("needs-action", "none", None)
    await ada.says("ja")
    assert "Je hoort niet meer bij Datakring." in await ada.hears("verlaat data")
    assert list(await house.standings(kickoff)) == ["Fay"]
    assert "Je hoort niet bij Datakring." in await ada.hears("verlaat data")

    assert "Ik heb doorgegeven dat je mee wilt doen met Top." in await ada.hears("word lid van top")
    (asked,) = await members.everyone(house.db, KRING, "top")
    assert (asked.name, asked.state) == ("Ada", MembershipState.REQUESTED)
    assert "Voor deze kring word je gevraagd. Wil je graag meedoen?" in await ada.hears("word lid van alv")
    assert "Voor deze kring word je gevraagd." in await ada.hears("kring alv")


async def test_the_invitations_of_one_circle_can_be_stopped(house: House) -> None:
    ada = await house.person("Ada")
    assert "Je krijgt geen uitnodigingen van kringen die ik kan stoppen." in await ada.hears("stop")
    await house.circle("data", ada)
    assert await ada.hears("stop") == "Van welke kring wil je geen uitnodigingen meer?\n[stop mail van data] Datakring"
    assert "Je krijgt geen uitnodigingen meer van Datakring." in await ada.hears("stop mail van data")
    assert await house.standings(await house.gathering("data")) == {}
    await house.circle("beleid")
    assert "Je hoort niet bij deze kring" in await ada.hears("stop mail van beleid")


async def test_the_language_changes_with_the_answer_that_says_so(house: House) -> None:
    ada = await house.person("Ada")
    assert await ada.hears("taal") == (
        "Ik spreek Nederlands en Engels. Wat heb je het liefst?\n[taal nl] Nederlands\n[taal en] English"
    )
    assert await ada.hears("/taal en") == (
        "From now on I'll write to you in English, in mails too.\n"
        "[agenda] What is coming up\n[help] What you can ask me"
    )
    assert (await ada.hears("mijn")).startswith("Your gatherings")
    assert (await ada.hears("taal frans")).startswith("I speak Dutch and English.")
    assert (await ada.hears("nederlands graag")).startswith("Vanaf nu schrijf ik je in het Nederlands")


async def test_somebody_who_is_not_known_hears_what_this_is_and_nothing_more(house: House) -> None:
    ada = await house.person("Ada")
    kickoff = await house.gathering(await house.circle("data", ada))
    stranger = replace(ada, address="niemand@example.org")
    heard = {await stranger.hears(text) for text in ("hoi", "agenda", f"ja {kickoff.id}", "kringen", "??", "ja, maar")}
    assert heard == {
        "Vereniging\n"
        "Hallo! Hier vinden leden van de vereniging hun kringen en melden ze zich aan voor bijeenkomsten. Dit adres "
        "ken ik nog niet. Vraag de vereniging om het toe te voegen, dan help ik je graag.\n"
        "Hello! This is where members of the association find their circles and sign up for gatherings. I don't know "
        "this address yet. Ask the association to add it, and I'll be glad to help."
    }
    assert await replace(ada, address="geen adres").hears("agenda") in heard
    assert "Ik weet nog niet wie je bent." in await ada.on("telegram").hears("agenda")


async def test_nothing_of_a_confidential_circle_is_said_to_anyone(house: House) -> None:
    secret = "Kanarie"
    ada, fay, eva = await house.person("Ada"), await house.person("Fay"), await house.person("Eva")
    staff = await house.person("Stef", role="staff")
    facts = {"title_nl": secret, "title_en": secret, "description_nl": secret, "description_en": secret}
    await house.circle("kanarie", ada, led_by=fay, kind="intervision_group", **facts)
    hidden = await house.gathering("kanarie", location=secret, online_url="https://kanarie.example", **facts)
    later = await house.gathering("kanarie", days=9, **facts)
    await scheduling.cancel(house.db, KRING, later.id, secret, now=house.clock.now())
    number = hidden.id
    assert "Intervisie" in await ada.hears("agenda")
    assert (await eva.hears(f"{number}")).startswith("Ik vind geen bijeenkomst met dat nummer")
    assert (await eva.hears("kring kanarie")).startswith("Ik vind die kring niet")
    assert "Deze kring is vertrouwelijk: wat en waar zie je als je inlogt." in await fay.hears(f"{number}")
    roster = await fay.hears(f"lijst {number}")
    assert "de namen zie je als je inlogt" in roster
    assert "Stef" not in roster and "Fay" not in roster
    assert (await staff.hears(f"lijst {number}")).startswith("Wie er komt, zien alleen de begeleiders")
    assert [choice for one in await staff.says("agenda") for choice in one.choices] == []

    texts = (
        *("agenda", "mijn", "kringen", "lijst", "stop", "help", "nee", "ja", "ja, met een collega", f"{number}"),
        *(f"ja {number}", f"misschien {number}", f"lijst {number}", f"ja {later.id}", "ja maar", "afmelden"),
        *("kring kanarie", "stop mail van kanarie", "verlaat kanarie?", "verlaat kanarie", "word lid van kanarie"),
    )
    for person in (ada, fay, eva, staff):
        for text in texts:
            for outbound in await person.says(text):
                words = read((outbound,)) + "".join(choice.url or "" for choice in outbound.choices)
                assert "kanarie" not in words.lower(), (person.address, text)
                assert outbound.confidential or str(number) not in [word.strip(" ·") for word in words.split()], text


async def test_an_answer_with_something_to_it_is_asked_back_with_the_gathering_it_is_about(house: House) -> None:
    ada = await house.person("Ada")
    kickoff = await house.gathering(await house.circle("data", ada))
    for text, start in (
        ("ja, maar niet dinsdag", "Ik lees een antwoord met nog iets erbij"),
        ("ja, met 2 collega's", "Wat leuk dat jullie samen willen komen!"),
        (f"ja {kickoff.id}, als het kan", "Ik lees een antwoord met nog iets erbij"),
    ):
        heard = await ada.hears(text)
        assert heard.startswith(start)
        name = f"{kickoff.id} · Kick-off"
        assert heard.endswith(f"[ja {kickoff.id}] Ja: {name}\n[nee {kickoff.id}] Nee: {name}")
    assert await house.standings(kickoff) == {"Ada": ("needs-action", "none", None)}
    eva = await house.person("Eva")
    assert (await eva.hears(f"ja {kickoff.id} met 2 collega's")).endswith(
        f"[nee {kickoff.id}] Nee: {kickoff.id} · Kick-off"
    )
    assert "[ja" not in await eva.hears("ja 99, als het kan")


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("", "Dat bericht was leeg."),
        ("dank je wel", "Graag gedaan!"),
        ("ja 1 2", "Dat zijn meer dingen tegelijk."),
        ("ja\n" + "blabla\n" * 500, "Dat is meer dan ik in één keer kan lezen."),
        ("wat een weer", "Sorry, dat begrijp ik niet."),
        ("lijst boodschappen", "Welke bijeenkomst? Zet het nummer erachter, zo: lijst 12"),
        ("toon dinsdag", "Welke bijeenkomst? Stuur me het nummer."),
        ("word lid van", "Welke kring?"),
        ("verlaat data?", "Even voor de zekerheid: stuur het nog eens zonder vraagteken"),
        ("nee 99", "Ik vind geen bijeenkomst met dat nummer"),
        ("kring geheim", "Ik vind die kring niet"),
        ("agenda na 99", "Ik vind geen bijeenkomst met dat nummer"),
    ],
)
async def test_what_is_not_understood_or_not_there_gets_kind_words_and_a_way_on(
    house: House, text: str, start: str
) -> None:
    ada = await house.person("Ada")
    (answer,) = await ada.says(text)
    assert read((answer,)).startswith(start)
    assert bool(answer.choices) is (text != "dank je wel")


FORGED = ("", "abc", "-1", "9" * 30, "1; drop table person", "１２", "\x00", "\ud800")


@pytest.mark.parametrize("topic", Topic)
async def test_a_forged_button_changes_nothing_and_is_answered(house: House, topic: Topic) -> None:
    ada = await house.person("Ada")
    kickoff = await house.gathering(await house.circle("data", ada))
    for argument in FORGED:
        assert await ada.presses(Intent(topic, argument)), argument
        assert await house.standings(kickoff) == {"Ada": ("needs-action", "none", None)}, argument


async def test_every_choice_has_a_word_to_type_that_does_the_same_and_a_page(house: House) -> None:
    fay = await house.person("Fay", "en")
    await house.circle("data", led_by=fay)
    await house.circle("other", title_nl="", title_en="Other")
    for days in range(8, 17):
        await house.gathering("data", days=days)
    said = (
        "agenda",
        "mine",
        "circles",
        "circle other",
        "help",
        "list",
        "stop",
        "language",
        "yes",
        "1",
        "join other",
        "what",
    )
    found: list[Outbound] = [one for text in said for one in await fay.says(text)]
    offered = [choice for outbound in found for choice in outbound.choices]
    assert len(offered) > 40
    assert [choice.intent for choice in offered] == [parse(choice.keyword) for choice in offered]
    assert {choice.intent.topic for choice in offered if choice.url is None} == {Topic.HELP}


async def test_the_answer_link_of_a_choice_is_the_persons_own(house: House) -> None:
    ada = await house.person("Ada")
    kickoff = await house.gathering(await house.circle("data", ada))
    _, card = await ada.says("agenda")
    url = card.choices[0].url or ""
    handle = url.removeprefix("http://kring.test/r/").removesuffix("?answer=accepted")
    ticket = await registration.by_handle(house.db, handle, keys={"a": b"k" * 32}, now=house.clock.now())
    assert (ticket.registration.person_id, ticket.gathering.id) == (ada.id, kickoff.id)
    assert ticket.registration.partstat == Partstat.NEEDS_ACTION


async def test_the_agenda_goes_on_where_it_stopped(house: House) -> None:
    ada = await house.person("Ada")
    await house.circle("data")
    made = [(await house.gathering("data", days=days)).id for days in range(8, 16)]
    *first, more = await ada.says("agenda")
    assert [one.view_key for one in first[1:]] == [f"gathering:{n}:person:{ada.id}" for n in made[:6]]
    assert read((more,)) == f"Er komt nog meer aan.\n[agenda na {made[5]}] Laat meer zien"
    rest = await ada.says(more.choices[0].keyword)
    assert [one.view_key for one in rest[1:]] == [f"gathering:{n}:person:{ada.id}" for n in made[6:]]
    assert "Er staat nu niets gepland." in await ada.hears(f"agenda na {made[7]}")


async def test_many_circles_come_a_page_at_a_time(house: House) -> None:
    ada = await house.person("Ada")
    for number in range(23):
        await house.circle(f"kring-{number:02}", title_nl=f"Kring {number:02}", title_en="")
    first, more = await ada.says("kringen")
    assert [choice.intent.argument for choice in first.choices] == [f"kring-{n:02}" for n in range(20)]
    (rest,) = await ada.says(more.choices[0].keyword)
    assert [choice.intent.argument for choice in rest.choices] == ["kring-20", "kring-21", "kring-22"]


async def test_in_a_group_only_commands_of_people_who_are_known_are_heard(house: House) -> None:
    ada = await house.person("Ada")
    kickoff = await house.gathering(await house.circle("data", ada))
    for text in ("ja", "goed verhaal, maar niet dinsdag", "agenda", f"ja {kickoff.id}"):
        assert await ada.says(text, scope="group") == ()
    assert await replace(ada, address="niemand@example.org").says("/agenda", scope="group") == ()
    assert {one.audience for one in await ada.says("/agenda", scope="group")} == {"conversation"}
    assert {one.audience for one in await ada.says("/mijn", scope="group")} == {"person"}
    assert await house.standings(kickoff) == {"Ada": ("needs-action", "none", None)}


async def test_who_was_there_gives_a_mark_by_choice_or_in_words(house: House) -> None:
    ada, ben = await house.person("Ada"), await house.person("Ben", "en")
    kickoff = await house.gathering(await house.circle("data", ada, ben))
    assert "Er is nu niets om een cijfer voor te geven." in await ada.hears("cijfer")
    house.clock.set(kickoff.ends_at)
    marks = dict.fromkeys((ada.id, ben.id), Attendance.PRESENT)
    await attendance.mark(house.db, KRING, kickoff.id, marks, now=house.clock.now())

    (asked,) = await ada.says("cijfer")
    assert [(choice.label, choice.keyword) for choice in asked.choices] == [
        (str(score), f"cijfer {kickoff.id}-{score}") for score in range(1, 11)
    ]
    for choice in asked.choices:
        assert parse(choice.keyword) == choice.intent
    assert "Je gaf een 8" in await ada.hears(asked.choices[7].keyword)
    assert "You gave it a 9" in await ben.hears("mark 9")
    assert "van 1 tot 10" in await ada.hears(f"cijfer {kickoff.id}-11")
    assert "Even voor de zekerheid" in await ada.hears("cijfer 9?")
    assert "[cijfer" in await ada.hears(f"cijfer {kickoff.id}")
    async with house.db.reading() as conn:
        scores = await conn.fetch("select score from rating order by score")
    assert [row["score"] for row in scores] == [8, 9]


async def test_who_was_not_there_is_told_so_and_of_a_confidential_one_no_name_is_said(house: House) -> None:
    ada, ben = await house.person("Ada"), await house.person("Ben")
    slug = await house.circle("spiegel", ada, ben, kind="intervision_group", title_nl="De Spiegel")
    secret = await house.gathering(slug, title_nl="Macht aan tafel", title_en="Power")
    house.clock.set(secret.ends_at)
    inside = replace(KRING, facilitates=frozenset((secret.circle_id,)))
    await attendance.mark(house.db, inside, secret.id, {ada.id: Attendance.PRESENT}, now=house.clock.now())
    (asked,) = await ada.says("cijfer")
    assert asked.confidential
    said = read((asked,)) + await ada.hears(f"cijfer {secret.id}-7")
    assert not [word for word in ("Macht", "Spiegel", "spiegel", "Utrecht") if word in said]
    assert "Alleen wie erbij was kan een cijfer geven" in await ben.hears(f"cijfer {secret.id}-7")
    assert "Alleen wie erbij was kan een cijfer geven" in await ben.hears(f"cijfer {secret.id}")
    olaf = await house.person("Olaf")
    assert "Ik vind geen bijeenkomst met dat nummer" in await olaf.hears(f"cijfer {secret.id}-7")
