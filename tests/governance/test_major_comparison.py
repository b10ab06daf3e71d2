"""A change of a contract whose outputs stand in several majors, or in none."""

from __future__ import annotations

from data_platform.governance.major_comparison import compare_majors
from data_platform.spec.product.contract import Contract
from data_platform.spec.product.model import Output, Product

NONE = Contract(Product("orders", "sales", "ana@x", ()), {})
ONE = Contract(Product("orders", "sales", "ana@x", (Output("t"),)), {})


def test_an_output_is_added_to_a_product_whose_every_output_was_retired() -> None:
    comparison = compare_majors(NONE, ONE)
    assert [change.breaking for change in comparison.changes] == [False]


def test_a_product_without_outputs_stays_one() -> None:
    assert compare_majors(NONE, NONE).changes == ()
