"""Expectations about several columns of a row together.

`ignore_row_if` is Great Expectations': by default a row is passed over when all its columns are null.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from data_platform.spec.rules import predicates as sql
from data_platform.spec.rules.expectations import arguments
from data_platform.spec.rules.expectations.declaration import RowOptions, make_rule, register_expectation
from data_platform.spec.rules.model import Duplicates, Rule, Wrong
from data_platform.spec.rules.predicates import Scalar

_PAIR = {"both_values_are_missing": "all", "either_value_is_missing": "any", "neither": None}
_MANY = {"all_values_are_missing": "all", "any_value_is_missing": "any", "never": None}


def _make_rows_rule(
    columns: tuple[str, ...],
    right: str,
    ignore_row_if: str,
    words: dict[str, str | None],
    options: RowOptions,
) -> Rule:
    """The rows in which `right` is not true, among those that `ignore_row_if` leaves."""
    present = [sql.is_not_null(column) for column in columns]
    wrong = f"({right}) IS NOT TRUE"
    match _make_filter(ignore_row_if, words):
        case "all":
            measure = Wrong(sql.join_all(sql.join_any(*present), wrong), among=sql.join_any(*present))
        case "any":
            measure = Wrong(sql.join_all(*present, wrong), among=sql.join_all(*present))
        case _:
            measure = Wrong(wrong)
    return make_rule(measure, columns, options)


def _make_filter(ignore_row_if: str, words: dict[str, str | None]) -> str | None:
    if ignore_row_if not in words:
        raise ValueError(f"ignore_row_if is one of {', '.join(words)}, not {ignore_row_if!r}")
    return words[ignore_row_if]


@register_expectation("consistency")
def expect_column_pair_values_to_be_in_set(
    column_A: str,
    column_B: str,
    value_pairs_set: Sequence[Sequence[Scalar | None]],
    ignore_row_if: str = "both_values_are_missing",
    **options: Unpack[RowOptions],
) -> Rule:
    """In every row the two values are one of the pairs."""
    pair = arguments.check_columns((column_A, column_B))
    if isinstance(value_pairs_set, str) or any(
        isinstance(value_pair, str) or len(value_pair) != 2 for value_pair in value_pairs_set
    ):
        raise ValueError("value_pairs_set must be a list of pairs")
    conditions = [sql.join_all(*map(_compare_values, pair, value_pair)) for value_pair in value_pairs_set]
    if not conditions:
        raise ValueError("value_pairs_set must hold at least one pair")
    return _make_rows_rule(pair, sql.join_any(*conditions), ignore_row_if, _PAIR, options)


def _compare_values(column: str, value: Scalar | None) -> str:
    if value is None:
        return sql.is_null(column)
    return f"{sql.quote_identifier(column)} = {sql.format_literal(arguments.check_scalar('value_pairs_set', value))}"


@register_expectation("consistency")
def expect_column_pair_values_a_to_be_greater_than_b(
    column_A: str,
    column_B: str,
    or_equal: bool = False,
    ignore_row_if: str = "both_values_are_missing",
    **options: Unpack[RowOptions],
) -> Rule:
    """In every row column A is greater than column B."""
    pair = arguments.check_columns((column_A, column_B))
    sign = ">=" if arguments.check_flag("or_equal", or_equal) else ">"
    right = f"{sql.quote_identifier(column_A)} {sign} {sql.quote_identifier(column_B)}"
    return _make_rows_rule(pair, right, ignore_row_if, _PAIR, options)


@register_expectation("consistency")
def expect_column_pair_values_to_be_equal(
    column_A: str,
    column_B: str,
    ignore_row_if: str = "both_values_are_missing",
    **options: Unpack[RowOptions],
) -> Rule:
    """In every row column A equals column B."""
    pair = arguments.check_columns((column_A, column_B))
    right = f"{sql.quote_identifier(column_A)} = {sql.quote_identifier(column_B)}"
    return _make_rows_rule(pair, right, ignore_row_if, _PAIR, options)


@register_expectation("uniqueness")
def expect_compound_columns_to_be_unique(
    column_list: Sequence[str],
    ignore_row_if: str = "all_values_are_missing",
    **options: Unpack[RowOptions],
) -> Rule:
    """No combination of values occurs twice, nulls being equal; every row of one that does counts as wrong."""
    columns = arguments.check_columns(column_list)
    unless = _make_filter(ignore_row_if, _MANY) or "never"
    return make_rule(Duplicates(columns, members=True, unless=unless), columns, options)


@register_expectation("uniqueness")
def expect_select_column_values_to_be_unique_within_record(
    column_list: Sequence[str],
    ignore_row_if: str = "all_values_are_missing",
    **options: Unpack[RowOptions],
) -> Rule:
    """In every row the columns' values differ from each other."""
    columns = arguments.check_columns(column_list)
    pairs = [(a, b) for at, a in enumerate(columns) for b in columns[at + 1 :]]
    right = sql.join_all(*(f"{sql.quote_identifier(a)} IS DISTINCT FROM {sql.quote_identifier(b)}" for a, b in pairs))
    return _make_rows_rule(columns, right, ignore_row_if, _MANY, options)


@register_expectation("consistency")
def expect_multicolumn_values_to_be_equal(
    column_list: Sequence[str],
    ignore_row_if: str = "all_values_are_missing",
    **options: Unpack[RowOptions],
) -> Rule:
    """In every row the columns' values are equal; a null equals a null alone."""
    first, *others = columns = arguments.check_columns(column_list)
    right = sql.join_all(
        *(f"{sql.quote_identifier(first)} IS NOT DISTINCT FROM {sql.quote_identifier(name)}" for name in others)
    )
    return _make_rows_rule(columns, right, ignore_row_if, _MANY, options)


@register_expectation("consistency")
def expect_multicolumn_sum_to_equal(
    column_list: Sequence[str],
    sum_total: int | float,
    ignore_row_if: str = "all_values_are_missing",
    **options: Unpack[RowOptions],
) -> Rule:
    """In every row the columns add up to `sum_total`."""
    columns = arguments.check_columns(column_list)
    total = arguments.check_number("sum_total", sum_total)
    if total is None:
        raise ValueError("sum_total must be a number")
    right = f"{' + '.join(map(sql.quote_identifier, columns))} = {sql.format_literal(total)}"
    return _make_rows_rule(columns, right, ignore_row_if, _MANY, options)
