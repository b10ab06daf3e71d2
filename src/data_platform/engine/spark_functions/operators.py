"""Arithmetic, comparisons and logic: the types that Spark calculates in, and its nulls where DuckDB has none."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
from sqlglot import exp

from data_platform.engine.expressions.types import to_spark_type
from data_platform.engine.spark_functions.casts import cast
from data_platform.engine.spark_functions.types import (
    BIGINT,
    BINARY,
    BOOLEAN,
    DATE,
    DOUBLE,
    INT,
    INTERVAL,
    NULL,
    STRING,
    TIMESTAMP,
    TIMESTAMP_NTZ,
    find_common_type,
    fit_decimal,
    is_decimal,
    is_float,
    is_integral,
    is_moment,
    is_nested,
    is_number,
    require_common_type,
    to_decimal_type,
    to_duckdb_type,
)
from data_platform.engine.spark_functions.value import Value, build_sql
from data_platform.errors import FrameError


def widen(value: Value, to: pa.DataType) -> Value:
    """The value in a wider type; an int written out needs no cast, for DuckDB gives it the other side's type."""
    if value.type == to or (value.type == INT and to == BIGINT and isinstance(value.sql, exp.Literal)):
        return Value(value.sql, to)
    return cast(value, to)


def cast_to_common_type(name: str, *values: Value) -> list[Value]:
    """The values in their common type; text beside another type is read as a value of that type."""
    types = {value.type for value in values}
    if types == {STRING, BINARY}:
        return [cast(value, BINARY) for value in values]
    if STRING in types and types - {STRING, NULL}:
        others = require_common_type(name, *(types - {STRING}))
        if not (is_number(others) or is_moment(others) or others == BOOLEAN):
            raise FrameError(f"{name}: string and {to_spark_type(others)} are not comparable", hint="cast one of them")
        # as in Spark's ANSI mode
        target = BIGINT if is_integral(others) else DOUBLE if is_number(others) else others
        return [cast(value, target) for value in values]
    target = require_common_type(name, *(value.type for value in values))
    return [widen(value, target) for value in values]


def compare(operator: str, left: Value, right: Value) -> Value:
    """A comparison; NaN equals NaN and is larger than all else, in Spark and DuckDB alike."""
    left, right = cast_to_common_type(operator, left, right)
    if pa.types.is_map(left.type):
        raise FrameError(f"{operator}: maps cannot be compared")
    if is_nested(left.type) and operator in ("<", "<=", ">", ">="):
        raise FrameError(f"{operator}: values of the type {to_spark_type(left.type)} cannot be ordered")
    return build_sql(f"({{0}} {operator} {{1}})", left, right, type=BOOLEAN)


def require_boolean(name: str, value: Value) -> Value:
    """A condition; FrameError for another type."""
    if value.type not in (BOOLEAN, NULL):
        raise FrameError(f"{name}: {to_spark_type(value.type)} is not a condition")
    return cast(value, BOOLEAN)


def build_logic(operator: str, left: Value, right: Value) -> Value:
    """AND and OR."""
    return build_sql(
        f"({{0}} {operator} {{1}})", require_boolean(operator, left), require_boolean(operator, right), type=BOOLEAN
    )


def add_or_subtract(operator: str, left: Value, right: Value) -> Value:
    """`+` and `-`, of numbers, and of moments and intervals."""
    if is_moment(left.type) or is_moment(right.type):
        return _move_moment(operator, left, right)
    left, right, type_ = _convert_numbers(operator, left, right)
    if is_decimal(type_):
        scale = max(left.type.scale, right.type.scale)
        whole = max(left.type.precision - left.type.scale, right.type.precision - right.type.scale)
        return _compute_decimals(operator, left, right, fit_decimal(whole + scale + 1, scale), scale)
    return build_sql(f"({{0}} {operator} {{1}})", left, right, type=type_)


def multiply(left: Value, right: Value) -> Value:
    """`*`."""
    left, right, type_ = _convert_numbers("*", left, right)
    if is_decimal(type_):
        scale = left.type.scale + right.type.scale
        return _compute_decimals(
            "*", left, right, fit_decimal(left.type.precision + right.type.precision + 1, scale), scale
        )
    return build_sql("({0} * {1})", left, right, type=type_)


def divide(left: Value, right: Value) -> Value:
    """`/`: a double, or of decimals a decimal; null where the divisor is zero."""
    left, right, type_ = _convert_numbers("/", left, right)
    if is_decimal(type_):
        return _divide_decimals(left, right)
    left, right = (cast(side, DOUBLE) for side in (left, right))
    return build_sql("({0} / nullif({1}, 0))", left, right, type=DOUBLE)


def divide_whole(left: Value, right: Value) -> Value:
    """`div`: the whole part of the quotient as a bigint; null where the divisor is zero."""
    left, right, type_ = _convert_numbers("div", left, right)
    if is_float(type_):
        raise FrameError("div: it divides whole numbers and decimals", hint="cast to bigint first")
    if is_decimal(type_):
        quotient = "trunc({0} / nullif(CAST({1} AS DOUBLE), 0))"
        if left.type.precision > 15 or right.type.precision > 15:
            raise FrameError("div: decimals of more than 15 digits", hint="cast them to bigint first")
        return build_sql(f"CAST({quotient} AS BIGINT)", left, right, type=BIGINT)
    return build_sql("({0} // nullif({1}, 0))", cast(left, BIGINT), cast(right, BIGINT), type=BIGINT)


