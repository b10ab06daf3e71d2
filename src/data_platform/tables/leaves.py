"""The leaf columns that Parquet makes of a table's columns."""

from __future__ import annotations

from collections.abc import Iterator

from data_platform.spec.types import Column, DataType, ListOf, MapOf, Struct


def leaf_paths(column: Column) -> Iterator[str]:
    """The Parquet leaf columns of a column, dotted as Parquet names them."""
    return _leaves(column.name, column.type)


def _leaves(path: str, kind: DataType) -> Iterator[str]:
    match kind:
        case Struct(fields):
            for inner in fields:
                yield from _leaves(f"{path}.{inner.name}", inner.type)
        case ListOf(element=element):
            yield from _leaves(f"{path}.list.element", element)
        case MapOf(key=key, value=value):
            yield from _leaves(f"{path}.key_value.key", key)
            yield from _leaves(f"{path}.key_value.value", value)
        case _:
            yield path
