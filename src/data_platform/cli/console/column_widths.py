"""Computes which columns of a table fit into a window, and how wide they are."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

from data_platform.spec.display_width import measure_width

GAP = 2
"""The spaces between two columns on a terminal."""
FOLDED = 40
"""A longer value is wrapped to this width, so that it does not hide the columns beside it."""
WORD = 64
"""A word up to this length, such as a hash in hex, is not wrapped."""


NARROW = 12
"""The least width of a cell with several words."""
LONGEST_WORD = 32
"""A longer word of a catalog answer is truncated, so that it does not hide the columns beside it."""
SHORT = 16
"""The least width of a cell that may be truncated."""


_WORD = r"""(?:'[^']*'|"[^"]*"|[^\s:;,']*[^\s:;,'](?=[\s:;,']|$))"""
_UNIT = re.compile(rf"`[^`]+`\S*|(?:\w+=\S+ )*data-platform(?: {_WORD})*[:;,]?|\S+")
"""A word, or a command up to the next comma, colon or semicolon."""


def fit_table(columns: Sequence[Sequence[str]], room: int) -> list[int] | None:
    """Returns the widths of all columns, so that no word is broken; None if the window is too narrow for a table.

    The cells of a column begin with its header. Long cells are wrapped.
    """
    whole = [max(map(measure_width, cells)) for cells in columns]
    least = [max(map(_measure_least_words, cells)) for cells in columns]
    left = room - sum(least) - GAP * (len(least) - 1)
    return None if left < 0 else _split_room(least, whole, left)


def fit_one_line_table(columns: Sequence[Sequence[str]], room: int, uncut: Collection[str] = ()) -> list[int]:
    """Returns the widths of the leading columns that fit if a row is one line; longer cells are truncated.

    The columns with the headers `uncut` are not truncated.
    """
    whole = [max(map(measure_width, cells)) for cells in columns]
    least = [
        wide if cells[0] in uncut else min(wide, max(SHORT, measure_width(cells[0])))
        for wide, cells in zip(whole, columns, strict=True)
    ]
    while len(least) > 1 and sum(least) + GAP * (len(least) - 1) > room:
        least.pop()
    least[0] = min(least[0], room)
    return _split_room(least, whole[: len(least)], room - sum(least) - GAP * (len(least) - 1))


def wrap(text: str, room: int) -> list[str]:
    """Wraps the text into lines of at most `room` columns; a longer word is truncated with …"""
    if measure_width(text) <= room:
        return [text]
    lines: list[str] = []
    for word in text.split():
        word = truncate(word, room)
        if lines and measure_width(lines[-1]) + 1 + measure_width(word) <= room:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines or [""]


def wrap_hint(text: str, room: int) -> list[str]:
    """Wraps the text into lines of at most `room` columns, but breaks no command; a longer word is not truncated."""
    lines: list[str] = []
    for unit in (match[0] for match in _UNIT.finditer(text)):
        if lines and measure_width(lines[-1]) + 1 + measure_width(unit) <= room:
            lines[-1] += f" {unit}"
        else:
            lines.append(unit)
    return lines or [""]


def truncate(text: str, room: int) -> str:
    """Truncates the text to `room` columns, with … at its end."""
    if measure_width(text) <= room:
        return text
    while text and measure_width(text) > room - 1:
        text = text[: min(len(text) - 1, room)]
    return f"{text}…"


def _measure_least_words(cell: str) -> int:
    longest = max(map(measure_width, cell.split()), default=0)
    return max(min(longest, LONGEST_WORD), min(measure_width(cell), NARROW))


def _split_room(least: Sequence[int], whole: Sequence[int], left: int) -> list[int]:
    """Distributes the remaining room in equal parts, beginning with the columns that need least."""
    widths = list(least)
    wanting = sorted(range(len(widths)), key=lambda at: whole[at] - least[at])
    for done, at in enumerate(wanting):
        more = min(whole[at] - least[at], left // (len(wanting) - done))
        widths[at] += max(0, more)
        left -= max(0, more)
    return widths


def fit_data_columns(columns: Iterable[Sequence[str]], room: int) -> list[int]:
    """Returns the widths of the leading columns that fit into `room`, at least one; cells begin with the header.

    A column is as wide as its header and its words. The remaining room is given to long values, in order.
    """
    least: list[int] = []
    whole: list[int] = []
    for cells in columns:
        needed = min(max(map(_measure_least, cells)), room)
        if least and sum(least) + needed + GAP * len(least) > room:
            break
        least.append(needed)
        whole.append(max(map(measure_width, cells)))
    return _fill_in_order(least, whole, room - sum(least) - GAP * (len(least) - 1))


def _measure_least(cell: str) -> int:
    wide = measure_width(cell)
    if wide <= FOLDED:
        return wide
    return max(FOLDED, min(max(map(measure_width, cell.split()), default=0), WORD))


def _fill_in_order(least: Sequence[int], whole: Sequence[int], left: int) -> list[int]:
    widths = []
    for narrow, wide in zip(least, whole, strict=True):
        more = min(wide - narrow, left)
        widths.append(narrow + more)
        left -= more
    return widths
