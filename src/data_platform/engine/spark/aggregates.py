"""Aggregates and window functions: nulls are left out as in Spark, and results have Spark's types."""

from __future__ import annotations

import pyarrow as pa

from data_platform.engine.language.types import spark_type
from data_platform.engine.spark.casts import cast
from data_platform.engine.spark.fold import Fold
from data_platform.engine.spark.numbers import as_double
from data_platform.engine.spark.registry import fold
from data_platform.engine.spark.types import (
    BIGINT,
    BOOLEAN,
    DOUBLE,
    INT,
    NULL,
    decimal,
    duck_type,
    is_decimal,
    is_integral,
    is_nested,
    is_number,
)
from data_platform.engine.spark.value import Value, constant, duck, number_literal
from data_platform.errors import FrameError


@fold("count")
def _count(around: Fold, *values: Value) -> Value:
    if not values:
        raise FrameError("count: it needs a column", hint='count("*") counts rows')
    for value in values:
        if not _is_star(value):
            around = around if len(values) == 1 else around.present(value)
    if _is_star(values[0]):
        return around.call("count(*)", type=BIGINT)
    if len(values) == 1:
        return around.call("count({distinct}{0})", values[0], type=BIGINT)
    if around.distinct:
        numbers = ", ".join(f"{{{number}}}" for number in range(len(values)))
        return around.call(f"count({{distinct}}row({numbers}))", *values, type=BIGINT)
    return around.call("count(*)", type=BIGINT)


def _is_star(value: Value) -> bool:
    return type(value.sql).__name__ == "Star"


@fold("count_distinct")
def _count_distinct(around: Fold, *values: Value) -> Value:
    return _count(Fold(around.name, True, False, around.filters, around.window), *values)


@fold("approx_count_distinct")
def _approx_count_distinct(around: Fold, value: Value, deviation: Value | None = None) -> Value:
    return around.call("approx_count_distinct({0})", value, type=BIGINT)


@fold("count_if")
def _count_if(around: Fold, condition: Value) -> Value:
    if condition.type not in (BOOLEAN, NULL):
        raise FrameError(f"count_if: {spark_type(condition.type)} is no condition")
    return around.where(cast(condition, BOOLEAN)).call("count(*)", type=BIGINT)


@fold("sum")
def _sum(around: Fold, value: Value) -> Value:
    value = _number("sum", value)
    if is_integral(value.type):
        type_ = BIGINT
    elif is_decimal(value.type):
        type_ = decimal(value.type.precision + 10, value.type.scale)
    else:
        return around.call("sum({distinct}{0})", cast(value, DOUBLE), type=DOUBLE)
    return duck(f"CAST({{0}} AS {duck_type(type_)})", around.call("sum({distinct}{0})", value, type=type_), type=type_)


@fold("sum_distinct")
def _sum_distinct(around: Fold, value: Value) -> Value:
    return _sum(Fold(around.name, True, False, around.filters, around.window), value)


@fold("avg", "mean")
def _avg(around: Fold, value: Value) -> Value:
    value = _number("avg", value)
    if not is_decimal(value.type):
        return around.call("avg({distinct}{0})", cast(value, DOUBLE), type=DOUBLE)
    precision, scale = value.type.precision, value.type.scale
    type_ = decimal(precision + 4, scale + 4)
    if precision + 10 + type_.scale - scale > 38:
        raise FrameError(
            f"avg: of {spark_type(value.type)} it has more digits than can be computed", hint="cast it to double"
        )
    total = around.call("sum({distinct}{0})", value, type=decimal(38, scale))
    count = around.call("count({distinct}{0})", value, type=BIGINT)
    narrow = f"CAST({{0}} AS DECIMAL({min(38, precision + 10)},{scale}))"
    quotient = f"decimal_division({narrow}, CAST(nullif({{1}}, 0) AS DECIMAL(18,0)), {type_.scale})"
    return duck(f"CAST({quotient} AS {duck_type(type_)})", total, count, type=type_)


