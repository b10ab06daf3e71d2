"""Which findings of a rule may be shown where a table holds personal data.

The columns of personal data are *protected*. A finding is a number and, where rows can be blamed, up to 20 rows; it
follows what the SQL reads, never what a column is called in the result.

1. A rule that cannot read a protected column shows its number and rows. It cannot when no identifier in it bears such a
   name and nothing reads columns without naming them: `*`, COLUMNS, positions, whole rows, natural joins, pivots, names
   that an alias gives to a table's columns.
2. A rule that reads protected columns shows a *count of rows* and the rows it counts. In a count of rows each row of
   one table adds 0 or 1, by tests of its own values: COUNT(*), COUNT(column), COUNT(DISTINCT column), COUNT_IF, a
   FILTER, a SUM over CASE … THEN 1 ELSE 0, over a table, or over a subquery that renames and filters its columns, or
   over its groups. A test looks at one protected column and constants: compared with another column, which may be a
   counter, a value could be found by counting. The number may be one such count together with numbers of kind 1 (a
   share, a difference); of two counts, weights could spell a value.
3. Everything else is hidden, number and rows: other aggregates, joins, subqueries in conditions, windows, functions
   that make several rows of one (`range(salary)`), LIMIT, samples, recursion, and SQL that is not understood. The
   verdict itself is shown.

In rows that are shown, protected columns are masked (judge.py). Rules of other products, which consumers declare, are
judged only when they are of kind 1: `may_read_personal_data`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from data_platform.quality.verdict import RuleResult
from data_platform.spec.rules.model import (
    Aggregate,
    ColumnNames,
    Duplicates,
    PersonalData,
    Query,
    RowCount,
    Rule,
    SqlMeasure,
    Wrong,
)
from data_platform.spec.sql.disclosure import is_row_count, needs_protected

_TABLE = "SELECT {} FROM data_platform_table"


def strip_personal_value(result: RuleResult, masked: Collection[str]) -> RuleResult:
    """The result without its number and rows where they may disclose a value of the `masked` columns."""
    return result if may_disclose(result.rule, masked) else replace(result, value=None, rows=())


def may_disclose(rule: Rule, masked: Collection[str]) -> bool:
    """Whether the rule's number and rows may be shown, where the columns in `masked` are protected."""
    if not masked or not may_read_personal_data(rule, masked):
        return True
    match rule.measure:
        case SqlMeasure(query):
            return is_row_count(query, masked)
        case Query(query, whole):
            return is_row_count(query, masked) and (whole is None or is_row_count(whole, masked))
        case Wrong(predicate, among):
            conditions = [predicate] if among is None else [predicate, among]
            return len(rule.columns) == 1 or all(_is_row_count(condition, masked) for condition in conditions)
        case Duplicates() | RowCount() | ColumnNames():
            return True
        case _:
            return False


def may_read_personal_data(rule: Rule, masked: Collection[str]) -> bool:
    """Whether the rule may read one of the columns in `masked`."""
    return may_read(rule, masked)


def may_read(rule: Rule, columns: Collection[str]) -> bool:
    """Whether the rule may read one of some columns: it names one, or reads columns without naming them."""
    names = {name.casefold() for name in columns}
    if not names.isdisjoint(name.casefold() for name in rule.columns):
        return True
    match rule.measure:
        case SqlMeasure(query):
            return needs_protected(query, columns)
        case Wrong(predicate, among):
            conditions = [predicate] if among is None else [predicate, among]
            return any(needs_protected(_TABLE.format(f"({condition})"), columns) for condition in conditions)
        case Aggregate(expression):
            return needs_protected(_TABLE.format(expression), columns)
        case Duplicates(keys):
            return not names.isdisjoint(name.casefold() for name in keys)
        case Query(query, whole):
            return any(needs_protected(sql, columns) for sql in (query, whole) if sql is not None)
        case RowCount() | ColumnNames() | PersonalData():
            return False


def _is_row_count(condition: str, masked: Collection[str]) -> bool:
    return is_row_count(f"{_TABLE.format('count(*)')} WHERE {condition}", masked)
