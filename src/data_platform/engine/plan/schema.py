"""The Arrow schema of a frame's fields, and results in it."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from data_platform.engine.plan.names import Field


def build_schema(fields: Sequence[Field]) -> pa.Schema:
    """The fields as an Arrow schema."""
    return pa.schema([pa.field(field.name, _make_nullable(field.type)) for field in fields])


def convert_types(result: pa.Table, schema: pa.Schema) -> pa.Table:
    """The columns of `result`, in their order, with the names and types of `schema`."""
    return result.rename_columns(schema.names).cast(schema) if result.schema != schema else result


def _make_nullable(kind: pa.DataType) -> pa.DataType:
    """The type without promises of no null inside it, since within a null object DuckDB gives nulls."""
    if pa.types.is_struct(kind):
        return pa.struct([field.with_type(_make_nullable(field.type)).with_nullable(True) for field in kind])
    if pa.types.is_map(kind):
        return pa.map_(_make_nullable(kind.key_type), _make_nullable(kind.item_type))
    if pa.types.is_list(kind):
        return pa.list_(kind.value_field.with_type(_make_nullable(kind.value_type)).with_nullable(True))
    return kind
