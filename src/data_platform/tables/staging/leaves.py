"""The leaf columns that Parquet makes of a table's columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from operator import attrgetter

import pyarrow as pa
import pyarrow.compute as pc

from data_platform.spec.schema.types import DataType, ListOf, MapOf, SchemaColumn, Struct

Take = Callable[[pa.Array], pa.Array]


def list_leaf_paths(column: SchemaColumn) -> Iterator[str]:
    """The Parquet leaf columns of a column, dotted as Parquet names them."""
    return (path for path, _ in walk_leaves(column.name, column.type))


def walk_leaves(path: str, kind: DataType) -> Iterator[tuple[str, DataType]]:
    """The path and the type of each leaf of a value of type `kind` at `path`."""
    parts = split_type(kind)
    if parts is None:
        yield path, kind
        return
    for step, inner, _ in parts:
        yield from walk_leaves(f"{path}.{step}", inner)


def split_type(kind: DataType) -> list[tuple[str, DataType, Take]] | None:
    """The parts of a nested type: the path step of each, its type, and the function for its values; None for a leaf.

    For lists and maps the values may include some that are not written.
    """
    match kind:
        case Struct(fields):
            return [(inner.name, inner.type, _take_field(inner.name)) for inner in fields]
        case ListOf(element=element):
            return [("list.element", element, pc.list_flatten)]
        case MapOf(key=key, value=value):
            return [("key_value.key", key, attrgetter("keys")), ("key_value.value", value, attrgetter("items"))]
        case _:
            return None


def _take_field(name: str) -> Take:
    return lambda array: pc.struct_field(array, name)
