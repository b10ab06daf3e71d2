"""Tables as Iceberg schemas, seen through stock pyiceberg."""

from __future__ import annotations

from hypothesis import given, settings
from pyiceberg.io.pyarrow import pyarrow_to_schema, schema_to_pyarrow
from pyiceberg.schema import Schema, index_by_id, index_name_by_id

from data_platform.spec.schema.arrow import from_arrow, to_arrow
from data_platform.spec.schema.field_ids import assign_ids
from data_platform.spec.schema.types import Decimal, Kind, ListOf, Primitive, SchemaColumn, TableSchema
from data_platform.tables.iceberg.schema import to_iceberg
from tests.hypothesis_lanes import examples
from tests.strategies import any_names, key_types, schemas

LONG = Primitive(Kind.LONG)


@given(schemas(any_names, key_types))
@settings(max_examples=examples(40), deadline=None)
def test_pyiceberg_sees_the_same_table_in_our_iceberg_and_in_our_arrow_schema(schema: TableSchema) -> None:
    ids, _ = assign_ids(schema, {}, 0)
    seen = [_fields(to_iceberg(schema, ids, 0)), _fields(pyarrow_to_schema(to_arrow(schema, ids)))]
    assert seen[0] == seen[1]
    assert {number: path for path, number in ids.items()} == index_name_by_id(to_iceberg(schema, ids, 0))


def _fields(schema: Schema) -> dict[int, tuple[str, bool, str]]:
    """Every field by id: name, whether it is required, and its type without what is inside."""
    inside = ("struct", "list", "map")
    return {
        number: (
            field.name,
            field.required,
            next((t for t in inside if str(field.field_type).startswith(t)), "") or str(field.field_type),
        )
        for number, field in index_by_id(schema).items()
    }


@given(schemas(any_names, key_types))
@settings(max_examples=examples(40), deadline=None)
def test_from_arrow_to_iceberg_to_arrow_is_the_same_table(schema: TableSchema) -> None:
    ids, _ = assign_ids(schema, {}, 0)
    back = schema_to_pyarrow(to_iceberg(schema, ids, 0))
    assert from_arrow(back) == from_arrow(to_arrow(schema))
    assert [field.nullable for field in back] == [not column.required for column in schema]


@given(schemas(any_names, key_types))
@settings(max_examples=examples(40), deadline=None)
def test_the_schema_survives_icebergs_own_json(schema: TableSchema) -> None:
    ids, _ = assign_ids(schema, {}, 0)
    iceberg = to_iceberg(schema, ids, 7)
    assert Schema.model_validate_json(iceberg.model_dump_json()) == iceberg


def test_descriptions_are_docs_and_the_primary_key_identifies() -> None:
    schema = TableSchema(
        (SchemaColumn("id", LONG, required=True, description="The order."), SchemaColumn("amount", Decimal(9, 2)))
    )
    ids, _ = assign_ids(schema, {}, 0)
    iceberg = to_iceberg(schema, ids, 3, ["id"])
    assert iceberg.schema_id == 3
    assert iceberg.find_field("id").doc == "The order."
    assert iceberg.identifier_field_ids == [1]


def test_a_key_that_iceberg_does_not_allow_leaves_the_identifier_unset() -> None:
    columns = (
        SchemaColumn("id", LONG, required=True),
        SchemaColumn("optional", LONG),
        SchemaColumn("floating", Primitive(Kind.DOUBLE), required=True),
        SchemaColumn("nested", ListOf(LONG), required=True),
    )
    schema = TableSchema(columns)
    ids, _ = assign_ids(schema, {}, 0)
    for name in ("optional", "floating", "nested", "absent"):
        assert to_iceberg(schema, ids, 0, ["id", name]).identifier_field_ids == []
