"""Whether a reader of one Avro schema reads what is written under another.

Apache Avro's own checker decides (Avro specification, "Schema Resolution"): defaults, aliases, promotions, unions and
enums count as they do when an event is decoded. Beyond the bytes, a logical type must keep its meaning: a timestamp in
milliseconds that is read in microseconds is a wrong moment, and a decimal of another scale a wrong amount.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from avro.compatibility import (
    ReaderWriterCompatibilityChecker,
    SchemaCompatibilityResult,
    SchemaCompatibilityType,
    lookup_writer_field,
)
from avro.errors import AvroException
from avro.schema import ArraySchema, MapSchema, RecordSchema, Schema, UnionSchema, parse

from data_platform.governance.incompatibility import SchemaFinding

ELEMENT, VALUE = "element", "value"
_LOGICAL = "logicalType"
_KEPT = "data-platform.logicalType"


def find_avro_incompatibilities(reader: Any, writer: Any) -> list[SchemaFinding]:
    """The reasons why a reader of the schema `reader` cannot read data of `writer`; both are JSON values."""
    try:
        pair = _parse_schema(reader), _parse_schema(writer)
    except (AvroException, RecursionError) as error:
        return [SchemaFinding((), f"cannot be compared: {str(error) or 'it is nested too deep'}")]
    return list(dict.fromkeys(_Judge().compare(*pair)))


def _parse_schema(schema: Any) -> Schema:
    return parse(json.dumps(_rename_logical_types(schema)))


def _rename_logical_types(schema: Any) -> Any:
    """The schema with its logical types under another name: the parser warns of those it does not know."""
    if isinstance(schema, dict):
        return {(_KEPT if key == _LOGICAL else key): _rename_logical_types(value) for key, value in schema.items()}
    return [_rename_logical_types(item) for item in schema] if isinstance(schema, list) else schema


class _Judge:
    """Walks two schemas to the incompatible places; each pair once, so that records may contain themselves."""

    def __init__(self) -> None:
        self._checker = ReaderWriterCompatibilityChecker()  # type: ignore[no-untyped-call]
        self._walked: set[tuple[int, int]] = set()

    def compare(self, reader: Schema, writer: Schema, *path: str) -> Iterator[SchemaFinding]:
        if (id(reader), id(writer)) in self._walked:
            return
        self._walked.add((id(reader), id(writer)))
        result = self._checker.get_compatibility(reader, writer)
        fits = result.compatibility is SchemaCompatibilityType.compatible
        inside = list(self._compare_inner(reader, writer, fits, *path))
        if not fits and not inside:
            yield SchemaFinding(path, _describe_incompatibility(result))
        yield from inside
        yield from _compare_logical_types(reader, writer, *path)

    def _compare_inner(self, reader: Schema, writer: Schema, fits: bool, *path: str) -> Iterator[SchemaFinding]:
        match _unwrap_optional(reader), _unwrap_optional(writer):
            case RecordSchema() as read, RecordSchema() as written:
                yield from self._compare_fields(read, written, fits, *path)
            case ArraySchema() as read, ArraySchema() as written:
                yield from self.compare(read.items, written.items, *path, ELEMENT)
            case MapSchema() as read, MapSchema() as written:
                yield from self.compare(read.values, written.values, *path, VALUE)
            case (UnionSchema(), _) | (_, UnionSchema()):
                yield from self._compare_branches(reader, writer, *path)
            case read, written if read is not reader or written is not writer:
                yield from _compare_logical_types(read, written, *path)

    def _compare_branches(self, reader: Schema, writer: Schema, *path: str) -> Iterator[SchemaFinding]:
        """Compares each branch that may be written with the one that reads it."""
        for written in _list_branches(writer):
            fitting = [read for read in _list_branches(reader) if self._can_read(read, written)]
            if fitting:
                alike = (read for read in fitting if read.type == written.type)
                yield from self.compare(next(alike, fitting[0]), written, *path)

    def _can_read(self, reader: Schema, writer: Schema) -> bool:
        result = self._checker.get_compatibility(reader, writer)
        return result.compatibility is SchemaCompatibilityType.compatible

    def _compare_fields(
        self, reader: RecordSchema, writer: RecordSchema, fits: bool, *path: str
    ) -> Iterator[SchemaFinding]:
        for field in reader.fields:
            written = lookup_writer_field(writer_schema=writer, reader_field=field)
            if written is not None:
                yield from self.compare(field.type, written.type, *path, field.name)
            elif not fits and not field.has_default:
                yield SchemaFinding((*path, field.name), "is read without a default, and not written")


def _unwrap_optional(schema: Schema) -> Schema:
    """The type of an optional value without null."""
    solid = _list_branches(schema)
    return solid[0] if len(solid) == 1 else schema


def _list_branches(schema: Schema) -> list[Schema]:
    """The types other than null."""
    branches = schema.schemas if isinstance(schema, UnionSchema) else [schema]
    return [branch for branch in branches if branch.type != "null"]


def _describe_incompatibility(result: SchemaCompatibilityResult) -> str:
    kinds = dict.fromkeys(kind.value.replace("_", " ") for kind in result.incompatibilities)
    return f"{', '.join(kinds)}: {'; '.join(sorted(result.messages))}"


def _compare_logical_types(reader: Schema, writer: Schema, *path: str) -> Iterator[SchemaFinding]:
    read, written = reader.props.get(_KEPT), writer.props.get(_KEPT)
    if read is None or written is None:
        return
    if read != written:
        yield SchemaFinding(path, f"is written as {written}, and read as {read}")
    elif read == "decimal" and _read_digits(reader) != _read_digits(writer):
        scales = [f"decimal({precision},{scale})" for precision, scale in (_read_digits(writer), _read_digits(reader))]
        if _read_digits(reader)[1] != _read_digits(writer)[1] or _read_digits(reader)[0] < _read_digits(writer)[0]:
            yield SchemaFinding(path, f"is written as {scales[0]}, and read as {scales[1]}")


def _read_digits(schema: Schema) -> tuple[int, int]:
    """Precision and scale of a decimal."""
    return _read_number(schema.props.get("precision")), _read_number(schema.props.get("scale"))


def _read_number(value: object) -> int:
    return value if isinstance(value, int) else 0
