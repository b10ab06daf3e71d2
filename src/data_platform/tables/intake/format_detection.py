"""Recognises the format of a file by its first bytes, if it is not the format of its name."""

from __future__ import annotations

import codecs
from os import SEEK_END
from pathlib import Path

from data_platform.errors import UnreadableData
from data_platform.spec.text.names import quote_text

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


WRITE_AGAIN = "write it again, or fetch it again"


def judge_parquet(path: Path) -> None:
    """Raises UnreadableData for a file that is no parquet file, or an incomplete one."""
    place = quote_text(str(path), 200)
    with path.open("rb") as file:
        start = file.read(_LOOK)
        end = file.seek(0, SEEK_END)
        file.seek(max(end - len(_PARQUET), 0))
        ending = file.read()
    if not end:
        raise UnreadableData(f"{place} is empty, so it is not a parquet file", hint=WRITE_AGAIN)
    if start.startswith(_PARQUET):
        if end < _SMALLEST_PARQUET or ending not in (_PARQUET, _ENCRYPTED):
            raise UnreadableData(f"{place} is a parquet file without its end", hint=WRITE_AGAIN)
        return
    if start.startswith(_ENCRYPTED):
        raise UnreadableData(f"{place} is an encrypted parquet file", hint="decrypt it first")
    for magic, what, hint in _MAGIC:
        if start.startswith(magic):
            raise UnreadableData(f"{place} {what}, not a parquet file", hint=hint)
    what = "is text" if b"\0" not in start and is_utf_8(start) else "is something else"
    hint = "name it .csv, .json or .jsonl, as its content is" if what == "is text" else "is this the right file?"
    raise UnreadableData(f"{place} {what}, not a parquet file", hint=hint)


def is_utf_8(start: bytes) -> bool:
    """Whether the first bytes of a file are text in UTF-8; the last character may be cut."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(start)
    except UnicodeDecodeError:
        return False
    return True


_PARQUET, _ENCRYPTED = b"PAR1", b"PARE"
_SMALLEST_PARQUET = 12


def find_other_format(name: str) -> tuple[str, str] | None:
    """The format of a file with an unsupported suffix, and a hint."""
    return next(((what, hint) for suffixes, what, hint in _OTHERS if name.lower().endswith(suffixes)), None)


_OTHERS = (
    ((".xlsx", ".xls", ".xlsm", ".xlsb"), "an Excel workbook", "save the sheet as CSV (UTF-8)"),
    ((".ods", ".numbers"), "a spreadsheet", "save the sheet as CSV (UTF-8)"),
    (
        (".tsv", ".tab"),
        "text with tabs",
        "name it .csv, and give --delimiter tab (ReadOptions and settings.toml: delimiter)",
    ),
    ((".txt", ".dat", ".psv"), "text", "name it .csv, and say what separates its columns: --delimiter CHARACTER"),
    (
        (".yaml", ".yml"),
        "YAML, as product.yaml is",
        "publish PRODUCT_YAML FILE, or test CONTRACT --data FILE",
    ),
    ((".feather", ".arrow", ".ipc", ".orc", ".avro"), "a file of another format", "write it as .parquet"),
    ((".db", ".sqlite", ".sqlite3", ".duckdb"), "a database", "write its table as .parquet or .csv"),
    ((".zip", ".tar", ".tgz", ".7z", ".rar"), "an archive", "unpack it"),
    ((".bz2", ".xz", ".zst", ".lz4"), "a packed file", "unpack it, or pack it with gzip and add .gz to its name"),
    ((".xml", ".html", ".pdf"), "a document", "write its table as .csv or .parquet"),
)


def judge_start(start: bytes, place: str, *, utf_8: bool) -> None:
    """Raises UnreadableData if the beginning of a file is no text, or in another encoding; `place` names it."""
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
            raise _make_encoding_error(place, encoding)
    pairs = start[: len(start) // 2 * 2]
    for nuls, encoding in ((pairs[1::2], "utf-16-le"), (pairs[0::2], "utf-16-be")):
        if len(pairs) >= 4 and nuls.count(0) > len(nuls) * 0.7:
            raise _make_encoding_error(place, encoding)
    if b"\0" in start:
        raise UnreadableData(f"{place} is no text: it holds NUL bytes", hint="is this the right file?")


def _make_encoding_error(place: str, encoding: str) -> UnreadableData:
    name = encoding.upper().removesuffix("-LE").removesuffix("-BE")
    return UnreadableData(
        f"{place} is text in {name}", hint=f"{describe_option('encoding', encoding)}, or save it as UTF-8"
    )


def make_utf_8_error(place: str, line: int) -> UnreadableData:
    """The error for text that is not UTF-8."""
    hint = f"{describe_option('encoding', 'windows-1252')} if that is what it is, or save it as UTF-8"
    return UnreadableData(f"{place} is not text in UTF-8: see line {line:,}", hint=hint)


def describe_option(name: str, value: str) -> str:
    """How a read option is given, on the command line and elsewhere."""
    return f"give --{name} {value} (ReadOptions and settings.toml: {name})"
