"""Infers the types of expressions by binding them in DuckDB over empty tables: no file is read, no query runs."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import duckdb
import pyarrow as pa
from sqlglot import exp

from data_platform.engine.connection import open_connection
from data_platform.engine.error_lines import cut_traceback
from data_platform.engine.plan.names import Field
from data_platform.engine.spark_functions.duckdb import SparkOnDuckDB
from data_platform.engine.worker.sql_errors import explain_sql_error
from data_platform.errors import FrameError

_KIND = re.compile(r"[A-Z][A-Za-z]*( [A-Z][A-Za-z]*)* Error: ")
"""What DuckDB puts in front of a message, such as `Invalid Input Error: `."""
ABOUT_THE_SQL = (duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException, duckdb.SyntaxException)


class BoundSelect(NamedTuple):
    """A SELECT's types, in DuckDB's and in Arrow's words, and whether it aggregates all rows into one."""

    types: list[tuple[str, pa.DataType]]
    aggregates: bool


def bind(select: exp.Select, inputs: Mapping[str, Sequence[Field]]) -> BoundSelect:
    """The types of `select` (without FROM) over tables with these fields.

    FrameError with DuckDB's reason: an unknown function, a type that does not fit, a missing aggregate.
    """
    first, *others = inputs
    # without the alias, DuckDB would read CURRENT_DATE as a reference to itself
    aliased = [exp.alias_(expression, f"c{number}", copy=False) for number, expression in enumerate(select.expressions)]
    select = select.select(*aliased, append=False).from_(exp.to_table(first))
    for name in others:
        select = select.join(exp.to_table(name), join_type="cross")
    with open_connection() as cursor:
        for name, fields in inputs.items():
            schema = pa.schema([pa.field(field.slot, field.type) for field in fields] or [("_", pa.null())])
            cursor.register(name, schema.empty_table())
        try:
            relation = cursor.sql(select.sql(dialect=SparkOnDuckDB))
            types = [str(kind) for kind in relation.types]
            result = relation.to_arrow_table()
            # over empty tables, only an aggregate without keys returns a row
            return BoundSelect(list(zip(types, result.schema.types, strict=True)), result.num_rows == 1)
        except duckdb.Error as error:
            raise translate_error(error) from error


def translate_error(error: duckdb.Error) -> FrameError:
    """DuckDB's error about an expression as a FrameError, without its excerpt of the SQL text."""
    text = cut_traceback(str(error)).split("\nLINE ")[0]
    if "window expressions cannot be volatile" in text:
        hint = "compute it first: frame.withColumn(name, expression), then name the column in the window"
        return FrameError("a window is partitioned or ordered by an expression that may refuse a value", hint=hint)
    if isinstance(error, ABOUT_THE_SQL):
        return FrameError(explain_sql_error(text))
    return FrameError(" ".join(_KIND.sub("", text, count=1).split()))
