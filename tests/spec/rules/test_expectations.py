"""Expectations: what each finds wrong, and what they say of wrong arguments."""

from __future__ import annotations

import datetime as dt
import inspect
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import data_platform.quality as public
from data_platform.quality.judge import judge
from data_platform.spec.rules import expectations as ex
from data_platform.spec.rules.expectations import EXPECTATIONS
from data_platform.spec.rules.expectations.declaration import list_argument_names
from data_platform.spec.rules.json_form import restore_rule, serialize_rule
from data_platform.spec.rules.model import Bound, Operator, RowCount, Rule, Severity, Unit
from tests.quality.audit import audit, measured

NAN = float("nan")
DATA: dict[str, list[Any]] = {
    "n": [1, 2, 2, None, 7],
    "m": [1, 1, 3, None, None],
    "s": ["ab", "ab", "ABC", None, ""],
    "d": [dt.date(2026, 1, day) for day in (1, 2, 3, 4, 5)],
    "none": [None] * 5,
    "x": [1.0, NAN, None, -1.0, float("inf")],
    "key": [1, 2, 3, 4, 5],
}


def ranges(quantiles: list[float], value_ranges: list[list[float | None]]) -> dict[str, Any]:
    return {"quantiles": quantiles, "value_ranges": value_ranges}


