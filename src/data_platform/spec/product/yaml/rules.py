"""Reads `quality_rules` of an output into typed rules."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from data_platform.spec.product.yaml.declaration import PlacedRule
from data_platform.spec.product.yaml.fields import Fields
from data_platform.spec.product.yaml.values import describe_node, read_number, read_plain
from data_platform.spec.product.yaml.vocabulary import (
    BETWEEN,
    DESCRIPTION_LENGTH,
    NAME_LENGTH,
    OPERATORS,
    OVERLAY_LENGTH,
    RULE,
    SEVERITIES,
    SQL_LENGTH,
    THRESHOLD,
)
from data_platform.spec.rules.metrics import make_library_rule
from data_platform.spec.rules.model import AT_MOST_NONE, DIMENSIONS, Bound, Operator, Rule, Severity, SqlMeasure, Unit
from data_platform.spec.sql.rule_sql import check_rule_sql
from data_platform.spec.text.report import Report
from data_platform.spec.text.yaml.tree import Mapping, Node, Sequence


class QualityRuleType(StrEnum):
    """ODCS 3.2.0, `quality[].type`, as far as it can be run here."""

    SQL = "sql"
    LIBRARY = "library"


@dataclass(frozen=True, slots=True)
class Readable:
    """What a rule's SQL may read: its own table, and the declared inputs as (product, output)."""

    table: str
    inputs: Collection[tuple[str, str]]


def read_rule(report: Report, node: Node, readable: Readable) -> PlacedRule | None:
    """One entry of `quality_rules`: SQL or a library metric, and what the measured value must be."""
    if not isinstance(node, Mapping):
        example = 'write {rule: NAME, sql: "SELECT COUNT(*) FROM …", threshold: 0}'
        report.error(node.place, f"a rule must be a mapping, not {describe_node(node)}", example)
        return None
    fields = Fields(report, node, RULE, "the rule")
    name = _name(fields)
    bound = _read_bound(fields)
    shared = {
        "bound": bound or AT_MOST_NONE,
        "severity": fields.read_choice("severity", Severity, SEVERITIES) or Severity.BLOCKING,
        "unit": fields.read_choice("unit", Unit) or Unit.ROWS,
        "dimension": fields.read_word("dimension", DIMENSIONS),
        "description": fields.read_text("description", DESCRIPTION_LENGTH, one_line=False),
    }
    build = _read_metric_rule if _is_metric(fields) else _read_sql_rule
    rule = build(fields, readable, name, shared)
    _judge_percent(fields, rule)
    if rule is None:
        return None
    return PlacedRule(replace(rule, odcs=fields.read_plain("odcs", OVERLAY_LENGTH)), fields.locate("rule"))


def _name(fields: Fields) -> str | None:
    """The rule's one name; ODCS writes it as `id`, as `name`, or as both."""
    rule, name = fields.read_text("rule", NAME_LENGTH), fields.read_text("name", NAME_LENGTH)
    if rule is not None and name is not None and (fields.find_key("rule") == "rule" or name != rule):
        message = f"`name` and `{fields.find_key('rule')}` mean the same"
        fields.report.error(fields.locate("name"), message, "keep `rule`, and remove the other")
    return rule or name


def _is_metric(fields: Fields) -> bool:
    """Whether the rule is a metric's; a rule that is both or neither is reported."""
    declared = fields.read_choice("type", QualityRuleType)
    has_sql, has_metric = fields.find_node("sql") is not None, fields.find_node("metric") is not None
    if has_sql and has_metric:
        message = f"a rule has `{fields.find_key('sql')}` or `metric`, not both"
        fields.report.error(fields.locate("metric"), message, "write two rules")
    elif declared is not None and (has_sql or has_metric) and (declared == "library") is not has_metric:
        message = f"`type: {declared}` does not go with `{fields.find_key('metric' if has_metric else 'sql')}`"
        fields.report.error(fields.locate("type"), message, "remove the line: the type follows from the rest")
    return has_metric or (declared == "library" and not has_sql)


