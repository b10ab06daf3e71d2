"""What a number means for its rule, and what may be shown."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_platform.quality.judge import MASK, has_wrong_rows, is_met, judge, mask_rows, with_rows
from data_platform.quality.verdict import DataQualityError, Outcome, Verdict
from data_platform.spec.rules.model import Bound, Operator, RowCount, Rule, Severity

RULE = Rule("r", RowCount())
numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize(
    "value", [None, float("nan"), float("inf"), -float("inf"), True, False, "0", "", Decimal(0), [], b"0"]
)
@pytest.mark.parametrize("operator", Operator)
def test_what_is_no_number_never_passes(value: object, operator: Operator) -> None:
    bound = Bound(operator, (0, 1) if "Between" in operator else 0)
    result = judge(Rule("r", RowCount(), bound), value)
    assert not result.passed
    assert result.error
    assert result.value is None


def test_an_error_never_passes_whatever_the_value() -> None:
    result = judge(RULE, 0, error="stopped")
    assert (result.passed, result.error, result.value) == (False, "stopped", None)


@given(numbers, numbers)
def test_operators_and_their_opposites_part_the_numbers(value: float, limit: float) -> None:
    def at(operator: Operator) -> bool:
        return is_met(Bound(operator, limit), value)

    assert at(Operator.MUST_BE) is not at(Operator.MUST_NOT_BE)
    assert at(Operator.GREATER) is not at(Operator.LESS_OR_EQUAL)
    assert at(Operator.LESS) is not at(Operator.GREATER_OR_EQUAL)
    assert at(Operator.MUST_BE) is (at(Operator.LESS_OR_EQUAL) and at(Operator.GREATER_OR_EQUAL))


@given(numbers, numbers, numbers)
def test_between_includes_both_ends(value: float, one: float, other: float) -> None:
    ends = (min(one, other), max(one, other))
    assert is_met(Bound(Operator.BETWEEN, ends), value) is (ends[0] <= value <= ends[1])
    assert is_met(Bound(Operator.NOT_BETWEEN, ends), value) is not is_met(Bound(Operator.BETWEEN, ends), value)
    assert is_met(Bound(Operator.BETWEEN, ends), ends[0])
    assert is_met(Bound(Operator.BETWEEN, ends), ends[1])


@pytest.mark.parametrize(
    ("bound", "value", "blames"),
    [
        (Bound(Operator.LESS_OR_EQUAL, 0), 3, True),
        (Bound(Operator.LESS_OR_EQUAL, 3), 3, False),
        (Bound(Operator.LESS, 3), 3, True),
        (Bound(Operator.MUST_BE, 0), 1, True),
        (Bound(Operator.MUST_BE, 5), 1, False),
        (Bound(Operator.BETWEEN, (1, 3)), 4, True),
        (Bound(Operator.BETWEEN, (1, 3)), 0, False),
        (Bound(Operator.GREATER, 3), 1, False),
        (Bound(Operator.MUST_NOT_BE, 1), 1, False),
    ],
)
def test_rows_are_to_blame_only_when_there_are_too_many(bound: Bound, value: int, blames: bool) -> None:
    assert has_wrong_rows(judge(Rule("r", RowCount(), bound), value)) is blames


def test_a_rule_in_error_blames_no_row() -> None:
    assert not has_wrong_rows(judge(RULE, error="stopped"))


@given(st.lists(st.dictionaries(st.sampled_from(["Email", "email", "n"]), st.none() | st.text() | st.integers())))
def test_masked_columns_show_nothing_but_that_they_are_null(rows: list[dict[str, Any]]) -> None:
    masked = mask_rows(rows, ["EMAIL"])
    for before, after in zip(rows, masked, strict=True):
        assert list(before) == list(after)
        for name, value in after.items():
            hidden = name.lower() == "email" and before[name] is not None
            assert value == (MASK if hidden else before[name])


def test_a_refusal_tells_each_failure_with_its_masked_rows() -> None:
    strict = Rule("no_null", RowCount())
    failed = with_rows(judge(strict, 2), [{"id": None, "email": "a@x.org"}], ["email"])
    warned = judge(Rule("nice", RowCount(), severity=Severity.WARNING), 9)
    broken = judge(Rule("broken", RowCount()), error="stopped")
    verdict = Verdict((failed, judge(strict, 0), warned, broken))
    assert verdict.outcome is Outcome.REFUSED
    refusal = DataQualityError("orders", verdict)
    assert [(f.rule, f.severity, f.value, f.error) for f in refusal.failures] == [
        ("no_null", "blocking", 2, None),
        ("broken", "blocking", None, "stopped"),
    ]
    assert (refusal.failures[0].operator, refusal.failures[0].threshold) == ("mustBeLessOrEqualTo", 0)
    assert refusal.failures[0].rows == ({"id": None, "email": MASK},)
    assert "a@x.org" not in str(refusal)
    assert Verdict((warned,)).outcome is Outcome.WARNED
    assert Verdict((warned,)).passed
    assert Verdict().outcome is Outcome.PASSED
