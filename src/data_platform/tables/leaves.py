"""The leaf columns that Parquet makes of a table's columns."""

from __future__ import annotations

from collections.abc import Iterator

from data_platform.spec.types import Column, DataType, ListOf, MapOf, Struct


def leaf_paths(column: Column) -> Iterator[str]:
    """The Parquet leaf columns of a column, dotted as Parquet names them."""
    return (path for path, _ in walk_leaves(column.name, column.type))


def walk_leaves(path: str, kind: DataType) -> Iterator[tuple[str, DataType]]:
    """The path and the type of each leaf of a value of that type, which stands at `path`."""
    match kind:
        case Struct(fields):
            for inner in fields:
                yield from walk_leaves(f"{path}.{inner.name}", inner.type)
        case ListOf(element=element):
            yield from walk_leaves(f"{path}.list.element", element)
        case MapOf(key=key, value=value):
            yield from walk_leaves(f"{path}.key_value.key", key)
            yield from walk_leaves(f"{path}.key_value.value", value)
        case _:
            yield path, kind
