"""What a file really is, when it is not what its name says: told by its first bytes."""

from __future__ import annotations

from pathlib import Path

from data_platform.errors import UnreadableData

_LOOK = 4096
_UTF_8 = "save it as UTF-8"
_MAGIC = (
    (b"PAR1", "is a parquet file", "name it .parquet"),
    (b"\x1f\x8b", "is packed with gzip", "add .gz to its name"),
    (b"PK\x03\x04", "is a zip archive, or an Excel workbook", "unpack it; of Excel, save the sheet as CSV (UTF-8)"),
    (b"ARROW1", "is an Arrow file", "write it as .parquet"),
    (b"Obj\x01", "is an Avro file", "write it as .parquet"),
    (b"SQLite format 3", "is a database", "write its table as .parquet or .csv"),
    (b"\xff\xfe", "is text in UTF-16", _UTF_8),
    (b"\xfe\xff", "is text in UTF-16", _UTF_8),
)


def judge_text(path: Path, place: str) -> None:
    """Raises UnreadableData for a file that is no text in UTF-8, as far as its beginning shows; `place` names it."""
    if path.name.lower().endswith(".gz"):
        return
    with path.open("rb") as file:
        start = file.read(_LOOK)
    for magic, what, hint in _MAGIC:
        if start.startswith(magic):
            raise UnreadableData(f"{place} {what}, not what its name says", hint=hint)
    if b"\0" in start.partition(b"\n")[0]:  # in a value it may stand, in names it does not
        raise UnreadableData(f"{place} is no text: it holds NUL bytes", hint="is this the right file?")
    if not start.strip():
        raise UnreadableData(f"{place} is empty", hint="write at least the names of its columns, or one row")
    _judge_encoding(start, place, whole=len(start) < _LOOK)


def _judge_encoding(start: bytes, place: str, *, whole: bool) -> None:
    try:
        start.decode()
    except UnicodeDecodeError as error:
        if whole or error.start < len(start) - 4:  # the last letter may be cut in two
            line = start.count(b"\n", 0, error.start) + 1
            raise UnreadableData(f"{place} is not text in UTF-8: see line {line}", hint=_UTF_8) from None
