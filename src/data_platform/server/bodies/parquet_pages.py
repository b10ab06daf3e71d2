"""Compares the pages of a Parquet file with its footer, before any of them is unpacked.

A reader takes the memory that the header of a page states, and unpacks so many bytes. A header is a struct in Thrift's
compact protocol (parquet.thrift: PageHeader): field 2 is the unpacked size, field 3 the packed size of what follows.
"""

from __future__ import annotations

import mmap
from pathlib import Path

import pyarrow.parquet as pq

from data_platform.errors import TooLarge, UnreadableData
from data_platform.spec.text.names import quote_text

_SLACK = 1024 * 1024
"""Bytes by which the pages of a column may differ from the footer: writers differ in what they count."""
_DEEPEST = 8
_STOP, _TRUE, _FALSE, _BYTE, _I16, _I32, _I64, _DOUBLE, _BINARY, _LIST, _SET, _MAP, _STRUCT = range(13)
_UNPACKED, _PACKED = 2, 3


def check_pages(path: Path, metadata: pq.FileMetaData) -> None:
    """Raises TooLarge where pages have more bytes than the footer states, UnreadableData for a header that is none."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        for number in range(metadata.num_row_groups):
            group = metadata.row_group(number)
            for place in range(group.num_columns):
                chunk = group.column(place)
                if chunk.compression != "UNCOMPRESSED":
                    _check_chunk(content, chunk)


def _check_chunk(content: mmap.mmap, chunk: pq.ColumnChunkMetaData) -> None:
    start = chunk.data_page_offset
    if chunk.has_dictionary_page and chunk.dictionary_page_offset:
        start = min(start, chunk.dictionary_page_offset)
    end = start + chunk.total_compressed_size
    unpacked = 0
    try:
        while start < end:
            header = _Header(content, start)
            unpacked += header.unpacked
            start = header.end + header.packed
            if unpacked > chunk.total_uncompressed_size + _SLACK:
                raise TooLarge(
                    f"the pages of the column {quote_text(chunk.path_in_schema)} have {unpacked:,} bytes or more when"
                    f" they are unpacked, and the footer says {chunk.total_uncompressed_size:,}",
                    hint="write the file again",
                )
    except (IndexError, ValueError):
        raise UnreadableData(
            f"the file has a damaged page in the column {quote_text(chunk.path_in_schema)}", hint="write the file again"
        ) from None


class _Header:
    """The header of the page at `start`; raises IndexError, ValueError for one that is damaged."""

    def __init__(self, content: mmap.mmap, start: int) -> None:
        self._content = content
        self.end = start
        self._sizes = {_UNPACKED: -1, _PACKED: -1}
        self._skip_struct(0)
        self.unpacked, self.packed = self._sizes[_UNPACKED], self._sizes[_PACKED]
        if self.unpacked < 0 or self.packed < 0:
            raise ValueError

    def _skip_struct(self, depth: int) -> None:
        if depth > _DEEPEST:
            raise ValueError
        field = 0
        while head := self._take_byte():
            delta, kind = head >> 4, head & 15
            field = field + delta if delta else self._take_integer()
            if depth == 0 and kind == _I32 and field in self._sizes:
                self._sizes[field] = self._take_integer()
            else:
                self._skip(kind, depth)

    def _skip(self, kind: int, depth: int) -> None:
        if kind in (_I16, _I32, _I64):
            self._take_varint()
        elif kind in (_BYTE, _DOUBLE):
            self.end += 1 if kind == _BYTE else 8
        elif kind == _BINARY:
            size = self._take_varint()
            self.end += size
        elif kind == _STRUCT:
            self._skip_struct(depth + 1)
        elif kind not in (_TRUE, _FALSE):
            raise ValueError  # a header has no collections

    def _take_byte(self) -> int:
        byte = self._content[self.end]
        self.end += 1
        return byte

    def _take_varint(self) -> int:
        value = shift = 0
        while shift < 64:
            byte = self._take_byte()
            value |= (byte & 127) << shift
            if byte < 128:
                return value
            shift += 7
        raise ValueError

    def _take_integer(self) -> int:
        """A zigzag integer."""
        value = self._take_varint()
        return (value >> 1) ^ -(value & 1)
