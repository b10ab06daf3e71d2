"""A frame's SQL without the values in it."""

from __future__ import annotations

from contextlib import suppress
from itertools import islice

from sqlglot import exp

from data_platform.engine.plan.compile import Compiled
from data_platform.engine.spark_functions.duckdb import SparkOnDuckDB

MOST = 2_000
"""The most nodes of a statement; replacing the values of a larger one takes long."""

_VALUES = (
    exp.Literal,
    exp.BitString,
    exp.ByteString,
    exp.HexString,
    exp.Heredoc,
    exp.National,
    exp.RawString,
    exp.UnicodeString,
)


def render_outline(compiled: Compiled) -> str | None:
    """The statement with `?` for every value, in DuckDB's dialect; None if it is too large or too deep."""
    with suppress(RecursionError):
        if next(islice(compiled.runs.walk(), MOST, None), None) is None:
            statement = compiled.runs.transform(_replace_value)
            return statement.sql(SparkOnDuckDB, pretty=True, identify=True, comments=False)
    return None


def _replace_value(node: exp.Expr) -> exp.Expr:
    """A placeholder for a value; the digits of a type, as in DECIMAL(18, 2), are none."""
    is_value = isinstance(node, _VALUES) and not isinstance(node.parent, exp.DataTypeParam)
    return exp.Placeholder() if is_value else node
