"""Packed bodies, unpacked while they arrive, and no more than a bound of what they hold."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Collection, Iterator

import pyarrow as pa
from starlette.datastructures import Headers

from data_platform.errors import TooLarge, UnreadableData
from data_platform.server.bodies.handover import ByteReader
from data_platform.server.problem_replies import HttpProblem

IDENTITY, GZIP = "identity", "gzip"
DATA_CODINGS = (GZIP, "zstd")
DOCUMENT_CODINGS = (GZIP,)
_GZIP_BITS = 16 + zlib.MAX_WBITS
_BLOCK = 256 * 1024
_FREE_BYTES = 64 * 1024 * 1024
_MOST_TIMES = 200
"""Beyond the first 64 MiB: how many times its packed size a body may have."""


def read_coding(headers: Headers, offered: Collection[str]) -> str:
    """The coding of a body, one of those `offered` or identity; raises HttpProblem (415) for another one."""
    coding = headers.get("content-encoding", IDENTITY).strip().lower() or IDENTITY
    coding = GZIP if coding == "x-gzip" else coding  # its former name (RFC 9110, 8.4.1.3)
    if coding != IDENTITY and coding not in offered:
        raise HttpProblem(
            415,
            f"a body in the coding {coding[:100]!a} is not taken here",
            hint=f"pack it with {' or '.join(offered)}, or send it as it is, without Content-Encoding",
            Accept_Encoding=", ".join(offered),
        )
    return coding


async def unpack_document(chunks: AsyncIterator[bytes], largest: int) -> bytes:
    """A document packed with gzip; raises TooLarge beyond `largest` bytes, UnreadableData for no gzip or a cut one."""
    unpacked = bytearray()
    member = zlib.decompressobj(_GZIP_BITS)
    rest = b""
    try:
        async for chunk in chunks:
            rest = chunk
            while rest:
                if member.eof:
                    member = zlib.decompressobj(_GZIP_BITS)
                unpacked += member.decompress(rest, _BLOCK)
                if len(unpacked) > largest:
                    raise TooLarge(f"the body has more than {largest:,} bytes when it is unpacked")
                rest = member.unused_data if member.eof else member.unconsumed_tail
    except zlib.error:
        raise _not_unpacked(GZIP) from None
    if not member.eof:
        raise _not_unpacked(GZIP)
    return bytes(unpacked)


def unpack(chunks: Iterator[bytes], codec: str) -> Iterator[bytes]:
    """The bytes unpacked; raises TooLarge for a bomb, UnreadableData for what is damaged or cut off."""
    if codec == IDENTITY:
        yield from chunks
        return
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
        raise _not_unpacked(codec) from None


def _not_unpacked(codec: str) -> UnreadableData:
    return UnreadableData(f"the body cannot be unpacked with {codec}", hint="is it whole?")


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