OTHER = ex.expect_table_row_count_to_equal_other_table("shop.orders")
"""audit.py has a table of two rows under that name."""
CASES: list[tuple[Rule, int | float]] = [
    (ex.expect_column_values_to_not_be_null("n"), 1),
    (ex.expect_column_values_to_be_null("n"), 4),
    (ex.expect_column_values_to_be_unique("n"), 2),
    (ex.expect_column_values_to_be_unique("n", mostly=0.5), 50),
    (ex.expect_compound_columns_to_be_unique(["none", "m"]), 2),
    (ex.expect_compound_columns_to_be_unique(["none", "m"], ignore_row_if="never"), 4),
    (ex.expect_compound_columns_to_be_unique(["none", "m"], ignore_row_if="any_value_is_missing"), 0),
    (ex.expect_compound_columns_to_be_unique(["none", "m"], mostly=0.3), pytest.approx(200 / 3)),
    (ex.expect_column_to_exist("n"), 0),
    (ex.expect_column_values_to_match_strftime_format("s", "%Y"), 4),
    (ex.expect_column_proportion_of_non_null_values_to_be_between("n", 0.5, 1), 0.8),
    (ex.expect_column_max_to_be_between("d", "2026-01-01", "2026-01-05"), 0),
    (ex.expect_column_max_to_be_between("d", max_value=dt.date(2026, 1, 5), strict_max=True), 1),
    (ex.expect_column_min_to_be_between("d", min_value=dt.date(2026, 1, 2)), 1),
    (ex.expect_column_values_to_match_like_pattern_list("s", ["a%", "%C"]), 1),
    (ex.expect_column_values_to_not_match_like_pattern_list("s", ["a%", "%C"]), 3),
    (ex.expect_column_pair_values_to_be_in_set("n", "m", [(1, 1), (2, 3), (7, None)]), 1),
    (ex.expect_column_values_to_be_unique("key"), 0),
    (ex.expect_compound_columns_to_be_unique(["n", "m"]), 0),
    (ex.expect_compound_columns_to_be_unique(["s", "m"]), 2),
    (ex.expect_column_values_to_be_between("n", 1, 2), 1),
    (ex.expect_column_values_to_be_between("n", 1, 7, strict_min=True), 1),
    (ex.expect_column_values_to_be_between("n", 1, 7, strict_max=True), 1),
    (ex.expect_column_values_to_be_between("n", max_value=1), 3),
    (ex.expect_column_values_to_be_between("d", "2026-01-02", "2026-01-04"), 2),
    (ex.expect_column_values_to_be_between("d", min_value=dt.date(2026, 1, 5)), 4),
    (ex.expect_column_values_to_be_between("s", "a", "b"), 2),
    (ex.expect_column_values_to_be_between("x", min_value=-1), 1),
    (ex.expect_column_values_to_be_between("x", min_value=-1, strict_min=True), 2),
    (ex.expect_column_values_to_be_between("x", max_value=1), 2),
    (ex.expect_column_values_to_be_between("x", -1, 1), 2),
    (ex.expect_column_values_to_be_between("n", min_value=2), 1),
    (ex.expect_column_values_to_be_in_set("x", [1, -1]), 2),
    (ex.expect_column_values_to_be_in_set("n", [1, 7, None]), 2),
    (ex.expect_column_values_to_be_in_set("s", ["ab", "it's"]), 2),
    (ex.expect_column_values_to_not_be_in_set("n", [2, None]), 2),
    (ex.expect_column_values_to_match_regex("s", "^a"), 2),
    (ex.expect_column_values_to_match_regex("s", "B"), 3),
    (ex.expect_column_values_to_not_match_regex("s", "(?i)abc|^$"), 2),
    (ex.expect_column_values_to_match_regex_list("s", ["^a", "^A"]), 1),
    (ex.expect_column_values_to_match_regex_list("s", ["b", "^a"], match_on="all"), 2),
    (ex.expect_column_values_to_not_match_regex_list("s", ["b$", "C"]), 3),
    (ex.expect_column_values_to_match_like_pattern("s", "a_"), 2),
    (ex.expect_column_values_to_not_match_like_pattern("s", "%B%"), 1),
    (ex.expect_column_value_lengths_to_be_between("s", 1, 2), 2),
    (ex.expect_column_value_lengths_to_equal("s", 2), 2),
    (ex.expect_table_row_count_to_be_between(1, 5), 5),
    (ex.expect_table_row_count_to_equal(5), 5),
    (ex.expect_column_max_to_be_between("n", 1, 7), 7),
    (ex.expect_column_min_to_be_between("n", 0, strict_min=True), 1),
    (ex.expect_column_mean_to_be_between("n", 0, 9), 3),
    (ex.expect_column_median_to_be_between("n", 0, 9), 2),
    (ex.expect_column_sum_to_be_between("n", 0, 99), 12),
    (ex.expect_column_stdev_to_be_between("key", 1, 2), 2.5**0.5),
    (ex.expect_column_unique_value_count_to_be_between("n", 3, 3), 3),
    (ex.expect_column_proportion_of_unique_values_to_be_between("n", 0, 1), 0.75),
    (ex.expect_column_distinct_values_to_be_in_set("n", [1, 2]), 1),
    (ex.expect_column_distinct_values_to_contain_set("n", [1, 8, 9]), 2),
    (ex.expect_column_distinct_values_to_equal_set("n", [1, 2, 8]), 2),
    (ex.expect_column_pair_values_a_to_be_greater_than_b("n", "m"), 3),
    (ex.expect_column_pair_values_a_to_be_greater_than_b("n", "m", or_equal=True), 2),
    (
        ex.expect_column_pair_values_a_to_be_greater_than_b("n", "m", ignore_row_if="either_value_is_missing"),
        2,
    ),
    (ex.expect_column_pair_values_a_to_be_greater_than_b("n", "m", ignore_row_if="neither"), 4),
    (ex.expect_column_pair_values_to_be_equal("n", "m"), 3),
    (ex.expect_select_column_values_to_be_unique_within_record(["n", "m", "key"]), 4),
    (ex.expect_multicolumn_sum_to_equal(["n", "m"], 2), 3),
    (ex.expect_multicolumn_values_to_be_equal(["n", "m"]), 3),
    (ex.expect_multicolumn_values_to_be_equal(["n", "m"], ignore_row_if="never"), 3),
    (ex.expect_multicolumn_values_to_be_equal(["n", "m"], ignore_row_if="any_value_is_missing"), 2),
    (ex.expect_column_values_to_be_json_parseable("s"), 4),
    (ex.expect_column_values_to_be_json_parseable("n"), 4),
    (ex.expect_table_columns_to_match_ordered_list(list(DATA)), 0),
    (ex.expect_table_columns_to_match_ordered_list(["m", "n", "s"]), 6),
    (ex.expect_table_columns_to_match_ordered_list([*DATA, "more"]), 1),
    (ex.expect_table_columns_to_match_set(["key", "d", "n", "m", "s", "none", "x"]), 0),
    (ex.expect_table_columns_to_match_set({"n", "m", "S"}), 6),
    (ex.expect_table_columns_to_match_set(["n", "m"], exact_match=False), 0),
    (ex.expect_table_columns_to_match_set(["n", "other"], exact_match=False), 1),
    (ex.expect_table_column_count_to_equal(7), 7),
    (ex.expect_table_column_count_to_be_between(1, 9), 7),
    (ex.expect_column_values_to_be_of_type("n", "int64"), 0),
    (ex.expect_column_values_to_be_of_type("n", "str", mostly=0.5), 1),
    (ex.expect_column_values_to_be_in_type_list("d", ["TIMESTAMP", "DATE"]), 0),
    (ex.expect_column_type_to_be("x", "float32"), 1),
    (ex.expect_column_quantile_values_to_be_between("n", ranges([0, 0.5, 1], [[1, 1], [2, None], [None, 6]])), 1),
    (ex.expect_column_quantile_values_to_be_between("n", ranges([0.5], [[2.0001, 3]])), 0),
    (ex.expect_column_quantile_values_to_be_between("n", ranges([0.5], [[2.001, 3]])), 1),
    (ex.expect_column_quantile_values_to_be_between("x", ranges([0, 1], [[None, 1], [1, None]])), 1),
    (ex.expect_column_quantile_values_to_be_between("none", ranges([0.5], [[None, None]])), 1),
    (ex.expect_column_most_common_value_to_be_in_set("n", [2, 9]), 0),
    (ex.expect_column_most_common_value_to_be_in_set("n", [1, 7]), 1),
    (ex.expect_column_most_common_value_to_be_in_set("key", [1]), 1),
    (ex.expect_column_most_common_value_to_be_in_set("key", [1], ties_okay=True), 0),
    (ex.expect_column_most_common_value_to_be_in_set("none", ["a"], ties_okay=True), 1),
    (ex.expect_column_value_z_scores_to_be_less_than("n", 1, double_sided=True), 1),
    (ex.expect_column_value_z_scores_to_be_less_than("n", 1, double_sided=False, mostly=0.5), 25),
    (ex.expect_column_value_z_scores_to_be_less_than("key", 1.2, double_sided=True), 2),
    (ex.expect_column_value_z_scores_to_be_less_than("key", 1.2, double_sided=False), 1),
    (ex.expect_column_values_to_not_be_outliers("n"), 1),
    (ex.expect_column_values_to_not_be_outliers("key", "std", 1), 2),
    (ex.expect_column_values_to_not_be_outliers("key", "std", 0), 4),
    (ex.expect_column_values_to_be_increasing("n", order_by="key"), 0),
    (ex.expect_column_values_to_be_increasing("n", strictly=True, order_by="key"), 1),
    (ex.expect_column_values_to_be_increasing("key", strictly=True, order_by="n"), 1),
    (ex.expect_column_values_to_be_decreasing("n", order_by="key"), 2),
    (ex.expect_column_values_to_be_decreasing("n", order_by="key", mostly=0.5), 50),
    (ex.unexpected_rows_expectation("SELECT n, n FROM {batch} WHERE n > 1 -- greater"), 3),
    (
        ex.unexpected_rows_expectation("WITH a AS (FROM {batch}) SELECT s FROM a GROUP BY s HAVING count(*) > 1;"),
        1,
    ),
    (OTHER, 3),
]


