"""Aggregates and window functions: nulls are left out as in Spark, and results have Spark's types."""

from __future__ import annotations

import pyarrow as pa

from data_platform.engine.expressions.types import to_spark_type
from data_platform.engine.spark_functions.casts import cast
from data_platform.engine.spark_functions.fold import Fold
from data_platform.engine.spark_functions.numbers import cast_to_double
from data_platform.engine.spark_functions.registry import register_fold
from data_platform.engine.spark_functions.types import (
    BIGINT,
    BOOLEAN,
    DOUBLE,
    INT,
    NULL,
    fit_decimal,
    is_decimal,
    is_integral,
    is_nested,
    is_number,
    to_duckdb_type,
)
from data_platform.engine.spark_functions.value import Value, build_sql, make_number_literal, read_constant
from data_platform.errors import FrameError


@register_fold("count")
def _translate_count(fold: Fold, *values: Value) -> Value:
    if not values:
        raise FrameError("count: it needs a column", hint='count("*") counts rows')
    for value in values:
        if not _is_star(value):
            fold = fold if len(values) == 1 else fold.exclude_nulls(value)
    if _is_star(values[0]):
        return fold.call("count(*)", type=BIGINT)
    if len(values) == 1:
        return fold.call("count({distinct}{0})", values[0], type=BIGINT)
    if fold.distinct:
        numbers = ", ".join(f"{{{number}}}" for number in range(len(values)))
        return fold.call(f"count({{distinct}}row({numbers}))", *values, type=BIGINT)
    return fold.call("count(*)", type=BIGINT)


def _is_star(value: Value) -> bool:
    return type(value.sql).__name__ == "Star"


@register_fold("count_distinct")
def _translate_count_distinct(fold: Fold, *values: Value) -> Value:
    return _translate_count(Fold(fold.name, True, False, fold.filters, fold.window), *values)


@register_fold("approx_count_distinct")
def _translate_approx_count_distinct(fold: Fold, value: Value, deviation: Value | None = None) -> Value:
    return fold.call("approx_count_distinct({0})", value, type=BIGINT)


@register_fold("count_if")
def _translate_count_if(fold: Fold, condition: Value) -> Value:
    if condition.type not in (BOOLEAN, NULL):
        raise FrameError(f"count_if: {to_spark_type(condition.type)} is not a condition")
    return fold.filter(cast(condition, BOOLEAN)).call("count(*)", type=BIGINT)


@register_fold("sum")
def _translate_sum(fold: Fold, value: Value) -> Value:
    value = _cast_to_number("sum", value)
    if is_integral(value.type):
        type_ = BIGINT
    elif is_decimal(value.type):
        type_ = fit_decimal(value.type.precision + 10, value.type.scale)
    else:
        return fold.call("sum({distinct}{0})", cast(value, DOUBLE), type=DOUBLE)
    return build_sql(
        f"CAST({{0}} AS {to_duckdb_type(type_)})", fold.call("sum({distinct}{0})", value, type=type_), type=type_
    )


@register_fold("sum_distinct")
def _translate_sum_distinct(fold: Fold, value: Value) -> Value:
    return _translate_sum(Fold(fold.name, True, False, fold.filters, fold.window), value)


@register_fold("avg", "mean")
def _translate_avg(fold: Fold, value: Value) -> Value:
    value = _cast_to_number("avg", value)
    if not is_decimal(value.type):
        return fold.call("avg({distinct}{0})", cast(value, DOUBLE), type=DOUBLE)
    precision, scale = value.type.precision, value.type.scale
    type_ = fit_decimal(precision + 4, scale + 4)
    if precision + 10 + type_.scale - scale > 38:
        raise FrameError(
            f"avg: of {to_spark_type(value.type)} it has more digits than can be computed", hint="cast it to double"
        )
    total = fold.call("sum({distinct}{0})", value, type=fit_decimal(38, scale))
    count = fold.call("count({distinct}{0})", value, type=BIGINT)
    narrow = f"CAST({{0}} AS DECIMAL({min(38, precision + 10)},{scale}))"
    quotient = f"decimal_division({narrow}, CAST(nullif({{1}}, 0) AS DECIMAL(18,0)), {type_.scale})"
    return build_sql(f"CAST({quotient} AS {to_duckdb_type(type_)})", total, count, type=type_)


