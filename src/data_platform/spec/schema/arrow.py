"""A table's schema as Arrow's, and back.

`to_arrow` is what data is cast to and what is written; `from_arrow` infers the contract of data that came without one.
"""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa

from data_platform.errors import Mismatch, SchemaMismatch
from data_platform.spec.schema.column_names import find_column_name_problem, find_twins
from data_platform.spec.schema.mismatches import summarize_mismatches
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

ARROW: dict[Kind, pa.DataType] = {
    Kind.BOOLEAN: pa.bool_(),
    Kind.INT: pa.int32(),
    Kind.LONG: pa.int64(),
    Kind.FLOAT: pa.float32(),
    Kind.DOUBLE: pa.float64(),
    Kind.DATE: pa.date32(),
    Kind.TIME: pa.time64("us"),
    Kind.TIMESTAMP: pa.timestamp("us"),
    Kind.TIMESTAMPTZ: pa.timestamp("us", "UTC"),
    Kind.STRING: pa.string(),
    Kind.BINARY: pa.binary(),
}
"""The Arrow type of each type without parameters."""


def to_arrow(schema: TableSchema, ids: FieldIds | None = None) -> pa.Schema:
    """The Arrow schema of a table; with `ids` every field, nested ones too, carries its `PARQUET:field_id`."""
    return pa.schema([_make_field(column.name, column.type, column.required, column.name, ids) for column in schema])


def to_arrow_type(kind: DataType) -> pa.DataType:
    """The Arrow type of a column's type, without field ids."""
    return _make_type(kind, "", None)


def _make_field(name: str, kind: DataType, required: bool, path: str, ids: FieldIds | None) -> pa.Field:
    metadata = None if ids is None else {"PARQUET:field_id": str(ids[path])}
    return pa.field(name, _make_type(kind, path, ids), not required, metadata)


def _make_type(kind: DataType, path: str, ids: FieldIds | None) -> pa.DataType:
    match kind:
        case Primitive(name):
            return ARROW[name]
        case Decimal(precision, scale):
            return pa.decimal128(precision, scale)
        case Fixed(length):
            return pa.binary(length)
        case ListOf(element, required):
            return pa.list_(_make_field("element", element, required, f"{path}.element", ids))
        case MapOf(key, value, required):
            return pa.map_(
                _make_field("key", key, True, f"{path}.key", ids),
                _make_field("value", value, required, f"{path}.value", ids),
            )
        case Struct(fields):
            return pa.struct([_make_field(f.name, f.type, f.required, f"{path}.{f.name}", ids) for f in fields])


def from_arrow(schema: pa.Schema, subject: str = "the data") -> TableSchema:
    """The contract that data without one implies: every column optional, types widened to the nearest that holds all.

    Nanoseconds become microseconds (casting refuses values that would lose some); unsigned 64-bit integers become
    decimal(20,0). SchemaMismatch names every column whose name or type no table can have.
    """
    mismatches: list[Mismatch] = []
    columns = _read_columns(list(schema), "", mismatches)
    if not columns and not mismatches:
        mismatches.append(Mismatch("(all)", "missing", "the data has no columns"))
    if mismatches:
        raise SchemaMismatch(subject, summarize_mismatches(mismatches))
    return TableSchema(columns)


def _read_columns(fields: list[pa.Field], prefix: str, mismatches: list[Mismatch]) -> tuple[SchemaColumn, ...]:
    doubles = find_twins(field.name for field in fields)
    columns = []
    for place, field in enumerate(fields):
        path = prefix + field.name
        if problem := find_column_name_problem(field.name):
            mismatches.append(Mismatch(path, "extra", problem))
        elif place in doubles:
            mismatches.append(Mismatch(path, "extra", f"is the same name as {doubles[place]!r} to a SQL engine"))
        columns.append(SchemaColumn(field.name, _infer(field.type, path, mismatches)))
    return tuple(columns)


def _infer(source: pa.DataType, path: str, mismatches: list[Mismatch]) -> DataType:
    if isinstance(source, pa.Bool8Type | pa.UuidType):
        return Primitive(Kind.BOOLEAN if isinstance(source, pa.Bool8Type) else Kind.STRING)
    if isinstance(source, pa.BaseExtensionType):
        return _infer(source.storage_type, path, mismatches)
    if pa.types.is_dictionary(source) or pa.types.is_run_end_encoded(source):
        return _infer(source.value_type, path, mismatches)
    if is_list(source):
        return ListOf(_infer(source.value_type, f"{path}.element", mismatches))
    if pa.types.is_map(source):
        key = _infer(source.key_type, f"{path}.key", mismatches)
        return MapOf(key, _infer(source.item_type, f"{path}.value", mismatches))
    if pa.types.is_struct(source) and source.num_fields:
        return Struct(_read_columns(list(source), f"{path}.", mismatches))
    kind = _read_scalar(source)
    if kind is None:
        mismatches.append(Mismatch(path, "type", _describe_unsupported(source)))
    return kind or Primitive(Kind.STRING)


def _describe_unsupported(source: pa.DataType) -> str:
    if pa.types.is_null(source):
        return "holds nothing but null, so no type can be inferred; write a schema, or give the column a type"
    return f"no column can hold Arrow's {source}; convert it first"


def is_list(source: pa.DataType) -> bool:
    """Whether Arrow's type is one of its five layouts of a list."""
    types = pa.types
    plain = types.is_list(source) or types.is_large_list(source) or types.is_fixed_size_list(source)
    return bool(plain or types.is_list_view(source) or types.is_large_list_view(source))


def is_text(source: pa.DataType) -> bool:
    """Whether Arrow's type is one of its three layouts of text."""
    return bool(pa.types.is_string(source) or pa.types.is_large_string(source) or pa.types.is_string_view(source))


def _read_scalar(source: pa.DataType) -> DataType | None:
    if pa.types.is_decimal(source):
        return _read_decimal(source)
    if pa.types.is_fixed_size_binary(source):
        return Fixed(source.byte_width) if source.byte_width else None
    if pa.types.is_uint64(source):
        return Decimal(20, 0)
    if pa.types.is_timestamp(source):
        return Primitive(Kind.TIMESTAMP if source.tz is None else Kind.TIMESTAMPTZ)
    return next((Primitive(kind) for applies, kind in _INFERRED if applies(source)), None)


def _read_decimal(source: pa.DataType) -> DataType | None:
    scale = max(source.scale, 0)
    precision = max(source.precision + scale - source.scale, scale)
    return Decimal(precision, scale) if precision <= 38 else None


def is_binary(source: pa.DataType) -> bool:
    """Whether Arrow's type is one of its three layouts of bytes of any length."""
    return bool(pa.types.is_binary(source) or pa.types.is_large_binary(source) or pa.types.is_binary_view(source))


_SMALL = (pa.int8(), pa.int16(), pa.int32(), pa.uint8(), pa.uint16())
_INFERRED: tuple[tuple[Callable[[pa.DataType], bool], Kind], ...] = (
    (pa.types.is_boolean, Kind.BOOLEAN),
    (lambda source: source in _SMALL, Kind.INT),
    (lambda source: source in (pa.uint32(), pa.int64()), Kind.LONG),
    (lambda source: source in (pa.float16(), pa.float32()), Kind.FLOAT),
    (pa.types.is_float64, Kind.DOUBLE),
    (pa.types.is_date, Kind.DATE),
    (pa.types.is_time, Kind.TIME),
    (is_text, Kind.STRING),
    (is_binary, Kind.BINARY),
)