@pytest.mark.parametrize(("rule", "value"), CASES, ids=[f"{at}-{rule.name}" for at, (rule, _) in enumerate(CASES)])
def test_each_measures_what_its_name_says(rule: Rule, value: float) -> None:
    result = audit(rule, DATA)
    assert result.error is None
    assert result.value == pytest.approx(value)


def test_every_expectation_has_a_case() -> None:
    assert {rule.name.partition("(")[0] for rule, _ in CASES} == set(EXPECTATIONS)


def test_they_are_the_public_face_of_quality() -> None:
    assert {name: getattr(public, name) for name in EXPECTATIONS} == dict(EXPECTATIONS)
    assert set(EXPECTATIONS) <= set(public.__all__)


@pytest.mark.parametrize("build", EXPECTATIONS.values(), ids=list(EXPECTATIONS))
def test_each_says_what_it_is_and_takes_the_shared_options(build: Callable[..., Rule]) -> None:
    assert inspect.getdoc(build)
    assert {"severity", "name", "description", "dimension"} < set(list_argument_names(build))


def test_a_rule_is_blocking_named_and_of_a_dimension_unless_told_otherwise() -> None:
    plain = ex.expect_column_values_to_not_be_null("order_id")
    assert plain.name == "expect_column_values_to_not_be_null(order_id)"
    assert (plain.severity, plain.unit, plain.dimension) == (Severity.BLOCKING, Unit.ROWS, "completeness")
    assert (plain.columns, plain.origin) == (("order_id",), "expect")
    told = ex.expect_column_values_to_not_be_null(
        "order_id", name="ids", severity="warning", description="why", dimension="coverage"
    )
    assert (told.name, told.severity, told.description, told.dimension) == ("ids", "warning", "why", "coverage")


