"""Writes answers to a stream: complete plain text to files and pipes, fitted text to a terminal."""

from __future__ import annotations

import os
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any, TextIO, cast

from data_platform.cli.console.text import clean, format_value
from data_platform.spec.display_width import measure_width


@dataclass(frozen=True, slots=True)
class Styled:
    """A value with a style of rich, such as "bold" or "red", for terminals."""

    value: Any
    style: str


ARROW = Styled("  → ", "cyan")
"""What precedes a hint."""

Piece = str | Styled
Formatter = Callable[[Any], str]


class Console(ABC):
    """Writes lines and tables to a stream. Text is cleaned; markup in it is not interpreted."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    @abstractmethod
    def write_line(self, *pieces: Piece, indent: int = 0, hang: int = 0) -> None:
        """Writes one line of concatenated pieces, indented by `indent` spaces.

        A terminal wraps the line. The wrapped lines are indented by `hang` more spaces.
        """

    def write_hint(self, hint: str) -> None:
        """Writes a hint, each of its lines after an arrow; a terminal wraps it without breaking a command."""
        for line in hint.split("\n"):
            self._write_hint(clean(line))

    def _write_hint(self, line: str) -> None:
        self.write_line(ARROW, line)

    def write_table(
        self,
        header: Sequence[str],
        rows: Iterable[Sequence[Any]],
        show: Formatter = format_value,
        *,
        one_line: Collection[str] | None = None,
    ) -> None:
        """Writes a table; `show` formats values, and columns that contain only numbers are aligned right.

        On a terminal no word is broken: long cells are wrapped, and a table that is too wide for the window is written
        as records. With `one_line` a row is one line, and cells are truncated, except in the columns that it names.
        """
        self._write_table([clean(name) for name in header], [list(row) for row in rows], show, one_line)

    @abstractmethod
    def _write_table(
        self, header: list[str], rows: list[list[Any]], show: Formatter, one_line: Collection[str] | None
    ) -> None:
        """Writes a table with a cleaned header."""

    @abstractmethod
    def write_data(
        self, header: Sequence[str], columns: Sequence[Sequence[Any]], show: Formatter = format_value
    ) -> int:
        """Writes a table of user data, column by column; returns the number of columns that did not fit."""

    @abstractmethod
    def show_progress(self) -> AbstractContextManager[Callable[[str], None]]:
        """Yields a function that shows a message on one line, which is removed at the end."""

    def write_heading(self, text: str) -> None:
        """Writes a heading after a blank line."""
        self.write_line()
        self.write_line(Styled(text, "bold"))


class PlainConsole(Console):
    """Files and pipes: no colour, no wrapping, no truncation."""

    def write_line(self, *pieces: Piece, indent: int = 0, hang: int = 0) -> None:
        """Writes one line."""
        text = "".join(format_cell(piece, format_value) if piece else "" for piece in pieces)
        self.stream.write((" " * indent + text).rstrip() + "\n")

    def _write_table(
        self, header: list[str], rows: list[list[Any]], show: Formatter, one_line: Collection[str] | None
    ) -> None:
        """Writes columns with two spaces between them."""
        cells = [header, *([format_cell(cell, show) for cell in row] for row in rows)]
        widths = [max(map(measure_width, column)) for column in zip(*cells, strict=True)]
        right = find_numeric_columns(rows, len(header))
        for row in cells:
            self.stream.write("  ".join(map(_format_padded, row, widths, right)).rstrip() + "\n")

    def write_data(
        self, header: Sequence[str], columns: Sequence[Sequence[Any]], show: Formatter = format_value
    ) -> int:
        """Writes all columns."""
        self.write_table(header, zip(*columns, strict=True), show)
        return 0

    @contextmanager
    def show_progress(self) -> Iterator[Callable[[str], None]]:
        """Shows nothing: progress does not belong in a log."""
        yield lambda text: None


def stdout_console() -> Console:
    """Returns the console on standard output, which receives only the answer."""
    return _make_console(sys.stdout)


def stderr_console() -> Console:
    """Returns the console on standard error, for warnings, progress and errors."""
    return _make_console(sys.stderr)


def is_terminal(stream: TextIO) -> bool:
    """Whether the stream is a terminal with more than basic capabilities."""
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def strip_style(cell: Any) -> Any:
    """Returns the value of a cell without its style."""
    return cell.value if isinstance(cell, Styled) else cell


def format_cell(cell: Any, show: Formatter) -> str:
    """Formats a cell; text is always cleaned."""
    value = strip_style(cell)
    return clean(value) if isinstance(value, str) and value else show(value)


def find_numeric_columns(rows: Sequence[Sequence[Any]], columns: int) -> list[bool]:
    """Returns for each column whether it contains only numbers."""
    return [_has_only_numbers([strip_style(row[at]) for row in rows]) for at in range(columns)]


def _has_only_numbers(values: Sequence[Any]) -> bool:
    present = [value for value in values if value is not None]
    return bool(present) and all(isinstance(value, int | float) and not isinstance(value, bool) for value in present)


def _format_padded(cell: str, wide: int, right: bool) -> str:
    blanks = " " * (wide - measure_width(cell))
    return blanks + cell if right else cell + blanks


def _make_console(stream: TextIO) -> Console:
    if not is_terminal(stream):
        return PlainConsole(stream)
    terminal = import_module(
        "data_platform.cli.console.rich_console"
    )  # importing rich takes 60 ms, and a pipe does not need it
    return cast("Console", terminal.RichConsole(stream))
