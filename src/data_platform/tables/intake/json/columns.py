"""Builds the columns of JSON rows in the structure that the column types require; values are not converted.

Whole numbers become Arrow's integers, other numbers the text of the file, and the cast decides what they become. A
value of another kind, such as a number in a text column, is recorded as a problem with its row.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, chain
from typing import Any

import pyarrow as pa

from data_platform.errors import Mismatch
from data_platform.spec.schema.arrow import ARROW
from data_platform.tables.intake.json.scan import NumberText

RowOf = Callable[[int], int]
NOTHING = type(None)
_MOST_EXTRA = 1_000
"""Members of a list of rows that the contract lacks, which are handed to the cast; more are counted here."""
_TYPES = {arrow: kind.value for kind, arrow in ARROW.items()}
_KINDS = {str: "text", NumberText: "a number", int: "a number", bool: "a boolean", list: "an array", dict: "an object"}


def name_kind(kind: type) -> str:
    """JSON's name for the kind of a value."""
    return _KINDS.get(kind, "something else")


@dataclass(slots=True)
class ColumnBuilder:
    """Builds the columns of lists of rows; values that do not fit are in `problems`.

    `wanted` are the dotted members in the types of the objects so far, `seen` those that occur in an object.
    """

    problems: list[Mismatch] = field(default_factory=list)
    wanted: set[str] = field(default_factory=set)
    seen: set[str] = field(default_factory=set)

    def build_struct(self, values: Sequence[Any], kind: pa.DataType, path: str, row_of: RowOf) -> pa.Array:
        """Objects; a member that the type lacks is added as nulls, so that the cast reports it as extra."""
        objects = [value for value in values if value is not None]
        members = [member.name for member in kind]
        names = set().union(*objects)
        extra = sorted(names.difference(members))
        if len(extra) > _MOST_EXTRA:
            what = f"{len(extra):,} {'members' if path else 'columns'}"
            self.problems.append(Mismatch(f"{path}.{what}", "extra", "are not in the contract"))
            extra = []
        if objects:
            self.wanted |= {f"{path}.{name}" for name in members}
            self.seen |= {f"{path}.{name}" for name in names}
        arrays = [
            self.build_column(
                [None if v is None else v.get(m.name) for v in values], m.type, f"{path}.{m.name}", row_of
            )
            for m in kind
        ]
        arrays += [pa.nulls(len(values)) for _ in extra]
        mask = pa.array([value is None for value in values]) if len(objects) < len(values) else None
        return pa.StructArray.from_arrays(arrays, [*members, *extra], mask=mask)

    def build_column(self, values: Sequence[Any], kind: pa.DataType, path: str, row_of: RowOf) -> pa.Array:
        """The values of a column or member of type `kind`; `row_of` returns the row of a value."""
        kinds = set(map(type, values)) - {NOTHING}
        if not kinds:
            return pa.nulls(len(values))
        if strange := kinds - _find_accepted(kind):
            index = next(number for number, value in enumerate(values) if type(value) in strange)
            what = f"is {name_kind(type(values[index]))} in row {row_of(index):,}"
            self.problems.append(Mismatch(path, "value", f"{what}, which does not fit {_describe_type(kind)}"))
            return pa.nulls(len(values))
        if pa.types.is_struct(kind):
            return self.build_struct(values, kind, path, row_of)
        if pa.types.is_list(kind):
            return self._build_list(values, kind, path, row_of)
        if pa.types.is_map(kind):
            return self._build_map(values, kind, path, row_of)
        return _build_scalars(values, kinds)

    def _build_list(self, values: Sequence[Any], kind: pa.DataType, path: str, row_of: RowOf) -> pa.Array:
        offsets = _compute_offsets(values)
        items = list(chain.from_iterable(value for value in values if value))
        array = self.build_column(items, kind.value_type, f"{path}.element", _make_row_of(offsets, row_of))
        return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), array, mask=_mask(values))

    def _build_map(self, values: Sequence[Any], kind: pa.DataType, path: str, row_of: RowOf) -> pa.Array:
        offsets = _compute_offsets(values)
        inside = _make_row_of(offsets, row_of)
        keys = list(chain.from_iterable(value for value in values if value))
        items = list(chain.from_iterable(value.values() for value in values if value))
        array = self.build_column(items, kind.item_type, f"{path}.value", inside)
        names = pa.array(keys, pa.string())
        return pa.MapArray.from_arrays(pa.array(offsets, pa.int32()), names, array, mask=_mask(values))


def _build_scalars(values: Sequence[Any], kinds: set[type]) -> pa.Array:
    if kinds == {bool}:
        return pa.array(values, pa.bool_())
    if kinds == {int}:
        try:
            return pa.array(values, pa.int64())
        except OverflowError:
            pass
    if kinds <= {str, NumberText}:
        return pa.array(values, pa.string())
    return pa.array([_to_text(value) for value in values], pa.string())


def _to_text(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if value is None or isinstance(value, str) else str(value)


def _find_accepted(kind: pa.DataType) -> set[type]:
    """The kinds of JSON values that the type accepts; the cast checks their content."""
    types = pa.types
    if types.is_struct(kind) or types.is_map(kind):
        return {dict}
    if types.is_list(kind):
        return {list}
    if types.is_boolean(kind):
        return {bool, str}
    if types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind):
        return {int, NumberText, str}
    return {str}


def _describe_type(kind: pa.DataType) -> str:
    names = ((pa.types.is_struct, "an object"), (pa.types.is_map, "an object"), (pa.types.is_list, "an array"))
    return next((name for test, name in names if test(kind)), _TYPES.get(kind, str(kind).replace("128", "")))


def _compute_offsets(values: Sequence[Any]) -> list[int]:
    return [0, *accumulate(0 if value is None else len(value) for value in values)]


def _make_row_of(offsets: Sequence[int], row_of: RowOf) -> RowOf:
    return lambda index: row_of(bisect_right(offsets, index) - 1)


def _mask(values: Sequence[Any]) -> pa.Array | None:
    return pa.array([value is None for value in values]) if None in values else None
