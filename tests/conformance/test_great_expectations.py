"""Expectations under Great Expectations' names, held against the real one over tables with nulls and duplicates."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from data_platform.spec.expectations import EXPECTATIONS
from data_platform.spec.rules import Aggregate, Unit
from tests.quality.audit import audit

ROOT = Path(__file__).parents[2]
THEIRS = ROOT / "build/gx/bin/python"
Case = tuple[str, dict[str, Any]]
TABLES: dict[str, dict[str, list[Any]]] = {
    "nulls and duplicates": {
        "n": [1, 2, 2, None, 7],
        "m": [1, 1, 3, None, None],
        "s": ["ab", "ab", "ABC", None, ""],
        "d": ["2026-01-01", "2026-01-02", "2026-01-03", None, "2026-01-05"],
    },
    "all alike": {"n": [1, 1], "m": [1, 1], "s": ["a", "a"], "d": ["2026-01-01"] * 2},
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
@pytest.mark.parametrize("table", TABLES)
def test_the_real_one_says_the_same(table: str) -> None:
    columns = TABLES[table]
    data = pa.table(columns).set_column(3, "d", pa.array(columns["d"]).cast(pa.date32()))
    for (name, arguments), (success, unexpected) in zip(CASES, real_verdicts(columns), strict=True):
        rule = EXPECTATIONS[name](**arguments)
        result = audit(rule, data)
        assert result.passed is success, (name, arguments)
        if unexpected is not None and rule.unit is Unit.ROWS and not isinstance(rule.measure, Aggregate):
            assert result.value == unexpected, (name, arguments)
