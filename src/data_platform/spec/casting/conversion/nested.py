"""Lists, maps and structs, rebuilt from their converted children; nulls are looked for where the contract has none."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from data_platform.spec.casting.conversion.basics import Converter, NullFound, fill_nulls, make_nulls
from data_platform.spec.casting.conversion.leaves import extract_lists


def list_converter(target: pa.DataType, element: Converter, path: str) -> Converter:
    """From any layout of a list to Arrow's list with 32-bit offsets."""
    required = not target.value_field.nullable

    def convert(array: pa.Array) -> pa.Array:
        values = element(array.flatten())
        if required and values.null_count:
            raise NullFound(f"{path}.element")
        return pa.ListArray.from_arrays(_calculate_offsets(array), values, type=target, mask=_read_null_mask(array))

    return convert


def map_converter(target: pa.DataType, key: Converter, value: Converter, path: str) -> Converter:
    """From a map to a map."""
    required = not target.item_field.nullable

    def convert(array: pa.Array) -> pa.Array:
        key_lists, value_lists = extract_lists(array, array.keys), extract_lists(array, array.items)
        keys, values = key(key_lists.flatten()), value(value_lists.flatten())
        if keys.null_count or (required and values.null_count):
            raise NullFound(f"{path}.{'key' if keys.null_count else 'value'}")
        return pa.MapArray.from_arrays(
            _calculate_offsets(key_lists), keys, values, type=target, mask=_read_null_mask(array)
        )

    return convert


def convert_object_to_map(target: pa.DataType, values: Sequence[tuple[str, Converter]]) -> Converter:
    """From a struct, which is what JSON objects and dicts are read as, to a map of the members that are not null."""

    def convert(array: pa.Array) -> pa.Array:
        children = [convert(child) for (_, convert), child in zip(values, array.flatten(), strict=True)]
        columns = [child.to_pylist() for child in children]
        names = [name for name, _ in values]
        rows = zip(*columns, strict=True)
        maps = [[(name, value) for name, value in zip(names, row, strict=True) if value is not None] for row in rows]
        valid = array.is_valid().to_pylist()
        return pa.array([row if there else None for row, there in zip(maps, valid, strict=True)], target)

    return convert


def make_struct_converter(
    target: pa.DataType, children: Sequence[tuple[int | None, Converter]], path: str
) -> Converter:
    """From a struct to a struct: for each target field, the index of its source (None: absent) and its converter."""

    def convert(array: pa.Array) -> pa.Array:
        flat = array.flatten()
        arrays = []
        for field, (index, child) in zip(target, children, strict=True):
            values = make_nulls(len(array), field.type) if index is None else child(flat[index])
            # A struct that is null has null children; one null more is a null inside a value.
            if not field.nullable and values.null_count > array.null_count:
                raise NullFound(f"{path}.{field.name}")
            arrays.append(values if field.nullable else fill_nulls(values))
        return pa.StructArray.from_arrays(arrays, fields=list(target), mask=_read_null_mask(array))

    return convert


def _calculate_offsets(array: pa.Array) -> pa.Array:
    lengths = pc.fill_null(pc.list_value_length(array), 0).cast(pa.int32())
    return pa.concat_arrays([pa.array([0], pa.int32()), pc.cumulative_sum_checked(lengths)])


def _read_null_mask(array: pa.Array) -> pa.Array | None:
    return array.is_null() if array.null_count else None
