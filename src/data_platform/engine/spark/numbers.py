"""Functions of numbers."""

from __future__ import annotations

from data_platform.engine.language.types import spark_type
from data_platform.engine.spark.casts import cast, cast_argument
from data_platform.engine.spark.operators import alike, coerce, remainder
from data_platform.engine.spark.registry import rule
from data_platform.engine.spark.types import (
    BIGINT,
    BOOLEAN,
    DOUBLE,
    NULL,
    common,
    decimal,
    duck_type,
    is_decimal,
    is_float,
    is_integral,
    is_nested,
    is_number,
)
from data_platform.engine.spark.value import Value, constant, duck
from data_platform.errors import FrameError


def as_double(name: str, value: Value) -> Value:
    """The value as a double, cast as Spark does by itself."""
    return cast_argument(name, value, DOUBLE, is_number, "number")


def as_number(name: str, value: Value) -> Value:
    """The value as a number; text becomes a double."""
    return value if is_number(value.type) else as_double(name, value)


def _of_double(name: str, template: str) -> None:
    rule(name)(lambda value: duck(template, as_double(name, value), type=DOUBLE))


_of_double("sqrt", "sqrt({0})")
_of_double("exp", "exp({0})")
_of_double("sin", "if(isinf({0}), CAST('nan' AS DOUBLE), sin(if(isinf({0}), 0, {0})))")
_of_double("cos", "if(isinf({0}), CAST('nan' AS DOUBLE), cos(if(isinf({0}), 0, {0})))")
_of_double("tan", "if(isinf({0}), CAST('nan' AS DOUBLE), tan(if(isinf({0}), 0, {0})))")
_of_double("asin", "if(abs({0}) > 1, CAST('nan' AS DOUBLE), asin(if(abs({0}) > 1, 0, {0})))")
_of_double("acos", "if(abs({0}) > 1, CAST('nan' AS DOUBLE), acos(if(abs({0}) > 1, 0, {0})))")
_of_double("atan", "atan({0})")
_of_double("degrees", "degrees({0})")
_of_double("radians", "radians({0})")
for _name, _template in {
    # null where the logarithm is of no positive number
    "ln": "ln(if({0} > 0, {0}, NULL))",
    "log10": "log10(if({0} > 0, {0}, NULL))",
    "log2": "log2(if({0} > 0, {0}, NULL))",
}.items():
    _of_double(_name, _template)


@rule("log")
def _log(base: Value, value: Value | None = None) -> Value:
    if value is None:
        return duck("ln(if({0} > 0, {0}, NULL))", as_double("log", base), type=DOUBLE)
    return duck(
        "(ln(if({1} > 0, {1}, NULL)) / ln(if({0} > 0, {0}, NULL)))",
        as_double("log", base),
        as_double("log", value),
        type=DOUBLE,
    )


@rule("atan2")
def _atan2(one: Value, two: Value) -> Value:
    # Spark adds 0.0 to item, so that -0.0 counts as 0.0
    return duck("atan2({0} + 0e0, {1} + 0e0)", as_double("atan2", one), as_double("atan2", two), type=DOUBLE)


@rule("pow", "power")
def _pow(one: Value, two: Value) -> Value:
    # in Java, 1 to the power of NaN or of an infinity is NaN
    return duck(
        "if(abs({0}) = 1 AND NOT isfinite({1}), CAST('nan' AS DOUBLE), pow({0}, {1}))",
        as_double("pow", one),
        as_double("pow", two),
        type=DOUBLE,
    )


@rule("abs")
def _abs(value: Value) -> Value:
    value = as_number("abs", value)
    return duck("abs({0})", value, type=value.type)


@rule("isnan")
def _isnan(value: Value) -> Value:
    value = value if is_float(value.type) else as_double("isnan", value)
    return duck("coalesce(isnan({0}), false)", value, type=BOOLEAN)


@rule("nanvl")
def _nanvl(value: Value, other: Value) -> Value:
    value, other = as_double("nanvl", value), as_double("nanvl", other)
    return duck("if(isnan({0}), {1}, {0})", value, other, type=DOUBLE)


def _whole(name: str) -> None:
    def function(value: Value, scale: Value | None = None) -> Value:
        if scale is not None:
            raise FrameError(f"{name}: with a scale it is not supported")
        if is_integral(value.type):
            return cast(value, BIGINT)
        if is_decimal(value.type):
            type_ = decimal(value.type.precision - value.type.scale + 1, 0)
            return duck(f"CAST({name}({{0}}) AS {duck_type(type_)})", value, type=type_)
        # beyond the range of a bigint, Spark gives its largest or smallest
        return _saturated(f"{name}({{0}})", as_double(name, value))

    rule(name)(function)


