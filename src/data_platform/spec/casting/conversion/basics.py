"""Types, errors and helpers that the converters share."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa

Converter = Callable[[pa.Array], pa.Array]
"""Turns an array into one of a column's type; ValueError (pyarrow.ArrowInvalid is one) when a value does not fit."""


class NullFound(ValueError):
    """A null inside a nested value where the contract has none; `path` is dotted."""

    def __init__(self, path: str) -> None:
        self.path = path
        super().__init__(path)


class ValueChanged(ValueError):
    """The value has no exact counterpart in the column's type."""


class OutOfRange(ValueError):
    """The value is outside the range of the column's type; the message gives the reason without the value."""


class BrokenLayout(OutOfRange):
    """The array violates Arrow's format, so that its values must not be read."""


def keep_as_is(array: pa.Array) -> pa.Array:
    """The identity converter, for arrays that already have the type."""
    return array


def apply_in_order(*converters: Converter) -> Converter:
    """A converter that applies the given ones in order."""
    steps = [step for step in converters if step is not keep_as_is]
    if len(steps) < 2:
        return steps[0] if steps else keep_as_is

    def convert(array: pa.Array) -> pa.Array:
        for step in steps:
            array = step(array)
        return array

    return convert


def to(target: pa.DataType) -> Converter:
    """A converter by Arrow's safe cast, which refuses overflow and truncation."""
    return lambda array: array.cast(target)


def make_nulls(count: int, kind: pa.DataType) -> pa.Array:
    """An array of `count` nulls of the type."""
    if not pa.types.is_struct(kind):
        return pa.nulls(count, kind)
    inside = [(field, make_nulls(count, field.type)) for field in kind]
    arrays = [values if field.nullable else fill_nulls(values) for field, values in inside]
    return pa.StructArray.from_arrays(arrays, fields=list(kind), mask=pa.repeat(True, count))


def fill_nulls(array: pa.Array) -> pa.Array:
    """The array with arbitrary values in place of its nulls, which a null struct hides and Parquet refuses."""
    kind = array.type
    if not array.null_count:
        return array
    if pa.types.is_struct(kind):
        return pa.StructArray.from_arrays([array.field(n) for n in range(kind.num_fields)], fields=list(kind))
    if pa.types.is_list(kind):
        return pa.ListArray.from_arrays(array.offsets, array.values, type=kind)
    if pa.types.is_map(kind):
        return pa.MapArray.from_arrays(array.offsets, array.keys, array.items, type=kind)
    return pa.Array.from_buffers(kind, len(array), [None, *array.buffers()[1:]], 0, array.offset)


def decode_dictionary(array: pa.Array) -> pa.Array:
    """The dictionary array as a plain array; Arrow 26 cannot take views of text or bytes by index."""
    kind = array.type.value_type
    if pa.types.is_string_view(kind) or pa.types.is_binary_view(kind):
        plain = pa.large_string() if pa.types.is_string_view(kind) else pa.large_binary()
        array = pa.DictionaryArray.from_arrays(array.indices, array.dictionary.cast(plain), safe=False)
    return array.dictionary_decode()
