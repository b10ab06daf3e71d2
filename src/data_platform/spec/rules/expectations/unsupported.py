"""The other core expectations of Great Expectations, each with the reason and the alternative."""

from __future__ import annotations

from collections.abc import Mapping

_SQL = "write it as SQL: `quality_rules: [{rule: NAME, sql: SELECT count(*) …, threshold: 0}]`"
_STATISTICS = "it tests a distribution, which no rule of one number says"

UNSUPPORTED: Mapping[str, str] = {
    "expect_query_results_to_match_comparison": _SQL,
    **dict.fromkeys(
        (
            "expect_column_kl_divergence_to_be_less_than",
            "expect_column_pair_cramers_phi_value_to_be_less_than",
            "expect_column_bootstrapped_ks_test_p_value_to_be_greater_than",
            "expect_column_chisquare_test_p_value_to_be_greater_than",
            "expect_column_parameterized_distribution_ks_test_p_value_to_be_greater_than",
        ),
        _STATISTICS,
    ),
    "expect_column_values_to_match_json_schema": "declare the column's own type: its values are judged when data comes",
    "expect_column_values_to_be_dateutil_parseable": "what dateutil takes for a date is a guess; write "
    "expect_column_values_to_match_strftime_format",
    "expect_multicolumn_values_to_be_unique": "it is the former name of "
    "expect_select_column_values_to_be_unique_within_record",
}
