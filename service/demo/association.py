"""Generate the sample association: one call, plain values, the same for the same seed and day.

Puts together what the neighbours make; nothing here or below touches a clock, a database or the network.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from random import Random

from service.demo.calendar import place, plan_year
from service.demo.gatherings import Writer, series_of
from service.demo.memberships import Casting
from service.demo.model import Association, Membership, Person
from service.demo.people import employ
from service.demo.programme import carried_lines, circles, read_plan


def generate(seed: int, today: date) -> Association:
    """Return the association as it stands at the start of `today`.

    People, circles and memberships depend on the seed alone; the gatherings also on the day.
    """
    lines = carried_lines()
    staffing = employ(_dice("people", seed))
    people = staffing.everyone()
    casting = Casting(staffing, _dice("memberships", seed))
    memberships = tuple(member for line, script in lines for member in casting.cast(line, script))
    participants = _participants(people, memberships)
    slots = place(lines, today, _dice("calendar", seed, today))
    writer = Writer(today, _dice("gatherings", seed, today))
    gatherings = [
        gathering
        for line, script in lines
        for gathering in writer.write(line, script, slots[script.slug], participants[script.slug])
    ]
    start, end = plan_year(today)
    return Association(
        name=staffing.organisations[0].name,
        plan_start=start,
        plan_end=end,
        organisations=staffing.organisations,
        people=people,
        plan=read_plan(),
        circles=circles(),
        memberships=memberships,
        series=tuple(series_of(line, script, today) for line, script in lines),
        gatherings=tuple(sorted(gatherings, key=lambda gathering: (gathering.starts_at, gathering.key))),
    )


def _dice(*parts: object) -> Random:
    return Random(" ".join(map(str, parts)))  # noqa: S311 - it must be repeatable and guards nothing


def _participants(people: Iterable[Person], memberships: Iterable[Membership]) -> dict[str, list[Person]]:
    by_address = {person.email: person for person in people}
    participants: defaultdict[str, list[Person]] = defaultdict(list)
    for membership in memberships:
        if not membership.facilitator:
            participants[membership.circle].append(by_address[membership.person])
    return participants
