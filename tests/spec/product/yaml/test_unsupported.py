"""Core expectations of Great Expectations that no rule says are refused by name, with the reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from data_platform.errors import InvalidSpec
from data_platform.spec.product.loading import load_product
from data_platform.spec.product.model import Product
from data_platform.spec.rules.expectations import EXPECTATIONS
from data_platform.spec.rules.expectations.unsupported import UNSUPPORTED


@pytest.mark.parametrize("name", UNSUPPORTED)
def test_what_cannot_be_judged_says_why(tmp_path: Path, name: str) -> None:
    file = tmp_path / "product.yaml"
    output = f"outputs:\n  - name: t\n    expect:\n      - {name}: {{column: x}}\n"
    file.write_text(f"name: p\ndomain: d\nowner: a@b.c\n{output}")
    with pytest.raises(InvalidSpec, match=f"7:9: {name} of Great Expectations is not judged here") as refused:
        load_product(file)
    assert UNSUPPORTED[name] in str(refused.value)
    assert name not in EXPECTATIONS


def load_with(tmp_path: Path, expectation: str) -> Product:
    file = tmp_path / "product.yaml"
    inputs = "inputs:\n  - {data_product: shop, output: orders}\n"
    output = f"outputs:\n  - name: t\n    expect:\n      - {expectation}\n"
    file.write_text(f"name: p\ndomain: d\nowner: a@b.c\n{inputs}{output}")
    return load_product(file).product


@pytest.mark.parametrize(
    "expectation",
    [
        "expect_table_row_count_to_equal_other_table: {other_table_name: shop.orders}",
        "expect_table_row_count_to_equal_other_table: shop.orders",
        """unexpected_rows_expectation: 'SELECT * FROM {batch} JOIN "shop".orders USING (id)'""",
    ],
)
def test_an_expectation_reads_declared_inputs(tmp_path: Path, expectation: str) -> None:
    [rule] = load_with(tmp_path, expectation).outputs[0].rules
    assert rule.query is not None
    assert "shop" in rule.query
    with pytest.raises(InvalidSpec, match="which the rule cannot see"):
        load_with(tmp_path, expectation.replace("shop", "bank"))
