"""Infers the types of JSON rows without a contract, from all rows, so that they represent every value.

Text of a column is a date or an instant if every value is one, as in CSV; inside objects and arrays it stays text.
Whole numbers are longs, others doubles if each gives back its digits, else decimals.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import pyarrow as pa

from data_platform.errors import Mismatch, SchemaMismatch
from data_platform.settings.read_options import TextFormats
from data_platform.tables.intake.inference import TextColumn, make_moment_column, make_number_column
from data_platform.tables.intake.json.columns import NOTHING, name_kind
from data_platform.tables.intake.json.scan import NumberText, Row
from data_platform.tables.intake.stream import MOST_INFERRED, require_inferable

_DEEPEST = 32
_MOST_MEMBERS = 2_000
_NUMBERS = (int, NumberText)


def infer_rows(lists: Iterable[list[Row]], place: str, formats: TextFormats) -> pa.Schema:
    """The schema of all rows; SchemaMismatch names each column whose values have no type in common."""
    root = _Shape(formats)
    seen = 0
    for rows in lists:
        root.look(rows, range(seen + 1, seen + len(rows) + 1))
        require_inferable(root.width, place)
        seen += len(rows)
    problems: list[Mismatch] = []
    schema = pa.schema([(name, shape.infer_type(name, problems)) for name, shape in root.members.items()])
    if problems:
        raise SchemaMismatch("", problems, file=place)
    return schema


@dataclass(slots=True)
class _Shape:
    """The kinds of values of a column, member or element so far; `kinds` has the first row of each kind."""

    formats: TextFormats
    depth: int = 0
    kinds: dict[str, int] = field(default_factory=dict)
    members: dict[str, _Shape] = field(default_factory=dict)
    width: int = 0
    """The number of members, also of those that are too many to be looked at."""
    element: _Shape | None = None
    numbers: TextColumn | None = None
    texts: TextColumn | None = None

    def look(self, values: Sequence[Any], row_numbers: Sequence[int]) -> None:
        """Takes some values into account, each with the number of its row."""
        kinds = dict.fromkeys(map(type, values))  # in order, for messages
        kinds.pop(NOTHING, None)
        for kind in kinds:
            if name_kind(kind) not in self.kinds:
                index = next(number for number, value in enumerate(values) if type(value) is kind)
                self.kinds[name_kind(kind)] = row_numbers[index]
        if len(self.kinds) > 1 or self.depth > _DEEPEST:
            return
        if dict in kinds:
            present = [index for index, value in enumerate(values) if value is not None]
            self._look_inside([values[index] for index in present], [row_numbers[index] for index in present])
        elif list in kinds:
            self.element = self.element or _Shape(self.formats, self.depth + 1)
            items = list(chain.from_iterable(value for value in values if value))
            pairs = zip(values, row_numbers, strict=True)
            self.element.look(items, [number for value, number in pairs for _ in value or ()])
        elif kinds.keys() & set(_NUMBERS):
            self.numbers = self.numbers or make_number_column()
            self.numbers.look(pa.array([None if v is None else str(v) for v in values], pa.string()))
        elif str in kinds and self.depth == 1:
            self.texts = self.texts or make_moment_column(self.formats)
            self.texts.look(pa.array(values, pa.string()))

    def _look_inside(self, objects: Sequence[Row], row_numbers: Sequence[int]) -> None:
        names = dict.fromkeys(chain.from_iterable(objects))
        self.width = len(self.members.keys() | names.keys())
        if self.width > (_MOST_MEMBERS if self.depth else MOST_INFERRED):
            return
        for name in names:
            member = self.members.setdefault(name, _Shape(self.formats, self.depth + 1))
            member.look([value.get(name) for value in objects], row_numbers)

    def infer_type(self, path: str, problems: list[Mismatch]) -> pa.DataType:
        """The type of all values; a problem is added if there is none."""
        if len(self.kinds) > 1:
            kinds = " and ".join(f"{kind} (row {row:,})" for kind, row in self.kinds.items())
            problems.append(Mismatch(path, "type", f"its values are of several types: {kinds}"))
        elif self.depth > _DEEPEST or self.width > _MOST_MEMBERS:
            what = f"is nested deeper than {_DEEPEST}" if self.depth > _DEEPEST else "has too many members"
            problems.append(Mismatch(path, "type", f"{what} for a type to be inferred; write a schema"))
        elif self.members:
            return pa.struct([(name, m.infer_type(f"{path}.{name}", problems)) for name, m in self.members.items()])
        elif "an object" in self.kinds:
            return pa.struct([])
        elif self.element:
            return pa.list_(self.element.infer_type(f"{path}.element", problems))
        elif self.numbers:
            kind = self.numbers.infer_type()
            if pa.types.is_string(kind):
                problems.append(Mismatch(path, "type", "its numbers are too large or too precise for any type"))
            return kind
        elif self.texts:
            return self.texts.infer_type()
        elif self.kinds:
            return pa.bool_() if "a boolean" in self.kinds else pa.string()
        return pa.null()
