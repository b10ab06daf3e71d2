"""Text that could not tell its type (CSV, JSON lines) is read as the contract says, or refused."""

from __future__ import annotations

import datetime as dt
import math
import re
from decimal import ROUND_HALF_DOWN, ROUND_HALF_UP, Context
from decimal import Decimal as Number
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from data_platform.errors import SchemaMismatch
from data_platform.spec.schema.types import DataType, Decimal, Fixed, MapOf
from tests.casting import BINARY, BOOLEAN, DATE, DOUBLE, FLOAT, INT, LONG, STAMP, STAMPTZ, TEXT, TIME, cast, mismatch

DIGITS = st.text("0123456789", max_size=50)
WHOLE = DIGITS.map(lambda digits: digits.lstrip("0") or "0")


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        (BOOLEAN, "true", True),
        (INT, "0", 0),
        (DOUBLE, "0.5", 0.5),
        (LONG, "-42", -42),
        (LONG, "3.0", 3),
        (LONG, "-1e3", -1000),
        (FLOAT, "1.5", 1.5),
        (DOUBLE, "12.34", 12.34),
        (Decimal(9, 2), "12.3", Number("12.30")),
        (DATE, "2026-01-31", dt.date(2026, 1, 31)),
        (TIME, "09:30", dt.time(9, 30)),
        (TIME, "09:30:01.25", dt.time(9, 30, 1, 250_000)),
        (STAMP, "2026-01-31 09:30:00", dt.datetime(2026, 1, 31, 9, 30)),
        (STAMPTZ, "2026-01-31T09:30:00+02:00", dt.datetime(2026, 1, 31, 7, 30, tzinfo=dt.UTC)),
        (BINARY, "aGVsbG8=", b"hello"),
        (Fixed(5), "aGVsbG8=", b"hello"),
        (TEXT, "007", "007"),
    ],
)
@pytest.mark.parametrize("layout", [pa.string(), pa.large_string(), pa.string_view()])
def test_text_is_read_when_the_source_could_not_tell(kind: DataType, text: str, expected: Any, layout: Any) -> None:
    empty = "" if kind == TEXT else None
    assert cast(kind, pa.array([text, "", None], layout), untyped=True) == [expected, empty, None]
    if kind != TEXT:
        assert mismatch(kind, pa.array([text], layout)).kind == "type"


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (BOOLEAN, "yes"),
        (INT, "1.5"),
        (LONG, "1e30"),
        (LONG, "+41791234567"),
        (LONG, "9223372036854775808.0"),
        (INT, "0x10"),
        (INT, " 1"),
        (INT, "3000000000"),
        (FLOAT, "1e300"),
        (FLOAT, "16777217"),
        (DOUBLE, "1e400"),
        (DOUBLE, "-1e-400"),
        (DOUBLE, "9007199254740993"),
        (DOUBLE, "9007199254740993.0"),
        (DOUBLE, "9007199254740993e0"),
        (DOUBLE, "4503599627370497.3"),
        (DOUBLE, "3.14159265358979323846"),
        (DOUBLE, "nan(1)"),
        (Decimal(9, 2), "1.234"),
        (Decimal(3, 0), "1e3"),
        (DATE, "31.01.2026"),
        (DATE, "2026-02-30"),
        (DATE, "0000-01-01"),
        (DATE, "infinity"),
        (STAMP, "0000-12-31T23:59:59"),
        (STAMPTZ, "0001-01-01T00:00:00+02:00"),
        (STAMPTZ, "9999-12-31T23:59:59-02:00"),
        (TIME, "24:30"),
        (TIME, "09:30Z"),
        (STAMP, "2026-01-31T09:30:00Z"),
        (STAMPTZ, "2026-01-31T09:30:00"),
        (STAMPTZ, "2026-01-31T09:30:00.1234567Z"),
        (BINARY, "a"),
        (BINARY, "aGVsbG9="),
        (BINARY, "aGVsbG8===="),
        (BINARY, "aB=="),
        (Fixed(5), "aGVsbG9="),
        (Fixed(4), "aGVsbG8="),
    ],
)
def test_text_that_is_not_what_the_contract_says_is_told(kind: DataType, text: str) -> None:
    found = mismatch(kind, pa.array([None, "", text]), untyped=True)
    assert found.kind == "value"
    assert f"{text!r} in row 3 does not fit {kind}" in found.message


