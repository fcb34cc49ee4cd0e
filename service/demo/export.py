"""Write the sample people as the file that `kring import people` reads.

The columns are those of people.csv; whatever that file cannot hold (a second organisation) is left out.
"""

import csv
from collections import defaultdict
from io import StringIO

from service.demo.model import Association, Person

COLUMNS = ("name", "email", "language", "organisation", "title", "roles", "circles")


def people_csv(association: Association) -> str:
    """Return everyone, one per line; several addresses or circles are separated by a space."""
    names = {organisation.slug: organisation.name for organisation in association.organisations}
    slugs: defaultdict[str, list[str]] = defaultdict(list)
    for membership in association.memberships:
        slugs[membership.person].append(f"{'*' if membership.facilitator else ''}{membership.circle}")
    target = StringIO(newline="")
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(_row(person, names, slugs[person.email]) for person in association.people)
    return target.getvalue()


def _row(person: Person, names: dict[str, str], circles: list[str]) -> tuple[str, ...]:
    place = person.affiliations[0] if person.affiliations else None
    return (
        person.name,
        " ".join(person.addresses),
        person.language,
        names[place.organisation] if place else "",
        place.title if place else "",
        "" if person.role == "member" else person.role,
        " ".join(circles),
    )
