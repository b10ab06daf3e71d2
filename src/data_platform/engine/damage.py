"""Whether a library's error means that a data file is damaged, and which: files without a digest tell no sooner."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pyarrow as pa
import pyarrow.parquet as pq

from data_platform.engine.digests import MEND
from data_platform.errors import StorageFailed

_OF_PARQUET = re.compile(
    r"parquet|corrupt|\bZSTD|Snappy|LZ4|gzip|decompress|Thrift|TProtocol|\bpage\b|dictionary|\bRLE\b|magic bytes"
    r"|checksum|CRC|end of (stream|file|buffer)|flatbuffer|Failed decryption|footer|row group|out of buffer",
    re.IGNORECASE,
)


def damage_of(error: Exception, files: Iterable[str]) -> StorageFailed | None:
    """The error in our words, where it comes of one of the files; None where it does not."""
    paths = list(files)
    line = " ".join(str(error).split())
    named = next((path for path in paths if path in line), None)
    if named is not None:
        return _failure(named, line.replace(f"'{named}'", "it").replace(named, "it"))
    for path in paths:
        reason = _unreadable(path)
        if reason is not None:
            return _failure(path, reason)
    if paths and _OF_PARQUET.search(line):
        return _failure(paths[0] if len(paths) == 1 else f"one of {', '.join(paths)}", line)
    return None


def _failure(path: str, reason: str) -> StorageFailed:
    return StorageFailed(f"the data cannot be read: {path} is damaged: {reason}", hint=MEND)


def _unreadable(path: str) -> str | None:
    """Why the file's footer cannot be read."""
    try:
        with pq.ParquetFile(path):
            return None
    except FileNotFoundError:
        return "it is gone"
    except (pa.ArrowException, OSError) as error:
        return " ".join(str(error).split())
