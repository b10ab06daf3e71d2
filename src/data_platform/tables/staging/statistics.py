"""Column statistics from the Parquet footers of staged files, without sealed columns.

Reading `.statistics` of a sealed column without its key aborts the process, so those columns are skipped.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pyarrow.parquet as pq

from data_platform.spec.schema.types import TableSchema
from data_platform.tables.staging.floats import FloatFacts


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
    schema: TableSchema, leaves: dict[str, LeafStatistics], nulls: dict[str, int], distinct: dict[str, int]
) -> dict[str, dict[str, Any]]:
    """The record's statistics of a version: nulls, min, max, distinct (approximate) by top-level column.

    Sealed and PII columns have only their null count.
    """
    hidden = set(schema.masked)
    result: dict[str, dict[str, Any]] = {}
    for column in schema:
        entry: dict[str, Any] = {"nulls": nulls.get(column.name, 0)}
        leaf = leaves.get(column.name)
        if column.name not in hidden:
            if leaf is not None:
                entry |= _format_ends(leaf)
            if column.name in distinct:
                entry["distinct"] = distinct[column.name]
        result[column.name] = entry
    return result


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
