"""Reads a row filter: a condition in SQL's words, of which only the parts below are allowed.

Comparisons (`=`, `<>`, `<`, `<=`, `>`, `>=`) of a column with a constant or with `principal.NAME`; `IN (…)`,
`BETWEEN … AND …`, `IS [NOT] NULL`; `AND`, `OR`, `NOT` and parentheses. Constants are text, numbers, TRUE, FALSE,
DATE '…' and TIMESTAMP '…'. Nothing else is read: neither functions nor subqueries.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from data_platform.spec.access.row_filters import (
    AllOf,
    AnyOf,
    ColumnComparison,
    Comparator,
    Condition,
    IsNull,
    Negation,
    OneOf,
    PrincipalAttribute,
)
from data_platform.spec.rules.predicates import Scalar
from data_platform.spec.sql.text import Refusal, read_tokens

LONGEST = 2_000
ALLOWED = (
    "allowed are columns compared by = <> < <= > >= with a constant or principal.NAME, IN (…), BETWEEN, "
    "IS NULL, AND, OR, NOT and parentheses"
)
PRINCIPAL = "principal"
_COMPARATORS: Mapping[type[exp.Expr], Comparator] = {
    exp.EQ: Comparator.EQUAL,
    exp.NEQ: Comparator.UNEQUAL,
    exp.LT: Comparator.LESS,
    exp.LTE: Comparator.AT_MOST,
    exp.GT: Comparator.GREATER,
    exp.GTE: Comparator.AT_LEAST,
}
_FLIPPED = {
    Comparator.LESS: Comparator.GREATER,
    Comparator.AT_MOST: Comparator.AT_LEAST,
    Comparator.GREATER: Comparator.LESS,
    Comparator.AT_LEAST: Comparator.AT_MOST,
}
_Operand = Scalar | PrincipalAttribute


class RowFilterRefusal(ValueError):
    """A text that is no row filter, with what to write instead."""

    def __init__(self, message: str, hint: str = ALLOWED) -> None:
        super().__init__(message)
        self.hint = hint


def parse_row_filter(text: str) -> Condition:
    """The condition of the text.

    Raises RowFilterRefusal for everything that is not allowed in it.
    """
    if len(text) > LONGEST:
        raise RowFilterRefusal(f"has {len(text):,} characters; {LONGEST:,} is the limit", "write a shorter condition")
    try:
        read_tokens(text)
        trees = sqlglot.parse(text, dialect="duckdb")
        if len(trees) != 1 or trees[0] is None:
            raise RowFilterRefusal("is not one condition")
        return _convert(trees[0])
    except Refusal as refusal:
        raise RowFilterRefusal(f"cannot be read: {refusal}") from None
    except RecursionError:
        raise RowFilterRefusal("is nested too deeply", "write it flatter") from None
    except SqlglotError:
        raise RowFilterRefusal("is not a condition that can be read") from None


def _convert(node: exp.Expr) -> Condition:
    match node:
        case exp.Paren():
            return _convert(node.this)
        case exp.And():
            return AllOf(tuple(_convert(one) for one in node.flatten()))
        case exp.Or():
            return AnyOf(tuple(_convert(one) for one in node.flatten()))
        case exp.Not():
            return Negation(_convert(node.this))
        case exp.Is() if isinstance(node.expression, exp.Null):
            return IsNull(_read_column(node.this))
        case exp.In():
            return _convert_in(node)
        case exp.Between() if not node.args.get("symmetric"):
            sides = ((Comparator.AT_LEAST, node.args["low"]), (Comparator.AT_MOST, node.args["high"]))
            column = _read_column(node.this)
            return AllOf(tuple(ColumnComparison(column, how, _read_operand(operand)) for how, operand in sides))
        case exp.Column() if not _is_attribute(node):
            return ColumnComparison(_read_column(node), Comparator.EQUAL, True)
    if type(node) in _COMPARATORS:
        return _convert_comparison(node, _COMPARATORS[type(node)])
    raise _refuse(node)


def _convert_comparison(node: exp.Expr, comparator: Comparator) -> Condition:
    left, right = node.this, node.expression
    if _is_column(left):
        return ColumnComparison(_read_column(left), comparator, _read_operand(right))
    if _is_column(right):
        return ColumnComparison(_read_column(right), _FLIPPED.get(comparator, comparator), _read_operand(left))
    for side in (left, right):
        _read_operand(side)
    raise RowFilterRefusal(f"compares no column in {_write(node)}", "write a column on one side of each comparison")


def _convert_in(node: exp.In) -> Condition:
    if node.args.get("query") is not None or node.args.get("unnest") is not None or node.args.get("field") is not None:
        raise _refuse(node)
    return OneOf(_read_column(node.this), tuple(_read_operand(one) for one in node.expressions))


def _is_attribute(node: exp.Expr) -> bool:
    return isinstance(node, exp.Column) and node.table.casefold() == PRINCIPAL and not node.db


def _is_column(node: exp.Expr) -> bool:
    return isinstance(node, exp.Column) and isinstance(node.this, exp.Identifier) and not node.table


def _read_column(node: exp.Expr) -> str:
    if not _is_column(node):
        what = "names a column with its table" if isinstance(node, exp.Column) and not _is_attribute(node) else None
        raise RowFilterRefusal(f"{what or 'has no column'} in {_write(node)}", "write the column's name alone")
    return node.name


def _read_operand(node: exp.Expr) -> _Operand:
    if _is_attribute(node):
        return PrincipalAttribute(node.name)
    match node:
        case exp.Paren():
            return _read_operand(node.this)
        case exp.Boolean():
            return bool(node.this)
        case exp.Literal():
            return node.name if node.is_string else _read_number(node.name)
        case exp.Neg() if isinstance(node.this, exp.Literal) and not node.this.is_string:
            return _read_number(f"-{node.this.name}")
        case exp.Cast() if isinstance(node.this, exp.Literal) and node.this.is_string:
            return _read_moment(node)
        case exp.Null():
            raise RowFilterRefusal("compares with NULL, which no value is equal to", "write COLUMN IS NULL")
        case exp.Column():
            hint = f"a text is written in single quotes: '{node.name}'; an attribute as principal.NAME"
            raise RowFilterRefusal(f"compares with the column {_write(node)}", hint)
    raise _refuse(node)


def _read_number(text: str) -> int | Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise RowFilterRefusal(f"has the number {text[:40]}, which cannot be read") from None
    if not -38 <= number.adjusted() <= 38:
        raise RowFilterRefusal(f"has the number {text[:40]}, which is out of range")
    return int(text) if text.lstrip("-").isdigit() else number


def _read_moment(node: exp.Cast) -> date | datetime:
    text, kind = node.this.name, node.to.this
    try:
        if kind is exp.DType.DATE:
            return date.fromisoformat(text)
        if kind in (exp.DType.TIMESTAMP, exp.DType.TIMESTAMPTZ):
            return datetime.fromisoformat(text)
    except ValueError:
        raise RowFilterRefusal(
            f"has {_write(node)}, which is no date", "write DATE '2026-01-31' or TIMESTAMP '2026-01-31 12:00:00'"
        ) from None
    raise _refuse(node)


def _refuse(node: exp.Expr) -> RowFilterRefusal:
    return RowFilterRefusal(f"may not use {_write(node)}")


def _write(node: exp.Expr) -> str:
    return node.sql(dialect="duckdb")[:60]
