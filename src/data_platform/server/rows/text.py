"""Rows as CSV and as JSON lines, as `publish` reads them and `consume` writes them."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.csv as pc

from data_platform.engine.row_text import check_batches, convert_columns, is_binary, read_objects
from data_platform.errors import DataPlatformError
from data_platform.server.rows.buffers import take
from data_platform.server.rows.source import AnswerRows, StreamCut
from data_platform.spec.text.json_values import dump_json

_CHUNK = 256 * 1024


def write_csv(rows: AnswerRows, codec: str | None, request_id: str) -> Iterator[bytes]:
    """CSV with a header: null is empty, empty text is `""`, nested values are JSON."""
    out = io.BytesIO()
    try:
        reader = convert_columns(rows.to_batches(), lambda kind: pa.types.is_nested(kind) or is_binary(kind))
        with pc.CSVWriter(out, reader.schema) as writer:
            yield take(out)
            for batch in check_batches(reader):
                writer.write_batch(batch)
                yield take(out)
    except DataPlatformError as error:
        raise StreamCut(type(error).__name__) from error
    finally:
        rows.close()


def write_json_lines(rows: AnswerRows, codec: str | None, request_id: str) -> Iterator[bytes]:
    """One JSON object for each row, on a line of its own."""
    chunk = bytearray()
    try:
        for row in read_objects(rows.to_batches()):
            chunk += dump_json(row).encode() + b"\n"
            if len(chunk) >= _CHUNK:
                yield bytes(chunk)
                chunk.clear()
    except DataPlatformError as error:
        raise StreamCut(type(error).__name__) from error
    finally:
        rows.close()
    if chunk:
        yield bytes(chunk)
