"""Rows as a Parquet file, which is written whole before it is sent: its footer is at its end."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow.parquet as pq

from data_platform.engine.row_text import convert_columns
from data_platform.server.rows.source import AnswerRows
from data_platform.temporary_folders import open_scratch_folder

_CHUNK = 1024 * 1024


def write_parquet(rows: AnswerRows, codec: str | None, request_id: str) -> Iterator[bytes]:
    """The file in chunks: zstd, not encrypted, intervals as text. It lies in a private folder meanwhile."""
    try:
        reader = convert_columns(rows.to_batches())
        with open_scratch_folder("spill") as folder:
            path = folder / "rows.parquet"
            with pq.ParquetWriter(path, reader.schema, compression="zstd") as writer:
                for batch in reader:
                    writer.write_batch(batch)
            with path.open("rb") as file:
                while chunk := file.read(_CHUNK):
                    yield chunk
    finally:
        rows.close()
