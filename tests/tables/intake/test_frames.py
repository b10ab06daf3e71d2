"""Frames of other libraries: their types are read exactly, or refused by column, type and row."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_platform.errors import DataPlatformError, SchemaMismatch, UnreadableData
from data_platform.spec.casting.cast import Caster
from data_platform.spec.schema.arrow import from_arrow
from data_platform.spec.schema.types import Kind, Primitive, SchemaColumn, TableSchema
from data_platform.tables.intake import open_data
from tests.hypothesis_lanes import examples

PLUS_TWO = dt.timezone(dt.timedelta(hours=2))


def taken(data: Any, contract: TableSchema | None = None) -> list[Any]:
    """The first column's values as a publish takes them."""
    opened = open_data(data, contract)
    try:
        schema = contract or from_arrow(opened.schema)
        caster = Caster(schema, opened.schema, "p.t", untyped=opened.untyped)
        return pa.Table.from_batches([caster.cast(batch) for batch in opened.batches], caster.target)["v"].to_pylist()
    finally:
        opened.close()


def refusal(data: Any, contract: TableSchema | None = None) -> str:
    with pytest.raises((SchemaMismatch, UnreadableData)) as refused:
        taken(data, contract)
    return str(refused.value)


POLARS: dict[str, tuple[pl.Series, list[Any] | str]] = {
    "categories": (pl.Series(["a", None], dtype=pl.Categorical), ["a", None]),
    "an enum": (pl.Series(["b", "a"], dtype=pl.Enum(["a", "b"])), ["b", "a"]),
    "categories in lists": (pl.Series([["a", None], None], dtype=pl.List(pl.Categorical)), [["a", None], None]),
    "categories in structs": (pl.Series([{"c": "a"}], dtype=pl.Struct({"c": pl.Categorical})), [{"c": "a"}]),
    "decimals": (pl.Series([Decimal("1.5"), None]), [Decimal("1.5"), None]),
    "128 bits": (pl.Series([2**100, None, -5], dtype=pl.Int128), [Decimal(2**100), None, Decimal(-5)]),
    "128 bits, 39 digits": (pl.Series([2**127 - 1], dtype=pl.Int128), "39"),
    "128 bits without a sign": (pl.Series([2**127 + 5], dtype=pl.UInt128), "39"),
    "128 bits in lists": (pl.Series([[5]], dtype=pl.List(pl.Int128)), "v.element: is polars' Int128 inside"),
    "objects": (pl.Series([object()], dtype=pl.Object), "v: is polars' Object"),
    "durations": (pl.Series([dt.timedelta(1)]), "v: no column can hold Arrow's duration[us]"),
    "nanoseconds": (pl.Series([1_001], dtype=pl.Datetime("ns")), "in row 1 does not fit timestamp"),
    "whole microseconds": (pl.Series([1_000], dtype=pl.Datetime("ns")), [dt.datetime(1970, 1, 1, 0, 0, 0, 1)]),
    "times": (pl.Series([dt.time(1, 2, 3, 4)]), [dt.time(1, 2, 3, 4)]),
    "arrays": (pl.Series([[1, 2]], dtype=pl.Array(pl.Int64, 2)), [[1, 2]]),
    "half floats": (pl.Series([0.5], dtype=pl.Float16), [0.5]),
    "nothing but null": (pl.Series([None]), "holds nothing but null"),
}


@pytest.mark.parametrize("case", POLARS)
def test_polars(case: str) -> None:
    series, expected = POLARS[case]
    frame = pl.DataFrame({"v": series})
    for data in (frame, frame.lazy()):
        if isinstance(expected, str):
            assert expected in refusal(data)
        else:
            assert taken(data) == expected


def objects(*values: Any) -> pd.Series[Any]:
    return pd.Series(values, dtype=object)


