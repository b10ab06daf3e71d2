"""Expectations about each value of one column."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Unpack

from data_platform.spec.rules import predicates as sql
from data_platform.spec.rules.expectations import arguments
from data_platform.spec.rules.expectations.declaration import Options, RowOptions, make_rule, register_expectation
from data_platform.spec.rules.model import Duplicates, Rule, Wrong
from data_platform.spec.rules.predicates import Scalar
from data_platform.spec.rules.regexes import check_regex


def _make_values_rule(column: str, wrong: str, options: RowOptions) -> Rule:
    """A rule about the column's values that are not null."""
    return make_rule(Wrong(wrong, among=sql.is_not_null(column)), (column,), options)


@register_expectation("completeness")
def expect_column_values_to_not_be_null(column: str, **options: Unpack[RowOptions]) -> Rule:
    """No value is null."""
    return make_rule(Wrong(sql.is_null(arguments.check_column(column))), (column,), options)


@register_expectation("completeness")
def expect_column_values_to_be_null(column: str, **options: Unpack[RowOptions]) -> Rule:
    """Every value is null."""
    return make_rule(Wrong(sql.is_not_null(arguments.check_column(column))), (column,), options)


@register_expectation("uniqueness")
def expect_column_values_to_be_unique(column: str, **options: Unpack[RowOptions]) -> Rule:
    """No value occurs twice; every row of a value that does counts as wrong, and nulls are passed over."""
    return make_rule(Duplicates((arguments.check_column(column),), members=True), (column,), options)


@register_expectation("conformity")
def expect_column_values_to_be_between(
    column: str,
    min_value: Scalar | None = None,
    max_value: Scalar | None = None,
    strict_min: bool = False,
    strict_max: bool = False,
    **options: Unpack[RowOptions],
) -> Rule:
    """Every value is from `min_value` to `max_value`; a strict end is itself out. Dates may be text."""
    low, high = arguments.check_ends(min_value, max_value)
    wrong = sql.is_outside(
        sql.quote_identifier(arguments.check_column(column)),
        low,
        high,
        strict_low=arguments.check_flag("strict_min", strict_min),
        strict_high=arguments.check_flag("strict_max", strict_max),
    )
    return _make_values_rule(column, wrong, options)


@register_expectation("conformity")
def expect_column_values_to_be_in_set(column: str, value_set: Sequence[Scalar], **options: Unpack[RowOptions]) -> Rule:
    """Every value is one of `value_set`."""
    values = arguments.check_scalars("value_set", value_set)
    return _make_values_rule(column, sql.is_not_in_set(arguments.check_column(column), values), options)


@register_expectation("conformity")
def expect_column_values_to_not_be_in_set(
    column: str, value_set: Sequence[Scalar], **options: Unpack[RowOptions]
) -> Rule:
    """No value is one of `value_set`."""
    values = arguments.check_scalars("value_set", value_set)
    return _make_values_rule(column, sql.is_in_set(arguments.check_column(column), values), options)


@register_expectation("conformity")
def expect_column_values_to_match_regex(column: str, regex: str, **options: Unpack[RowOptions]) -> Rule:
    """Every text has a match of the RE2 expression somewhere; anchor with ^ and $ to match the whole."""
    return _make_values_rule(column, sql.has_no_match(arguments.check_column(column), check_regex(regex)), options)


@register_expectation("conformity")
def expect_column_values_to_not_match_regex(column: str, regex: str, **options: Unpack[RowOptions]) -> Rule:
    """No text has a match of the RE2 expression anywhere."""
    return _make_values_rule(column, sql.has_match(arguments.check_column(column), check_regex(regex)), options)


@register_expectation("conformity")
def expect_column_values_to_match_regex_list(
    column: str, regex_list: Sequence[str], match_on: str = "any", **options: Unpack[RowOptions]
) -> Rule:
    """Every text matches `match_on` ("any" or "all") of the RE2 expressions."""
    if match_on not in ("any", "all"):
        raise ValueError(f"match_on is any or all, not {match_on!r}")
    missed = [
        sql.has_no_match(arguments.check_column(column), check_regex(regex)) for regex in _check_regexes(regex_list)
    ]
    return _make_values_rule(column, sql.join_all(*missed) if match_on == "any" else sql.join_any(*missed), options)


@register_expectation("conformity")
def expect_column_values_to_not_match_regex_list(
    column: str, regex_list: Sequence[str], **options: Unpack[RowOptions]
) -> Rule:
    """No text matches any of the RE2 expressions."""
    conditions = [
        sql.has_match(arguments.check_column(column), check_regex(regex)) for regex in _check_regexes(regex_list)
    ]
    return _make_values_rule(column, sql.join_any(*conditions), options)


def _check_regexes(regex_list: Sequence[str]) -> tuple[Scalar, ...]:
    return arguments.check_scalars("regex_list", regex_list)


@register_expectation("conformity")
def expect_column_values_to_match_like_pattern(column: str, like_pattern: str, **options: Unpack[RowOptions]) -> Rule:
    """Every text is LIKE the SQL pattern, where % matches any text and _ one character."""
    name = sql.quote_identifier(arguments.check_column(column))
    return _make_values_rule(column, f"{name} NOT LIKE {_check_pattern(like_pattern)}", options)


@register_expectation("conformity")
def expect_column_values_to_not_match_like_pattern(
    column: str, like_pattern: str, **options: Unpack[RowOptions]
) -> Rule:
    """No text is LIKE the SQL pattern."""
    name = sql.quote_identifier(arguments.check_column(column))
    return _make_values_rule(column, f"{name} LIKE {_check_pattern(like_pattern)}", options)


