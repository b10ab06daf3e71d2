"""The types of expressions, found by letting DuckDB bind them over empty tables: nothing is read, nothing runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import duckdb
import pyarrow as pa
from sqlglot import exp

from data_platform.engine.connection import connection
from data_platform.engine.language.dialect import data_type
from data_platform.engine.language.duckdb import TRUNCATES, SparkOnDuckDB
from data_platform.engine.plan.names import Field
from data_platform.errors import FrameError


class Bound(NamedTuple):
    """A SELECT's types, in DuckDB's and in Arrow's words, and whether it aggregates all rows into one."""

    types: list[tuple[str, pa.DataType]]
    aggregates: bool


def bind(select: exp.Select, inputs: Mapping[str, Sequence[Field]]) -> Bound:
    """What `select` (without FROM) gives over tables with these fields.

    FrameError says what DuckDB finds wrong: a function that is none, a type that does not fit, a missing aggregate.
    """
    first, *others = inputs
    # under its own name, CURRENT_DATE would be taken for a reference to itself
    aliased = [exp.alias_(each, f"c{number}", copy=False) for number, each in enumerate(select.expressions)]
    select = select.select(*aliased, append=False).from_(exp.to_table(first))
    for name in others:
        select = select.join(exp.to_table(name), join_type="cross")
    with connection() as cursor:
        for name, fields in inputs.items():
            schema = pa.schema([pa.field(each.slot, each.type) for each in fields] or [("_", pa.null())])
            cursor.register(name, schema.empty_table())
        try:
            relation = cursor.sql(select.sql(dialect=SparkOnDuckDB))
            types = [str(each) for each in relation.types]
            result = relation.to_arrow_table()
            # of no rows, only an aggregate without keys makes one
            return Bound(list(zip(types, result.schema.types, strict=True)), result.num_rows == 1)
        except duckdb.Error as error:
            raise refused(error) from error


def refused(error: duckdb.Error) -> FrameError:
    """What DuckDB says against an expression, without its picture of the SQL text."""
    text = str(error).split("\nLINE ")[0].split("Candidate functions:")[0]
    return FrameError(" ".join(text.split()))


INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")
_INT_IN_SPARK = (
    exp.Year, exp.Month, exp.Day, exp.DayOfMonth, exp.DayOfWeek, exp.DayOfYear, exp.WeekOfYear, exp.Quarter, exp.Hour,
    exp.Minute, exp.Second, exp.Length, exp.DateDiff, exp.ArraySize, exp.StrPosition, exp.RowNumber, exp.Rank,
    exp.DenseRank, exp.Ntile, exp.Ascii, exp.Levenshtein,
)  # fmt: skip

_INT_BY_NAME = ("ROW_NUMBER", "RANK", "DENSE_RANK", "NTILE", "QUARTER", "WEEKDAY")


def as_spark_types(expressions: Sequence[exp.Expr], inputs: Mapping[str, Sequence[Field]]) -> list[exp.Expr]:
    """The expressions with Spark's result types, where DuckDB's are wider and would not fit a contract.

    The sum of integers is a bigint (DuckDB: hugeint) and of decimal(p,s) a decimal(p+10,s); years, lengths, ranks and
    the like are ints; floor and ceil of a double are bigints; a fraction cast to an integer is cut off, not rounded. A
    value too large for its type fails the action.
    """
    held = exp.Tuple(expressions=list(expressions))
    casts = [each for each in held.find_all(exp.Cast) if each.to.is_type(*exp.DataType.INTEGER_TYPES)]
    for cast, argument in zip(casts, _argument_types(casts, inputs), strict=True):
        if _is_fraction(argument):
            cast.meta[TRUNCATES] = True
    for node in [each for each in held.find_all(exp.Func) if _is_int_in_spark(each)]:
        _cast(node, "int")
    nodes = list(held.find_all(exp.Sum, exp.Floor, exp.Ceil))
    for node, argument in zip(nodes, _argument_types(nodes, inputs), strict=True):
        to = _sum_type(argument) if isinstance(node, exp.Sum) else _whole_type(argument)
        if to:
            _cast(node, to)
    return list(held.expressions)


def _is_int_in_spark(node: exp.Expr) -> bool:
    by_name = isinstance(node, exp.Anonymous) and node.name.upper() in _INT_BY_NAME
    return by_name or isinstance(node, _INT_IN_SPARK)


def _argument_types(nodes: Sequence[exp.Expr], inputs: Mapping[str, Sequence[Field]]) -> list[str]:
    if not nodes:
        return []
    arguments = [node.this.expressions[0] if isinstance(node.this, exp.Distinct) else node.this for node in nodes]
    try:
        return [duck for duck, _ in bind(exp.select(*(argument.copy() for argument in arguments)), inputs).types]
    except FrameError:
        return [""] * len(nodes)  # an aggregate inside a window's sum; the caller's own bind tells what is wrong


def _sum_type(argument: str) -> str | None:
    if argument in INTEGERS or argument == "BOOLEAN":
        return "bigint"
    if argument.startswith("DECIMAL("):
        precision, scale = map(int, argument[8:-1].split(","))
        return f"decimal({min(38, precision + 10)},{scale})"
    return None


def _whole_type(argument: str) -> str | None:
    return "bigint" if argument in ("DOUBLE", "FLOAT") else None


def _is_fraction(argument: str) -> bool:
    return argument in ("DOUBLE", "FLOAT") or argument.startswith("DECIMAL(")


def _cast(node: exp.Expr, to: str) -> None:
    while isinstance(node.parent, exp.Window | exp.Filter | exp.IgnoreNulls) and node.parent.this is node:
        node = node.parent
    placeholder = exp.Cast(to=data_type(to))
    node.replace(placeholder)
    placeholder.set("this", node)
