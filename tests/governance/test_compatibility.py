"""What breaks a table's readers, and what does not."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_platform.errors import Break
from data_platform.governance.compatibility import check_table_change
from data_platform.spec.casting.cast import Caster
from data_platform.spec.policies.modes import Mode
from data_platform.spec.schema.types import (
    DataType,
    Decimal,
    Fixed,
    Kind,
    ListOf,
    MapOf,
    Primitive,
    SchemaColumn,
    Struct,
    TableSchema,
)
from tests.hypothesis_lanes import examples
from tests.strategies import batches, schemas

INT, LONG, FLOAT, DOUBLE = (Primitive(kind) for kind in (Kind.INT, Kind.LONG, Kind.FLOAT, Kind.DOUBLE))
TEXT, STAMP, STAMPTZ = (Primitive(kind) for kind in (Kind.STRING, Kind.TIMESTAMP, Kind.TIMESTAMPTZ))


def table_breaks(old: TableSchema, new: TableSchema, output: str) -> list[Break]:
    findings = check_table_change(old, new, Mode.BACKWARD)
    return [Break(".".join((output, *f.path)), f.message, f.columns, output) for f in findings]


def breaks(old: DataType, new: DataType) -> list[str]:
    before, after = TableSchema((SchemaColumn("c", old),)), TableSchema((SchemaColumn("c", new),))
    return [str(item) for item in table_breaks(before, after, "orders")]


@pytest.mark.parametrize(
    ("old", "new"),
    [(INT, LONG), (FLOAT, DOUBLE), (Decimal(9, 2), Decimal(12, 2)), (TEXT, TEXT), (ListOf(INT), ListOf(LONG))],
)
def test_widening_breaks_nobody_and_going_back_does(old: DataType, new: DataType) -> None:
    assert breaks(old, new) == []
    if old != new:
        (message,) = breaks(new, old)
        assert "narrowed" in message


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (INT, DOUBLE),
        (INT, TEXT),
        (LONG, Decimal(20, 0)),
        (Decimal(9, 2), Decimal(12, 3)),
        (STAMP, STAMPTZ),
        (Fixed(8), Fixed(16)),
        (INT, ListOf(INT)),
        (ListOf(INT), ListOf(TEXT)),
        (MapOf(TEXT, INT), MapOf(INT, INT)),
    ],
)
def test_another_type_breaks(old: DataType, new: DataType) -> None:
    (message,) = breaks(old, new)
    assert "its type was changed from" in message


def test_removing_and_renaming_break_and_adding_does_not() -> None:
    old = TableSchema((SchemaColumn("id", LONG, True), SchemaColumn("email", TEXT)))
    assert table_breaks(old, TableSchema((*old.columns, SchemaColumn("new", TEXT, True))), "orders") == []
    (gone,) = table_breaks(old, TableSchema(old.columns[:1]), "orders")
    assert str(gone).startswith("orders.email: was removed: keep it")
    (renamed,) = table_breaks(old, TableSchema((old.columns[0], SchemaColumn("mail", TEXT))), "orders")
    assert "renamed to mail" in renamed.message


def test_a_column_that_may_become_null_breaks_and_the_reverse_does_not() -> None:
    strict, loose = TableSchema((SchemaColumn("id", LONG, True),)), TableSchema((SchemaColumn("id", LONG),))
    assert [b.message for b in table_breaks(strict, loose, "o")] == ["may now be null, and was never null before"]
    assert table_breaks(loose, strict, "o") == []


def test_what_is_inside_a_column_is_judged_like_the_column() -> None:
    def nested(field: SchemaColumn, strict: bool) -> DataType:
        return ListOf(Struct((SchemaColumn("keep", INT), field)), element_required=strict)

    old, new = nested(SchemaColumn("a", LONG, True), True), nested(SchemaColumn("a", INT), False)
    assert breaks(old, new) == [
        "orders.c.element: may now be null, and was never null before",
        "orders.c.element.a: may now be null, and was never null before",
        "orders.c.element.a: its type was narrowed from long to int",
    ]
    assert breaks(MapOf(TEXT, LONG, True), MapOf(TEXT, LONG)) == [
        "orders.c.value: may now be null, and was never null before"
    ]


@given(schemas(), st.randoms(use_true_random=False))
@settings(max_examples=examples(40), deadline=None)
def test_order_annotations_and_additions_break_nobody(schema: TableSchema, random: st.randoms) -> None:
    columns = [replace(column, tags=(), description=None, required=True) for column in schema]
    columns.append(SchemaColumn("zz_added_column", TEXT, True))
    random.shuffle(columns)
    assert table_breaks(schema, TableSchema(tuple(columns)), "o") == []


def _wider(kind: DataType) -> DataType:
    match kind:
        case Primitive(Kind.INT):
            return LONG
        case Primitive(Kind.FLOAT):
            return DOUBLE
        case Decimal(precision, scale):
            return Decimal(min(38, precision + 3), scale)
        case ListOf(element, required):
            return ListOf(_wider(element), required)
        case MapOf(key, value, required):
            return MapOf(key, _wider(value), required)
        case Struct(fields):
            return Struct(tuple(replace(f, type=_wider(f.type)) for f in fields))
        case _:
            return kind


@given(st.data())
@settings(max_examples=examples(40), deadline=None)
def test_what_breaks_nobody_takes_the_old_data_without_changing_a_value(data: st.DataObject) -> None:
    old = data.draw(schemas())
    new = TableSchema(tuple(replace(column, type=_wider(column.type)) for column in old))
    assert table_breaks(old, new, "o") == []
    batch: pa.RecordBatch = data.draw(batches(old))
    assert Caster(new, batch.schema, "o").cast(batch).to_pylist() == batch.to_pylist()
