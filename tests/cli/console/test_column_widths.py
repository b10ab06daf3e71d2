"""A window shows whole columns, as many as it has room for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_platform.cli.console.column_widths import FOLDED, GAP, WORD, fit_data_columns
from data_platform.spec.display_width import measure_width

CELLS = st.text(st.characters(categories=["L", "N", "Zs", "Mn"]), max_size=90)
TABLES = st.lists(st.lists(CELLS, min_size=1, max_size=4), min_size=1, max_size=8)


def taken(widths: list[int]) -> int:
    return sum(widths) + GAP * (len(widths) - 1)


@given(TABLES, st.integers(1, 250))
def test_what_is_shown_fits_and_no_column_is_wider_than_its_cells(table: list[list[str]], room: int) -> None:
    widths = fit_data_columns(table, room)
    assert 1 <= len(widths) <= len(table)
    assert taken(widths) <= room
    assert all(wide <= max(map(measure_width, cells)) for wide, cells in zip(widths, table, strict=False))


@given(TABLES)
def test_with_room_enough_everything_is_whole(table: list[list[str]]) -> None:
    whole = [max(map(measure_width, cells)) for cells in table]
    assert fit_data_columns(table, max(1, taken(whole))) == whole


@given(TABLES, st.integers(1, 250))
def test_no_word_breaks_beside_another_column(table: list[list[str]], room: int) -> None:
    widths = fit_data_columns(table, room)
    for wide, cells in zip(widths[1:], table[1:], strict=False):
        assert all(
            measure_width(word) <= wide for cell in cells for word in cell.split() if measure_width(word) <= WORD
        )


@pytest.mark.parametrize(
    ("room", "widths"),
    [
        (5, [5]),
        (6 + GAP, [6]),
        (6 + GAP + FOLDED, [6, FOLDED]),
        (6 + GAP + FOLDED + GAP + 2, [6, FOLDED, 2]),
        (6 + GAP + FOLDED + GAP + 2 + 9, [6, FOLDED + 9, 2]),
    ],
)
def test_leading_columns_come_first_and_long_text_takes_what_is_left(room: int, widths: list[int]) -> None:
    assert fit_data_columns([["id", "12 345"], ["note", "word " * 30], ["n", "42"]], room) == widths