@given(st.integers(0, 1000), st.integers(1, 1000))
def test_mostly_is_met_exactly_at_its_share(wrong: int, more: int) -> None:
    """100 % minus `mostly` is reckoned as people do: 90 % of ten are nine, whatever floats make of 1 - 0.9."""
    rows = wrong + more
    mostly = round(1 - wrong / rows, 6)
    rule = ex.expect_column_values_to_not_be_null("n", mostly=mostly)
    assert rule.unit is Unit.PERCENT
    assert isinstance(rule.bound.value, float)
    assert rule.bound.value == pytest.approx(100 * wrong / rows, abs=1e-4)


@given(st.integers(1, 10_000).flatmap(lambda whole: st.tuples(st.integers(0, whole), st.just(whole))))
def test_mostly_passes_with_exactly_its_share_right_and_fails_with_one_less(counts: tuple[int, int]) -> None:
    right, whole = counts
    rule = ex.expect_column_values_to_be_between("n", 0, 10, mostly=right / whole)
    for given_rule in (rule, restore_rule(json.loads(json.dumps(serialize_rule(rule))))):
        assert judge(given_rule, whole - right, whole=whole).passed
        assert right == 0 or not judge(given_rule, whole - right + 1, whole=whole).passed


@given(st.integers(1, 10_000), st.integers(0, 1000))
def test_a_share_that_is_what_was_written_is_neither_above_nor_below_it(tenths: int, wrong: int) -> None:
    """7.3 % of 1,000 rows are 73, whatever 100 · 73 / 1000 is in floats; mostly is 1 - 0.073 as people write it."""
    rows = 1000
    bound = float(Decimal(wrong) / 10)
    for operator, passes in ((Operator.LESS_OR_EQUAL, True), (Operator.MUST_BE, True), (Operator.LESS, False)):
        assert (
            judge(Rule("r", RowCount(), Bound(operator, bound), unit=Unit.PERCENT), wrong, whole=rows).passed is passes
        )
    mostly = float(1 - Decimal(wrong) / rows)
    rule = ex.expect_column_values_to_not_be_null("n", mostly=mostly)
    assert judge(rule, wrong * tenths, whole=rows * tenths).passed
    assert not judge(rule, wrong * tenths + 1, whole=rows * tenths).passed


def test_mostly_of_five_sevenths_takes_five_of_seven() -> None:
    data = {"n": [1] * 5 + [99] * 2}
    assert audit(ex.expect_column_values_to_be_between("n", 0, 10, mostly=5 / 7), data).passed
    assert not audit(ex.expect_column_values_to_be_between("n", 0, 10, mostly=6 / 7), data).passed


@pytest.mark.parametrize(("mostly", "passes"), [(0.9, True), (0.91, False), (0.8, True), (1, False), (0, True)])
def test_mostly_is_the_share_of_the_values_that_are_there(mostly: float, passes: bool) -> None:
    data = {"n": [1] * 9 + [99] + [None] * 90}
    result = audit(ex.expect_column_values_to_be_between("n", 0, 10, mostly=mostly), data)
    assert result.value == 10
    assert result.passed is passes


def test_of_no_values_all_conform() -> None:
    for data in ({"n": [None, None]}, {"n": []}):
        rule = ex.expect_column_values_to_be_in_set("n", ["x"], mostly=1)
        assert measured(rule, {"n": [*map(str, data["n"])][:0]}) == 0


@pytest.mark.parametrize(
    ("build", "arguments", "message"),
    [
        ("not_be_null", {}, "missing a required argument: 'column'"),
        ("not_be_null", {"colum": "n"}, "did you mean 'column'"),
        ("not_be_null", {"column": 7}, "a column is named by text"),
        ("not_be_null", {"column": ""}, "a column is named by text"),
        ("not_be_null", {"column": "n", "mostly": 95}, "share from 0 to 1"),
        ("not_be_null", {"column": "n", "mostly": True}, "must be a number"),
        ("not_be_null", {"column": "n", "severity": "grave"}, "blocking or warning"),
        ("not_be_null", {"column": "n", "dimension": "beauty"}, "accuracy"),
        ("not_be_null", {"column": "n", "name": 3}, "name must be text"),
        ("be_between", {"column": "n"}, "give min_value, max_value, or both"),
        ("be_between", {"column": "n", "min_value": 5, "max_value": 1}, "is above"),
        ("be_between", {"column": "n", "min_value": "a", "max_value": 1}, "cannot be compared"),
        ("be_between", {"column": "n", "min_value": NAN}, "not a finite number"),
        ("be_between", {"column": "n", "min_value": 0, "strict_min": "yes"}, "true or false"),
        ("be_between", {"column": "n", "min_val": 0}, "did you mean 'min_value'"),
        ("be_in_set", {"column": "n", "value_set": "abc"}, "must be a list"),
        ("be_in_set", {"column": "n", "value_set": []}, "at least one value"),
        ("be_in_set", {"column": "n", "value_set": [None]}, "at least one value"),
        ("be_in_set", {"column": "n", "value_set": [{}]}, "is not text, a number"),
        ("be_in_set", {"column": "n", "value_set": ["nul\x00"]}, "NUL"),
        ("match_regex", {"column": "n", "regex": "("}, "not a regular expression"),
        ("match_regex", {"column": "n", "regex": "(?=x)"}, "not a regular expression of RE2"),
        ("match_regex", {"column": "n", "regex": 7}, "is text"),
    ],
)
def test_wrong_arguments_are_told(build: str, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"^expect_column_values_to_{build}") as raised:
        EXPECTATIONS[f"expect_column_values_to_{build}"](**arguments)
    assert message in str(raised.value)


