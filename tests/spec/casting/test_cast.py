"""The strict cast: values never change, what cannot fit is told by column and row, and nothing secret is shown."""

from __future__ import annotations

import datetime as dt
import json
import traceback
from decimal import Decimal as Number
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_platform.errors import SchemaMismatch
from data_platform.spec.casting.cast import Caster
from data_platform.spec.schema.arrow import to_arrow
from data_platform.spec.schema.types import (
    DataType,
    Decimal,
    Fixed,
    ListOf,
    MapOf,
    Primitive,
    SchemaColumn,
    Struct,
    TableSchema,
)
from tests.casting import BINARY, BOOLEAN, DATE, DOUBLE, FLOAT, INT, LONG, STAMP, STAMPTZ, TEXT, TIME, cast, mismatch
from tests.hypothesis_lanes import examples
from tests.strategies import any_names, batches, key_types, schemas


@given(st.data())
@settings(max_examples=examples(40), deadline=None)
def test_data_that_fits_comes_back_unchanged_and_uncopied(data: st.DataObject) -> None:
    schema = data.draw(schemas(any_names, key_types))
    batch = data.draw(batches(schema))
    caster = Caster(schema, batch.schema, "o")
    once = caster.cast(batch)
    once.validate(full=True)
    assert once.equals(batch)
    assert caster.cast(once).equals(once)
    for column, before, after in zip(schema, batch.columns, once.columns, strict=True):
        if isinstance(column.type, Primitive | Decimal | Fixed):
            assert [b and b.address for b in before.buffers()] == [b and b.address for b in after.buffers()]


def _disguised(kind: pa.DataType, array: pa.Array) -> list[pa.Array]:
    """The same values in other layouts."""
    if pa.types.is_string(kind):
        other: list[pa.DataType] = [pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string())]
    elif pa.types.is_binary(kind):
        other = [pa.large_binary(), pa.binary_view()]
    elif pa.types.is_list(kind):
        other = [pa.large_list(kind.value_type)]
    elif kind == pa.int32():
        other = [pa.int64(), pa.decimal128(38, 0)]
    elif pa.types.is_timestamp(kind) and kind.tz:
        other = [pa.timestamp("us", "Asia/Bangkok")]
    elif pa.types.is_decimal(kind):
        other = [pa.decimal256(kind.precision + 20, kind.scale)]
    else:
        other = []
    return [array.cast(target) for target in other]


@given(st.data())
@settings(max_examples=examples(40), deadline=None)
def test_the_same_values_in_another_layout_give_the_same_table(data: st.DataObject) -> None:
    schema = data.draw(schemas(any_names, key_types, max_size=2))
    batch = data.draw(batches(schema))
    for index, field in enumerate(batch.schema):
        for array in _disguised(field.type, batch.column(index)):
            arrays = [*batch.columns[:index], array, *batch.columns[index + 1 :]]
            other = pa.RecordBatch.from_arrays(arrays, names=batch.schema.names)
            assert Caster(schema, other.schema, "o").cast(other).equals(batch)


@given(st.data())
@settings(max_examples=examples(40), deadline=None)
def test_slices_are_cast_like_wholes_and_columns_in_any_order(data: st.DataObject) -> None:
    schema = data.draw(schemas(any_names, key_types))
    batch = data.draw(batches(schema, max_size=8))
    start = data.draw(st.integers(0, batch.num_rows))
    names = data.draw(st.permutations(batch.schema.names))
    part = batch.slice(start).select(names)
    assert Caster(schema, part.schema, "o").cast(part).to_pylist() == batch.slice(start).to_pylist()


@given(st.integers(0, 38), st.lists(st.integers(1 - 10**15, 10**15 - 1), min_size=1))
@settings(max_examples=examples(60), deadline=None)
def test_decimals_of_fifteen_digits_become_the_double_that_is_nearest(scale: int, digits: list[int]) -> None:
    numbers = [Number(digit).scaleb(-scale) for digit in digits]
    assert cast(DOUBLE, pa.array(numbers, pa.decimal128(38, scale))) == [float(number) for number in numbers]


