"""Checks the messages of an Arrow IPC stream from a stranger before pyarrow reads them.

A message states how many bytes it has, and a compressed buffer states its size when unpacked; pyarrow allocates both.
The metadata is FlatBuffers (https://arrow.apache.org/docs/format/Columnar.html#ipc).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from data_platform.engine.worker.ipc import find_field, follow
from data_platform.errors import TooLarge, UnreadableData
from data_platform.server.bodies.handover import ByteReader

LARGEST_BATCH = 128 * 1024 * 1024
"""Bytes of one batch, as it is sent and unpacked."""
MOST_ROWS = 16 * 1024 * 1024
"""Rows of one batch: a column of nulls has rows without bytes."""
_LARGEST_METADATA = 4 * 1024 * 1024
_CONTINUATION = 0xFFFFFFFF
_SCHEMA, _DICTIONARY, _RECORDS = 1, 2, 3
_HEADER_TYPE, _HEADER, _BODY_LENGTH = 1, 2, 3
_DICTIONARY_DATA = 1
_ROWS, _BUFFERS, _COMPRESSION = 0, 2, 3
_SMALLER = "write it in smaller batches: write_table(table, max_chunksize=131072)"


def check_messages(data: ByteReader) -> Iterator[bytes]:
    """The bytes of the stream, message by message; raises UnreadableData, and TooLarge for a large message.

    The stream must have its end, so that one that was cut is not taken for a whole one.
    """
    while True:
        prefix = _read(data, 8)
        marker, size = struct.unpack("<Ii", prefix)
        if marker != _CONTINUATION or size < 0:
            raise UnreadableData("the body is no Arrow stream")
        if size == 0:
            if data.read(1):
                raise UnreadableData("the body goes on after the end of its Arrow stream")
            yield prefix
            return
        if size > _LARGEST_METADATA:
            raise TooLarge(f"the metadata of a message has more than {_LARGEST_METADATA:,} bytes")
        metadata = _read(data, size)
        yield from (prefix, metadata)
        length, batch = _read_header(metadata)
        body = _read(data, length)
        if batch is not None:
            _check_batch(metadata, batch, body)
        if body:
            yield body


def _read(data: ByteReader, size: int) -> bytes:
    read = data.read(size)
    if len(read) < size:
        raise UnreadableData("the Arrow stream ends too early", hint="close its writer, which writes the end")
    return read


def _read_header(metadata: bytes) -> tuple[int, int | None]:
    """The length of the body, and the place of the record batch in the metadata."""
    try:
        message = follow(metadata, 0)
        kind = find_field(metadata, message, _HEADER_TYPE)
        header = find_field(metadata, message, _HEADER)
        if kind is None or header is None or metadata[kind] not in (_SCHEMA, _DICTIONARY, _RECORDS):
            raise UnreadableData("the Arrow stream has a message that is no schema and no batch")
        place = find_field(metadata, message, _BODY_LENGTH)
        length = _read_long(metadata, place) if place is not None else 0
        if not 0 <= length <= LARGEST_BATCH:
            raise TooLarge(f"a batch has more than {LARGEST_BATCH:,} bytes", hint=_SMALLER)
        if metadata[kind] == _SCHEMA:
            return length, None
        batch = follow(metadata, header)
        if metadata[kind] == _DICTIONARY:
            data = find_field(metadata, batch, _DICTIONARY_DATA)
            if data is None:
                raise UnreadableData("the Arrow stream has a dictionary without values")
            batch = follow(metadata, data)
        return length, batch
    except (struct.error, IndexError):
        raise _damaged() from None


def _check_batch(metadata: bytes, batch: int, body: bytes) -> None:
    """Raises TooLarge for a batch whose rows, or unpacked bytes, are too many."""
    try:
        rows = find_field(metadata, batch, _ROWS)
        if rows is not None and not 0 <= _read_long(metadata, rows) <= MOST_ROWS:
            raise TooLarge(f"a batch has more than {MOST_ROWS:,} rows", hint=_SMALLER)
        if find_field(metadata, batch, _COMPRESSION) is None:
            return
        unpacked = sum(_read_sizes(metadata, batch, body))
    except (struct.error, IndexError):
        raise _damaged() from None
    if unpacked > LARGEST_BATCH:
        raise TooLarge(f"a batch has more than {LARGEST_BATCH:,} bytes when it is unpacked", hint=_SMALLER)


def _read_sizes(metadata: bytes, batch: int, body: bytes) -> Iterator[int]:
    """The sizes of the buffers when they are unpacked, which each of them states first."""
    field = find_field(metadata, batch, _BUFFERS)
    if field is None:
        return
    vector = follow(metadata, field)
    (count,) = struct.unpack_from("<I", metadata, vector)
    for number in range(count):
        offset, length = struct.unpack_from("<qq", metadata, vector + 4 + 16 * number)
        if not 0 <= offset <= offset + length <= len(body):
            raise _damaged()
        size = struct.unpack_from("<q", body, offset)[0] if length >= 8 else length
        if size < -1:
            raise _damaged()
        yield length if size == -1 else size


def _read_long(data: bytes, at: int) -> int:
    (number,) = struct.unpack_from("<q", data, at)
    return int(number)


def _damaged() -> UnreadableData:
    return UnreadableData("the Arrow stream is damaged")