def _cast_to_number(name: str, value: Value) -> Value:
    return value if is_number(value.type) else cast_to_double(name, value)


def _refuse_nested(name: str, value: Value) -> None:
    if is_nested(value.type):
        raise FrameError(f"{name}: values of the type {to_spark_type(value.type)} cannot be ordered")


def _register_extreme(name: str) -> None:
    def translate(fold: Fold, value: Value) -> Value:
        _refuse_nested(name, value)
        return fold.call(f"{name}({{0}})", value, type=value.type)

    register_fold(name)(lambda fold, value: translate(Fold(name, False, False, fold.filters, fold.window), value))


_register_extreme("min")
_register_extreme("max")


def _register_by(name: str) -> None:
    def translate(fold: Fold, value: Value, order: Value) -> Value:
        _refuse_nested(name, order)
        return fold.exclude_nulls(order).call(
            f"{'arg_max_null' if name == 'max_by' else 'arg_min_null'}({{0}}, {{1}})", value, order, type=value.type
        )

    register_fold(name)(translate)


_register_by("max_by")
_register_by("min_by")


def _register_moment(name: str, template: str) -> None:
    register_fold(name)(lambda fold, value: fold.call(template, cast_to_double(name, value), type=DOUBLE))


for _name, _function in {
    "stddev_pop": "stddev_pop", "stddev": "stddev_samp", "stddev_samp": "stddev_samp", "std": "stddev_samp",
    "var_pop": "var_pop", "variance": "var_samp", "var_samp": "var_samp",
}.items():  # fmt: skip
    _register_moment(_name, _function + "({0})")


@register_fold("skewness")
def _translate_skewness(fold: Fold, value: Value) -> Value:
    """DuckDB corrects for a sample, Spark does not: n - 2 over the root of n (n - 1) takes it back."""
    value = cast_to_double("skewness", value)
    count = fold.call("count({0})", value, type=BIGINT)
    sample = fold.call("skewness({0})", value, type=DOUBLE)
    return build_sql(
        "CASE WHEN {2} > 0 THEN if({1} = 2, 0e0, {0} * ({1} - 2) / sqrt({1}::DOUBLE * ({1} - 1))) END",
        sample,
        count,
        fold.call("var_pop({0})", value, type=DOUBLE),
        type=DOUBLE,
    )


@register_fold("kurtosis")
def _translate_kurtosis(fold: Fold, value: Value) -> Value:
    """Null where all values are equal."""
    value = cast_to_double("kurtosis", value)
    spread = fold.call("var_pop({0})", value, type=DOUBLE)
    return build_sql("if({1} > 0, {0}, NULL)", fold.call("kurtosis_pop({0})", value, type=DOUBLE), spread, type=DOUBLE)


def _require_unordered(fold: Fold) -> Fold:
    """The fold; FrameError for a window with an order, which Spark refuses."""
    if fold.window is not None and fold.window.ordered:
        raise FrameError(f"{fold.name}: its window takes no order")
    return fold


def _register_pair(name: str) -> None:
    def translate(fold: Fold, one: Value, two: Value) -> Value:
        return fold.call(f"{name}({{0}}, {{1}})", cast_to_double(name, one), cast_to_double(name, two), type=DOUBLE)

    register_fold(name)(translate)


for _name in ("corr", "covar_pop", "covar_samp"):
    _register_pair(_name)


def _register_boolean(function: str, *names: str) -> None:
    def translate(fold: Fold, value: Value) -> Value:
        if value.type not in (BOOLEAN, NULL):
            raise FrameError(f"{names[0]}: {to_spark_type(value.type)} is not a condition")
        return fold.call(f"{function}({{0}})", cast(value, BOOLEAN), type=BOOLEAN)

    register_fold(*names)(translate)


_register_boolean("bool_and", "bool_and", "every")
_register_boolean("bool_or", "bool_or", "some", "any")


@register_fold("collect_list", "array_agg")
def _translate_collect_list(fold: Fold, value: Value) -> Value:
    listed = fold.exclude_nulls(value).call("list({distinct}{0})", value, type=pa.list_(value.type))
    return build_sql("coalesce({0}, [])", listed, type=listed.type)


