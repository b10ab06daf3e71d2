"""Rules as the record keeps them: nothing is lost."""

from __future__ import annotations

import json

import pytest

from data_platform.spec.rules.json_form import restore_rule, serialize_rule
from data_platform.spec.rules.model import (
    Aggregate,
    Bound,
    Duplicates,
    Measure,
    Operator,
    RowCount,
    Rule,
    Severity,
    SqlMeasure,
    Unit,
    Wrong,
)

MEASURES: list[Measure] = [
    SqlMeasure("SELECT 1"),
    Wrong('"a" IS NULL'),
    Wrong('"a" < 0', among='"a" IS NOT NULL'),
    Duplicates(("a", "b")),
    RowCount(),
    Aggregate('max("a")'),
]


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize(
    "bound", [Bound(Operator.MUST_BE, 1), Bound(Operator.LESS, 0.1), Bound(Operator.BETWEEN, (0, 2.5))]
)
def test_a_rule_comes_back_equal(measure: Measure, bound: Bound) -> None:
    plain = Rule("r", measure, bound)
    full = Rule("r", measure, bound, Severity.WARNING, Unit.PERCENT, "accuracy", "Why.", ("a", "b"), "expect")
    for rule in (plain, full):
        assert restore_rule(json.loads(json.dumps(serialize_rule(rule)))) == rule
