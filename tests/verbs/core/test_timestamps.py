"""Moments as people tell them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from data_platform.errors import BadInput
from data_platform.verbs.core.timestamps import Moment, parse_end, parse_moment
from tests.meshes import NOON


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        ("2027-01-31", datetime(2027, 1, 31, tzinfo=UTC)),
        (date(2027, 1, 31), datetime(2027, 1, 31, tzinfo=UTC)),
        (datetime(2027, 1, 31, 9), datetime(2027, 1, 31, 9, tzinfo=UTC)),
        ("2027-01-31T09:30:00+07:00", datetime(2027, 1, 31, 9, 30, tzinfo=timezone(timedelta(hours=7)))),
    ],
)
def test_a_date_is_its_first_instant_and_what_has_no_zone_is_utc(told: Moment, meant: datetime) -> None:
    assert parse_moment(told) == parse_end(told, NOON) == meant


@pytest.mark.parametrize(
    ("told", "later"),
    [("30 days", 30), ("1 week", 7), (" 2 day ", 2), ("36 hours", 1.5), ("30d", 30), ("36h", 1.5), ("36 h", 1.5)],
)
def test_an_end_is_counted_from_now(told: str, later: float) -> None:
    assert parse_end(told, NOON) == NOON + timedelta(days=later)


def test_a_period_may_be_short() -> None:
    assert parse_end("8s", NOON) == NOON + timedelta(seconds=8)
    assert parse_end("15m", NOON) == NOON + timedelta(minutes=15)


@pytest.mark.parametrize(
    ("told", "wrong", "hint"),
    [
        ("1 month", "is uncertain: a month has no fixed length", "30 days"),
        ("30 x", "has the unknown unit x", "weeks"),
        ("0 days", "is out of range", "more than 0"),
        ("soon", "'soon' is no date to end at", "30 days"),
        ("-3 days", "'-3 days' is no date to end at", "30 days"),
    ],
)
def test_what_is_no_end_is_told_with_what_to_write(told: str, wrong: str, hint: str) -> None:
    with pytest.raises(BadInput, match=wrong) as refused:
        parse_end(told, NOON)
    assert hint in str(refused.value.hint)


@given(st.datetimes(timezones=st.timezones() | st.integers(-1439, 1439).map(lambda m: timezone(timedelta(minutes=m)))))
@example(datetime.max.replace(tzinfo=timezone(-timedelta(minutes=1))))
@example(datetime.min.replace(tzinfo=timezone(timedelta(minutes=1))))
def test_a_moment_is_the_same_instant_in_utc_or_refused(instant: datetime) -> None:
    for told in (instant, instant.isoformat()):
        try:
            found = parse_moment(told)
        except BadInput as refused:
            assert "lies outside the years 1 to 9999 of UTC" in str(refused) or "is no moment" in str(refused)
            continue
        assert found.tzinfo is UTC
        assert found - instant == timedelta(0)
