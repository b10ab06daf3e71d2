"""Conversions of untyped data: CSV, JSON and dicts, where a date is text and every number may be a float.

Text is read as ISO 8601 and RFC 3339 write it, or in the formats that the reader was given; bytes as base64; empty text
is null. A number is taken as it is written: 12.34 is the decimal 12.34, 3.0 is the integer 3, and 12.345 is no decimal
with two digits.
"""

from __future__ import annotations

import base64

import pyarrow as pa
import pyarrow.compute as pc

from data_platform.settings.read_options import TextFormats
from data_platform.spec.casting.conversion.basics import Converter, OutOfRange, ValueChanged, apply_in_order, to
from data_platform.spec.casting.conversion.numbers import to_decimal, to_float, to_whole_number
from data_platform.spec.casting.conversion.text_bytes import read_octets
from data_platform.spec.casting.conversion.text_formats import (
    STANDARD_FORMATS,
    make_text_normalizer,
)
from data_platform.spec.casting.conversion.text_timestamps import (
    convert_midnight_to_date,
    make_instant_parser,
    parse_time,
)
from data_platform.spec.schema.arrow import is_text
from data_platform.spec.schema.types import DataType, Decimal, Fixed, Kind, Primitive

EXAMPLES = {
    Kind.BOOLEAN: "true",
    Kind.INT: "42",
    Kind.LONG: "42",
    Kind.FLOAT: "1.5",
    Kind.DOUBLE: "1.5",
    Kind.DATE: "2026-01-31",
    Kind.TIME: "09:30:00",
    Kind.TIMESTAMP: "2026-01-31T09:30:00",
    Kind.TIMESTAMPTZ: "2026-01-31T09:30:00Z",
    Kind.BINARY: "aGVsbG8=",
}
"""The text format of each type."""


def find_untyped_converter(
    kind: DataType, source: pa.DataType, target: pa.DataType, formats: TextFormats = STANDARD_FORMATS
) -> Converter | None:
    """The converter from text or an untyped number to `kind` (`target` in Arrow), or None."""
    if is_text(source):
        return apply_in_order(
            _convert_empty_to_null, make_text_normalizer(kind, formats), _from_text(kind, target, formats)
        )
    if pa.types.is_floating(source):
        return _from_float(kind, target)
    if pa.types.is_timestamp(source) and source.tz is None and kind == Primitive(Kind.DATE):
        return convert_midnight_to_date
    return None


def _from_text(kind: DataType, target: pa.DataType, formats: TextFormats) -> Converter:
    match kind:
        case Primitive(Kind.TIME):
            return apply_in_order(parse_time, to(target))
        case Primitive(Kind.BINARY) | Fixed():
            return apply_in_order(_decode_base64, to(target))
        case Primitive(Kind.INT | Kind.LONG):
            return to_whole_number(target)
        case Decimal():
            return to_decimal(target)
        case Primitive(Kind.FLOAT | Kind.DOUBLE):
            return to_float(target)
        case Primitive(Kind.TIMESTAMPTZ):
            return make_instant_parser(target, formats.zone)
        case _:
            return to(target)


def _from_float(kind: DataType, target: pa.DataType) -> Converter | None:
    match kind:
        case Decimal():
            return apply_in_order(to(pa.float64()), to(pa.string()), to_decimal(target))
        case Primitive(Kind.INT | Kind.LONG):
            return to(target)
        case Primitive(Kind.FLOAT):
            return _convert_to_float32
        case _:
            return None


def _convert_empty_to_null(array: pa.Array) -> pa.Array:
    text = array.cast(pa.string())
    if read_octets(text).is_without_empty_text():
        return text
    return pc.if_else(pc.equal(text, _EMPTY), _NOTHING, text)


# Not by pa.scalar, which loads pandas where it is installed: that takes longer than to read a small file.
_EMPTY = pa.StringArray.from_buffers(1, pa.py_buffer(bytes(8)), pa.py_buffer(b""))[0]
_NOTHING = pa.nulls(1, pa.string())[0]


def _decode_base64(array: pa.Array) -> pa.Array:
    return pa.array([None if text is None else _decode_text(text) for text in array.to_pylist()], pa.binary())


def _decode_text(text: str) -> bytes:
    """The bytes that the text encodes; refuses spare bits that are not zero, which Python would drop."""
    value = base64.b64decode(text, validate=True)
    if base64.b64encode(value).decode() != text:
        raise ValueChanged
    return value


def _convert_to_float32(array: pa.Array) -> pa.Array:
    """Doubles as floats without rounding; Arrow's cast rounds, and overflows to infinity."""
    narrow = array.cast(pa.float32())
    same = pc.or_(pc.equal(narrow.cast(array.type), array), pc.is_nan(array))
    if pc.all(same).as_py() is False:
        raise OutOfRange("is not exactly a 32-bit float; round it first (numpy.float32), or declare a double")
    return narrow
