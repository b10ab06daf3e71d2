"""The methods of DataFrame that return rows, and those that describe them without running."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

import pyarrow as pa
from sqlglot import exp
from sqlglot.errors import SqlglotError

from data_platform.engine import export
from data_platform.engine.expressions.types import to_spark_type
from data_platform.engine.origin import Origin
from data_platform.engine.plan.compile import Compiled, compile_plan
from data_platform.engine.plan.lineage import trace_columns
from data_platform.engine.plan.names import Field
from data_platform.engine.plan.nodes import Aggregation, Scan, walk_bottom_up
from data_platform.engine.plan.relation import Rel, check_count, limit
from data_platform.engine.plan.schema import build_schema
from data_platform.engine.plan.sql_outline import render_outline
from data_platform.engine.row import Row
from data_platform.engine.runner import QueryRunner
from data_platform.engine.show import render_html, render_text
from data_platform.engine.traced import TracedRows
from data_platform.errors import FrameError
from data_platform.lineage.uses import ColumnLineage

if TYPE_CHECKING:
    import pandas
    import polars

_PREVIEW_ROWS = 20
_BATCH_ROWS = 65_536


class Actions(TracedRows):
    """The actions of DataFrame; each one computes the frame again and reads only the columns it needs."""

    def __init__(self, rel: Rel, runner: QueryRunner) -> None:
        self._rel, self._runner = rel, runner

    @property
    def columns(self) -> list[str]:
        """The columns' names, in order."""
        return self._rel.names

    @property
    def schema(self) -> pa.Schema:
        """The columns' names and Arrow types; nothing is read for it."""
        return build_schema(self._rel.fields)

    @property
    def dtypes(self) -> list[tuple[str, str]]:
        """The columns' names and types in Spark's words."""
        return [(field.name, to_spark_type(field.type)) for field in self._rel.fields]

    @property
    def provenance(self) -> Mapping[Origin, frozenset[str]]:
        """Every origin in the frame, with the columns that an action on it reads."""
        return self._compiled.provenance

    @property
    def warnings(self) -> tuple[str, ...]:
        """The warnings of policies about reading the frame's origins, each once; may be empty."""
        scans = [node for node in walk_bottom_up(self._rel.plan) if isinstance(node, Scan)]
        return tuple(dict.fromkeys(warning for scan in scans for warning in scan.warnings))

    @property
    def column_lineage(self) -> ColumnLineage[Origin]:
        """The origin columns that each column is made from, and those that decide about the rows.

        Nothing is read for it. Empty for a frame too large to trace.
        """
        return trace_columns(self._compiled)

    @property
    def outline(self) -> str | None:
        """The frame's SQL (DuckDB's) with `?` for every value, which may be shown where personal data may not."""
        return render_outline(self._compiled)

    def sql(self, dialect: str = "duckdb") -> str:
        """The frame as one SQL statement over its sources' names, in any dialect that sqlglot knows."""
        try:
            return self._compiled.sql(dialect)
        except (SqlglotError, ValueError) as error:
            raise FrameError(f"the frame cannot be written for {dialect!r}: {error}") from error

    def explain(self) -> None:
        """Print the engine's plan: which columns and filters reach the files."""
        print(self._runner.explain(self._compiled))

    def to_arrow(self) -> pa.Table:
        """All rows as a pyarrow Table."""
        return self._runner.read_table(self._compiled)

    toArrow = to_arrow

    def to_batches(self, rows: int = _BATCH_ROWS) -> pa.RecordBatchReader:
        """All rows as a stream of batches of at most `rows` rows, computed while they are read.

        Memory is bounded for operations that can be streamed; a sort or a group-by may need more.
        """
        if rows < 1:
            raise FrameError(f"a batch holds at least one row, not {rows}")
        return self._runner.stream_batches(self._compiled, rows)

    def to_polars(self) -> polars.DataFrame:
        """All rows as a polars DataFrame; MissingExtra where polars is not installed."""
        export.require_library("polars")
        self._require_unique_names()
        return export.to_polars(self.to_arrow())

    def to_pandas(self) -> pandas.DataFrame:
        """All rows as a pandas DataFrame; MissingExtra where pandas is not installed."""
        export.require_library("pandas")
        return export.to_pandas(self.to_arrow())

    toPandas = to_pandas

    def collect(self) -> list[Row]:
        """All rows as a list of Row."""
        return export.to_rows(self.to_arrow())

    def take(self, count: int) -> list[Row]:
        """The first `count` rows."""
        return export.to_rows(self._take(count))

    def first(self) -> Row | None:
        """The first row, None when there is none."""
        return next(iter(self.take(1)), None)

    def head(self, count: int | None = None) -> Row | list[Row] | None:
        """The first row, or with `count` a list of the first ones."""
        return self.first() if count is None else self.take(count)

    def isEmpty(self) -> bool:
        """Whether there is no row."""
        return not self.take(1)

    def count(self) -> int:
        """The number of rows."""
        counted = (("count", exp.Count(this=exp.Star())),)
        fields = (Field("count", "count", pa.int64()),)
        compiled = compile_plan(Aggregation(self._rel.plan, (), counted), fields)
        return int(self._runner.read_table(compiled)["count"][0].as_py())

    def show(self, n: int = _PREVIEW_ROWS, truncate: bool | int = True) -> None:
        """Print the first `n` rows; text longer than 20 characters (or `truncate`) is cut, with False it is not."""
        n = check_count(n)
        table = self._take(n + 1)
        width = 20 if truncate is True else int(truncate)
        print(render_text(table.slice(0, n), width))
        if table.num_rows > n:
            print(f"only the first {n} rows")

    def printSchema(self) -> None:
        """Print the columns and their types."""
        print("\n".join(["root", *(f" |-- {name}: {type_}" for name, type_ in self.dtypes)]))

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """The Arrow PyCapsule interface: polars, pandas, DuckDB and pyarrow take a frame as it is."""
        return self.to_batches().__arrow_c_stream__(requested_schema)

    def __repr__(self) -> str:
        return f"DataFrame[{', '.join(f'{name}: {type_}' for name, type_ in self.dtypes)}]"

    def _repr_html_(self) -> str:
        table = self._take(_PREVIEW_ROWS + 1)
        more = table.num_rows > _PREVIEW_ROWS
        note = f"the first {_PREVIEW_ROWS} rows" if more else f"{table.num_rows} rows"
        return render_html(table.slice(0, _PREVIEW_ROWS), f"{note} × {len(self.columns)} columns")

    @cached_property
    def _compiled(self) -> Compiled:
        return compile_plan(self._rel.plan, self._rel.fields)

    def _take(self, count: int) -> pa.Table:
        top = limit(self._rel, count)
        return self._runner.read_table(compile_plan(top.plan, top.fields))

    def _require_unique_names(self) -> None:
        twice = sorted({name for name in self.columns if self.columns.count(name) > 1})
        if twice:
            raise FrameError(
                f"two columns are named {', '.join(map(repr, twice))}", hint="drop or rename one of them first"
            )
