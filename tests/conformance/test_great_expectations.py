"""Expectations under Great Expectations' names, held against the real one over tables with nulls and duplicates."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from data_platform.spec.rules.expectations import EXPECTATIONS
from data_platform.spec.rules.expectations.unsupported import UNSUPPORTED
from data_platform.spec.rules.model import Aggregate, Unit
from tests.quality.audit import audit

ROOT = Path(__file__).parents[2]
THEIRS = ROOT / "build/gx/bin/python"
Case = tuple[str, dict[str, Any]]


def _ranges(quantiles: list[float], value_ranges: list[list[float | None]]) -> dict[str, Any]:
    return {"column": "n", "quantile_ranges": {"quantiles": quantiles, "value_ranges": value_ranges}}


TABLES: dict[str, dict[str, list[Any]]] = {
    "nulls and duplicates": {
        "n": [1, 2, 2, None, 7],
        "m": [1, 1, 3, None, None],
        "s": ["ab", "ab", "ABC", None, ""],
        "d": ["2026-01-01", "2026-01-02", "2026-01-03", None, "2026-01-05"],
    },
    "all alike": {"n": [1, 1], "m": [1, 1], "s": ["a", "a"], "d": ["2026-01-01"] * 2},
    "one row": {"n": [5], "m": [5], "s": ['{"a": 1}'], "d": ["2026-01-05"]},
    "far apart": {
        "n": [10, 1, 12, 11, 90, 1],
        "m": [0.5, 0.5, -3.25, 7.0, None, 100.0],
        "s": ["1", "[1,]", "{}", '"x"', "nul", None],
        "d": ["2026-01-05", "2026-01-04", None, "2026-01-04", "2026-01-01", "2026-01-02"],
    },
    "all different": {"n": [1, 2], "m": [3, 4], "s": ["a", "b"], "d": ["2026-01-01", "2026-01-02"]},
}
CASES: list[Case] = [
    ("expect_column_values_to_be_unique", {"column": "n"}),
    ("expect_column_values_to_be_unique", {"column": "n", "mostly": 0.5}),
    ("expect_column_values_to_be_unique", {"column": "n", "mostly": 0.6}),
    *(
        ("expect_compound_columns_to_be_unique", {"column_list": names, "ignore_row_if": word})
        for names in (["n", "m"], ["s", "m"])
        for word in ("all_values_are_missing", "any_value_is_missing", "never")
    ),
    ("expect_column_values_to_be_in_set", {"column": "n", "value_set": [1, 2]}),
    ("expect_column_values_to_not_be_null", {"column": "m", "mostly": 0.6}),
    ("expect_column_values_to_match_strftime_format", {"column": "s", "strftime_format": "%Y"}),
    ("expect_column_max_to_be_between", {"column": "n", "min_value": 1, "max_value": 2}),
    ("expect_column_max_to_be_between", {"column": "d", "min_value": "2026-01-02", "max_value": "2026-01-05"}),
    ("expect_column_min_to_be_between", {"column": "d", "min_value": "2026-01-01", "strict_min": True}),
    ("expect_column_proportion_of_non_null_values_to_be_between", {"column": "n", "min_value": 0.9}),
    ("expect_column_pair_values_to_be_in_set", {"column_A": "n", "column_B": "m", "value_pairs_set": [[1, 1], [2, 3]]}),
    ("expect_table_columns_to_match_ordered_list", {"column_list": ["n", "m", "s", "d"]}),
    ("expect_table_columns_to_match_ordered_list", {"column_list": ["m", "n", "s", "d"]}),
    ("expect_table_columns_to_match_set", {"column_set": ["d", "n", "m"]}),
    ("expect_table_columns_to_match_set", {"column_set": ["d", "n", "m"], "exact_match": False}),
    ("expect_table_columns_to_match_set", {"column_set": ["n", "no"], "exact_match": False}),
    ("expect_table_column_count_to_equal", {"value": 4}),
    ("expect_table_column_count_to_be_between", {"max_value": 3}),
    ("expect_column_values_to_be_of_type", {"column": "s", "type_": "str"}),
    ("expect_column_values_to_be_of_type", {"column": "d", "type_": "str"}),
    ("expect_column_values_to_be_of_type", {"column": "n", "type_": "float32"}),
    ("expect_column_values_to_be_in_type_list", {"column": "n", "type_list": ["int64", "float64", "double"]}),
    ("expect_column_values_to_be_in_type_list", {"column": "s", "type_list": ["int64", "bool"]}),
    ("expect_column_values_to_be_json_parseable", {"column": "s"}),
    ("expect_column_values_to_be_json_parseable", {"column": "n"}),
    ("expect_column_quantile_values_to_be_between", _ranges([0, 1], [[1, 1], [7, None]])),
    ("expect_column_quantile_values_to_be_between", _ranges([0, 1], [[2, 3], [None, 2]])),
    ("expect_column_most_common_value_to_be_in_set", {"column": "n", "value_set": [2, 3]}),
    ("expect_column_most_common_value_to_be_in_set", {"column": "s", "value_set": ["a"]}),
    ("expect_column_most_common_value_to_be_in_set", {"column": "s", "value_set": ["a"], "ties_okay": True}),
    *(
        (
            "expect_column_value_z_scores_to_be_less_than",
            {"column": column, "threshold": at, "double_sided": two, "mostly": share},
        )
        for column, at, two, share in (("n", 1, True, 1), ("n", 1, True, 0.75), ("m", 0.5, False, 1), ("m", 2, True, 1))
    ),
    *(
        ("expect_column_values_to_not_be_outliers", {"column": column, "method": method, "multiplier": times})
        for column in ("n", "m")
        for method, times in (("iqr", 1.5), ("iqr", 0), ("iqr", 5), ("std", 1), ("std", 0), ("std", 3))
    ),
    *(
        (f"expect_column_values_to_be_{way}", {"column": column, "strictly": strictly})
        for column in ("n", "d")
        for way in ("increasing", "decreasing")
        for strictly in (False, True)
    ),
    *(
        (name, {"column_list": ["n", "m"], "ignore_row_if": word} | more)
        for name, more in (
            ("expect_multicolumn_values_to_be_equal", {}),
            ("expect_multicolumn_sum_to_equal", {"sum_total": 2}),
            ("expect_select_column_values_to_be_unique_within_record", {}),
        )
        for word in ("all_values_are_missing", "any_value_is_missing", "never")
    ),
]
ORDERED = ("expect_column_values_to_be_increasing", "expect_column_values_to_be_decreasing")
"""A pandas frame has an order of rows; a table here has the one of a column."""


def real_verdicts(columns: dict[str, list[Any]]) -> list[list[Any]]:
    """Success and the count of unexpected values of each case, by Great Expectations itself."""
    if not THEIRS.exists():
        pytest.skip("build/gx is not installed: make build/gx/.installed")
    asked = json.dumps({"columns": columns, "dates": ["d"], "cases": CASES})
    script = ROOT / "tests/conformance/gx_verdicts.py"
    done = subprocess.run([THEIRS, script], input=asked, text=True, capture_output=True, check=True)
    verdicts: list[list[Any]] = json.loads(done.stdout.strip().splitlines()[-1])
    return verdicts


@pytest.mark.engines
def test_every_core_expectation_is_a_rule_or_refused_by_name() -> None:
    if not THEIRS.exists():
        pytest.skip("build/gx is not installed: make build/gx/.installed")
    (core,) = (ROOT / "build/gx/lib").glob("python*/site-packages/great_expectations/expectations/core")
    names = {file.stem for file in core.glob("*.py")} - {"__init__"}
    assert names - set(EXPECTATIONS) - set(UNSUPPORTED) == set()
    assert set(EXPECTATIONS) - names == set()


@pytest.mark.engines
@pytest.mark.parametrize("table", TABLES)
def test_the_real_one_says_the_same(table: str) -> None:
    columns = TABLES[table]
    places = [number for number, _ in enumerate(columns["n"])]
    data = pa.table(columns).set_column(3, "d", pa.array(columns["d"]).cast(pa.date32()))
    for (name, arguments), (success, unexpected) in zip(CASES, real_verdicts(columns), strict=True):
        rule = EXPECTATIONS[name](**arguments, **({"order_by": "place"} if name in ORDERED else {}))
        result = audit(rule, data.append_column("place", [places]) if name in ORDERED else data)
        assert result.passed is success, (name, arguments)
        if unexpected is not None and rule.unit is Unit.ROWS and not isinstance(rule.measure, Aggregate):
            assert result.value == unexpected, (name, arguments)
