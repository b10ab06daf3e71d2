"""Where answers are written: plain text, whole and uncut, unless somebody sits at a terminal."""

from __future__ import annotations

import os
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any, TextIO, cast

from data_platform.cli.console.text import clean, words
from data_platform.spec.display_width import measure_width


@dataclass(frozen=True, slots=True)
class Styled:
    """A value that a terminal shows in a style of rich, such as "bold" or "red"."""

    value: Any
    style: str


Piece = str | Styled
Words = Callable[[Any], str]


class Paper(ABC):
    """A stream to write on. All text is cleaned on its way, and markup in it means nothing."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    @abstractmethod
    def line(self, *pieces: Piece, indent: int = 0, hang: int = 0) -> None:
        """One line, of pieces set side by side, `indent` blanks from the left.

        A terminal wraps it. The wrapped lines begin where the text begins, and `hang` blanks further to the right.
        """

    def table(
        self,
        header: Sequence[str],
        rows: Iterable[Sequence[Any]],
        show: Words = words,
        *,
        one_line: Collection[str] | None = None,
    ) -> None:
        """A table; `show` puts values into words, and columns of numbers alone stand to the right.

        On a terminal no word is broken: long cells take several lines, and a table that the window is too narrow for is
        laid out as records. With `one_line` a row is one line, and cells are cut but for the columns that it names.
        """
        self._lay_out([clean(name) for name in header], [list(row) for row in rows], show, one_line)

    @abstractmethod
    def _lay_out(self, header: list[str], rows: list[list[Any]], show: Words, one_line: Collection[str] | None) -> None:
        """A table, its header cleaned."""

    @abstractmethod
    def data(self, header: Sequence[str], columns: Sequence[Sequence[Any]], show: Words = words) -> int:
        """A table of somebody's data, column by column; how many columns were left out for want of room."""

    @abstractmethod
    def progress(self) -> AbstractContextManager[Callable[[str], None]]:
        """Within it, what is told stands on one line that is always the newest, and is gone at the end."""

    def heading(self, text: str) -> None:
        """A line that opens a part, with a blank line before it."""
        self.line()
        self.line(Styled(text, "bold"))


class PlainPaper(Paper):
    """Files and pipes: no colour, no wrapping, nothing cut."""

    def line(self, *pieces: Piece, indent: int = 0, hang: int = 0) -> None:
        """One line."""
        text = "".join(cell_text(piece, words) if piece else "" for piece in pieces)
        self.stream.write((" " * indent + text).rstrip() + "\n")

    def _lay_out(self, header: list[str], rows: list[list[Any]], show: Words, one_line: Collection[str] | None) -> None:
        """Columns set two blanks apart."""
        cells = [header, *([cell_text(cell, show) for cell in row] for row in rows)]
        widths = [max(map(measure_width, column)) for column in zip(*cells, strict=True)]
        right = numeric(rows, len(header))
        for row in cells:
            self.stream.write("  ".join(map(_padded, row, widths, right)).rstrip() + "\n")

    def data(self, header: Sequence[str], columns: Sequence[Sequence[Any]], show: Words = words) -> int:
        """All columns."""
        self.table(header, zip(*columns, strict=True), show)
        return 0

    @contextmanager
    def progress(self) -> Iterator[Callable[[str], None]]:
        """Says nothing: a log is no place for what is over in a moment."""
        yield lambda text: None


def answer() -> Paper:
    """Standard output: the answer, and nothing else."""
    return _paper(sys.stdout)


def notes() -> Paper:
    """Standard error: warnings, progress, errors."""
    return _paper(sys.stderr)


def is_terminal(stream: TextIO) -> bool:
    """Whether a person reads the stream, on a terminal that can do more than a typewriter."""
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def value_of(cell: Any) -> Any:
    """The cell's value without its style."""
    return cell.value if isinstance(cell, Styled) else cell


def cell_text(cell: Any, show: Words) -> str:
    """The cell in words; text is cleaned in any case."""
    value = value_of(cell)
    return clean(value) if isinstance(value, str) and value else show(value)


def numeric(rows: Sequence[Sequence[Any]], columns: int) -> list[bool]:
    """Which columns hold numbers alone."""
    return [_all_numbers([value_of(row[at]) for row in rows]) for at in range(columns)]


def _all_numbers(values: Sequence[Any]) -> bool:
    known = [value for value in values if value is not None]
    return bool(known) and all(isinstance(value, int | float) and not isinstance(value, bool) for value in known)


def _padded(cell: str, wide: int, right: bool) -> str:
    blanks = " " * (wide - measure_width(cell))
    return blanks + cell if right else cell + blanks


def _paper(stream: TextIO) -> Paper:
    if not is_terminal(stream):
        return PlainPaper(stream)
    terminal = import_module(
        "data_platform.cli.console.rich_console"
    )  # rich takes 60 ms, which a pipe need not wait for
    return cast("Paper", terminal.Terminal(stream))
