"""Durations as people write them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_platform.spec.product.duration import UNITS, parse_duration


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("15 minutes", timedelta(minutes=15)),
        ("1 day", timedelta(days=1)),
        ("1.5 hours", timedelta(minutes=90)),
        ("2 Weeks", timedelta(weeks=2)),
        ("30seconds", timedelta(seconds=30)),
        ("0.000001 seconds", timedelta(microseconds=1)),
    ],
)
def test_one_number_and_one_unit(text: str, duration: timedelta) -> None:
    assert parse_duration(text) == duration


@given(st.integers(1, 5_000), st.sampled_from(sorted(UNITS)), st.booleans())
def test_any_number_of_any_unit(number: int, unit: str, plural: bool) -> None:
    assert parse_duration(f"{number} {unit}{'s' if plural else ''}").total_seconds() == number * UNITS[unit]


@pytest.mark.parametrize(
    ("text", "problem", "hint"),
    [
        ("15", "has no unit", "15 minutes"),
        ("15 m", "unknown unit", "15 minutes"),
        ("2 h", "unknown unit", "2 hours"),
        ("1 month", "no fixed length", "30 days"),
        ("1 year", "no fixed length", "365 days"),
        ("PT15M", "is no duration", "15 minutes"),
        ("1 hour 30 minutes", "is no duration", "one number and one unit"),
        ("-1 day", "is no duration", "one number"),
        ("0 days", "out of range", "more than 0"),
        ("999999999999 weeks", "out of range", "at most"),
        ("٣ days", "is no duration", "one number"),
        ("", "is no duration", "one number"),
    ],
)
def test_what_is_unclear_is_refused_with_what_to_write(text: str, problem: str, hint: str) -> None:
    with pytest.raises(ValueError, match=problem) as caught:
        parse_duration(text)
    assert hint in caught.value.args[1]


@given(st.text(max_size=40))
def test_any_text_is_a_duration_or_a_clear_error(text: str) -> None:
    try:
        assert parse_duration(text) > timedelta(0)
    except ValueError as error:
        assert len(error.args) == 2
