"""Who may say what: every command, by everybody, about an open, a hidden and a confidential gathering."""

from collections.abc import Mapping

import pytest

from service.channels import Intent, Topic
from service.clock import MovableClock
from service.model import Gathering
from tests.handlers.dialogue.house import House, Person, read

ANYBODY = {"guest", "member", "facilitator", "staff"}
INSIDE = {"member", "facilitator"}
LEADING = {"facilitator", "staff"}
LEAD = {"facilitator"}

# Topic: who is not refused about a gathering of members, of a circle alone, and of a confidential circle.
ABOUT_A_GATHERING: Mapping[Topic, tuple[set[str], set[str], set[str]]] = {
    Topic.GATHERING: (ANYBODY, INSIDE | LEADING, INSIDE | LEADING),
    Topic.CALENDAR: (ANYBODY, INSIDE | LEADING, INSIDE),
    Topic.ACCEPT: (ANYBODY, INSIDE | LEADING, INSIDE),
    Topic.TENTATIVE: (ANYBODY, INSIDE | LEADING, INSIDE),
    Topic.DECLINE: (ANYBODY, INSIDE | LEADING, INSIDE),
    Topic.ROSTER: (LEADING, LEADING, INSIDE),
    Topic.UNANSWERED: (LEADING, LEADING, INSIDE),
    Topic.ATTENDANCE: (LEADING, LEADING, LEAD),
    Topic.MESSAGE: (LEADING, LEADING, LEAD),
    Topic.MOVE: (LEADING, LEADING, LEADING),
    Topic.CANCEL: (LEADING, LEADING, LEADING),
}
BY_PERSON = (Topic.ATTENDEE, Topic.PRESENT, Topic.ABSENT, Topic.EXCUSED, Topic.UNMARK)
ABOUT_SOMEBODY: Mapping[Topic, tuple[set[str], set[str], set[str]]] = dict.fromkeys(BY_PERSON, (LEADING, LEADING, LEAD))
KINDS = ("lobby_cafe", "board_meeting", "intervision_group")


@pytest.fixture
async def people(house: House) -> dict[str, Person]:
    roles = {"guest": "member", "member": "member", "facilitator": "member", "staff": "staff"}
    return {name: await house.person(name.title(), role=role) for name, role in roles.items()}


@pytest.mark.parametrize("at", range(3), ids=KINDS)
async def test_every_command_is_refused_to_everybody_else(
    house: House, clock: MovableClock, people: dict[str, Person], at: int
) -> None:
    kind = KINDS[at]
    await house.circle("kring", people["member"], led_by=people["facilitator"], kind=kind)
    gathering = await house.gathering("kring", capacity=None)
    clock.set(gathering.starts_at)
    allowed = {topic: set[str]() for topic in (*ABOUT_A_GATHERING, *ABOUT_SOMEBODY)}
    for topic, found in allowed.items():
        about = f"{gathering.id}-{people['member'].id}" if topic in ABOUT_SOMEBODY else str(gathering.id)
        for name, person in people.items():
            (said,) = await person.presses(Intent(topic, about))
            if not said.view_key.startswith("refusal:"):
                found.add(name)
    expected = {topic: who[at] for topic, who in (ABOUT_A_GATHERING | ABOUT_SOMEBODY).items()}
    assert allowed == expected


async def test_of_a_confidential_circle_the_lead_reads_where_to_tick_and_why_there_is_no_card(
    house: House, clock: MovableClock, people: dict[str, Person]
) -> None:
    lead, member = people["facilitator"], people["member"]
    await house.circle("kring", member, led_by=lead, kind="intervision_group")
    gathering = await house.gathering("kring")
    clock.set(gathering.starts_at)
    for text in (f"aanwezigheid {gathering.id}", f"aanwezig {gathering.id}-{member.id}"):
        heard = await lead.hears(text)
        assert "Deze kring is vertrouwelijk: wie er is, vink je af op de pagina, na het inloggen." in heard
        assert f"/manage/gatherings/{gathering.id}/roster" in heard
        assert "Member" not in heard
    assert "Deze kring is vertrouwelijk, dus daarvan komt niets in een groep" in await lead.hears(
        f"kaart {gathering.id}"
    )
    for text in (f"kaart {gathering.id}", "kaart 999999"):
        assert "vertrouwelijk" not in await people["guest"].hears(text)


async def test_who_may_plan_in_which_circle(house: House, people: dict[str, Person]) -> None:
    for kind in KINDS:
        await house.circle(kind.replace("_", "-"), people["member"], led_by=people["facilitator"], kind=kind)
    for kind in KINDS:
        refused = {
            name
            for name, person in people.items()
            if (await person.presses(Intent(Topic.PLAN, kind.replace("_", "-"))))[0].view_key.startswith("refusal:")
        }
        assert refused == ANYBODY - LEADING


async def test_a_button_of_somebody_elses_question_answers_nothing(house: House, people: dict[str, Person]) -> None:
    fay, staff = people["facilitator"], people["staff"]
    gathering: Gathering = await house.gathering(await house.circle("data", people["member"], led_by=fay))
    (asked,) = await fay.presses(Intent(Topic.MESSAGE, str(gathering.id)))
    for person in people.values():
        if person is not fay:
            assert "Die vraag staat niet meer open." in read(await person.presses(asked.choices[0].intent))
    await staff.presses(Intent(Topic.MESSAGE, str(gathering.id)))
    assert "Wat wil je" in read(await fay.presses(asked.choices[0].intent))
