"""Decide who is in which circle, and who leads it.

Takes people as `people` employed them and circles as their scripts describe them; who comes to a gathering is
another matter, see `answers`.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from random import Random

from service.demo.model import Membership, PlanLine
from service.demo.people import Colleague, Staffing
from service.demo.programme import Script

NETWORK = 120
BOARD_DIRECTORS = 7
PARTNERSHIP_ORGANISATIONS = 25


class Casting:
    """Choose people for circles; the board and the advocacy network are chosen once, for all their circles."""

    def __init__(self, staffing: Staffing, rng: Random) -> None:
        """Choose the board and the network."""
        self.staffing = staffing
        self.rng = rng
        self.coaches = iter(staffing.coaches)
        self.directors = self._working_in("director")
        self.board = [staffing.chair, *rng.sample(self.directors, BOARD_DIRECTORS)]
        advocates = self._working_in("advocacy")
        self.network = rng.sample(advocates, min(NETWORK, len(advocates)))
        staff = Counter(colleague.person.organisation for colleague in staffing.members)
        self.partners = {organisation for organisation, _ in staff.most_common(PARTNERSHIP_ORGANISATIONS)}
        self.audiences: dict[str, Callable[[Script], list[Colleague]]] = {
            "directors": lambda _: self.directors,
            "board": lambda _: self.board,
            "team": lambda _: list(staffing.team.values()),
            "lobby network": lambda _: self.network,
            "EU lobby group": lambda _: self.network,
            "strategic partnerships": self._partnerships,
            "members": self._members,
            "guests": lambda script: [guest for guest in staffing.guests if guest.guests == script.guests],
            "public": lambda _: [*staffing.members, *staffing.independents, *self._open_guests()],
        }

    def cast(self, line: PlanLine, script: Script) -> Iterator[Membership]:
        """Put people in the circle, those who lead it first."""
        leader = next(self.coaches) if script.led_by == "coach" else self.staffing.team[script.led_by]
        yield Membership(script.slug, leader.person.email, facilitator=True)
        pool = [
            colleague
            for colleague in self.audiences[line.audience](script)
            if colleague is not leader and (not script.same_language or colleague.person.language == line.language)
        ]
        for index, colleague in enumerate(self.rng.sample(pool, min(script.size, len(pool)))):
            yield Membership(script.slug, colleague.person.email, facilitator=script.co_led and index == 0)

    def _working_in(self, *fields: str) -> list[Colleague]:
        return [colleague for colleague in self.staffing.members if colleague.field in fields]

    def _members(self, script: Script) -> list[Colleague]:
        return self._working_in(*script.fields) if script.fields else list(self.staffing.members)

    def _partnerships(self, script: Script) -> list[Colleague]:
        return [colleague for colleague in self._members(script) if colleague.person.organisation in self.partners]

    def _open_guests(self) -> list[Colleague]:
        return [guest for guest in self.staffing.guests if guest.guests in ("academia", "advisers", "film")]