def _saturated(template: str, value: Value) -> Value:
    return duck(
        f"CASE WHEN isnan({{0}}) THEN 0 WHEN {{0}} >= 9223372036854775807 THEN 9223372036854775807"
        f" WHEN {{0}} <= -9223372036854775808 THEN -9223372036854775808 ELSE CAST({template} AS BIGINT) END",
        value,
        type=BIGINT,
    )


_whole("ceil")
_whole("floor")


@rule("round")
def _round(value: Value, scale: Value | None = None) -> Value:
    places = 0 if scale is None else constant(scale, "round", "the scale")
    value = as_number("round", value)
    if not isinstance(places, int):
        raise FrameError("round: the scale must be a whole number")
    if is_decimal(value.type):
        return _rounded_decimal(value, places)
    if is_integral(value.type):
        return value if places >= 0 else _rounded_whole(value, places)
    return _rounded_float(value, places)


def _rounded_decimal(value: Value, places: int) -> Value:
    if places < 0:
        raise FrameError("round: a decimal is rounded to 0 or more places", hint="cast it first")
    kept = min(places, value.type.scale)
    whole = value.type.precision - value.type.scale
    type_ = decimal(whole + kept + 1, kept) if places < value.type.scale else decimal(whole + 1 + kept, kept)
    return duck(f"CAST(round({{0}}, {kept}) AS {duck_type(type_)})", value, type=type_)


def _rounded_whole(value: Value, places: int) -> Value:
    if -places > 18:
        return duck("({0} * 0)", value, type=value.type)
    unit = 10**-places
    # half up, away from zero, in numbers that cannot overflow
    text = f"(({{0}}::HUGEINT + sign({{0}}) * {unit // 2}) // {unit} * {unit})"
    return duck(f"CAST({text} AS {duck_type(value.type)})", value, type=value.type)


def _rounded_float(value: Value, places: int) -> Value:
    """Half up in the shortest decimal text of the number, as Java's BigDecimal does it."""
    if not 0 <= places <= 9:
        raise FrameError("round: a double is rounded to between 0 and 9 places", hint="cast it to a decimal first")
    # from 2**52 on there is no fraction; below it the shortest text has at most 17 digits
    digits = 38 - 20
    rounded = f"round(CAST(CAST({{0}} AS VARCHAR) AS DECIMAL(38,{digits})), {places})"
    return duck(
        f"CASE WHEN abs({{0}}) < 1e15 AND abs({{0}}) >= 1e-12 THEN CAST({rounded} AS {duck_type(value.type)})"
        f" WHEN abs({{0}}) < 1e-12 THEN CAST(0 AS {duck_type(value.type)}) ELSE {{0}} END",
        value,
        type=value.type,
    )


def _extreme(name: str) -> None:
    def function(*values: Value) -> Value:
        if len(values) < 2:
            raise FrameError(f"{name}: it needs two columns at least")
        made = alike(name, *values)
        if is_nested(made[0].type):
            raise FrameError(f"{name}: {spark_type(made[0].type)} is not supported")
        numbers = ", ".join(f"{{{number}}}" for number in range(len(made)))
        return duck(f"{name}({numbers})", *made, type=made[0].type)

    rule(name)(function)


_extreme("greatest")
_extreme("least")


@rule("coalesce", "nvl", "ifnull")
def _coalesce(*values: Value) -> Value:
    type_ = common("coalesce", *(value.type for value in values))
    made = [value if type_ == NULL else coerce(value, type_) for value in values]
    numbers = ", ".join(f"{{{number}}}" for number in range(len(made)))
    return duck(f"coalesce({numbers})", *made, type=type_)


@rule("nullif")
def _nullif(one: Value, two: Value) -> Value:
    left, right = alike("nullif", one, two)
    return duck("if({1} = {2}, NULL, {0})", one, left, right, type=one.type)


@rule("isnull")
def _isnull(value: Value) -> Value:
    return duck("({0} IS NULL)", value, type=BOOLEAN)


@rule("isnotnull")
def _isnotnull(value: Value) -> Value:
    return duck("({0} IS NOT NULL)", value, type=BOOLEAN)


@rule("mod")
def _mod(one: Value, two: Value) -> Value:
    return remainder(one, two)


@rule("rand")
def _rand() -> Value:
    return duck("random()", type=DOUBLE)


@rule("negative")
def _negative(value: Value) -> Value:
    value = as_number("negative", value)
    return duck("(-{0})", value, type=value.type)


@rule("sign", "signum")
def _sign(value: Value) -> Value:
    return duck("CAST(sign({0}) AS DOUBLE)", as_double("sign", value), type=DOUBLE)
