"""Tables as Arrow schemas, and the contract that Arrow data implies."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, settings

from data_platform.errors import SchemaMismatch
from data_platform.spec.schema.arrow import from_arrow, to_arrow, to_arrow_type
from data_platform.spec.schema.field_ids import assign_ids, iterate_field_paths
from data_platform.spec.schema.types import DataType, Decimal, Kind, ListOf, MapOf, Primitive, Struct, TableSchema
from tests.hypothesis_lanes import examples
from tests.strategies import any_names, data_types, key_types, schemas


def loose(kind: DataType) -> DataType:
    """The type as it is inferred: nothing required, no constraints, no annotations."""
    match kind:
        case ListOf(element):
            return ListOf(loose(element))
        case MapOf(key, value):
            return MapOf(key, loose(value))
        case Struct(fields):
            return Struct(tuple(type(f)(f.name, loose(f.type)) for f in fields))
        case _:
            return kind


def inferred(kind: pa.DataType) -> DataType:
    return from_arrow(pa.schema([("c", kind)])).columns[0].type


@given(schemas(any_names, key_types))
@settings(max_examples=examples(40), deadline=None)
def test_names_types_and_required_columns_are_arrows(schema: TableSchema) -> None:
    arrow = to_arrow(schema)
    assert tuple(arrow.names) == schema.names
    assert [not field.nullable for field in arrow] == [column.required for column in schema]
    assert [c.type for c in from_arrow(arrow)] == [loose(c.type) for c in schema]


@given(schemas(any_names, key_types))
@settings(max_examples=examples(40), deadline=None)
def test_every_field_however_deep_carries_its_id(schema: TableSchema) -> None:
    ids, _ = assign_ids(schema, {}, 0)
    found: dict[str, int] = {}

    def walk(field: pa.Field, path: str) -> None:
        found[path] = int(field.metadata[b"PARQUET:field_id"])
        kind = field.type
        children = [kind.key_field, kind.item_field] if pa.types.is_map(kind) else []
        children = children or [kind.field(index) for index in range(kind.num_fields)]
        for child in children:
            walk(child, f"{path}.{child.name}")

    for field in to_arrow(schema, ids):
        walk(field, field.name)
    assert found == ids
    assert set(iterate_field_paths(schema)) == set(ids)


@given(data_types(keys=key_types))
@settings(max_examples=examples(40), deadline=None)
def test_a_type_is_inferred_from_its_own_arrow_type(kind: DataType) -> None:
    assert inferred(to_arrow_type(kind)) == loose(kind)


@pytest.mark.parametrize(
    ("arrow", "kind"),
    [
        (pa.int8(), Kind.INT),
        (pa.uint16(), Kind.INT),
        (pa.uint32(), Kind.LONG),
        (pa.float16(), Kind.FLOAT),
        (pa.date64(), Kind.DATE),
        (pa.time32("s"), Kind.TIME),
        (pa.time64("ns"), Kind.TIME),
        (pa.timestamp("ns"), Kind.TIMESTAMP),
        (pa.timestamp("s", "Asia/Bangkok"), Kind.TIMESTAMPTZ),
        (pa.large_string(), Kind.STRING),
        (pa.string_view(), Kind.STRING),
        (pa.dictionary(pa.int8(), pa.large_string()), Kind.STRING),
        (pa.run_end_encoded(pa.int32(), pa.int64()), Kind.LONG),
        (pa.json_(), Kind.STRING),
        (pa.large_binary(), Kind.BINARY),
        (pa.binary_view(), Kind.BINARY),
    ],
)
def test_other_layouts_become_the_nearest_type_that_holds_all_their_values(arrow: pa.DataType, kind: Kind) -> None:
    assert inferred(arrow) == Primitive(kind)


def test_other_numbers_lists_and_bytes() -> None:
    assert inferred(pa.uint64()) == Decimal(20, 0)
    assert inferred(pa.decimal256(30, 4)) == Decimal(30, 4)
    assert inferred(pa.decimal128(3, -2)) == Decimal(5, 0)
    assert inferred(pa.large_list(pa.int64())) == ListOf(Primitive(Kind.LONG))
    assert inferred(pa.list_(pa.int64(), 3)) == ListOf(Primitive(Kind.LONG))
    assert inferred(pa.uuid()) == Primitive(Kind.STRING)
    assert inferred(pa.bool8()) == Primitive(Kind.BOOLEAN)
    assert inferred(pa.json_()) == Primitive(Kind.STRING)


@pytest.mark.parametrize(
    ("name", "arrow", "message"),
    [
        ("c", pa.null(), "nothing but null"),
        ("c", pa.duration("s"), "no column can hold Arrow's duration"),
        ("c", pa.month_day_nano_interval(), "no column can hold"),
        ("c", pa.decimal256(50, 2), "no column can hold"),
        ("c", pa.struct([]), "no column can hold"),
        ("c", pa.struct([("d", pa.null())]), "c.d: holds nothing but null"),
        ("a.b", pa.int64(), "may not hold '.'"),
    ],
)
def test_what_no_table_can_have_is_told_by_column(name: str, arrow: pa.DataType, message: str) -> None:
    with pytest.raises(SchemaMismatch) as caught:
        from_arrow(pa.schema([("fine", pa.int64()), (name, arrow)]), "shop.orders")
    assert message in str(caught.value)
    assert "shop.orders" in str(caught.value)
    assert len(caught.value.mismatches) == 1


def test_data_without_columns_or_with_one_name_twice() -> None:
    with pytest.raises(SchemaMismatch, match="no columns"):
        from_arrow(pa.schema([]))
    with pytest.raises(SchemaMismatch, match="same name as 'id'"):
        from_arrow(pa.schema([("id", pa.int64()), ("ID", pa.int64())]))
