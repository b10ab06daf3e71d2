"""Rules from ODCS's checks (3.2.0, Data Quality): what can run becomes a rule, the rest is named with its reason.

`custom` runs when its engine is Great Expectations and we know the expectation; a library metric and SQL run when they
mean something here. Nothing of a check is lost: what a rule has no field for stands in its `odcs`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from data_platform.errors import InvalidSpec
from data_platform.spec.product.yaml.unchecked import reason
from data_platform.spec.rules.expectations import EXPECTATIONS
from data_platform.spec.rules.measure_sql import query_problems
from data_platform.spec.rules.metrics import library_rule
from data_platform.spec.rules.model import (
    AT_MOST_NONE,
    DIMENSIONS,
    Bound,
    Operator,
    Rule,
    Severity,
    Sql,
    Unchecked,
    Unit,
)
from data_platform.spec.rules.predicates import identifier
from data_platform.spec.sql.rule_sql import check_rule_sql
from data_platform.spec.standards.custom import foreign_properties
from data_platform.spec.standards.document import View, plain_of
from data_platform.spec.standards.odcs.checks_out import rule_to_odcs, unique_rule
from data_platform.spec.standards.overlay import difference
from data_platform.spec.text.names import NAME
from data_platform.spec.text.report import Report
from data_platform.spec.text.yaml.tree import parse_yaml

_WARNINGS = ("warn", "warning", "info", "information", "low", "minor")
_TABLE = re.compile(r"\$?\{(?:object|table|model|schema_name)\}")
_COLUMN = re.compile(r"\$?\{(?:property|column|field)\}")
_ENGINES = ("great-expectations", "greatexpectations", "great_expectations", "gx")


@dataclass
class Checks:
    """The rules and unchecked checks of a table, each under a name of its own."""

    table: str
    inputs: Sequence[tuple[str, str]] = ()
    rules: list[Rule] = field(default_factory=list)
    unchecked: list[Unchecked] = field(default_factory=list)
    _names: set[str] = field(default_factory=set)

    def unique(self, column: str) -> None:
        """A property that is unique."""
        rule = unique_rule(column)
        self._names.add(rule.name)
        self.rules.append(rule)

    def read(self, view: View, column: str | None, *, at: str | None = None) -> None:
        """One check of the table, or of its column; `at` is the nested property where it stands, which no rule sees."""
        kind = str(view.value.get("type") or "library")
        try:
            if at is not None:
                raise ValueError(f"a check of the nested property {at} is not run here")
            rule = self._rule(view, kind, column)
        except ValueError as error:
            self._keep(view, kind, column, str(error))
            return
        name = self._name(view, rule.name or f"{kind}_check")
        named = replace(rule, name=name)
        self.rules.append(replace(named, odcs=self._beyond(view, named)))

    def _rule(self, view: View, kind: str, column: str | None) -> Rule:
        match kind:
            case "library":
                return self._metric(view, column)
            case "sql":
                return self._sql(view, column)
            case "custom":
                return _expectation(view, column, self.inputs)
            case _:
                raise ValueError(reason(kind))

    def _metric(self, view: View, column: str | None) -> Rule:
        metric, arguments = view.text("metric") or "", view.view("arguments").value
        bound, unit = _bound(view), _unit(view)
        if metric == "rowCount" and bound is None:
            raise ValueError("rowCount does not say what the count must be")
        rule = library_rule("", metric, column, arguments, bound=bound or AT_MOST_NONE, unit=unit, **_shared(view))
        return replace(rule, name=f"{metric}({column or ''})")

    def _sql(self, view: View, column: str | None) -> Rule:
        name = self.table if NAME.fullmatch(self.table) and "-" not in self.table else identifier(self.table)
        query = _TABLE.sub(lambda _: name, view.text("query") or "")
        query = _COLUMN.sub(lambda _: identifier(column), query) if column else query
        problems = [problem for problem in check_rule_sql(query, self.table, self.inputs) if not problem.warning]
        if problems:
            raise ValueError(problems[0].message)
        columns = () if column is None else (column,)
        return Rule("", Sql(query), _bound(view) or AT_MOST_NONE, unit=_unit(view), columns=columns, **_shared(view))

    def _name(self, view: View, otherwise: str) -> str:
        given = view.text("name") or view.text("id") or otherwise
        wanted = " ".join("".join(c if c.isprintable() else " " for c in given).split())[:110] or otherwise
        name, number = wanted, 2
        while name in self._names:
            name, number = f"{wanted} {number}", number + 1
        self._names.add(name)
        return name

    def _keep(self, view: View, kind: str, column: str | None, why: str) -> None:
        why = " ".join(why.split())[:500]
        name = self._name(view, f"{kind}({column or ''})")
        view.warn(doubt(name, why))
        self.unchecked.append(Unchecked(name, kind, why, column, foreign_properties(view.value)))

    def _beyond(self, view: View, rule: Rule) -> Mapping[str, Any]:
        """What the check says that the rule does not; placeholders in its SQL were filled in."""
        theirs = {key: value for key, value in foreign_properties(view.value).items() if key != "query"}
        return difference(rule_to_odcs(rule, self.table), theirs) or {}


def doubt(name: str, why: str) -> str:
    """The warning that a check does not run here."""
    return f"the check {name} is kept, and does not run: {why}"


def _shared(view: View) -> dict[str, Any]:
    severity = (view.text("severity") or "").strip().lower()
    dimension = view.text("dimension")
    return {
        "severity": Severity.WARNING if severity in _WARNINGS else Severity.BLOCKING,
        "dimension": dimension if dimension in DIMENSIONS else None,
        "description": view.text("description") or None,
    }


def _unit(view: View) -> Unit:
    unit = view.text("unit")
    if unit is None or unit in ("rows", "percent"):
        return Unit(unit or Unit.ROWS)
    raise ValueError(f"the unit {unit!r} is neither rows nor percent")


def _bound(view: View) -> Bound | None:
    """What the one operator says; ValueError for several, or for what is no number."""
    found = [operator for operator in Operator if operator.value in view.value]
    if len(found) > 1:
        raise ValueError(f"a check has one operator, not {' and '.join(found[:2])}")
    if not found:
        return None
    value = view.value[found[0].value]
    ends = value if isinstance(value, list) else [value]
    if any(isinstance(end, bool) or not isinstance(end, int | float) for end in ends):
        raise ValueError(f"{found[0]} is compared with {value!r}, and a rule measures a number")
    between = found[0] in (Operator.BETWEEN, Operator.NOT_BETWEEN)
    if between is not (len(ends) == 2) or between is not isinstance(value, list):
        raise ValueError(f"{found[0]} needs {'two numbers' if between else 'one number'}")
    if between and ends[0] > ends[1]:
        raise ValueError(f"{found[0]} begins at {ends[0]} and ends below it, at {ends[1]}")
    return Bound(found[0], (ends[0], ends[1]) if between else value)


def _expectation(view: View, column: str | None, inputs: Sequence[tuple[str, str]]) -> Rule:
    engine = (view.text("engine") or "").strip().lower().replace(" ", "-")
    if engine not in _ENGINES:
        raise ValueError(reason("custom", view.text("engine")))
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
        raise ValueError(problems[0].message)
    shared = {key: value for key, value in _shared(view).items() if value is not None}
    return replace(built, **shared)


def _call(implementation: Any) -> dict[str, Any]:
    """An expectation's configuration, which may be YAML or JSON text."""
    if isinstance(implementation, str):
        report = Report("implementation")
        try:
            implementation = plain_of(parse_yaml(implementation, report), report)
            report.close()
        except InvalidSpec as error:
            raise ValueError(f"its implementation cannot be read: {error.problems[0].message}") from error
    if not isinstance(implementation, dict):
        raise ValueError("its implementation names no expectation")
    return implementation
