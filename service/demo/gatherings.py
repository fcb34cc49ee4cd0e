"""Write the gatherings: theme, place, seats and state for each day that `calendar` chose.

Who answered and who came is decided by `answers`, for the few gatherings of which the sample shows it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from service.demo.answers import answered, attended
from service.demo.calendar import Slot, plan_year
from service.demo.model import TIMEZONE, Gathering, GatheringStatus, Person, PlanLine, Series, Text
from service.demo.programme import Script, Theme

PUBLISHED_AHEAD = timedelta(days=70)
PUBLISHED_BEFORE_HELD = timedelta(days=35)
OFFICE_HOUR = time(10)
ONLINE = "online"
LETTERS = "abcdefghjkmnpqrstuvwxyz"

CANCELLED_BECAUSE = (
    "Beide sprekers moeten die dag naar het buitenland. We zoeken een nieuwe datum en laten het je weten."
)


def series_of(line: PlanLine, script: Script, today: date) -> Series:
    """Return the series of one circle in the plan year, named after the circle and the years."""
    start, end = plan_year(today)
    last = end - timedelta(days=1)
    years = str(start.year) if start.year == last.year else f"{start.year}–{last.year}"
    title = Text(f"{script.title.nl} {years}", f"{script.title.en} {years}")
    return Series(key=f"{script.slug}-{start.year}", circle=script.slug, title=title)


@dataclass(frozen=True, slots=True)
class Occasion:
    """Say when one gathering is, its number within the circle, and how far it has come."""

    number: int
    slot: Slot
    status: GatheringStatus


@dataclass(frozen=True, slots=True)
class Writer:
    """Write gatherings as they stand at the start of `today`; chance comes from one source."""

    today: date
    rng: Random

    def write(
        self, line: PlanLine, script: Script, slots: Sequence[Slot], participants: Sequence[Person]
    ) -> Iterator[Gathering]:
        """Write the gatherings of one circle in order of time, answers included."""
        coming = next((slot for slot in slots if slot.day > self.today and not slot.cancelled), None)
        for number, (slot, theme) in enumerate(_themed(slots, script.themes), start=1):
            status = self._status(slot, script, is_next=slot == coming)
            gathering = self._gathering(line, script, theme, Occasion(number, slot, status))
            if slot.day < self.today:
                gathering = attended(answered(gathering, participants, "held", self.today, self.rng), self.rng)
            elif slot == coming and status == "published" and script.answers:
                gathering = answered(gathering, participants, script.answers, self.today, self.rng)
            yield gathering

    def _status(self, slot: Slot, script: Script, *, is_next: bool) -> GatheringStatus:
        if slot.cancelled:
            return "cancelled"
        soon = slot.day <= self.today + PUBLISHED_AHEAD or (script.soon and is_next)
        return "published" if soon or script.announced else "draft"

    def _gathering(self, line: PlanLine, script: Script, theme: Theme, occasion: Occasion) -> Gathering:
        day = occasion.slot.day
        location, online_url = self._room(script, occasion.number)
        closing = script.closing if location else script.closing_online
        return Gathering(
            key=f"{script.slug}-{occasion.number}",
            series=series_of(line, script, self.today).key if day >= plan_year(self.today)[0] else None,
            circle=script.slug,
            title=theme.title,
            description=Text(f"{theme.text.nl} {closing.nl}", f"{theme.text.en} {closing.en}"),
            starts_at=datetime.combine(day, script.start),
            ends_at=datetime.combine(day, script.end),
            timezone=TIMEZONE,
            location=location,
            online_url=online_url,
            capacity=script.capacity if location else None,
            organisation_quota=script.organisation_quota if location else None,
            visibility=script.visibility,
            status=occasion.status,
            published_at=None if occasion.status == "draft" else self._published_at(day),
            cancel_reason=CANCELLED_BECAUSE if occasion.slot.cancelled else None,
        )

    def _room(self, script: Script, number: int) -> tuple[str | None, str | None]:
        """Return where people meet; online there is room for everyone, so seats are only counted at a place."""
        place = script.places[(number - 1) % len(script.places)]
        code = "".join(self.rng.choices(LETTERS, k=9))
        url = f"https://meet.example.org/{code[:3]}-{code[3:6]}-{code[6:]}"
        return (None, url) if place == ONLINE else (place, url if script.hybrid else None)

    def _published_at(self, day: date) -> datetime:
        ago = timedelta(days=self.rng.randint(8, 24))
        published = day - PUBLISHED_BEFORE_HELD if day < self.today else self.today - ago
        return datetime.combine(published, OFFICE_HOUR, ZoneInfo(TIMEZONE)).astimezone(UTC)


def _themed(slots: Sequence[Slot], themes: Sequence[Theme]) -> Iterator[tuple[Slot, Theme]]:
    """Pair each day with a theme: that of its month if there is one, else the next in order."""
    seasonal = {theme.month: theme for theme in themes if theme.month}
    others = iter([theme for theme in themes if not theme.month])
    for slot in slots:
        yield slot, seasonal.get(slot.day.month) or next(others)
