"""What a rule demands, and in words."""

from __future__ import annotations

import pytest

from data_platform.spec.rules.model import Bound, Operator, describe_demand


@pytest.mark.parametrize(
    ("operator", "threshold", "unit", "words"),
    [
        ("mustBeLessOrEqualTo", 0, "rows", "≤ 0"),
        ("mustBeLessOrEqualTo", 5.0, "percent", "≤ 5 %"),
        ("mustBe", 1234567.5, "rows", "= 1234567.5"),
        ("mustBeBetween", (1, 500), "rows", "between 1 and 500"),
        ("mustNotBeBetween", [0.5, 2], "percent", "not between 0.5 and 2 %"),
    ],
)
def test_a_demand_reads_like_a_sentence(operator: str, threshold: object, unit: str, words: str) -> None:
    assert describe_demand(operator, threshold, unit) == words  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("between", "plain"), [(Operator.BETWEEN, Operator.MUST_BE), (Operator.NOT_BETWEEN, Operator.MUST_NOT_BE)]
)
def test_between_a_number_and_itself_is_that_number(between: Operator, plain: Operator) -> None:
    assert Bound(between, (3, 3)) == Bound(plain, 3)
