"""`DataFrame`: PySpark's API over published versions; lazy, immutable, checked when a method is called.

A frame is a plan (plan/nodes.py). Each method checks names and types at once, from the schemas alone, and returns a new
frame. An action (actions.py) compiles the plan into one SQL statement, which the frame's runner (runner.py) computes.
Renaming or dropping a column that does not exist is an error, unlike in PySpark.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

import pyarrow as pa
from sqlglot import exp

from data_platform.engine.actions import Actions
from data_platform.engine.expressions.column import Column
from data_platform.engine.expressions.dialect import parse_column, parse_expression
from data_platform.engine.expressions.window import build_sort_key, to_reference
from data_platform.engine.origin import OnFail, OnRead, Origin
from data_platform.engine.plan import joins, nulls, relation
from data_platform.engine.plan.grouping import GroupedData
from data_platform.engine.plan.names import Field, add_slots, find_path, make_unknown_column_error
from data_platform.engine.plan.nodes import Scan, Stream
from data_platform.engine.plan.relation import Rel
from data_platform.engine.published import PublishedVersion
from data_platform.engine.runner import QueryRunner
from data_platform.engine.runners.duckdb import IN_PROCESS
from data_platform.engine.source import ParquetSource, RemoteSource
from data_platform.errors import FrameError

ColumnOrName = Column | str


class DataFrame(Actions):
    """Rows of one or more products and sources, described and not yet computed.

    Every method raises FrameError, at once, for a column that is not there (with the nearest name), one that is
    ambiguous, or an expression whose types do not fit.
    """

    def __init__(self, rel: Rel, published: PublishedVersion | None = None, runner: QueryRunner = IN_PROCESS) -> None:
        super().__init__(rel, runner)
        self._published = published

    @property
    def version(self) -> Any:
        """The number of the data version that was consumed, from 1; None after a transform and for other rows.

        Where a column has the name `version`, `df.version` is that column, as before; `provenance` has the number too.
        """
        return self._read_published("version")

    @property
    def lineage(self) -> Any:
        """What the consumed version was made from: `{Origin: columns read}`; None after a transform.

        Where a column has the name `lineage`, this is that column. Of a frame that you computed, `provenance` has the
        origins.
        """
        return self._read_published("lineage")

    @property
    def statistics(self) -> Any:
        """Statistics of the consumed version, `{column: {"nulls": …, "min": …, "max": …, "distinct": …}}`.

        They are those that its publish measured, of the columns in the frame; encrypted columns have none. None after a
        transform. Where a column has the name `statistics`, this is that column.
        """
        return self._read_published("statistics")

    def select(self, *columns: ColumnOrName | Sequence[ColumnOrName]) -> DataFrame:
        """These columns only: names, Columns, `"*"`, `"alias.*"`; a computed one without alias is named as in Spark."""
        return self._derive(relation.select(self._rel, [to_reference(item) for item in _flatten(columns)]))

    def selectExpr(self, *texts: str) -> DataFrame:
        """Columns written in Spark SQL: `selectExpr("order_id", "price * quantity AS amount")`."""
        return self._derive(relation.select(self._rel, [parse_expression(text) for text in _flatten(texts)]))

    def withColumn(self, name: str, value: Column) -> DataFrame:
        """All columns and one more, which replaces the one of the same name."""
        return self.withColumns({name: value})

    def withColumns(self, values: Mapping[str, Column]) -> DataFrame:
        """All columns and several more; each sees only the columns from before."""
        return self._derive(
            relation.with_columns(self._rel, {name: _require_column(value) for name, value in values.items()})
        )

    def withColumnRenamed(self, old: str, new: str) -> DataFrame:
        """The column `old` under the name `new`."""
        return self.withColumnsRenamed({old: new})

    def withColumnsRenamed(self, names: Mapping[str, str]) -> DataFrame:
        """Several columns under new names, `{old: new}`."""
        return self._derive(relation.rename(self._rel, names))

    def drop(self, *columns: ColumnOrName) -> DataFrame:
        """All columns but these."""
        names = [item if isinstance(item, str) else _require_column(item) for item in _flatten(columns)]
        return self._derive(relation.drop(self._rel, names))

    def filter(self, condition: ColumnOrName) -> DataFrame:
        """The rows for which the condition is true: a Column, or Spark SQL such as `"amount > 10"`."""
        value = parse_expression(condition) if isinstance(condition, str) else _require_column(condition)
        return self._derive(relation.filter_rows(self._rel, value))

    where = filter

    def join(
        self, other: DataFrame, on: ColumnOrName | Sequence[ColumnOrName] | None = None, how: str = "inner"
    ) -> DataFrame:
        """Rows of both that belong together.

        `on` is a column's name or a list of them (each kept once in the result), or a condition or list of conditions
        over both sides (all columns are kept). `how` is inner, left, right, full, semi or anti, in any of Spark's
        spellings. Without `on` it is an error: a product of all rows is `crossJoin`.
        """
        return self._derive(joins.join(self._rel, _require_frame(other)._rel, _read_keys(on), how), other)

    def crossJoin(self, other: DataFrame) -> DataFrame:
        """Every row of this frame with every row of the other."""
        return self._derive(joins.join_all_pairs(self._rel, _require_frame(other)._rel), other)

    def groupBy(self, *columns: ColumnOrName | Sequence[ColumnOrName]) -> GroupedData[DataFrame]:
        """Groups of rows with equal values in `columns`; `.agg(…)` makes a frame of them again."""
        return GroupedData(self._rel, [to_reference(item) for item in _flatten(columns)], self._derive)

    groupby = groupBy

    def agg(self, *aggregates: Column | Mapping[str, str]) -> DataFrame:
        """Aggregates over all rows: one row."""
        return self.groupBy().agg(*aggregates)

    def orderBy(
        self, *columns: ColumnOrName | Sequence[ColumnOrName], ascending: bool | Sequence[bool] = True
    ) -> DataFrame:
        """The rows in order; nulls come first when ascending and last when descending, as in Spark."""
        keys = _flatten(columns)
        if not keys:
            raise FrameError("orderBy() needs a column")
        directions = [ascending] * len(keys) if isinstance(ascending, bool) else list(ascending)
        if len(directions) != len(keys):
            raise FrameError(f"ascending has {len(directions)} values for {len(keys)} columns")
        both = zip(keys, directions, strict=True)
        return self._derive(relation.sort(self._rel, [build_sort_key(key, ascending=up) for key, up in both]))

    sort = orderBy

    def limit(self, count: int) -> DataFrame:
        """At most `count` rows."""
        return self._derive(relation.limit(self._rel, count))

    def offset(self, count: int) -> DataFrame:
        """The rows after the first `count`."""
        return self._derive(relation.limit(self._rel, None, count))

    def distinct(self) -> DataFrame:
        """One row of those that are equal in every column."""
        return self._derive(relation.remove_duplicates(self._rel))

    def dropDuplicates(self, subset: Sequence[str] | None = None) -> DataFrame:
        """One row of those that are equal in `subset` (any one of them), by default in every column."""
        return self._derive(
            relation.remove_duplicates(self._rel, [subset] if isinstance(subset, str) else subset or ())
        )

    drop_duplicates = dropDuplicates

    def union(self, other: DataFrame) -> DataFrame:
        """The rows of both, duplicates kept, columns matched by position."""
        return self._derive(relation.append_rows(self._rel, _require_frame(other)._rel), other)

    unionAll = union

    def unionByName(self, other: DataFrame, allowMissingColumns: bool = False) -> DataFrame:
        """The rows of both, duplicates kept, columns matched by name; missing ones become null if allowed."""
        return self._derive(
            relation.append_rows_by_name(self._rel, _require_frame(other)._rel, allow_missing=allowMissingColumns),
            other,
        )

    def fillna(
        self, value: float | str | bool | Mapping[str, Any], subset: str | Sequence[str] | None = None
    ) -> DataFrame:
        """Nulls (and NaNs) replaced in the columns that `value` fits, or column by column with `{name: value}`."""
        return self._derive(nulls.fill(self._rel, value, _list_names(subset)))

    def dropna(
        self, how: str = "any", thresh: int | None = None, subset: str | Sequence[str] | None = None
    ) -> DataFrame:
        """The rows without nulls (or NaNs): `how` any or all; `thresh` demands that many values instead."""
        return self._derive(nulls.drop(self._rel, how, thresh, _list_names(subset)))

    def alias(self, name: str) -> DataFrame:
        """The same frame, its columns also known as `name.column`: for self-joins and equal names after a join."""
        return self._derive(relation.set_alias(self._rel, name))

    def __getitem__(self, key: str | Column | Sequence[ColumnOrName]) -> Any:
        """`df["x"]` is the Column x of this very frame; `df[condition]` filters, `df[["a", "b"]]` selects."""
        if isinstance(key, str):
            return self._find_column(key)
        return self.filter(key) if isinstance(key, Column) else self.select(*key)

    def __iter__(self) -> NoReturn:
        raise FrameError("a DataFrame is no sequence of rows", hint="collect() returns its rows")

    def __getattr__(self, name: str) -> Column:
        if name.startswith("_"):
            raise AttributeError(name)
        if name in self._rel.names:
            return self._find_column(name)
        error = make_unknown_column_error(
            name, [*self._rel.names, *(attribute for attribute in dir(type(self)) if not attribute.startswith("_"))]
        )
        raise AttributeError(f"DataFrame has no column or method {name!r}: {error.hint}")

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *(name for name in self._rel.names if name.isidentifier())]

    def _derive(self, rel: Rel, other: DataFrame | None = None) -> DataFrame:
        return DataFrame(rel, runner=self._runner if other is None else self._choose_runner(other))

    def _choose_runner(self, other: DataFrame) -> QueryRunner:
        """The runner of both frames together: their own, or where it can read both, that of this process."""
        if other._runner == self._runner:
            return self._runner
        if self._runner.is_joinable and other._runner.is_joinable:
            return IN_PROCESS
        raise FrameError(
            "the two frames run on different engines", hint="publish one of them, and consume both from one platform"
        )

    def _read_published(self, name: str) -> Any:
        if name in self._rel.names:
            return self._find_column(name)
        return getattr(self._published, name, None)

    def _find_column(self, name: str) -> Column:
        parts = parse_column(name).meta["parts"]
        field, path = find_path(parts, self._rel.fields, name)
        node: exp.Expr = parse_column(field.name, field.id)
        for step in path:
            node = exp.Dot(this=node, expression=exp.to_identifier(step, quoted=True))
        return Column(node)


def scan(
    source: ParquetSource | RemoteSource,
    origin: Origin,
    on_read: OnRead | None = None,
    on_fail: OnFail | None = None,
    warnings: tuple[str, ...] = (),
) -> DataFrame:
    """A frame over one version, as the view of the source shows it.

    `on_read` is called once per action, before its rows are returned, with the columns read by origin; `on_fail` when
    the version's files cannot be read. `warnings` are shown to the reader.
    """
    return _make_frame(Scan(_format_name(origin), source, source.schema, origin, on_read, on_fail, warnings))


def with_published(frame: DataFrame, published: PublishedVersion) -> DataFrame:
    """The frame, whose columns are those of that version only, with the facts of the version attached."""
    return DataFrame(frame._rel, published, frame._runner)


def with_runner(frame: DataFrame, runner: QueryRunner) -> DataFrame:
    """The frame, whose actions run on `runner`."""
    return DataFrame(frame._rel, frame._published, runner)


def from_table(table: pa.Table | pa.RecordBatchReader, origin: Origin | None = None) -> DataFrame:
    """A frame over rows in memory, or over a stream, which can be read once."""
    rows = Stream(table) if isinstance(table, pa.RecordBatchReader) else table
    return _make_frame(Scan(_format_name(origin), rows, table.schema, origin))


def _make_frame(node: Scan) -> DataFrame:
    fields = tuple(Field(field.name, field.name, _to_engine_type(field.type)) for field in node.schema)
    if [field.slot for field in add_slots(fields)] != node.schema.names:
        raise FrameError(f"{node.name} has columns that differ in case only, or twice: {', '.join(node.schema.names)}")
    return DataFrame(Rel(node, fields))


def _to_engine_type(type_: pa.DataType) -> pa.DataType:
    """The type that DuckDB returns for a column of this type; only durations change."""
    return pa.month_day_nano_interval() if pa.types.is_duration(type_) else type_


def _format_name(origin: Origin | None) -> str:
    if origin is None:
        return "rows"
    return origin.output if origin.version is None else f"{origin.output}_v{origin.version}"


def _flatten(values: Sequence[Any]) -> list[Any]:
    return list(values[0]) if len(values) == 1 and isinstance(values[0], list | tuple) else list(values)


def _list_names(subset: str | Sequence[str] | None) -> list[str] | None:
    return [subset] if isinstance(subset, str) else None if subset is None else list(subset)


def _require_column(value: Any) -> exp.Expr:
    if not isinstance(value, Column):
        raise FrameError(f"{value!r} is not a Column", hint="a constant is lit(…), a column col(…) or df[…]")
    return value.expression.copy()


def _require_frame(other: object) -> DataFrame:
    if not isinstance(other, DataFrame):
        raise FrameError(f"a {type(other).__name__} is not a DataFrame of this platform")
    return other


def _read_keys(on: ColumnOrName | Sequence[ColumnOrName] | None) -> list[str] | exp.Expr | None:
    if on is None or isinstance(on, Column):
        return None if on is None else _require_column(on)
    keys = [on] if isinstance(on, str) else list(on)
    names = [key for key in keys if isinstance(key, str)]
    if len(names) == len(keys):
        return names
    if names:
        raise FrameError("a join's key is names or conditions, not both")
    return exp.and_(*(_require_column(key) for key in keys))