@pytest.mark.parametrize("kind", [INT, LONG, FLOAT, DOUBLE, Decimal(9, 2), Decimal(38, 0)])
@pytest.mark.parametrize("text", ["007", "00", "-01", "00.5", "01e2", "0000000000000000000000000000000000000001"])
def test_a_zero_before_a_number_is_a_digit_that_no_number_gives_back(kind: DataType, text: str) -> None:
    found = mismatch(kind, pa.array(["8", None, text]), untyped=True)
    assert f"{text!r} in row 3 does not fit {kind}: it begins with a zero" in found.message
    assert "declare the column a string" in found.message
    nested = mismatch(MapOf(kind, kind), pa.array([[("1", text)]], pa.map_(pa.string(), pa.string())), untyped=True)
    assert "begins with a zero" in nested.message


@given(st.integers(-(10**9), 10**9), st.integers(1, 5))
def test_whole_numbers_are_taken_with_their_own_digits_alone(number: int, zeros: int) -> None:
    assert cast(LONG, pa.array([str(number)]), untyped=True) == [number]
    padded = f"{'-' if number < 0 else ''}{'0' * zeros}{abs(number)}"
    assert mismatch(LONG, pa.array([padded]), untyped=True).kind == "value"


@given(st.floats(), st.sampled_from(["r", ".17g", ".20e", ".0f", ".50f"]), st.booleans())
@example(1e23, "r", False)
@example(5e-324, "r", False)
@example(2.0**-24, "r", False)
@settings(deadline=None)
def test_a_double_is_read_from_whatever_prints_it(value: float, form: str, many: bool) -> None:
    text = repr(value) if form == "r" else format(value, form)
    printed = math.isinf(value) or math.isnan(value) or float(text) == value
    texts = pa.array([text, "0.5"] if many else [text])
    if printed:
        found = cast(DOUBLE, texts, untyped=True)[0]
        assert (math.isnan(value) and math.isnan(found)) or found == value


@given(st.from_regex(r"-?(0|[1-9][0-9]{0,24})(\.[0-9]{1,25})?([eE][+-]?[0-9]{1,3})?", fullmatch=True))
@example("9007199254740992.5")
@settings(deadline=None)
def test_a_double_gives_back_every_digit_or_the_text_is_refused(text: str) -> None:
    if Number(repr(float(text))) == Number(text):
        assert cast(DOUBLE, pa.array([text]), untyped=True) == [float(text)]
        return
    try:
        (found,) = cast(DOUBLE, pa.array([text]), untyped=True)
    except SchemaMismatch:
        return
    digits = len(Number(text).normalize(Context(prec=60)).as_tuple().digits)
    assert Number(text) in {Context(digits, way).create_decimal(found) for way in (ROUND_HALF_UP, ROUND_HALF_DOWN)}


def test_numbers_that_could_not_tell_their_type_are_taken_as_written() -> None:
    assert cast(Decimal(9, 2), pa.array([12.34, None, 3.0]), untyped=True) == [Number("12.34"), None, Number("3.00")]
    assert cast(LONG, pa.array([3.0, None]), untyped=True) == [3, None]
    assert cast(FLOAT, pa.array([0.5, math.inf]), untyped=True) == [0.5, math.inf]
    for kind, value in [(Decimal(9, 2), 12.345), (Decimal(9, 2), math.nan), (LONG, 2.5), (FLOAT, 1e300)]:
        assert mismatch(kind, pa.array([value]), untyped=True).kind == "value"
    assert mismatch(TEXT, pa.array([8001]), untyped=True).kind == "type"


