"""The largest row of a text file that is read: a row is in memory as a whole, and as many times its bytes."""

from __future__ import annotations

from data_platform.errors import TooLarge

MEBIBYTE = 1024 * 1024
LARGEST_ROW = 64 * MEBIBYTE
"""Bytes, where no setting says less: a file of one's own, which is tested or read as a source."""


def make_long_row_error(place: str, line: int, size: int, limit: int, row: int | None = None) -> TooLarge:
    """The error for a row that begins in `line` and has `size` bytes or more, of at most `limit`."""
    subject = f"row {row:,}" if row is not None else "the row"
    return TooLarge(
        f"{place}: {subject} that begins in line {line:,} has at least {size:,} bytes, and a row may have {limit:,}",
        hint="is a quote, a bracket or a line end missing there? for a publish the limit is row_mb under [limits] in"
        " settings.toml",
    )
