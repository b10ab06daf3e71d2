"""A table's schema as Iceberg's (https://iceberg.apache.org/spec/#schemas-and-data-types)."""

from __future__ import annotations

from collections.abc import Sequence

from pyiceberg.schema import Schema
from pyiceberg.types import (
    BinaryType,
    BooleanType,
    DateType,
    DecimalType,
    DoubleType,
    FixedType,
    FloatType,
    IcebergType,
    IntegerType,
    ListType,
    LongType,
    MapType,
    NestedField,
    StringType,
    StructType,
    TimestampType,
    TimestamptzType,
    TimeType,
)

from data_platform.spec.schema.types import (
    DataType,
    Decimal,
    FieldIds,
    Fixed,
    Kind,
    ListOf,
    MapOf,
    Primitive,
    SchemaColumn,
    Struct,
    TableSchema,
)

ICEBERG: dict[Kind, IcebergType] = {
    Kind.BOOLEAN: BooleanType(),
    Kind.INT: IntegerType(),
    Kind.LONG: LongType(),
    Kind.FLOAT: FloatType(),
    Kind.DOUBLE: DoubleType(),
    Kind.DATE: DateType(),
    Kind.TIME: TimeType(),
    Kind.TIMESTAMP: TimestampType(),
    Kind.TIMESTAMPTZ: TimestamptzType(),
    Kind.STRING: StringType(),
    Kind.BINARY: BinaryType(),
}


def to_iceberg(schema: TableSchema, ids: FieldIds, schema_id: int, primary_key: Sequence[str] = ()) -> Schema:
    """The Iceberg schema; `primary_key` becomes its identifier fields if Iceberg allows it.

    Iceberg requires identifier fields to be required, primitive and not floating (spec, "Identifier Field IDs"); a key
    with any other column leaves them unset.
    """
    fields = [_to_field(column, column.name, ids) for column in schema]
    keys = [ids[name] for name in primary_key] if _is_identifying(schema, primary_key) else []
    return Schema(*fields, schema_id=schema_id, identifier_field_ids=keys)


def _is_identifying(schema: TableSchema, primary_key: Sequence[str]) -> bool:
    return all((column := schema.get(name)) is not None and _can_identify(column) for name in primary_key)


def _can_identify(column: SchemaColumn) -> bool:
    floating = column.type in (Primitive(Kind.FLOAT), Primitive(Kind.DOUBLE))
    return column.required and not floating and isinstance(column.type, Primitive | Decimal | Fixed)


def _to_field(column: SchemaColumn, path: str, ids: FieldIds) -> NestedField:
    return NestedField(
        field_id=ids[path],
        name=column.name,
        field_type=_to_type(column.type, path, ids),
        required=column.required,
        doc=column.description,
    )


def _to_type(kind: DataType, path: str, ids: FieldIds) -> IcebergType:
    match kind:
        case Primitive(name):
            return ICEBERG[name]
        case Decimal(precision, scale):
            return DecimalType(precision, scale)
        case Fixed(length):
            return FixedType(length)
        case ListOf(element, required):
            inner = f"{path}.element"
            return ListType(element_id=ids[inner], element=_to_type(element, inner, ids), element_required=required)
        case MapOf(key, value, required):
            return _to_map(key, value, required, path, ids)
        case Struct(fields):
            return StructType(*(_to_field(field, f"{path}.{field.name}", ids) for field in fields))


def _to_map(key: DataType, value: DataType, required: bool, path: str, ids: FieldIds) -> MapType:
    return MapType(
        key_id=ids[f"{path}.key"],
        key_type=_to_type(key, f"{path}.key", ids),
        value_id=ids[f"{path}.value"],
        value_type=_to_type(value, f"{path}.value", ids),
        value_required=required,
    )
