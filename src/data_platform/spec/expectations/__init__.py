"""Quality rules under the names that Great Expectations gave them, each a function that returns a `Rule`.

Names, arguments and meaning are Great Expectations' (1.x): a null is passed over except where nulls are the
subject, `mostly` is the share of the non-null values that must conform, a regular expression matches anywhere in
the text. Ours are `severity`, `name`, `description` and `dimension`. A wrong argument raises ValueError.
"""

from __future__ import annotations

from data_platform.spec.expectations.aggregates import (
    expect_column_distinct_values_to_be_in_set,
    expect_column_distinct_values_to_contain_set,
    expect_column_distinct_values_to_equal_set,
    expect_column_max_to_be_between,
    expect_column_mean_to_be_between,
    expect_column_median_to_be_between,
    expect_column_min_to_be_between,
    expect_column_proportion_of_non_null_values_to_be_between,
    expect_column_proportion_of_unique_values_to_be_between,
    expect_column_stdev_to_be_between,
    expect_column_sum_to_be_between,
    expect_column_unique_value_count_to_be_between,
    expect_table_row_count_to_be_between,
    expect_table_row_count_to_equal,
)
from data_platform.spec.expectations.columns import (
    expect_column_to_exist,
    expect_column_value_lengths_to_be_between,
    expect_column_value_lengths_to_equal,
    expect_column_values_to_be_between,
    expect_column_values_to_be_in_set,
    expect_column_values_to_be_null,
    expect_column_values_to_be_unique,
    expect_column_values_to_match_like_pattern,
    expect_column_values_to_match_like_pattern_list,
    expect_column_values_to_match_regex,
    expect_column_values_to_match_regex_list,
    expect_column_values_to_match_strftime_format,
    expect_column_values_to_not_be_in_set,
    expect_column_values_to_not_be_null,
    expect_column_values_to_not_match_like_pattern,
    expect_column_values_to_not_match_like_pattern_list,
    expect_column_values_to_not_match_regex,
    expect_column_values_to_not_match_regex_list,
)
from data_platform.spec.expectations.declare import EXPECTATIONS
from data_platform.spec.expectations.rows import (
    expect_column_pair_values_a_to_be_greater_than_b,
    expect_column_pair_values_to_be_equal,
    expect_column_pair_values_to_be_in_set,
    expect_compound_columns_to_be_unique,
    expect_multicolumn_sum_to_equal,
    expect_select_column_values_to_be_unique_within_record,
)

__all__ = [
    "EXPECTATIONS",
    "expect_column_distinct_values_to_be_in_set",
    "expect_column_distinct_values_to_contain_set",
    "expect_column_distinct_values_to_equal_set",
    "expect_column_max_to_be_between",
    "expect_column_mean_to_be_between",
    "expect_column_median_to_be_between",
    "expect_column_min_to_be_between",
    "expect_column_pair_values_a_to_be_greater_than_b",
    "expect_column_pair_values_to_be_equal",
    "expect_column_pair_values_to_be_in_set",
    "expect_column_proportion_of_non_null_values_to_be_between",
    "expect_column_proportion_of_unique_values_to_be_between",
    "expect_column_stdev_to_be_between",
    "expect_column_sum_to_be_between",
    "expect_column_to_exist",
    "expect_column_unique_value_count_to_be_between",
    "expect_column_value_lengths_to_be_between",
    "expect_column_value_lengths_to_equal",
    "expect_column_values_to_be_between",
    "expect_column_values_to_be_in_set",
    "expect_column_values_to_be_null",
    "expect_column_values_to_be_unique",
    "expect_column_values_to_match_like_pattern",
    "expect_column_values_to_match_like_pattern_list",
    "expect_column_values_to_match_regex",
    "expect_column_values_to_match_regex_list",
    "expect_column_values_to_match_strftime_format",
    "expect_column_values_to_not_be_in_set",
    "expect_column_values_to_not_be_null",
    "expect_column_values_to_not_match_like_pattern",
    "expect_column_values_to_not_match_like_pattern_list",
    "expect_column_values_to_not_match_regex",
    "expect_column_values_to_not_match_regex_list",
    "expect_compound_columns_to_be_unique",
    "expect_multicolumn_sum_to_equal",
    "expect_select_column_values_to_be_unique_within_record",
    "expect_table_row_count_to_be_between",
    "expect_table_row_count_to_equal",
]
