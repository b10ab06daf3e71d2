"""Functions of numbers."""

from __future__ import annotations

from data_platform.engine.expressions.types import to_spark_type
from data_platform.engine.spark_functions.casts import cast, cast_argument
from data_platform.engine.spark_functions.operators import cast_to_common_type, compute_remainder, widen
from data_platform.engine.spark_functions.registry import register_rule
from data_platform.engine.spark_functions.types import (
    BIGINT,
    BOOLEAN,
    DOUBLE,
    NULL,
    fit_decimal,
    is_decimal,
    is_float,
    is_integral,
    is_nested,
    is_number,
    require_common_type,
    to_duckdb_type,
)
from data_platform.engine.spark_functions.value import Value, build_sql, read_constant
from data_platform.errors import FrameError


def cast_to_double(name: str, value: Value) -> Value:
    """The value as a double, cast as Spark does by itself."""
    return cast_argument(name, value, DOUBLE, is_number, "number")


def cast_to_number(name: str, value: Value) -> Value:
    """The value as a number; text becomes a double."""
    return value if is_number(value.type) else cast_to_double(name, value)


def _register_double(name: str, template: str) -> None:
    register_rule(name)(lambda value: build_sql(template, cast_to_double(name, value), type=DOUBLE))


_register_double("sqrt", "sqrt({0})")
_register_double("exp", "exp({0})")
_register_double("sin", "if(isinf({0}), CAST('nan' AS DOUBLE), sin(if(isinf({0}), 0, {0})))")
_register_double("cos", "if(isinf({0}), CAST('nan' AS DOUBLE), cos(if(isinf({0}), 0, {0})))")
_register_double("tan", "if(isinf({0}), CAST('nan' AS DOUBLE), tan(if(isinf({0}), 0, {0})))")
_register_double("asin", "if(abs({0}) > 1, CAST('nan' AS DOUBLE), asin(if(abs({0}) > 1, 0, {0})))")
_register_double("acos", "if(abs({0}) > 1, CAST('nan' AS DOUBLE), acos(if(abs({0}) > 1, 0, {0})))")
_register_double("atan", "atan({0})")
_register_double("degrees", "degrees({0})")
_register_double("radians", "radians({0})")
for _name, _template in {
    # null for arguments that are not positive
    "ln": "ln(if({0} > 0, {0}, NULL))",
    "log10": "log10(if({0} > 0, {0}, NULL))",
    "log2": "log2(if({0} > 0, {0}, NULL))",
}.items():
    _register_double(_name, _template)


@register_rule("log")
def _translate_log(base: Value, value: Value | None = None) -> Value:
    if value is None:
        return build_sql("ln(if({0} > 0, {0}, NULL))", cast_to_double("log", base), type=DOUBLE)
    return build_sql(
        "(ln(if({1} > 0, {1}, NULL)) / ln(if({0} > 0, {0}, NULL)))",
        cast_to_double("log", base),
        cast_to_double("log", value),
        type=DOUBLE,
    )


@register_rule("atan2")
def _translate_atan2(one: Value, two: Value) -> Value:
    # Spark adds 0.0, so that -0.0 counts as 0.0
    return build_sql(
        "atan2({0} + 0e0, {1} + 0e0)", cast_to_double("atan2", one), cast_to_double("atan2", two), type=DOUBLE
    )


@register_rule("pow", "power")
def _translate_pow(one: Value, two: Value) -> Value:
    # in Java, 1 to the power of NaN or of an infinity is NaN
    return build_sql(
        "if(abs({0}) = 1 AND NOT isfinite({1}), CAST('nan' AS DOUBLE), pow({0}, {1}))",
        cast_to_double("pow", one),
        cast_to_double("pow", two),
        type=DOUBLE,
    )


@register_rule("abs")
def _translate_abs(value: Value) -> Value:
    value = cast_to_number("abs", value)
    return build_sql("abs({0})", value, type=value.type)


@register_rule("isnan")
def _translate_isnan(value: Value) -> Value:
    value = value if is_float(value.type) else cast_to_double("isnan", value)
    return build_sql("coalesce(isnan({0}), false)", value, type=BOOLEAN)


@register_rule("nanvl")
def _translate_nanvl(value: Value, other: Value) -> Value:
    value, other = cast_to_double("nanvl", value), cast_to_double("nanvl", other)
    return build_sql("if(isnan({0}), {1}, {0})", value, other, type=DOUBLE)


def _register_whole(name: str) -> None:
    def translate(value: Value, scale: Value | None = None) -> Value:
        if scale is not None:
            raise FrameError(f"{name}: with a scale it is not supported")
        if is_integral(value.type):
            return cast(value, BIGINT)
        if is_decimal(value.type):
            type_ = fit_decimal(value.type.precision - value.type.scale + 1, 0)
            return build_sql(f"CAST({name}({{0}}) AS {to_duckdb_type(type_)})", value, type=type_)
        # beyond the range of a bigint, Spark returns the largest or smallest
        return _limit_to_bigint(f"{name}({{0}})", cast_to_double(name, value))

    register_rule(name)(translate)


