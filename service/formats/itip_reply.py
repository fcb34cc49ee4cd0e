"""Read the calendar part of an answer (RFC 5546 section 3.2), as mail programs really write it.

Reads only; whom the answer is from and whether it counts is decided in the rules. A calendar without an event is none.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from service.formats import second_reader
from service.formats.cleaning import clean_line, clean_text
from service.formats.foreign_lines import (
    addressed,
    decoded,
    kept_address,
    parameter,
    plain_address,
    properties,
    value_of,
)
from service.formats.received import CalendarMessage, Method

_LARGEST: Final = 2**31 - 1
_ATTENDEES: Final = 50
_EVENTS: Final = 20
_NESTED: Final = 16
_COMMENT: Final = 2000
_UID: Final = 500

_UTC: Final = frozenset(("", "UTC", "GMT", "ETC/UTC", "ETC/GMT", "Z", "TZONE://MICROSOFT/UTC"))
_STAMP: Final = re.compile(r"(\d{8}T\d{6})(?:[.,]\d{1,9})?Z?", re.IGNORECASE)
_PARTSTAT: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,40}")
_ESCAPE: Final = re.compile(r"\\([\\;,nN])")
# Yahoo's own words, for an answer without PARTSTAT.
_YAHOO: Final = {
    "ACCEPTED": "accepted",
    "BUSY": "accepted",
    "CONFIRMED": "accepted",
    "TENTATIVE": "tentative",
    "DECLINED": "declined",
}
_ANSWERS: Final = frozenset(Method) - {Method.OTHER}
# Another time is proposed: by iOS in a parameter, by old Outlook in a REPLY that keeps the old time (MS-OXCICAL).
_PROPOSED: Final = "TO-ALL-PROPOSED-NEW-TIME"
_OLD_TIME: Final = "X-MS-OLK-ORIGINALSTART"


@dataclass(slots=True)
class _Event:
    """The properties of one VEVENT that matter, as the rest of their lines."""

    found: dict[str, list[str]] = field(default_factory=dict)

    def rests(self, name: str) -> list[str]:
        return self.found.get(name, [])

    def value(self, name: str) -> str:
        return next((value_of(rest) for rest in self.rests(name)), "")


_WANTED: Final = frozenset(
    ("UID", "DTSTAMP", "SEQUENCE", "ATTENDEE", "ORGANIZER", "COMMENT", "X-YAHOO-USER-STATUS", _OLD_TIME)
)

Attendees = tuple[tuple[str, str | None], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    uid: str | None
    attendees: Attendees
    doubled: bool  # one UID or attendee stands there twice and differs


def read(data: bytes, *, charset: str = "", method: str = "", checked: bool = True) -> CalendarMessage | None:
    """Read a calendar, None where there is no event in it; `method` is that of the part around it, "" if it has none.

    With `checked`, icalendar reads it too, and where both can read it and disagree, the message is damaged.
    """
    text = decoded(data, charset)
    methods, events = _outline(text)
    if not events:
        return None
    # RFC 6047 section 2.4: the method of the part must be that of the calendar; some leave one of them out.
    names = [name for name in (*methods, method.strip(" \"'").upper()) if name]
    answers = [_answer(event) for event in events]
    at = next((at for at, answer in enumerate(answers) if any(partstat for _, partstat in answer.attendees)), 0)
    answer, event = answers[at], events[at]
    damaged = (
        len(set(names)) > 1
        or any(one.doubled or (one.uid, one.attendees) != (answer.uid, answer.attendees) for one in answers)
        or (checked and len(events) == 1 and second_reader.differs(text, answer.uid, answer.attendees))
    )
    attended = [addressed(rest) for rest in event.rests("ATTENDEE")[:_ATTENDEES]]
    return CalendarMessage(
        method=_method(names, event, [one for one, _ in attended]),
        uid=answer.uid,
        sequence=_sequence(event.value("SEQUENCE")),
        dtstamp=_moment(event),
        attendees=answer.attendees,
        sent_by=next((sender for one, _ in attended if (sender := kept_address(one.get("SENT-BY", "")))), None),
        organizer=next((plain_address(addressed(rest)[1]) or None for rest in event.rests("ORGANIZER")), None),
        comment=_comment(event, [one for one, _ in attended]),
        damaged=damaged,
    )


def _outline(text: str) -> tuple[list[str], list[_Event]]:
    """Return the methods and the events; a component that is not closed ends where its surroundings do."""
    methods, events, inside = list[str](), list[_Event](), list[str]()
    for name, rest in properties(text):
        if name == "BEGIN":
            inside = _entered(inside, value_of(rest).upper())
            if inside[-1] == "VEVENT":
                if len(events) == _EVENTS:
                    break
                events.append(_Event())
        elif name == "END":
            inside = _left(inside, value_of(rest).upper())
        elif inside == ["VCALENDAR"] and name == "METHOD":
            methods.append(_word(value_of(rest)))
        elif inside[-1:] == ["VEVENT"] and name in _WANTED and events:
            # Only of the event itself: an alarm in it has a UID and attendees of its own.
            events[-1].found.setdefault(name, []).append(rest)
    return methods, events


def _entered(inside: list[str], name: str) -> list[str]:
    if name == "VCALENDAR":
        return [name]
    if name == "VEVENT":
        return [*inside[:1], name]
    return [*inside, name] if len(inside) < _NESTED else inside


def _left(inside: list[str], name: str) -> list[str]:
    return inside[: len(inside) - 1 - inside[::-1].index(name)] if name in inside else inside


def _word(value: str) -> str:
    found = _PARTSTAT.match(value)
    return found[0].upper() if found else ""


def _answer(event: _Event) -> _Answer:
    uids = dict.fromkeys(clean_line(_text(value_of(rest)), _UID) for rest in event.rests("UID"))
    attendees = dict.fromkeys(map(_attendee, event.rests("ATTENDEE")[:_ATTENDEES]))
    if len(attendees) == 1:
        # The only attendee is the one who answered.
        (who, partstat), *_ = attendees
        attendees = {(who, partstat or _YAHOO.get(_word(event.value("X-YAHOO-USER-STATUS")))): None}
    known = [who for who, _ in attendees if who]
    return _Answer(
        uid=next(iter(uids), "") or None,
        attendees=tuple(attendees),
        doubled=len(uids) > 1 or len(known) > len(set(known)),
    )


def _attendee(rest: str) -> tuple[str, str | None]:
    parameters, value = addressed(rest)
    who = kept_address(value) or kept_address(parameters.get("EMAIL", ""))  # RFC 7986 section 6.2
    return who, _word(parameters.get("PARTSTAT", "")).lower() or None


def _method(names: Sequence[str], event: _Event, parameters: Sequence[Mapping[str, str]]) -> Method:
    """Return what is asked; where two methods differ, the one that is an answer, for a human has to look at it."""
    method = next((Method(name) for name in names if name in _ANSWERS), Method.OTHER)
    proposes = event.rests(_OLD_TIME) or any(_PROPOSED in one for one in parameters)
    return Method.COUNTER if method is Method.REPLY and proposes else method


def _sequence(value: str) -> int:
    digits = value.lstrip("+")
    if not (digits.isascii() and digits.isdigit()):
        return 0
    return min(int(digits[-10:]), _LARGEST) if len(digits.lstrip("0")) <= 10 else _LARGEST


def _moment(event: _Event) -> datetime | None:
    """Return DTSTAMP; without a Z it is taken as UTC, which it must be (RFC 5545 section 3.8.7.2)."""
    for rest in event.rests("DTSTAMP"):
        if parameter(rest, "TZID").upper() not in _UTC:
            return None
        found = _STAMP.fullmatch(value_of(rest).replace("-", "").replace(":", ""))
        if found:
            try:
                return datetime.strptime(found[1].upper(), "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
            except ValueError:
                return None
    return None


def _comment(event: _Event, parameters: Sequence[Mapping[str, str]]) -> str:
    """Return what the person wrote: in COMMENT, else in the parameters that Google and Yahoo have for it."""
    written = [_text(value_of(rest)) for rest in event.rests("COMMENT")]
    if not any(map(str.strip, written)):
        written = [
            _text(one[name]) for one in parameters for name in ("X-RESPONSE-COMMENT", "X-COMMENT") if name in one
        ]
    return clean_text("\n".join(written)[: 4 * _COMMENT], _COMMENT)


def _text(value: str) -> str:
    """Undo the escapes of a TEXT value (RFC 5545 section 3.3.11)."""
    return _ESCAPE.sub(_unescaped, value) if "\\" in value else value


def _unescaped(found: re.Match[str]) -> str:
    return "\n" if found[1] in "nN" else found[1]
