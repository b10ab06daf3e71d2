"""Finds out whether a library's error means that a data file is damaged, and which one.

Files without a digest are not checked before they are read, so damage appears as an error of the reader."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pyarrow as pa
import pyarrow.parquet as pq

from data_platform.engine.digests import RESTORE_HINT
from data_platform.engine.error_lines import format_line
from data_platform.engine.views.visible_rows import NOT_COMPUTED
from data_platform.errors import StorageFailed

_OF_PARQUET = re.compile(
    r"parquet|corrupt|\bZSTD|Snappy|LZ4|gzip|decompress|Thrift|TProtocol|\bpage\b|dictionary|\bRLE\b|magic bytes"
    r"|checksum|CRC|end of (stream|file|buffer)|flatbuffer|Failed decryption|footer|row group|out of buffer",
    re.IGNORECASE,
)


def explain_damage(error: Exception, files: Iterable[str]) -> StorageFailed | None:
    """A StorageFailed that names the damaged file; None if the error does not come from one of the files."""
    paths = list(files)
    line = format_line(error)
    if NOT_COMPUTED in line:
        return None
    named = next((path for path in paths if path in line), None)
    if named is not None:
        return _make_failure(named, line.replace(f"'{named}'", "it").replace(named, "it"))
    for path in paths:
        reason = _check_footer(path)
        if reason is not None:
            return _make_failure(path, reason)
    if paths and _OF_PARQUET.search(line):
        return _make_failure(paths[0] if len(paths) == 1 else f"one of {', '.join(paths)}", line)
    return None


def _make_failure(path: str, reason: str) -> StorageFailed:
    return StorageFailed(f"the data cannot be read: {path} is damaged: {reason}", hint=RESTORE_HINT)


def _check_footer(path: str) -> str | None:
    """The reason why the file's footer cannot be read; None if it can."""
    try:
        with pq.ParquetFile(path):
            return None
    except FileNotFoundError:
        return "it is gone"
    except (pa.ArrowException, OSError) as error:
        return format_line(error)
