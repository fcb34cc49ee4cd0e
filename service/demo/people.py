"""Employ the invented people: the team, the members' staff, guests, and those who work for themselves.

Who ends up in which circle is decided in `memberships`, from the field of work kept here beside each person.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random

from service.demo import titles
from service.demo.model import Affiliation, Language, Organisation, Person
from service.demo.names import AddressBook, Name, NameMaker
from service.demo.organisations import House, association, guest_houses, member_houses

PEOPLE = 2_000
INDEPENDENTS = 41
COACHES = 3
OWN_DOMAIN = "post.example.org"

# How organisations spell addresses; the smallest know each other by first name.
PATTERNS = ("{given}.{family}", "{initial}.{family}", "{initial}{family}")
FIRST_NAMES = "{given}"
FIRST_NAME_TERMS_BELOW = 9


@dataclass(frozen=True, slots=True)
class Colleague:
    """Put a person beside the field of work; `guests` names the kind of guest, None for everyone else."""

    person: Person
    field: str
    guests: str | None = None


@dataclass(frozen=True, slots=True)
class Staffing:
    """Hold everyone, by where they stand; `team` is keyed by task, `members` holds one director per organisation."""

    organisations: tuple[Organisation, ...]
    team: dict[str, Colleague]
    chair: Colleague
    coaches: tuple[Colleague, ...]
    independents: tuple[Colleague, ...]
    members: tuple[Colleague, ...]
    guests: tuple[Colleague, ...]

    def everyone(self) -> tuple[Person, ...]:
        """Return all people, the team first."""
        groups = (self.team.values(), (self.chair,), self.members, self.guests, self.independents, self.coaches)
        return tuple(colleague.person for group in groups for colleague in group)


def employ(rng: Random) -> Staffing:
    """Return two thousand people and the organisations they work for."""
    guests = guest_houses()
    outsiders = len(titles.TEAM) + 1 + COACHES + INDEPENDENTS + sum(house.headcount for house in guests)
    houses = member_houses(rng, PEOPLE - outsiders)
    office = Office(rng, NameMaker(rng), AddressBook())
    staffing = Staffing(
        organisations=(association(), *(house.organisation for house in (*houses, *guests))),
        team={task: office.team_member(task) for task in titles.TEAM},
        chair=Colleague(office.hire(association(), titles.CHAIR, PATTERNS[0], office.draw("nl")), "director"),
        coaches=tuple(office.independent("coach") for _ in range(COACHES)),
        members=tuple(colleague for house in houses for colleague in office.staff(house)),
        guests=tuple(colleague for house in guests for colleague in office.staff(house)),
        independents=tuple(office.independent("independent") for _ in range(INDEPENDENTS)),
    )
    return replace(staffing, members=tuple(office.moonlight(staffing.members)))


@dataclass(frozen=True, slots=True)
class Office:
    """Hire people: the source of chance, of names and of addresses in one place."""

    rng: Random
    names: NameMaker
    book: AddressBook

    def draw(self, language: Language | None = None) -> Name:
        """Draw a name, of someone who reads the given language if there is one."""
        name = self.names.draw()
        return replace(name, language=language) if language else name

    def hire(self, organisation: Organisation, title: str, pattern: str, name: Name) -> Person:
        """Give someone a place and one or two addresses at an organisation."""
        addresses = [self.book.address(name, organisation.domain, pattern)]
        if self.rng.random() < 0.1:
            other = next(spelling for spelling in PATTERNS if spelling != pattern)
            addresses.append(self.book.address(name, organisation.domain, other))
        return Person(str(name), name.language, tuple(addresses), (Affiliation(organisation.slug, title),))

    def team_member(self, task: str) -> Colleague:
        """Hire someone for one task in the team of the association itself."""
        person = self.hire(association(), titles.TEAM[task], FIRST_NAMES, self.draw("nl"))
        return Colleague(replace(person, role="admin" if task == titles.ADMIN else "staff"), "team")

    def independent(self, field: str) -> Colleague:
        """Find someone who works for no organisation."""
        name = self.draw("nl" if field == "coach" else None)
        address = self.book.address(name, OWN_DOMAIN, PATTERNS[0])
        return Colleague(Person(str(name), name.language, (address,), ()), field)

    def staff(self, house: House) -> Iterator[Colleague]:
        """Fill an organisation: a director first if it is a member, then everyone else."""
        pattern = FIRST_NAMES if house.headcount < FIRST_NAME_TERMS_BELOW else self.rng.choice(PATTERNS)
        for field in self._fields(house):
            work = _work(field, house.guests)
            name = self.draw(None if work.en else "nl")
            title = self.rng.choice(work.titles(name.language))
            yield Colleague(self.hire(house.organisation, title, pattern, name), field, house.guests)

    def moonlight(self, members: tuple[Colleague, ...]) -> Iterator[Colleague]:
        """Give one in fifty a second place, with an address there, at another organisation."""
        for colleague in members:
            other = self.rng.choice(members).person
            person = colleague.person
            if self.rng.random() < 0.02 and colleague.field != "director" and other.organisation != person.organisation:
                person = self._second_place(person, other)
            yield replace(colleague, person=person)

    def _second_place(self, person: Person, other: Person) -> Person:
        given, _, family = person.name.partition(" ")
        domain = other.email.partition("@")[2]
        address = self.book.address(Name(given, family, person.language), domain, PATTERNS[0])
        title = "adviseur" if person.language == "nl" else "adviser"
        place = Affiliation(other.affiliations[0].organisation, title)
        return replace(person, addresses=(person.email, address), affiliations=(*person.affiliations, place))

    def _fields(self, house: House) -> list[str]:
        if house.guests:
            return ["guest"] * house.headcount
        weights = [work.weight for work in titles.FIELDS.values()]
        return ["director", *self.rng.choices(tuple(titles.FIELDS), weights, k=house.headcount - 1)]


def _work(field: str, guests: str | None) -> titles.Work:
    if guests:
        return titles.GUESTS[guests]
    return titles.DIRECTOR if field == "director" else titles.FIELDS[field]
