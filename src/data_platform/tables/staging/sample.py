"""Takes a sample of the text in rows that stream by: the same rows of the same data, however it comes in batches.

The sample is the first 512 rows, and 64 more each time that the number of rows doubles: 1,344 of 4 million rows. It
has the text of columns that are not protected, also inside structs, lists and maps: the first elements of each, and the
first characters of each text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from data_platform.spec.schema.types import (
    DataType,
    Kind,
    ListOf,
    MapOf,
    Primitive,
    SchemaColumn,
    Struct,
    TableSchema,
    iterate_fields,
)

FIRST_ROWS = 512
ROWS_A_DOUBLING = 64
MOST_ELEMENTS = 8
MOST_CHARACTERS = 200
_MOST_WAITING = 1024 * 1024
"""Bytes of sampled rows that are kept whole."""

_TEXT = Primitive(Kind.STRING)


@dataclass(slots=True)
class SampledText:
    """The sampled text of one column, or of one field inside it: values with the numbers of their rows, from 0.

    `path` names it (`person.emails`), `owner` is the column or field whose annotations are about it.
    """

    path: str
    owner: SchemaColumn
    values: list[str] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)


class RowSample:
    """The sample of one stream of rows of a schema."""

    def __init__(self, schema: TableSchema) -> None:
        hidden = set(schema.masked)
        self._columns = [column for column in schema if column.name not in hidden and _has_text(column.type)]
        self._texts: dict[str, SampledText] = {}
        self._names = [column.name for column in self._columns]
        self._rows = 0
        self._waiting: list[pa.RecordBatch] = []
        self._numbers: list[int] = []
        self._bytes = 0

    @property
    def texts(self) -> tuple[SampledText, ...]:
        """What was sampled so far, in the order of the columns."""
        self._add_waiting()
        return tuple(self._texts.values())

    def watch(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """The batches as they are; the sample grows while they pass."""
        for batch in batches if self._columns else ():
            self._add(batch)
            yield batch
        yield from batches

    def _add(self, batch: pa.RecordBatch) -> None:
        """Keeps the sampled rows of a batch: a few copies, which are looked at together, as each look has its price."""
        rows = list(list_sampled_rows(self._rows, self._rows + batch.num_rows))
        if rows:
            places = pa.array([row - self._rows for row in rows], pa.int64())
            taken = batch.select(self._names).take(places)
            self._waiting.append(taken)
            self._numbers += rows
            self._bytes += taken.nbytes
            if self._bytes > _MOST_WAITING:
                self._add_waiting()
        self._rows += batch.num_rows

    def _add_waiting(self) -> None:
        if self._waiting:
            sampled = pa.Table.from_batches(self._waiting).combine_chunks()
            numbers = pa.array(self._numbers, pa.int64())
            for column in self._columns:
                self._add_value(column.name, column, column.type, sampled[column.name].chunk(0), numbers)
            self._waiting, self._numbers, self._bytes = [], [], 0

    def _add_value(self, path: str, owner: SchemaColumn, kind: DataType, values: pa.Array, rows: pa.Array) -> None:
        match kind:
            case Primitive(Kind.STRING):
                self._add_text(path, owner, values, rows)
            case Struct(fields):
                for at, inner in enumerate(fields):
                    if _has_text(inner.type):
                        member = pc.struct_field(values, [at])
                        self._add_value(f"{path}.{inner.name}", inner, inner.type, member, rows)
            case ListOf(element) if _has_text(element):
                few = pc.list_slice(values, 0, MOST_ELEMENTS)
                parents = rows.take(pc.list_parent_indices(few))
                self._add_value(path, owner, element, pc.list_flatten(few), parents)
            case MapOf(key, value):
                for part, entries in ((key, values.keys), (value, values.items)):
                    listed = pa.ListArray.from_arrays(values.offsets, entries)
                    self._add_value(path, owner, ListOf(part), listed, rows)

    def _add_text(self, path: str, owner: SchemaColumn, values: pa.Array, rows: pa.Array) -> None:
        filled = values.is_valid()
        text = self._texts.setdefault(path, SampledText(path, owner))
        text.values += pc.utf8_slice_codeunits(values.filter(filled), 0, MOST_CHARACTERS).to_pylist()
        text.rows += rows.filter(filled).to_pylist()


def list_sampled_rows(begin: int, end: int) -> Iterator[int]:
    """The numbers of the sampled rows from `begin` up to `end`."""
    yield from range(begin, min(end, FIRST_ROWS))
    low = FIRST_ROWS << max((begin // FIRST_ROWS).bit_length() - 1, 0)
    step = low // ROWS_A_DOUBLING
    while low < end:
        first = max(begin, low)
        yield from range(first + -first % step, min(end, 2 * low), step)
        low, step = 2 * low, 2 * step


def _has_text(kind: DataType) -> bool:
    match kind:
        case ListOf(element):
            return _has_text(element)
        case MapOf(key, value):
            return _has_text(key) or _has_text(value)
        case Struct():
            return any(_has_text(inner.type) for inner in iterate_fields(kind))
    return kind == _TEXT