@register_fold("collect_set")
def _translate_collect_set(fold: Fold, value: Value) -> Value:
    return _translate_collect_list(Fold(fold.name, True, False, fold.filters, fold.window), value)


def _register_edge(function: str, *names: str) -> None:
    def translate(fold: Fold, value: Value, ignore: Value | None = None) -> Value:
        skips = fold.ignore_nulls or (ignore is not None and bool(read_constant(ignore, names[0], "ignorenulls")))
        if fold.window is not None:
            return fold.call(f"{function}_value({{0}}{' IGNORE NULLS' if skips else ''})", value, type=value.type)
        return (fold.exclude_nulls(value) if skips else fold).call(f"{function}({{0}})", value, type=value.type)

    register_fold(*names)(translate)


_register_edge("first", "first", "first_value", "any_value")
_register_edge("last", "last", "last_value")


@register_fold("median")
def _translate_median(fold: Fold, value: Value) -> Value:
    return _require_unordered(fold).call("quantile_cont({0}, 0.5)", cast_to_double("median", value), type=DOUBLE)


@register_fold("percentile")
def _translate_percentile(fold: Fold, value: Value, percentage: Value, frequency: Value | None = None) -> Value:
    if frequency is not None and read_constant(frequency, "percentile", "the frequency") != 1:
        raise FrameError("percentile: a frequency other than 1 is not supported")
    share = _read_share("percentile", percentage)
    return _require_unordered(fold).call(
        "quantile_cont({0}, {1})", cast_to_double("percentile", value), share, type=DOUBLE
    )


@register_fold("percentile_approx", "approx_percentile")
def _translate_percentile_approx(fold: Fold, value: Value, percentage: Value, accuracy: Value | None = None) -> Value:
    share = _read_share("percentile_approx", percentage)
    return fold.call("quantile_disc({0}, {1})", _cast_to_number("percentile_approx", value), share, type=value.type)


def _read_share(name: str, percentage: Value) -> Value:
    sql = percentage.sql
    if type(sql).__name__ == "Cast":
        percentage = Value(sql.this, percentage.type)
    share = read_constant(percentage, name, "the percentage")
    if not isinstance(share, int | float) or not 0 <= share <= 1:
        raise FrameError(f"{name}: the percentage is one number between 0 and 1")
    return percentage


@register_fold("mode")
def _translate_mode(fold: Fold, value: Value, deterministic: Value | None = None) -> Value:
    return _require_unordered(fold).call("mode({0})", value, type=value.type)


def _register_rank(name: str, type_: pa.DataType) -> None:
    def translate(fold: Fold) -> Value:
        return build_sql(f"CAST({{0}} AS {to_duckdb_type(type_)})", fold.call(f"{name}()", type=type_), type=type_)

    register_fold(name, ranking=True)(translate)


for _name in ("row_number", "rank", "dense_rank"):
    _register_rank(_name, INT)
for _name in ("percent_rank", "cume_dist"):
    _register_rank(_name, DOUBLE)


@register_fold("ntile", ranking=True)
def _translate_ntile(fold: Fold, buckets: Value) -> Value:
    return build_sql("CAST({0} AS INTEGER)", fold.call("ntile({0})", buckets, type=INT), type=INT)


def _register_neighbour(name: str) -> None:
    def translate(fold: Fold, value: Value, offset: Value | None = None, default: Value | None = None) -> Value:
        nulls = " IGNORE NULLS" if fold.ignore_nulls else ""
        values = [value, offset or make_number_literal(1)]
        if default is not None and not default.is_null:
            values.append(cast(default, value.type))
        numbers = ", ".join(f"{{{number}}}" for number in range(len(values)))
        return fold.call(f"{name}({numbers}{nulls})", *values, type=value.type)

    register_fold(name, ranking=True)(translate)


_register_neighbour("lag")
_register_neighbour("lead")


@register_fold("nth_value", ranking=True)
def _translate_nth_value(fold: Fold, value: Value, offset: Value, ignore: Value | None = None) -> Value:
    skips = fold.ignore_nulls or (ignore is not None and bool(read_constant(ignore, "nth_value", "ignoreNulls")))
    return fold.call(f"nth_value({{0}}, {{1}}{' IGNORE NULLS' if skips else ''})", value, offset, type=value.type)
