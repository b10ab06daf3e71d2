"""Rows between child and parent: each frame is a complete Arrow IPC stream and is checked on its own.

The child writes few types, uncompressed. The parent accepts nothing else, because a frame that claims large buffers
could make the parent allocate them.
"""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from data_platform.engine.worker.frames import MAX_FRAME
from data_platform.engine.worker.ipc import check_message
from data_platform.engine.worker.session import NoAnswer

_LARGEST = MAX_FRAME // 2
"""Bytes of one row."""
_FRAME = 4 * 1024 * 1024
"""Bytes of a frame with more than one row: each side has several copies of a frame."""


class Outgoing:
    """The child's side: the first `rows` rows of a reader as frames; `more` says whether there are others."""

    def __init__(self, reader: pa.RecordBatchReader, rows: int) -> None:
        self.more = False
        self._reader = reader
        self._rows = self._left = rows
        names = make_unique(reader.schema.names)
        kinds = [_normalize_type(field.type) for field in reader.schema]
        for name, kind in zip(names, kinds, strict=True):
            if not can_transfer(kind):
                raise NoAnswer(f"the column {name} has a type that cannot be returned; CAST it to VARCHAR")
        self._schema = pa.schema(list(zip(names, kinds, strict=True)))
        self._judged = [name for name, kind in zip(names, kinds, strict=True) if _may_be_invalid(kind)]

    def write_frames(self) -> Iterator[memoryview]:
        """At least one frame, which has the schema where there is no row."""
        yield _encode_frame(self._schema, None)
        for batch in self._reader:
            taken = batch.slice(0, self._left)
            if taken.num_rows:
                whole = pa.record_batch(taken.columns, names=self._schema.names).cast(self._schema)
                self._judge_values(whole)
                yield from self._split(whole)
            self._left -= taken.num_rows
            if taken.num_rows < batch.num_rows:
                self.more = True
                return

    def _judge_values(self, batch: pa.RecordBatch) -> None:
        """Arrow's decimal(38,0) does not hold the largest HUGEINT, nor its time 24:00; the parent would take none."""
        for name in self._judged:
            column = batch.column(name)
            if (problem := _find_problem(column)) is None:
                continue
            at = next(at for at in range(len(column)) if _find_problem(column.take([at])) is not None)
            row = self._rows - self._left + at + 1
            is_time = "acceptable range" in problem
            what = "a time of 24:00" if is_time else "a value of more than 38 digits"
            advice = "CAST it to VARCHAR" if is_time else "CAST it to VARCHAR or DOUBLE"
            raise NoAnswer(f"the column {name} has {what} in row {row:,}, which cannot be returned; {advice}")

    def _split(self, batch: pa.RecordBatch) -> Iterator[memoryview]:
        """The batch in frames that are not too long."""
        if batch.nbytes <= (_FRAME if batch.num_rows > 1 else _LARGEST):
            yield _encode_frame(self._schema, batch)
        elif batch.num_rows == 1:
            raise NoAnswer(f"a row is larger than {_LARGEST >> 20} MiB")
        else:
            half = batch.num_rows // 2
            yield from self._split(batch.slice(0, half))
            yield from self._split(batch.slice(half))


def read_rows(frame: bytes) -> pa.Table:
    """The parent's side: the rows of a frame; pa.ArrowException or ValueError where it is not what a child sends."""
    buffer = pa.py_buffer(frame)
    for message in pa.ipc.MessageReader.open_stream(buffer):
        check_message(message.metadata.to_pybytes())
    with pa.ipc.open_stream(buffer) as stream:
        if not all(can_transfer(field.type) for field in stream.schema):
            raise ValueError("a type that no child sends")
        table = stream.read_all()
    table.validate(full=True)
    return table


def make_unique(names: list[str]) -> list[str]:
    """The names made unique: a repeated name gets a number, as in DuckDB."""
    result: list[str] = []
    for name in names:
        number, new = 0, name
        while new in result or (number and new in names):
            number += 1
            new = f"{name}_{number}"
        result.append(new)
    return result


def can_transfer(kind: pa.DataType) -> bool:
    """Whether values of the type are returned: those that parquet, JSON and every Arrow library support."""
    if pa.types.is_nested(kind):
        is_supported = pa.types.is_list(kind) or pa.types.is_struct(kind) or pa.types.is_map(kind)
        return is_supported and all(can_transfer(kind.field(at).type) for at in range(kind.num_fields))
    return any(is_kind(kind) for is_kind in _CARRIED)


_CARRIED = (
    *(pa.types.is_boolean, pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal),
    *(pa.types.is_string, pa.types.is_binary, pa.types.is_date, pa.types.is_time, pa.types.is_timestamp),
    *(pa.types.is_interval, pa.types.is_null),
)


def _find_problem(array: pa.Array) -> str | None:
    try:
        array.validate(full=True)
    except pa.ArrowInvalid as error:
        return str(error)
    return None


def _may_be_invalid(kind: pa.DataType) -> bool:
    inner = (kind.field(at).type for at in range(kind.num_fields))
    return bool(pa.types.is_decimal(kind) or pa.types.is_time(kind)) or any(map(_may_be_invalid, inner))


def _normalize_type(kind: pa.DataType) -> pa.DataType:
    """The type with UTC as "UTC", and arrays of a fixed length as lists."""
    if pa.types.is_timestamp(kind) and kind.tz:
        return pa.timestamp(kind.unit, "UTC")
    if pa.types.is_dictionary(kind):
        return kind.value_type
    if pa.types.is_list(kind) or pa.types.is_fixed_size_list(kind):
        return pa.list_(_normalize_type(kind.value_type))
    if pa.types.is_struct(kind):
        return pa.struct([pa.field(field.name, _normalize_type(field.type)) for field in kind])
    if pa.types.is_map(kind):
        return pa.map_(_normalize_type(kind.key_type), _normalize_type(kind.item_type))
    return kind


def _encode_frame(schema: pa.Schema, batch: pa.RecordBatch | None) -> memoryview:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema) as stream:
        if batch is not None:
            stream.write_batch(batch)
    return memoryview(sink.getvalue())
