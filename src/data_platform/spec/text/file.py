"""Reads a small text file: never a device, never more than the limit, and UTF-8 or a clear error."""

from __future__ import annotations

import codecs
import errno
import os
import re
import stat
from pathlib import Path

from data_platform.errors import StorageFailed
from data_platform.spec.text.names import describe_character
from data_platform.spec.text.paths import suggest_near_path
from data_platform.spec.text.report import WHOLE_FILE, Place, Report

LARGEST = 1024 * 1024
"""In bytes; the largest known product.yaml has 40 KiB."""

_BREAKS = "\n\r\x85\u2028\u2029"
LINE_BREAK = re.compile(rf"\r\n|[{_BREAKS}]")
_FORBIDDEN = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff]")
_AVRO_DATA = b"Obj\x01"
_OTHER_ENCODINGS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)


def read_text(path: Path, report: Report) -> str:
    """The file's text without its BOM; whatever is wrong with it raises InvalidSpec through `report`."""
    return decode_text(_read_bytes(path, report), report)


def check_text(text: str, report: Report) -> str:
    """Text that was read elsewhere, judged as `read_text` judges a file; raises InvalidSpec through `report`."""
    data = text.encode(errors="surrogatepass")
    if len(data) > LARGEST:
        report.fail(WHOLE_FILE, f"the file has {len(data):,} bytes; at most {LARGEST:,} are read")
    return decode_text(data, report)


def decode_text(data: bytes, report: Report) -> str:
    """Bytes as text; a wrong encoding and control characters raise InvalidSpec with their place."""
    for mark, encoding in _OTHER_ENCODINGS:
        if data.startswith(mark):
            report.fail(WHOLE_FILE, f"the file is {encoding}, and must be UTF-8", "save it as UTF-8")
    if data.startswith(_AVRO_DATA):
        report.fail(WHOLE_FILE, "this is an Avro data file, not a schema", "name the schema's own file (.avsc)")
    if b"\0" in data[:4]:
        report.fail(WHOLE_FILE, "the file is binary or UTF-16, and must be UTF-8 text", "save it as UTF-8")
    try:
        text = data.removeprefix(codecs.BOM_UTF8).decode()
    except UnicodeDecodeError as error:
        before = data[: error.start].removeprefix(codecs.BOM_UTF8).decode()
        place = locate_offset(before, len(before))
        byte = data[error.start]
        report.fail(place, f"the byte 0x{byte:02X} is not UTF-8", "save the file as UTF-8")
    if match := _FORBIDDEN.search(text):
        place = locate_offset(text, match.start())
        character = describe_character(match.group())
        report.fail(place, f"the file holds the hidden character {character}", "remove it")
    return text


def locate_offset(text: str, offset: int) -> Place:
    """Line and column of the character at `offset`."""
    before = text[:offset]
    start = max(before.rfind(character) for character in _BREAKS) + 1
    return Place(len(LINE_BREAK.findall(before)) + 1, offset - start + 1)


class NoRegularFile(ValueError):
    """The path is a folder, a pipe, a socket or a device, where a file is required."""


def read_bounded(path: Path, largest: int) -> bytes:
    """The bytes of a regular file, at most `largest` + 1 of them; raises NoRegularFile or OSError.

    It never waits: a pipe without a writer would.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError as error:
        if error.errno == errno.ENXIO:
            raise NoRegularFile("this is no regular file") from None
        raise
    try:
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            raise NoRegularFile(f"this is {'a folder' if stat.S_ISDIR(mode) else 'no regular file'}")
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read(largest + 1)
    finally:
        os.close(descriptor)


def _read_bytes(path: Path, report: Report) -> bytes:
    try:
        data = read_bounded(path, LARGEST)
    except NoRegularFile as error:
        report.fail(WHOLE_FILE, str(error))
    except (FileNotFoundError, NotADirectoryError):
        report.fail(WHOLE_FILE, "there is no such file", _suggest_file(path))
    except (OSError, ValueError) as error:
        raise StorageFailed(f"{report.file} cannot be read: {error}") from error
    if len(data) > LARGEST:
        message = f"the file has {path.stat().st_size:,} bytes; at most {LARGEST:,} are read"
        report.fail(WHOLE_FILE, message, "is this the right file?")
    return data


def _suggest_file(path: Path) -> str | None:
    written = "`data-platform new NAME --domain DOMAIN` writes one" if path.name == "product.yaml" else None
    return suggest_near_path(path) or written
