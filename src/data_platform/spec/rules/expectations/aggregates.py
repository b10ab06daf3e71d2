"""Expectations about one number: the table's row count, or an aggregate of a column.

An aggregate over no values is null, and a rule that measures null is in error.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack, cast

from data_platform.spec.rules import predicates as sql
from data_platform.spec.rules.expectations import arguments
from data_platform.spec.rules.expectations.declaration import (
    Options,
    RangeOptions,
    RowOptions,
    make_rule,
    register_expectation,
)
from data_platform.spec.rules.model import Aggregate, Bound, Operator, RowCount, Rule, Wrong
from data_platform.spec.rules.predicates import Scalar

Number = int | float


@register_expectation("coverage")
def expect_table_row_count_to_be_between(
    min_value: int | None = None, max_value: int | None = None, **options: Unpack[Options]
) -> Rule:
    """The table has from `min_value` to `max_value` rows."""
    low, high = arguments.count("min_value", min_value), arguments.count("max_value", max_value)
    return make_rule(RowCount(), (), options, arguments.make_bound(low, high))


@register_expectation("coverage")
def expect_table_row_count_to_equal(value: int, **options: Unpack[Options]) -> Rule:
    """The table has exactly `value` rows."""
    rows = arguments.count("value", value)
    if rows is None:
        raise ValueError("value must be a number")
    return make_rule(RowCount(), (), options, Bound(Operator.MUST_BE, rows))


def _make_number_rule(
    column: str, function: str, low: Number | None, high: Number | None, options: RangeOptions
) -> Rule:
    expression = function.format(sql.quote_identifier(arguments.check_column(column)))
    bound = arguments.make_bound(
        arguments.check_number("min_value", low),
        arguments.check_number("max_value", high),
        strict_low=arguments.check_flag("strict_min", options.get("strict_min", False)),
        strict_high=arguments.check_flag("strict_max", options.get("strict_max", False)),
    )
    return make_rule(Aggregate(expression), (column,), options, bound)


def _make_ends_rule(column: str, function: str, low: object, high: object, options: RangeOptions) -> Rule:
    """Of numbers the measure is the number itself; of other values whether it lies outside, 0 or 1."""
    numbers = [end for end in (low, high) if isinstance(end, int | float) and not isinstance(end, bool)]
    if numbers or (low is None and high is None):
        return _make_number_rule(column, function, cast("Number | None", low), cast("Number | None", high), options)
    first, last = arguments.check_ends(low, high)
    outside = sql.is_outside(
        function.format(sql.quote_identifier(arguments.check_column(column))),
        first,
        last,
        strict_low=arguments.check_flag("strict_min", options.get("strict_min", False)),
        strict_high=arguments.check_flag("strict_max", options.get("strict_max", False)),
    )
    return make_rule(Aggregate(f"CAST({outside} AS INTEGER)"), (column,), options)


@register_expectation("conformity")
def expect_column_max_to_be_between(
    column: str,
    min_value: Scalar | None = None,
    max_value: Scalar | None = None,
    **options: Unpack[RangeOptions],
) -> Rule:
    """The greatest value is from `min_value` to `max_value`: numbers, or dates and times, which may be text."""
    return _make_ends_rule(column, "max({})", min_value, max_value, options)


@register_expectation("conformity")
def expect_column_min_to_be_between(
    column: str,
    min_value: Scalar | None = None,
    max_value: Scalar | None = None,
    **options: Unpack[RangeOptions],
) -> Rule:
    """The least value is from `min_value` to `max_value`: numbers, or dates and times, which may be text."""
    return _make_ends_rule(column, "min({})", min_value, max_value, options)


@register_expectation("conformity")
def expect_column_mean_to_be_between(
    column: str,
    min_value: Number | None = None,
    max_value: Number | None = None,
    **options: Unpack[RangeOptions],
) -> Rule:
    """The mean is from `min_value` to `max_value`."""
    return _make_number_rule(column, "avg({})", min_value, max_value, options)


@register_expectation("conformity")
def expect_column_median_to_be_between(
    column: str,
    min_value: Number | None = None,
    max_value: Number | None = None,
    **options: Unpack[RangeOptions],
) -> Rule:
    """The median is from `min_value` to `max_value`."""
    return _make_number_rule(column, "median({})", min_value, max_value, options)


@register_expectation("conformity")
def expect_column_sum_to_be_between(
    column: str,
    min_value: Number | None = None,
    max_value: Number | None = None,
    **options: Unpack[RangeOptions],
) -> Rule:
    """The sum is from `min_value` to `max_value`."""
    return _make_number_rule(column, "sum({})", min_value, max_value, options)


@register_expectation("conformity")
def expect_column_stdev_to_be_between(
    column: str,
    min_value: Number | None = None,
    max_value: Number | None = None,
    **options: Unpack[RangeOptions],
) -> Rule:
    """The standard deviation (of a sample) is from `min_value` to `max_value`."""
    return _make_number_rule(column, "stddev_samp({})", min_value, max_value, options)


@register_expectation("completeness")
def expect_column_proportion_of_non_null_values_to_be_between(
    column: str,
    min_value: Number | None = None,
    max_value: Number | None = None,
    **options: Unpack[RangeOptions],
) -> Rule:
    """The share of rows with a value, 0 to 1, is from `min_value` to `max_value`."""
    return _make_number_rule(column, "count({}) / nullif(count(*), 0)", min_value, max_value, options)


@register_expectation("uniqueness")
def expect_column_unique_value_count_to_be_between(
    column: str, min_value: int | None = None, max_value: int | None = None, **options: Unpack[RangeOptions]
) -> Rule:
    """The column has from `min_value` to `max_value` different values."""
    low, high = arguments.count("min_value", min_value), arguments.count("max_value", max_value)
    return _make_number_rule(column, "count(DISTINCT {})", low, high, options)


@register_expectation("uniqueness")
def expect_column_proportion_of_unique_values_to_be_between(
    column: str,
    min_value: Number | None = None,
    max_value: Number | None = None,
    **options: Unpack[RangeOptions],
) -> Rule:
    """Different values for each value that is not null (0 to 1, 1 when all differ)."""
    return _make_number_rule(column, "count(DISTINCT {0}) / nullif(count({0}), 0)", min_value, max_value, options)


@register_expectation("conformity")
def expect_column_distinct_values_to_be_in_set(
    column: str, value_set: Sequence[Scalar], **options: Unpack[RowOptions]
) -> Rule:
    """Every different value is one of `value_set`; what counts as wrong is every row with another."""
    values = arguments.check_scalars("value_set", value_set)
    wrong = Wrong(sql.is_not_in_set(arguments.check_column(column), values), among=sql.is_not_null(column))
    return make_rule(wrong, (column,), options)


@register_expectation("coverage")
def expect_column_distinct_values_to_contain_set(
    column: str, value_set: Sequence[Scalar], **options: Unpack[Options]
) -> Rule:
    """Every value of `value_set` occurs; what is measured is how many do not."""
    return make_rule(Aggregate(_count_absent(column, value_set)), (column,), options)


@register_expectation("coverage")
def expect_column_distinct_values_to_equal_set(
    column: str, value_set: Sequence[Scalar], **options: Unpack[Options]
) -> Rule:
    """The values of `value_set` occur and no others; what is measured is how many are absent or too many."""
    values = arguments.check_scalars("value_set", value_set)
    others = sql.is_not_in_set(arguments.check_column(column), values)
    extra = f"count(DISTINCT {sql.quote_identifier(column)}) FILTER ({others})"
    return make_rule(Aggregate(f"{_count_absent(column, value_set)} + {extra}"), (column,), options)


def _count_absent(column: str, value_set: Sequence[Scalar]) -> str:
    values = arguments.check_scalars("value_set", value_set)
    members = sql.is_in_set(arguments.check_column(column), values)
    return f"{len(values)} - count(DISTINCT {sql.quote_identifier(column)}) FILTER ({members})"
