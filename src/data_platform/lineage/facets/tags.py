"""The tags facet: of a dataset, and of its columns by their path."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from data_platform.lineage.facets.envelope import INTEGRATION, Json, build_facet
from data_platform.spec.schema.types import DataType, ListOf, MapOf, SchemaColumn, Struct, TableSchema


def build_tags(table: TableSchema | None, names: Iterable[str], **values: str) -> Json | None:
    """Tags of the dataset (and `values`, tags with a value), and those of its columns such as pii."""
    entries = [_build_tag(name) for name in dict.fromkeys(names)]
    entries += [_build_tag(name, value) for name, value in values.items()]
    for column in table or ():
        entries += [{**_build_tag(tag), "field": path} for path, tag in _list_column_tags(column, column.name)]
    return build_facet("TagsDatasetFacet", "1-0-0", tags=entries) if entries else None


def _build_tag(key: str, value: str = "true") -> Json:
    return {"key": key, "value": value, "source": INTEGRATION}


def _list_column_tags(column: SchemaColumn, path: str) -> Iterator[tuple[str, str]]:
    """The tags of a column and its fields by path; a column with a personal field has the tag pii once."""
    own = dict.fromkeys((*column.tags, *(("pii",) if column.pii else ())))
    yield from ((path, tag) for tag in own)
    for inner, field in _list_inner(column.type, path):
        yield from _list_column_tags(field, inner)


def _list_inner(kind: DataType, path: str) -> Iterator[tuple[str, SchemaColumn]]:
    match kind:
        case Struct(fields):
            yield from ((f"{path}.{field.name}", field) for field in fields)
        case ListOf(element=element):
            yield from _list_inner(element, f"{path}._element")
        case MapOf(key=key, value=value):
            yield from _list_inner(key, f"{path}.key")
            yield from _list_inner(value, f"{path}.value")
