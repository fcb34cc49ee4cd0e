"""Calendar objects as they must be, per language; `python -m tests.formats.samples` writes them anew."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path

from service.formats.feeds import FeedHead, download, feed, item
from service.formats.ical import CalendarBlock, CalendarCopy, CalendarEntry, block
from service.formats.itip import Invitee, cancel, request
from service.model import CalendarStatus, Partstat

GOLDEN = Path(__file__).parent / "golden"
DAY = date(2026, 11, 23)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


ENTRIES: Mapping[str, CalendarEntry] = {
    "nl": CalendarEntry(
        summary="Lobbycafé: wat doet de begroting?",
        starts_at=at("2026-12-01T15:00"),
        ends_at=at("2026-12-01T17:00"),
        timezone="Europe/Amsterdam",
        created=at("2026-11-02T08:00"),
        last_modified=at("2026-11-20T09:30"),
        description="We lezen samen de begroting; neem je vraag mee.\n\nDaarna praten we na, met soep en brood.",
        location="De Zaal, Oudegracht 1, Utrecht",
        online_url="https://meet.example.org/lobby",
        url="https://kring.example.org/gatherings/12",
    ),
    "en": CalendarEntry(
        summary="Lobby café: what will the budget do?",
        starts_at=at("2026-12-01T15:00"),
        ends_at=at("2026-12-01T17:00"),
        timezone="Europe/Amsterdam",
        created=at("2026-11-02T08:00"),
        last_modified=at("2026-11-20T09:30"),
        description="We read the budget together; bring your question.\n\nAfterwards there is soup and bread.",
        location="De Zaal, Oudegracht 1, Utrecht",
        online_url="https://meet.example.org/lobby",
        url="https://kring.example.org/gatherings/12",
    ),
}
CONFIDENTIAL: Mapping[str, CalendarEntry] = {
    language: CalendarEntry(
        summary=summary,
        starts_at=at("2027-03-28T12:00"),
        ends_at=at("2027-03-28T14:00"),
        timezone="Europe/Amsterdam",
        created=at("2026-11-02T08:00"),
        last_modified=at("2026-11-02T08:00"),
        confidential=True,
    )
    for language, summary in {"nl": "Intervisie", "en": "Peer meeting"}.items()
}
WAITING = {"nl": "Wachtlijst: ", "en": "Waiting list: "}
CANCELLED = {"nl": "Afgelast: ", "en": "Cancelled: "}
HEADS = {
    "nl": FeedHead(
        name="Mijn bijeenkomsten",
        timezone="Europe/Amsterdam",
        description="Waar je voor bent uitgenodigd, van alle kringen.",
        color="teal",
        source="https://kring.example.org/feeds/k3yq7wz5m2.ics",
    ),
    "en": FeedHead(
        name="My gatherings",
        timezone="Europe/Amsterdam",
        description="What you are invited to, in all your circles.",
        color="teal",
        source="https://kring.example.org/feeds/k3yq7wz5m2.ics",
    ),
}


def invitee(**changes: object) -> Invitee:
    values: dict[str, object] = {
        "uid": "mfrggzdfmztwq2lknnwg23tp@kring.example.org",
        "sequence": 0,
        "dtstamp": at("2026-11-23T10:00:01"),
        "organizer_address": "r-mfrggzdfmztwq2lknnwg23tp@in.kring.example.org",
        "organizer_name": "Lobbycafé",
        "attendee_address": "zoe@partner.example.org",
        "attendee_name": "Zoë de Boer",
    }
    return Invitee(**(values | changes))  # type: ignore[arg-type]


def copy(**changes: object) -> CalendarCopy:
    values: dict[str, object] = {
        "uid": "gathering-12@kring.example.org",
        "sequence": 1,
        "dtstamp": at("2026-11-20T09:30"),
    }
    return CalendarCopy(**(values | changes))  # type: ignore[arg-type]


def _request(language: str) -> bytes:
    return request(block(ENTRIES[language]), invitee())


def _accepted(language: str) -> bytes:
    return request(block(ENTRIES[language]), invitee(partstat=Partstat.ACCEPTED, rsvp=False))


def _waiting(language: str) -> bytes:
    waiting = invitee(
        sequence=1,
        partstat=Partstat.TENTATIVE,
        rsvp=False,
        status=CalendarStatus.TENTATIVE,
        prefix=WAITING[language],
        transparent=True,
    )
    return request(block(ENTRIES[language]), waiting)


def _cancel(language: str) -> bytes:
    return cancel(block(ENTRIES[language]), invitee(sequence=2, partstat=Partstat.ACCEPTED))


def _confidential(language: str) -> bytes:
    return request(block(CONFIDENTIAL[language]), invitee(organizer_name="Branchevereniging"))


def _feed(language: str) -> bytes:
    shown = block(ENTRIES[language])
    secret = block(CONFIDENTIAL[language])
    abroad = block(
        CalendarEntry(
            summary="Cairo",
            starts_at=at("2027-05-04T07:00"),
            ends_at=at("2027-05-04T08:00"),
            timezone="Africa/Cairo",
            created=at("2026-11-02T08:00"),
            last_modified=at("2026-11-02T08:00"),
            online_url="https://meet.example.org/cairo",
        )
    )
    cancelled = copy(
        uid="c@kring.example.org",
        sequence=2,
        status=CalendarStatus.CANCELLED,
        prefix=CANCELLED[language],
        transparent=True,
    )
    waiting = copy(
        uid="w@kring.example.org", status=CalendarStatus.TENTATIVE, prefix=WAITING[language], transparent=True
    )
    listed: list[tuple[CalendarBlock, CalendarCopy]] = [
        (shown, copy()),
        (shown, waiting),
        (shown, cancelled),
        (secret, copy(uid="s@kring.example.org")),
        (abroad, copy(uid="a@kring.example.org")),
    ]
    return feed(HEADS[language], [item(*pair) for pair in listed], [lines.timezone for lines, _ in listed])


def _download(language: str) -> bytes:
    return download(block(ENTRIES[language]), copy())


SAMPLES: Mapping[str, Callable[[str], bytes]] = {
    "request": _request,
    "accepted": _accepted,
    "waiting": _waiting,
    "cancel": _cancel,
    "confidential": _confidential,
    "feed": _feed,
    "download": _download,
}


def write() -> None:
    """Write every sample anew; look at the difference before you keep it."""
    for name, make in SAMPLES.items():
        for language in ENTRIES:
            (GOLDEN / f"{name}.{language}.ics").write_bytes(make(language))


if __name__ == "__main__":
    write()
