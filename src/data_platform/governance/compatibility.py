"""Which changes of a table's schema break its readers, and which its writers.

*Backward* protects readers: a reader of the old schema can read data of the new one. Every old column still exists, of
the same or a wider type, and is not nullable where it was required. New columns, and columns that become required, do
not break readers.

*Forward* protects writers: data made for the old schema can be published under the new one. Every old column still
exists, its values fit, and no new column is required.

Widening is Iceberg's type promotion (https://iceberg.apache.org/spec/#schema-evolution): int to long, float to double,
decimal to more digits at the same scale.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from data_platform.governance.incompatibility import SchemaFinding
from data_platform.spec.policies.modes import Mode
from data_platform.spec.schema.types import (
    DataType,
    Decimal,
    Kind,
    ListOf,
    MapOf,
    Primitive,
    SchemaColumn,
    Struct,
    TableSchema,
)

_WIDER = {(Primitive(Kind.INT), Primitive(Kind.LONG)), (Primitive(Kind.FLOAT), Primitive(Kind.DOUBLE))}
_INNER = ("element", "key", "value")


def check_table_change(old: TableSchema, new: TableSchema, mode: Mode) -> list[SchemaFinding]:
    """The findings that `mode` forbids in the change from `old` to `new`, in the old schema's order."""
    return list(_TableComparison(mode).compare_columns(old, new, ()))


def is_widening(old: DataType, new: DataType) -> bool:
    """Whether every value of the type `old` is a value of `new`; nested types are not compared."""
    if isinstance(old, Decimal) and isinstance(new, Decimal):
        return new.scale == old.scale and new.precision >= old.precision
    return old == new or (old, new) in _WIDER


class _TableComparison:
    """Compares columns for the readers and writers that a mode protects."""

    def __init__(self, mode: Mode) -> None:
        self._readers = mode.backward
        self._writers = mode.forward

    def compare_columns(
        self, old: Iterable[SchemaColumn], new: Iterable[SchemaColumn], path: tuple[str, ...]
    ) -> Iterator[SchemaFinding]:
        before, after = {c.name: c for c in old}, {c.name: c for c in new}
        added = {name: column for name, column in after.items() if name not in before}
        for name, column in before.items():
            if name in after:
                yield from self._compare_column(column, after[name], (*path, name))
            elif self._readers or self._writers:
                yield SchemaFinding((*path, name), self._describe_removal(column, added))
        for name, column in added.items():
            if self._writers and column.required:
                yield SchemaFinding((*path, name), "is new and required, and older data does not have it")

    def _describe_removal(self, column: SchemaColumn, added: Mapping[str, SchemaColumn]) -> str:
        heirs = [other.name for other in added.values() if is_widening(column.type, other.type)]
        named = f"was removed, or renamed to {heirs[0]}" if len(heirs) == 1 else "was removed"
        if not self._readers:
            return f"{named}: older data still has it"
        beside = f" {column.name} beside it" if len(heirs) == 1 else " it"
        return f"{named}: keep{beside} until nobody reads it"

    def _compare_column(self, old: SchemaColumn, new: SchemaColumn, path: tuple[str, ...]) -> Iterator[SchemaFinding]:
        yield from self._compare_nullability(old.required, new.required, path)
        yield from self._compare_type(old.type, new.type, path)

    def _compare_nullability(
        self, old_required: bool, new_required: bool, path: tuple[str, ...]
    ) -> Iterator[SchemaFinding]:
        if self._readers and old_required and not new_required:
            yield SchemaFinding(path, "may now be null, and was never null before")
        if self._writers and new_required and not old_required:
            yield SchemaFinding(path, "may no longer be null, and older data may contain nulls")

    def _compare_type(self, old: DataType, new: DataType, path: tuple[str, ...]) -> Iterator[SchemaFinding]:
        element, key, value = ((*path, inner) for inner in _INNER)
        match old, new:
            case Struct(before), Struct(after):
                yield from self.compare_columns(before, after, path)
            case ListOf(), ListOf():
                yield from self._compare_nullability(old.element_required, new.element_required, element)
                yield from self._compare_type(old.element, new.element, element)
            case MapOf(), MapOf():
                yield from self._compare_type(old.key, new.key, key)
                yield from self._compare_nullability(old.value_required, new.value_required, value)
                yield from self._compare_type(old.value, new.value, value)
            case _ if not is_widening(old, new) and (self._readers or self._writers):
                change = "narrowed" if is_widening(new, old) else "changed"
                yield SchemaFinding(path, f"its type was {change} from {old} to {new}")
