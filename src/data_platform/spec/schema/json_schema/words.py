"""JSON Schema's keywords, as far as a table is concerned, and its spelling of each type."""

from __future__ import annotations

from data_platform.spec.schema.annotations import WORDS as ANNOTATIONS
from data_platform.spec.schema.constraints import WORDS as CONSTRAINTS
from data_platform.spec.schema.types import Kind

DIALECTS = ("https://json-schema.org/draft/2020-12/schema", "http://json-schema.org/draft-07/schema#")

SPELLING: dict[Kind, dict[str, str]] = {
    Kind.BOOLEAN: {"type": "boolean"},
    Kind.INT: {"type": "integer", "format": "int32"},
    Kind.LONG: {"type": "integer"},
    Kind.FLOAT: {"type": "number", "format": "float"},
    Kind.DOUBLE: {"type": "number"},
    Kind.DATE: {"type": "string", "format": "date"},
    Kind.TIME: {"type": "string", "format": "time"},
    Kind.TIMESTAMP: {"type": "string", "format": "local-date-time"},
    Kind.TIMESTAMPTZ: {"type": "string", "format": "date-time"},
    Kind.STRING: {"type": "string"},
    Kind.BINARY: {"type": "string", "contentEncoding": "base64"},
}
"""The spelling of each type without parameters."""

BY_TYPE_AND_FORMAT: dict[tuple[str, str | None], Kind] = {
    ("integer", "int64"): Kind.LONG,
    ("number", "double"): Kind.DOUBLE,
    ("string", "date-time-local"): Kind.TIMESTAMP,
    **{
        (words["type"], words.get("format")): kind for kind, words in SPELLING.items() if "contentEncoding" not in words
    },
}
"""The types by `type` and `format`, other spellings included."""

TYPES = ("string", "integer", "number", "boolean", "object", "array")

IGNORED = {
    "$schema", "$id", "$anchor", "$comment", "$defs", "$vocabulary", "definitions", "title", "description",
    "default", "example", "examples", "deprecated", "readOnly", "writeOnly", "contentMediaType", "contentSchema",
}  # fmt: skip
"""Keywords that do not constrain the data."""

COMBINERS = ("$ref", "allOf", "anyOf", "oneOf")

STRUCTURE = {
    "type", "format", "const", "properties", "required", "additionalProperties", "unevaluatedProperties", "items",
    "precision", "scale", "byteLength", "contentEncoding",
}  # fmt: skip
"""Keywords that the reader turns into columns and types; the last four of them are part of a type's spelling."""

KNOWN = IGNORED | STRUCTURE | set(COMBINERS) | set(CONSTRAINTS) | set(ANNOTATIONS)

IMPOSSIBLE = {
    "patternProperties": 'list the columns under properties, or write a map: "additionalProperties": {…}',
    "propertyNames": "write a rule in quality_rules",
    "minProperties": "name the columns that must be there in required",
    "maxProperties": "remove it: a table has exactly its columns",
    "dependentRequired": "write a rule in quality_rules",
    "dependentSchemas": "write a rule in quality_rules",
    "dependencies": "write a rule in quality_rules",
    "if": "write a rule in quality_rules",
    "then": "write a rule in quality_rules",
    "else": "write a rule in quality_rules",
    "not": "write a rule in quality_rules",
    "contains": "write a rule in quality_rules",
    "minContains": "write a rule in quality_rules",
    "maxContains": "write a rule in quality_rules",
    "prefixItems": "write an object with named properties instead of a tuple",
    "additionalItems": "write an object with named properties instead of a tuple",
    "unevaluatedItems": "write an object with named properties instead of a tuple",
    "$dynamicRef": "write a $ref to #/$defs/…",
    "$recursiveRef": "write a $ref to #/$defs/…",
    "nullable": 'write "type": ["…", "null"]',
}
"""Keywords that demand what a table's column cannot hold, and what to write instead."""