def test_wrong_arguments_of_the_others_are_told() -> None:
    wrong: list[Callable[[], Rule]] = [
        lambda: ex.expect_table_row_count_to_be_between(),
        lambda: ex.expect_table_row_count_to_be_between(-1),
        lambda: ex.expect_table_row_count_to_be_between(1.5),  # type: ignore[arg-type]
        lambda: ex.expect_table_row_count_to_equal(True),
        lambda: ex.expect_compound_columns_to_be_unique("ab"),
        lambda: ex.expect_compound_columns_to_be_unique(["a"]),
        lambda: ex.expect_compound_columns_to_be_unique(["a", "a"]),
        lambda: ex.expect_column_pair_values_to_be_equal("a", "b", ignore_row_if="sometimes"),
        lambda: ex.expect_column_max_to_be_between("a", 1, 2, strict_min=True),
        lambda: ex.expect_column_values_to_match_regex_list("a", ["x"], match_on="most"),
        lambda: ex.expect_column_quantile_values_to_be_between("a", ranges([2], [[0, 1]])),
        lambda: ex.expect_column_quantile_values_to_be_between("a", ranges([0.5], [[2, 1]])),
        lambda: ex.expect_column_quantile_values_to_be_between("a", ranges([0.5], [])),
        lambda: ex.expect_column_quantile_values_to_be_between("a", ranges([0.5], [[0, 1]]), "linear"),
        lambda: ex.expect_column_quantile_values_to_be_between("a", {"quantiles": [0.5]}),
        lambda: ex.expect_column_value_z_scores_to_be_less_than("a", NAN, double_sided=True),
        lambda: ex.expect_column_values_to_not_be_outliers("a", "mad"),
        lambda: ex.expect_column_values_to_not_be_outliers("a", multiplier=-1),
        lambda: ex.expect_table_row_count_to_equal_other_table("orders"),
        lambda: ex.expect_table_row_count_to_equal_other_table("a.b.c"),
        lambda: ex.expect_column_values_to_be_of_type("a", "int8"),
        lambda: ex.expect_column_values_to_be_of_type("a", None),  # type: ignore[arg-type]
        lambda: ex.expect_column_values_to_be_of_type("a", "int", mostly=2),
        lambda: ex.expect_column_values_to_be_in_type_list("a", []),
        lambda: ex.expect_column_values_to_be_in_type_list("a", "int"),
        lambda: ex.expect_column_values_to_be_in_type_list("a", ["int", "object"]),
        lambda: ex.expect_table_columns_to_match_set("ab"),
        lambda: ex.expect_table_columns_to_match_ordered_list(["a", "a"]),
        lambda: ex.expect_table_column_count_to_equal(-1),
    ]
    for build in wrong:
        with pytest.raises(ValueError, match=r"^expect_"):
            build()


def test_strict_ends_of_a_measured_number_are_bounds() -> None:
    assert ex.expect_column_max_to_be_between("n", 3, strict_min=True).bound == Bound(Operator.GREATER, 3)
    assert ex.expect_column_max_to_be_between("n", max_value=3).bound == Bound(Operator.LESS_OR_EQUAL, 3)
    assert ex.expect_column_max_to_be_between("n", 3, 4).bound == Bound(Operator.BETWEEN, (3, 4))


def test_an_aggregate_of_nothing_is_an_error_and_no_pass() -> None:
    for rule in (
        ex.expect_column_max_to_be_between("none", 0, 1),
        ex.expect_column_proportion_of_unique_values_to_be_between("none", 0, 1),
    ):
        result = audit(rule, {"none": [None, None]})
        assert not result.passed
        assert result.error == "it gave NULL where a number is wanted"
