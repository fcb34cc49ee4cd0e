"""The invented people are plausible, live under example.org, and fit the file that Kring imports."""

import csv
from collections import Counter
from datetime import date
from io import StringIO

import pytest
from email_validator import validate_email

from service.demo.association import generate
from service.demo.export import COLUMNS, people_csv
from service.demo.model import Association

TODAY = date(2026, 11, 23)


@pytest.fixture(scope="module")
def association() -> Association:
    """The association as the demo shows it."""
    return generate(1, TODAY)


def test_there_are_108_members_and_two_thousand_people(association: Association) -> None:
    assert sum(organisation.member for organisation in association.organisations) == 108
    assert len(association.people) == 2_000
    for values in (
        [organisation.slug for organisation in association.organisations],
        [organisation.name for organisation in association.organisations],
        [person.name for person in association.people],
    ):
        assert [value for value, count in Counter(values).items() if count > 1] == []


def test_the_team_is_twelve_with_one_admin(association: Association) -> None:
    assert Counter(person.role for person in association.people) == {"member": 1988, "staff": 11, "admin": 1}
    team = [person for person in association.people if person.role != "member"]
    assert {person.organisation for person in team} == {association.organisations[0].slug}
    assert association.organisations[0].name == association.name


def test_languages_and_places_of_work_are_mixed(association: Association) -> None:
    people = association.people
    assert 0.7 < sum(person.language == "nl" for person in people) / len(people) < 0.82
    assert sum(not person.affiliations for person in people) == 44
    assert sum(len(person.affiliations) == 2 for person in people) > 10
    assert {len(person.addresses) for person in people} == {1, 2}
    assert {person.language for person in people} == {"nl", "en"}
    assert any(not person.name.isascii() for person in people)


def test_addresses_are_valid_unique_and_under_example_org_only(association: Association) -> None:
    domains = {organisation.slug: organisation.domain for organisation in association.organisations}
    seen: Counter[str] = Counter()
    for person in association.people:
        homes = {domains[place.organisation] for place in person.affiliations} or {"post.example.org"}
        for address in person.addresses:
            checked = validate_email(address, check_deliverability=False)
            assert checked.normalized == address
            assert checked.domain in homes
            assert checked.domain.endswith(".example.org")
            seen[address] += 1
    assert [address for address, count in seen.items() if count > 1] == []


def test_every_member_has_one_director(association: Association) -> None:
    members = {organisation.slug for organisation in association.organisations if organisation.member}
    people = {person.email: person for person in association.people}
    directors = [
        people[membership.person].organisation
        for membership in association.memberships
        if membership.circle == "algemene-ledenvergadering" and not membership.facilitator
    ]
    assert Counter(directors) == Counter(members)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_circles_have_the_size_of_their_audience(seed: int) -> None:
    association = generate(seed, TODAY)
    sizes = Counter(membership.circle for membership in association.memberships if not membership.facilitator)
    everyone = Counter(membership.circle for membership in association.memberships)
    by_kind = {circle.slug: circle.kind for circle in association.circles}
    assert sizes["bestuur"] == 8
    assert everyone["teamtraining"] == 12
    assert everyone["lobbycafe"] == 121
    assert sizes["kenniscafe"] == 320
    for slug, kind in by_kind.items():
        if kind == "intervision_group":
            assert 4 <= everyone[slug] <= 8, slug
        if kind == "community_of_practice":
            assert 40 <= everyone[slug] <= 150, slug


def test_every_circle_has_someone_to_lead_it_and_nobody_is_in_it_twice(association: Association) -> None:
    led = {membership.circle for membership in association.memberships if membership.facilitator}
    assert led == {circle.slug for circle in association.circles}
    pairs = Counter((membership.circle, membership.person) for membership in association.memberships)
    assert [pair for pair, count in pairs.items() if count > 1] == []
    assert {membership.person for membership in association.memberships} <= {
        person.email for person in association.people
    }


def test_the_file_of_people_gives_back_who_they_are(association: Association) -> None:
    rows = list(csv.DictReader(StringIO(people_csv(association))))
    names = {organisation.slug: organisation.name for organisation in association.organisations}
    places = [person.affiliations[0] if person.affiliations else None for person in association.people]
    assert tuple(rows[0]) == COLUMNS
    assert [(row["name"], tuple(row["email"].split()), row["language"], row["roles"]) for row in rows] == [
        (person.name, person.addresses, person.language, "" if person.role == "member" else person.role)
        for person in association.people
    ]
    assert [(row["organisation"], row["title"]) for row in rows] == [
        (names[place.organisation], place.title) if place else ("", "") for place in places
    ]
    assert Counter(
        (slug.removeprefix("*"), row["email"].split()[0], slug.startswith("*"))
        for row in rows
        for slug in row["circles"].split()
    ) == Counter((member.circle, member.person, member.facilitator) for member in association.memberships)
