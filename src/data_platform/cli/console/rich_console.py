"""Writes answers to a terminal: as wide as the window, and coloured unless NO_COLOR is set."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal, TextIO

from rich.box import SIMPLE_HEAD
from rich.console import Console as RichBackend
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from data_platform.cli.console.column_widths import (
    fit_data_columns,
    fit_one_line_table,
    fit_table,
    truncate,
    wrap,
    wrap_hint,
)
from data_platform.cli.console.console import (
    ARROW,
    Console,
    Formatter,
    Piece,
    Styled,
    find_numeric_columns,
    format_cell,
)
from data_platform.cli.console.text import clean, format_value
from data_platform.spec.display_width import measure_width

COMMAND = "cyan"
"""The style of commands to type."""


class RichConsole(Console):
    """A terminal window."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        self.console = RichBackend(file=stream, force_terminal=True, highlight=False, markup=False, emoji=False)

    def write_line(self, *pieces: Piece, indent: int = 0, hang: int = 0) -> None:
        """Writes one line, wrapped to the window; wrapped lines keep the indent and leading spaces."""
        text = Text.assemble(*(_to_text(piece, format_value) for piece in pieces if piece))
        if not indent and not self._can_wrap(text, pieces):
            self.console.print(text, soft_wrap=True)
            return
        blanks = len(text.plain) - len(text.plain.lstrip(" "))
        left = indent + blanks
        room = max(self.console.width - left, 1)
        longest = max(map(measure_width, text.plain.split()), default=0)
        hang = max(0, min(hang, self.console.width // 2, room - longest))  # so that a long path stays whole
        for number, line in enumerate(self._wrap_hanging(text[blanks:], room, hang)):
            self.console.print(Padding(line, (0, 0, 0, left + (hang if number else 0)), expand=False))

    def _wrap_hanging(self, text: Text, room: int, hang: int) -> list[Text]:
        """Wraps a text: the first line has `room` columns, the others `hang` fewer."""
        first = text.wrap(self.console, room)[0]
        rest = text[len(first.plain) :]
        rest = rest[len(rest.plain) - len(rest.plain.lstrip(" ")) :]
        return [first, *rest.wrap(self.console, max(room - hang, 1))] if rest.plain else [first]

    def _write_hint(self, line: str) -> None:
        """Writes one line of a hint; a command that does not fit moves to a line of its own, which is not broken."""
        room = self.console.width - measure_width(str(ARROW.value))
        for number, part in enumerate(wrap_hint(line, room)):
            start = _to_text(ARROW, format_value) if number == 0 else Text(" " * measure_width(str(ARROW.value)))
            self.console.print(Text.assemble(start, part), soft_wrap=True)

    def _can_wrap(self, text: Text, pieces: Sequence[Piece]) -> bool:
        """Whether the line may be wrapped. Commands and long paths are not wrapped, so that they can be copied."""
        commands = any(isinstance(piece, Styled) and piece.style == COMMAND for piece in pieces)
        return not commands and all(measure_width(word) <= self.console.width for word in text.plain.split())

    def _write_table(
        self, header: list[str], rows: list[list[Any]], show: Formatter, one_line: Collection[str] | None
    ) -> None:
        """Writes a table as wide as the window, or records if the window is too narrow."""
        columns = [[name, *(format_cell(row[at], show) for row in rows)] for at, name in enumerate(header)]
        room = self.console.width
        widths = fit_table(columns, room) if one_line is None else fit_one_line_table(columns, room, one_line)
        if widths is None:
            self._write_records(header, rows, show)
            return
        fits = len(widths)
        self._draw_table(header[:fits], [row[:fits] for row in rows], show, widths, one_line=one_line is not None)

    def _write_records(self, header: Sequence[str], rows: Sequence[Sequence[Any]], show: Formatter) -> None:
        """Writes one line per value, after its name, and a blank line between records."""
        names = max(map(measure_width, header))
        names = min(names, self.console.width // 2)
        values = max(1, self.console.width - names - 2)
        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_column(width=names, overflow="ellipsis", style="dim", no_wrap=True)
        grid.add_column(width=values, overflow="ellipsis", no_wrap=True)
        for at, row in enumerate(rows):
            if at:
                grid.add_row()
            for name, cell in zip(header, row, strict=True):
                grid.add_row(_fit(name, names), _fit(cell, values, False, show))
        self.console.print(grid)

    def write_data(
        self, header: Sequence[str], columns: Sequence[Sequence[Any]], show: Formatter = format_value
    ) -> int:
        """Writes the leading columns that fit without breaking headers and words; long values are wrapped."""
        texts = (
            [clean(name), *(format_cell(cell, show) for cell in c)] for name, c in zip(header, columns, strict=True)
        )
        widths = fit_data_columns(texts, self.console.width)
        fits = len(widths)
        self._draw_table(header[:fits], list(zip(*columns[:fits], strict=True)), show, widths, one_line=False)
        return len(header) - fits

    def _draw_table(
        self,
        header: Sequence[str],
        rows: Sequence[Sequence[Any]],
        show: Formatter,
        widths: Sequence[int],
        *,
        one_line: bool,
    ) -> None:
        table = Table(box=SIMPLE_HEAD, header_style="bold", pad_edge=False, show_edge=False, padding=(0, 1, 0, 0))
        for name, right, wide in zip(header, find_numeric_columns(rows, len(header)), widths, strict=True):
            justify: Literal["right", "left"] = "right" if right else "left"
            table.add_column(_fit(name, wide, one_line), justify=justify, overflow="ellipsis", width=wide, no_wrap=True)
        for row in rows:
            table.add_row(*(_fit(cell, wide, one_line, show) for cell, wide in zip(row, widths, strict=True)))
        self.console.print(table)

    @contextmanager
    def show_progress(self) -> Iterator[Callable[[str], None]]:
        """Shows messages on a line with a spinner."""
        with self.console.status("") as status:
            yield lambda text: status.update(Text(clean(text)))


def _to_text(cell: Any, show: Formatter) -> Text:
    return Text(format_cell(cell, show), style=cell.style if isinstance(cell, Styled) else "")


def _fit(cell: Any, wide: int, one_line: bool = False, show: Formatter = format_value) -> Text:
    """Wraps the cell to that width with our own measure: the measure of rich breaks words beside joined emoji."""
    text = format_cell(cell, show)
    lines = [truncate(text, wide)] if one_line else wrap(text, wide)
    return Text("\n".join(lines), style=cell.style if isinstance(cell, Styled) else "")
