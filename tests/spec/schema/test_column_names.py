"""What a column may be called."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_platform.spec.schema.column_names import find_column_name_problem, find_twins, suggest_name


@pytest.mark.parametrize(
    "name", ["id", "Order_ID", "order id", "2024", "a-b", "straße", "ลูกค้า", "日本", "select", "x" * 128]
)
def test_names_of_any_script_are_fine(name: str) -> None:
    assert find_column_name_problem(name) is None


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "needs a name"),
        ("x" * 129, "128 characters"),
        ("a.b", "U+002E"),
        ("a\u200bb", "U+200B"),
        ("a\u3164b", "U+3164"),
        (" a", "single spaces"),
        ("a  b", "single spaces"),
        ("e\u0301", "composed form"),
    ],
)
def test_names_that_are_refused(name: str, message: str) -> None:
    assert message in (find_column_name_problem(name) or "")


@given(st.text(max_size=20))
def test_a_name_that_is_allowed_is_safe_in_sql_paths_and_key_lists(name: str) -> None:
    if find_column_name_problem(name) is None:
        assert name.isprintable()
        assert not set(name) & set("\"'`.,:;/\\\0")


def test_names_that_differ_only_in_case() -> None:
    assert find_twins(["id", "ID", "Id", "x"]) == {1: "id", 2: "id"}
    assert find_twins(["id", "id"]) == {1: "id"}


def test_the_nearest_name_is_offered() -> None:
    assert suggest_name("ordr_id", ["order_id", "amount"]) == "did you mean 'order_id'?"
    assert suggest_name("zzz", ["order_id"]) is None
