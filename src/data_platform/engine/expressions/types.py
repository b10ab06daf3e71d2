"""Spark's names of Arrow types, as `dtypes` and `printSchema` show them and `cast` takes them."""

from __future__ import annotations

import pyarrow as pa

_SIMPLE: dict[pa.DataType, str] = {
    pa.bool_(): "boolean",
    pa.int8(): "tinyint",
    pa.int16(): "smallint",
    pa.int32(): "int",
    pa.int64(): "bigint",
    pa.uint8(): "smallint",
    pa.uint16(): "int",
    pa.uint32(): "bigint",
    pa.uint64(): "decimal(20,0)",
    pa.float16(): "float",
    pa.float32(): "float",
    pa.float64(): "double",
    pa.date32(): "date",
    pa.date64(): "date",
    pa.null(): "void",
}


def to_spark_type(type_: pa.DataType) -> str:
    """The type's name in Spark; a type without one (such as time) has Arrow's name."""
    if type_ in _SIMPLE:
        return _SIMPLE[type_]
    if pa.types.is_decimal(type_):
        return f"decimal({type_.precision},{type_.scale})"
    if pa.types.is_timestamp(type_):
        return "timestamp" if type_.tz else "timestamp_ntz"
    if pa.types.is_string(type_) or pa.types.is_large_string(type_) or pa.types.is_string_view(type_):
        return "string"
    if _is_binary(type_):
        return "binary"
    return _format_nested(type_)


def _format_nested(type_: pa.DataType) -> str:
    if pa.types.is_map(type_):
        return f"map<{to_spark_type(type_.key_type)},{to_spark_type(type_.item_type)}>"
    if pa.types.is_list(type_) or pa.types.is_large_list(type_) or pa.types.is_fixed_size_list(type_):
        return f"array<{to_spark_type(type_.value_type)}>"
    if pa.types.is_struct(type_):
        return "struct<" + ",".join(f"{field.name}:{to_spark_type(field.type)}" for field in type_) + ">"
    if pa.types.is_dictionary(type_):
        return to_spark_type(type_.value_type)
    return str(type_)


def _is_binary(type_: pa.DataType) -> bool:
    return bool(pa.types.is_binary(type_) or pa.types.is_large_binary(type_) or pa.types.is_fixed_size_binary(type_))
