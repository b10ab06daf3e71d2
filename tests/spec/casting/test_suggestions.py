"""The option that is suggested for a text that does not fit is one under which it fits."""

from __future__ import annotations

import shlex
from dataclasses import replace
from datetime import UTC, datetime

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_platform.settings.read_options import TextFormats
from data_platform.spec.casting.conversion.text import find_untyped_converter
from data_platform.spec.casting.suggestions import suggest_option
from data_platform.spec.schema.arrow import to_arrow
from data_platform.spec.schema.types import DataType, Decimal, Kind, Primitive, SchemaColumn, TableSchema

STANDARD = TextFormats()
DATE, TIMESTAMP, INSTANT = (Primitive(kind) for kind in (Kind.DATE, Kind.TIMESTAMP, Kind.TIMESTAMPTZ))
DOUBLE, LONG = Primitive(Kind.DOUBLE), Primitive(Kind.LONG)


def choices(hint: str) -> list[TextFormats]:
    """The formats under each choice of the hint."""
    words = hint.partition("give ")[2].partition(" (ReadOptions")[0]
    formats = []
    for way in words.split(" or "):
        given = shlex.split(way.replace("ZONE", "UTC"))
        options = {name[2:].replace("-", "_"): value for name, value in zip(given[::2], given[1::2], strict=True)}
        formats.append(replace(STANDARD, **options))
    return formats


def read(kind: DataType, text: str, formats: TextFormats) -> object:
    target = to_arrow(TableSchema((SchemaColumn("v", kind),))).field(0).type
    convert = find_untyped_converter(kind, pa.string(), target, formats)
    assert convert is not None
    return convert(pa.array([text])).to_pylist()[0]


CLOCKS = ["", " %H:%M", "T%H:%M:%S", " %H:%M:%S.%f", "T%H:%M:%S%z"]
DATES = ["%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%Y/%m/%d", "%Y.%m.%d"]


@given(
    st.datetimes(datetime(1900, 1, 1), datetime(2999, 1, 1), timezones=st.just(UTC)),
    st.sampled_from(DATES),
    st.sampled_from(CLOCKS),
    st.booleans(),
)
def test_a_moment_fits_under_one_of_the_suggested_formats(
    moment: datetime, date: str, clock: str, instant: bool
) -> None:
    kind = DATE if not clock else INSTANT if instant or "%z" in clock else TIMESTAMP
    text = moment.strftime(f"{date}{clock}")
    hint = suggest_option(kind, text, STANDARD, csv=False)
    assert hint is not None
    values = [read(kind, text, formats) for formats in choices(hint) if _is_valid(text, formats)]
    exact = moment.replace(microsecond=moment.microsecond if "%f" in clock else 0)
    exact = exact.replace(second=exact.second if "%S" in clock else 0)
    expected = exact.date() if kind == DATE else exact if kind == INSTANT else exact.replace(tzinfo=None)
    assert expected in values


def _is_valid(text: str, formats: TextFormats) -> bool:
    """Whether day and month can be in that order."""
    try:
        datetime.strptime(text, formats.date_format or formats.timestamp_format or "")
    except ValueError:
        return False
    return True


@given(st.integers(-(10**9), 10**9), st.sampled_from(["", "'", ".", " "]), st.sampled_from([DOUBLE, Decimal(14, 2)]))
def test_a_number_fits_under_the_suggested_marks(number: int, thousands: str, kind: DataType) -> None:
    text = f"{number:,}".replace(",", thousands) + ",25"
    hint = suggest_option(kind, text, STANDARD, csv=True)
    assert hint is not None
    assert float(read(kind, text, choices(hint)[0])) == float(f"{number}.25")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "text", "hint"),
    [
        (INSTANT, "2026-01-31T08:15:00", "give --zone ZONE (ReadOptions and settings.toml: zone)"),
        (INSTANT, "2026-01-31 08:15", "give --zone ZONE ("),
        (LONG, "1,234", "give --thousands ',' ("),
        (LONG, "1'234'567", """give --thousands "'" ("""),
        (DOUBLE, "1,234", "give --decimal ',' or --thousands ',' ("),
        (DOUBLE, "1,234.5", "give --thousands ',' ("),
        (
            DOUBLE,
            "N/A",
            "if N/A means that there is no value, give --null 'N/A' (",
        ),
    ],
)
def test_hints(kind: DataType, text: str, hint: str) -> None:
    assert (suggest_option(kind, text, STANDARD, csv=True) or "").startswith(hint)


@pytest.mark.parametrize(
    ("kind", "text", "formats"),
    [
        (DOUBLE, "CHF 5", STANDARD),
        (LONG, "1.5", STANDARD),
        (LONG, "1,5", STANDARD),
        (DATE, "2026-02-30", STANDARD),
        (DATE, "tomorrow", STANDARD),
        (INSTANT, "2026-03-29T02:30:00", replace(STANDARD, zone="Europe/Zurich")),
        (DATE, "31.02.2026", replace(STANDARD, date_format="%d.%m.%Y")),
        (Primitive(Kind.BOOLEAN), "yes", STANDARD),
    ],
)
def test_no_option_is_suggested_that_would_not_help(kind: DataType, text: str, formats: TextFormats) -> None:
    assert suggest_option(kind, text, formats, csv=True) is None


def test_options_of_csv_are_not_suggested_for_json() -> None:
    assert suggest_option(DOUBLE, "1,5", STANDARD, csv=False) is None
    assert suggest_option(DOUBLE, "N/A", STANDARD, csv=False) is None


def test_a_format_that_was_given_lacks_only_the_zone() -> None:
    formats = replace(STANDARD, timestamp_format="%d.%m.%Y %H:%M")
    assert (suggest_option(INSTANT, "31.01.2026 08:15", formats, csv=True) or "").startswith("give --zone ZONE (")
