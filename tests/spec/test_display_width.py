"""Columns of a text in a terminal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from data_platform.spec.display_width import measure_width

FAMILY = "\N{WOMAN}\u200d\N{WOMAN}\u200d\N{GIRL}"


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("abc", 3),
        ("日本", 4),
        ("ที่", 1),
        ("", 0),
        ("e\u0301", 1),
        (FAMILY, 2),
        ("\N{HEAVY BLACK HEART}\ufe0f", 2),
        ("🇩🇪", 2),
    ],
)
def test_width_is_what_a_terminal_needs(text: str, columns: int) -> None:
    assert measure_width(text) == columns


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"])))
def test_width_is_that_of_the_tables_that_rich_draws(text: str) -> None:
    assert measure_width(text) == cell_len(text)
