"""Names: one pattern for domains, products and outputs; hidden characters; how text is shown in messages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_platform.spec.text.names import (
    find_hidden_character,
    find_nearest,
    name_problem,
    quote_text,
    quote_value,
    suggest_valid_name,
)

HIDDEN = ["\0", "\x1b", "\u200b", "\u202e", "\u2066", "\ufeff", "\u3164", "\ud800", "\u00a0", "\u2028", "\U000e0041"]


@pytest.mark.parametrize("name", ["a", "orders_fact", "orders-data-product", "raw-events", "x2", "a" * 63])
def test_what_the_field_calls_its_products_is_a_name(name: str) -> None:
    assert name_problem(name) is None


@pytest.mark.parametrize(
    "name",
    ["", "Orders", "2024", "_x", "-x", "a b", "a.b", "a/b", "..", ".", "a\n", 'a"', "é", "а", "con", "lpt1", "a" * 64],
)
def test_what_is_unsafe_as_folder_identifier_or_url_is_not(name: str) -> None:
    assert name_problem(name)


@given(st.text(max_size=80))
def test_a_suggestion_is_always_a_name(text: str) -> None:
    suggestion = suggest_valid_name(text)
    assert suggestion is None or (name_problem(suggestion) is None and suggestion != text)


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        ("Orders Fact", "orders-fact"),
        ("Commerce", "commerce"),
        ("1_orders", "orders"),
        ("数据", None),
        ("раураl", None),
    ],
)
def test_suggestions(text: str, suggestion: str | None) -> None:
    assert suggest_valid_name(text) == suggestion


@pytest.mark.parametrize("character", HIDDEN)
def test_hidden_characters_are_found_and_shown_as_escapes(character: str) -> None:
    assert find_hidden_character(f"a{character}b") == character
    assert character not in quote_text(f"a{character}b")


@given(st.text())
def test_what_is_shown_is_one_printable_line(text: str) -> None:
    assert quote_text(text).isprintable()
    assert len(quote_text(text, 10)) <= 2 + 10 * len("\\U000e0041")


@pytest.mark.parametrize("text", ["orders", "Zürich 8000", "ลูกค้า", "注文", "a-b_c.d"])
def test_ordinary_text_has_no_hidden_character(text: str) -> None:
    assert find_hidden_character(text) is None


def test_the_nearest_name_is_found_whatever_its_capitals() -> None:
    assert find_nearest("Cutomer_Email", ["order_id", "customer_email"]) == "customer_email"
    assert find_nearest("price", ["order_id", "customer_email"]) is None
    assert find_nearest("x" * 1_000_000, ["order_id"]) is None


class _Frame:
    def __repr__(self) -> str:
        return "ann@example.org"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("1", '"1"'),
        (1, "1"),
        (None, "None"),
        (["a"], "['a']"),
        ("\udcff", '"\\udcff"'),
        (_Frame(), "a _Frame"),
        (list(range(100)), "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, …"),
    ],
)
def test_a_value_is_quoted_once_and_rows_are_not_shown(value: object, text: str) -> None:
    assert quote_value(value) == text
