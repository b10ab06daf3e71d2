"""The scalar arrays inside a nested one, without the values that slices and nulls hide."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from data_platform.spec.schema.arrow import is_list


def iterate_leaves(array: pa.Array) -> Iterator[pa.Array]:
    """The arrays of scalars inside `array` in the order of their types; `array` itself when it is not nested."""
    kind = array.type
    if pa.types.is_struct(kind):
        for child in array.flatten():
            yield from iterate_leaves(child)
    elif pa.types.is_map(kind):
        for members in (array.keys, array.items):
            yield from iterate_leaves(extract_lists(array, members).flatten())
    elif is_list(kind):
        yield from iterate_leaves(array.flatten())
    elif not pa.types.is_nested(kind):
        yield array


def extract_lists(maps: pa.Array, members: pa.Array) -> pa.Array:
    """A map's keys or values as lists, without values that slices and null maps hide."""
    # Arrow takes no mask beside offsets that are a slice: adding nothing makes them whole.
    mask = maps.is_null() if maps.null_count else None
    return pa.ListArray.from_arrays(pc.add(maps.offsets, 0), members, mask=mask)
