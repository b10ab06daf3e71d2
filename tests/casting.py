"""Casting one column, for the tests of the cast."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from data_platform.errors import Mismatch, SchemaMismatch
from data_platform.spec.casting.cast import Caster
from data_platform.spec.schema.arrow import to_arrow
from data_platform.spec.schema.types import DataType, Kind, Primitive, SchemaColumn, TableSchema

INT, LONG, FLOAT, DOUBLE = (Primitive(kind) for kind in (Kind.INT, Kind.LONG, Kind.FLOAT, Kind.DOUBLE))
DATE, TIME, STAMP, STAMPTZ = (Primitive(kind) for kind in (Kind.DATE, Kind.TIME, Kind.TIMESTAMP, Kind.TIMESTAMPTZ))
TEXT, BINARY, BOOLEAN = (Primitive(kind) for kind in (Kind.STRING, Kind.BINARY, Kind.BOOLEAN))


def cast(kind: DataType, array: pa.Array, *, untyped: bool = False, **column: Any) -> list[Any]:
    schema = TableSchema((SchemaColumn("c", kind, **column),))
    batch = pa.record_batch([array], names=["c"])
    result = Caster(schema, batch.schema, "shop.orders", untyped=untyped).cast(batch)
    result.validate(full=True)
    assert result.schema == to_arrow(schema)
    values: list[Any] = result.column(0).to_pylist()
    return values


def mismatch(kind: DataType, array: pa.Array, **options: Any) -> Mismatch:
    with pytest.raises(SchemaMismatch) as caught:
        cast(kind, array, **options)
    (found,) = caught.value.mismatches
    return found
