"""Frames of polars, some of whose types are exported as pointers, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from data_platform.errors import Mismatch, SchemaMismatch
from data_platform.spec.text.names import escape_hidden
from data_platform.tables.intake.frames.arrow import open_stream, open_table
from data_platform.tables.intake.library_errors import guard_reading
from data_platform.tables.intake.rows import to_mismatch
from data_platform.tables.intake.stream import Intake
from data_platform.tables.intake.values import OddValue, build_array

if TYPE_CHECKING:
    from polars import DataFrame

_WIDE = ("Int128", "UInt128")


def open_polars(frame: DataFrame) -> Intake:
    """A frame, its 128-bit integers as decimals; raises SchemaMismatch for Python objects inside it."""
    wrong, wide = [], []
    for name, kind in frame.schema.items():
        for path, inner in _iterate_leaves(name, kind):
            word = str(inner)
            if "\0" in path:  # polars ends the process where it hands such a name to Arrow
                wrong.append(Mismatch(escape_hidden(path), "extra", "the column's name holds the character NUL"))
            elif word == "Object":
                wrong.append(Mismatch(path, "type", "is polars' Object: cast it to the type that it holds"))
            elif word in _WIDE and path != name:
                wrong.append(Mismatch(path, "type", f"is polars' {word} inside another type: cast it to Decimal"))
            elif word in _WIDE:
                wide.append(name)
    if wrong:
        raise SchemaMismatch("the frame", wrong)
    return open_table(_with_decimals(frame, wide)) if wide else open_stream(frame)


def _with_decimals(frame: DataFrame, wide: list[str]) -> pa.Table:
    with guard_reading("the frame"):
        columns: dict[str, Any] = {
            name: frame.get_column(name).to_arrow() for name in frame.columns if name not in wide
        }
    for name in wide:
        try:
            columns[name] = build_array(frame.get_column(name).to_list())
        except OddValue as error:
            raise SchemaMismatch("the frame", [to_mismatch(error, name, 0, showing=False)]) from None
    return pa.table({name: columns[name] for name in frame.columns})


def _iterate_leaves(path: str, kind: Any) -> Iterator[tuple[str, Any]]:
    fields = getattr(kind, "fields", None)
    inner = getattr(kind, "inner", None)
    if fields:
        for field in fields:
            yield from _iterate_leaves(f"{path}.{field.name}", field.dtype)
    elif inner is not None:
        yield from _iterate_leaves(f"{path}.element", inner)
    else:
        yield path, kind