PANDAS: dict[str, tuple[Any, list[Any] | str]] = {
    "numbers with nulls": (pd.array([1, None], dtype="Int64"), [1, None]),
    "truth values with nulls": (pd.array([True, None], dtype="boolean"), [True, None]),
    "floats, NaN is null": ([1.5, np.nan], [1.5, None]),
    "text": (["a", None], ["a", None]),
    "categories": (pd.Categorical(["a", None, "b"]), ["a", None, "b"]),
    "categories of numbers": (pd.Categorical([2, 1]), [2, 1]),
    "categories of several types": (pd.Categorical([1, "a"]), "v: text in row 2, and a whole number in row 1"),
    "categories of periods": (pd.Categorical(pd.period_range("2026-01", periods=2, freq="M")), "pandas.period"),
    "sparse": (pd.arrays.SparseArray([0, 1]), [0, 1]),
    "periods": (
        pd.period_range("2026-01", periods=2, freq="M"),
        "v: is pandas' period[M], which no column type supports",
    ),
    "intervals": (pd.interval_range(0, 2), "v: is pandas' interval[int64, right], which no column type supports"),
    "complex": ([1j], "v: is pandas' complex128, which no column type supports"),
    "durations": (pd.to_timedelta([1], unit="s"), "v: no column can hold Arrow's duration"),
    "zones": (pd.to_datetime(["2026-01-01"]).tz_localize("Etc/GMT-2"), [dt.datetime(2026, 1, 1, tzinfo=PLUS_TWO)]),
    "nanoseconds": (pd.to_datetime(["2026-01-01 00:00:00.000000001"]), "in row 1 does not fit timestamp"),
    "decimals": (objects(Decimal("1.5"), Decimal("2.55"), None), [Decimal("1.50"), Decimal("2.55"), None]),
    "dates": (objects(dt.date(2026, 1, 1), None, pd.NaT), [dt.date(2026, 1, 1), None, None]),
    "lists": (objects([1, 2], None), [[1, 2], None]),
    "large numbers": (objects(2**70), [Decimal(2**70)]),
    "numbers and text": (objects(1.5, 2.5, "1,234.50"), "v: text in row 3, and a float in row 1"),
    "numbers and truth values": (objects(1, True), "v: a truth value in row 2, and a whole number in row 1"),
    "dates and times": (objects(dt.date(2026, 1, 1), dt.datetime(2026, 1, 1, 9)), "v: a local time in row 2"),
    "zones and none": (
        objects(dt.datetime(2026, 1, 1), dt.datetime(2026, 1, 1, tzinfo=PLUS_TWO)),
        "v: an instant in row 2",
    ),
    "times with an offset": (objects(dt.time(9, tzinfo=PLUS_TWO)), "row 1 is a time with an offset"),
    "moments with nanoseconds": (objects(pd.Timestamp("2026-01-01 00:00:00.000000001")), "row 1 has nanoseconds"),
    "periods as objects": (objects(pd.Period("2026-01")), "row 1 is of type pandas.Period"),
    "objects inside": (objects({"a": 1}, {"a": "x"}), "v.a: text in row 2, and a whole number in row 1"),
}


@pytest.mark.parametrize("case", PANDAS)
def test_pandas(case: str) -> None:
    values, expected = PANDAS[case]
    frame = pd.DataFrame({"v": values})
    if isinstance(expected, str):
        assert expected in refusal(frame)
    else:
        assert taken(frame) == expected


def test_pandas_names_are_text_and_differ() -> None:
    assert "two columns are named 'a'" in refusal(pd.DataFrame([[1, 2]], columns=["a", "a"]))
    assert "the column 1 is not named by text" in refusal(pd.DataFrame([[1, 2]], columns=["v", 1]))
    levels = pd.MultiIndex.from_tuples([("a", "b"), ("a", "c")])
    assert "the column ('a', 'b') is not named by text" in refusal(pd.DataFrame([[1, 2]], columns=levels))
    assert "v" in refusal(pd.DataFrame({"v": [1]}, index=pd.Index([1], name="v")))