def _number(name: str, value: Value) -> Value:
    return value if is_number(value.type) else as_double(name, value)


def _refuse_nested(name: str, value: Value) -> None:
    if is_nested(value.type):
        raise FrameError(f"{name}: values of the type {spark_type(value.type)} are not put in order here")


def _extreme(name: str) -> None:
    def function(around: Fold, value: Value) -> Value:
        _refuse_nested(name, value)
        return around.call(f"{name}({{0}})", value, type=value.type)

    fold(name)(lambda around, value: function(Fold(name, False, False, around.filters, around.window), value))


_extreme("min")
_extreme("max")


def _by(name: str) -> None:
    def function(around: Fold, value: Value, order: Value) -> Value:
        _refuse_nested(name, order)
        return around.present(order).call(
            f"{'arg_max_null' if name == 'max_by' else 'arg_min_null'}({{0}}, {{1}})", value, order, type=value.type
        )

    fold(name)(function)


_by("max_by")
_by("min_by")


def _moment(name: str, template: str) -> None:
    fold(name)(lambda around, value: around.call(template, as_double(name, value), type=DOUBLE))


for _name, _function in {
    "stddev_pop": "stddev_pop", "stddev": "stddev_samp", "stddev_samp": "stddev_samp", "std": "stddev_samp",
    "var_pop": "var_pop", "variance": "var_samp", "var_samp": "var_samp",
}.items():  # fmt: skip
    _moment(_name, _function + "({0})")


@fold("skewness")
def _skewness(around: Fold, value: Value) -> Value:
    """DuckDB corrects for a sample, Spark does not: n - 2 over the root of n (n - 1) takes it back."""
    value = as_double("skewness", value)
    count = around.call("count({0})", value, type=BIGINT)
    sample = around.call("skewness({0})", value, type=DOUBLE)
    return duck(
        "CASE WHEN {2} > 0 THEN if({1} = 2, 0e0, {0} * ({1} - 2) / sqrt({1}::DOUBLE * ({1} - 1))) END",
        sample,
        count,
        around.call("var_pop({0})", value, type=DOUBLE),
        type=DOUBLE,
    )


@fold("kurtosis")
def _kurtosis(around: Fold, value: Value) -> Value:
    """Null where all values are equal."""
    value = as_double("kurtosis", value)
    spread = around.call("var_pop({0})", value, type=DOUBLE)
    return duck("if({1} > 0, {0}, NULL)", around.call("kurtosis_pop({0})", value, type=DOUBLE), spread, type=DOUBLE)


def _unordered(around: Fold) -> Fold:
    """The same; FrameError over a window with an order, which Spark refuses."""
    if around.window is not None and around.window.ordered:
        raise FrameError(f"{around.name}: its window takes no order")
    return around


def _pair(name: str) -> None:
    def function(around: Fold, one: Value, two: Value) -> Value:
        return around.call(f"{name}({{0}}, {{1}})", as_double(name, one), as_double(name, two), type=DOUBLE)

    fold(name)(function)


for _name in ("corr", "covar_pop", "covar_samp"):
    _pair(_name)


def _boolean(function: str, *names: str) -> None:
    def rule(around: Fold, value: Value) -> Value:
        if value.type not in (BOOLEAN, NULL):
            raise FrameError(f"{names[0]}: {spark_type(value.type)} is no condition")
        return around.call(f"{function}({{0}})", cast(value, BOOLEAN), type=BOOLEAN)

    fold(*names)(rule)


_boolean("bool_and", "bool_and", "every")
_boolean("bool_or", "bool_or", "some", "any")


@fold("collect_list", "array_agg")
def _collect_list(around: Fold, value: Value) -> Value:
    listed = around.present(value).call("list({distinct}{0})", value, type=pa.list_(value.type))
    return duck("coalesce({0}, [])", listed, type=listed.type)


