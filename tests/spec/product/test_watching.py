"""Rotations by week, quiet hours over midnight, and the JSON of both."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_platform.spec.product.watching import (
    AlertSeverity,
    AlertTerms,
    QuietHours,
    WeeklyHandover,
    find_person_on_call,
    restore_alerts,
    restore_oncall,
    serialize_alerts,
    serialize_oncall,
)

BERLIN = "Europe/Berlin"
PEOPLE = ("ann@x", "bob@x", "cem@x")
TURN = WeeklyHandover(date(2026, 1, 5), time(9), BERLIN)
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2050, 1, 1), timezones=st.just(UTC))
TIMES = st.times().map(lambda at: at.replace(second=0, microsecond=0))
ZONES = st.sampled_from(["UTC", BERLIN, "America/St_Johns", "Asia/Bangkok"])


def at(text: str, zone: str = BERLIN) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("moment", "person"),
    [
        ("2026-01-05 08:59", "cem@x"),
        ("2026-01-05 09:00", "ann@x"),
        ("2026-01-12 08:59", "ann@x"),
        ("2026-01-12 09:00", "bob@x"),
        ("2026-01-26 09:00", "ann@x"),
        ("2026-03-30 08:59", "cem@x"),
        ("2026-03-30 09:00", "ann@x"),
    ],
)
def test_people_hand_over_each_week_by_local_time_also_when_the_clocks_change(moment: str, person: str) -> None:
    assert find_person_on_call(PEOPLE, TURN, at(moment)) == person


def test_without_a_handover_weeks_begin_on_mondays_in_utc() -> None:
    sunday, monday = datetime(2026, 11, 22, 23, 59, tzinfo=UTC), datetime(2026, 11, 23, tzinfo=UTC)
    turns = [find_person_on_call(PEOPLE, None, moment) for moment in (sunday, monday, monday + timedelta(days=6))]
    assert turns[1] == turns[2] != turns[0]
    assert find_person_on_call((), None, monday) is None


@given(MOMENTS, st.integers(1, 5), ZONES)
def test_each_person_has_one_week_in_as_many_as_there_are_people(moment: datetime, count: int, zone: str) -> None:
    people = [f"p{number}" for number in range(count)]
    local = moment.astimezone(ZoneInfo(zone)).replace(hour=12)
    turn = WeeklyHandover(timezone=zone)
    turns = [find_person_on_call(people, turn, local + timedelta(weeks=week)) for week in range(count)]
    assert sorted(filter(None, turns)) == people


@pytest.mark.parametrize(
    ("moment", "end"),
    [
        ("2026-11-23 21:59", None),
        ("2026-11-23 22:00", "2026-11-24 07:00"),
        ("2026-11-24 06:59", "2026-11-24 07:00"),
        ("2026-11-24 07:00", None),
        ("2026-03-28 23:00", "2026-03-29 07:00"),
    ],
)
def test_quiet_hours_reach_over_midnight_by_local_time(moment: str, end: str | None) -> None:
    quiet = QuietHours(time(22), time(7), BERLIN)
    assert quiet.find_end(at(moment)) == (at(end) if end else None)


@given(MOMENTS, TIMES, TIMES, ZONES)
def test_quiet_hours_end_later_within_a_day_and_are_over_then(
    moment: datetime, begin: time, until: time, zone: str
) -> None:
    if begin == until:
        return
    quiet = QuietHours(begin, until, zone)
    end = quiet.find_end(moment)
    if end is not None:
        assert timedelta(0) < end - moment <= timedelta(hours=25)
        assert end.astimezone(ZoneInfo(zone)).time() == until or quiet.find_end(end) is None


@given(
    st.dictionaries(
        st.text(min_size=1),
        st.none()
        | st.builds(AlertTerms, st.sampled_from(AlertSeverity), st.none() | st.builds(QuietHours, TIMES, TIMES, ZONES)),
    )
)
def test_channels_are_restored_as_they_were(channels: dict[str, AlertTerms | None]) -> None:
    terms = {channel: declared for channel, declared in channels.items() if declared is not None}
    assert restore_alerts(serialize_alerts(channels, terms)) == (tuple(channels), terms)


@given(st.lists(st.text(min_size=1)), st.none() | st.builds(WeeklyHandover, st.dates(), TIMES, ZONES))
def test_a_rotation_is_restored_as_it_was(people: list[str], handover: WeeklyHandover | None) -> None:
    assert restore_oncall(serialize_oncall(people, handover)) == (tuple(people), handover)
