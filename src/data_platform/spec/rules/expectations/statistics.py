"""Expectations that compare a column's values with the column's own distribution.

The measured number counts what is wrong. NaN is a value here, and the greatest: a column with NaN or infinity has no
mean, and such a rule is in error.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Unpack

from data_platform.spec.rules import predicates as sql
from data_platform.spec.rules.expectations import arguments
from data_platform.spec.rules.expectations.declaration import Options, RowOptions, make_rule, register_expectation
from data_platform.spec.rules.model import OUTPUT, Aggregate, Query, Rule
from data_platform.spec.rules.predicates import Scalar

_NEAR = 1e-4
"""How far beyond its range a quantile may lie, relative to the range's end, as in Great Expectations."""
_FROM = f"FROM {sql.quote_identifier(OUTPUT)}"


@register_expectation("conformity")
def expect_column_quantile_values_to_be_between(
    column: str,
    quantile_ranges: Mapping[str, Sequence[Any]],
    allow_relative_error: bool | str = False,
    **options: Unpack[Options],
) -> Rule:
    """Each of `quantiles` lies in its one of `value_ranges`; what is measured is how many do not.

    A quantile is a value of the column, the least that so great a share does not exceed (SQL's PERCENTILE_DISC); a
    ten-thousandth beyond an end is still inside. An end that is null is open.
    """
    if allow_relative_error is not False:
        raise ValueError(f"allow_relative_error must be false: quantiles are exact here, not {allow_relative_error!r}")
    quantiles, ranges = _check_quantile_ranges(quantile_ranges)
    name = sql.quote_identifier(arguments.check_column(column))
    inside = [_compare_range(f"quantile_disc({name}, {at})", *ends) for at, ends in zip(quantiles, ranges, strict=True)]
    counted = " + ".join(f"CAST(({condition}) IS NOT TRUE AS INTEGER)" for condition in inside)
    return make_rule(Aggregate(counted), (column,), options)


def _check_quantile_ranges(given: object) -> tuple[list[float], list[tuple[float | None, float | None]]]:
    if not isinstance(given, Mapping) or set(given) != {"quantiles", "value_ranges"}:
        raise ValueError(f"quantile_ranges must be {{quantiles: […], value_ranges: [[low, high], …]}}, not {given!r}")
    shares, ranges = given["quantiles"], given["value_ranges"]
    if not isinstance(shares, list | tuple) or not isinstance(ranges, list | tuple) or len(shares) != len(ranges):
        raise ValueError("quantiles and value_ranges must be lists of one length")
    if not shares:
        raise ValueError("quantiles must name at least one share")
    return [_check_share(entry) for entry in shares], [_check_ends(entry) for entry in ranges]


def _check_share(value: object) -> float:
    share = arguments.check_number("quantiles", value)
    if share is None or not 0 <= share <= 1:
        raise ValueError(f"quantiles are shares from 0 to 1, not {value!r}")
    return float(share)


def _check_ends(pair: object) -> tuple[float | None, float | None]:
    if not isinstance(pair, list | tuple) or len(pair) != 2:
        raise ValueError(f"value_ranges must be pairs [low, high], not {pair!r}")
    low, high = (arguments.check_number("value_ranges", end) for end in pair)
    if low is not None and high is not None and low > high:
        raise ValueError(f"value_ranges: {low} is above {high}")
    return low, high


def _compare_range(value: str, low: float | None, high: float | None) -> str:
    """NaN is inside no range; of open ends every value but NaN is inside."""
    sides = [f"CAST({value} AS DOUBLE) <> CAST('NaN' AS DOUBLE)"]
    if low is not None:
        sides.append(f"{value} >= {sql.format_literal(low)} OR {_compare_near(value, low)}")
    if high is not None:
        sides.append(f"{value} <= {sql.format_literal(high)} OR {_compare_near(value, high)}")
    return sql.join_all(*sides)


def _compare_near(value: str, end: float) -> str:
    literal = sql.format_literal(end)
    return f"abs(CAST({value} AS DOUBLE) - CAST({literal} AS DOUBLE)) <= CAST({_NEAR * abs(end)} AS DOUBLE)"


