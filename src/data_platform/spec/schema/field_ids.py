"""Iceberg field ids (https://iceberg.apache.org/spec/#schema-evolution): a column keeps its id, and no id is reused."""

from __future__ import annotations

from collections.abc import Iterator

from data_platform.spec.schema.types import DataType, FieldIds, ListOf, MapOf, SchemaColumn, Struct, TableSchema


def assign_ids(schema: TableSchema, previous: FieldIds, last_column_id: int) -> tuple[FieldIds, int]:
    """The ids of a schema's fields, and the highest id ever given.

    `previous` holds the ids of the schema before this one (empty for a new table), `last_column_id` the highest ever
    given (0 for a new table). A path that was there keeps its id; a new one gets the next, and so does one that was
    removed in an earlier schema and is back: its old files must not show up again.
    """
    ids: FieldIds = {}
    last = max([last_column_id, *previous.values()])
    for path in iterate_field_paths(schema):
        if path not in previous:
            last += 1
        ids[path] = previous.get(path, last)
    return ids, last


def iterate_field_paths(schema: TableSchema) -> Iterator[str]:
    """The dotted path of every field, the columns themselves first, in Iceberg's order."""
    yield from schema.names
    for column in schema:
        yield from _iterate_inside(column.type, column.name)


def _iterate_inside(kind: DataType, path: str) -> Iterator[str]:
    inner = _list_children(kind)
    for name, _ in inner:
        yield f"{path}.{name}"
    for name, child in inner:
        yield from _iterate_inside(child, f"{path}.{name}")


def _list_children(kind: DataType) -> list[tuple[str, DataType]]:
    match kind:
        case ListOf(element):
            return [("element", element)]
        case MapOf(key, value):
            return [("key", key), ("value", value)]
        case Struct(fields):
            return [_name_child(field) for field in fields]
        case _:
            return []


def _name_child(field: SchemaColumn) -> tuple[str, DataType]:
    return field.name, field.type
