"""Avro's spelling of each type, and the names it allows."""

from __future__ import annotations

import re

from data_platform.spec.schema.annotations import WORDS as ANNOTATIONS
from data_platform.spec.schema.types import Kind

PRIMITIVES = {
    "boolean": Kind.BOOLEAN,
    "int": Kind.INT,
    "long": Kind.LONG,
    "float": Kind.FLOAT,
    "double": Kind.DOUBLE,
    "bytes": Kind.BINARY,
    "string": Kind.STRING,
}
COMPLEX = ("record", "enum", "array", "map", "fixed")

LOGICAL: dict[tuple[str, str], Kind] = {
    ("int", "date"): Kind.DATE,
    ("int", "time-millis"): Kind.TIME,
    ("long", "time-micros"): Kind.TIME,
    ("long", "timestamp-millis"): Kind.TIMESTAMPTZ,
    ("long", "timestamp-micros"): Kind.TIMESTAMPTZ,
    ("long", "local-timestamp-millis"): Kind.TIMESTAMP,
    ("long", "local-timestamp-micros"): Kind.TIMESTAMP,
}
"""The types by the type beneath and the `logicalType`; the last of each kind is the one written."""

REFUSED = {
    "duration": "a duration has no Iceberg type: write its start and end, or a number of seconds",
    "timestamp-nanos": "times are kept in microseconds: write timestamp-micros",
    "local-timestamp-nanos": "times are kept in microseconds: write local-timestamp-micros",
    "big-decimal": "a column has one scale: write decimal with precision and scale",
}
"""Logical types that no column holds, and what to write instead; others that are unknown Avro says to ignore."""

SPELLING: dict[Kind, str | dict[str, str]] = {
    **{kind: name for name, kind in PRIMITIVES.items()},
    **{kind: {"type": base, "logicalType": logical} for (base, logical), kind in LOGICAL.items()},
}
"""The spelling of each type without parameters."""

FIELD_WORDS = {"name", "type", "doc", "default", "order", "aliases", *ANNOTATIONS}
"""The words of a field; other words are extensions, unless they are nearly one of these."""

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
"""A name in Avro (specification, "Names")."""
