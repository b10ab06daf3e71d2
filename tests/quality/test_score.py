"""The score: what the page says of it can be computed again by hand."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_platform.quality.score import (
    DIMENSIONS,
    NO_FIT,
    RulePoints,
    Score,
    calculate_mean,
    calculate_points,
    calculate_timeliness,
    score_recorded_results,
    to_dimension,
)
from data_platform.spec.rules.model import DIMENSIONS as ODCS

shares = st.floats(0, 1)
judged = st.tuples(st.sampled_from(DIMENSIONS), st.floats(0, 100).map(lambda x: round(x, 2)), st.sampled_from([1, 2]))


def test_a_rule_that_passed_gives_all_one_in_error_none() -> None:
    assert calculate_points(passed=True) == 100
    assert calculate_points(passed=True, wrong_share=0.04) == 100, "wrong rows that the rule allows"
    assert calculate_points(passed=False) == 0


@pytest.mark.parametrize(
    ("share", "expected"), [(0.0, 50), (0.000001, 50), (0.01, 49.5), (0.5, 25), (1.0, 0), (7.0, 0)]
)
def test_wrong_rows_count_by_their_share_below_half(share: float, expected: float) -> None:
    assert calculate_points(passed=False, wrong_share=share) == expected


@given(shares, shares)
def test_more_wrong_rows_never_give_more_points(one: float, other: float) -> None:
    less, more = sorted((one, other))
    assert calculate_points(passed=False, wrong_share=less) >= calculate_points(passed=False, wrong_share=more)
    assert calculate_points(passed=False, wrong_share=less) < calculate_points(passed=True)


def test_the_page_s_example() -> None:
    score = Score.from_rules(
        [
            ("completeness", RulePoints("no_null_id", 100, 2)),
            ("completeness", RulePoints("few_unknown", 0, 1)),
            ("validity", RulePoints("status.enum", 49.5, 2)),
            ("accuracy", RulePoints("plausible", 0, 1)),
        ]
    )
    assert [(part.dimension, part.score, part.weight) for part in score.dimensions] == [
        ("completeness", 66.67, 2),
        ("validity", 49.5, 2),
        ("accuracy", 0, 1),
    ]
    assert score.value == round((2 * 66.67 + 2 * 49.5 + 1 * 0) / 5, 1) == 46.5


def test_many_rules_of_one_dimension_do_not_drown_another() -> None:
    fine = [("validity", RulePoints(f"column_{number}.enum", 100, 2)) for number in range(50)]
    assert Score.from_rules([*fine, ("uniqueness", RulePoints("key", 0, 2))]).value == 50


def test_no_rule_is_no_score_and_no_fit_is_the_worst() -> None:
    assert Score.from_rules([]) == Score(None, ())
    assert (NO_FIT.value, [part.dimension for part in NO_FIT.dimensions]) == (0, ["validity"])


@given(st.lists(judged))
def test_it_lies_between_its_worst_and_best_rule_and_survives_the_record(rules: list[tuple[str, float, int]]) -> None:
    score = Score.from_rules(
        (dimension, RulePoints(f"r{at}", given, weight)) for at, (dimension, given, weight) in enumerate(rules)
    )
    points = [given for _, given, _ in rules]
    assert score.value is None if not points else min(points) - 0.1 <= (score.value or 0.0) <= max(points) + 0.1
    assert [part.dimension for part in score.dimensions] == [
        part for part in DIMENSIONS if part in {r[0] for r in rules}
    ]
    assert sum(len(part.rules) for part in score.dimensions) == len(rules)
    assert Score.from_json(score.value, json.loads(json.dumps(score.to_json()))) == score


@given(st.lists(judged, min_size=1))
def test_it_is_what_the_formula_printed_below_it_gives(rules: list[tuple[str, float, int]]) -> None:
    score = Score.from_rules((dimension, RulePoints("r", given, weight)) for dimension, given, weight in rules)
    whole = sum(part.weight for part in score.dimensions)
    assert score.value == pytest.approx(sum(part.weight * part.score for part in score.dimensions) / whole, abs=0.051)


def test_the_seven_words_of_odcs_are_six_here() -> None:
    assert {word: to_dimension(word) for word in ODCS} == {
        "accuracy": "accuracy",
        "completeness": "completeness",
        "conformity": "validity",
        "consistency": "consistency",
        "coverage": "completeness",
        "timeliness": "timeliness",
        "uniqueness": "uniqueness",
    }
    assert to_dimension("") == "accuracy"


def test_a_judgement_older_than_scores_is_scored_from_what_was_kept() -> None:
    passed = {
        "rule": "a",
        "passed": True,
        "severity": "blocking",
        "dimension": "uniqueness",
        "unit": "rows",
        "value": 0,
    }
    share = {"rule": "b", "passed": False, "severity": "warning", "unit": "percent", "value": 10.0, "rows": [{"id": 1}]}
    count = {"rule": "c", "passed": False, "severity": "warning", "dimension": None, "unit": "rows", "value": 7}
    score = score_recorded_results("warned", [passed, share, count])
    assert [(part.dimension, [rule.points for rule in part.rules]) for part in score.dimensions] == [
        ("uniqueness", [100]),
        ("accuracy", [45, 0]),
    ]
    assert score_recorded_results("refused", []) == NO_FIT
    assert score_recorded_results("passed", []).value is None


def test_timeliness_wanes_once_the_promise_is_broken() -> None:
    hour = timedelta(hours=1)
    assert [calculate_timeliness(hour * n, hour) for n in (0, 1, 2, 4)] == [100, 100, 50, 25]


def test_the_mean_of_nothing_is_unknown() -> None:
    assert (calculate_mean([]), calculate_mean([None]), calculate_mean([100.0, None, 50.5])) == (None, None, 75.2)
