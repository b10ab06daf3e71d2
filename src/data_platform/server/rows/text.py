"""Rows as CSV and as JSON lines, as `publish` reads them and `consume` writes them."""

from __future__ import annotations

from collections.abc import Iterator

from data_platform.engine.csv_text import write_csv_chunks
from data_platform.engine.row_text import read_objects
from data_platform.errors import DataPlatformError
from data_platform.server.rows.source import AnswerRows, StreamCut
from data_platform.spec.text.json_values import dump_json

_CHUNK = 256 * 1024


def write_csv(rows: AnswerRows, codec: str | None, request_id: str) -> Iterator[bytes]:
    """CSV with a header: null is empty, empty text is `""`, nested values are JSON."""
    try:
        yield from write_csv_chunks(rows.to_batches())
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
