"""Packed bodies, unpacked while they arrive, and no more than a bound of what they hold."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from data_platform.errors import TooLarge, UnreadableData
from data_platform.server.bodies.handover import ByteReader
from data_platform.server.problem_replies import HttpProblem

CODECS = ("gzip", "zstd")
_BLOCK = 256 * 1024
_FREE_BYTES = 64 * 1024 * 1024
_MOST_TIMES = 200
"""Beyond the first 64 MiB: how many times its packed size a body may have."""


def unpack(chunks: Iterator[bytes], codec: str) -> Iterator[bytes]:
    """The bytes unpacked; raises TooLarge for a bomb, UnreadableData for what is damaged or cut off."""
    if codec == "identity":
        yield from chunks
        return
    if codec not in CODECS:
        raise HttpProblem(415, f"a body is packed with {' or '.join(CODECS)}", Accept_Encoding=", ".join(CODECS))
    packed = _Counted(chunks)
    unpacked = 0
    try:
        stream = pa.CompressedInputStream(pa.PythonFile(ByteReader(packed), mode="r"), codec)
        while block := stream.read(_BLOCK):
            unpacked += len(block)
            if unpacked > _FREE_BYTES + packed.size * _MOST_TIMES:
                raise TooLarge(f"the body has more than {_MOST_TIMES} times its packed size")
            yield block
    except (pa.ArrowException, OSError):
        raise UnreadableData(f"the body cannot be unpacked with {codec}", hint="is it whole?") from None


class _Counted:
    """Chunks, and how many bytes they had so far."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self.size = 0

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        chunk = next(self._chunks)
        self.size += len(chunk)
        return chunk
