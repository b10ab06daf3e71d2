"""Plain paper cuts nothing, a terminal colours, and markup means nothing on either."""

from __future__ import annotations

import io

import pytest
from click import unstyle

from data_platform.cli.console import console
from data_platform.cli.console.console import PlainConsole, Styled
from data_platform.cli.console.rich_console import RichConsole
from data_platform.cli.console.text import format_datum

LONG = "word " * 200


class Window(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def plain(header: list[str], rows: list[list[object]]) -> str:
    stream = io.StringIO()
    PlainConsole(stream).write_table(header, rows)
    return stream.getvalue()


def test_a_plain_table_is_aligned_whole_and_has_no_blanks_at_its_ends() -> None:
    assert plain(["name", "rows", "note"], [["a", 1200, "x"], ["日本", 7, None]]) == (
        "name   rows  note\na     1,200  x\n日本      7  –\n"
    )


def test_off_a_terminal_nothing_is_wrapped_or_cut() -> None:
    assert LONG.strip() in plain(["note"], [[LONG]])
    stream = io.StringIO()
    PlainConsole(stream).write_line(LONG)
    assert stream.getvalue() == LONG.rstrip() + "\n"


def test_a_table_without_rows_still_has_its_header() -> None:
    assert plain(["a", "b"], []) == "a  b\n"


@pytest.fixture
def window(monkeypatch: pytest.MonkeyPatch) -> Window:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "40")
    return Window()


def test_a_terminal_is_coloured_and_folds_what_is_too_wide(window: Window) -> None:
    terminal = RichConsole(window)
    terminal.write_line(Styled("good", "green"), " news")
    terminal.write_table(["note"], [[LONG]])
    first, *others = window.getvalue().splitlines()
    assert first == "\x1b[32mgood\x1b[0m news"
    assert max(map(len, others)) <= 60
    assert window.getvalue().count("word") == 200


def test_no_color_is_honoured(window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    RichConsole(window).write_line(Styled("good", "green"), " news")
    assert window.getvalue() == "good news\n"


def test_markup_emoji_names_and_escapes_in_foreign_text_mean_nothing(window: Window) -> None:
    RichConsole(window).write_table(["[red]x[/red]"], [["[bold]:smile:[/bold]\x1b[2J"]])
    assert "[bold]:smile:[/bold]�[2J" in window.getvalue()
    assert "[red]x[/red]" in window.getvalue()
    assert "\x1b[2J" not in window.getvalue()


def test_paper_is_chosen_by_who_reads(window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout", window)
    assert isinstance(console.stdout_console(), RichConsole)
    monkeypatch.setenv("TERM", "dumb")
    assert isinstance(console.stdout_console(), PlainConsole)
    monkeypatch.setattr("sys.stdout", io.StringIO())
    assert isinstance(console.stdout_console(), PlainConsole)


def test_progress_is_shown_to_a_person_only(window: Window) -> None:
    log = io.StringIO()
    with PlainConsole(log).show_progress() as tell:
        tell("staging")
    assert log.getvalue() == ""
    with RichConsole(window).show_progress() as tell:
        tell("staging [bold]\x1b[2J, 1,000 rows")
    assert "staging [bold]�[2J, 1,000 rows" in window.getvalue()


def wide(count: int) -> tuple[list[str], list[list[object]]]:
    """A table of so many columns, whose names and values are longer than a fold could hide."""
    return [f"column_number_{at}" for at in range(count)], [[f"value_of_{at}", None] for at in range(count)]


def test_a_window_shows_the_whole_columns_that_fit_and_counts_the_others(
    window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert RichConsole(window).write_data(*wide(60), show=format_datum) == 56
    lines = unstyle(window.getvalue()).splitlines()
    first, _, values, nothing = lines
    assert first.split() == [f"column_number_{at}" for at in range(4)]
    assert values.split() == [f"value_of_{at}" for at in range(4)]
    assert nothing.split() == ["NULL"] * 4
    assert max(map(len, lines)) <= 80


def test_a_window_with_room_shows_every_column(window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    assert RichConsole(window).write_data(*wide(10), show=format_datum) == 0
    assert "column_number_9" in window.getvalue()


def test_off_a_terminal_all_columns_are_written() -> None:
    stream = io.StringIO()
    assert PlainConsole(stream).write_data(*wide(60), show=format_datum) == 0
    header, values, _ = stream.getvalue().splitlines()
    assert (len(header.split()), len(values.split())) == (60, 60)
