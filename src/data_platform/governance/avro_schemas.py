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

from data_platform.governance.findings import Finding

ELEMENT, VALUE = "element", "value"
_LOGICAL = "logicalType"
_KEPT = "data-platform.logicalType"


def unread_avro(reader: Any, writer: Any) -> list[Finding]:
    """What keeps a reader of the schema `reader` from what is written under `writer`; both are JSON values."""
    try:
        pair = _parsed(reader), _parsed(writer)
    except (AvroException, RecursionError) as error:
        return [Finding((), f"cannot be compared: {str(error) or 'it is nested too deep'}")]
    return list(dict.fromkeys(_Judge().unread(*pair)))


def _parsed(schema: Any) -> Schema:
    return parse(json.dumps(_set_aside(schema)))


def _set_aside(schema: Any) -> Any:
    """The schema with its logical types under a name that the parser leaves alone: it would warn of those it lacks."""
    if isinstance(schema, dict):
        return {(_KEPT if key == _LOGICAL else key): _set_aside(value) for key, value in schema.items()}
    return [_set_aside(item) for item in schema] if isinstance(schema, list) else schema


class _Judge:
    """Walks two schemas down to the places that do not fit; each pair once, so that records may hold themselves."""

    def __init__(self) -> None:
        self._checker = ReaderWriterCompatibilityChecker()  # type: ignore[no-untyped-call]
        self._walked: set[tuple[int, int]] = set()

    def unread(self, reader: Schema, writer: Schema, *path: str) -> Iterator[Finding]:
        if (id(reader), id(writer)) in self._walked:
            return
        self._walked.add((id(reader), id(writer)))
        result = self._checker.get_compatibility(reader, writer)
        fits = result.compatibility is SchemaCompatibilityType.compatible
        inside = list(self._inside(reader, writer, fits, *path))
        if not fits and not inside:
            yield Finding(path, _why(result))
        yield from inside
        yield from _meaning(reader, writer, *path)

    def _inside(self, reader: Schema, writer: Schema, fits: bool, *path: str) -> Iterator[Finding]:
        match _solid(reader), _solid(writer):
            case RecordSchema() as read, RecordSchema() as written:
                yield from self._fields(read, written, fits, *path)
            case ArraySchema() as read, ArraySchema() as written:
                yield from self.unread(read.items, written.items, *path, ELEMENT)
            case MapSchema() as read, MapSchema() as written:
                yield from self.unread(read.values, written.values, *path, VALUE)
            case (UnionSchema(), _) | (_, UnionSchema()):
                yield from self._branches(reader, writer, *path)
            case read, written if read is not reader or written is not writer:
                yield from _meaning(read, written, *path)

    def _branches(self, reader: Schema, writer: Schema, *path: str) -> Iterator[Finding]:
        """Each branch that may be written, beside the one that reads it."""
        for written in _solids(writer):
            fitting = [read for read in _solids(reader) if self._fits(read, written)]
            if fitting:
                alike = (read for read in fitting if read.type == written.type)
                yield from self.unread(next(alike, fitting[0]), written, *path)

    def _fits(self, reader: Schema, writer: Schema) -> bool:
        found = self._checker.get_compatibility(reader, writer)
        return found.compatibility is SchemaCompatibilityType.compatible

    def _fields(self, reader: RecordSchema, writer: RecordSchema, fits: bool, *path: str) -> Iterator[Finding]:
        for field in reader.fields:
            written = lookup_writer_field(writer_schema=writer, reader_field=field)
            if written is not None:
                yield from self.unread(field.type, written.type, *path, field.name)
            elif not fits and not field.has_default:
                yield Finding((*path, field.name), "is read without a default, and not written")


def _solid(schema: Schema) -> Schema:
    """The one type beside null of an optional value."""
    solid = _solids(schema)
    return solid[0] if len(solid) == 1 else schema


def _solids(schema: Schema) -> list[Schema]:
    """The types beside null."""
    branches = schema.schemas if isinstance(schema, UnionSchema) else [schema]
    return [branch for branch in branches if branch.type != "null"]


def _why(result: SchemaCompatibilityResult) -> str:
    kinds = dict.fromkeys(kind.value.replace("_", " ") for kind in result.incompatibilities)
    return f"{', '.join(kinds)}: {'; '.join(sorted(result.messages))}"


def _meaning(reader: Schema, writer: Schema, *path: str) -> Iterator[Finding]:
    read, written = reader.props.get(_KEPT), writer.props.get(_KEPT)
    if read is None or written is None:
        return
    if read != written:
        yield Finding(path, f"is written as {written}, and read as {read}")
    elif read == "decimal" and _digits(reader) != _digits(writer):
        scales = [f"decimal({precision},{scale})" for precision, scale in (_digits(writer), _digits(reader))]
        if _digits(reader)[1] != _digits(writer)[1] or _digits(reader)[0] < _digits(writer)[0]:
            yield Finding(path, f"is written as {scales[0]}, and read as {scales[1]}")


def _digits(schema: Schema) -> tuple[int, int]:
    """Precision and scale of a decimal."""
    return _whole(schema.props.get("precision")), _whole(schema.props.get("scale"))


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0
