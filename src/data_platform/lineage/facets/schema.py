"""The schema facet: columns with their types, nested ones with what is inside them."""

from __future__ import annotations

from collections.abc import Iterable

from data_platform.lineage.facets.envelope import Json, build_facet
from data_platform.spec.schema.types import DataType, ListOf, MapOf, SchemaColumn, Struct, TableSchema


def build_schema_fields(table: TableSchema) -> Json:
    """Columns with their types, nested ones with what is inside them."""
    return build_facet("SchemaDatasetFacet", "1-2-0", fields=_build_fields(table))


def _build_fields(columns: Iterable[SchemaColumn]) -> list[Json]:
    return [
        _build_field(column.name, column.type, column.description) | {"ordinal_position": at}
        for at, column in enumerate(columns, 1)
    ]


def _build_field(name: str, kind: DataType, description: str | None = None) -> Json:
    field: Json = {"name": name, "type": str(kind)}
    if description:
        field["description"] = description
    match kind:
        case Struct(fields):
            return field | {"type": "struct", "fields": _build_fields(fields)}
        case ListOf(element=element):
            return field | {"type": "list", "fields": [_build_field("_element", element)]}
        case MapOf(key=key, value=value):
            return field | {"type": "map", "fields": [_build_field("key", key), _build_field("value", value)]}
    return field
