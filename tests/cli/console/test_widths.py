"""In a window of any width no table line is wider than it, and no word is broken."""

from __future__ import annotations

import io

import pytest
from click import unstyle
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from data_platform.cli.console.column_widths import GAP, fit_one_line_table, fit_table
from data_platform.cli.console.rich_console import RichConsole
from data_platform.spec.display_width import measure_width
from tests.hypothesis_lanes import examples

TEXTS = st.lists(
    st.sampled_from(["orders", "ตารางคำสั่งซื้อ", "注文の表", "👩‍👩‍👧", "ok", "no_negative_amounts", "a" * 70]), max_size=12
)
CELLS = TEXTS.map(" ".join) | st.integers(0, 10**9).map(str)
TABLES = st.integers(1, 8).flatmap(lambda n: st.lists(st.lists(CELLS, min_size=n, max_size=n), min_size=1, max_size=4))


class Window(io.StringIO):
    def isatty(self) -> bool:
        return True


def drawn(table: list[list[str]], columns: int, *, one_line: tuple[str, ...] | None = None) -> list[str]:
    window = Window()
    paper = RichConsole(window)
    paper.console.width = columns
    paper.write_table([f"column {at}" for at in range(len(table[0]))], table, one_line=one_line)
    return [line.rstrip() for line in unstyle(window.getvalue()).splitlines()]


@given(TABLES, st.sampled_from([40, 60, 80, 120]))
@settings(max_examples=examples(60), deadline=None)
def test_no_line_is_wider_than_the_window_and_no_word_breaks(table: list[list[str]], columns: int) -> None:
    lines = drawn(table, columns)
    assert max(map(cell_len, lines)) <= columns
    known = {word for row in table for cell in row for word in cell.split()} | {"column", "–"} | set(map(str, range(8)))
    words = {word for line in lines for word in line.split() if not word.startswith("─")}
    assert {word for word in words if word not in known and not word.endswith("…")} == set()


@given(TABLES, st.sampled_from([40, 60, 80, 120]))
@settings(max_examples=examples(60), deadline=None)
def test_with_one_line_a_row_is_one(table: list[list[str]], columns: int) -> None:
    lines = drawn(table, columns, one_line=())
    assert max(map(cell_len, lines)) <= columns
    assert len(lines) == len(table) + 2


def test_a_table_for_which_the_window_is_too_narrow_is_laid_out_as_records() -> None:
    row = ["orders_fact", "no_negative_amounts", "blocking", "≤ 0", "somebody@example.com", "a few words of text"]
    assert drawn([row, row], 120)[0].split() == [word for at in range(6) for word in ("column", str(at))]
    lines = drawn([row, row], 40)
    assert lines[:2] == ["column 0  orders_fact", "column 1  no_negative_amounts"]
    assert len([line for line in lines if not line.strip()]) == 1


@given(TABLES, st.integers(10, 200))
def test_widths_fit(table: list[list[str]], room: int) -> None:
    columns = [list(cells) for cells in zip(*table, strict=True)]
    for widths in (fit_table(columns, room), fit_one_line_table(columns, room)):
        if widths is not None:
            assert sum(widths) + GAP * (len(widths) - 1) <= room
            assert all(wide <= max(map(measure_width, cells)) for wide, cells in zip(widths, columns, strict=False))


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_what_fits_is_whole(columns: int) -> None:
    lines = drawn([["1", "orders", "2026-11-14 09:30:05 UTC"]], columns)
    assert lines[-1].split() == ["1", "orders", "2026-11-14", "09:30:05", "UTC"]


INCIDENT = "rule no_negative_amounts refused version 12 of orders because seven rows have an amount below zero"


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_wrapped_lines_keep_their_indentation(columns: int) -> None:
    window = Window()
    paper = RichConsole(window)
    paper.console.width = columns
    paper.write_line(
        "#7    high    policy on a-product-with-a-long-name", " and more words, open since 2026-11-14", hang=14
    )
    paper.write_line(INCIDENT, indent=14)
    paper.write_line(" " * 6 + INCIDENT)
    lines = [line.rstrip() for line in unstyle(window.getvalue()).splitlines()]
    assert max(map(cell_len, lines)) <= columns
    assert [line for line in lines if line.startswith("#7")] == lines[:1]
    assert lines[0].endswith(" and more" if columns == 60 else " open since" if columns == 80 else "2026-11-14")
    assert {len(line) - len(line.lstrip()) for line in lines[1:]} <= {6, 14}


def test_a_long_path_below_its_line_stays_whole() -> None:
    window = Window()
    paper = RichConsole(window)
    paper.console.width = 60
    path = "/srv/mesh/teams/commerce/.data-platform/settings.toml"
    paper.write_line("ok      settings  ", path, ", 0 sources", hang=18)
    assert f"{path}," in unstyle(window.getvalue())


WORDS = st.sampled_from(
    ["fix it,", "then run", "data-platform outbox retry --destination openlineage", "or", "a: b", "again",
     "DATA_PLATFORM_USER=bea data-platform policies approve 4", "`data-platform doctor`",
     "data-platform sql 'SELECT 1, 2'"]
)  # fmt: skip


@given(st.lists(WORDS, min_size=1, max_size=8).map("; ".join), st.sampled_from([40, 60, 80]))
@settings(max_examples=examples(60), deadline=None)
def test_no_command_in_a_hint_is_broken(hint: str, columns: int) -> None:
    window = Window()
    console = RichConsole(window)
    console.console.width = columns
    console.write_hint(hint)
    lines = unstyle(window.getvalue()).splitlines()
    assert lines[0].startswith("  → ")
    assert "".join(line[4:] for line in lines).replace(" ", "") == hint.replace(" ", "")
    commands = [part for part in hint.split("; ") if "data-platform" in part]
    assert all(any(command in line for line in lines) for command in commands)
    assert all(cell_len(line) <= columns for line in lines if "data-platform" not in line)
