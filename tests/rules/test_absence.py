from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from service.model import Attendance, Partstat, Seat
from service.rules.absence import Remark, Turn, remark

START = datetime(2026, 12, 1, 15, tzinfo=UTC)
MISSED = Turn(1, False, Partstat.ACCEPTED, Seat.SEATED, START - timedelta(days=9), Attendance.ABSENT, None, None)
CANCELLED = Turn(
    1, False, Partstat.DECLINED, Seat.NONE, START - timedelta(hours=3), None, None, START - timedelta(hours=3)
)


def before(**span: float) -> datetime:
    return START - timedelta(**span)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, Remark.NO_SHOW),
        ({"attendance": None}, None),  # silence says nothing
        ({"attendance": Attendance.EXCUSED}, None),
        ({"attendance": Attendance.PRESENT}, None),
        ({"seat": Seat.NONE, "partstat": Partstat.TENTATIVE}, None),
        ({"seat": Seat.WAITING}, None),
        ({"facilitator": True}, None),
        ({"moved_up_at": before(hours=49)}, Remark.NO_SHOW),
        ({"moved_up_at": before(hours=47)}, None),  # perhaps the news came too late
    ],
)
def test_who_did_not_show(changes: dict[str, object], expected: Remark | None) -> None:
    assert remark(replace(MISSED, **changes), START) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, Remark.LATE_CANCEL),
        ({"answered_at": before(hours=24)}, None),
        ({"answered_at": before(hours=24) + timedelta(seconds=1)}, Remark.LATE_CANCEL),
        ({"answered_at": START}, None),  # put right afterwards
        ({"gave_up_at": None}, None),  # had no seat to give up
        ({"answered_at": None}, None),
        ({"facilitator": True}, None),
        ({"attendance": Attendance.ABSENT}, Remark.LATE_CANCEL),
    ],
)
def test_who_cancelled_late(changes: dict[str, object], expected: Remark | None) -> None:
    assert remark(replace(CANCELLED, **changes), START) == expected  # type: ignore[arg-type]
