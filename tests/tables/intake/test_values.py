"""Python's values in rows: what goes in comes out equal, or is refused with its column and row."""

from __future__ import annotations

import datetime as dt
import decimal
import enum
import math
import uuid
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_platform.errors import DataPlatformError, SchemaMismatch, UnreadableData
from data_platform.spec.casting.cast import Caster
from data_platform.spec.schema.arrow import from_arrow
from data_platform.spec.schema.types import (
    DataType,
    Decimal,
    Kind,
    ListOf,
    MapOf,
    Primitive,
    SchemaColumn,
    Struct,
    TableSchema,
)
from data_platform.tables.intake import open_data
from tests.hypothesis_lanes import examples

D = decimal.Decimal
LOCAL = dt.datetime(2026, 7, 1, 9, 30)
ZURICH = LOCAL.replace(tzinfo=ZoneInfo("Europe/Zurich"))
NANOS = pd.Timestamp("2026-01-01 00:00:00.123456789")
PLUS_TWO = dt.timezone(dt.timedelta(hours=2))


def taken(data: Any, kind: DataType | None = None, *, pii: bool = False) -> list[Any]:
    """The values of the column `v` as a publish takes them."""
    contract = None if kind is None else TableSchema((SchemaColumn("v", kind, tags=("pii",) if pii else ()),))
    opened = open_data(data, contract)
    schema = contract or from_arrow(opened.schema)
    caster = Caster(schema, opened.schema, "p.t", untyped=opened.untyped)
    return pa.Table.from_batches([caster.cast(batch) for batch in opened.batches], caster.target)["v"].to_pylist()


def rows(*values: Any) -> list[dict[str, Any]]:
    return [{"v": value} for value in values]


class Colour(enum.Enum):
    RED = "red"


class Word(enum.StrEnum):
    RED = "red"


class Number(enum.IntEnum):
    ONE = 1


class Loud(str):
    def __str__(self) -> str:
        return "LOUD"


SAME: dict[str, tuple[tuple[Any, ...], list[Any]]] = {
    "whole and floating numbers": ((1, 2.5, None), [1.0, 2.5, None]),
    "beyond 64 bits": ((2**64, -1), [D(2**64), D(-1)]),
    "decimals and whole numbers": ((D("1.5"), 1), [D("1.5"), D(1)]),
    "decimals of several scales": ((D("1.5"), D("2.555"), D("1E+3")), [D("1.5"), D("2.555"), D(1000)]),
    "NaN is no null": ((1.5, None), [1.5, None]),
    "members that are text or numbers": ((Word.RED,), ["red"]),
    "numbers with names": ((Number.ONE,), [1]),
    "text of a subclass": ((Loud("quiet"),), ["quiet"]),
    "bytes in any form": ((b"a", bytearray(b"b"), memoryview(b"c")), [b"a", b"b", b"c"]),
    "numpy's numbers": ((np.int8(1), np.uint64(2**64 - 1)), [D(1), D(2**64 - 1)]),
    "numpy's small floats": ((np.float32(0.5), np.float16(0.25)), [0.5, 0.25]),
    "numpy's truth values and text": ((np.bool_(True),), [True]),
    "numpy's days": ((np.datetime64("2026-01-31"), dt.date(2026, 2, 1)), [dt.date(2026, 1, 31), dt.date(2026, 2, 1)]),
    "numpy's moments": ((np.datetime64("2026-01-31T00:00:00.123456000"),), [dt.datetime(2026, 1, 31, 0, 0, 0, 123456)]),
    "numpy's arrays": ((np.array([[1, 2]]), [[3]]), [[[1, 2]], [[3]]]),
    "what pandas misses": ((1, pd.NA, pd.NaT, np.datetime64("NaT"), None), [1, None, None, None, None]),
    "instants of several zones": ((ZURICH, LOCAL.replace(tzinfo=dt.UTC)), [ZURICH, LOCAL.replace(tzinfo=dt.UTC)]),
    "pandas' moments": ((pd.Timestamp("2026-01-01"), None), [dt.datetime(2026, 1, 1), None]),
    "lists and tuples": (([1], (2, None), None, []), [[1], [2, None], None, []]),
    "objects": (({"a": 1}, {"b": "x"}, None), [{"a": 1, "b": None}, {"a": None, "b": "x"}, None]),
}


