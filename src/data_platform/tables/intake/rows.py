"""A list of dicts, as one batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from data_platform.errors import Mismatch, SchemaMismatch, UnreadableData
from data_platform.spec.arrow import to_arrow
from data_platform.spec.types import TableSchema
from data_platform.tables.intake.stream import ACCEPTED, Intake


def open_rows(rows: Sequence[Any], contract: TableSchema | None, hint: str = ACCEPTED) -> Intake:
    """Rows, each a mapping from column to value."""
    odd = next((number for number, row in enumerate(rows, 1) if not isinstance(row, Mapping)), None)
    if odd is not None:
        raise UnreadableData(f"row {odd} is {type(rows[odd - 1]).__name__}, not a dict", hint=hint)
    if not rows and contract is not None:
        empty = to_arrow(contract).empty_table()
        return Intake(empty.schema, empty.to_batches())
    names = list(dict.fromkeys(name for row in rows for name in row))
    arrays, wrong = [], []
    for name in names:
        try:
            arrays.append(pa.array([row.get(name) for row in rows]))
        except (pa.ArrowException, TypeError, ValueError, OverflowError):
            wrong.append(Mismatch(str(name), "type", "its values are of several types, or too large for any"))
    if wrong:
        raise SchemaMismatch("the rows", wrong)
    batch = pa.RecordBatch.from_arrays(arrays, names=[str(name) for name in names])
    return Intake(batch.schema, [batch], untyped=True)
