"""A schema as its file has it, with aliases, defaults and unions, for the readers of a stream.

A `TableSchema` says what the columns are; whether a reader can read an event is a question to the schema itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Format(StrEnum):
    """The language of a schema file."""

    JSON_SCHEMA = "json-schema"
    AVRO = "avro"

    def __str__(self) -> str:
        return "JSON Schema" if self is Format.JSON_SCHEMA else "Avro"


@dataclass(frozen=True, slots=True)
class SchemaDocument:
    """The JSON value of a schema file, without loss; spaces and the order of keys mean nothing in either format."""

    format: Format
    schema: Any

    def to_json(self) -> dict[str, Any]:
        """The document as the record stores it."""
        return {"format": self.format.value, "schema": self.schema}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> SchemaDocument:
        """The document that `to_json` wrote."""
        return cls(Format(stored["format"]), stored["schema"])
