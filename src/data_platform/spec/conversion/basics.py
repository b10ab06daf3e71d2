"""What the converters share."""

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


def same(array: pa.Array) -> pa.Array:
    """The converter of what already fits: no copy, no cost."""
    return array


def chain(*converters: Converter) -> Converter:
    """One converter that applies several in order."""
    steps = [step for step in converters if step is not same]
    if len(steps) < 2:
        return steps[0] if steps else same

    def convert(array: pa.Array) -> pa.Array:
        for step in steps:
            array = step(array)
        return array

    return convert


def to(target: pa.DataType) -> Converter:
    """Arrow's own safe cast, which refuses what would overflow or be cut."""
    return lambda array: array.cast(target)
