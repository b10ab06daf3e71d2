"""The tags facet: of a dataset, and of its columns by their path."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from data_platform.lineage.facets.envelope import INTEGRATION, Json, facet
from data_platform.spec.schema.types import Column, DataType, ListOf, MapOf, Struct, TableSchema


def tags(table: TableSchema | None, names: Iterable[str], **values: str) -> Json | None:
    """Tags of the dataset (and `values`, which are more than a word), and those of its columns such as pii."""
    found = [_tag(name) for name in dict.fromkeys(names)]
    found += [_tag(name, value) for name, value in values.items()]
    for column in table or ():
        found += [{**_tag(tag), "field": path} for path, tag in _column_tags(column, column.name)]
    return facet("TagsDatasetFacet", "1-0-0", tags=found) if found else None


def _tag(key: str, value: str = "true") -> Json:
    return {"key": key, "value": value, "source": INTEGRATION}


def _column_tags(column: Column, path: str) -> Iterator[tuple[str, str]]:
    """A column that holds a personal field is personal itself, and is told so once."""
    own = dict.fromkeys((*column.tags, *(("pii",) if column.pii else ())))
    yield from ((path, tag) for tag in own)
    for inner, field in _inside(column.type, path):
        yield from _column_tags(field, inner)


def _inside(kind: DataType, path: str) -> Iterator[tuple[str, Column]]:
    match kind:
        case Struct(fields):
            yield from ((f"{path}.{field.name}", field) for field in fields)
        case ListOf(element=element):
            yield from _inside(element, f"{path}._element")
        case MapOf(key=key, value=value):
            yield from _inside(key, f"{path}.key")
            yield from _inside(value, f"{path}.value")
