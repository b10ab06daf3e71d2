"""Checks the metadata of an Arrow IPC message before pyarrow reads it.

A compressed buffer states its uncompressed size, and pyarrow allocates it: a frame of a kilobyte could take all
memory. The metadata is therefore read here first (FlatBuffers, https://arrow.apache.org/docs/format/Columnar.html#ipc).
"""

from __future__ import annotations

import struct

_SCHEMA, _RECORD_BATCH = 1, 3
_HEADER_TYPE, _HEADER = 1, 2
_COMPRESSION = 3


def check_message(metadata: bytes) -> None:
    """ValueError unless the message is a schema, or a record batch whose buffers are not compressed."""
    try:
        message = follow(metadata, 0)
        kind = find_field(metadata, message, _HEADER_TYPE)
        header = find_field(metadata, message, _HEADER)
        if kind is None or header is None or metadata[kind] not in (_SCHEMA, _RECORD_BATCH):
            raise ValueError("a message that no child sends")
        if metadata[kind] == _RECORD_BATCH and find_field(metadata, follow(metadata, header), _COMPRESSION) is not None:
            raise ValueError("compressed rows, which no child sends")
    except (struct.error, IndexError):
        raise ValueError("a message that is cut off") from None


def find_field(data: bytes, table: int, number: int) -> int | None:
    """The offset of the table's field; None if it has none."""
    (back,) = struct.unpack_from("<i", data, table)
    (size,) = struct.unpack_from("<H", data, table - back)
    slot = 4 + 2 * number
    offset = struct.unpack_from("<H", data, table - back + slot)[0] if slot < size else 0
    return table + offset if offset else None


def follow(data: bytes, at: int) -> int:
    """The target of the offset at `at`."""
    return at + int(struct.unpack_from("<I", data, at)[0])
