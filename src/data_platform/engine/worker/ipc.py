"""What an Arrow IPC message says of itself before pyarrow acts on it.

A compressed buffer names the size that it wants to become, and pyarrow believes it: a frame of a kilobyte could take
all memory. So the metadata is read here first (FlatBuffers, https://arrow.apache.org/docs/format/Columnar.html#ipc).
"""

from __future__ import annotations

import struct

_SCHEMA, _RECORD_BATCH = 1, 3
_HEADER_TYPE, _HEADER = 1, 2
_COMPRESSION = 3


def check_message(metadata: bytes) -> None:
    """ValueError unless the message is a schema, or a record batch whose buffers are not compressed."""
    try:
        message = _follow(metadata, 0)
        kind = _field(metadata, message, _HEADER_TYPE)
        header = _field(metadata, message, _HEADER)
        if kind is None or header is None or metadata[kind] not in (_SCHEMA, _RECORD_BATCH):
            raise ValueError("a message that no child sends")
        if metadata[kind] == _RECORD_BATCH and _field(metadata, _follow(metadata, header), _COMPRESSION) is not None:
            raise ValueError("compressed rows, which no child sends")
    except (struct.error, IndexError):
        raise ValueError("a message that is cut off") from None


def _field(data: bytes, table: int, number: int) -> int | None:
    """Where the table's field is, or None where it has none."""
    (back,) = struct.unpack_from("<i", data, table)
    (size,) = struct.unpack_from("<H", data, table - back)
    slot = 4 + 2 * number
    offset = struct.unpack_from("<H", data, table - back + slot)[0] if slot < size else 0
    return table + offset if offset else None


def _follow(data: bytes, at: int) -> int:
    """Where the offset at that place leads."""
    return at + int(struct.unpack_from("<I", data, at)[0])
