"""Rows as text and as JSON: what Arrow holds and these formats lack is converted to text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa

from data_platform.engine.moment_text import is_out_of_range, needs_text, read_with_text
from data_platform.spec.text.json_values import dump_json, to_json_value

_OBJECT_ROWS = 2048
_OBJECT_BYTES = 1024 * 1024


def read_objects(reader: pa.RecordBatchReader) -> Iterator[dict[str, object]]:
    """The rows as JSON objects, one at a time."""
    whole = [field.name for field in reader.schema if pa.types.is_decimal(field.type) and field.type.scale == 0]
    for batch in reader:
        # Python objects take many times the bytes of a batch, so a few rows are converted at a time
        rows = max(1, min(_OBJECT_ROWS, _OBJECT_BYTES * batch.num_rows // max(1, batch.nbytes)))
        parts = (batch.slice(start, rows) for start in range(0, batch.num_rows, rows))
        for row in (row for part in parts for row in _read_rows(part)):
            # a sum of integers is a decimal in SQL; as a JSON number it loses no digit
            yield row | {name: int(row[name]) for name in whole if row[name] is not None}


def _read_rows(batch: pa.RecordBatch) -> list[dict[str, Any]]:
    if not any(map(needs_text, batch.columns)):
        rows: list[dict[str, Any]] = batch.to_pylist()
        return rows
    columns = map(read_values, batch.columns)
    return [dict(zip(batch.schema.names, values, strict=True)) for values in zip(*columns, strict=True)]


def convert_columns(
    reader: pa.RecordBatchReader, is_text: Callable[[pa.DataType], bool] = lambda kind: False
) -> pa.RecordBatchReader:
    """Converts the columns that `is_text` selects to text, and columns with intervals, which both formats lack."""
    texts = [is_text(kind) or _has_interval(kind) for kind in reader.schema.types]
    fields = [pa.field(f.name, pa.string()) if text else f for f, text in zip(reader.schema, texts, strict=True)]
    schema = pa.schema(fields)

    def convert_batches() -> Iterator[pa.RecordBatch]:
        for batch in reader:
            columns = [
                _convert_to_text(array) if text else array for array, text in zip(batch.columns, texts, strict=True)
            ]
            yield pa.record_batch(columns, schema=schema)

    return pa.RecordBatchReader.from_batches(schema, convert_batches())


def _has_interval(kind: pa.DataType) -> bool:
    inner = [kind.field(at).type for at in range(kind.num_fields)]
    return bool(pa.types.is_interval(kind)) or any(map(_has_interval, inner))


def _convert_to_text(array: pa.Array) -> pa.Array:
    return pa.array([None if value is None else _format_text(value) for value in read_values(array)], pa.string())


def write_moments(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The batch with those columns as text that have a date or time outside of the years 1 to 9999, or of a day."""
    columns = [_convert_to_text(array) if is_out_of_range(array) else array for array in batch.columns]
    return pa.record_batch(columns, names=batch.schema.names)


def read_values(array: pa.Array | pa.ChunkedArray) -> list[Any]:
    """The values as Python objects; dates and times that Python cannot hold are text."""
    chunks = array.chunks if isinstance(array, pa.ChunkedArray) else [array]
    return [value for chunk in chunks for value in (read_with_text if needs_text(chunk) else _read_plain)(chunk)]


def _read_plain(array: pa.Array) -> list[Any]:
    values: list[Any] = array.to_pylist()
    return values


def _format_text(value: object) -> str:
    text = to_json_value(value)
    return text if isinstance(text, str) else dump_json(value)


def is_binary(kind: pa.DataType) -> bool:
    """Whether values of the type are bytes."""
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind))
