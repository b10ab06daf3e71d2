"""Rows as text and as JSON: what Arrow holds and these formats lack is converted, or refused with a way out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa

from data_platform.engine.export import refuse_beyond_python
from data_platform.errors import BadInput, FrameError
from data_platform.spec.text.json_values import dump_json, to_json_value

_OBJECT_ROWS = 2048
_OBJECT_BYTES = 1024 * 1024


def read_objects(reader: pa.RecordBatchReader) -> Iterator[dict[str, object]]:
    """The rows as JSON objects, one at a time."""
    whole = [field.name for field in reader.schema if pa.types.is_decimal(field.type) and field.type.scale == 0]
    for batch in check_batches(reader):
        # Python objects take many times the bytes of a batch, so a few rows are converted at a time
        rows = max(1, min(_OBJECT_ROWS, _OBJECT_BYTES * batch.num_rows // max(1, batch.nbytes)))
        parts = (batch.slice(start, rows) for start in range(0, batch.num_rows, rows))
        for row in (row for part in parts for row in read_values(part)):
            # a sum of integers is a decimal in SQL; as a JSON number it loses no digit
            yield row | {name: int(row[name]) for name in whole if row[name] is not None}


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


def check_batches(reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    """Yields the batches. Raises BadInput for a date or time that only Arrow and Parquet can represent."""
    rows = 0
    for batch in reader:
        refuse_unwritable(batch, rows)
        rows += batch.num_rows
        yield batch


def refuse_unwritable(rows: pa.Table | pa.RecordBatch, before: int = 0) -> None:
    """Raises BadInput for a value that neither CSV nor JSON can represent; `before` rows were read before."""
    try:
        refuse_beyond_python(rows, before)
    except FrameError as error:
        raise BadInput(error.message, hint=_PARQUET) from None


_PARQUET = "use --format parquet; or in SQL, convert it to text with CAST(… AS VARCHAR)"


def read_values(rows: pa.Table | pa.RecordBatch | pa.Array | pa.ChunkedArray) -> list[Any]:
    """Returns the values as Python objects. Raises BadInput for a date or time that Python cannot represent."""
    try:
        values: list[Any] = rows.to_pylist()
    except (OverflowError, ValueError) as error:
        raise BadInput(
            "a date or time is outside the years 1 to 9999, or more precise than microseconds",
            hint=_PARQUET,
        ) from error
    return values


def _format_text(value: object) -> str:
    text = to_json_value(value)
    return text if isinstance(text, str) else dump_json(value)


def is_binary(kind: pa.DataType) -> bool:
    """Whether values of the type are bytes."""
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind))