def _limit_to_bigint(template: str, value: Value) -> Value:
    return build_sql(
        f"CASE WHEN isnan({{0}}) THEN 0 WHEN {{0}} >= 9223372036854775807 THEN 9223372036854775807"
        f" WHEN {{0}} <= -9223372036854775808 THEN -9223372036854775808 ELSE CAST({template} AS BIGINT) END",
        value,
        type=BIGINT,
    )


_register_whole("ceil")
_register_whole("floor")


@register_rule("round")
def _translate_round(value: Value, scale: Value | None = None) -> Value:
    places = 0 if scale is None else read_constant(scale, "round", "the scale")
    value = cast_to_number("round", value)
    if not isinstance(places, int):
        raise FrameError("round: the scale must be a whole number")
    if is_decimal(value.type):
        return _round_decimal(value, places)
    if is_integral(value.type):
        return value if places >= 0 else _round_whole(value, places)
    return _round_float(value, places)


def _round_decimal(value: Value, places: int) -> Value:
    if places < 0:
        raise FrameError("round: a decimal is rounded to 0 or more places", hint="cast it first")
    kept = min(places, value.type.scale)
    whole = value.type.precision - value.type.scale
    type_ = fit_decimal(whole + kept + 1, kept) if places < value.type.scale else fit_decimal(whole + 1 + kept, kept)
    return build_sql(f"CAST(round({{0}}, {kept}) AS {to_duckdb_type(type_)})", value, type=type_)


def _round_whole(value: Value, places: int) -> Value:
    if -places > 18:
        return build_sql("({0} * 0)", value, type=value.type)
    unit = 10**-places
    # half up, away from zero, in numbers that cannot overflow
    text = f"(({{0}}::HUGEINT + sign({{0}}) * {unit // 2}) // {unit} * {unit})"
    return build_sql(f"CAST({text} AS {to_duckdb_type(value.type)})", value, type=value.type)


def _round_float(value: Value, places: int) -> Value:
    """Half up in the shortest decimal text of the number, as Java's BigDecimal does it."""
    if not 0 <= places <= 9:
        raise FrameError("round: a double is rounded to between 0 and 9 places", hint="cast it to a decimal first")
    # from 2**52 on there is no fraction; below it the shortest text has at most 17 digits
    digits = 38 - 20
    rounded = f"round(CAST(CAST({{0}} AS VARCHAR) AS DECIMAL(38,{digits})), {places})"
    return build_sql(
        f"CASE WHEN abs({{0}}) < 1e15 AND abs({{0}}) >= 1e-12 THEN CAST({rounded} AS {to_duckdb_type(value.type)})"
        f" WHEN abs({{0}}) < 1e-12 THEN CAST(0 AS {to_duckdb_type(value.type)}) ELSE {{0}} END",
        value,
        type=value.type,
    )


def _register_extreme(name: str) -> None:
    def translate(*values: Value) -> Value:
        if len(values) < 2:
            raise FrameError(f"{name}: it needs two columns at least")
        arguments = cast_to_common_type(name, *values)
        if is_nested(arguments[0].type):
            raise FrameError(f"{name}: {to_spark_type(arguments[0].type)} is not supported")
        numbers = ", ".join(f"{{{number}}}" for number in range(len(arguments)))
        return build_sql(f"{name}({numbers})", *arguments, type=arguments[0].type)

    register_rule(name)(translate)


_register_extreme("greatest")
_register_extreme("least")


@register_rule("coalesce", "nvl", "ifnull")
def _translate_coalesce(*values: Value) -> Value:
    type_ = require_common_type("coalesce", *(value.type for value in values))
    arguments = [value if type_ == NULL else widen(value, type_) for value in values]
    numbers = ", ".join(f"{{{number}}}" for number in range(len(arguments)))
    return build_sql(f"coalesce({numbers})", *arguments, type=type_)


@register_rule("nullif")
def _translate_nullif(one: Value, two: Value) -> Value:
    left, right = cast_to_common_type("nullif", one, two)
    return build_sql("if({1} = {2}, NULL, {0})", one, left, right, type=one.type)


@register_rule("isnull")
def _translate_isnull(value: Value) -> Value:
    return build_sql("({0} IS NULL)", value, type=BOOLEAN)


@register_rule("isnotnull")
def _translate_isnotnull(value: Value) -> Value:
    return build_sql("({0} IS NOT NULL)", value, type=BOOLEAN)


@register_rule("mod")
def _translate_mod(one: Value, two: Value) -> Value:
    return compute_remainder(one, two)


@register_rule("rand")
def _translate_rand() -> Value:
    return build_sql("random()", type=DOUBLE)


@register_rule("negative")
def _translate_negative(value: Value) -> Value:
    value = cast_to_number("negative", value)
    return build_sql("(-{0})", value, type=value.type)


@register_rule("sign", "signum")
def _translate_sign(value: Value) -> Value:
    return build_sql("CAST(sign({0}) AS DOUBLE)", cast_to_double("sign", value), type=DOUBLE)
