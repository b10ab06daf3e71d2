"""Answers on a terminal: coloured where NO_COLOR does not forbid it, and as wide as the window."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal, TextIO

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from data_platform.cli.console.column_widths import cut, fitting, one_line_widths, table_widths, wrapped
from data_platform.cli.console.console import Paper, Piece, Styled, Words, cell_text, numeric
from data_platform.cli.console.text import clean, words
from data_platform.spec.display_width import measure_width

COMMAND = "cyan"
"""The style of what is to be typed."""


class Terminal(Paper):
    """A window that somebody looks at."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        self.console = Console(file=stream, force_terminal=True, highlight=False, markup=False, emoji=False)

    def line(self, *pieces: Piece, indent: int = 0, hang: int = 0) -> None:
        """One line; the window wraps it, and an indented one stays indented, also where its text begins with blanks."""
        text = Text.assemble(*(_text(piece, words) for piece in pieces if piece))
        if not indent and not self._wraps(text, pieces):
            self.console.print(text, soft_wrap=True)
            return
        blanks = len(text.plain) - len(text.plain.lstrip(" "))
        left, hang = indent + blanks, min(hang, self.console.width // 2)
        room = max(self.console.width - left, 1)
        for number, line in enumerate(self._hang(text[blanks:], room, hang)):
            self.console.print(Padding(line, (0, 0, 0, left + (hang if number else 0)), expand=False))

    def _hang(self, text: Text, room: int, hang: int) -> list[Text]:
        """The lines of a text: the first has all of `room`, the others `hang` less."""
        first = text.wrap(self.console, room)[0]
        rest = text[len(first.plain) :]
        rest = rest[len(rest.plain) - len(rest.plain.lstrip(" ")) :]
        return [first, *rest.wrap(self.console, max(room - hang, 1))] if rest.plain else [first]

    def _wraps(self, text: Text, pieces: Sequence[Piece]) -> bool:
        """Whether the line may be broken between words: a command is to be copied whole, and so is a long path."""
        commands = any(isinstance(piece, Styled) and piece.style == COMMAND for piece in pieces)
        return not commands and all(measure_width(word) <= self.console.width for word in text.plain.split())

    def _lay_out(self, header: list[str], rows: list[list[Any]], show: Words, one_line: Collection[str] | None) -> None:
        """A table as wide as the window, or records where it is too narrow."""
        columns = [[name, *(cell_text(row[at], show) for row in rows)] for at, name in enumerate(header)]
        room = self.console.width
        widths = table_widths(columns, room) if one_line is None else one_line_widths(columns, room, one_line)
        if widths is None:
            self._records(header, rows, show)
            return
        fits = len(widths)
        self._table(header[:fits], [row[:fits] for row in rows], show, widths, one_line=one_line is not None)

    def _records(self, header: Sequence[str], rows: Sequence[Sequence[Any]], show: Words) -> None:
        """A line a value, its name before it; records are set apart by a blank line."""
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

    def data(self, header: Sequence[str], columns: Sequence[Sequence[Any]], show: Words = words) -> int:
        """As many leading columns as fit with their headers and words whole; long values take several lines."""
        texts = ([clean(name), *(cell_text(cell, show) for cell in c)] for name, c in zip(header, columns, strict=True))
        widths = fitting(texts, self.console.width)
        fits = len(widths)
        self._table(header[:fits], list(zip(*columns[:fits], strict=True)), show, widths, one_line=False)
        return len(header) - fits

    def _table(
        self,
        header: Sequence[str],
        rows: Sequence[Sequence[Any]],
        show: Words,
        widths: Sequence[int],
        *,
        one_line: bool,
    ) -> None:
        table = Table(box=SIMPLE_HEAD, header_style="bold", pad_edge=False, show_edge=False, padding=(0, 1, 0, 0))
        for name, right, wide in zip(header, numeric(rows, len(header)), widths, strict=True):
            justify: Literal["right", "left"] = "right" if right else "left"
            table.add_column(_fit(name, wide, one_line), justify=justify, overflow="ellipsis", width=wide, no_wrap=True)
        for row in rows:
            table.add_row(*(_fit(cell, wide, one_line, show) for cell, wide in zip(row, widths, strict=True)))
        self.console.print(table)

    @contextmanager
    def progress(self) -> Iterator[Callable[[str], None]]:
        """A line with a turning wheel."""
        with self.console.status("") as status:
            yield lambda text: status.update(Text(clean(text)))


def _text(cell: Any, show: Words) -> Text:
    return Text(cell_text(cell, show), style=cell.style if isinstance(cell, Styled) else "")


def _fit(cell: Any, wide: int, one_line: bool = False, show: Words = words) -> Text:
    """The cell in lines of that width, broken by our own measure: that of rich breaks words beside joined emoji."""
    text = cell_text(cell, show)
    lines = [cut(text, wide)] if one_line else wrapped(text, wide)
    return Text("\n".join(lines), style=cell.style if isinstance(cell, Styled) else "")
