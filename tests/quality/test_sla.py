"""Promises over a window, held against a clock that looks every minute."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_platform.quality.sla import (
    UNMEASURED,
    Published,
    SlaWindow,
    find_midnight,
    load_zone,
    measure_availability,
    measure_fresh_time,
    measure_freshness,
    parse_moment,
)

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR, MINUTE, DAY = timedelta(hours=1), timedelta(minutes=1), timedelta(days=1)
WEEK = SlaWindow.from_days(NOON, 7, UTC)
BERLIN, NEW_YORK, CAIRO = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York"), ZoneInfo("Africa/Cairo")

MINUTES = 3 * 24 * 60
offsets = st.integers(-3000, MINUTES + 3000)


def published(pairs: list[tuple[int, int | None]]) -> list[Published]:
    """Publishes, oldest first, of (minute of the publish, minute of its newest value)."""
    return [
        Published(NOON + at * MINUTE, None if newest is None else NOON + newest * MINUTE)
        for at, newest in sorted(pairs, key=lambda pair: pair[0])
    ]


def log(*hours_ago: float) -> list[Published]:
    """Publishes of data that is as new as they are."""
    return [Published(NOON - hours * HOUR, NOON - hours * HOUR) for hours in hours_ago]


@given(
    st.lists(st.tuples(offsets, st.none() | offsets), max_size=12).map(published),
    st.integers(1, 2000),
    st.integers(0, MINUTES),
    st.integers(0, MINUTES),
)
def test_interval_arithmetic_is_what_looking_every_minute_gives(
    log: list[Published], promised: int, one: int, other: int
) -> None:
    begin, end = NOON + min(one, other) * MINUTE, NOON + max(one, other) * MINUTE
    measured, fresh = measure_fresh_time(log, promised * MINUTE, begin, end)
    looks = looked = 0
    for minute in range(abs(one - other)):
        moment = begin + minute * MINUTE + MINUTE / 2
        past = [publish for publish in log if publish.at <= moment]
        if past and past[-1].newest is not None:
            looks += 1
            looked += moment - min(past[-1].newest, past[-1].at) <= promised * MINUTE
    assert (measured, fresh) == (looks * MINUTE, looked * MINUTE)


def test_a_gap_longer_than_promised_is_stale_time() -> None:
    result = measure_freshness(log(10, 4, 1), 2 * HOUR, WEEK)
    assert result.since == NOON - 10 * HOUR
    assert result.compliance == pytest.approx(100 * (2 + 2 + 1) / 10)
    assert (result.met, result.age, result.stale_at) == (True, HOUR, NOON + HOUR)
    assert result.budget is not None
    assert result.budget.used == (4 + 1) * 3600


def test_what_it_would_be_if_nothing_more_were_published() -> None:
    result = measure_freshness(log(24), DAY + HOUR, WEEK, objective=90)
    assert (result.compliance, result.met, result.stale_at) == (100, True, NOON + HOUR)
    assert result.at_end == pytest.approx(100 * 25 / 36, abs=0.001)
    assert result.budget is not None
    assert (result.budget.allowed, result.budget.remaining) == (2.4 * 3600, 2.4 * 3600)
    assert result.gone_at == NOON + (2.4 + 1) * HOUR / 0.9


@given(st.lists(offsets, min_size=1, max_size=6), st.integers(1, 2000), st.sampled_from([50.0, 90.0, 99.0]))
def test_compliance_and_budget_never_contradict_each_other(
    publishes: list[int], promised: int, objective: float
) -> None:
    now = NOON + MINUTES * MINUTE
    log = published([(at, at) for at in publishes if at <= MINUTES])
    result = measure_freshness(log, promised * MINUTE, SlaWindow.from_days(now, 7, UTC), objective)
    if result.compliance is None or result.budget is None:
        return
    if abs(result.compliance - objective) > 0.001:
        assert (result.compliance > objective) == (result.budget.remaining > 0)
    if result.gone_at is not None:
        then = measure_freshness(
            log, promised * MINUTE, SlaWindow(result.since or now, result.gone_at, result.gone_at, UTC), objective
        )
        assert then.compliance == pytest.approx(objective, abs=0.001)


def test_stale_data_has_a_budget_until_it_is_used_up() -> None:
    result = measure_freshness(log(100), 99 * HOUR, WEEK, objective=95)
    assert result.budget is not None
    assert result.budget.allowed == pytest.approx(100 * 3600 * 0.05)
    assert (result.met, result.stale_at) == (False, NOON - HOUR)
    assert result.gone_at == NOON + (100 * 0.05 - 1) * HOUR / 0.95


def test_an_overdrawn_budget_has_no_date() -> None:
    result = measure_freshness(log(100), HOUR, WEEK)
    assert result.budget is not None
    assert result.budget.remaining < 0
    assert result.gone_at is None


def test_only_the_window_counts_and_the_publish_before_it_stands() -> None:
    result = measure_freshness(log(2000, 160, 1), 24 * HOUR, WEEK)
    assert result.since == WEEK.begin == datetime(2026, 11, 17, tzinfo=UTC)
    stale = (NOON - HOUR) - max(WEEK.begin, NOON - 160 * HOUR + 24 * HOUR)
    assert result.budget is not None
    assert result.budget.used == stale.total_seconds()


def test_before_the_first_publish_nothing_is_measured() -> None:
    assert measure_freshness([], HOUR, WEEK) == UNMEASURED
    assert measure_freshness(log(-1), HOUR, WEEK) == UNMEASURED
    just_now = measure_freshness(log(0), HOUR, WEEK)
    assert (just_now.met, just_now.age, just_now.compliance) == (True, timedelta(0), None)


def test_data_is_as_new_as_its_newest_value_but_never_newer_than_its_publish() -> None:
    old = [Published(NOON - HOUR, NOON - 5 * HOUR)]
    assert (measure_freshness(old, 2 * HOUR, WEEK).met, measure_freshness(old, 2 * HOUR, WEEK).compliance) == (False, 0)
    future = [Published(NOON - 3 * HOUR, NOON + 900 * DAY)]
    assert (measure_freshness(future, 2 * HOUR, WEEK).met, measure_freshness(future, 4 * HOUR, WEEK).met) == (
        False,
        True,
    )
    unknown = measure_freshness([*log(5), Published(NOON - HOUR, None)], 2 * HOUR, WEEK)
    assert (unknown.met, unknown.age, unknown.compliance) == (None, None, 50)


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        (BERLIN, date(2026, 3, 29), 23),
        (BERLIN, date(2026, 10, 25), 25),
        (BERLIN, date(2026, 11, 23), 24),
        (NEW_YORK, date(2026, 3, 8), 23),
        (NEW_YORK, date(2026, 11, 1), 25),
        (CAIRO, date(2026, 4, 24), 23),  # the clocks skip midnight itself
    ],
)
def test_days_are_as_long_as_the_zone_s_clocks_make_them(zone: ZoneInfo, day: date, hours: int) -> None:
    assert find_midnight(day + DAY, zone) - find_midnight(day, zone) == hours * HOUR
    assert find_midnight(day, zone).astimezone(zone).date() == day
    assert (find_midnight(day, zone) - timedelta(seconds=1)).astimezone(zone).date() == day - DAY


def list_days(window: SlaWindow) -> Iterator[tuple[date, datetime, datetime]]:
    """Each day of a window with its begin and its end (of today: now)."""
    first, today = (moment.astimezone(window.zone).date() for moment in (window.begin, window.now))
    for number in range((today - first).days + 1):
        day = first + timedelta(days=number)
        end = find_midnight(day + timedelta(days=1), window.zone)
        yield day, find_midnight(day, window.zone), min(end, window.now)


def test_a_window_is_whole_local_days_up_to_tonight() -> None:
    now = datetime(2026, 10, 25, 23, 30, tzinfo=UTC)  # the 26th in Berlin, the day after the clocks went back
    window = SlaWindow.from_days(now, 2, BERLIN)
    assert window.begin == datetime(2026, 10, 24, 22, tzinfo=UTC)
    assert window.end == datetime(2026, 10, 26, 23, tzinfo=UTC)
    assert [(day.day, end - begin) for day, begin, end in list_days(window)] == [(25, 25 * HOUR), (26, HOUR / 2)]


@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC)),
    st.integers(1, 400),
    st.sampled_from([UTC, BERLIN, NEW_YORK, CAIRO, ZoneInfo("Pacific/Apia"), ZoneInfo("Asia/Kathmandu")]),
)
def test_the_days_of_a_window_touch_and_fill_it(now: datetime, days: int, zone: ZoneInfo) -> None:
    window = SlaWindow.from_days(now, days, zone)
    listed = list(list_days(window))
    assert len(listed) == days
    assert (listed[0][1], listed[-1][2]) == (window.begin, now)
    assert all(before[2] == after[1] for before, after in pairwise(listed))
    assert window.begin <= now < window.end


@pytest.mark.parametrize(
    ("recorded", "moment"),
    [
        ("2026-11-23 12:00:00+00:00", NOON),
        ("2026-11-23 13:00:00+01:00", NOON),
        ("2026-11-23 13:00:00", NOON),
        ("2026-11-23 13:00:00.000000001", NOON),
        ("2026-07-01 00:00:00", datetime(2026, 6, 30, 22, tzinfo=UTC)),
        ("2026-11-23", datetime(2026, 11, 22, 23, tzinfo=UTC)),
        ("ten past four", None),
        (17, None),
        (None, None),
        ("0001-01-01 00:00:00", None),
    ],
)
def test_a_recorded_maximum_is_meant_in_the_declared_zone(recorded: object, moment: datetime | None) -> None:
    assert parse_moment(recorded, BERLIN) == moment


def test_utc_is_known_without_a_database_of_zones() -> None:
    assert load_zone("UTC") is UTC
    assert load_zone("Europe/Berlin") == BERLIN


def test_availability_is_the_share_of_reads_that_worked() -> None:
    result = measure_availability(200, 3, NOON - DAY, 99.0)
    assert (result.met, result.compliance, result.since) == (False, 98.5, NOON - DAY)
    assert measure_availability(200, 2, NOON - DAY, 99.0).met


@given(st.integers(1, 10_000), st.data(), st.sampled_from([50.0, 99.0, 99.9, 100.0]))
def test_the_budget_of_reads_is_overdrawn_exactly_when_the_promise_is_broken(
    reads: int, data: st.DataObject, target: float
) -> None:
    result = measure_availability(reads, data.draw(st.integers(0, reads)), NOON - DAY, target)
    assert result.budget is not None
    assert result.budget.unit == "reads"
    assert result.budget.allowed == pytest.approx(reads * (100 - target) / 100)
    assert result.met == (result.budget.remaining > -1e-6)


def test_a_promise_is_judged_by_the_exact_share_of_reads() -> None:
    assert not measure_availability(3_000_000, 4, NOON - DAY, 99.9999).met, "99.99987 %, which is shown as 99.9999"
    assert measure_availability(1000, 71, NOON - DAY, 92.9).met


def test_without_a_read_nothing_is_known_of_availability() -> None:
    result = measure_availability(0, 0, None, 99.9)
    assert (result.met, result.compliance, result.budget) == (None, None, None)
    only = measure_availability(1, 1, NOON, 99.9)
    assert (only.met, only.compliance) == (False, 0)
