"""The bytes of a text file or stream, unpacked and in UTF-8, block by block.

A packed file that ends early or is damaged is refused, and so is text that is not in the encoding that was given.
"""

from __future__ import annotations

import codecs
import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Literal, TypeAlias, cast

from data_platform.errors import UnreadableData
from data_platform.spec.text.names import quote_text
from data_platform.tables.intake.format_detection import judge_start, make_utf_8_error

BLOCK = 4 * 1024 * 1024
_FIRST = 64 * 1024
"""The first block is read more than once, so it is small."""
_STREAM_BLOCK = 1024 * 1024
_BOM = "\ufeff".encode()


class TextStream:
    """The text of a CSV or JSON file that arrives as a stream; `file` is its name.

    It is read once, and then its first block is left, unless it was kept in a file before.
    """

    def __init__(self, form: Literal["csv", "json"], chunks: Iterator[bytes], file: str | None = None) -> None:
        self.form, self.file = form, file
        self._chunks = chunks
        self._first: bytes | None = None
        self._kept: Path | None = None

    def keep(self, path: Path) -> None:
        """Writes all of it to a file, from which it is read from now on."""
        with path.open("wb") as file:
            file.writelines(self.read_blocks())
        self._kept = path

    def read_blocks(self) -> Iterator[bytes]:
        """The text in blocks of about a megabyte."""
        if self._kept is not None:
            with self._kept.open("rb") as file:
                while block := file.read(_STREAM_BLOCK):
                    yield block
        elif self._first is not None:
            yield self._first
        else:
            block = self._first = self._collect_start()
            while block:
                yield block
                block = self._collect(_STREAM_BLOCK)

    def _collect_start(self) -> bytes:
        """The first block: a small one, unless it is blank."""
        start = self._collect(_FIRST)
        return start if start.strip() else start + self._collect(BLOCK)

    def _collect(self, size: int) -> bytes:
        block = bytearray()
        for chunk in self._chunks:
            block += chunk
            if len(block) >= size:
                break
        return bytes(block)


TextSource: TypeAlias = Path | TextStream


def name_source(source: TextSource) -> str:
    """The name of the source in messages."""
    name = source.file if isinstance(source, TextStream) else str(source)
    return quote_text(name, 200) if name else "the data"


def read_text_blocks(source: TextSource, place: str, encoding: str) -> Iterator[bytes]:
    """The text without its byte order mark, in UTF-8, in blocks that may end in the middle of a character.

    Raises UnreadableData if the file is no text, is damaged, or is not in `encoding`; `place` names it. UTF-8 itself
    is checked by the caller, who knows the line.
    """
    blocks = _read_blocks(source, place) if isinstance(source, Path) else source.read_blocks()
    first = next(blocks, b"")
    utf_8 = codecs.lookup(encoding).name in ("utf-8", "utf-8-sig")
    judge_start(first, place, utf_8=utf_8)
    if utf_8:
        yield first.removeprefix(_BOM)
        yield from blocks
        return
    decoder = codecs.getincrementaldecoder(encoding)()
    line = 1
    for number, block in enumerate((first, *_append_end(blocks))):
        try:
            text = decoder.decode(block, final=not block and number > 0)
        except UnicodeError:
            raise UnreadableData(
                f"{place} is not text in {encoding}: see line {line} and below", hint="give its real encoding"
            ) from None
        line += text.count("\n")
        yield (text.removeprefix("\ufeff") if number == 0 else text).encode("utf-8", "surrogatepass")


def _append_end(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """The blocks, and an empty block at the end."""
    yield from blocks
    yield b""


def _read_blocks(path: Path, place: str) -> Iterator[bytes]:
    packed = path.name.lower().endswith(".gz")
    try:
        with cast(BinaryIO, gzip.open(path)) if packed else path.open("rb") as file:
            start = file.read(min(BLOCK, _FIRST))
            yield start if start.strip() else start + file.read(BLOCK)
            while block := file.read(BLOCK):
                yield block
    except EOFError:
        raise UnreadableData(f"{place} ends too early: the packed file was cut", hint="fetch it again") from None
    except (zlib.error, gzip.BadGzipFile):
        raise UnreadableData(f"{place} cannot be unpacked", hint="is it packed with gzip, and whole?") from None


def require_utf_8(text: bytes, place: str, line: int) -> str:
    """The text that begins in `line`, decoded; raises UnreadableData with the line that is not UTF-8."""
    try:
        return text.decode()
    except UnicodeDecodeError as error:
        raise make_utf_8_error(place, line + text.count(b"\n", 0, error.start)) from None