HALF = "x\udc80"
HALVES: dict[str, tuple[Any, str]] = {
    "a name of dicts": (
        [{"v": 1}, {HALF: 1}],
        '"x\\udc80": the column\'s name, first in row 2, holds half a character',
    ),
    "a name of an iterator": (
        iter([{"v": 1}, {HALF: 1}]),
        '"x\\udc80": the column\'s name, first in row 2, holds half',
    ),
    "a key inside": ([{"v": {"a": {HALF: 1}}}], "v.a: a value in row 1 has a key that holds half a character"),
    "text of pandas": (pd.DataFrame({"v": pd.Series(["a", HALF], dtype=object)}), "v: 'x\\udc80' in row 2 holds half"),
    "text of pandas' own": (
        pd.DataFrame({"v": pd.Series(["a", HALF], dtype=pd.StringDtype("python"))}),
        "v: 'x\\udc80' in row 2 holds half a character",
    ),
    "a name of pandas": (
        pd.DataFrame([[1]], columns=pd.Index([HALF], dtype=object)),
        'the name of the column "x\\udc80" holds half a character',
    ),
    "a name of an index": (
        pd.DataFrame({"a": [1]}, index=pd.Index([1], name=HALF)),
        'the name of the column "x\\udc80" holds half a character',
    ),
    "text of an index": (
        pd.DataFrame({"a": [1, 2]}, index=pd.Index(["a", HALF], name="v", dtype=object)),
        "v: the value in row 2 holds half a character",
    ),
    "text of Arrow": (
        pa.table({"v": pa.array([b"a", b"x\xed\xb2\x80"]).view(pa.string())}),
        "v: b'x\\xed\\xb2\\x80' in row 2 does not fit string: it is not valid UTF-8 text",
    ),
    "text of Arrow's dictionaries": (
        pa.table(
            {"v": pa.DictionaryArray.from_arrays([1, 0, 2], pa.array([b"a", b"b", b"\xed\xb2\x80"]).view(pa.string()))}
        ),
        "v: a value in row 3 does not fit string: it is not valid UTF-8 text",
    ),
    "a name of Arrow": (
        pa.table([pa.array([1])], schema=pa.schema([pa.field(b"x\xed\xb2\x80", pa.int64())])),
        "the table cannot be read: a name in it is not valid UTF-8 text",
    ),
    "NUL in a name of polars": (pl.DataFrame({"a\0b": [1]}), "a\\x00b: the column's name holds the character NUL"),
    "NUL in a name inside": (pl.DataFrame({"v": [{"a\0b": 1}]}), "v.a\\x00b: the column's name holds"),
}
"""Texts that UTF-8 cannot write."""


@pytest.mark.parametrize("case", HALVES)
def test_half_a_character_is_refused_with_its_column_and_row(case: str) -> None:
    data, message = HALVES[case]
    assert message in refusal(data)


def test_all_columns_of_pandas_are_judged_at_once() -> None:
    message = refusal(pd.DataFrame({"a": objects(1, "x"), "v": [1, 2], "b": objects(1, b"x")}))
    assert "a: text in row 2" in message and "b: bytes in row 2" in message