def compute_remainder(left: Value, right: Value) -> Value:
    """`%`: with the sign of the dividend; null where the divisor is zero."""
    left, right, type_ = _convert_numbers("%", left, right)
    if is_decimal(type_):
        scale = max(left.type.scale, right.type.scale)
        whole = min(left.type.precision - left.type.scale, right.type.precision - right.type.scale)
        type_ = fit_decimal(whole + scale, scale)
        return build_sql(f"CAST(({{0}} % nullif({{1}}, 0)) AS {to_duckdb_type(type_)})", left, right, type=type_)
    return build_sql("({0} % nullif({1}, 0))", left, right, type=type_)


def negate(value: Value) -> Value:
    """`-x`."""
    if value.is_literal and is_number(value.type) and not isinstance(value.sql, exp.Neg):
        return Value(exp.Neg(this=value.sql), value.type)
    if value.type == INTERVAL or is_number(value.type):
        return build_sql("(-{0})", value, type=value.type)
    if value.type == STRING:
        return build_sql("(-{0})", cast(value, DOUBLE), type=DOUBLE)
    raise FrameError(f"-: {to_spark_type(value.type)} is not a number")


def compute_bits(operator: str, left: Value, right: Value) -> Value:
    """`&`, `|` and `^` of whole numbers."""
    for side in (left, right):
        if not is_integral(side.type):
            raise FrameError(f"{operator}: {to_spark_type(side.type)} is not a whole number")
    left, right = cast_to_common_type(operator, left, right)
    template = "xor({0}, {1})" if operator == "^" else f"({{0}} {operator} {{1}})"
    return build_sql(template, left, right, type=left.type)


def is_in(value: Value, listed: Sequence[Value]) -> Value:
    """IN."""
    value, *listed = cast_to_common_type("IN", value, *listed)
    template = "({0} IN (" + ", ".join(f"{{{number}}}" for number in range(1, len(listed) + 1)) + "))"
    return build_sql(template, value, *listed, type=BOOLEAN)


def _convert_numbers(operator: str, left: Value, right: Value) -> tuple[Value, Value, pa.DataType]:
    sides = []
    for side, other in ((left, right), (right, left)):
        if side.type == STRING:
            side = cast(side, BIGINT if is_integral(other.type) and operator != "/" else DOUBLE)
        elif side.type == NULL:
            side = cast(side, other.type if is_number(other.type) else DOUBLE)
        if not is_number(side.type):
            raise FrameError(f"{operator}: {to_spark_type(side.type)} is not a number", hint="cast it first")
        sides.append(side)
    left, right = sides
    type_ = find_common_type(left.type, right.type)
    if is_decimal(type_):
        return _cast_to_decimal(left), _cast_to_decimal(right), type_
    return widen(left, type_), widen(right, type_), type_


def _cast_to_decimal(value: Value) -> Value:
    if isinstance(value.sql, exp.Literal) and is_integral(value.type):
        return cast(value, pa.decimal128(len(value.sql.name), 0))
    return cast(value, to_decimal_type(value.type))


def _compute_decimals(operator: str, left: Value, right: Value, type_: pa.DataType, scale: int) -> Value:
    if type_.scale != scale:
        raise FrameError(
            f"{operator}: the decimals {to_spark_type(left.type)} and {to_spark_type(right.type)} have no exact result",
            hint="cast them to fewer digits, or to double",
        )
    # in DECIMAL(38), so that the computation does not overflow
    wide = [build_sql(f"CAST({{0}} AS DECIMAL(38,{side.type.scale}))", side, type=side.type) for side in (left, right)]
    return build_sql(f"CAST(({{0}} {operator} {{1}}) AS {to_duckdb_type(type_)})", *wide, type=type_)


def _divide_decimals(left: Value, right: Value) -> Value:
    one, two = left.type, right.type
    scale = max(6, one.scale + two.precision + 1)
    type_ = fit_decimal(one.precision - one.scale + two.scale + scale, scale)
    if one.precision + type_.scale - one.scale + two.scale > 38:
        raise FrameError(
            f"/: the quotient of {to_spark_type(one)} and {to_spark_type(two)} has more digits than can be computed",
            hint="cast them to fewer digits, or to double",
        )
    quotient = f"decimal_division({{0}}, nullif({{1}}, 0), {type_.scale})"
    return build_sql(f"CAST({quotient} AS {to_duckdb_type(type_)})", left, right, type=type_)


def _move_moment(operator: str, left: Value, right: Value) -> Value:
    if operator == "+" and left.type == INTERVAL:
        left, right = right, left
    if right.type == INTERVAL:
        moved = build_sql(f"({{0}} {operator} {{1}})", left, right, type=left.type)
        return build_sql("CAST({0} AS DATE)", moved, type=DATE) if left.type == DATE else moved
    if left.type == DATE and is_integral(right.type):
        return build_sql(f"CAST(({{0}} {operator} CAST({{1}} AS INTEGER)) AS DATE)", left, right, type=DATE)
    if operator == "-" and left.type == right.type and left.type in (TIMESTAMP, TIMESTAMP_NTZ):
        return build_sql("({0} - {1})", left, right, type=INTERVAL)
    raise FrameError(
        f"{operator}: {to_spark_type(left.type)} and {to_spark_type(right.type)}",
        hint="days between dates are datediff(a, b)",
    )
