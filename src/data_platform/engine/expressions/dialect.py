"""Parses expressions and types that users write: strict Spark SQL, without subqueries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from sqlglot import exp, parse
from sqlglot.dialects.spark import Spark
from sqlglot.errors import SqlglotError
from sqlglot.parsers.spark import SparkParser

from data_platform.errors import FrameError


def _build_function(name: str) -> Callable[[Sequence[exp.Expr]], exp.Expr]:
    return lambda arguments: exp.Anonymous(this=name, expressions=list(arguments))


class StrictSpark(Spark):
    """Spark SQL in which CAST fails on what does not fit, as in Spark 4; sqlglot's dialect parses it as TRY_CAST.

    Functions keep their names and arguments as they are written: engine/spark_functions decides their results.
    """

    class Tokenizer(Spark.Tokenizer):
        """In Spark 4, two quotes inside a text are one."""

        STRING_ESCAPES: ClassVar[list[str]] = ["'", "\\"]

    class Parser(SparkParser):
        """The parser with strict casts and no functions of its own."""

        STRICT_CAST = True
        FUNCTIONS = {name.upper(): _build_function(name) for name in ("array", "map", "struct")}  # noqa: RUF012
        FUNCTION_PARSERS = {  # noqa: RUF012
            name: parse for name, parse in SparkParser.FUNCTION_PARSERS.items() if name in ("CAST", "TRY_CAST")
        }
        ARRAY_CONSTRUCTORS: ClassVar[dict[str, type[exp.Func]]] = {}  # array(1, 2)[0] takes an item of a call
        NO_PAREN_FUNCTION_PARSERS = {  # noqa: RUF012
            name: parse for name, parse in SparkParser.NO_PAREN_FUNCTION_PARSERS.items() if name in ("CASE", "IF")
        }


def parse_expression(text: str) -> exp.Expr:
    """One Spark SQL expression; FrameError for invalid SQL, and for a query, table or second statement."""
    try:
        parsed = parse(text, dialect=StrictSpark)
    except SqlglotError as error:
        raise FrameError(f"{text!r} is not a SQL expression: {_read_first_line(error)}") from error
    if len(parsed) != 1 or parsed[0] is None:
        raise FrameError(f"{text!r} must be exactly one SQL expression")
    # provenance and usage would not see what a subquery reads
    if isinstance(parsed[0], exp.DDL | exp.DML | exp.Command) or parsed[0].find(exp.Query, exp.Table):
        raise FrameError(
            f"{text!r} must be an expression over this frame's columns, not a query",
            hint="join the other frame instead",
        )
    return parsed[0]


def parse_data_type(text: str) -> exp.DataType:
    """A type by its name in Spark, such as `bigint`, `decimal(10,2)`, `array<string>`."""
    try:
        return exp.DataType.build(text, dialect=StrictSpark)
    except SqlglotError as error:
        raise FrameError(
            f"{text!r} is not a type", hint="Spark's names: string, bigint, double, decimal(10,2), date, timestamp, …"
        ) from error


def parse_column(name: str, field: int | None = None) -> exp.Column:
    """A reference by name, to be resolved later; `field` binds it to one frame's own column (`df["x"]`).

    A dot means qualifier or struct field unless a column is named so; backticks keep a name whole.
    """
    node = exp.Column(this=exp.to_identifier(name, quoted=True))
    node.meta["parts"] = (name,) if field is not None else tuple(_split_name(name))
    node.meta["whole"] = name
    if field is not None:
        node.meta["field"] = field
    return node


def _split_name(name: str) -> list[str]:
    pieces = name.split("`")
    if len(pieces) % 2 == 0:
        return [name]
    parts = [piece for i, text in enumerate(pieces) for piece in ([text] if i % 2 else text.strip(".").split("."))]
    return [part for part in parts if part] or [name]


def _read_first_line(error: Exception) -> str:
    return str(error).partition("\n")[0].replace("\x1b[4m", "").replace("\x1b[0m", "")
