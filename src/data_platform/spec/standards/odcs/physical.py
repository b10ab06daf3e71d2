"""The type that `logicalType` and `physicalType` of a foreign contract denote.

The physical type is any database's; where it is known and goes with the logical one it decides, else the logical does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from data_platform.spec.schema.types import DataType, Decimal, Fixed, Kind, Primitive

_NAMES: dict[Kind, str] = {
    Kind.BOOLEAN: "boolean bool bit logical",
    Kind.INT: "int integer int4 int2 smallint tinyint mediumint byteint serial smallserial short byte int32"
    " int16 uint8 uint16",
    Kind.LONG: "long bigint int8 bigserial int64 uint32 hugeint serial8",
    Kind.FLOAT: "float real float4 float32",
    Kind.DOUBLE: "double float8 float64 double-precision number",
    Kind.DATE: "date",
    Kind.TIME: "time time-millis time-micros time-without-time-zone",
    Kind.TIMESTAMP: "timestamp datetime datetime2 timestamp_ntz timestampntz timestamp-without-time-zone"
    " local-timestamp-millis local-timestamp-micros smalldatetime",
    Kind.TIMESTAMPTZ: "timestamptz timestamp_tz timestamp_ltz timestampltz timestamp-with-time-zone datetimeoffset"
    " timestamp-millis timestamp-micros",
    Kind.STRING: "string text varchar char nvarchar nchar bpchar character varchar2 nvarchar2 clob uuid xml json jsonb"
    " enum citext name character-varying uniqueidentifier",
    Kind.BINARY: "binary bytes bytea blob varbinary raw image",
}
_KINDS = {name: kind for kind, names in _NAMES.items() for name in names.split()}
_LOGICAL: dict[str, tuple[Kind, frozenset[Kind]]] = {
    "string": (Kind.STRING, frozenset({Kind.STRING, Kind.BINARY})),
    "date": (Kind.DATE, frozenset({Kind.DATE, Kind.TIMESTAMP, Kind.TIMESTAMPTZ, Kind.TIME})),
    "timestamp": (Kind.TIMESTAMP, frozenset({Kind.TIMESTAMP, Kind.TIMESTAMPTZ})),
    "time": (Kind.TIME, frozenset({Kind.TIME})),
    "number": (Kind.DOUBLE, frozenset({Kind.INT, Kind.LONG, Kind.FLOAT, Kind.DOUBLE})),
    "integer": (Kind.LONG, frozenset({Kind.INT, Kind.LONG})),
    "boolean": (Kind.BOOLEAN, frozenset({Kind.BOOLEAN})),
}
"""A logical type by itself, and the types that a physical one may make of it (3.0 has dates with a time of day)."""
_FORMATS = {"i64": Kind.LONG, "i8": Kind.INT, "i16": Kind.INT, "i32": Kind.INT, "f32": Kind.FLOAT, "f64": Kind.DOUBLE}
_DECIMAL = re.compile(r"(?:decimal|numeric|number|dec)\s*[(\[]\s*(\d{1,2})\s*(?:,\s*(\d{1,2})\s*)?[)\]]")
_FIXED = re.compile(r"fixed\[(\d{1,9})]")


def find_scalar_type(logical: str | None, physical: str | None, options: Mapping[str, Any]) -> DataType | None:
    """The type; None when neither says one that is no list, map or object."""
    given = " ".join((physical or "").lower().split())
    if logical in (None, "number", "integer") and (match := _DECIMAL.fullmatch(given)):
        return _make_decimal(int(match[1]), int(match[2] or 0))
    if logical in (None, "string") and (match := _FIXED.fullmatch(given)) and 0 < int(match[1]) < 2**31:
        return Fixed(int(match[1]))
    kind = _find_kind(logical, _KINDS.get(re.sub(r"[(\[].*[)\]]", "", given).strip().replace(" ", "-")), options)
    return Primitive(kind) if kind else None


def _find_kind(logical: str | None, physical: Kind | None, options: Mapping[str, Any]) -> Kind | None:
    if logical is None:
        return physical
    if logical not in _LOGICAL:
        return None
    alone, family = _LOGICAL[logical]
    if physical in family:
        kind = physical
    else:
        kind = _FORMATS.get(str(options.get("format")), alone) if logical in ("number", "integer") else alone
    aware = logical == "timestamp" and options.get("timezone") is True
    return Kind.TIMESTAMPTZ if aware else kind


def _make_decimal(precision: int, scale: int) -> DataType:
    fits = 1 <= precision <= 38 and scale <= precision
    return Decimal(precision, scale) if fits else Primitive(Kind.DOUBLE)