@register_expectation("conformity")
def expect_column_values_to_match_like_pattern_list(
    column: str, like_pattern_list: Sequence[str], match_on: str = "any", **options: Unpack[RowOptions]
) -> Rule:
    """Every text is LIKE `match_on` ("any" or "all") of the SQL patterns."""
    if match_on not in ("any", "all"):
        raise ValueError(f"match_on is any or all, not {match_on!r}")
    name = sql.quote_identifier(arguments.check_column(column))
    missed = [f"{name} NOT LIKE {pattern}" for pattern in _check_patterns(like_pattern_list)]
    return _make_values_rule(column, sql.join_all(*missed) if match_on == "any" else sql.join_any(*missed), options)


@register_expectation("conformity")
def expect_column_values_to_not_match_like_pattern_list(
    column: str, like_pattern_list: Sequence[str], **options: Unpack[RowOptions]
) -> Rule:
    """No text is LIKE any of the SQL patterns."""
    name = sql.quote_identifier(arguments.check_column(column))
    conditions = [f"{name} LIKE {pattern}" for pattern in _check_patterns(like_pattern_list)]
    return _make_values_rule(column, sql.join_any(*conditions), options)


def _check_patterns(like_pattern_list: Sequence[str]) -> list[str]:
    return [
        _check_pattern(like_pattern) for like_pattern in arguments.check_scalars("like_pattern_list", like_pattern_list)
    ]


def _check_pattern(like_pattern: object) -> str:
    if not isinstance(like_pattern, str):
        raise ValueError(f"like_pattern must be text, not {like_pattern!r}")
    return sql.format_literal(like_pattern)


@register_expectation("completeness")
def expect_column_to_exist(column: str, **options: Unpack[Options]) -> Rule:
    """The output has the column; of one that its schema does not have, product.yaml is refused."""
    return make_rule(Wrong(f"FALSE AND {sql.is_null(arguments.check_column(column))}"), (column,), options)


@register_expectation("conformity")
def expect_column_values_to_match_strftime_format(
    column: str, strftime_format: str, **options: Unpack[RowOptions]
) -> Rule:
    """Every text is a moment as the format of strftime writes it, such as `%Y-%m-%d`."""
    if "%" not in str(strftime_format):
        raise ValueError(f"strftime_format must be text with a % directive, not {strftime_format!r}")
    name = sql.quote_identifier(arguments.check_column(column))
    unread = f"try_strptime({name}, {sql.format_literal(strftime_format)}) IS NULL"
    short = f"NOT regexp_full_match({name}, {sql.format_literal(_make_years_pattern(strftime_format))})"
    return _make_values_rule(column, sql.join_all(sql.is_not_null(column), sql.join_any(unread, short)), options)


def _make_years_pattern(strftime_format: str) -> str:
    """A year has four digits, or two for %y, as in Python; DuckDB reads a 1 as a year too.

    The rest is anything that ends in no space.
    """
    digits = {"%Y": r"\d{4}", "%y": r"\d{2}", "%%": "%"}
    parts = re.findall(r"%-?.|\s+|.", strftime_format, re.DOTALL)
    return "".join(digits.get(part, _translate_rest(part)) for part in parts)


def _translate_rest(part: str) -> str:
    if part.isspace():
        return ".*"
    return r".*\S" if part[0] == "%" else re.escape(part)


@register_expectation("conformity")
def expect_column_value_lengths_to_be_between(
    column: str,
    min_value: int | None = None,
    max_value: int | None = None,
    strict_min: bool = False,
    strict_max: bool = False,
    **options: Unpack[RowOptions],
) -> Rule:
    """Every text has from `min_value` to `max_value` characters (Unicode code points)."""
    low, high = arguments.check_ends(arguments.count("min_value", min_value), arguments.count("max_value", max_value))
    wrong = sql.is_outside(
        f"length({sql.quote_identifier(arguments.check_column(column))})",
        low,
        high,
        strict_low=arguments.check_flag("strict_min", strict_min),
        strict_high=arguments.check_flag("strict_max", strict_max),
    )
    return _make_values_rule(column, wrong, options)


@register_expectation("conformity")
def expect_column_value_lengths_to_equal(column: str, value: int, **options: Unpack[RowOptions]) -> Rule:
    """Every text has exactly `value` characters (Unicode code points)."""
    length = arguments.count("value", value)
    if length is None:
        raise ValueError("value must be a number")
    wrong = f"length({sql.quote_identifier(arguments.check_column(column))}) <> {length}"
    return _make_values_rule(column, wrong, options)


@register_expectation("conformity")
def expect_column_values_to_be_json_parseable(column: str, **options: Unpack[RowOptions]) -> Rule:
    """Every text is a JSON document; NaN and Infinity count as JSON, and a value that is no text does not."""
    name = sql.quote_identifier(arguments.check_column(column))
    text = f"CAST({name} AS VARCHAR)"
    # json_valid permits a comma before a closing bracket; commas inside text are taken out before looking for one.
    bare = f"regexp_replace({text}, {sql.format_literal(_JSON_TEXT)}, '', 'g')"
    trailing = f"regexp_matches({bare}, {sql.format_literal(_TRAILING_COMMA)})"
    wrong = sql.join_any(f"typeof({name}) <> 'VARCHAR'", f"NOT json_valid({text})", trailing)
    return _make_values_rule(column, sql.join_all(sql.is_not_null(column), wrong), options)


_JSON_TEXT = r'"(?:[^"\\]|\\.)*"'
_TRAILING_COMMA = r",\s*[\]}]"
