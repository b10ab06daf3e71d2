"""The SQL of the measures that read the table's columns, or the table under a name of ours."""

from __future__ import annotations

from collections.abc import Collection

from data_platform.spec.rules.model import OUTPUT, ColumnNames, Query, Rule
from data_platform.spec.rules.predicates import format_literal, quote_identifier
from data_platform.spec.sql.rule_sql import check_rule_sql
from data_platform.spec.sql.text import SqlProblem


def build_query_sql(query: str, table: str) -> str:
    """The SELECT over `table`, a quoted identifier, which it reads as `OUTPUT`."""
    return f"WITH {quote_identifier(OUTPUT)} AS (SELECT * FROM {table}) {query}"


def query_problems(rule: Rule, inputs: Collection[tuple[str, str]]) -> list[SqlProblem]:
    """Why the rule's `Query` may not run where these inputs, as (product, output), are declared."""
    if not isinstance(rule.measure, Query):
        return []
    return [problem for problem in check_rule_sql(rule.measure.count, OUTPUT, inputs) if not problem.warning]


def build_column_names_sql(measure: ColumnNames, table: str) -> str:
    """The SELECT of the number that compares the columns of `table`, a quoted identifier, with those of the measure."""
    source = (
        f"(SELECT list(column_name) AS actual, {_format_names(measure)} AS expected FROM (DESCRIBE {table})) AS names"
    )
    return f"SELECT {_NUMBERS[measure.compared]} FROM {source}"


_ABSENT = "len(list_filter(expected, lambda name: NOT list_contains(actual, name)))"
_EXTRA = "len(list_filter(actual, lambda name: NOT list_contains(expected, name)))"
_DIFFERS = "expected[place] IS DISTINCT FROM actual[place]"
_LONGEST = "greatest(len(actual), len(expected))"
_NUMBERS = {
    "count": "len(actual)",
    "order": f"len(list_filter(range(1, {_LONGEST} + 1), lambda place: {_DIFFERS}))",
    "subset": _ABSENT,
    "set": f"{_ABSENT} + {_EXTRA}",
}


def _format_names(measure: ColumnNames) -> str:
    return f"CAST([{', '.join(map(format_literal, measure.names))}] AS VARCHAR[])"
