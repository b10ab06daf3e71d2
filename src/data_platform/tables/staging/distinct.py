"""Counts distinct values of columns while the rows pass: exactly in a small table, estimated in a larger one."""

from __future__ import annotations

from contextlib import closing

import pyarrow as pa
import pyarrow.compute as pc

from data_platform.spec.schema.types import DataType, Kind, Primitive, TableSchema
from data_platform.tables.staging.dictionaries import get_values

EXACT_ROWS = 100_000
"""A table of one row group with at most so many rows is counted exactly."""

_COUNTED = frozenset({Kind.BOOLEAN, Kind.INT, Kind.LONG, Kind.DATE, Kind.STRING})


class DistinctCounter:
    """The number of distinct non-null values of each key or category that is no personal data.

    Memory use is one row group, and a kilobyte for each column and group.
    """

    def __init__(self, schema: TableSchema) -> None:
        hidden = set(schema.masked)
        counted = [column for column in schema if column.name not in hidden and _is_counted(column.type)]
        self._columns = [column.name for column in counted]
        self.texts = tuple(column.name for column in counted if column.type == Primitive(Kind.STRING))
        """The counted columns of text, which are counted faster if a row group has them as dictionaries."""
        self._first: pa.Table | None = None
        self._sketches: _Sketches | None = None

    def add(self, group: pa.Table) -> None:
        """Counts the rows of one more row group."""
        rows = group.select(self._columns)
        if self._first is None:
            self._first = rows
        elif self._columns:
            self._sketch(self._first).add(rows)

    def finish(self) -> dict[str, int]:
        """The counts by column; nothing can be added after it."""
        if self._first is None or not self._columns:
            return dict.fromkeys(self._columns, 0)
        if self._sketches is None and self._first.num_rows <= EXACT_ROWS:
            columns = map(get_values, self._first.columns)
            counts = [pc.count_distinct(values, mode="only_valid").as_py() for values in columns]
        else:
            counts = self._sketch(self._first).finish()
        return dict(zip(self._columns, counts, strict=True))

    def _sketch(self, first: pa.Table) -> _Sketches:
        """The sketches, begun with the first row group."""
        if self._sketches is None:
            self._sketches = _Sketches(first)
            self._first = first.slice(0, 0)
        return self._sketches


class _Sketches:
    """HyperLogLog sketches of DuckDB: one for each column and row group, combined at the end."""

    def __init__(self, first: pa.Table) -> None:
        # imported here: DuckDB takes 50 ms to load, and small tables do not need it
        import duckdb

        # one thread: two lanes write beside it
        self._database = duckdb.connect(config={"threads": 1, "autoinstall_known_extensions": False})
        self._names = [f"c{number}" for number in range(first.num_columns)]
        self._execute("CREATE TABLE sketches AS", first)

    def add(self, rows: pa.Table) -> None:
        self._execute("INSERT INTO sketches", rows)

    def finish(self) -> list[int]:
        counts = ", ".join(f"finalize(combine_aggr({name}))" for name in self._names)
        with closing(self._database):
            return list(map(int, self._database.execute(f"SELECT {counts} FROM sketches").fetchone() or ()))

    def _execute(self, statement: str, rows: pa.Table) -> None:
        sources = _list_sources(rows.rename_columns(self._names))
        for number, source in enumerate(sources):
            self._database.register(f"rows{number}", source)
        sketches = ", ".join(
            f"(SELECT {', '.join(map(_make_sketch, source.column_names))} FROM rows{number})"
            for number, source in enumerate(sources)
        )
        self._database.execute(f"{statement} SELECT {', '.join(self._names)} FROM {sketches}")
        for number in range(len(sources)):
            self._database.unregister(f"rows{number}")


def _list_sources(rows: pa.Table) -> list[pa.Table]:
    """The columns as they are, and the values of each dictionary, which are fewer than the rows."""
    encoded = [name for name in rows.column_names if pa.types.is_dictionary(rows[name].type)]
    values = [pa.table({name: get_values(rows[name])}) for name in encoded]
    return [rows.drop_columns(encoded), *values] if len(encoded) < rows.num_columns else values


def _make_sketch(name: str) -> str:
    return f"approx_count_distinct({name}) EXPORT_STATE AS {name}"


def _is_counted(kind: DataType) -> bool:
    """Whether distinct values are counted: keys and categories, not measures and timestamps."""
    return isinstance(kind, Primitive) and kind.kind in _COUNTED
