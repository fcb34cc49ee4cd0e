"""Decide who answered the invitation to a gathering, and who was there.

Only for the few gatherings of which the sample should show something. A loader can give these answers through the same
door as everyone else, in this order. Facilitators take no seat and do not answer.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from random import Random
from typing import Literal
from zoneinfo import ZoneInfo

from service.demo.model import TIMEZONE, Answer, Attendance, Gathering, Partstat, Person, Presence, Via

VIA: tuple[Via, ...] = ("link", "calendar", "mail", "web")
VIA_WEIGHTS = (50, 32, 10, 8)
PRESENCE: tuple[Presence, ...] = ("present", "absent", "excused")
PRESENCE_WEIGHTS = (84, 7, 9)

WAITING = 6
SEATS_LEFT = 2
SMALL_GROUP = 12
MOST_DECLINED, MOST_TENTATIVE, MOST_UNDER_WAY = 14, 4, 32

Turnout = Literal["full", "nearly", "some", "held"]


def answered(gathering: Gathering, invited: Sequence[Person], turnout: Turnout, today: date, rng: Random) -> Gathering:
    """Return the gathering with its answers, each given between its publication and the last midnight."""
    if gathering.published_at is None:
        raise ValueError("only a published gathering has answers")
    people = rng.sample(invited, len(invited))
    yes = list(islice(_within_quota(people, gathering.organisation_quota), _accepting(gathering, len(people), turnout)))
    accepted = {person.email for person in yes}
    rest = [person for person in people if person.email not in accepted]
    no, maybe = min(len(rest) // 4, MOST_DECLINED), min(len(rest) // 12, MOST_TENTATIVE)
    stances: list[tuple[Person, Partstat]] = [
        *((person, "accepted") for person in yes),
        *((person, "declined") for person in rest[:no]),
        *((person, "tentative") for person in rest[no : no + maybe]),
    ]
    rng.shuffle(stances)
    moments = _moments(gathering.published_at, min(today, gathering.starts_at.date()), len(stances), rng)
    answers = (
        Answer(person.email, partstat, rng.choices(VIA, VIA_WEIGHTS)[0], at)
        for (person, partstat), at in zip(stances, moments, strict=True)
    )
    return replace(gathering, answers=tuple(answers))


def attended(gathering: Gathering, rng: Random) -> Gathering:
    """Return the held gathering with who of the accepted was there."""
    accepted = [answer.person for answer in gathering.answers if answer.partstat == "accepted"]
    presences = rng.choices(PRESENCE, PRESENCE_WEIGHTS, k=len(accepted))
    return replace(gathering, attendance=tuple(map(Attendance, accepted, presences)))


def _accepting(gathering: Gathering, invited: int, turnout: Turnout) -> int:
    seats = invited if gathering.capacity is None else gathering.capacity
    match turnout:
        case "full":
            return seats + WAITING
        case "nearly":
            return seats - SEATS_LEFT
        case "some":
            return round(min(invited * 0.2, seats * 0.6, MOST_UNDER_WAY))
        case "held":
            return round(min(invited * (0.85 if invited <= SMALL_GROUP else 0.5), seats * 0.9))


def _within_quota(people: Sequence[Person], quota: int | None) -> Iterator[Person]:
    seen: Counter[str] = Counter()
    for person in people:
        home = person.organisation
        if quota is None or home is None or seen[home] < quota:
            yield person
        if home is not None:
            seen[home] += 1


def _moments(published: datetime, limit: date, count: int, rng: Random) -> list[datetime]:
    """Spread moments over the days between, in waking hours and more of them in the first days (UTC, whole seconds)."""
    zone = ZoneInfo(TIMEZONE)
    first = published.astimezone(zone).date() + timedelta(days=1)
    days = (limit - first).days
    moments: set[datetime] = set()
    while len(moments) < count:
        day = first + timedelta(days=int(days * rng.random() ** 2))
        local = datetime.combine(day, time(7), zone) + timedelta(seconds=rng.randrange(15 * 3600))
        moments.add(local.astimezone(UTC))
    return sorted(moments)