@given(
    st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=30),
    st.sampled_from([INT, FLOAT, DOUBLE, Decimal(9, 2)]),
)
@settings(max_examples=examples(60), deadline=None)
def test_integers_fit_exactly_or_the_first_that_does_not_is_told(values: list[int], kind: DataType) -> None:
    room = {
        INT: (-(2**31), 2**31 - 1),
        FLOAT: (-(2**24), 2**24),
        DOUBLE: (-(2**53), 2**53),
        Decimal(9, 2): (1 - 10**7, 10**7 - 1),
    }
    low, high = room[kind]
    wrong = [(row, value) for row, value in enumerate(values, 1) if not low <= value <= high]
    if wrong:
        row, value = wrong[0]
        assert f"{value} in row {row} does not fit {kind}" in mismatch(kind, pa.array(values)).message
    else:
        assert cast(kind, pa.array(values)) == values


@pytest.mark.parametrize(
    ("kind", "array", "expected"),
    [
        (LONG, pa.array([1, None], pa.uint8()), [1, None]),
        (LONG, pa.array([Number(5)], pa.decimal128(38, 0)), [5]),
        (DOUBLE, pa.array([1.5], pa.float32()), [1.5]),
        (Decimal(9, 2), pa.array([Number("1.20")], pa.decimal128(20, 4)), [Number("1.20")]),
        (Decimal(38, 30), pa.array([12]), [Number(12)]),
        (Decimal(20, 0), pa.array([2**64 - 1], pa.uint64()), [Number(2**64 - 1)]),
        (DATE, pa.array([dt.date(2026, 1, 31)], pa.date64()), [dt.date(2026, 1, 31)]),
        (TIME, pa.array([dt.time(9, 30)], pa.time32("s")), [dt.time(9, 30)]),
        (STAMP, pa.array([dt.datetime(2026, 1, 31)], pa.timestamp("s")), [dt.datetime(2026, 1, 31)]),
        (STAMP, pa.array([1_000], pa.timestamp("ns")), [dt.datetime(1970, 1, 1, 0, 0, 0, 1)]),
        (BINARY, pa.array([b"ab"], pa.binary(2)), [b"ab"]),
        (Fixed(2), pa.array([b"ab"], pa.large_binary()), [b"ab"]),
        (TEXT, pa.array(["a", "a", None]).dictionary_encode(), ["a", "a", None]),
        (TEXT, pa.RunEndEncodedArray.from_arrays([2, 3], ["a", "b"]), ["a", "a", "b"]),
        (TEXT, pa.array([b"\1" * 16], pa.uuid()), ["01010101-0101-0101-0101-010101010101"]),
        (ListOf(INT), pa.nulls(2), [None, None]),
        (ListOf(LONG, True), pa.array([[1, 2], None, []], pa.list_(pa.int8())), [[1, 2], None, []]),
        (ListOf(LONG), pa.array([[1, 2], None], pa.list_(pa.int8(), 2)), [[1, 2], None]),
    ],
)
def test_lossless_widening(kind: DataType, array: pa.Array, expected: list[Any]) -> None:
    assert cast(kind, array) == expected


