"""What a file really is, when it is not what its name says: recognised by its first bytes."""

from __future__ import annotations

from data_platform.errors import UnreadableData

_LOOK = 4096
_MAGIC = (
    (b"PAR1", "is a parquet file", "name it .parquet"),
    (b"\x1f\x8b", "is packed with gzip", "add .gz to its name"),
    (b"PK\x03\x04", "is a zip archive, or an Excel workbook", "unpack it; of Excel, save the sheet as CSV (UTF-8)"),
    (b"\xd0\xcf\x11\xe0", "is an old Excel workbook", "save the sheet as CSV (UTF-8)"),
    (b"ARROW1", "is an Arrow file", "write it as .parquet"),
    (b"Obj\x01", "is an Avro file", "write it as .parquet"),
    (b"SQLite format 3", "is a database", "write its table as .parquet or .csv"),
    (b"\x28\xb5\x2f\xfd", "is packed with zstd", "unpack it, or pack it with gzip and add .gz to its name"),
    (b"BZh", "is packed with bzip2", "unpack it, or pack it with gzip and add .gz to its name"),
)
_MARKS = (
    (b"\xff\xfe\0\0", "utf-32"),
    (b"\0\0\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)


def judge_start(start: bytes, place: str, *, utf_8: bool) -> None:
    """Raises UnreadableData for a file whose beginning is no text, or in another encoding; `place` names it."""
    for magic, what, hint in _MAGIC:
        if start.startswith(magic):
            raise UnreadableData(f"{place} {what}, not what its name says", hint=hint)
    if not start.strip(b"\xef\xbb\xbf \t\r\n"):
        raise UnreadableData(f"{place} is empty", hint="write at least the names of its columns, or one row")
    if utf_8:
        _judge_encoding(start[:_LOOK], place)


def _judge_encoding(start: bytes, place: str) -> None:
    for mark, encoding in _MARKS:
        if start.startswith(mark):
            raise _in_encoding(place, encoding)
    pairs = start[: len(start) // 2 * 2]
    for nuls, encoding in ((pairs[1::2], "utf-16-le"), (pairs[0::2], "utf-16-be")):
        if len(pairs) >= 4 and nuls.count(0) > len(nuls) * 0.7:
            raise _in_encoding(place, encoding)
    if b"\0" in start:
        raise UnreadableData(f"{place} is no text: it holds NUL bytes", hint="is this the right file?")


def _in_encoding(place: str, encoding: str) -> UnreadableData:
    name = encoding.upper().removesuffix("-LE").removesuffix("-BE")
    return UnreadableData(f"{place} is text in {name}", hint=f"{option('encoding', encoding)}, or save it as UTF-8")


def not_utf_8(place: str, line: int) -> UnreadableData:
    """The error for text that is not UTF-8."""
    hint = f"{option('encoding', 'windows-1252')} if that is what it is, or save it as UTF-8"
    return UnreadableData(f"{place} is not text in UTF-8: see line {line:,}", hint=hint)


def option(name: str, value: str) -> str:
    """How a read option is given at each door."""
    return f"give --{name} {value} (ReadOptions and settings.toml: {name})"
