"""What makes a change to a table break its readers.

A reader of the old schema must be able to read data of the new one under the same names: every column it knows is still
there, of the same or a wider type, and not null where it never was. Widening is Iceberg's type promotion
(https://iceberg.apache.org/spec/#schema-evolution): int to long, float to double, decimal to more digits at the same
scale. What is added, and what becomes required, breaks nobody who reads.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from data_platform.errors import Break
from data_platform.spec.types import (
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


def table_breaks(old: TableSchema, new: TableSchema, output: str) -> list[Break]:
    """Every change from `old` to `new` that breaks a reader of `output`, in the old schema's order; empty is none."""
    return [Break(f"{output}.{path}", message) for path, message in _columns(old, new, "")]


def widens(old: DataType, new: DataType) -> bool:
    """Whether every value of a type is a value of the other, without nested types."""
    if isinstance(old, Decimal) and isinstance(new, Decimal):
        return new.scale == old.scale and new.precision >= old.precision
    return old == new or (old, new) in _WIDER


def _columns(old: Iterable[Column], new: Iterable[Column], prefix: str) -> Iterator[tuple[str, str]]:
    before, after = {c.name: c for c in old}, {c.name: c for c in new}
    added = [column for name, column in after.items() if name not in before]
    for name, column in before.items():
        if name in after:
            yield from _column(column, after[name], prefix + name)
        else:
            yield prefix + name, _removed(column, added)


def _removed(column: Column, added: list[Column]) -> str:
    heirs = [other.name for other in added if widens(column.type, other.type)]
    if len(heirs) == 1:
        return f"was removed, or renamed to {heirs[0]}: keep {column.name} beside it until nobody reads it"
    return "was removed: keep it until nobody reads it"


def _column(old: Column, new: Column, path: str) -> Iterator[tuple[str, str]]:
    yield from _null(old.required, new.required, path)
    yield from _type(old.type, new.type, path)


def _null(old_required: bool, new_required: bool, path: str) -> Iterator[tuple[str, str]]:
    if old_required and not new_required:
        yield path, "may now be null, and was never null before"


def _type(old: DataType, new: DataType, path: str) -> Iterator[tuple[str, str]]:
    match old, new:
        case Struct(before), Struct(after):
            yield from _columns(before, after, f"{path}.")
        case ListOf(), ListOf():
            yield from _null(old.element_required, new.element_required, f"{path}.element")
            yield from _type(old.element, new.element, f"{path}.element")
        case MapOf(), MapOf():
            yield from _type(old.key, new.key, f"{path}.key")
            yield from _null(old.value_required, new.value_required, f"{path}.value")
            yield from _type(old.value, new.value, f"{path}.value")
        case _ if not widens(old, new):
            change = "narrowed" if widens(new, old) else "changed"
            yield path, f"its type was {change} from {old} to {new}"
