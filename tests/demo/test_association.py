"""The sample association is whole: the same every time, consistent within itself, and with something to see."""

import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from service.demo.association import generate
from service.demo.model import Association, Gathering

TODAY = date(2026, 11, 23)
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
OTHER_DAYS = [date(2026, 12, 31), date(2027, 1, 4), date(2027, 5, 31), date(2027, 7, 9), date(2027, 8, 20)]


@pytest.fixture(scope="module", params=[TODAY, *OTHER_DAYS], ids=str)
def at(request: pytest.FixtureRequest) -> tuple[Association, date]:
    """The association as generated on several days, and the day."""
    return generate(1, request.param), request.param


def test_the_same_seed_and_day_give_the_same_association() -> None:
    assert generate(7, TODAY) == generate(7, TODAY)
    assert generate(7, TODAY) != generate(8, TODAY)


def test_people_do_not_change_overnight() -> None:
    today, tomorrow = generate(7, TODAY), generate(7, TODAY + timedelta(days=1))
    assert today.people == tomorrow.people
    assert today.memberships == tomorrow.memberships


def test_all_references_resolve_and_keys_are_unique(at: tuple[Association, date]) -> None:
    association, _ = at
    circles = {circle.slug for circle in association.circles}
    series = {one.key: one for one in association.series}
    assert len({gathering.key for gathering in association.gatherings}) == len(association.gatherings)
    assert {gathering.circle for gathering in association.gatherings} == circles
    assert {one.circle for one in series.values()} == circles
    for gathering in association.gatherings:
        inside = association.plan_start <= gathering.starts_at.date() < association.plan_end
        assert (series[gathering.series].circle if gathering.series else None) == (gathering.circle if inside else None)


def test_gatherings_are_written_in_both_languages_and_told_apart_by_their_titles(at: tuple[Association, date]) -> None:
    association, _ = at
    for titles in (
        [(gathering.circle, gathering.title.nl) for gathering in association.gatherings],
        [(gathering.circle, gathering.title.en) for gathering in association.gatherings],
    ):
        assert [title for title, count in Counter(titles).items() if count > 1] == []
    for gathering in association.gatherings:
        for text in (gathering.description.nl, gathering.description.en):
            assert 2 <= len(re.findall(r"[.?!](?=\s|$)", text)) <= 4, text
        assert gathering.location or gathering.online_url


def test_what_is_near_is_published_and_what_is_far_is_not(at: tuple[Association, date]) -> None:
    association, today = at
    statuses = Counter(gathering.status for gathering in association.gatherings)
    assert statuses["cancelled"] == 1
    assert statuses["published"] >= 10
    assert statuses["draft"] >= 40
    for gathering in association.gatherings:
        if gathering.starts_at.date() <= today + timedelta(days=70):
            assert gathering.status != "draft"
        assert (gathering.published_at is None) == (gathering.status == "draft")
        assert (gathering.cancel_reason is None) == (gathering.status != "cancelled")


def test_only_what_is_held_has_an_attendance_list(at: tuple[Association, date]) -> None:
    association, today = at
    held = [gathering for gathering in association.gatherings if gathering.starts_at.date() < today]
    assert len(held) >= 3
    for gathering in association.gatherings:
        accepted = {answer.person for answer in gathering.answers if answer.partstat == "accepted"}
        came = {attendance.person for attendance in gathering.attendance}
        assert came == (accepted if gathering in held else set())
        assert gathering not in held or Counter(entry.presence for entry in gathering.attendance)["present"] > 0


def test_answers_come_from_participants_between_publication_and_last_midnight(at: tuple[Association, date]) -> None:
    association, today = at
    midnight = datetime.combine(today, datetime.min.time(), AMSTERDAM).astimezone(UTC)
    participants = {
        (membership.circle, membership.person) for membership in association.memberships if not membership.facilitator
    }
    for gathering in association.gatherings:
        moments = [answer.at for answer in gathering.answers]
        assert moments == sorted(set(moments))
        assert {(gathering.circle, answer.person) for answer in gathering.answers} <= participants
        assert len({answer.person for answer in gathering.answers}) == len(gathering.answers)
        start = gathering.starts_at.replace(tzinfo=AMSTERDAM)
        assert [at for at in moments if not (gathering.published_at or start) < at < min(midnight, start)] == []


def test_one_gathering_is_full_with_a_waiting_list_and_one_nearly_full(at: tuple[Association, date]) -> None:
    association, today = at
    upcoming = [gathering for gathering in association.gatherings if gathering.starts_at.date() > today]
    room = {gathering.key: room_left(gathering) for gathering in upcoming if gathering.capacity and gathering.answers}
    assert [key.rpartition("-")[0] for key, left in room.items() if left == -6] == ["data-digitalisering"]
    assert [key.rpartition("-")[0] for key, left in room.items() if left == 2] == ["lobbytraining"]


def test_nobody_who_accepted_is_over_the_quota_of_their_organisation(at: tuple[Association, date]) -> None:
    association, _ = at
    homes = {person.email: person.organisation for person in association.people}
    for gathering in association.gatherings:
        accepted = Counter(homes[answer.person] for answer in gathering.answers if answer.partstat == "accepted")
        del accepted[None]
        assert max(accepted.values(), default=0) <= (gathering.organisation_quota or len(gathering.answers))


def room_left(gathering: Gathering) -> int:
    """Return how many seats the accepted leave free; negative when some of them wait."""
    return (gathering.capacity or 0) - sum(answer.partstat == "accepted" for answer in gathering.answers)
