"""Maps whose keys are distinct: Arrow carries a map with the same key twice, and most readers keep one of the two."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from data_platform.spec.casting.conversion.basics import Converter, OutOfRange, keep_as_is
from data_platform.spec.casting.conversion.leaves import extract_lists
from data_platform.spec.schema.types import DataType, ListOf, MapOf, Struct


def make_key_check(kind: DataType) -> Converter:
    """A converter that returns an array of the column's type unchanged, or raises OutOfRange for a repeated key."""
    return _check_keys if _has_maps(kind) else keep_as_is


def _has_maps(kind: DataType) -> bool:
    match kind:
        case MapOf():
            return True
        case ListOf(element):
            return _has_maps(element)
        case Struct(fields):
            return any(_has_maps(field.type) for field in fields)
        case _:
            return False


def _check_keys(array: pa.Array) -> pa.Array:
    if any(map(_has_repeated_key, _iterate_key_lists(array))):
        raise OutOfRange("has the same key twice")
    return array


def _iterate_key_lists(array: pa.Array) -> Iterator[pa.Array]:
    """The keys of every map at any depth, as lists, without values that slices and nulls hide."""
    if pa.types.is_map(array.type):
        keys = extract_lists(array, array.keys)
        yield keys
        yield from _iterate_key_lists(keys.flatten())
        yield from _iterate_key_lists(extract_lists(array, array.items).flatten())
    elif pa.types.is_list(array.type):
        yield from _iterate_key_lists(array.flatten())
    elif pa.types.is_struct(array.type):
        for child in array.flatten():
            yield from _iterate_key_lists(child)


def _has_repeated_key(lists: pa.Array) -> bool:
    lists = lists.drop_null()
    keys = lists.flatten()
    if pa.types.is_nested(keys.type):
        keys = pa.array(map(repr, keys.to_pylist()), pa.string())
    encoded = keys.dictionary_encode()
    places = pc.multiply(pc.list_parent_indices(lists).cast(pa.int64()), len(encoded.dictionary))
    pairs = pc.add(places, encoded.indices.cast(pa.int64()))
    return bool(pc.count_distinct(pairs, mode="all").as_py() < len(pairs))
