"""`Value`: an expression in DuckDB's SQL together with the type that Spark gives it."""

from __future__ import annotations

from typing import Any, NamedTuple

import pyarrow as pa
from sqlglot import exp

from data_platform.errors import FrameError


class SqlTemplate(exp.Expression, exp.Func):
    """DuckDB's SQL as text, with the placeholders `{0}`, `{1}`, … for the expressions."""

    arg_types = {"this": True, "expressions": False}  # noqa: RUF012  # sqlglot's own form
    is_var_len_args = True


class Value(NamedTuple):
    """An expression in DuckDB's SQL and its Spark type, as an Arrow type."""

    sql: exp.Expr
    type: pa.DataType

    @property
    def is_null(self) -> bool:
        """Whether it is the bare NULL."""
        return isinstance(self.sql, exp.Null)

    @property
    def is_literal(self) -> bool:
        """Whether it is written out as text, a number, a boolean or NULL."""
        bare = self.sql.this if isinstance(self.sql, exp.Neg) else self.sql
        return isinstance(bare, exp.Literal | exp.Null | exp.Boolean)


def build_sql(template: str, *values: Value, type: pa.DataType) -> Value:
    """A Value from a template of DuckDB's SQL over other values."""
    return Value(SqlTemplate(this=template, expressions=[value.sql for value in values]), type)


def make_text_literal(text: str) -> Value:
    """A text written out."""
    return Value(exp.Literal.string(text), pa.string())


def make_number_literal(number: int) -> Value:
    """An int written out."""
    literal = exp.Literal.number(abs(number))
    return Value(exp.Neg(this=literal) if number < 0 else literal, pa.int32())


def read_constant(value: Value, name: str, what: str) -> Any:
    """The Python value of a literal; FrameError where the argument is computed."""
    node, sign = value.sql, 1
    if isinstance(node, exp.Neg):
        node, sign = node.this, -1
    if isinstance(node, exp.Boolean):
        return bool(node.this)
    if isinstance(node, exp.Null):
        return None
    if isinstance(node, exp.Literal):
        if node.is_string:
            return str(node.this)
        text = str(node.this)
        return sign * (int(text) if text.isdigit() else float(text))
    raise FrameError(f"{name}: {what} must be a constant")
