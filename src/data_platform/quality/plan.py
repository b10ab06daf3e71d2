"""How a rule becomes SQL: one query for the number it measures, one for the rows it finds wrong."""

from __future__ import annotations

from dataclasses import dataclass

from data_platform.spec.rules import predicates
from data_platform.spec.rules.measure_sql import build_column_names_sql, build_query_sql
from data_platform.spec.rules.model import (
    Aggregate,
    ColumnNames,
    Duplicates,
    PersonalData,
    Query,
    RowCount,
    Rule,
    SqlMeasure,
    Unit,
    Wrong,
)
from data_platform.spec.rules.predicates import quote_identifier
from data_platform.spec.sql.rule_sql import ROWS_SHOWN, build_failing_rows_sql, strip_semicolon


@dataclass(frozen=True, slots=True)
class Planned:
    """A rule over `table` with the SELECT of the number it counts; in percent `whole_sql` counts what is 100 %.

    Both are exact numbers: their quotient in floating point would not be.
    """

    rule: Rule
    table: str
    value_sql: str
    whole_sql: str | None = None

    @property
    def rows_sql(self) -> str | None:
        """The SELECT of up to 20 of the rows that are wrong, where single rows can be blamed; made when asked for."""
        return _build_rows(self.rule, self.table, quote_identifier(self.table))


def plan(rule: Rule, table: str) -> Planned:
    """The SQL of a rule over the output `table`; the domain team's own SQL stays word for word."""
    name = quote_identifier(table)
    whole = _build_whole(rule, name) if rule.unit is Unit.PERCENT else None
    return Planned(rule, table, _build_count(rule, name), whole)


def _build_count(rule: Rule, name: str) -> str:
    match rule.measure:
        case SqlMeasure(query):
            return strip_semicolon(query)
        case Wrong(predicate):
            return f"SELECT count(*) FROM {name} WHERE {predicate}"
        case Duplicates(members=members) as measure:
            counted = _build_repeated("count(*)" if members else "count(*) - 1", measure, name)
            return f"SELECT coalesce(sum(wrong), 0) FROM ({counted}) AS g(wrong)"
        case RowCount():
            return f"SELECT count(*) FROM {name}"
        case Aggregate(expression):
            return f"SELECT {expression} FROM {name}"
        case ColumnNames() as measure:
            return build_column_names_sql(measure, name)
        case Query(query):
            return build_query_sql(query, name)
        case PersonalData():
            raise ValueError(f"{rule.name} is judged by a sample, not by SQL")


def _build_whole(rule: Rule, name: str) -> str:
    """What is 100 %: all rows, or those that the measure is about."""
    if isinstance(rule.measure, Query) and rule.measure.whole:
        return build_query_sql(rule.measure.whole, name)
    among = rule.measure.among if isinstance(rule.measure, Wrong) else None
    if isinstance(rule.measure, Duplicates) and rule.measure.members:
        among = _build_filter(rule.measure)
    return f"SELECT count(*) FROM {name}" + (f" WHERE {among}" if among else "")


def _build_repeated(what: str, measure: Duplicates, name: str) -> str:
    """`what` of each group of equal values with more than one row, among the rows that the measure is about."""
    groups = f"GROUP BY {_list_names(measure.columns)} HAVING count(*) > 1"
    return f"SELECT {what} FROM {name} WHERE {_build_filter(measure)} {groups}"


def _build_filter(measure: Duplicates) -> str:
    present = map(predicates.is_not_null, measure.columns)
    match measure.unless:
        case "any":
            return predicates.join_all(*present)
        case "all":
            return predicates.join_any(*present)
    return "TRUE"


def _list_names(columns: tuple[str, ...]) -> str:
    return ", ".join(map(quote_identifier, columns))


def _build_rows(rule: Rule, table: str, name: str) -> str | None:
    match rule.measure:
        case SqlMeasure(query):
            return build_failing_rows_sql(query, table)
        case Wrong(predicate):
            return f"SELECT * FROM {name} WHERE {predicate} LIMIT {ROWS_SHOWN}"
        case Duplicates() as measure:
            return _build_duplicate_rows(measure, name)
        case _:
            return None


def _build_duplicate_rows(measure: Duplicates, name: str) -> str:
    """The rows of some groups; a null is equal to a null there."""
    columns = [quote_identifier(column) for column in measure.columns]
    groups = f"{_build_repeated(', '.join(columns), measure, name)} LIMIT {ROWS_SHOWN}"
    equal = predicates.join_all(*(f"t.{column} IS NOT DISTINCT FROM g.{column}" for column in columns))
    order = ", ".join(f"t.{column}" for column in columns)
    return f"SELECT t.* FROM {name} AS t SEMI JOIN ({groups}) AS g ON {equal} ORDER BY {order} LIMIT {ROWS_SHOWN}"
