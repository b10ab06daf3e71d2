"""What a rule demands, in words."""

from __future__ import annotations

import pytest

from data_platform.spec.rules import demand


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
    assert demand(operator, threshold, unit) == words  # type: ignore[arg-type]