DUCKDB: dict[str, list[Any] | str] = {
    "TIMETZ '09:30:00+02'": "v: is DuckDB's TIME WITH TIME ZONE",
    "[TIMETZ '09:30:00+02']": "is DuckDB's TIME WITH TIME ZONE",
    "'1010'::BIT": "v: is DuckDB's BIT",
    "INTERVAL 1 DAY": "v: is DuckDB's INTERVAL",
    "1234567890123456789012345678901234567890::BIGNUM": "v: is DuckDB's BIGNUM",
    "union_value(num := 2)": "v: is DuckDB's UNION",
    "{'u': union_value(num := 2)}": "v.u: is DuckDB's UNION",
    "{'a': 1}::VARIANT": "v: is DuckDB's VARIANT",
    "'99999999999999999999999999999999999999'::HUGEINT": [Decimal(10**38 - 1)],
    "'170141183460469231731687303715884105727'::HUGEINT": f"('{2**127 - 1}') in row 1 does not fit decimal(38,0)",
    "'-170141183460469231731687303715884105727'::HUGEINT": "in row 1 does not fit decimal(38,0)",
    "5::UHUGEINT": [Decimal(5)],
    "'100000000000000000000000000000000000000'::UHUGEINT": "in row 1 does not fit decimal(38,0)",
    "'340282366920938463463374607431768211455'::UHUGEINT": "a number in row 1 has more than 38 digits",
    "[5::UHUGEINT]": "is DuckDB's UHUGEINT",
    "'infinity'::DATE": "infinity in row 1 does not fit date",
    "'-infinity'::TIMESTAMPTZ": "-infinity in row 1 does not fit timestamptz",
    "'infinity'::TIMESTAMP_S": "infinity in row 1 does not fit timestamp",
    "'infinity'::TIMESTAMP_NS": "infinity in row 1 does not fit timestamp",
    "DATE '0044-03-15 (BC)'": "in row 1 does not fit date",
    "['infinity'::DATE]": "in row 1 does not fit list<date>",
    "TIME '24:00:00'": "24:00:00 in row 1 does not fit time",
    "TIME_NS '09:30:00.000000001'": "in row 1 does not fit time",
    "TIMESTAMP_NS '2026-01-01 00:00:00.000000001'": "in row 1 does not fit timestamp",
    "TIMESTAMP_MS '2026-01-01 00:00:00.5'": [dt.datetime(2026, 1, 1, 0, 0, 0, 500_000)],
    "'b'::ENUM('a', 'b')": ["b"],
    "MAP{'a': 1, 'b': NULL}": [[("a", 1), ("b", None)]],
    "'7e57d004-2b97-0e7a-b45f-5387367791cd'::UUID": ["7e57d004-2b97-0e7a-b45f-5387367791cd"],
    "18446744073709551615::UBIGINT": [Decimal(2**64 - 1)],
    "[1, 2]::INTEGER[2]": [[1, 2]],
}


@pytest.mark.parametrize("expression", DUCKDB)
def test_duckdb_and_its_connection_afterwards(expression: str) -> None:
    expected = DUCKDB[expression]
    with duckdb.connect() as connection:
        relation = connection.sql(f"SELECT {expression} AS v")
        if isinstance(expected, str):
            assert expected in refusal(relation)
        else:
            assert taken(relation) == expected
        assert connection.sql("SELECT 1").fetchall() == [(1,)]


def test_a_number_that_is_too_large_is_found_in_its_row() -> None:
    with duckdb.connect() as connection:
        rows = "SELECT CASE WHEN i = 140000 THEN 2::DOUBLE ** 127 ELSE i END::UHUGEINT AS v"
        assert "row 140,001" in refusal(connection.sql(f"{rows} FROM range(150000) r(i)"))


BOOL8 = pa.ExtensionArray.from_storage(pa.bool8(), pa.array([1, 0, None, 2, -1], pa.int8()))


def extension(name: str, storage: pa.DataType) -> pa.DataType:
    class Ours(pa.ExtensionType):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__(storage, name)

        def __arrow_ext_serialize__(self) -> bytes:
            return b""

    return Ours()


