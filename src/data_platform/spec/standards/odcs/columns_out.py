"""Columns as ODCS writes them (3.2.0, Schema): logicalType for all readers, physicalType with the exact type."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from data_platform.spec.schema.constraints import to_words
from data_platform.spec.schema.types import (
    NO_CONSTRAINTS,
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
)
from data_platform.spec.standards.custom import write_custom_properties

LOGICAL = {
    Kind.BOOLEAN: "boolean",
    Kind.INT: "integer",
    Kind.LONG: "integer",
    Kind.FLOAT: "number",
    Kind.DOUBLE: "number",
    Kind.DATE: "date",
    Kind.TIME: "time",
    Kind.TIMESTAMP: "timestamp",
    Kind.TIMESTAMPTZ: "timestamp",
    Kind.STRING: "string",
    Kind.BINARY: "string",
}


def convert_column(column: SchemaColumn, keys: Sequence[str] = (), partitions: Sequence[str] = ()) -> dict[str, Any]:
    """The column as a property; `keys` are the columns of the primary key, `partitions` those that split the files."""
    written: dict[str, Any] = {"name": column.name, **_write_value(column.type, column.constraints)}
    if column.term is not None:
        written["businessName"] = column.term
    if column.description is not None:
        written["description"] = column.description
    if column.required:
        written["required"] = True
    if column.name in keys:
        written |= {"primaryKey": True, "primaryKeyPosition": keys.index(column.name) + 1}
    if column.name in partitions:
        written |= {"partitioned": True, "partitionKeyPosition": partitions.index(column.name) + 1}
    if "pii" in column.tags:
        written["classification"] = "pii"
    if column.tags:
        written["tags"] = list(column.tags)
    anonymised = column.anonymised.to_json() if column.anonymised else None
    ours = {"encryption": column.encryption, "not_pii": column.not_pii, "anonymised": anonymised, "term": column.term}
    return written | write_custom_properties(ours)


def _write_value(kind: DataType, constraints: Constraints) -> dict[str, Any]:
    written = _write_type(kind)
    options = to_words(replace(constraints, enum=None))
    if kind == Primitive(Kind.TIMESTAMPTZ):
        options["timezone"] = True
    if options:
        written["logicalTypeOptions"] = options
    if constraints.enum is not None:
        written["enum"] = [{"value": value} for value in constraints.enum]
    return written


def _write_type(kind: DataType) -> dict[str, Any]:
    match kind:
        case Primitive(name):
            return {"logicalType": LOGICAL[name], "physicalType": str(kind)}
        case Decimal():
            return {"logicalType": "number", "physicalType": str(kind)}
        case Fixed():
            return {"logicalType": "string", "physicalType": str(kind)}
        case ListOf(element, required, constraints):
            return {"logicalType": "array", "items": _write_inner(element, required, constraints)}
        case MapOf(key, value, required, constraints):
            key_part = _write_inner(key, True, NO_CONSTRAINTS)
            return {"logicalType": "map", "map": {"key": key_part, "value": _write_inner(value, required, constraints)}}
        case Struct(fields):
            return {"logicalType": "object", "properties": [convert_column(field) for field in fields]}


def _write_inner(kind: DataType, required: bool, constraints: Constraints) -> dict[str, Any]:
    return {**_write_value(kind, constraints), **({"required": True} if required else {})}
