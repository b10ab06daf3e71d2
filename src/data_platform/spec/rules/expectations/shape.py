"""Expectations about the table's columns: their names, their number, their order and their types."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Unpack

from data_platform.spec.rules import predicates as sql
from data_platform.spec.rules.expectations import arguments
from data_platform.spec.rules.expectations.declaration import Options, make_rule, register_expectation
from data_platform.spec.rules.expectations.type_names import make_stored_pattern
from data_platform.spec.rules.model import Aggregate, Bound, ColumnNames, Operator, Rule


@register_expectation("conformity")
def expect_table_columns_to_match_ordered_list(column_list: Sequence[str], **options: Unpack[Options]) -> Rule:
    """The columns are those of `column_list` in that order; what is measured is at how many places they are not."""
    return make_rule(ColumnNames(arguments.check_columns(column_list, least=1), "order"), (), options)


@register_expectation("conformity")
def expect_table_columns_to_match_set(
    column_set: Iterable[str], exact_match: bool | None = True, **options: Unpack[Options]
) -> Rule:
    """The table has the columns of `column_set`, and no others unless `exact_match` is false."""
    listed = map(arguments.check_column, _check_listed("column_set", column_set))
    names = arguments.check_columns(dict.fromkeys(listed), least=1)
    exact = exact_match is not None and arguments.check_flag("exact_match", exact_match)
    return make_rule(ColumnNames(names, "set" if exact else "subset"), (), options)


@register_expectation("conformity")
def expect_table_column_count_to_equal(value: int, **options: Unpack[Options]) -> Rule:
    """The table has exactly `value` columns."""
    count = arguments.count("value", value)
    if count is None:
        raise ValueError("value must be a number")
    return make_rule(ColumnNames(), (), options, Bound(Operator.MUST_BE, count))


@register_expectation("conformity")
def expect_table_column_count_to_be_between(
    min_value: int | None = None, max_value: int | None = None, **options: Unpack[Options]
) -> Rule:
    """The table has from `min_value` to `max_value` columns."""
    low, high = arguments.count("min_value", min_value), arguments.count("max_value", max_value)
    return make_rule(ColumnNames(), (), options, arguments.make_bound(low, high))


@register_expectation("conformity")
def expect_column_values_to_be_of_type(
    column: str, type_: str, mostly: float | None = None, **options: Unpack[Options]
) -> Rule:
    """The column has the type: 0, or 1 where it has another; all values have one type, so `mostly` changes nothing.

    Names are those of Python, pandas, SQL and Spark. `int` is an int or a long, `float` a float or a double.
    """
    return _make_type_rule(column, [type_], mostly, options)


@register_expectation("conformity")
def expect_column_values_to_be_in_type_list(
    column: str, type_list: Sequence[str], mostly: float | None = None, **options: Unpack[Options]
) -> Rule:
    """The column has one of the types: 0, or 1 where it has another; `mostly` changes nothing."""
    return _make_type_rule(column, _check_listed("type_list", type_list), mostly, options)


@register_expectation("conformity")
def expect_column_type_to_be(column: str, type_: str, **options: Unpack[Options]) -> Rule:
    """The column has the type: 0, or 1 where it has another."""
    return _make_type_rule(column, [type_], None, options)


def _check_listed(argument: str, names: object) -> list[Any]:
    if isinstance(names, str) or not isinstance(names, Iterable) or not (listed := list(names)):
        raise ValueError(f"{argument} must be a list of names, not {names!r}")
    return listed


def _make_type_rule(column: str, names: Sequence[str], mostly: float | None, options: Options) -> Rule:
    """A rule over an aggregate, which has its column's type even over no rows."""
    if mostly is not None:
        arguments.make_share_bound(mostly)
    stored = f"typeof(any_value({sql.quote_identifier(arguments.check_column(column))}))"
    pattern = sql.format_literal("|".join(map(make_stored_pattern, names)))
    return make_rule(Aggregate(f"CAST(NOT regexp_full_match({stored}, {pattern}) AS INTEGER)"), (column,), options)
