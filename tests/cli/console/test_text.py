"""Foreign text is safe, and values read well."""

from __future__ import annotations

import unicodedata
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_platform.cli.console.text import clean, clean_lines, format_count, format_datum, format_size, format_value


@given(st.text(st.characters()))
def test_cleaned_text_moves_no_cursor(text: str) -> None:
    kept = clean(text)
    assert len(kept) == len(text)
    assert all(unicodedata.category(each) not in ("Cc", "Cs", "Zl", "Zp") for each in kept)
    assert not set(kept) & set("\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u2069\u200b\ufeff")


@pytest.mark.parametrize("text", ["ชำระแล้ว", "می‌خواهم", "👩‍👩‍👧", "naïve – 12 µm"])
def test_any_script_stays_as_it_is(text: str) -> None:
    assert clean(text) == text


def test_lines_are_joined_or_kept() -> None:
    assert clean("a\nb\tc\r") == "a b c "
    assert clean_lines("a\x1b[1m\nb\n") == "a�[1m\nb\n"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "–"),
        ("", "–"),
        ((), "–"),
        (True, "yes"),
        (1234567, "1,234,567"),
        (99.5, "99.5"),
        (datetime(2026, 11, 14, 9, 30, tzinfo=timezone(timedelta(hours=7))), "2026-11-14 02:30:00 UTC"),
        (date(2026, 11, 14), "2026-11-14"),
        (("a", "b\x1b"), "a, b�"),
    ],
)
def test_values_of_an_answer(value: object, said: str) -> None:
    assert format_value(value) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "NULL"),
        ("", ""),
        (1234567, "1234567"),
        (False, "false"),
        (b"\x01\xff", "01ff"),
        ({"a": [1, None, "x\n"]}, "{a: [1, NULL, x ]}"),
        (datetime(2026, 1, 1, tzinfo=UTC), "2026-01-01 00:00:00+00:00"),
    ],
)
def test_values_of_data_are_not_rounded(value: object, said: str) -> None:
    assert format_datum(value) == said


def test_counts_and_sizes() -> None:
    assert (format_count(1, "row"), format_count(1200, "row"), format_count(2, "publish", "publishes")) == (
        "1 row",
        "1,200 rows",
        "2 publishes",
    )
    assert [format_size(n) for n in (0, 999, 1500, 2_500_000, 10**13)] == [
        "0 B",
        "999 B",
        "1.5 kB",
        "2.5 MB",
        "10.0 TB",
    ]