@pytest.mark.parametrize("case", SAME)
def test_values_of_one_kind(case: str) -> None:
    values, expected = SAME[case]
    assert taken(rows(*values)) == expected


REFUSED: dict[str, tuple[tuple[Any, ...], str]] = {
    "local times and instants": ((LOCAL, ZURICH), "v: an instant in row 2, and a local time in row 1"),
    "instants and local times": ((None, ZURICH, LOCAL), "v: a local time in row 3, and an instant in row 2"),
    "dates and times": ((dt.date(2026, 1, 1), LOCAL), "v: a local time in row 2, and a date in row 1"),
    "times and dates": ((LOCAL, dt.date(2026, 1, 1)), "v: a date in row 2, and a local time in row 1"),
    "a time with an offset": ((dt.time(9), dt.time(9, tzinfo=PLUS_TWO)), "row 2 is a time with an offset"),
    "nanoseconds": ((None, NANOS), "row 2 has nanoseconds"),
    "numpy's nanoseconds": ((np.datetime64("2026-01-01T00:00:00.000000001"),), "row 1 has nanoseconds"),
    "numpy's year 10000": ((np.datetime64("10000-01-01"),), "row 1 lies outside the years 1 to 9999"),
    "an instant beyond the last in UTC": (
        (dt.datetime.max.replace(tzinfo=dt.timezone(-dt.timedelta(hours=2))),),
        "row 1",
    ),
    "truth values and numbers": ((1, True), "v: a truth value in row 2, and a whole number in row 1"),
    "text and bytes": (("a", b"a"), "v: bytes in row 2, and text in row 1"),
    "decimals and floats": ((D("1.5"), 1.5), "v: a float in row 2, and a decimal in row 1"),
    "a number too large for a float": ((0.5, 2**53 + 1), "row 2 is a whole number that no float holds exactly"),
    "no finite decimal": ((D(1), D("NaN")), "row 2 is not finite"),
    "an infinite decimal": ((D("-Infinity"),), "row 1 is not finite"),
    "80 digits": ((1, 10**80), "row 2 needs, with the rows before it, more than 76 digits"),
    "5,000 digits": ((10**5000,), "row 1"),
    "39 digits": ((2**127,), "39"),
    "half a character": (("a", "\ud800"), "'\\ud800' in row 2 holds half a character"),
    "half a character inside": (({"a": ["b"]}, {"a": ["c\udfff"]}), "v.a.element: 'c\\udfff' in row 2 holds half"),
    "half a character in a key": (({"a": 1}, {"b\ud800": 1}), "row 2 has a key that holds half a character"),
    "an enum": ((Colour.RED,), "row 1 is a member of an enum"),
    "a set": (({1, 2},), "row 1 is a set"),
    "a complex number": ((1j,), "row 1 is of type complex, which no column type supports"),
    "a long double": ((np.longdouble("0.1"),), "row 1 is a float of more digits"),
    "a period": ((pd.Period("2026-01"),), "row 1 is of type pandas.Period"),
    "a duration": ((dt.timedelta(1),), "row 1 is a duration, which no column type supports"),
    "keys that are no text": (({1: 2},), "row 1 has a key that is an int, not text"),
    "lists beside objects": (({"a": 1}, [1]), "v: a list in row 2, and an object in row 1"),
    "deep inside": (
        ({"a": [{"b": 1}]}, {"a": [{"b": "x"}]}),
        "v.a.element.b: text in row 2, and a whole number in row 1",
    ),
    "deep inside, one value": (({"a": [dt.time(9, tzinfo=PLUS_TWO)]},), "v.a.element: datetime.time"),
    "an object of the team's": ((object(),), "row 1 is of type object, which no column type supports"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_column(case: str) -> None:
    values, message = REFUSED[case]
    with pytest.raises(SchemaMismatch) as refused:
        taken(rows(*values))
    assert message in str(refused.value)


def test_a_value_that_holds_itself() -> None:
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(UnreadableData, match="nested too deeply"):
        taken(rows(endless))


def test_names_of_columns_are_text() -> None:
    with pytest.raises(SchemaMismatch, match="1: the column's name is of type int, not text"):
        taken([{"v": 1, 1: 2}])


def test_a_protected_value_is_not_shown() -> None:
    for kind, value in ((Primitive(Kind.TIMESTAMP), NANOS), (Decimal(5, 2), D("Infinity"))):
        assert repr(value) not in refusal(rows(value), kind, pii=True)
        assert repr(value) in refusal(rows(value), kind)


def refusal(data: Any, kind: DataType, *, pii: bool = False) -> str:
    with pytest.raises(SchemaMismatch) as refused:
        taken(data, kind, pii=pii)
    return str(refused.value)


def test_the_contract_makes_maps_of_dicts_and_of_pairs() -> None:
    numbers = MapOf(Primitive(Kind.STRING), Primitive(Kind.LONG))
    assert taken(rows({"a": 1, "b": None}, None, {}), numbers) == [[("a", 1), ("b", None)], None, []]
    assert taken(rows([("a", 1)], []), numbers) == [[("a", 1)], []]
    assert taken(rows({1: "a"}), MapOf(Primitive(Kind.LONG), Primitive(Kind.STRING))) == [[(1, "a")]]
    assert "row 2 has the same key twice" in refusal(rows([], [("a", 1), ("a", 2)]), numbers)
    assert "v.value: text in row 3" in refusal(rows({"a": 1}, None, {"b": "x"}), numbers)


def test_the_contract_makes_decimals_of_floats_by_their_shortest_digits() -> None:
    assert taken(rows(0.1, 10**17 + 1, D("2.5")), Decimal(38, 2)) == [D("0.10"), D(10**17 + 1), D("2.50")]
    assert "0.125" in refusal(rows(0.125), Decimal(38, 2))


def test_an_iterator_is_drawn_a_batch_at_a_time() -> None:
    drawn = []

    def numbers() -> Any:
        for number in range(300_000):
            drawn.append(number)
            yield {"v": number}

    contract = TableSchema((SchemaColumn("v", Primitive(Kind.LONG)),))
    opened = open_data(numbers(), contract)
    next(iter(opened.batches))
    assert len(drawn) < 200_000
    assert taken(numbers(), Primitive(Kind.LONG)) == list(range(300_000))
    odd = ({"v": "x" if number == 200_000 else number} for number in range(200_001))
    assert "row 200,001" in refusal(odd, Primitive(Kind.LONG))


def test_what_an_iterator_raises_is_the_callers_own() -> None:
    def failing() -> Any:
        yield {"v": 1}
        raise ZeroDivisionError("in the team's own code")

    with pytest.raises(ZeroDivisionError):
        taken(failing())


scalars: dict[DataType, st.SearchStrategy[Any]] = {
    Primitive(Kind.BOOLEAN): st.booleans(),
    Primitive(Kind.LONG): st.integers(-(2**63), 2**63 - 1),
    Primitive(Kind.DOUBLE): st.floats(width=64),
    Primitive(Kind.STRING): st.text(),
    Primitive(Kind.BINARY): st.binary(),
    Primitive(Kind.DATE): st.dates(),
    Primitive(Kind.TIME): st.times(),
    Primitive(Kind.TIMESTAMP): st.datetimes(),
    Primitive(Kind.TIMESTAMPTZ): st.datetimes(
        dt.datetime(2, 1, 1),
        dt.datetime(9998, 1, 1),
        timezones=st.sampled_from([dt.UTC, PLUS_TWO, ZoneInfo("Asia/Tokyo")]),
    ),
    Decimal(38, 10): st.decimals(-(10**20), 10**20, places=10),
}
ANYTHING = st.one_of(
    *scalars.values(), st.integers(), st.decimals(), st.timedeltas(), st.uuids(), st.times(timezones=st.timezones())
)


def nested(
    kind: DataType, values: st.SearchStrategy[Any]
) -> st.SearchStrategy[tuple[DataType, st.SearchStrategy[Any]]]:
    maybe = st.none() | values
    return st.sampled_from(
        [
            (kind, values),
            (ListOf(kind), st.lists(maybe, max_size=3)),
            (
                Struct((SchemaColumn("a", kind), SchemaColumn("b", ListOf(kind)))),
                st.fixed_dictionaries({"a": maybe, "b": st.lists(maybe, max_size=2)}),
            ),
            (MapOf(Primitive(Kind.STRING), kind), st.dictionaries(st.text(max_size=3), maybe, max_size=2)),
            (ListOf(ListOf(kind)), st.lists(st.none() | st.lists(maybe, max_size=2), max_size=2)),
        ]
    )


def equal(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return (math.isnan(one) and math.isnan(other)) or (
            one == other and math.copysign(1, one) == math.copysign(1, other)
        )
    if isinstance(one, dict) and isinstance(other, list):
        return equal([list(pair) for pair in one.items()], [list(pair) for pair in other])
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(equal(one[name], other[name]) for name in one)
    if isinstance(one, list | tuple) and isinstance(other, list):
        return len(one) == len(other) and all(map(equal, one, other))
    if isinstance(one, dt.datetime) and one.tzinfo is not None and isinstance(other, dt.datetime):
        return one.astimezone(dt.UTC) == other.astimezone(dt.UTC)  # a repeated hour equals nothing in another zone
    return bool(one == other) and (one is None) == (other is None)


@pytest.mark.parametrize(("fold", "hour"), [(0, 14), (1, 15)])
def test_a_moment_in_a_repeated_hour_is_the_one_that_its_fold_means(fold: int, hour: int) -> None:
    moment = dt.datetime(1951, 9, 9, fold=fold, tzinfo=ZoneInfo("Asia/Tokyo"))
    assert taken(rows(moment), Primitive(Kind.TIMESTAMPTZ)) == [dt.datetime(1951, 9, 8, hour, tzinfo=dt.UTC)]


@given(st.data())
@settings(max_examples=examples(200), deadline=None)
def test_what_goes_in_under_a_contract_comes_out(data: st.DataObject) -> None:
    kind, values = data.draw(st.sampled_from(list(scalars.items())).flatmap(lambda item: nested(*item)))
    given_values = data.draw(st.lists(st.none() | values, min_size=1, max_size=5))
    assert equal(given_values, taken(rows(*given_values), kind))


@given(
    st.lists(
        st.none() | st.recursive(ANYTHING, lambda inner: st.lists(inner, max_size=3), max_leaves=4),
        min_size=1,
        max_size=4,
    )
)
@settings(max_examples=examples(300), deadline=None)
def test_what_goes_in_without_a_contract_comes_out_or_is_refused(values: list[Any]) -> None:
    try:
        found = taken(rows(*values))
    except DataPlatformError:
        return
    plain = [str(value) if isinstance(value, uuid.UUID) else value for value in values]
    assert equal(plain, found) or any(isinstance(value, list) for value in values)


@pytest.mark.parametrize("value", [16777217.0, 1e-50, 1 / 3, 1e300, np.float64(1 / 3)], ids=repr)
def test_a_float_that_is_no_32_bit_float_is_refused_at_any_depth(value: float) -> None:
    float32 = Primitive(Kind.FLOAT)
    cases: list[tuple[Any, DataType]] = [
        (value, float32),
        ([None, value], ListOf(float32)),
        ({"x": value}, Struct((SchemaColumn("x", float32),))),
        ({"k": value}, MapOf(Primitive(Kind.STRING), float32)),
    ]
    for shape, kind in cases:
        with pytest.raises(SchemaMismatch, match=r"in row 2 does not fit .*is not exactly a 32-bit float"):
            taken(rows(None, shape), kind)


@given(st.lists(st.none() | st.floats(width=32)))
def test_a_32_bit_float_is_taken_as_it_is(values: list[float | None]) -> None:
    assert repr(taken(rows(*values), Primitive(Kind.FLOAT))) == repr(values)
