"""Expectations in the worker, where rules run: each gives a number, and none of personal data is shown."""

from __future__ import annotations

import pytest

from data_platform.errors import InvalidSpec
from data_platform.quality import DataQualityError
from tests.meshes import IDS, ROWS, World

COLUMNS = {"id": {"type": "integer"}, "x": {"type": "number"}, "email": {"type": "string", "tags": ["pii"]}}
EXPECT = """\
expect:
  - expect_table_columns_to_match_ordered_list: {column_list: [id, x, email]}
  - expect_table_column_count_to_equal: {value: 3}
  - expect_column_values_to_be_of_type: {column: id, type_: int64}
  - expect_column_value_z_scores_to_be_less_than: {column: id, threshold: 1.2, double_sided: true, mostly: 0.5}
  - expect_column_values_to_not_be_outliers: id
  - expect_column_values_to_be_increasing: {column: id, order_by: x}
  - expect_column_quantile_values_to_be_between: {column: x, quantile_ranges: {quantiles: [1], value_ranges: [[0, 3]]}}
  - unexpected_rows_expectation: SELECT id FROM {batch} WHERE id > 5
  - expect_table_row_count_to_equal_other_table: shop.t
  - expect_column_most_common_value_to_be_in_set: {column: email, value_set: [a@b.c]}
  - expect_column_values_to_be_json_parseable: email"""
INPUTS = "inputs: [{data_product: shop, output: t}]"


def test_each_runs_where_rules_run(world: World) -> None:
    world.product("shop", columns=IDS).publish("t", ROWS)
    product = world.product(columns=COLUMNS, output=EXPECT, more=INPUTS)
    rows = [{"id": number, "x": float(number), "email": "1"} for number in (1, 2, 30)]
    with pytest.raises(DataQualityError) as refused:
        product.publish("t", rows)
    failed = {failure.rule.removeprefix("expect_"): failure.value for failure in refused.value.failures}
    assert all(failure.error is None for failure in refused.value.failures)
    assert failed == {
        "column_quantile_values_to_be_between(x)": 1,
        "unexpected_rows_expectation": 1,
        "column_most_common_value_to_be_in_set(email)": None,
    }


def test_another_table_is_a_declared_input(world: World) -> None:
    with pytest.raises(InvalidSpec, match="which the rule cannot see"):
        world.product(columns=COLUMNS, output=EXPECT).register()
