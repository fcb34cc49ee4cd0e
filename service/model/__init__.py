"""The nouns of Kring as values; what they mean is in docs/architecture.md, how they are kept in schema.sql.

Rows become these dataclasses in `service/store`; nothing here reads or writes.
"""

from service.model.circles import Circle, CircleKind, Joining, MembershipRole, MembershipState, Visibility
from service.model.gatherings import Gathering, Numbers, Rating, Status, ways_of
from service.model.languages import Language, localised
from service.model.notices import ABOUT_A_CIRCLE, Audience, Broadcast, Ledgered, NoticeState, Purpose
from service.model.people import Organisation, Person, Role
from service.model.plan import Output, Period
from service.model.questions import Question, QuestionAnswer, QuestionChoice, QuestionKind, Vote
from service.model.registrations import (
    Attendance,
    CalendarStatus,
    Mode,
    Partstat,
    Registration,
    Seat,
    Via,
    WaitingReason,
)

__all__ = [
    "ABOUT_A_CIRCLE",
    "Attendance",
    "Audience",
    "Broadcast",
    "CalendarStatus",
    "Circle",
    "CircleKind",
    "Gathering",
    "Joining",
    "Language",
    "Ledgered",
    "MembershipRole",
    "MembershipState",
    "Mode",
    "NoticeState",
    "Numbers",
    "Organisation",
    "Output",
    "Partstat",
    "Period",
    "Person",
    "Purpose",
    "Question",
    "QuestionAnswer",
    "QuestionChoice",
    "QuestionKind",
    "Rating",
    "Registration",
    "Role",
    "Seat",
    "Status",
    "Via",
    "Visibility",
    "Vote",
    "WaitingReason",
    "localised",
    "ways_of",
]
