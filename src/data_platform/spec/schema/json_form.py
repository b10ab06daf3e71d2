"""A table's schema as the JSON that the record stores, without loss; types are spelled as Iceberg's JSON spells them.

https://iceberg.apache.org/spec/#appendix-c-json-serialization
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from data_platform.spec.schema.constraints import from_words, to_words
from data_platform.spec.schema.types import (
    NO_CONSTRAINTS,
    Anonymised,
    Constraints,
    DataType,
    Decimal,
    Fixed,
    Kind,
    ListOf,
    MapOf,
    Primitive,
    SchemaColumn,
    Struct,
    TableSchema,
)

_DECIMAL = re.compile(r"decimal\((\d+),(\d+)\)")
_FIXED = re.compile(r"fixed\[(\d+)]")


def serialize_schema(schema: TableSchema) -> dict[str, Any]:
    """The schema as JSON values."""
    stored: dict[str, Any] = {"columns": [_serialize_column(column) for column in schema]}
    if schema.description is not None:
        stored["description"] = schema.description
    return stored


def restore_schema(stored: Mapping[str, Any]) -> TableSchema:
    """The schema that `serialize_schema` wrote."""
    return TableSchema(tuple(map(_restore_column, stored["columns"])), stored.get("description"))


def serialize_type(kind: DataType) -> str | dict[str, Any]:
    """A type as JSON: its name, or an object for the nested ones."""
    match kind:
        case ListOf(element, required, constraints):
            inner = {"type": "list", "element": serialize_type(element), "element-required": required}
            return inner | _serialize_constraints(constraints)
        case MapOf(key, value, required, constraints):
            inner = {
                "type": "map",
                "key": serialize_type(key),
                "value": serialize_type(value),
                "value-required": required,
            }
            return inner | _serialize_constraints(constraints)
        case Struct(fields):
            return {"type": "struct", "fields": [_serialize_column(field) for field in fields]}
        case _:
            return str(kind)


def restore_type(stored: str | Mapping[str, Any]) -> DataType:
    """The type that `serialize_type` wrote."""
    if isinstance(stored, str):
        return _restore_plain_type(stored)
    match stored["type"]:
        case "list":
            element = restore_type(stored["element"])
            return ListOf(element, stored["element-required"], _restore_constraints(stored))
        case "map":
            key, value = restore_type(stored["key"]), restore_type(stored["value"])
            return MapOf(key, value, stored["value-required"], _restore_constraints(stored))
        case _:
            return Struct(tuple(map(_restore_column, stored["fields"])))


@lru_cache(maxsize=1_000)
def _restore_plain_type(text: str) -> DataType:
    if match := _DECIMAL.fullmatch(text):
        return Decimal(int(match[1]), int(match[2]))
    if match := _FIXED.fullmatch(text):
        return Fixed(int(match[1]))
    return Primitive(Kind(text))


def _serialize_column(column: SchemaColumn) -> dict[str, Any]:
    stored: dict[str, Any] = {
        "name": column.name,
        "type": serialize_type(column.type),
        "required": column.required,
        "description": column.description,
        "tags": list(column.tags),
        "encryption": column.encryption,
    }
    if column.not_pii is not None:
        stored["not_pii"] = column.not_pii
    if column.anonymised is not None:
        stored["anonymised"] = column.anonymised.to_json()
    if column.term is not None:
        stored["term"] = column.term
    kept = {key: value for key, value in stored.items() if value not in (None, [])}
    return kept | _serialize_constraints(column.constraints)


def _restore_column(stored: Mapping[str, Any]) -> SchemaColumn:
    return SchemaColumn(
        name=stored["name"],
        type=restore_type(stored["type"]),
        required=stored["required"],
        description=stored.get("description"),
        tags=tuple(stored.get("tags", ())),
        encryption=stored.get("encryption"),
        constraints=_restore_constraints(stored),
        not_pii=stored.get("not_pii"),
        anonymised=Anonymised.from_json(stored["anonymised"]) if "anonymised" in stored else None,
        term=stored.get("term"),
    )


def _serialize_constraints(constraints: Constraints) -> dict[str, Any]:
    words = to_words(constraints)
    return {"constraints": words} if words else {}


def _restore_constraints(stored: Mapping[str, Any]) -> Constraints:
    words = stored.get("constraints")
    return from_words(words) if words else NO_CONSTRAINTS
