"""Rows as dicts: a list, or an iterator that is read in batches if there is a contract."""

from __future__ import annotations

import datetime as dt
import decimal
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any
from uuid import UUID

import pyarrow as pa

from data_platform.errors import Mismatch, SchemaMismatch, UnreadableData
from data_platform.spec.casting.cast import PROTECTED
from data_platform.spec.casting.conversion.extras import has_protected
from data_platform.spec.schema.arrow import to_arrow
from data_platform.spec.schema.types import TableSchema
from data_platform.spec.text.names import quote_text
from data_platform.tables.intake.stream import ACCEPTED, BATCH_ROWS, Intake
from data_platform.tables.intake.values import HALF, OddValue, build_array, is_unicode

UNNAMED = "a column"
"""The label of a column that is not in a contract with protected columns: its name may be a value."""


def open_rows(
    rows: Iterable[Any], contract: TableSchema | None, hint: str = ACCEPTED, protected: Collection[str] = ()
) -> Intake:
    """Rows, each a mapping from column to value; without a contract they are kept in memory to infer their types.

    Raises UnreadableData for a row that is no mapping, SchemaMismatch with column and row for a value whose kind
    differs from the others; without the value if the column is `protected`.
    """
    names: dict[Any, None] = {}
    is_streamed = contract is not None and not isinstance(rows, Sequence)
    chunks = _split_chunks(iter(rows), BATCH_ROWS if is_streamed else None)
    first = next(chunks, [])
    if not first and contract is not None:
        empty = to_arrow(contract).empty_table()
        return Intake(empty.schema, empty.to_batches())
    batch = _build_batch(first, 0, names, contract, hint, protected)

    def read_batches() -> Iterator[pa.RecordBatch]:
        yield batch
        start = len(first)
        for chunk in chunks:
            yield _build_batch(chunk, start, names, contract, hint, protected)
            start += len(chunk)

    return Intake(batch.schema, read_batches(), untyped=True)


def _split_chunks(rows: Iterator[Any], size: int | None) -> Iterator[list[Any]]:
    while chunk := list(islice(rows, size)):
        yield chunk


def _build_batch(
    rows: Sequence[Any],
    start: int,
    names: dict[Any, None],
    contract: TableSchema | None,
    hint: str,
    protected: Collection[str],
) -> pa.RecordBatch:
    """The rows after the first `start` ones, with all columns seen so far; new ones are added to `names`."""
    odd = next((number for number, row in enumerate(rows) if not isinstance(row, Mapping)), None)
    if odd is not None:
        raise UnreadableData(f"row {start + odd + 1:,} is {type(rows[odd]).__name__}, not a dict", hint=hint)
    arrays: dict[str, pa.Array] = {}
    wrong: list[Mismatch] = []
    is_named = contract is None or not has_protected(contract.columns)
    names |= dict.fromkeys(chain.from_iterable(rows))
    for name in names:
        column = contract.get(name) if contract is not None and isinstance(name, str) else None
        if not isinstance(name, str):
            label = str(name) if is_named else UNNAMED
            wrong.append(Mismatch(label, "extra", f"the column's name is of type {type(name).__name__}, not text"))
            continue
        if not is_unicode(name):
            place = next(number for number, row in enumerate(rows, start + 1) if name in row)
            label = quote_text(name) if is_named else UNNAMED
            wrong.append(Mismatch(label, "extra", f"the column's name, first in row {place:,}, {HALF}"))
            continue
        try:
            arrays[str(name)] = build_array([row.get(name) for row in rows], column.type if column else None)
        except OddValue as error:
            label = str(name) if column or is_named else UNNAMED
            wrong.append(to_mismatch(error, label, start, showing=is_shown(str(name), contract, protected)))
        except RecursionError:
            label = name if column or is_named else UNNAMED
            raise UnreadableData(f"column {label}: its values are nested too deeply") from None
    if wrong:
        raise SchemaMismatch("the rows", wrong)
    return pa.RecordBatch.from_arrays(list(arrays.values()), names=list(arrays))


def is_shown(name: str, contract: TableSchema | None, protected: Collection[str]) -> bool:
    """Whether errors may show values of the column; without a contract, if it is not `protected`."""
    if contract is None:
        return name not in protected
    column = contract.get(name)
    return column is not None and not (column.pii or column.encrypted)


def to_mismatch(error: OddValue, column: str, start: int, *, showing: bool) -> Mismatch:
    """The error with its row (counted from 1; `start` rows came before), and with the value only if `showing`."""
    row = f"row {start + error.index + 1:,}"
    if error.other is not None:
        first = f"{error.other[1]} in row {start + error.other[0] + 1:,}"
        what = f"{error.reason} in {row}, and {first}: a column holds values of one kind"
        return Mismatch(column + error.path, "type", what)
    value = _describe_value(error.value) if showing else PROTECTED
    return Mismatch(column + (error.path if showing else ""), "value", f"{value} in {row} {error.reason}")


_SHOWN = (str, int, float, bytes, decimal.Decimal, dt.date, dt.time, dt.timedelta, UUID)


def _describe_value(value: object) -> str:
    try:
        text = repr(value) if isinstance(value, _SHOWN) else "a value"
    except ValueError:  # an integer of more than 4,300 digits
        text = "a whole number"
    return text if len(text) <= 80 else f"{text[:79]}…"
