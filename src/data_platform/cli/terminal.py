"""Answers on a terminal: coloured where NO_COLOR does not forbid it, and as wide as the window."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TextIO

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from data_platform.cli.fitting import fitting
from data_platform.cli.paper import Paper, Piece, Styled, Words, cell_text, numeric
from data_platform.cli.text import clean, words


class Terminal(Paper):
    """A window that somebody looks at."""

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        self.console = Console(file=stream, force_terminal=True, highlight=False, markup=False, emoji=False)

    def line(self, *pieces: Piece, indent: int = 0) -> None:
        """One line; the window wraps it, and an indented one stays indented."""
        text = Text.assemble(*(_text(piece, words) for piece in pieces if piece))
        if indent:
            self.console.print(Padding(text, (0, 0, 0, indent), expand=False))
        else:
            self.console.print(text, soft_wrap=True)

    def table(self, header: Sequence[str], rows: Iterable[Sequence[Any]], show: Words = words) -> None:
        """A table as wide as the window; long cells take several lines."""
        self._table(header, [list(row) for row in rows], show, [None] * len(header))

    def data(self, header: Sequence[str], columns: Sequence[Sequence[Any]], show: Words = words) -> int:
        """As many leading columns as fit with their headers and words whole; long values take several lines."""
        texts = ([clean(name), *(cell_text(cell, show) for cell in c)] for name, c in zip(header, columns, strict=True))
        widths = fitting(texts, self.console.width)
        shown = len(widths)
        self._table(header[:shown], list(zip(*columns[:shown], strict=True)), show, widths)
        return len(header) - shown

    def _table(
        self, header: Sequence[str], rows: Sequence[Sequence[Any]], show: Words, widths: Sequence[int | None]
    ) -> None:
        table = Table(box=SIMPLE_HEAD, header_style="bold", pad_edge=False, show_edge=False)
        for name, right, wide in zip(header, numeric(rows, len(header)), widths, strict=True):
            table.add_column(Text(clean(name)), justify="right" if right else "left", overflow="fold", width=wide)
        for row in rows:
            table.add_row(*(_text(cell, show) for cell in row))
        self.console.print(table)

    @contextmanager
    def progress(self) -> Iterator[Callable[[str], None]]:
        """A line with a turning wheel."""
        with self.console.status("") as status:
            yield lambda text: status.update(Text(clean(text)))


def _text(cell: Any, show: Words) -> Text:
    return Text(cell_text(cell, show), style=cell.style if isinstance(cell, Styled) else "")
