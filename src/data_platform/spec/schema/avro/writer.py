"""Writes a table's columns as an Avro record, such that reading gives the same table again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from data_platform.errors import BadInput
from data_platform.spec.schema.annotations import write_annotations
from data_platform.spec.schema.avro.words import NAME, SPELLING
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
    TableSchema,
)

_TEXT = Primitive(Kind.STRING)
Avro = str | dict[str, Any]


def write_avro_schema(schema: TableSchema, name: str, namespace: str | None = None) -> dict[str, Any]:
    """The Avro record of a table; BadInput for what Avro lacks: other names, maps with keys that are not text."""
    record = _record(schema.columns, _check_name(name))
    if schema.description is not None:
        record["doc"] = schema.description
    if namespace is not None:
        for part in namespace.split("."):
            _check_name(part)
        record["namespace"] = namespace
    return record


def _check_name(name: str) -> str:
    if NAME.fullmatch(name) is None:
        raise BadInput(f"Avro has no name {name!r}", hint="use letters without accents, digits and _, no digit first")
    return name


def _record(columns: tuple[SchemaColumn, ...], name: str) -> dict[str, Any]:
    return {"type": "record", "name": name, "fields": [_write_field(column, name) for column in columns]}


def _write_field(column: SchemaColumn, record: str) -> dict[str, Any]:
    path = f"{record}_{_check_name(column.name)}"
    field = {"name": column.name, "type": _write_value(column.type, column.required, column.constraints, path)}
    if not column.required:
        field["default"] = None
    return field | write_annotations(column, "doc")


def _write_value(kind: DataType, required: bool, constraints: Constraints, path: str) -> Any:
    typed = _write_constrained(kind, constraints, path)
    return typed if required else ["null", typed]


def _write_constrained(kind: DataType, constraints: Constraints, path: str) -> Avro:
    """The type with its constraints: as Avro's own enum and uuid where those say it, the rest beside the type."""
    typed, rest = _write_type(kind, path), constraints
    if kind == _TEXT and constraints.enum and _is_symbols(constraints.enum):
        typed, rest = {"type": "enum", "name": path, "symbols": list(constraints.enum)}, replace(rest, enum=None)
    elif kind == _TEXT and constraints.format == "uuid":
        typed, rest = {"type": "string", "logicalType": "uuid"}, replace(rest, format=None)
    if rest == NO_CONSTRAINTS:
        return typed
    return (typed if isinstance(typed, dict) else {"type": typed}) | {"constraints": to_words(rest)}


def _is_symbols(values: tuple[Any, ...]) -> bool:
    return all(NAME.fullmatch(value) for value in values) and len({*values}) == len(values)


def _write_type(kind: DataType, path: str) -> Avro:
    match kind:
        case Primitive(name):
            spelled = SPELLING[name]
            return dict(spelled) if isinstance(spelled, dict) else spelled
        case Decimal(precision, scale):
            return {"type": "bytes", "logicalType": "decimal", "precision": precision, "scale": scale}
        case Fixed(length):
            return {"type": "fixed", "name": path, "size": length}
        case ListOf(element, required, constraints):
            return {"type": "array", "items": _write_value(element, required, constraints, f"{path}_element")}
        case MapOf(Primitive(Kind.STRING), value, required, constraints):
            return {"type": "map", "values": _write_value(value, required, constraints, f"{path}_value")}
        case MapOf(key):
            raise BadInput(f"Avro has no map with keys of type {key}", hint="use text as keys")
        case Struct(fields):
            return _record(fields, path)
