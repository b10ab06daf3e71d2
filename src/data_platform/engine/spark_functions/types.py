"""Spark's types as Arrow types: their kinds, the common type of two, and their names in DuckDB."""

from __future__ import annotations

from functools import reduce

import pyarrow as pa
from sqlglot import exp

from data_platform.engine.expressions.types import to_spark_type
from data_platform.errors import FrameError

BOOLEAN, STRING, BINARY = pa.bool_(), pa.string(), pa.binary()
BYTE, SHORT, INT, BIGINT = pa.int8(), pa.int16(), pa.int32(), pa.int64()
FLOAT, DOUBLE, DATE, NULL = pa.float32(), pa.float64(), pa.date32(), pa.null()
TIMESTAMP, TIMESTAMP_NTZ = pa.timestamp("us", "UTC"), pa.timestamp("us")
INTERVAL = pa.month_day_nano_interval()

_WIDTHS = {BYTE: 3, SHORT: 5, INT: 10, BIGINT: 20}
_DUCK = {
    BOOLEAN: "BOOLEAN", STRING: "VARCHAR", BINARY: "BLOB", BYTE: "TINYINT", SHORT: "SMALLINT", INT: "INTEGER",
    BIGINT: "BIGINT", FLOAT: "FLOAT", DOUBLE: "DOUBLE", DATE: "DATE", TIMESTAMP: "TIMESTAMPTZ",
    TIMESTAMP_NTZ: "TIMESTAMP", INTERVAL: "INTERVAL", NULL: '"NULL"',
}  # fmt: skip
_UNSIGNED = {pa.uint8(): SHORT, pa.uint16(): INT, pa.uint32(): BIGINT, pa.uint64(): pa.decimal128(20, 0)}


def to_spark_like(type_: pa.DataType) -> pa.DataType:
    """The Arrow type of the Spark type that holds such values: an unsigned byte is a smallint."""
    if type_ in _UNSIGNED:
        return _UNSIGNED[type_]
    if pa.types.is_dictionary(type_):
        return to_spark_like(type_.value_type)
    if pa.types.is_large_string(type_) or pa.types.is_string_view(type_):
        return STRING
    if pa.types.is_large_binary(type_) or pa.types.is_fixed_size_binary(type_) or pa.types.is_binary_view(type_):
        return BINARY
    if pa.types.is_timestamp(type_):
        return TIMESTAMP if type_.tz else TIMESTAMP_NTZ
    if is_array(type_):
        return pa.list_(to_spark_like(type_.value_type))
    if pa.types.is_struct(type_):
        return pa.struct([(field.name, to_spark_like(field.type)) for field in type_])
    if pa.types.is_map(type_):
        return pa.map_(to_spark_like(type_.key_type), to_spark_like(type_.item_type))
    return {pa.float16(): FLOAT, pa.date64(): DATE}.get(type_, type_)


def is_integral(type_: pa.DataType) -> bool:
    """Whether it is a tinyint, smallint, int or bigint."""
    return type_ in _WIDTHS


def is_float(type_: pa.DataType) -> bool:
    """Whether it is a float or double."""
    return bool(pa.types.is_floating(type_))


def is_decimal(type_: pa.DataType) -> bool:
    """Whether it is a decimal."""
    return bool(pa.types.is_decimal(type_))


def is_number(type_: pa.DataType) -> bool:
    """Whether it is a numeric type."""
    return is_integral(type_) or is_float(type_) or is_decimal(type_)


def is_moment(type_: pa.DataType) -> bool:
    """Whether it is a date or a timestamp."""
    return type_ in (DATE, TIMESTAMP, TIMESTAMP_NTZ)


def is_array(type_: pa.DataType) -> bool:
    """Whether it is an array."""
    return bool(pa.types.is_list(type_) or pa.types.is_large_list(type_) or pa.types.is_fixed_size_list(type_))


def is_nested(type_: pa.DataType) -> bool:
    """Whether it is an array, struct or map."""
    return is_array(type_) or bool(pa.types.is_struct(type_) or pa.types.is_map(type_))


def fit_decimal(precision: int, scale: int) -> pa.DataType:
    """Spark's decimal of at most 38 digits: digits of the fraction are dropped first, except six."""
    if precision > 38:
        whole = precision - scale
        scale, precision = max(38 - whole, min(scale, 6)), 38
    return pa.decimal128(precision, scale)


def to_decimal_type(type_: pa.DataType) -> pa.DataType:
    """The decimal that holds every value of an integral type."""
    return pa.decimal128(_WIDTHS[type_], 0) if is_integral(type_) else type_


