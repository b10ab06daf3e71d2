"""What makes a change to a table break those who read it, and those who write it.

*Backward* protects readers: what reads data of the old schema reads data of the new one under the same names. Every
column it knows is still there, of the same or a wider type, and not null where it never was. What is added, and what
becomes required, breaks nobody who reads.

*Forward* protects writers: data made for the old schema can be published under the new one. Every column that it may
hold is still there, its values fit, and nothing is demanded that it need not hold.

Widening is Iceberg's type promotion (https://iceberg.apache.org/spec/#schema-evolution): int to long, float to double,
decimal to more digits at the same scale.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from data_platform.governance.findings import Finding
from data_platform.spec.policies.modes import Mode
from data_platform.spec.schema.types import (
    Column,
    DataType,
    Decimal,
    Kind,
    ListOf,
    MapOf,
    Primitive,
    Struct,
    TableSchema,
)

_WIDER = {(Primitive(Kind.INT), Primitive(Kind.LONG)), (Primitive(Kind.FLOAT), Primitive(Kind.DOUBLE))}
_INNER = ("element", "key", "value")


def table_findings(old: TableSchema, new: TableSchema, mode: Mode) -> list[Finding]:
    """Whatever `mode` forbids in the change from `old` to `new`, in the old schema's order; empty is none."""
    return list(_Change(mode).columns(old, new, ()))


def widens(old: DataType, new: DataType) -> bool:
    """Whether every value of a type is a value of the other, without nested types."""
    if isinstance(old, Decimal) and isinstance(new, Decimal):
        return new.scale == old.scale and new.precision >= old.precision
    return old == new or (old, new) in _WIDER


class _Change:
    """A change of columns, judged for those whom a mode protects."""

    def __init__(self, mode: Mode) -> None:
        self._readers = mode.backward
        self._writers = mode.forward

    def columns(self, old: Iterable[Column], new: Iterable[Column], path: tuple[str, ...]) -> Iterator[Finding]:
        before, after = {c.name: c for c in old}, {c.name: c for c in new}
        added = {name: column for name, column in after.items() if name not in before}
        for name, column in before.items():
            if name in after:
                yield from self._column(column, after[name], (*path, name))
            elif self._readers or self._writers:
                yield Finding((*path, name), self._removed(column, added))
        for name, column in added.items():
            if self._writers and column.required:
                yield Finding((*path, name), "is new and required, and data of before does not have it")

    def _removed(self, column: Column, added: Mapping[str, Column]) -> str:
        heirs = [other.name for other in added.values() if widens(column.type, other.type)]
        named = f"was removed, or renamed to {heirs[0]}" if len(heirs) == 1 else "was removed"
        if not self._readers:
            return f"{named}: data of before has a place for it no more"
        beside = f" {column.name} beside it" if len(heirs) == 1 else " it"
        return f"{named}: keep{beside} until nobody reads it"

    def _column(self, old: Column, new: Column, path: tuple[str, ...]) -> Iterator[Finding]:
        yield from self._null(old.required, new.required, path)
        yield from self._type(old.type, new.type, path)

    def _null(self, old_required: bool, new_required: bool, path: tuple[str, ...]) -> Iterator[Finding]:
        if self._readers and old_required and not new_required:
            yield Finding(path, "may now be null, and was never null before")
        if self._writers and new_required and not old_required:
            yield Finding(path, "may no longer be null, and data of before may hold nulls")

    def _type(self, old: DataType, new: DataType, path: tuple[str, ...]) -> Iterator[Finding]:
        element, key, value = ((*path, inner) for inner in _INNER)
        match old, new:
            case Struct(before), Struct(after):
                yield from self.columns(before, after, path)
            case ListOf(), ListOf():
                yield from self._null(old.element_required, new.element_required, element)
                yield from self._type(old.element, new.element, element)
            case MapOf(), MapOf():
                yield from self._type(old.key, new.key, key)
                yield from self._null(old.value_required, new.value_required, value)
                yield from self._type(old.value, new.value, value)
            case _ if not widens(old, new) and (self._readers or self._writers):
                change = "narrowed" if widens(new, old) else "changed"
                yield Finding(path, f"its type was {change} from {old} to {new}")
