"""How pages write values: numbers, sizes, and dates in the words of the reader."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from data_platform.server.portal.catalogue import LANGUAGES, load_catalogue
from data_platform.server.portal.rendering import format_bytes, format_day, format_number, format_score

MOMENT = datetime(2026, 11, 29, 6, 5, tzinfo=timezone(timedelta(hours=7)))


@pytest.mark.parametrize(("language", "written"), [("en", "28 Nov 2026 23:05"), ("th", "28 พ.ย. 2026 23:05")])
def test_a_moment_is_written_in_utc_with_its_month_as_a_word(language: str, written: str) -> None:
    assert format_day(MOMENT, load_catalogue(language)) == written
    assert format_day(None, load_catalogue(language)) == "–"


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_twelve_months(language: str) -> None:
    dates = {load_catalogue(language).write_date(datetime(2026, month, 1, tzinfo=UTC)) for month in range(1, 13)}
    assert len(dates) == 12


def test_numbers_have_as_many_digits_as_say_something() -> None:
    assert [format_number(1204331), format_number(None)] == ["1\u202f204\u202f331", "–"]
    assert [format_score(99.96), format_score(84.0), format_score(None)] == ["100", "84", "–"]
    assert [format_bytes(size) for size in (0, 999, 1500, 23_000_000, None)] == ["0 B", "999 B", "1.5 kB", "23 MB", "–"]