def _read_sql_rule(fields: Fields, readable: Readable, name: str | None, shared: dict[str, Any]) -> Rule | None:
    fields.require(*([] if name else ["rule"]), "sql")
    if fields.find_node("arguments") is not None:
        fields.report.error(fields.locate("arguments"), "`arguments` belongs to a metric, not to SQL", "remove it")
    column = fields.read_text("column", NAME_LENGTH)
    query = fields.read_text("sql", SQL_LENGTH, one_line=False)
    if query is None:
        return None
    place = fields.locate("sql")
    for problem in check_rule_sql(query, readable.table, readable.inputs):
        note = fields.report.warn if problem.warning else fields.report.error
        note(place, problem.message, problem.hint)
    return Rule(name=name or "", measure=SqlMeasure(query), columns=() if column is None else (column,), **shared)


def _read_metric_rule(fields: Fields, readable: Readable, name: str | None, shared: dict[str, Any]) -> Rule | None:
    fields.require("metric")
    metric = fields.read_text("metric", 100)
    column = fields.read_text("column", NAME_LENGTH)
    given = fields.read_mapping("arguments")
    arguments = read_plain(fields.report, given, "`arguments`") if given else None
    if metric is None or (arguments is not None and not isinstance(arguments, dict)):
        return None
    if metric == "rowCount" and not _list_operators(fields):
        message = "`metric: rowCount` does not say what the count must be"
        fields.report.error(fields.locate("metric"), message, "write for example mustBeGreaterThan: 0")
    try:
        return make_library_rule(name or _name_metric(metric, column), metric, column, arguments, **shared)
    except ValueError as error:
        fields.report.error(fields.locate("metric"), str(error))
        return None


def _name_metric(metric: str, column: str | None) -> str:
    return f"{metric}({column or ''})"


def _list_operators(fields: Fields) -> list[str]:
    return [word.name for word in OPERATORS if fields.find_node(word.name) is not None]


def _read_bound(fields: Fields) -> Bound | None:
    """The bound of the one operator that is given; None when there is none or it is wrong."""
    operators = _list_operators(fields)
    if len(operators) > 1:
        both = " and ".join(f"`{fields.find_key(word)}`" for word in operators[:2])
        place = max(fields.locate(word) for word in operators)
        fields.report.error(
            place, f"a rule has one operator, not {both}", "for a range write mustBeBetween: [low, high]"
        )
    if len(operators) != 1:
        return None
    word = operators[0]
    node = fields.find_node(word)
    operator = Operator.LESS_OR_EQUAL if word == THRESHOLD else Operator(word)
    if node is None:
        return None
    if operator in BETWEEN:
        return _read_range(fields, operator, node)
    value = read_number(fields.report, node, f"`{fields.find_key(word)}`")
    return None if value is None else Bound(operator, value)


def _read_range(fields: Fields, operator: Operator, node: Node) -> Bound | None:
    if not isinstance(node, Sequence) or len(node.items) != 2:
        message = f"`{operator}` must be two numbers, not {describe_node(node)}"
        fields.report.error(node.place, message, f"write {operator}: [0, 10]")
        return None
    low, high = (read_number(fields.report, item, f"an end of `{operator}`") for item in node.items)
    if low is None or high is None:
        return None
    if low > high:
        fields.report.error(node.place, f"`{operator}` begins at {low} and ends below it, at {high}", "swap the two")
    return Bound(operator, (low, high))


def _judge_percent(fields: Fields, rule: Rule | None) -> None:
    if rule is None or rule.unit is not Unit.PERCENT:
        return
    value = rule.bound.value
    ends = value if isinstance(value, tuple) else (value,)
    if any(not 0 <= end <= 100 for end in ends):
        word = next(iter(_list_operators(fields)), THRESHOLD)
        message = f"`{fields.find_key(word)}` is a share in percent here, and must be from 0 to 100"
        fields.report.error(fields.locate(word), message)
