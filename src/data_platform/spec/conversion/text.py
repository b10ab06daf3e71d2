"""Data that could not say its types: CSV, JSON and dicts, where a date is text and every number may be a float.

Text is read as ISO 8601 and RFC 3339 write it, bytes as base64; empty text is null. A number is taken as it is
written: 12.34 is the decimal 12.34, 3.0 is the integer 3, and 12.345 is no decimal with two digits.
"""

from __future__ import annotations

import base64
import decimal
import re

import pyarrow as pa
import pyarrow.compute as pc

from data_platform.spec.arrow import is_text
from data_platform.spec.conversion.basics import Converter, ValueChanged, chain, to
from data_platform.spec.types import DataType, Decimal, Fixed, Kind, Primitive

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
"""How the text of each type looks."""


def untyped_converter(kind: DataType, source: pa.DataType, target: pa.DataType) -> Converter | None:
    """The way from text or from a number of unsure type to `kind` (`target` in Arrow), or None."""
    if is_text(source):
        return chain(_empty_to_null, _from_text(kind, target))
    if pa.types.is_floating(source):
        return _from_float(kind, target)
    if pa.types.is_timestamp(source) and source.tz is None and kind == Primitive(Kind.DATE):
        return _midnight_to_date
    return None


def _from_text(kind: DataType, target: pa.DataType) -> Converter:
    match kind:
        case Primitive(Kind.TIME):
            return chain(_time, to(target))
        case Primitive(Kind.BINARY) | Fixed():
            return chain(_base64, to(target))
        case Primitive(Kind.INT | Kind.LONG):
            return chain(_decimal_digits, to(target))
        case Decimal():
            return _to_decimal(target)
        case Primitive(Kind.FLOAT):
            return chain(to(pa.float64()), _finite_float32)
        case _:
            return to(target)


def _from_float(kind: DataType, target: pa.DataType) -> Converter | None:
    match kind:
        case Decimal():
            return chain(to(pa.float64()), to(pa.string()), _to_decimal(target))
        case Primitive(Kind.INT | Kind.LONG):
            return to(target)
        case Primitive(Kind.FLOAT):
            return _finite_float32
        case _:
            return None


def _empty_to_null(array: pa.Array) -> pa.Array:
    text = array.cast(pa.string())
    return pc.if_else(pc.equal(text, _EMPTY), _NOTHING, text)


# Not by pa.scalar, which loads pandas where it is installed: that takes longer than to read a small file.
_EMPTY = pa.StringArray.from_buffers(1, pa.py_buffer(bytes(8)), pa.py_buffer(b""))[0]
_NOTHING = pa.nulls(1, pa.string())[0]


def _time(array: pa.Array) -> pa.Array:
    """Arrow reads no time from text, but a timestamp, which is a time once its day is taken away."""
    _all_match(array, r"^\d\d:\d\d(:\d\d(\.\d{1,6})?)?$")
    return pc.binary_join_element_wise("1970-01-01", array, " ").cast(pa.timestamp("us")).cast(pa.time64("us"))


def _decimal_digits(array: pa.Array) -> pa.Array:
    """Arrow would read 0x10 as 16."""
    if any(pc.any(pc.match_substring(array, sign)).as_py() for sign in "xX"):
        raise ValueChanged
    return array


def _to_decimal(target: pa.DataType) -> Converter:
    """Numbers with an exponent are few, and read by themselves: Arrow 26 lets some wrap around, and others become 0."""

    def convert(array: pa.Array) -> pa.Array:
        exponents = pc.match_substring_regex(array, "[eE]")
        if not pc.any(exponents).as_py():
            return _at_most_38_digits(array).cast(target)
        plain = _at_most_38_digits(pc.if_else(exponents, _NOTHING, array)).cast(target)
        texts = array.filter(exponents).to_pylist()
        return pc.replace_with_mask(
            plain, exponents.fill_null(False), pa.array([_exact(t, target) for t in texts], target)
        )

    return convert


def _exact(text: str, target: pa.DataType) -> decimal.Decimal:
    """The number that the text says, in the decimal's digits; raises ValueChanged where they are not enough."""
    if not _NUMBER.fullmatch(text):
        raise ValueChanged
    try:
        value = _EXACTLY.quantize(decimal.Decimal(text), decimal.Decimal(1).scaleb(-target.scale))
    except (decimal.Inexact, decimal.InvalidOperation):
        raise ValueChanged from None
    if value and value.adjusted() + 1 + target.scale > target.precision:
        raise ValueChanged
    return value


_NUMBER = re.compile(r"\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,9})?\s*", re.ASCII)
_EXACTLY = decimal.Context(prec=76, traps=[decimal.Inexact, decimal.InvalidOperation])


def _at_most_38_digits(array: pa.Array) -> pa.Array:
    """Arrow 26 lets the 39th digit wrap around into another number."""
    _all_match(array, r"^[^0-9]*0*[^0-9]?([0-9][^0-9]*){0,38}$")
    return array


def _all_match(array: pa.Array, pattern: str) -> None:
    if pc.all(pc.match_substring_regex(array, pattern)).as_py() is False:
        raise ValueChanged


def _base64(array: pa.Array) -> pa.Array:
    values = [None if text is None else base64.b64decode(text, validate=True) for text in array.to_pylist()]
    return pa.array(values, pa.binary())


def _finite_float32(array: pa.Array) -> pa.Array:
    """Arrow's cast turns what is too large into infinity."""
    narrow = array.cast(pa.float32())
    if pc.any(pc.and_(pc.is_finite(array), pc.is_inf(narrow))).as_py():
        raise ValueChanged
    return narrow


def _midnight_to_date(array: pa.Array) -> pa.Array:
    dates = array.cast(pa.date32(), safe=False)
    if pc.all(pc.equal(dates.cast(array.type), array)).as_py() is False:
        raise ValueChanged
    return dates
