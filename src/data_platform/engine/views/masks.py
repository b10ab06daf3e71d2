"""Computes masks of values: what a reader sees in their place.

Kind by kind, for a column of the type that is named (a mask of any other type is `null`):

- `redact`: the text `***`, also where there is no value; NULL in a column of another type.
- `null`: NULL.
- `partial`, of text: `***`, followed by the last characters of a value of at least 8. They are at most 4, and at most a
  third of the value. A character is what a reader sees as one, with its accents; blanks and what is invisible do not
  count. Without a value it is `***` too.
- `hash`, of text and `long`: HMAC-SHA-256 under the key of the mesh, the same for equal values of one type in every
  table. Text becomes 64 hexadecimal digits, a `long` the first 63 bits.
- `year`, of dates and timestamps: the first moment of the year.
- `bucket`, of numbers: the largest multiple of the size that is not above the value, exactly. NaN, an infinity, and a
  multiple that the type cannot hold become NULL.

Where there is no value, `hash`, `year` and `bucket` give NULL. No value raises an error, which would tell of it.
"""

from __future__ import annotations

import hashlib
import hmac
import sys
from collections.abc import Callable
from decimal import Context, Decimal
from fractions import Fraction
from math import floor
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from data_platform.engine.views.characters import is_visible, split_characters
from data_platform.engine.views.constants import MASK
from data_platform.spec.access.masks import Mask, MaskKind

_SHORTEST, _MOST = 8, 4
"""Characters of the shortest value of which `partial` shows something, and the most that it shows."""
_LONG_BITS = 63
_GREATEST_FLOATS = {16: 65504.0, 32: 3.4028234663852886e38, 64: sys.float_info.max}
"""By the bits of the type."""
_EXACT = Context(prec=1000)


def fit_mask(mask: Mask, kind: pa.DataType) -> Mask:
    """The mask, or `null` where it says nothing about values of the type."""
    match mask.kind:
        case MaskKind.PARTIAL:
            fits = pa.types.is_string(kind)
        case MaskKind.HASH:
            fits = pa.types.is_string(kind) or pa.types.is_int64(kind)
        case MaskKind.YEAR:
            fits = pa.types.is_date(kind) or pa.types.is_timestamp(kind)
        case MaskKind.BUCKET:
            is_number = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
            fits = is_number and mask.size is not None and mask.size.is_finite() and mask.size > 0
        case MaskKind.REDACT | MaskKind.NULL:
            fits = True
    return mask if fits else Mask(MaskKind.NULL)


def mask_values(mask: Mask, values: pa.Array, key: bytes | None) -> pa.Array:
    """The masks of values, in their type; `key` is the mesh's, which `hash` needs."""
    kind = values.type
    match fit_mask(mask, kind).kind:
        case MaskKind.PARTIAL:
            return _map_distinct(values, kind, show_end).fill_null(MASK)
        case MaskKind.HASH:
            if key is None:
                raise ValueError("a hash needs the mask key of the mesh")
            return _map_distinct(values, kind, lambda value: hash_value(value, key))
        case MaskKind.YEAR:
            return pc.floor_temporal(values, unit="year").cast(kind)
        case MaskKind.BUCKET:
            size = Fraction(mask.size or 0)
            texts = values.cast(pa.string()) if pa.types.is_floating(kind) else values
            return _map_distinct(texts, kind, lambda value: _find_bucket(value, size, kind))
        case MaskKind.REDACT if pa.types.is_string(kind):
            return pa.repeat(pa.scalar(MASK, kind), len(values))
        case _:
            return pa.nulls(len(values), kind)


def show_end(text: str) -> str:
    """The partial mask of a text."""
    characters = split_characters(text)
    visible = sum(map(is_visible, characters))
    count = min(_MOST, visible // 3) if visible >= _SHORTEST else 0
    return MASK + "".join(characters[len(characters) - count :])


def hash_value(value: str | int, key: bytes) -> str | int:
    """The hash of a value, in its type."""
    match value:
        case str():
            return _sign(b"text", value.encode(), key).hex()
        case int():
            return int.from_bytes(_sign(b"long", str(value).encode(), key)[:8], "big") >> (64 - _LONG_BITS)


def _sign(kind: bytes, value: bytes, key: bytes) -> bytes:
    return hmac.digest(key, kind + b"\0" + value, hashlib.sha256)


def _find_bucket(value: int | str | Decimal, size: Fraction, kind: pa.DataType) -> int | float | Decimal | None:
    number = Decimal(value)
    if not number.is_finite():
        return None
    bucket = floor(Fraction(number) / size) * size
    if pa.types.is_floating(kind):
        return float(bucket) if abs(bucket) <= _GREATEST_FLOATS[kind.bit_width] else None
    unscaled = bucket * 10 ** (kind.scale if pa.types.is_decimal(kind) else 0)
    if unscaled.denominator != 1:
        return None
    if pa.types.is_decimal(kind):
        return Decimal(unscaled.numerator).scaleb(-kind.scale, _EXACT) if _fits_digits(unscaled, kind) else None
    bits = kind.bit_width - 1
    return unscaled.numerator if -(2**bits) <= unscaled.numerator < 2**bits else None


def _fits_digits(unscaled: Fraction, kind: pa.Decimal128Type) -> bool:
    return bool(abs(unscaled.numerator) < 10**kind.precision)


def _map_distinct(values: pa.Array, kind: pa.DataType, function: Callable[[Any], Any]) -> pa.Array:
    """The function of each value that is not null, computed once for equal ones."""
    encoded = values.dictionary_encode()
    return pa.array([function(value) for value in _list_values(encoded.dictionary)], kind).take(encoded.indices)


def _list_values(values: pa.Array) -> list[Any]:
    """The values in Python; bytes that are not UTF-8 become U+FFFD in text."""
    if not pa.types.is_string(values.type):
        return list(values.to_pylist())
    return [value.decode(errors="replace") for value in values.cast(pa.binary()).to_pylist()]
