"""Names of types that expectations accept, and the stored types that each of them matches.

A name is Python's, pandas', Spark's, SQL's or SQLAlchemy's, or one of ours. What a name is depends on who writes it:
`int` and `float` of Python have no width, `INTEGER` and `IntegerType` have 32 bits. A type that no column here has
(int8, uint64, object) is not known: to take it for another would pass what Great Expectations fails.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_INT, _LONG, _FLOAT, _DOUBLE = "INTEGER", "BIGINT", "FLOAT", "DOUBLE"
_NAIVE, _ZONED = "TIMESTAMP", "TIMESTAMP WITH TIME ZONE"

_STORED: Mapping[str, tuple[str, ...]] = {
    "BOOLEAN": ("bool", "bool_", "boolean", "booleantype", "booleandtype"),
    _INT: ("integer", "int32", "int4", "int32dtype", "integertype"),
    _LONG: ("long", "bigint", "int64", "int64dtype", "longtype", "biginteger"),
    _FLOAT: ("float32", "float32dtype", "real", "floattype", "float4"),
    _DOUBLE: ("double", "float64", "float64dtype", "double_precision", "double precision", "doubletype", "float8"),
    "DATE": ("date", "datetype", "date32"),
    "TIME": ("time",),
    _NAIVE: (
        "datetime",
        "datetime64",
        "datetime64[ns]",
        "datetime64[us]",
        "timestamp_ntz",
        "timestampntztype",
        "timestamp without time zone",
    ),
    _ZONED: ("timestamptz", "timestamp_tz", "timestamptype", "datetimetzdtype", "timestamp with time zone"),
    "VARCHAR": (
        "str",
        "str_",
        "string",
        "string_types",
        "stringtype",
        "stringdtype",
        "unicode",
        "text",
        "varchar",
        "nvarchar",
        "char",
        "nchar",
    ),
    "BLOB": ("bytes", "bytes_", "binary", "varbinary", "blob", "bytea", "largebinary", "binarytype"),
}
_BY_NAME: Mapping[str, tuple[str, ...]] = {name: (stored,) for stored, names in _STORED.items() for name in names} | {
    "int": (_INT, _LONG),
    "float": (_FLOAT, _DOUBLE),
    "timestamp": (_NAIVE, _ZONED),
}
_EXACT: Mapping[str, tuple[str, ...]] = {"INT": (_INT,), "Integer": (_INT, _LONG), "Long": (_LONG,)}
"""Names that differ from others by letter case: `INT` of SQL has 32 bits, `Integer` of SQLAlchemy is any of them."""

_PATTERNS: Mapping[str, str] = {
    **dict.fromkeys(("decimal", "numeric", "decimaltype"), r"DECIMAL\(.*\)"),
    **dict.fromkeys(("list", "array", "arraytype"), r".*\[\]"),
    **dict.fromkeys(("map", "maptype"), r"MAP\(.*\)"),
    **dict.fromkeys(("struct", "structtype"), r"STRUCT\(.*\)"),
    "dict": r"(MAP|STRUCT)\(.*\)",
}
_FULL_DECIMAL = re.compile(r"(?:decimal|numeric|decimaltype)\(\s*(\d{1,2})\s*,\s*(\d{1,2})\s*\)", re.IGNORECASE)


def make_stored_pattern(name: object) -> str:
    """The RE2 expression that the stored types of that name match as a whole; ValueError for a name without one."""
    if not isinstance(name, str):
        raise ValueError(f"a type is named by text, not {name!r}")
    if digits := _FULL_DECIMAL.fullmatch(name):
        return rf"DECIMAL\({digits[1]},{digits[2]}\)"
    stored = _EXACT.get(name) or _BY_NAME.get(name.lower())
    if stored is not None:
        return "|".join(stored)
    pattern = _PATTERNS.get(name.lower())
    if pattern is None:
        raise ValueError(f"no column here has a type named {name!r}: int, long, double, str, date and DECIMAL are some")
    return pattern
