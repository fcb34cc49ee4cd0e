"""A plain model of seats and waiting list: lists and dictionaries, no database, no rules module."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

Standing = tuple[str, str, int | None]
"""A person's partstat, seat and position."""


@dataclass
class SeatModel:
    """What should be true after each thing that happens to one gathering."""

    starts_at: datetime
    capacity: int | None
    quota: int | None
    organisations: dict[int, int | None]  # person -> organisation
    partstats: dict[int, str] = field(default_factory=dict)
    seated: set[int] = field(default_factory=set)
    offered: dict[int, datetime] = field(default_factory=dict)  # person -> deadline
    queue: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.partstats = dict.fromkeys(self.organisations, "needs-action")

    @property
    def taken(self) -> int:
        return len(self.seated) + len(self.offered)

    def answer(self, person: int, partstat: str, now: datetime) -> None:
        self.partstats[person] = partstat
        if partstat != "accepted":
            self._forget(person)
        elif person in self.offered:
            del self.offered[person]
            self.seated.add(person)
        elif person not in self.seated and person not in self.queue:
            if self._full() or self._quota_reached(person) or self._next() is not None:
                self.queue.append(person)
            else:
                self.seated.add(person)
        self.fill(now)

    def fill(self, now: datetime) -> None:
        left = self.starts_at - now
        while left >= timedelta(hours=3) and not self._full() and (person := self._next()) is not None:
            self.queue.remove(person)
            if left > timedelta(hours=48):
                self.seated.add(person)
            else:
                deadline = min(_not_at_night(now + timedelta(hours=12)), self.starts_at - timedelta(hours=3))
                self.offered[person] = max(deadline, now + timedelta(minutes=30))

    def expire(self, now: datetime) -> None:
        for person, _ in sorted(self.offered.items(), key=lambda item: item[1]):
            if self.offered[person] <= now:
                del self.offered[person]
                self.queue.append(person)
        self.fill(now)

    def reopen(self) -> None:
        self.partstats = dict.fromkeys(self.organisations, "needs-action")
        self.seated, self.offered, self.queue = set(), {}, []

    def standings(self) -> dict[int, Standing]:
        return {person: (partstat, *self._place(person)) for person, partstat in self.partstats.items()}

    def _place(self, person: int) -> tuple[str, int | None]:
        if person in self.queue:
            return "waiting", self.queue.index(person) + 1
        return ("seated" if person in self.seated else "offered" if person in self.offered else "none"), None

    def _forget(self, person: int) -> None:
        self.seated.discard(person)
        self.offered.pop(person, None)
        if person in self.queue:
            self.queue.remove(person)

    def _full(self) -> bool:
        return self.capacity is not None and self.taken >= self.capacity

    def _quota_reached(self, person: int) -> bool:
        organisation = self.organisations[person]
        if self.quota is None or organisation is None:
            return False
        held = [*self.seated, *self.offered]
        return sum(self.organisations[one] == organisation for one in held) >= self.quota

    def _next(self) -> int | None:
        """Return the first in the queue whom a free seat suits."""
        return next((person for person in self.queue if not self._quota_reached(person)), None)


def _not_at_night(moment: datetime) -> datetime:
    """Return the moment, or the first after it that is between nine in the morning and eleven at night in Amsterdam."""
    while not 9 <= moment.astimezone(ZoneInfo("Europe/Amsterdam")).hour < 23:
        moment = moment.replace(second=0, microsecond=0) + timedelta(minutes=1)
    return moment
