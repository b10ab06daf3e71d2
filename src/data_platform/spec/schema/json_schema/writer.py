"""Writes a table's columns as JSON Schema 2020-12, such that reading gives the same table again."""

from __future__ import annotations

from typing import Any

from data_platform.errors import BadInput
from data_platform.spec.schema.annotations import write_annotations
from data_platform.spec.schema.constraints import to_words
from data_platform.spec.schema.json_schema.words import DIALECTS, SPELLING
from data_platform.spec.schema.types import (
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


def write_json_schema(schema: TableSchema, title: str) -> dict[str, Any]:
    """The JSON Schema of a table; BadInput for a map whose keys are not text, which JSON cannot express."""
    document: dict[str, Any] = {"$schema": DIALECTS[0], "title": title}
    if schema.description is not None:
        document["description"] = schema.description
    return document | _write_object(schema.columns) | {"additionalProperties": False}


def _write_object(columns: tuple[SchemaColumn, ...]) -> dict[str, Any]:
    words: dict[str, Any] = {"type": "object", "properties": {column.name: _write_column(column) for column in columns}}
    if required := [column.name for column in columns if column.required]:
        words["required"] = required
    return words


def _write_column(column: SchemaColumn) -> dict[str, Any]:
    return _write_value(column.type, not column.required, column.constraints) | write_annotations(column)


def _write_value(kind: DataType, nullable: bool, constraints: Constraints) -> dict[str, Any]:
    words = _write_type(kind)
    if nullable:
        words["type"] = [words["type"], "null"]
    words |= to_words(constraints)
    if nullable and "enum" in words:
        words["enum"] = [*words["enum"], None]
    return words


def _write_type(kind: DataType) -> dict[str, Any]:
    match kind:
        case Primitive(name):
            return dict(SPELLING[name])
        case Decimal(precision, scale):
            return {"type": "number", "format": "decimal", "precision": precision, "scale": scale}
        case Fixed(length):
            return SPELLING[Kind.BINARY] | {"byteLength": length}
        case ListOf(element, required, constraints):
            return {"type": "array", "items": _write_value(element, not required, constraints)}
        case MapOf(Primitive(Kind.STRING), value, required, constraints):
            return {"type": "object", "additionalProperties": _write_value(value, not required, constraints)}
        case MapOf(key):
            raise BadInput(f"JSON Schema has no map with keys of type {key}", hint="use text as keys")
        case Struct(fields):
            return _write_object(fields)
