"""How a table fits into a window: how many columns, how wide each may be, and whether it is a table at all."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from data_platform.spec.display_width import measure_width

GAP = 2
"""The blanks between two columns on a terminal."""
FOLDED = 40
"""A longer value takes several lines of so many columns rather than hide the columns beside it."""
WORD = 64
"""A word up to this length (a hash in hex) is not folded."""


NARROW = 12
"""A cell of several words takes at least so many columns, so that it does not become a tower of words."""
LONGEST_WORD = 32
"""A longer word of a catalog answer is cut rather than hide the columns beside it."""
SHORT = 8
"""A cell that may be cut on its line shows at least so much."""


def table_widths(columns: Sequence[Sequence[str]], room: int) -> list[int] | None:
    """The widths of all columns, in which no word breaks; None where the window is too narrow for a table.

    The cells of each column begin with its header. Long cells take several lines.
    """
    whole = [max(map(measure_width, cells)) for cells in columns]
    least = [max(map(_least_words, cells)) for cells in columns]
    left = room - sum(least) - GAP * (len(least) - 1)
    return None if left < 0 else _share(least, whole, left)


def one_line_widths(columns: Sequence[Sequence[str]], room: int, uncut: Collection[str] = ()) -> list[int]:
    """The widths of the leading columns that fit when each row is one line; what is longer is cut.

    The columns with the headers `uncut` are whole.
    """
    whole = [max(map(measure_width, cells)) for cells in columns]
    least = [
        wide if cells[0] in uncut else min(wide, max(SHORT, measure_width(cells[0])))
        for wide, cells in zip(whole, columns, strict=True)
    ]
    while len(least) > 1 and sum(least) + GAP * (len(least) - 1) > room:
        least.pop()
    least[0] = min(least[0], room)
    return _share(least, whole[: len(least)], room - sum(least) - GAP * (len(least) - 1))


def wrapped(text: str, room: int) -> list[str]:
    """The text in lines of at most `room` columns; a word that is longer is cut with …"""
    if measure_width(text) <= room:
        return [text]
    lines: list[str] = []
    for word in text.split():
        word = cut(word, room)
        if lines and measure_width(lines[-1]) + 1 + measure_width(word) <= room:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines or [""]


def cut(text: str, room: int) -> str:
    """The text, or as much of it as fits with … behind it."""
    if measure_width(text) <= room:
        return text
    while text and measure_width(text) > room - 1:
        text = text[: min(len(text) - 1, room)]
    return f"{text}…"


def _least_words(cell: str) -> int:
    longest = max(map(measure_width, cell.split()), default=0)
    return max(min(longest, LONGEST_WORD), min(measure_width(cell), NARROW))


def _share(least: Sequence[int], whole: Sequence[int], left: int) -> list[int]:
    """What is left is given to those who need least of it first, in equal parts."""
    widths = list(least)
    wanting = sorted(range(len(widths)), key=lambda at: whole[at] - least[at])
    for done, at in enumerate(wanting):
        more = min(whole[at] - least[at], left // (len(wanting) - done))
        widths[at] += max(0, more)
        left -= max(0, more)
    return widths


def fitting(columns: Iterable[Sequence[str]], room: int) -> list[int]:
    """The widths of the leading columns that fit into `room`, at least one; the cells of each begin with its header.

    A column that is shown is as wide as its header and its words; what room is left goes to long values, in order.
    """
    least: list[int] = []
    whole: list[int] = []
    for cells in columns:
        needed = min(max(map(_least, cells)), room)
        if least and sum(least) + needed + GAP * len(least) > room:
            break
        least.append(needed)
        whole.append(max(map(measure_width, cells)))
    return _spread(least, whole, room - sum(least) - GAP * (len(least) - 1))


def _least(cell: str) -> int:
    wide = measure_width(cell)
    if wide <= FOLDED:
        return wide
    return max(FOLDED, min(max(map(measure_width, cell.split()), default=0), WORD))


def _spread(least: Sequence[int], whole: Sequence[int], left: int) -> list[int]:
    widths = []
    for narrow, wide in zip(least, whole, strict=True):
        more = min(wide - narrow, left)
        widths.append(narrow + more)
        left -= more
    return widths