@pytest.mark.parametrize(
    ("kind", "array", "message"),
    [
        (LONG, pa.array(["1"]), "is string, and the contract says long: parse the text first"),
        (LONG, pa.array([1.0]), "cast it to whole numbers first"),
        (LONG, pa.array([Number("1.0")]), "is decimal128(2, 1)"),
        (FLOAT, pa.array([1.0]), "is double, and the contract says float"),
        (Decimal(9, 2), pa.array([1.0]), "round it to a decimal first"),
        (TEXT, pa.array([1]), "is int64, and the contract says string"),
        (TEXT, pa.array([b"a"]), "is binary"),
        (BOOLEAN, pa.array([1]), "is int64"),
        (LONG, pa.array([True]), "is bool"),
        (DATE, pa.array([dt.datetime(2026, 1, 31)]), "is timestamp[us]"),
        (STAMP, pa.array([dt.date(2026, 1, 31)]), "is date32"),
        (STAMPTZ, pa.array([dt.datetime(2026, 1, 31)]), "say which zone its times are in"),
        (STAMP, pa.array([dt.datetime(2026, 1, 31, tzinfo=dt.UTC)]), "has no zone"),
        (ListOf(LONG), pa.array([1]), "is int64, and the contract says list<long>"),
        (MapOf(TEXT, LONG), pa.array([{"a": 1}]), "is struct<a: int64>"),
        (Struct((SchemaColumn("a", LONG),)), pa.array([[1]]), "is list<item: int64>"),
    ],
)
def test_another_type_is_told_before_a_row_is_looked_at(kind: DataType, array: pa.Array, message: str) -> None:
    schema = TableSchema((SchemaColumn("c", kind),))
    with pytest.raises(SchemaMismatch) as caught:
        Caster(schema, pa.schema([("c", array.type)]), "shop.orders")
    assert [m.kind for m in caught.value.mismatches] == ["type"]
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "array", "message"),
    [
        (LONG, pa.array([1, 2**63], pa.uint64()), "9223372036854775808 in row 2"),
        (DOUBLE, pa.array([Number("1234567890123456.78")]), "does not fit double"),
        (Decimal(9, 2), pa.array([Number("1.255")]), "Decimal('1.255') in row 1"),
        (Fixed(2), pa.array([b"ab", b"abc"]), "b'abc' in row 2"),
        (STAMP, pa.array([1_001], pa.timestamp("ns")), "in row 1 does not fit timestamp"),
        (STAMPTZ, pa.array([2**62], pa.timestamp("s", "UTC")), "in row 1 does not fit timestamptz"),
    ],
)
def test_a_value_that_does_not_fit_is_shown_with_its_row(kind: DataType, array: pa.Array, message: str) -> None:
    found = mismatch(kind, array)
    assert found.kind == "value"
    assert message in found.message


def test_extra_missing_and_mistyped_columns_are_told_together() -> None:
    schema = TableSchema(
        (SchemaColumn("order_id", LONG, True), SchemaColumn("amount", DOUBLE), SchemaColumn("note", TEXT))
    )
    incoming = pa.schema([("orderId", pa.int64()), ("amount", pa.string()), ("amount", pa.string())])
    with pytest.raises(SchemaMismatch) as caught:
        Caster(schema, incoming, "shop.orders")
    assert [(m.column, m.kind) for m in caught.value.mismatches] == [
        ("orderId", "extra"),
        ("amount", "extra"),
        ("order_id", "missing"),
        ("amount", "type"),
    ]
    assert "did you mean 'order_id'?" in str(caught.value)


def test_an_absent_optional_column_is_null_and_columns_take_the_contracts_order() -> None:
    schema = TableSchema((SchemaColumn("a", LONG), SchemaColumn("b", ListOf(LONG, True)), SchemaColumn("c", TEXT)))
    batch = pa.record_batch({"c": ["x"], "a": [1]})
    assert Caster(schema, batch.schema, "o").cast(batch).to_pylist() == [{"a": 1, "b": None, "c": "x"}]


def test_nulls_where_the_contract_has_none_are_counted_and_the_first_row_is_told_over_all_batches() -> None:
    schema = TableSchema((SchemaColumn("a", LONG, True), SchemaColumn("b", LONG, True)))
    fine, bad = pa.record_batch({"a": [1, 2], "b": [1, 2]}), pa.record_batch({"a": [3, None], "b": [None, None]})
    caster = Caster(schema, fine.schema, "o")
    caster.cast(fine)
    with pytest.raises(SchemaMismatch) as caught:
        caster.cast(bad)
    assert [(m.column, m.kind) for m in caught.value.mismatches] == [("a", "null"), ("b", "null")]
    assert "null in 1 rows, first in row 4" in str(caught.value)
    assert "null in 2 rows, first in row 3" in str(caught.value)
    assert caster.rows == 2


INNER = Struct((SchemaColumn("a", LONG, True), SchemaColumn("b", TEXT)))


@pytest.mark.parametrize(
    ("kind", "values", "path"),
    [
        (INNER, [{"a": 1}, None, {"a": None}], "c.a"),
        (ListOf(LONG, True), [[1], None, [2, None]], "c.element"),
        (ListOf(INNER), [[{"a": 1}], None, [None, {"a": None}]], "c.element.a"),
        (Struct((SchemaColumn("d", INNER, True),)), [None, {"d": {"a": 1}}, {"d": None}], "c.d"),
    ],
)
def test_a_null_inside_a_value_is_told_with_its_path_and_row(kind: DataType, values: list[Any], path: str) -> None:
    found = mismatch(kind, pa.array(values))
    assert (found.column, found.kind) == (path, "null")
    assert "row 3" in found.message
    assert len(cast(kind, pa.array(values).slice(0, 2))) == 2