ARROW: dict[str, tuple[pa.Array, list[Any] | str]] = {
    "dictionary": (pa.array(["a", None]).dictionary_encode(), ["a", None]),
    "dictionary of views": (
        pa.DictionaryArray.from_arrays(pa.array([0, None]), pa.array(["a"], pa.string_view())),
        ["a", None],
    ),
    "dictionary with a null": (pa.DictionaryArray.from_arrays(pa.array([0, 1]), pa.array(["a", None])), ["a", None]),
    "run ends": (pa.RunEndEncodedArray.from_arrays([2, 3], ["a", "b"]), ["a", "a", "b"]),
    "views": (pa.array([b"a"], pa.binary_view()), [b"a"]),
    "large": (pa.array([["a"]], pa.large_list(pa.large_string())), [["a"]]),
    "list views": (pa.array([[1], None], pa.list_view(pa.int64())), [[1], None]),
    "half floats": (pa.array([np.float16(0.5)], pa.float16()), [0.5]),
    "decimal32": (pa.array([Decimal("1.5")], pa.decimal32(5, 2)), [Decimal("1.50")]),
    "decimal256": (pa.array([Decimal("1.5")], pa.decimal256(38, 2)), [Decimal("1.50")]),
    "decimal256, too wide": (
        pa.array([Decimal(10**40)], pa.decimal256(41, 0)),
        "v: no column can hold Arrow's decimal256(41, 0)",
    ),
    "seconds": (pa.array([1], pa.timestamp("s")), [dt.datetime(1970, 1, 1, 0, 0, 1)]),
    "intervals": (
        pa.array([(1, 2, 3)], pa.month_day_nano_interval()),
        "v: no column can hold Arrow's month_day_nano_interval",
    ),
    "null": (pa.nulls(1), "holds nothing but null"),
    "uuid": (pa.array([b"0123456789abcdef"], pa.binary(16)).cast(pa.uuid()), ["30313233-3435-3637-3839-616263646566"]),
    "bool8": (BOOL8, [True, False, None, True, True]),
    "bool8 in a list": (pa.ListArray.from_arrays([0, 1, 5], BOOL8), [[True], [False, None, True, True]]),
    "bool8 in a struct": (pa.StructArray.from_arrays([BOOL8[:2]], ["x"]), [{"x": True}, {"x": False}]),
    "bool8 in a dictionary": (pa.DictionaryArray.from_arrays([1, 0], BOOL8[:2]), [False, True]),
    "json": (pa.array(['{"a": 1}', None]).cast(pa.json_()), ['{"a": 1}', None]),
    "a tensor": (
        pa.ExtensionArray.from_storage(
            pa.fixed_shape_tensor(pa.int32(), [2]), pa.array([[1, 2]], pa.list_(pa.int32(), 2))
        ),
        "v: is of Arrow's extension type arrow.fixed_shape_tensor",
    ),
    "opaque": (
        pa.ExtensionArray.from_storage(pa.opaque(pa.binary(), "bits", "DuckDB"), pa.array([b"a"])),
        "v: is of Arrow's extension type arrow.opaque",
    ),
    "a type of the team's": (
        pa.ExtensionArray.from_storage(extension("team.period", pa.int64()), pa.array([1])),
        "v: is of Arrow's extension type team.period, which no column type supports",
    ),
}


@pytest.mark.parametrize("case", ARROW)
def test_arrow(case: str) -> None:
    array, expected = ARROW[case]
    table = pa.table({"v": array})
    for data in (table, table.to_reader(), pa.record_batch({"v": array})):
        if isinstance(expected, str):
            assert expected in refusal(data)
        else:
            assert taken(data) == expected


@pytest.mark.parametrize(("kind", "word"), [(Kind.LONG, "long"), (Kind.STRING, "string"), (Kind.DOUBLE, "double")])
def test_an_extension_is_refused_by_name_where_the_contract_says_otherwise(kind: Kind, word: str) -> None:
    contract = TableSchema((SchemaColumn("v", Primitive(kind)),))
    assert f"v: is Arrow's bool8, a truth value, and the contract says {word}" in refusal(
        pa.table({"v": BOOL8}), contract
    )
    if kind is not Kind.STRING:
        uuids = pa.array([b"0123456789abcdef"], pa.binary(16)).cast(pa.uuid())
        assert f"v: is Arrow's uuid, and the contract says {word}" in refusal(pa.table({"v": uuids}), contract)


