"""How a rule becomes SQL: one query for the number it measures, one for the rows it finds wrong."""

from __future__ import annotations

from dataclasses import dataclass

from data_platform.spec import predicates
from data_platform.spec.predicates import identifier
from data_platform.spec.rules import Aggregate, Duplicates, RowCount, Rule, Sql, Unit, Wrong
from data_platform.spec.sql import ROWS_SHOWN, failing_rows_sql, without_semicolon


@dataclass(frozen=True, slots=True)
class Planned:
    """A rule over `table` with the SELECT of its number."""

    rule: Rule
    table: str
    value_sql: str

    @property
    def rows_sql(self) -> str | None:
        """The SELECT of up to 20 of the rows that are wrong, where single rows can be blamed; made when asked for."""
        return _rows(self.rule, self.table, identifier(self.table))


def plan(rule: Rule, table: str) -> Planned:
    """The SQL of a rule over the output `table`; the domain team's own SQL stays word for word."""
    name = identifier(table)
    count = _count(rule, name)
    value = _percentage(count, _whole(rule, name)) if rule.unit is Unit.PERCENT else count
    return Planned(rule, table, value)


def _count(rule: Rule, name: str) -> str:
    match rule.measure:
        case Sql(query):
            return without_semicolon(query)
        case Wrong(predicate):
            return f"SELECT count(*) FROM {name} WHERE {predicate}"
        case Duplicates(columns):
            return f"SELECT coalesce(sum(beyond), 0) FROM ({_repeated('count(*) - 1', columns, name)}) AS g(beyond)"
        case RowCount():
            return f"SELECT count(*) FROM {name}"
        case Aggregate(expression):
            return f"SELECT {expression} FROM {name}"


def _whole(rule: Rule, name: str) -> str:
    """What is 100 %: all rows, or those that the measure is about."""
    among = rule.measure.among if isinstance(rule.measure, Wrong) else None
    return f"SELECT count(*) FROM {name}" + (f" WHERE {among}" if among else "")


def _percentage(count: str, whole: str) -> str:
    """100 · count / whole in floating point; of an empty whole it is 0."""
    return f"SELECT 1e2 * (\n{count}\n) / greatest(({whole}), 1)"


def _repeated(what: str, columns: tuple[str, ...], name: str) -> str:
    """Something of each group of equal values that has more than one row, rows with a null among them left out."""
    present = predicates.both(*map(predicates.is_not_null, columns))
    return f"SELECT {what} FROM {name} WHERE {present} GROUP BY {_names(columns)} HAVING count(*) > 1"


def _names(columns: tuple[str, ...]) -> str:
    return ", ".join(map(identifier, columns))


def _rows(rule: Rule, table: str, name: str) -> str | None:
    match rule.measure:
        case Sql(query):
            return failing_rows_sql(query, table)
        case Wrong(predicate):
            return f"SELECT * FROM {name} WHERE {predicate} LIMIT {ROWS_SHOWN}"
        case Duplicates(columns):
            names = _names(columns)
            groups = f"{_repeated(names, columns, name)} LIMIT {ROWS_SHOWN}"
            return f"SELECT * FROM {name} SEMI JOIN ({groups}) USING ({names}) ORDER BY {names} LIMIT {ROWS_SHOWN}"
        case _:
            return None
