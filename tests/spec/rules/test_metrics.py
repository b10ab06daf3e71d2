"""The five library metrics of ODCS."""

from __future__ import annotations

from typing import Any

import pytest

from data_platform.spec.rules.metrics import ARGUMENTS, make_library_rule
from data_platform.spec.rules.model import Bound, Operator, Rule, Severity, Unit
from tests.quality.audit import audit, measured

DATA: dict[str, list[Any]] = {
    "status": ["paid", "n/a", "", None, "lost", "paid"],
    "order": [1, 1, 2, 2, None, 3],
    "line": [1, 1, 1, 2, 9, None],
}


@pytest.mark.parametrize(
    ("metric", "column", "arguments", "value"),
    [
        ("nullValues", "status", None, 1),
        ("missingValues", "status", {"missingValues": [None, "", "n/a"]}, 3),
        ("missingValues", "status", {"missingValues": ["n/a"]}, 2),
        ("missingValues", "status", None, 1),
        ("missingValues", "order", {"missingValues": [3]}, 2),
        ("invalidValues", "status", {"validValues": ["paid", "lost"]}, 2),
        ("invalidValues", "status", {"validValues": [None, "paid"]}, 3),
        ("invalidValues", "status", {"validValues": []}, 5),
        ("invalidValues", "status", {"pattern": "^[a-z]+$"}, 2),
        ("invalidValues", "status", {"pattern": "a", "validValues": ["paid", "lost"]}, 3),
        ("duplicateValues", "status", None, 1),
        ("duplicateValues", None, {"properties": ["order", "line"]}, 1),
        ("duplicateValues", None, {"properties": ["order"]}, 2),
        ("rowCount", None, None, 6),
    ],
)
def test_each_metric_counts(metric: str, column: str | None, arguments: dict[str, Any] | None, value: int) -> None:
    assert measured(make_library_rule("r", metric, column, arguments), DATA) == value


def test_in_percent_it_is_the_share_of_all_rows() -> None:
    for metric, value in (("nullValues", 100 / 6), ("duplicateValues", 100 / 6)):
        rule = make_library_rule("r", metric, "status", unit=Unit.PERCENT)
        assert measured(rule, DATA) == pytest.approx(value)
        assert measured(rule, {"status": []}) == 0


@pytest.mark.parametrize(
    ("operator", "bound", "passes"),
    [
        (Operator.MUST_BE, 6, True),
        (Operator.MUST_BE, 5, False),
        (Operator.MUST_NOT_BE, 5, True),
        (Operator.MUST_NOT_BE, 6, False),
        (Operator.GREATER, 5, True),
        (Operator.GREATER, 6, False),
        (Operator.GREATER_OR_EQUAL, 6, True),
        (Operator.GREATER_OR_EQUAL, 7, False),
        (Operator.LESS, 7, True),
        (Operator.LESS, 6, False),
        (Operator.LESS_OR_EQUAL, 6, True),
        (Operator.LESS_OR_EQUAL, 5.5, False),
        (Operator.BETWEEN, (6, 9), True),
        (Operator.BETWEEN, (7, 9), False),
        (Operator.NOT_BETWEEN, (7, 9), True),
        (Operator.NOT_BETWEEN, (6, 9), False),
    ],
)
def test_all_eight_operators(operator: Operator, bound: Any, passes: bool) -> None:
    result = audit(make_library_rule("r", "rowCount", bound=Bound(operator, bound)), DATA)
    assert result.passed is passes


def test_the_rule_keeps_what_it_is_told() -> None:
    rule = make_library_rule(
        "r", "nullValues", "status", severity=Severity.WARNING, dimension="completeness", description="why"
    )
    assert isinstance(rule, Rule)
    assert (rule.name, rule.severity, rule.dimension, rule.description) == ("r", "warning", "completeness", "why")
    assert (rule.columns, rule.origin) == (("status",), "quality_rules")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ({"metric": "nullValue"}, "did you mean nullValues"),
        ({"metric": "freshness"}, ", ".join(ARGUMENTS)),
        ({"metric": "nullValues"}, "needs a column"),
        ({"metric": "rowCount", "column": "a"}, "whole table"),
        ({"metric": "rowCount", "unit": Unit.PERCENT}, "percent has no meaning"),
        ({"metric": "nullValues", "column": "a", "arguments": {"validValues": []}}, "takes no arguments"),
        ({"metric": "missingValues", "column": "a", "arguments": {"missing": []}}, "takes missingValues"),
        ({"metric": "missingValues", "column": "a", "arguments": {"missingValues": "x"}}, "must be a list"),
        ({"metric": "invalidValues", "column": "a"}, "needs arguments.validValues or arguments.pattern"),
        ({"metric": "invalidValues", "column": "a", "arguments": {"pattern": "("}}, "regular expression"),
        ({"metric": "invalidValues", "column": "a", "arguments": {"validValues": [[]]}}, "is not text"),
        ({"metric": "duplicateValues"}, "needs a column"),
        ({"metric": "duplicateValues", "arguments": {"properties": []}}, "needs a column"),
        ({"metric": "duplicateValues", "arguments": {"properties": ["a", "a"]}}, "different columns"),
        ({"metric": "duplicateValues", "column": "a", "arguments": {"properties": ["b"]}}, "leave `properties`"),
        ({"metric": "rowCount", "bound": Bound(Operator.BETWEEN, 3)}, "two numbers"),
        ({"metric": "rowCount", "bound": Bound(Operator.LESS, (1, 2))}, "one number"),
        ({"metric": "rowCount", "bound": Bound(Operator.BETWEEN, (3, 1))}, "smaller number first"),
        ({"metric": "rowCount", "bound": Bound(Operator.LESS, float("nan"))}, "needs numbers"),
        ({"metric": "rowCount", "bound": Bound(Operator.LESS, True)}, "needs numbers"),
        ({"metric": "rowCount", "dimension": "beauty"}, "dimension is one of"),
    ],
)
def test_what_makes_no_sense_is_told(call: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError) as raised:  # the message is judged below
        make_library_rule("r", **call)
    assert message in str(raised.value)
