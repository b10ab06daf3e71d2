"""Facts about the float leaves of a row group that Parquet's own statistics lack.

Writers exclude NaN from the bounds, and write a bound of zero as -0.0 (lower) or 0.0 (upper). DuckDB relies on them:
filters then lose rows, and `max` loses NaN. So a leaf whose bounds would not be exact is written without any.
Iceberg's bounds exclude NaN too, but it also has NaN counts (https://iceberg.apache.org/spec/#data-file-fields).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from data_platform.spec.schema.types import DataType, Kind, Primitive, TableSchema
from data_platform.tables.staging.leaves import split_type, walk_leaves

FLOATS = (Primitive(Kind.FLOAT), Primitive(Kind.DOUBLE))


@dataclass(frozen=True, slots=True)
class FloatFacts:
    """One leaf: how many values are null and NaN, and the least and the greatest number among the others."""

    nulls: int
    nans: int
    lower: float | None
    upper: float | None

    @property
    def exact(self) -> bool:
        """Whether bounds that a Parquet writer makes are those of the values."""
        return not self.nans and self.lower != 0 and self.upper != 0

    def __add__(self, other: FloatFacts) -> FloatFacts:
        lowers = [bound for bound in (self.lower, other.lower) if bound is not None]
        uppers = [bound for bound in (self.upper, other.upper) if bound is not None]
        return FloatFacts(
            self.nulls + other.nulls,
            self.nans + other.nans,
            min(lowers, default=None),
            max(uppers, default=None),
        )


def list_float_leaves(schema: TableSchema) -> tuple[str, ...]:
    """The float leaf columns of a schema, dotted as Parquet names them."""
    leaves = (leaf for column in schema for leaf in walk_leaves(column.name, column.type))
    return tuple(path for path, kind in leaves if kind in FLOATS)


def has_float(kind: DataType) -> bool:
    """Whether values of the type are floats or contain floats."""
    return any(leaf in FLOATS for _, leaf in walk_leaves("", kind))


def measure_floats(rows: pa.Table, schema: TableSchema) -> dict[str, FloatFacts]:
    """The facts of each float leaf of `rows`, by its dotted path."""
    facts: dict[str, FloatFacts] = {}
    for column in schema:
        if has_float(column.type):
            for chunk in rows[column.name].chunks:
                for path, values in _iterate_values(column.name, column.type, chunk):
                    counted = _count(values)
                    facts[path] = facts[path] + counted if path in facts else counted
    return facts


def _count(values: pa.Array) -> FloatFacts:
    nans = pc.sum(pc.is_nan(values)).as_py() or 0
    if nans + values.null_count == len(values):
        return FloatFacts(values.null_count, nans, None, None)
    ends = pc.min_max(values)  # NaN is left out
    return FloatFacts(values.null_count, nans, ends["min"].as_py(), ends["max"].as_py())


def _iterate_values(path: str, kind: DataType, array: pa.Array) -> Iterator[tuple[str, pa.Array]]:
    """The values of the float leaves, by path."""
    if kind in FLOATS:
        yield path, array
    for step, inner, take in split_type(kind) or ():
        if has_float(inner):
            yield from _iterate_values(f"{path}.{step}", inner, take(array))
