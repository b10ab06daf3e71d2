"""Applies row filters to batches of rows.

A comparison with a null is unknown, and so is one with NaN; a row is visible where the whole condition is true. A
number is compared exactly with a column of integers or decimals, and as the nearest float with one of floats. A date
means its midnight (in UTC) where the column has times.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from functools import reduce
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from data_platform.spec.access.columns import list_condition_columns
from data_platform.spec.access.row_filters import (
    EVERY_ROW,
    NO_ROW,
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

_COMPARISONS: Mapping[Comparator, Callable[[Any, Any], Any]] = {
    Comparator.EQUAL: pc.equal,
    Comparator.UNEQUAL: pc.not_equal,
    Comparator.LESS: pc.less,
    Comparator.AT_MOST: pc.less_equal,
    Comparator.GREATER: pc.greater,
    Comparator.AT_LEAST: pc.greater_equal,
}
_DIGITS = 76
"""Of the widest decimal."""


def fit_condition(condition: Condition, schema: pa.Schema) -> Condition:
    """The condition, or NO_ROW where the columns of `schema` cannot be compared as it says."""
    empty = pa.RecordBatch.from_pylist([], schema)
    try:
        _test_rows(condition, empty)
    except (ValueError, KeyError, TypeError, OverflowError, pa.ArrowException):
        return NO_ROW
    return condition if list_condition_columns(condition) else _evaluate_constant(condition)


def _evaluate_constant(condition: Condition) -> Condition:
    """EVERY_ROW or NO_ROW, for a condition that reads no column."""
    row = pa.RecordBatch.from_arrays([pa.nulls(1)], names=["_"])
    return EVERY_ROW if _test_rows(condition, row).to_pylist() == [True] else NO_ROW


def select_rows(condition: Condition, batch: pa.RecordBatch) -> pa.RecordBatch:
    """The rows of a batch for which a fitting condition is true."""
    return batch if condition == EVERY_ROW else batch.filter(_test_rows(condition, batch))


def find_rows(condition: Condition, batch: pa.RecordBatch) -> pa.Array:
    """For each row of a batch whether a fitting condition is true of it."""
    return _test_rows(condition, batch).fill_null(False)


def _test_rows(condition: Condition, batch: pa.RecordBatch) -> pa.Array:
    """True, false or null for each row."""
    match condition:
        case ColumnComparison(column, comparator, operand):
            return _COMPARISONS[comparator](*_align(batch.column(column), operand))
        case OneOf(column, operands):
            return _combine(pc.or_kleene, (pc.equal(*_align(batch.column(column), one)) for one in operands), batch)
        case IsNull(column):
            return pc.is_null(batch.column(column))
        case Negation(inner):
            return pc.invert(_test_rows(inner, batch))
        case AllOf(inner):
            return _combine(pc.and_kleene, (_test_rows(one, batch) for one in inner), batch)
        case AnyOf(inner):
            return _combine(pc.or_kleene, (_test_rows(one, batch) for one in inner), batch)


def _combine(operation: Callable[[Any, Any], Any], tests: Iterable[pa.Array], batch: pa.RecordBatch) -> pa.Array:
    neutral = pa.repeat(pa.scalar(operation is pc.and_kleene), batch.num_rows)
    return reduce(operation, tests, neutral)


def _align(values: pa.Array, operand: Scalar | PrincipalAttribute) -> tuple[pa.Array, pa.Scalar]:
    """The values and the constant in one type; ValueError where they do not fit."""
    kind = values.type
    if isinstance(operand, bool):
        _require(pa.types.is_boolean(kind))
        return values, pa.scalar(operand)
    if isinstance(operand, int | float | Decimal):
        return _align_number(values, operand)
    if isinstance(operand, str):
        _require(pa.types.is_string(kind))
        return values, pa.scalar(operand, kind)
    if isinstance(operand, date):
        return values, pa.scalar(_fit_moment(kind, operand), kind)
    _require(isinstance(operand, time) and pa.types.is_time(kind))
    return values, pa.scalar(operand, kind)


def _align_number(values: pa.Array, operand: int | float | Decimal) -> tuple[pa.Array, pa.Scalar]:
    kind, number = values.type, Decimal(repr(operand)) if isinstance(operand, float) else Decimal(operand)
    _require(number.is_finite())
    if pa.types.is_floating(kind):
        return pc.if_else(pc.is_nan(values), pa.scalar(None, kind), values), pa.scalar(float(number), kind)
    _require(pa.types.is_integer(kind) or pa.types.is_decimal(kind))
    if pa.types.is_integer(kind) and number == int(number) and -(2**63) <= number < 2**63:
        return values, pa.scalar(int(number), pa.int64())
    exact = values.cast(pa.decimal128(19, 0)) if pa.types.is_integer(kind) else values
    scale = max(exact.type.scale, -int(number.as_tuple().exponent))
    _require(exact.type.precision - exact.type.scale + scale <= _DIGITS)
    widest = pa.decimal256(_DIGITS, scale)
    return exact.cast(widest), pa.scalar(number, widest)


def _fit_moment(kind: pa.DataType, operand: date) -> date:
    if pa.types.is_date(kind):
        _require(not isinstance(operand, datetime))
        return operand
    _require(pa.types.is_timestamp(kind))
    if not isinstance(operand, datetime):
        return datetime(operand.year, operand.month, operand.day)
    _require((operand.tzinfo is None) == (kind.tz is None))
    return operand


def _require(fits: bool) -> None:
    if not fits:
        raise ValueError("the column cannot be compared with the constant")