@pytest.mark.parametrize(("name", "storage"), [("arrow.bool8", pa.int8()), ("arrow.uuid", pa.binary(16))])
def test_an_extension_that_only_metadata_names_is_refused(name: str, storage: pa.DataType) -> None:
    field = pa.field("v", storage, metadata={"ARROW:extension:name": name})
    table = pa.table([pa.nulls(1, storage)], schema=pa.schema([field]))
    assert f"v: is of Arrow's extension type {name}, by its metadata alone" in refusal(table)


def test_an_extension_is_refused_inside_other_types_too() -> None:
    opaque = pa.ExtensionArray.from_storage(pa.opaque(pa.binary(), "bits", "DuckDB"), pa.array([b"a"]))
    assert "v.item: is of Arrow's extension type arrow.opaque" in refusal(
        pa.table({"v": pa.ListArray.from_arrays([0, 1], opaque)})
    )
    marked = pa.field("v", pa.binary(), metadata={"ARROW:extension:name": "arrow.opaque"})
    assert "v: is of Arrow's extension type arrow.opaque" in refusal(
        pa.table([pa.array([b"a"])], schema=pa.schema([marked]))
    )


VALUES: dict[pa.DataType, st.SearchStrategy[Any]] = {
    pa.int8(): st.integers(-128, 127),
    pa.uint64(): st.integers(0, 2**64 - 1),
    pa.int64(): st.integers(-(2**63), 2**63 - 1),
    pa.float32(): st.floats(width=32, allow_nan=False),
    pa.float64(): st.floats(allow_nan=False),
    pa.bool_(): st.booleans(),
    pa.large_string(): st.text(),
    pa.string_view(): st.text(),
    pa.binary_view(): st.binary(),
    pa.decimal128(20, 5): st.decimals(-(10**10), 10**10, places=5),
    pa.date32(): st.dates(),
    pa.timestamp("us"): st.datetimes(),
    pa.timestamp("ms", "Europe/Zurich"): st.datetimes(dt.datetime(2, 1, 1), dt.datetime(9998, 1, 1)).map(
        lambda moment: moment.replace(microsecond=0, tzinfo=dt.UTC)
    ),
    pa.time32("s"): st.times().map(lambda time: time.replace(microsecond=0)),
}


@given(st.data())
@settings(max_examples=examples(150), deadline=None)
def test_every_reader_hands_on_what_it_was_given(data: st.DataObject) -> None:
    kind, values = data.draw(st.sampled_from(list(VALUES.items())))
    column = data.draw(st.lists(st.none() | values, min_size=1, max_size=5))
    if all(value is None for value in column):
        return
    array = pa.array(column, kind)
    if data.draw(st.booleans()):
        array = pa.StructArray.from_arrays([array, pa.ListArray.from_arrays(range(len(array) + 1), array)], ["a", "b"])
        column = [{"a": value, "b": [value]} for value in column]
    table = pa.table({"v": array})
    with duckdb.connect() as connection:
        readers = {
            "arrow": lambda: table,
            "reader": table.to_reader,
            "sliced": lambda: pa.concat_tables([table, table])[len(column) :],
            "polars": lambda: pl.from_arrow(table),
            "pandas": lambda: table.to_pandas(types_mapper=pd.ArrowDtype),
            "duckdb": lambda: connection.from_arrow(table),
        }
        for name, reader in readers.items():
            try:
                assert taken(reader()) == column, name
            except DataPlatformError:
                assert name in ("duckdb", "pandas"), name


def test_a_contract_hides_what_it_protects() -> None:
    contract = TableSchema((SchemaColumn("v", Primitive(Kind.TIMESTAMP), tags=("pii",)),))
    frame = pd.DataFrame({"v": objects(pd.Timestamp("2026-01-01 00:00:00.000000001"))})
    assert "2026" not in refusal(frame, contract)
