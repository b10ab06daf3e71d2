"""Quality: expectations to attach to a pipeline, and what an audit says of the data.

A name loads its module when it is first used (PEP 562), so that what needs a score does not wait for all expectations.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from data_platform.quality.verdict import DataQualityError, Outcome, RuleResult, Verdict
    from data_platform.spec.rules.expectations import (
        EXPECTATIONS,
        expect_column_distinct_values_to_be_in_set,
        expect_column_distinct_values_to_contain_set,
        expect_column_distinct_values_to_equal_set,
        expect_column_max_to_be_between,
        expect_column_mean_to_be_between,
        expect_column_median_to_be_between,
        expect_column_min_to_be_between,
        expect_column_most_common_value_to_be_in_set,
        expect_column_pair_values_a_to_be_greater_than_b,
        expect_column_pair_values_to_be_equal,
        expect_column_pair_values_to_be_in_set,
        expect_column_proportion_of_non_null_values_to_be_between,
        expect_column_proportion_of_unique_values_to_be_between,
        expect_column_quantile_values_to_be_between,
        expect_column_stdev_to_be_between,
        expect_column_sum_to_be_between,
        expect_column_to_exist,
        expect_column_type_to_be,
        expect_column_unique_value_count_to_be_between,
        expect_column_value_lengths_to_be_between,
        expect_column_value_lengths_to_equal,
        expect_column_value_z_scores_to_be_less_than,
        expect_column_values_to_be_between,
        expect_column_values_to_be_decreasing,
        expect_column_values_to_be_in_set,
        expect_column_values_to_be_in_type_list,
        expect_column_values_to_be_increasing,
        expect_column_values_to_be_json_parseable,
        expect_column_values_to_be_null,
        expect_column_values_to_be_of_type,
        expect_column_values_to_be_unique,
        expect_column_values_to_match_like_pattern,
        expect_column_values_to_match_like_pattern_list,
        expect_column_values_to_match_regex,
        expect_column_values_to_match_regex_list,
        expect_column_values_to_match_strftime_format,
        expect_column_values_to_not_be_in_set,
        expect_column_values_to_not_be_null,
        expect_column_values_to_not_be_outliers,
        expect_column_values_to_not_match_like_pattern,
        expect_column_values_to_not_match_like_pattern_list,
        expect_column_values_to_not_match_regex,
        expect_column_values_to_not_match_regex_list,
        expect_compound_columns_to_be_unique,
        expect_multicolumn_sum_to_equal,
        expect_multicolumn_values_to_be_equal,
        expect_select_column_values_to_be_unique_within_record,
        expect_table_column_count_to_be_between,
        expect_table_column_count_to_equal,
        expect_table_columns_to_match_ordered_list,
        expect_table_columns_to_match_set,
        expect_table_row_count_to_be_between,
        expect_table_row_count_to_equal,
        expect_table_row_count_to_equal_other_table,
        unexpected_rows_expectation,
    )
    from data_platform.spec.rules.model import Rule, Severity

__all__ = [
    "EXPECTATIONS",
    "DataQualityError",
    "Outcome",
    "Rule",
    "RuleResult",
    "Severity",
    "Verdict",
    "expect_column_distinct_values_to_be_in_set",
    "expect_column_distinct_values_to_contain_set",
    "expect_column_distinct_values_to_equal_set",
    "expect_column_max_to_be_between",
    "expect_column_mean_to_be_between",
    "expect_column_median_to_be_between",
    "expect_column_min_to_be_between",
    "expect_column_most_common_value_to_be_in_set",
    "expect_column_pair_values_a_to_be_greater_than_b",
    "expect_column_pair_values_to_be_equal",
    "expect_column_pair_values_to_be_in_set",
    "expect_column_proportion_of_non_null_values_to_be_between",
    "expect_column_proportion_of_unique_values_to_be_between",
    "expect_column_quantile_values_to_be_between",
    "expect_column_stdev_to_be_between",
    "expect_column_sum_to_be_between",
    "expect_column_to_exist",
    "expect_column_type_to_be",
    "expect_column_unique_value_count_to_be_between",
    "expect_column_value_lengths_to_be_between",
    "expect_column_value_lengths_to_equal",
    "expect_column_value_z_scores_to_be_less_than",
    "expect_column_values_to_be_between",
    "expect_column_values_to_be_decreasing",
    "expect_column_values_to_be_in_set",
    "expect_column_values_to_be_in_type_list",
    "expect_column_values_to_be_increasing",
    "expect_column_values_to_be_json_parseable",
    "expect_column_values_to_be_null",
    "expect_column_values_to_be_of_type",
    "expect_column_values_to_be_unique",
    "expect_column_values_to_match_like_pattern",
    "expect_column_values_to_match_like_pattern_list",
    "expect_column_values_to_match_regex",
    "expect_column_values_to_match_regex_list",
    "expect_column_values_to_match_strftime_format",
    "expect_column_values_to_not_be_in_set",
    "expect_column_values_to_not_be_null",
    "expect_column_values_to_not_be_outliers",
    "expect_column_values_to_not_match_like_pattern",
    "expect_column_values_to_not_match_like_pattern_list",
    "expect_column_values_to_not_match_regex",
    "expect_column_values_to_not_match_regex_list",
    "expect_compound_columns_to_be_unique",
    "expect_multicolumn_sum_to_equal",
    "expect_multicolumn_values_to_be_equal",
    "expect_select_column_values_to_be_unique_within_record",
    "expect_table_column_count_to_be_between",
    "expect_table_column_count_to_equal",
    "expect_table_columns_to_match_ordered_list",
    "expect_table_columns_to_match_set",
    "expect_table_row_count_to_be_between",
    "expect_table_row_count_to_equal",
    "expect_table_row_count_to_equal_other_table",
    "unexpected_rows_expectation",
]

_MODULES = {
    "DataQualityError": "data_platform.quality.verdict",
    "Outcome": "data_platform.quality.verdict",
    "Rule": "data_platform.spec.rules.model",
    "RuleResult": "data_platform.quality.verdict",
    "Severity": "data_platform.spec.rules.model",
    "Verdict": "data_platform.quality.verdict",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_MODULES.get(name, "data_platform.spec.rules.expectations")), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