@fold("collect_set")
def _collect_set(around: Fold, value: Value) -> Value:
    return _collect_list(Fold(around.name, True, False, around.filters, around.window), value)


def _edge(function: str, *names: str) -> None:
    def rule(around: Fold, value: Value, ignore: Value | None = None) -> Value:
        skips = around.ignore_nulls or (ignore is not None and bool(constant(ignore, names[0], "ignorenulls")))
        if around.window is not None:
            return around.call(f"{function}_value({{0}}{' IGNORE NULLS' if skips else ''})", value, type=value.type)
        return (around.present(value) if skips else around).call(f"{function}({{0}})", value, type=value.type)

    fold(*names)(rule)


_edge("first", "first", "first_value", "any_value")
_edge("last", "last", "last_value")


@fold("median")
def _median(around: Fold, value: Value) -> Value:
    return _unordered(around).call("quantile_cont({0}, 0.5)", as_double("median", value), type=DOUBLE)


@fold("percentile")
def _percentile(around: Fold, value: Value, percentage: Value, frequency: Value | None = None) -> Value:
    if frequency is not None and constant(frequency, "percentile", "the frequency") != 1:
        raise FrameError("percentile: a frequency other than 1 is not supported")
    share = _share("percentile", percentage)
    return _unordered(around).call("quantile_cont({0}, {1})", as_double("percentile", value), share, type=DOUBLE)


@fold("percentile_approx", "approx_percentile")
def _percentile_approx(around: Fold, value: Value, percentage: Value, accuracy: Value | None = None) -> Value:
    share = _share("percentile_approx", percentage)
    return around.call("quantile_disc({0}, {1})", _number("percentile_approx", value), share, type=value.type)


def _share(name: str, percentage: Value) -> Value:
    sql = percentage.sql
    if type(sql).__name__ == "Cast":
        percentage = Value(sql.this, percentage.type)
    share = constant(percentage, name, "the percentage")
    if not isinstance(share, int | float) or not 0 <= share <= 1:
        raise FrameError(f"{name}: the percentage is one number between 0 and 1")
    return percentage


@fold("mode")
def _mode(around: Fold, value: Value, deterministic: Value | None = None) -> Value:
    return _unordered(around).call("mode({0})", value, type=value.type)


def _rank(name: str, type_: pa.DataType) -> None:
    def rule(around: Fold) -> Value:
        return duck(f"CAST({{0}} AS {duck_type(type_)})", around.call(f"{name}()", type=type_), type=type_)

    fold(name, ranking=True)(rule)


for _name in ("row_number", "rank", "dense_rank"):
    _rank(_name, INT)
for _name in ("percent_rank", "cume_dist"):
    _rank(_name, DOUBLE)


@fold("ntile", ranking=True)
def _ntile(around: Fold, buckets: Value) -> Value:
    return duck("CAST({0} AS INTEGER)", around.call("ntile({0})", buckets, type=INT), type=INT)


def _neighbour(name: str) -> None:
    def rule(around: Fold, value: Value, offset: Value | None = None, default: Value | None = None) -> Value:
        nulls = " IGNORE NULLS" if around.ignore_nulls else ""
        values = [value, offset or number_literal(1)]
        if default is not None and not default.is_null:
            values.append(cast(default, value.type))
        numbers = ", ".join(f"{{{number}}}" for number in range(len(values)))
        return around.call(f"{name}({numbers}{nulls})", *values, type=value.type)

    fold(name, ranking=True)(rule)


_neighbour("lag")
_neighbour("lead")


@fold("nth_value", ranking=True)
def _nth_value(around: Fold, value: Value, offset: Value, ignore: Value | None = None) -> Value:
    skips = around.ignore_nulls or (ignore is not None and bool(constant(ignore, "nth_value", "ignoreNulls")))
    return around.call(f"nth_value({{0}}, {{1}}{' IGNORE NULLS' if skips else ''})", value, offset, type=value.type)
