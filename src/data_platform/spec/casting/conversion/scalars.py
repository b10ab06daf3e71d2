"""Conversions between scalar types of typed data.

| column | data that fits |
|---|---|
| boolean | booleans |
| int, long | integers of any width in range; decimals without digits after the point |
| float | half and single floats; integers up to 2^24 |
| double | floats; integers up to 2^53; decimals of up to 15 digits, which a double keeps |
| decimal | integers and decimals whose value fits exactly |
| date, time, timestamp | the same in any unit, as long as it is exact |
| timestamptz | timestamps with any zone; the instant is kept, the zone becomes UTC |
| string | text in any layout |
| binary, fixed | bytes in any layout, of the right length for fixed |
"""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc

from data_platform.spec.casting.conversion.basics import Converter, apply_in_order, to
from data_platform.spec.schema.arrow import is_binary, is_text
from data_platform.spec.schema.types import DataType, Decimal, Fixed, Kind, Primitive

DOUBLE_DIGITS = 15
"""So many decimal digits survive the way into a double and back (DBL_DIG of ISO C)."""
_LARGEST_EXACT_POWER = 22  # 10^22 is the largest power of ten that a double holds exactly
_INTEGER_DIGITS = 20  # of the largest unsigned 64-bit integer


def find_typed_converter(kind: DataType, source: pa.DataType, target: pa.DataType) -> Converter | None:
    """The converter from `source` to `kind` (`target` in Arrow); None when values could change."""
    match kind:
        case Decimal():
            return _to_decimal(source, target)
        case Fixed():
            return to(target) if is_binary(source) else None
        case Primitive(Kind.INT | Kind.LONG):
            return to(target) if pa.types.is_integer(source) or _is_whole_decimal(source) else None
        case Primitive(Kind.DOUBLE) if pa.types.is_decimal(source):
            return _make_decimal_to_double(source)
        case Primitive(name) if name in _FITS and _FITS[name](source):
            return to(target)
        case _:
            return None


def _is_whole_decimal(source: pa.DataType) -> bool:
    return bool(pa.types.is_decimal(source) and source.scale <= 0)


def _to_decimal(source: pa.DataType, target: pa.DataType) -> Converter | None:
    if pa.types.is_decimal(source):
        return to(target)
    if not pa.types.is_integer(source):
        return None
    # Arrow requires room for every integer of the type, so the conversion goes through a wider decimal.
    return apply_in_order(to(pa.decimal256(_INTEGER_DIGITS + target.scale, target.scale)), to(target))


def _make_decimal_to_double(source: pa.DataType) -> Converter:
    """Divides by a power of ten: Arrow's cast multiplies by one that no double represents, and is off by a bit."""
    if not (pa.types.is_decimal128(source) and 0 <= source.scale <= _LARGEST_EXACT_POWER):
        narrow = pa.decimal256(76, source.scale) if source.scale > 0 else pa.decimal256(76, 0)
        return apply_in_order(to(narrow), _check_few_digits, to(pa.string()), to(pa.float64()))
    unscaled, divisor = pa.decimal128(source.precision, 0), 10.0**source.scale

    def convert(array: pa.Array) -> pa.Array:
        digits = array.view(unscaled).cast(pa.decimal128(DOUBLE_DIGITS, 0))
        return pc.divide(digits.cast(pa.int64()).cast(pa.float64()), divisor)

    return convert


def _check_few_digits(array: pa.Array) -> pa.Array:
    array.view(pa.decimal256(76, 0)).cast(pa.decimal128(DOUBLE_DIGITS, 0))
    return array


def convert_uuid_to_text(array: pa.Array) -> pa.Array:
    """Arrow's uuid extension as text of 36 characters."""
    values = [None if value is None else str(uuid.UUID(bytes=value)) for value in array.storage.to_pylist()]
    return pa.array(values, pa.string())


def _is_bytes(source: pa.DataType) -> bool:
    return is_binary(source) or bool(pa.types.is_fixed_size_binary(source))


_SMALL_FLOATS = (pa.float16(), pa.float32())
_FITS: dict[Kind, Callable[[pa.DataType], bool]] = {
    Kind.FLOAT: lambda source: source in _SMALL_FLOATS or pa.types.is_integer(source),
    Kind.DOUBLE: lambda source: pa.types.is_floating(source) or pa.types.is_integer(source),
    Kind.DATE: pa.types.is_date,
    Kind.TIME: pa.types.is_time,
    Kind.TIMESTAMP: lambda source: pa.types.is_timestamp(source) and source.tz is None,
    Kind.TIMESTAMPTZ: lambda source: pa.types.is_timestamp(source) and source.tz is not None,
    Kind.STRING: is_text,
    Kind.BINARY: _is_bytes,
}
