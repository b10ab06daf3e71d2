"""A table's schema as the JSON that the record keeps, without loss; types are spelled as Iceberg's JSON spells them.

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
    Column,
    Constraints,
    DataType,
    Decimal,
    Fixed,
    Kind,
    ListOf,
    MapOf,
    Primitive,
    Struct,
    TableSchema,
)

_DECIMAL = re.compile(r"decimal\((\d+),(\d+)\)")
_FIXED = re.compile(r"fixed\[(\d+)]")


def schema_to_json(schema: TableSchema) -> dict[str, Any]:
    """The schema as JSON values."""
    stored: dict[str, Any] = {"columns": [_column_to_json(column) for column in schema]}
    if schema.description is not None:
        stored["description"] = schema.description
    return stored


def schema_from_json(stored: Mapping[str, Any]) -> TableSchema:
    """The schema that `schema_to_json` wrote."""
    return TableSchema(tuple(map(_column_from_json, stored["columns"])), stored.get("description"))


def type_to_json(kind: DataType) -> str | dict[str, Any]:
    """A type as JSON: its name, or an object for the nested ones."""
    match kind:
        case ListOf(element, required, constraints):
            inner = {"type": "list", "element": type_to_json(element), "element-required": required}
            return inner | _constraints_to_json(constraints)
        case MapOf(key, value, required, constraints):
            inner = {"type": "map", "key": type_to_json(key), "value": type_to_json(value), "value-required": required}
            return inner | _constraints_to_json(constraints)
        case Struct(fields):
            return {"type": "struct", "fields": [_column_to_json(field) for field in fields]}
        case _:
            return str(kind)


def type_from_json(stored: str | Mapping[str, Any]) -> DataType:
    """The type that `type_to_json` wrote."""
    if isinstance(stored, str):
        return _plain_type(stored)
    match stored["type"]:
        case "list":
            element = type_from_json(stored["element"])
            return ListOf(element, stored["element-required"], _constraints_from_json(stored))
        case "map":
            key, value = type_from_json(stored["key"]), type_from_json(stored["value"])
            return MapOf(key, value, stored["value-required"], _constraints_from_json(stored))
        case _:
            return Struct(tuple(map(_column_from_json, stored["fields"])))


@lru_cache(maxsize=1_000)
def _plain_type(text: str) -> DataType:
    if match := _DECIMAL.fullmatch(text):
        return Decimal(int(match[1]), int(match[2]))
    if match := _FIXED.fullmatch(text):
        return Fixed(int(match[1]))
    return Primitive(Kind(text))


def _column_to_json(column: Column) -> dict[str, Any]:
    stored: dict[str, Any] = {
        "name": column.name,
        "type": type_to_json(column.type),
        "required": column.required,
        "description": column.description,
        "tags": list(column.tags),
        "encryption": column.encryption,
    }
    kept = {key: value for key, value in stored.items() if value not in (None, [])}
    return kept | _constraints_to_json(column.constraints)


def _column_from_json(stored: Mapping[str, Any]) -> Column:
    return Column(
        name=stored["name"],
        type=type_from_json(stored["type"]),
        required=stored["required"],
        description=stored.get("description"),
        tags=tuple(stored.get("tags", ())),
        encryption=stored.get("encryption"),
        constraints=_constraints_from_json(stored),
    )


def _constraints_to_json(constraints: Constraints) -> dict[str, Any]:
    words = to_words(constraints)
    return {"constraints": words} if words else {}


def _constraints_from_json(stored: Mapping[str, Any]) -> Constraints:
    words = stored.get("constraints")
    return from_words(words) if words else NO_CONSTRAINTS