def find_common_type(one: pa.DataType, two: pa.DataType) -> pa.DataType | None:
    """The type that both fit into without loss, as in Spark; None if there is none."""
    if one == two or two == NULL:
        return one
    if one == NULL:
        return two
    if is_number(one) and is_number(two):
        return _find_common_number(one, two)
    if is_moment(one) and is_moment(two):
        return TIMESTAMP if TIMESTAMP in (one, two) else TIMESTAMP_NTZ
    if is_array(one) and is_array(two):
        element = find_common_type(one.value_type, two.value_type)
        return None if element is None else pa.list_(element)
    if pa.types.is_struct(one) and pa.types.is_struct(two) and len(one) == len(two):
        fields = [(a.name, find_common_type(a.type, b.type)) for a, b in zip(one, two, strict=True)]
        return None if any(type_ is None for _, type_ in fields) else pa.struct(fields)
    return None


def _find_common_number(one: pa.DataType, two: pa.DataType) -> pa.DataType:
    if is_decimal(one) or is_decimal(two):
        if is_float(one) or is_float(two):
            return DOUBLE
        one, two = to_decimal_type(one), to_decimal_type(two)
        scale = max(one.scale, two.scale)
        whole = max(one.precision - one.scale, two.precision - two.scale)
        return fit_decimal(whole + scale, scale)
    if is_float(one) or is_float(two):
        return FLOAT if one == two == FLOAT else DOUBLE
    return max(one, two, key=_WIDTHS.__getitem__)


def require_common_type(name: str, *types: pa.DataType) -> pa.DataType:
    """The common type of all; FrameError names those that have none."""

    def merge(one: pa.DataType, two: pa.DataType) -> pa.DataType:
        both = find_common_type(one, two)
        if both is None:
            raise FrameError(
                f"{name}: {to_spark_type(one)} and {to_spark_type(two)} are not comparable", hint="cast one of them"
            )
        return both

    return reduce(merge, types, NULL)


def to_duckdb_type(type_: pa.DataType) -> str:
    """The type's name in DuckDB's SQL."""
    if type_ in _DUCK:
        return _DUCK[type_]
    if is_decimal(type_):
        return f"DECIMAL({type_.precision},{type_.scale})"
    if is_array(type_):
        return f"{to_duckdb_type(type_.value_type)}[]"
    if pa.types.is_map(type_):
        return f"MAP({to_duckdb_type(type_.key_type)}, {to_duckdb_type(type_.item_type)})"
    if pa.types.is_struct(type_):
        fields = (f"{quote_name(field.name)} {to_duckdb_type(field.type)}" for field in type_)
        return f"STRUCT({', '.join(fields)})"
    raise FrameError(f"a value of the type {to_spark_type(type_)} cannot be used in an expression")


def quote_name(name: str) -> str:
    """A name in DuckDB's SQL, inside a Template."""
    return '"' + name.replace('"', '""').replace("{", "{{").replace("}", "}}") + '"'


_ARROW = {
    "BOOLEAN": pa.bool_(), "TINYINT": pa.int8(), "SMALLINT": pa.int16(), "INT": pa.int32(), "BIGINT": pa.int64(),
    "FLOAT": pa.float32(), "DOUBLE": pa.float64(), "TEXT": pa.string(), "VARCHAR": pa.string(), "BINARY": pa.binary(),
    "DATE": pa.date32(), "TIMESTAMPTZ": pa.timestamp("us", "UTC"), "TIMESTAMPLTZ": pa.timestamp("us", "UTC"),
    "TIMESTAMP": pa.timestamp("us", "UTC"), "TIMESTAMPNTZ": pa.timestamp("us"), "VARBINARY": pa.binary(),
}  # fmt: skip


def to_arrow_type(type_: exp.DataType) -> pa.DataType:
    """The Arrow type of a Spark type; FrameError for a type that frames do not support."""
    name, inner = type_.this.value, type_.expressions
    if name == "DECIMAL":
        precision, scale = (
            ([int(parameter.name) for parameter in inner] + [10, 0])[:2] if len(inner) != 1 else (int(inner[0].name), 0)
        )
        return pa.decimal128(precision, scale)
    if name == "ARRAY" and len(inner) == 1:
        return pa.list_(to_arrow_type(inner[0]))
    if name == "MAP" and len(inner) == 2:
        return pa.map_(to_arrow_type(inner[0]), to_arrow_type(inner[1]))
    if name not in _ARROW or (inner and name not in ("VARCHAR", "TEXT")):
        raise FrameError(f"a cast to {type_.sql('spark').lower()} is not supported in a frame")
    return _ARROW[name]
