"""Due notices to write mails of: one gathering, one person, and what each purpose adds."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bots.mail.render import Renderer
from bots.mail.writing import Letterhead
from service.channels import DueNotice, DueRegistration
from service.model import ABOUT_A_CIRCLE, Attendance, Gathering, Partstat, Purpose, Seat

KEYS = {"a": b"a key of thirty-two bytes or more"}
HEAD = Letterhead(
    association="Vereniging Samen",
    mail_from="kring@samen.example",
    mail_domain="in.samen.example",
    base_url="https://kring.samen.example",
    timezone="Europe/Amsterdam",
)
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
STARTS = datetime(2026, 12, 1, 15, 0, tzinfo=UTC)
SEVEN_DAYS_BEFORE = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)

GATHERING = Gathering(
    id=7,
    uid="gathering7@in.samen.example",
    circle_id=3,
    circle_slug="kring-energie",
    circle_title_nl="Kring Energie",
    circle_title_en="Energy Circle",
    programme="",
    confidential=False,
    series_id=None,
    status="published",
    title_nl="Samen energie inkopen",
    title_en="Buying energy together",
    description_nl="Wat levert gezamenlijk inkopen op?\nMet een voorbeeld uit Utrecht.\n\nNeem je jaarrekening mee.",
    description_en="What does buying together bring?\nWith an example from Utrecht.\n\nBring your annual account.",
    starts_local=datetime.fromisoformat("2026-12-01T16:00"),
    ends_local=datetime.fromisoformat("2026-12-01T17:30"),
    timezone="Europe/Amsterdam",
    starts_at=STARTS,
    ends_at=STARTS + timedelta(hours=1, minutes=30),
    location="Zaal 2, Domplein 4, Utrecht",
    online_url="https://vergader.example/energie",
    capacity=20,
    organisation_quota=None,
    approval=False,
    reminders=["P7D", "P1D"],
    visibility="public",
    sequence=0,
    revision=1,
    cancel_reason="",
    created_at=NOW,
    changed_at=NOW,
)

REGISTRATION = DueRegistration(
    id=11,
    uid="abcdefghijklmnopqrstuvwx@in.samen.example",
    generation=0,
    partstat=Partstat.NEEDS_ACTION,
    seat=Seat.NONE,
    facilitator=False,
    answered=False,
    invited=True,
    withdrawn=False,
)

PREVIOUS = {
    "starts_local": "2026-11-30T10:00:00",
    "ends_local": "2026-11-30T11:30:00",
    "location": "Domplein 1, Utrecht",
}


MAILED = tuple(purpose for purpose in Purpose if purpose is not Purpose.ANSWER)
"""What can go by mail: all but the answers of a conversation."""


PERSONAL = (
    frozenset(
        {
            Purpose.SIGN_IN,
            Purpose.LINK_CODE,
            Purpose.LINKED,
            Purpose.UNLINKED,
            Purpose.ADDRESS_ADDED,
            Purpose.ADDRESS_PRIMARY,
            Purpose.ADDRESS_REMOVED,
            Purpose.ADDRESS_WAITS,
            Purpose.ERASED,
        }
    )
    | ABOUT_A_CIRCLE
)
"""What is about the reader and no gathering."""


def renderer() -> Renderer:
    return Renderer(HEAD, KEYS)


def calendar(**more: Any) -> dict[str, Any]:
    plain = {"method": "REQUEST", "sequence": 0, "dtstamp": NOW.isoformat(), "status": "confirmed"}
    return {**plain, "partstat": "needs-action", "rsvp": True, **more}


def due(purpose: Purpose, language: str = "nl", **changes: Any) -> DueNotice:
    """A notice as the worker hands it over, with the facts and the standing that go with its purpose."""
    facts, standing = SITUATIONS[purpose]
    plain = DueNotice(
        id=101,
        purpose=purpose,
        priority=1,
        facts=facts,
        created_at=NOW,
        due_at=SEVEN_DAYS_BEFORE if purpose is Purpose.REMINDER else NOW,
        expires_at=None,
        attempts=1,
        attempted_at=None,
        retries=0,
        person_id=5,
        name="Zoë de Vries",
        language=language,
        address_id=6,
        channel="mail",
        address="zoe@example.org",
        others=0,
        mails=True,
        gathering=None if purpose in PERSONAL else replace(GATHERING, minimum=4),
        registration=replace(REGISTRATION, **standing) if standing is not None else None,
    )
    return replace(plain, **changes)


CIRCLE = {"slug": "energie", "nl": "Kring energie", "en": "Energy circle"}
GIVEN: dict[str, Any] = {"address": "z***@elders.example", "at": NOW.isoformat()}
COMING: dict[str, Any] = {"partstat": Partstat.ACCEPTED, "seat": Seat.SEATED, "answered": True}
WAITING: dict[str, Any] = {"partstat": Partstat.ACCEPTED, "seat": Seat.WAITING, "answered": True}
ACCEPTED = calendar(partstat="accepted", rsvp=False)
TENTATIVE = calendar(partstat="tentative", rsvp=False)
QUEUED = calendar(partstat="tentative", rsvp=False, status="tentative", sequence=1)
CANCELLED = calendar(method="CANCEL", status="cancelled", sequence=1, rsvp=False)

SITUATIONS: dict[Purpose, tuple[dict[str, Any], dict[str, Any] | None]] = {
    Purpose.INVITATION: (calendar(), {}),
    Purpose.CONFIRMATION: (ACCEPTED, COMING),
    Purpose.WAITING: (QUEUED | {"position": 3, "reason": "full"}, WAITING),
    Purpose.PROMOTION: (ACCEPTED | {"sequence": 2}, COMING),
    Purpose.OFFER: (
        ACCEPTED | {"sequence": 2, "offer_expires_at": "2026-11-30T11:00:00+00:00"},
        WAITING | {"seat": Seat.OFFERED},
    ),
    Purpose.OFFER_EXPIRED: (QUEUED | {"sequence": 3, "reason": "full"}, WAITING),
    Purpose.DEMOTION: (QUEUED | {"sequence": 3, "reason": "full", "note": "De zaal is kleiner dan gedacht."}, WAITING),
    Purpose.TENTATIVE: (TENTATIVE, {"partstat": Partstat.TENTATIVE, "answered": True}),
    Purpose.DECLINED: ({}, {"partstat": Partstat.DECLINED, "answered": True}),
    Purpose.UPDATE: (calendar(sequence=1, moved=True, relocated=True, previous=PREVIOUS), COMING),
    Purpose.CANCELLATION: (CANCELLED | {"cancel_reason": "De spreker is ziek."}, COMING),
    Purpose.WITHDRAWAL: (CANCELLED, {"withdrawn": True}),
    Purpose.REMINDER: ({"kind": "P7D"}, COMING),
    Purpose.CHECK_IN: ({}, {"invited": False}),
    Purpose.RATING: ({}, COMING | {"attendance": Attendance.PRESENT}),
    Purpose.POLL: (
        {
            "voter": 9,
            "because": "too-few",
            "moments": [
                ["2026-12-01T16:00:00", "2026-12-01T17:30:00"],
                ["2026-12-03T10:00:00", "2026-12-03T11:30:00"],
            ],
        },
        None,
    ),
    Purpose.TOO_FEW: ({"because": "out-of-reach"}, None),
    Purpose.SEAT_FREED: ({"count": 2}, None),
    Purpose.VISITOR: ({}, {"invited": False}),
    Purpose.ASK_LINK: ({"because": "unclear", "in_reply_to": "<q1@mail.example>"}, {}),
    Purpose.ASK_AGAIN: ({"in_reply_to": "<q1@mail.example>"}, COMING),
    Purpose.CLOSED: ({"because": "over", "in_reply_to": "<q1@mail.example>"}, COMING),
    Purpose.REGISTER_HERE: ({"in_reply_to": "<q1@mail.example>"}, {"invited": False}),
    Purpose.UNSUBSCRIBED: ({"in_reply_to": "<q1@mail.example>"}, COMING),
    Purpose.BROADCAST: (
        {"broadcast": 4, "over": False, "author": "Fien Faber", "text": "Neem een kabel mee.\n\nTot dinsdag!"},
        COMING,
    ),
    Purpose.LINK_CODE: ({"code": "731904"}, None),
    Purpose.LINKED: ({"account": "@zoe"}, None),
    Purpose.UNLINKED: ({}, None),
    Purpose.ADDRESS_ADDED: (GIVEN | {"confirm": 12}, None),
    Purpose.ADDRESS_PRIMARY: (GIVEN | {"confirm": 12}, None),
    Purpose.ADDRESS_REMOVED: (GIVEN, None),
    Purpose.ADDRESS_WAITS: (GIVEN, None),
    Purpose.ERASED: ({"name": "Zoë de Vries"}, None),
    Purpose.SIGN_IN: ({"token": "x7Vq3-token", "code": "042917"}, None),
    Purpose.JOIN_REQUESTED: ({"circle": {**CIRCLE, "who": "Jan Smit (Stichting Noord)"}}, None),
    Purpose.JOINED: ({"circle": CIRCLE}, None),
    Purpose.JOIN_REFUSED: ({"circle": CIRCLE}, None),
    Purpose.MEMBERS_CHANGED: ({"circle": {}}, None),
    Purpose.CIRCLE_CLOSED: ({"circle": {**CIRCLE, "reason": "We gaan verder als werkgroep."}}, None),
}