def test_a_null_in_a_maps_values_is_told() -> None:
    maps = pa.array([[("a", 1)], None, [("b", None)]], pa.map_(pa.string(), pa.int32()))
    assert mismatch(MapOf(TEXT, LONG, True), maps).column == "c.value"
    assert cast(MapOf(TEXT, LONG), maps) == [[("a", 1)], None, [("b", None)]]


def test_what_null_maps_and_slices_hide_is_not_judged() -> None:
    hidden = pa.MapArray.from_arrays(
        pa.array([0, 1, 2, 3], pa.int32()),
        pa.array(["a", "b", "c"]),
        pa.array([1, None, 3]),
        mask=pa.array([False, True, False]),
    )
    kind = MapOf(TEXT, LONG, value_required=True)
    assert cast(kind, hidden) == [[("a", 1)], None, [("c", 3)]]
    assert cast(kind, hidden.slice(1)) == [None, [("c", 3)]]


def test_a_struct_that_is_null_inside_a_map_may_be_cast_again() -> None:
    schema = TableSchema((SchemaColumn("c", MapOf(TEXT, INNER)),))
    batch = pa.record_batch([pa.array([[("k", None)]], to_arrow(schema).field("c").type)], schema=to_arrow(schema))
    caster = Caster(schema, batch.schema, "o")
    assert caster.cast(caster.cast(batch)).to_pylist() == [{"c": [("k", None)]}]


def test_columns_and_members_without_a_name_are_told_by_their_position() -> None:
    incoming = pa.schema([("", pa.int64()), ("n", pa.struct([("a", pa.int64()), (" ", pa.int64())])), ("", pa.int64())])
    with pytest.raises(SchemaMismatch) as caught:
        Caster(TableSchema((SchemaColumn("n", Struct((SchemaColumn("a", LONG),))),)), incoming, "o")
    assert [str(m) for m in caught.value.mismatches] == [
        "column 1: has no name",
        "column 3: has no name",
        "n.member 2: has no name",
    ]


def test_extra_and_missing_fields_inside_a_struct_are_told() -> None:
    with pytest.raises(SchemaMismatch) as caught:
        cast(INNER, pa.array([{"b": "x", "z": 1}]))
    assert [(m.column, m.kind) for m in caught.value.mismatches] == [("c.z", "extra"), ("c.a", "missing")]


@pytest.mark.parametrize("secret", [{"tags": ("pii",)}, {"encryption": "aes-256-gcm"}])
def test_a_protected_value_shows_in_no_error_and_no_traceback(secret: dict[str, Any]) -> None:
    inputs: list[tuple[DataType, pa.Array, str]] = [
        (INT, pa.array([1_234_567_890_123]), "1234567890123"),
        (DATE, pa.array(["canary"]), "canary"),
        (Decimal(3, 1), pa.array([Number("12345.678")]), "12345.678"),
        (BINARY, pa.array(["canary!"]), "canary"),
        (STAMP, pa.array([987_654_321], pa.timestamp("ns")), "987654321"),
        (ListOf(INT), pa.array([[1_234_567_890_123]]), "1234567890123"),
    ]
    for kind, array, canary in inputs:
        with pytest.raises(SchemaMismatch) as caught:
            cast(kind, array, untyped=True, **secret)
        told = "".join(traceback.format_exception(caught.value))
        assert "in row 1 does not fit" in told
        assert canary not in told
        with pytest.raises(SchemaMismatch, match=canary):
            cast(kind, array, untyped=True)


def test_a_batch_of_another_layout_is_cast_like_the_first() -> None:
    schema = TableSchema((SchemaColumn("c", TEXT),))
    first, second = pa.record_batch({"c": ["a"]}), pa.record_batch({"c": pa.array(["b"], pa.large_string())})
    caster = Caster(schema, first.schema, "o")
    assert caster.cast(first).schema == caster.cast(second).schema
    assert caster.rows == 2


def test_long_values_are_cut_and_control_characters_escaped() -> None:
    found = mismatch(DATE, pa.array(["\x1b[31m" + "x" * 500]), untyped=True)
    assert "\x1b" not in found.message
    assert len(found.message) < 200
    assert json.dumps(found.message)
