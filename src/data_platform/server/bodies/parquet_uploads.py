"""Checks a Parquet file from a stranger by its footer and dictionaries, before its rows are read.

A column of a row group states its size when unpacked, and its pages are compared with that. A dictionary may have a
long value that few bytes repeat for any number of rows: such columns are first read by their indices.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from data_platform.errors import TooLarge
from data_platform.server.bodies.arrow_uploads import refuse_expansion
from data_platform.server.bodies.parquet_pages import check_pages
from data_platform.tables.intake.stream import BATCH_ROWS

LARGEST_CHUNK = 512 * 1024 * 1024
"""Bytes of one column of one row group when it is unpacked."""
_FREE_BYTES = 64 * 1024 * 1024
_MOST_TIMES = 1000
"""Beyond the first 64 MiB: how many times its size a file may have when it is unpacked."""
_LONGEST_VALUE = LARGEST_CHUNK // BATCH_ROWS


def check_parquet(path: Path) -> None:
    """Raises TooLarge for a bomb, UnreadableData for a damaged page.

    A file that is no Parquet passes: its reader says what it is.
    """
    try:
        with pq.ParquetFile(path) as file:
            _check_footer(file.metadata, path.stat().st_size)
            check_pages(path, file.metadata)
            suspicious = sorted(set(_list_dictionaries(file)))
        for name in suspicious:
            _check_column(path, name)
    except (pa.ArrowException, OSError):
        return


def _check_footer(metadata: pq.FileMetaData, size: int) -> None:
    unpacked = 0
    for number in range(metadata.num_row_groups):
        group = metadata.row_group(number)
        for place in range(group.num_columns):
            chunk = group.column(place).total_uncompressed_size
            unpacked += chunk
            if not 0 <= chunk <= LARGEST_CHUNK:
                raise TooLarge(
                    f"a column of a row group has more than {LARGEST_CHUNK:,} bytes", hint="write smaller row groups"
                )
    if unpacked > _FREE_BYTES + size * _MOST_TIMES:
        raise TooLarge(f"the file has more than {_MOST_TIMES} times its size when it is unpacked")


def _list_dictionaries(file: pq.ParquetFile) -> Iterator[str]:
    """The top columns with text or bytes whose dictionaries have room for a value that is long."""
    for number in range(file.metadata.num_row_groups):
        group = file.metadata.row_group(number)
        for place in range(group.num_columns):
            chunk = group.column(place)
            if chunk.physical_type == "BYTE_ARRAY" and chunk.total_uncompressed_size > _LONGEST_VALUE:
                yield chunk.path_in_schema


def _check_column(path: Path, name: str) -> None:
    """Raises TooLarge where the rows of a batch would have too many bytes together."""
    with pq.ParquetFile(path, read_dictionary=[name], pre_buffer=False, buffer_size=1 << 20) as file:
        for batch in file.iter_batches(BATCH_ROWS, columns=[name]):
            for column in batch.columns:
                refuse_expansion(column)
