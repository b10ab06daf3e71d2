"""An Arrow IPC stream from a stranger as a reader of batches that are safe to touch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data_platform.errors import Mismatch, SchemaMismatch, TooLarge, UnreadableData
from data_platform.server.bodies.arrow_messages import LARGEST_BATCH, check_messages
from data_platform.server.bodies.handover import ByteReader
from data_platform.tables.intake.stream import BatchStream

_SLICE_ROWS = 131_072
_WITH_LENGTHS = (
    *(pa.types.is_binary, pa.types.is_large_binary, pa.types.is_binary_view),
    *(pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view),
)


def open_arrow(chunks: Iterator[bytes]) -> BatchStream:
    """The batches of the stream, validated and in slices; raises UnreadableData, TooLarge, SchemaMismatch."""
    messages = ByteReader(check_messages(ByteReader(chunks)))
    try:
        stream = pa.ipc.open_stream(pa.PythonFile(messages, mode="r"))
        list(_list_names(stream.schema))
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _explain(error) from None
    _refuse_types(stream.schema)
    return BatchStream(stream.schema, _read_batches(stream))


def _read_batches(stream: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    while True:
        try:
            batch = next(stream, None)
            if batch is None:
                return
            batch.validate(full=True)
        except (pa.ArrowException, OSError, ValueError) as error:
            raise _explain(error) from None
        for start in range(0, batch.num_rows, _SLICE_ROWS):
            part = batch.slice(start, _SLICE_ROWS)
            for column in part.columns:
                refuse_expansion(column)
            yield part


def _list_names(fields: Iterable[pa.Field]) -> Iterator[str]:
    """The names of columns and members; raises ValueError for one that is no UTF-8."""
    for field in fields:
        yield field.name
        kind = field.type
        if pa.types.is_nested(kind):
            yield from _list_names(kind.field(at) for at in range(kind.num_fields))


def _refuse_types(schema: pa.Schema) -> None:
    """Raises SchemaMismatch for types whose few bytes may stand for any number of values."""
    wrong = [
        Mismatch(
            field.name, "type", f"is {field.type}, which is not taken over HTTP; write it as a plain list or column"
        )
        for field in schema
        if _has_runs_or_views(field.type)
    ]
    if wrong:
        raise SchemaMismatch("the table", wrong)


def _has_runs_or_views(kind: pa.DataType) -> bool:
    if isinstance(kind, pa.BaseExtensionType):
        return _has_runs_or_views(kind.storage_type)
    if pa.types.is_run_end_encoded(kind) or pa.types.is_list_view(kind) or pa.types.is_large_list_view(kind):
        return True
    if pa.types.is_dictionary(kind):
        inner = kind.value_type
        return pa.types.is_nested(inner) or pa.types.is_dictionary(inner) or _has_runs_or_views(inner)
    return pa.types.is_nested(kind) and any(_has_runs_or_views(kind.field(at).type) for at in range(kind.num_fields))


def refuse_expansion(array: pa.Array) -> None:
    """Raises TooLarge where values that share bytes would become too many: of a dictionary, or of views."""
    kind = array.type
    if isinstance(kind, pa.BaseExtensionType):
        refuse_expansion(array.storage)
    elif pa.types.is_dictionary(kind):
        _check_dictionary(array)
    elif pa.types.is_string_view(kind) or pa.types.is_binary_view(kind):
        _check_sum(_read_view_lengths(array))
    elif pa.types.is_struct(kind):
        for member in array.flatten():
            refuse_expansion(member)
    elif pa.types.is_map(kind):
        refuse_expansion(array.keys)
        refuse_expansion(array.items)
    elif pa.types.is_nested(kind) and not pa.types.is_union(kind):
        refuse_expansion(array.flatten())


def _read_view_lengths(array: pa.Array) -> pa.Array:
    """The lengths of the values: each view of 16 bytes begins with its own."""
    views = np.frombuffer(array.buffers()[1] or b"", np.int32)[::4][array.offset : array.offset + len(array)]
    return pa.array(views, mask=array.is_null().to_numpy(zero_copy_only=False))


def _check_dictionary(array: pa.DictionaryArray) -> None:
    kind = array.type.value_type
    if pa.types.is_fixed_size_binary(kind):
        _check_size(kind.byte_width * len(array), len(array))
    elif _has_lengths(kind):
        _check_sum(pc.binary_length(array.dictionary).take(array.indices))


def _has_lengths(kind: pa.DataType) -> bool:
    return any(is_kind(kind) for is_kind in _WITH_LENGTHS)


def _check_sum(lengths: pa.Array) -> None:
    _check_size(pc.sum(lengths).as_py() or 0, len(lengths))


def _check_size(size: int, rows: int) -> None:
    if size > LARGEST_BATCH:
        raise TooLarge(f"the values of {rows:,} rows would have {size:,} bytes", hint="write shorter values")


def _explain(error: Exception) -> UnreadableData:
    """The reason without the values that the library quotes."""
    return UnreadableData(f"the Arrow stream is damaged ({type(error).__name__})")
