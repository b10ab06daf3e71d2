"""Durations are written as ISO 8601 has them, and no part is turned into another."""

from __future__ import annotations

import re
from datetime import timedelta

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_platform.spec.text.durations import format_duration, format_interval, is_interval

SPAN = st.integers(-(10**6), 10**6)
NANOSECONDS = st.integers(-(10**18), 10**18)
FORM = re.compile(
    r"P(?:(-?\d+)Y)?(?:(-?\d+)M)?(?:(-?\d+)D)?(?:T(?:(-?\d+)H)?(?:(-?\d+)M)?(?:(-?)(\d+)(?:\.(\d{1,9}))?S)?)?"
)


@pytest.mark.parametrize(
    ("parts", "written"),
    [
        ((0, 0, 0), "PT0S"),
        ((14, 3, 14_706_500_000_000), "P1Y2M3DT4H5M6.5S"),
        ((0, 60, 1), "P60DT0.000000001S"),
        ((-1, 1, -90_000_000_000), "P-1M1DT-1M-30S"),
        ((0, 0, 90_000 * 10**9), "PT25H"),
    ],
)
def test_an_interval_keeps_its_parts(parts: tuple[int, int, int], written: str) -> None:
    assert format_interval(*parts) == written


@given(SPAN, SPAN, NANOSECONDS)
def test_whoever_reads_it_has_the_same_interval(months: int, days: int, nanoseconds: int) -> None:
    found = FORM.fullmatch(format_interval(months, days, nanoseconds))
    assert found is not None
    years, rest, whole_days, hours, minutes, sign, seconds, fraction = (found[at] or "" for at in range(1, 9))
    assert int(years or 0) * 12 + int(rest or 0) == months
    assert int(whole_days or 0) == days
    second = int(f"{sign}1") * (int(seconds or 0) * 10**9 + int((fraction or "0").ljust(9, "0")))
    assert (int(hours or 0) * 3600 + int(minutes or 0) * 60) * 10**9 + second == nanoseconds


def test_spans_of_python_and_intervals_of_arrow_are_known() -> None:
    assert format_duration(timedelta(days=-1, hours=1)) == "PT-23H"
    assert format_duration(timedelta(days=3, microseconds=5)) == "P3DT0.000005S"
    assert is_interval(pa.array([pa.MonthDayNano([1, 2, 3])]).to_pylist()[0])
    assert not is_interval((1, 2, 3))