def test_dates_that_a_json_reader_took_for_timestamps() -> None:
    assert cast(DATE, pa.array([dt.datetime(2026, 1, 31)]), untyped=True) == [dt.date(2026, 1, 31)]
    assert mismatch(DATE, pa.array([dt.datetime(2026, 1, 31, 1)]), untyped=True).kind == "value"


def test_objects_become_maps_when_the_source_could_not_tell() -> None:
    rows = pa.array([{"a": 1}, None, {"b": 2}, {}])
    assert cast(MapOf(TEXT, LONG, True), rows, untyped=True) == [[("a", 1)], None, [("b", 2)], []]


@pytest.mark.parametrize("text", ["0." + "0" * 60 + "1", "0." + "0" * 39 + "1", "1e-61", ".001", "1E-3"])
def test_what_is_too_small_for_a_decimal_is_refused_and_no_zero(text: str) -> None:
    assert mismatch(Decimal(9, 2), pa.array([text]), untyped=True).kind == "value"


@given(
    st.from_regex(r"[+-]?[0-9]{1,38}(\.[0-9]{0,38})?[eE][+-]?[0-9]{1,3}", fullmatch=True),
    st.sampled_from([Decimal(9, 2), Decimal(38, 0), Decimal(38, 38), Decimal(18, 6)]),
)
@example("12121212121212121212e34", Decimal(38, 0))
@example("1e-105", Decimal(9, 2))
@settings(deadline=None)
def test_an_exponent_says_the_very_number_or_is_refused(text: str, kind: Decimal) -> None:
    number = Number(text)
    whole = number.scaleb(kind.scale, Context(prec=400))
    fits = number == 0 or (whole == whole.to_integral_value() and abs(whole) < Number(10) ** kind.precision)
    fits = fits and not re.match(r"[+-]?0[0-9]", text)
    beside = pa.array(["0.0", text, None])
    if fits:
        assert cast(kind, beside, untyped=True) == [0, number, None]
    else:
        assert mismatch(kind, beside, untyped=True).kind == "value"


@pytest.mark.parametrize("value", [1e-7, 1.2e-61, 1.5e20, 12345678901234567890e19])
def test_a_float_becomes_the_decimal_that_its_shortest_text_says_or_is_refused(value: float) -> None:
    for kind in (Decimal(38, 10), Decimal(38, 0), Decimal(9, 2)):
        whole = Number(repr(value)).scaleb(kind.scale, Context(prec=400))
        if whole == whole.to_integral_value() and abs(whole) < Number(10) ** kind.precision:
            assert cast(kind, pa.array([value, None]), untyped=True) == [Number(repr(value)), None]
        else:
            assert mismatch(kind, pa.array([value, None]), untyped=True).kind == "value"


@example(sign="", whole="0", fraction="0" * 38)
@example(sign="-", whole="0", fraction="0" * 37 + "1")
@example(sign="-", whole="00", fraction="0" * 37 + "1")
@given(
    st.sampled_from(["", "-", "+"]),
    DIGITS.map(lambda digits: digits.lstrip("0") or "0"),
    DIGITS.map(lambda digits: digits[:38]),
)
@settings(deadline=None)
def test_text_becomes_the_very_decimal_it_says_or_is_refused(sign: str, whole: str, fraction: str) -> None:
    text = f"{sign}{whole}.{fraction}"
    fits = len(whole.lstrip("0")) + len(fraction) <= 38 and (whole == "0" or not whole.startswith("0"))
    kind = Decimal(38, len(fraction))
    if fits:
        assert cast(kind, pa.array([text]), untyped=True) == [Number(text)]
    else:
        assert mismatch(kind, pa.array([text]), untyped=True).kind == "value"
