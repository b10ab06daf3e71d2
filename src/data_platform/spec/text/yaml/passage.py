"""A scalar's text with the place in the file of each of its characters.

YAML takes indentation, line breaks and quotes away and leaves all other characters in their order (escapes aside), so
text and file are walked together by what is not blank.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from data_platform.spec.text.file import LINE_BREAK
from data_platform.spec.text.report import Place
from data_platform.spec.text.yaml.tree import Scalar


@dataclass(frozen=True, slots=True)
class Passage:
    """`text`, and where its stretches begin: (offset into the text, place); between them columns count on."""

    text: str
    starts: tuple[tuple[int, Place], ...]

    def locate(self, offset: int) -> Place:
        """The place of the character at `offset`."""
        begin, place = self.starts[max(bisect_right(self.starts, (offset, _LAST)) - 1, 0)]
        return Place(place.line, place.column + max(offset - begin, 0)) if place.line else place


_LAST = Place(1 << 62, 1 << 62)


def make_passage(source: str, node: Scalar) -> Passage:
    """The passage of a scalar in the file whose whole text is `source`; with escapes, all of it is where it begins."""
    lines = LINE_BREAK.split(source)
    starts = _walk_lines(lines, node)
    return Passage(node.text, tuple(starts) if starts else ((0, node.place),))


def _walk_lines(lines: list[str], node: Scalar) -> list[tuple[int, Place]]:
    row, column, quote = _begin(lines, node.place)
    starts: list[tuple[int, Place]] = []
    expected: tuple[int, int] | None = None
    for offset, character in enumerate(node.text):
        if character.isspace():
            expected = None if expected is None else (expected[0], expected[1] + 1)
            continue
        while row < len(lines) and (column >= len(lines[row]) or lines[row][column].isspace()):
            row, column = (row, column + 1) if column < len(lines[row]) else (row + 1, 0)
        if row >= len(lines) or lines[row][column] != character:
            return []
        if expected != (row, column):
            starts.append((offset, Place(row + 1, column + 1)))
        column += 2 if quote == character == "'" else 1
        expected = (row, column) if quote != character else None
    return starts


def _begin(lines: list[str], place: Place) -> tuple[int, int, str]:
    """Row and column (from 0) behind the anchor, the quote or the line of a block's sign, and the quote."""
    row, column = place.line - 1, place.column - 1
    line = lines[row]
    while line[column : column + 1] == "&":
        end = next((at for at in range(column, len(line)) if line[at].isspace()), len(line))
        column = end + len(line[end:]) - len(line[end:].lstrip())
    sign = line[column : column + 1]
    if sign in ("|", ">") and sign:
        return row + 1, 0, ""
    return (row, column + 1, sign) if sign in ("'", '"') and sign else (row, column, "")