@register_expectation("conformity")
def expect_column_most_common_value_to_be_in_set(
    column: str, value_set: Sequence[Scalar], ties_okay: bool | None = None, **options: Unpack[Options]
) -> Rule:
    """The most frequent value is one of `value_set`: 0, or 1 where it is not.

    Where several are equally frequent it is 1, and with `ties_okay` 0 if one of them is in the set. Nulls are no value.
    """
    values = arguments.check_scalars("value_set", value_set)
    name = sql.quote_identifier(arguments.check_column(column))
    inside = f"count(*) FILTER (WHERE {sql.is_in_set('v', values)})"
    any_will_do = ties_okay is not None and arguments.check_flag("ties_okay", ties_okay)
    right = f"{inside} > 0" if any_will_do else f"{inside} = 1 AND count(*) = 1"
    ranks = f"SELECT {name} AS v, rank() OVER (ORDER BY count(*) DESC) AS n {_FROM} WHERE {name} IS NOT NULL"
    query = f"SELECT CAST(NOT ({right}) AS INTEGER) FROM ({ranks} GROUP BY {name}) WHERE n = 1"
    return make_rule(Query(query), (column,), options)


@register_expectation("conformity")
def expect_column_value_z_scores_to_be_less_than(
    column: str, threshold: float, double_sided: bool, **options: Unpack[RowOptions]
) -> Rule:
    """Every value is less than `threshold` standard deviations above the mean, with `double_sided` away from it.

    Of fewer than two values, and where all are equal, there are no such scores, and all conform.
    """
    most = arguments.check_number("threshold", threshold)
    if most is None:
        raise ValueError("threshold must be a number")
    both = arguments.check_flag("double_sided", double_sided)
    score = "(v - mean) / nullif(deviation, 0)"
    wrong = (
        f"NOT abs({score}) < {sql.format_literal(abs(most))}" if both else f"NOT {score} < {sql.format_literal(most)}"
    )
    return _make_spread_rule(column, _MOMENTS, wrong, options)


@register_expectation("conformity")
def expect_column_values_to_not_be_outliers(
    column: str, method: str = "iqr", multiplier: float = 1.5, **options: Unpack[RowOptions]
) -> Rule:
    """No value is an outlier: beyond the quartiles by `multiplier` times their distance, for the `method` iqr.

    For std it is `multiplier` standard deviations or more away from the mean. Quartiles are interpolated.
    """
    times = arguments.check_number("multiplier", multiplier)
    if times is None or times < 0:
        raise ValueError(f"multiplier must be a number from 0 up, not {multiplier!r}")
    if method not in ("iqr", "std"):
        raise ValueError(f"method is iqr or std, not {method!r}")
    factor = sql.format_literal(times)
    if method == "iqr":
        quartiles = "quantile_cont(v, 0.25) OVER () AS low, quantile_cont(v, 0.75) OVER () AS high"
        far = f"{factor} * (high - low)"
        return _make_spread_rule(column, quartiles, f"v < low - {far} OR v > high + {far}", options)
    far = "v <> mean" if times == 0 else f"abs(v - mean) >= {factor} * deviation"
    return _make_spread_rule(column, _MOMENTS, f"deviation > 0 AND {far}", options)


_MOMENTS = "avg(v) OVER () AS mean, stddev_samp(v) OVER () AS deviation"


def _make_spread_rule(column: str, computed: str, wrong: str, options: RowOptions) -> Rule:
    """The values that are wrong by numbers computed over all of them."""
    name = sql.quote_identifier(arguments.check_column(column))
    present = f"{_FROM} WHERE {name} IS NOT NULL"
    values = f"SELECT CAST({name} AS DOUBLE) AS v {present}"
    query = f"SELECT count(*) FROM (SELECT v, {computed} FROM ({values})) WHERE {wrong}"
    return make_rule(Query(query, f"SELECT count(*) {present}"), (column,), options)
