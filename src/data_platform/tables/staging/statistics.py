"""Column statistics from the Parquet footers of staged files, without sealed columns.

Reading `.statistics` of a sealed column without its key aborts the process, so those columns are skipped.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from typing import Any

import pyarrow.parquet as pq

from data_platform.spec.schema.types import DataType, TableSchema
from data_platform.spec.schema.types import Decimal as DecimalType
from data_platform.tables.staging.floats import FloatFacts

ColumnStatistics = dict[str, dict[str, Any]]
"""Statistics by top-level column, as JSON: `nulls`, and `min`, `max`, `nans` and `distinct` where they are known."""


@dataclass(frozen=True, slots=True)
class LeafStatistics:
    """One Parquet leaf column over the row groups of one or more files; unknown bounds are None."""

    bytes: int
    values: int
    nulls: int | None
    lower: Any = None
    upper: Any = None
    nans: int | None = None

    def __add__(self, other: LeafStatistics) -> LeafStatistics:
        nulls = None if self.nulls is None or other.nulls is None else self.nulls + other.nulls
        nans = None if self.nans is None or other.nans is None else self.nans + other.nans
        return LeafStatistics(
            self.bytes + other.bytes,
            self.values + other.values,
            nulls,
            _merge_bound(min, self, other, "lower"),
            _merge_bound(max, self, other, "upper"),
            nans,
        )

    @property
    def empty(self) -> bool:
        """Whether there is no value for a bound; bounds exclude NaN."""
        return self.nulls is not None and self.nulls + (self.nans or 0) == self.values


def _merge_bound(choose: Any, left: LeafStatistics, right: LeafStatistics, side: str) -> Any:
    """The bound of both sides; None unless each side has one or has no values."""
    values = [getattr(part, side) for part in (left, right) if not part.empty]
    return choose(values) if values and all(value is not None for value in values) else None


def read_footer_statistics(footer: pq.FileMetaData, sealed: Collection[str]) -> dict[str, LeafStatistics]:
    """Statistics by leaf path (`a`, `a.b`, `a.list.element`) of one file, without the columns in `sealed`."""
    leaves: dict[str, LeafStatistics] = {}
    for group in range(footer.num_row_groups):
        row_group = footer.row_group(group)
        for index in range(footer.num_columns):
            path = footer.schema.column(index).path
            if not any(path == name or path.startswith(name + ".") for name in sealed):
                leaf = _read_leaf(row_group.column(index))
                leaves[path] = leaves[path] + leaf if path in leaves else leaf
    return leaves


def read_leaf_statistics(
    footer: pq.FileMetaData, facts: Mapping[str, FloatFacts], sealed: Collection[str]
) -> dict[str, LeafStatistics]:
    """The footer's statistics; those of floats are completed by `facts`."""
    leaves = read_footer_statistics(footer, sealed)
    for path in facts.keys() & leaves.keys():
        fact, leaf = facts[path], leaves[path]
        in_a_list = ".list.element" in path or ".key_value." in path  # there Parquet also counts empty lists
        nulls = leaf.nulls if in_a_list else fact.nulls
        leaves[path] = replace(leaf, nulls=nulls, lower=fact.lower, upper=fact.upper, nans=fact.nans)
    return leaves


def _read_leaf(chunk: pq.ColumnChunkMetaData) -> LeafStatistics:
    statistics = chunk.statistics
    nulls = statistics.null_count if statistics is not None and statistics.has_null_count else None
    lower = upper = None
    if statistics is not None and statistics.has_min_max:
        with contextlib.suppress(OverflowError):  # a date or time of a year that Python does not have
            lower, upper = statistics.min, statistics.max
        if any(isinstance(value, float) and math.isnan(value) for value in (lower, upper)):
            lower = upper = None
    return LeafStatistics(chunk.total_compressed_size, chunk.num_values, nulls, lower, upper)


def build_column_statistics(
    schema: TableSchema, leaves: Mapping[str, LeafStatistics], nulls: Mapping[str, int]
) -> ColumnStatistics:
    """The statistics of a file by top-level column: nulls, min, max, nans. Sealed and PII columns have only nulls."""
    hidden = set(schema.masked)
    result: dict[str, dict[str, Any]] = {}
    for column in schema:
        leaf = None if column.name in hidden else leaves.get(column.name)
        result[column.name] = {"nulls": nulls.get(column.name, 0), **(_format_ends(leaf) if leaf else {})}
    return result


def merge_column_statistics(
    schema: TableSchema, files: Sequence[tuple[int, ColumnStatistics]], distinct: Mapping[str, int]
) -> ColumnStatistics:
    """The statistics of a version, from the rows and the statistics of its files; `distinct` are approximate counts.

    A bound is left out unless each file with a value has one.
    """
    hidden = set(schema.masked)
    result: dict[str, dict[str, Any]] = {}
    for column in schema:
        parts = [(rows, statistics.get(column.name, {})) for rows, statistics in files]
        entry: dict[str, Any] = {"nulls": sum(part.get("nulls", 0) for _, part in parts)}
        if column.name not in hidden:
            entry |= _merge_ends(column.type, [part for rows, part in parts if part.get("nulls", 0) < rows])
            if column.name in distinct:
                entry["distinct"] = distinct[column.name]
        result[column.name] = entry
    return result


def _merge_ends(kind: DataType, parts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    if not parts or not all("min" in part and "max" in part for part in parts):
        return {}
    place = partial(_place_value, kind)
    lower, upper = min((part["min"] for part in parts), key=place), max((part["max"] for part in parts), key=place)
    nans = sum(part.get("nans", 0) for part in parts)
    return {"min": lower, "max": upper, **({"nans": nans} if nans else {})}


def _place_value(kind: DataType, value: Any) -> Any:
    """What orders the JSON forms of a column's values; NaN is above every number."""
    if isinstance(kind, DecimalType):
        return Decimal(value)
    return (math.isnan(value), value) if isinstance(value, float) else (False, value)


def _format_ends(leaf: LeafStatistics) -> dict[str, Any]:
    """The least and the greatest value in DuckDB's order, in which NaN is above every number."""
    if leaf.nans:
        return {"min": math.nan if leaf.lower is None else leaf.lower, "max": math.nan, "nans": leaf.nans}
    return {"min": _to_json(leaf.lower), "max": _to_json(leaf.upper)} if leaf.lower is not None else {}


def _to_json(value: Any) -> Any:
    """A JSON value; text is cut at 64 characters, because bounds are for display."""
    if isinstance(value, bool | int | float):
        return value
    return str(value)[:64] if not isinstance(value, bytes) else value[:32].hex()
