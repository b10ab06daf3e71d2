"""How many columns of a table fit into a window, and how wide each may be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from data_platform.cli.text import width

GAP = 3
"""The blanks between two columns on a terminal."""
FOLDED = 40
"""A longer value takes several lines of so many columns rather than hide the columns beside it."""
WORD = 64
"""A word up to this length (a hash in hex) is not folded."""


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
        whole.append(max(map(width, cells)))
    return _spread(least, whole, room - sum(least) - GAP * (len(least) - 1))


def _least(cell: str) -> int:
    wide = width(cell)
    if wide <= FOLDED:
        return wide
    return max(FOLDED, min(max(map(width, cell.split()), default=0), WORD))


def _spread(least: Sequence[int], whole: Sequence[int], left: int) -> list[int]:
    widths = []
    for narrow, wide in zip(least, whole, strict=True):
        more = min(wide - narrow, left)
        widths.append(narrow + more)
        left -= more
    return widths
