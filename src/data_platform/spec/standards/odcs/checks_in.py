"""Rules from ODCS's checks (3.2.0, Data Quality): what can run becomes a rule, the rest is named with its reason.

`custom` runs when its engine is Great Expectations and we know the expectation; a library metric and SQL run when they
mean something here. Nothing of a check is lost: what a rule has no field for is kept in its `odcs`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from data_platform.errors import InvalidSpec
from data_platform.spec.product.yaml.unchecked_rules import explain_unchecked
from data_platform.spec.rules.expectations import EXPECTATIONS
from data_platform.spec.rules.measure_sql import query_problems
from data_platform.spec.rules.metrics import make_library_rule
from data_platform.spec.rules.model import (
    AT_MOST_NONE,
    DIMENSIONS,
    Bound,
    Operator,
    Rule,
    Severity,
    SqlMeasure,
    Unchecked,
    Unit,
)
from data_platform.spec.rules.predicates import quote_identifier
from data_platform.spec.sql.guard import find_named_tables, parse
from data_platform.spec.sql.other_engines import is_query_of
from data_platform.spec.sql.rule_sql import check_rule_sql
from data_platform.spec.sql.text import Refusal, SqlProblem
from data_platform.spec.standards.custom import read_our_properties, strip_our_properties
from data_platform.spec.standards.document import View, convert_node
from data_platform.spec.standards.odcs.checks_out import NOT_RUN, convert_rule, make_unique_rule
from data_platform.spec.standards.overlay import compute_overlay
from data_platform.spec.text.names import NAME
from data_platform.spec.text.report import Report
from data_platform.spec.text.yaml.tree import parse_yaml

_WARNINGS = ("warn", "warning", "info", "information", "low", "minor")
_TABLE = re.compile(r"\$?\{(?:object|table|model|schema_name)\}")
_COLUMN = re.compile(r"\$?\{(?:property|column|field)\}")
_DIALECT_HINT = "customProperties: [{property: dialect, value: snowflake}]"
_ENGINES = ("great-expectations", "greatexpectations", "great_expectations", "gx")


class InvalidSql(ValueError):
    """SQL for this engine that cannot run; `field` of the check contains it."""

    def __init__(self, problem: SqlProblem, field: str) -> None:
        super().__init__(problem.message)
        self.problem, self.field = problem, field


@dataclass
class Checks:
    """The rules and unchecked checks of a table, each under a name of its own.

    `others` are further names of tables in the contract, and `engine` the SQL engine of its servers, if it has one.
    """

    table: str
    inputs: Sequence[tuple[str, str]] = ()
    others: Collection[str] = ()
    engine: str | None = None
    rules: list[Rule] = field(default_factory=list)
    unchecked: list[Unchecked] = field(default_factory=list)
    _names: set[str] = field(default_factory=set)

    def add_unique(self, column: str) -> None:
        """A property that is unique."""
        rule = make_unique_rule(column)
        self._names.add(rule.name)
        self.rules.append(rule)

    def read(self, view: View, column: str | None, *, at: str | None = None) -> None:
        """One check of the table, or of its column; `at` is the nested property that has it, which no rule sees."""
        kind = str(view.value.get("type") or "library")
        try:
            if at is not None:
                raise ValueError(f"a check of the nested property {at} is not run here")
            rule = self._read_rule(view, kind, column)
        except InvalidSql as error:
            hint = f"{error.problem.hint}; SQL for another engine names it: {_DIALECT_HINT}"
            view.error(error.problem.message, error.field, hint=hint)
            return
        except ValueError as error:
            self._keep(view, kind, column, str(error))
            return
        name = self._name(view, rule.name or f"{kind}_check")
        named = replace(rule, name=name)
        self.rules.append(replace(named, odcs=self._compare_check(view, named)))

    def _read_rule(self, view: View, kind: str, column: str | None) -> Rule:
        match kind:
            case "library":
                return self._read_metric(view, column)
            case "sql":
                return self._read_sql(view, column)
            case "custom":
                return _read_expectation(view, column, self.inputs)
            case _:
                raise ValueError(explain_unchecked(kind))

    def _read_metric(self, view: View, column: str | None) -> Rule:
        metric, arguments = view.read_text("metric") or "", view.read_view("arguments").value
        bound, unit = _read_bound(view), _read_unit(view)
        if metric == "rowCount" and bound is None:
            raise ValueError("rowCount does not say what the count must be")
        rule = make_library_rule(
            "", metric, column, arguments, bound=bound or AT_MOST_NONE, unit=unit, **_read_shared(view)
        )
        return replace(rule, name=f"{metric}({column or ''})")

    def _read_sql(self, view: View, column: str | None) -> Rule:
        name = self.table if NAME.fullmatch(self.table) and "-" not in self.table else quote_identifier(self.table)
        query = _TABLE.sub(lambda _: name, view.read_text("query") or "")
        query = _COLUMN.sub(lambda _: quote_identifier(column), query) if column else query
        problems = [problem for problem in check_rule_sql(query, self.table, self.inputs) if not problem.warning]
        if problems:
            self._explain_other_sql(view, query, problems[0].message)
            raise InvalidSql(problems[0], "query")
        columns = () if column is None else (column,)
        return Rule(
            "",
            SqlMeasure(query),
            _read_bound(view) or AT_MOST_NONE,
            unit=_read_unit(view),
            columns=columns,
            **_read_shared(view),
        )

    def _explain_other_sql(self, view: View, query: str, message: str) -> None:
        """Raises ValueError if the SQL is for another engine, or reads another table of the contract."""
        properties = view.read_plains("customProperties")
        reason = read_our_properties(properties).get(NOT_RUN)
        if isinstance(reason, str):
            raise ValueError(reason)
        engine = _find_dialect(properties) or self.engine
        if engine is not None and is_query_of(query, engine):
            raise ValueError(f"it is SQL for {engine}: {message}")
        if _reads_any(query, self.others):
            raise ValueError(message)

    def _name(self, view: View, otherwise: str) -> str:
        given = view.read_text("name") or view.read_text("id") or otherwise
        wanted = " ".join("".join(c if c.isprintable() else " " for c in given).split())[:110] or otherwise
        name, number = wanted, 2
        while name in self._names:
            name, number = f"{wanted} {number}", number + 1
        self._names.add(name)
        return name

    def _keep(self, view: View, kind: str, column: str | None, why: str) -> None:
        why = " ".join(why.split())[:500]
        name = self._name(view, f"{kind}({column or ''})")
        view.warn(describe_unchecked(name, why))
        self.unchecked.append(Unchecked(name, kind, why, column, strip_our_properties(view.value)))

    def _compare_check(self, view: View, rule: Rule) -> Mapping[str, Any]:
        """What the check says that the rule does not; placeholders in its SQL were filled in."""
        theirs = {key: value for key, value in strip_our_properties(view.value).items() if key != "query"}
        return compute_overlay(convert_rule(rule, self.table), theirs) or {}


def describe_unchecked(name: str, why: str) -> str:
    """The warning that a check does not run here."""
    return f"the check {name} is kept, and does not run: {why}"


def _find_dialect(properties: Iterable[Any]) -> str | None:
    """The engine that the custom property `dialect` or `engine` of a check names, unless rules run in it here."""
    for entry in properties:
        if isinstance(entry, Mapping) and entry.get("property") in ("dialect", "engine"):
            name = str(entry.get("value")).strip()
            return None if name.lower() == "duckdb" else name
    return None


def _reads_any(sql: str, names: Collection[str]) -> bool:
    """Whether the SQL reads a table of one of these names."""
    try:
        tables = find_named_tables(parse(sql))
    except Refusal:
        return False
    return any(table.name.casefold() in names for table in tables)


def _read_shared(view: View) -> dict[str, Any]:
    severity = (view.read_text("severity") or "").strip().lower()
    dimension = view.read_text("dimension")
    return {
        "severity": Severity.WARNING if severity in _WARNINGS else Severity.BLOCKING,
        "dimension": dimension if dimension in DIMENSIONS else None,
        "description": view.read_text("description") or None,
    }


def _read_unit(view: View) -> Unit:
    unit = view.read_text("unit")
    if unit is None or unit in ("rows", "percent"):
        return Unit(unit or Unit.ROWS)
    raise ValueError(f"the unit {unit!r} is neither rows nor percent")


def _read_bound(view: View) -> Bound | None:
    """The bound of the one operator; ValueError for several, or for a value that is no number."""
    operators = [operator for operator in Operator if operator.value in view.value]
    if len(operators) > 1:
        raise ValueError(f"a check has one operator, not {' and '.join(operators[:2])}")
    if not operators:
        return None
    value = view.value[operators[0].value]
    ends = value if isinstance(value, list) else [value]
    if any(isinstance(end, bool) or not isinstance(end, int | float) for end in ends):
        raise ValueError(f"{operators[0]} is compared with {value!r}, and a rule measures a number")
    between = operators[0] in (Operator.BETWEEN, Operator.NOT_BETWEEN)
    if between is not (len(ends) == 2) or between is not isinstance(value, list):
        raise ValueError(f"{operators[0]} needs {'two numbers' if between else 'one number'}")
    if between and ends[0] > ends[1]:
        raise ValueError(f"{operators[0]} begins at {ends[0]} and ends below it, at {ends[1]}")
    return Bound(operators[0], (ends[0], ends[1]) if between else value)


def _read_expectation(view: View, column: str | None, inputs: Sequence[tuple[str, str]]) -> Rule:
    engine = (view.read_text("engine") or "").strip().lower().replace(" ", "-")
    if engine not in _ENGINES:
        raise ValueError(explain_unchecked("custom", view.read_text("engine")))
    call = _call(view.value.get("implementation"))
    name = call.get("type") or call.get("expectation_type")
    given = call.get("kwargs", {})
    if not isinstance(name, str) or name not in EXPECTATIONS or not isinstance(given, dict):
        raise ValueError(f"the expectation {name!r} is not known here")
    arguments = {key: value for key, value in given.items() if value is not None or key == "column"}
    if column is not None and not any(key.startswith("column") for key in arguments):
        arguments = {"column": column, **arguments}
    built = EXPECTATIONS[name](**arguments)
    if problems := query_problems(built, inputs):
        raise InvalidSql(problems[0], "implementation")
    shared = {key: value for key, value in _read_shared(view).items() if value is not None}
    return replace(built, **shared)


def _call(implementation: Any) -> dict[str, Any]:
    """An expectation's configuration, which may be YAML or JSON text."""
    if isinstance(implementation, str):
        report = Report("implementation")
        try:
            implementation = convert_node(parse_yaml(implementation, report), report)
            report.close()
        except InvalidSpec as error:
            raise ValueError(f"its implementation cannot be read: {error.problems[0].message}") from error
    if not isinstance(implementation, dict):
        raise ValueError("its implementation names no expectation")
    return implementation
