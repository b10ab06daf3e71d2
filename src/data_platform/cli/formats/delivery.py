"""Writes the rows of a command to a file, a pipe or a terminal."""

from __future__ import annotations

import os
import shutil
import stat
import sys
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, TextIO, cast

import pyarrow as pa

from data_platform.cli.console.console import is_terminal, stderr_console, stdout_console
from data_platform.cli.console.stdout import guard_stdout, require_stdout
from data_platform.cli.console.text import format_count
from data_platform.cli.formats.escapes import EscapedRows
from data_platform.cli.formats.files import write_atomically
from data_platform.cli.formats.rows import WRITERS, Rows, draw_table, render_clean_text
from data_platform.errors import BadInput

SUFFIXES = {".csv": "csv", ".json": "json", ".parquet": "parquet", ".pq": "parquet"}
PREVIEW = 20
MAX_IN_MEMORY = 16 << 20
"""The bytes of an answer that are buffered in memory; more is buffered in an unnamed file in TMPDIR."""


def pick_format(form: str | None, out: Path | None, *, as_json: bool) -> str:
    """Returns the requested format, else the one of the file name. Raises BadInput if it is unknown or unsuitable."""
    if as_json and form not in (None, "json"):
        raise BadInput(f"--json and --format {form} exclude each other", hint="keep one of them")
    form = "json" if as_json else form or _infer_format(out)
    if out is None:
        require_stdout()
    if form == "parquet" and out is None and is_terminal(sys.stdout):
        raise BadInput("parquet cannot be written to a terminal", hint="add --out FILE")
    return form


def _infer_format(out: Path | None) -> str:
    if out is None:
        return "table"
    if out.suffix not in SUFFIXES:
        raise BadInput(f"{out}: the name does not determine the format", hint=f"add --format {'|'.join(WRITERS)}")
    return SUFFIXES[out.suffix]


def show_preview(rows: pa.Table, some: str) -> None:
    """Shows rows on a terminal; `some` is the hint for columns that do not fit."""
    left_out = draw_table(stdout_console(), rows)
    if left_out:
        stderr_console().write_line(
            f"… {format_count(left_out, 'more column')}: {some}, --format csv or --json shows all"
        )


def deliver(rows: Rows, form: str, out: Path | None) -> None:
    """Writes all rows to the file, or to stdout; on a terminal as cleaned text.

    Nothing is written before the last row is read, so that stdout receives a complete document or nothing. CSV in a
    file is exact; on a pipe, control characters are escaped, and a note reports their number.
    """
    if out is not None:
        with write_atomically(out) as beside, beside.open("wb") as file:
            WRITERS[form](rows, file)
        stderr_console().write_line(f"wrote {out}")
    elif sys.stdout.isatty():
        sys.stdout.write(render_clean_text(WRITERS[form], rows))
    else:
        _write_whole(rows, form)


def _write_whole(rows: Rows, form: str) -> None:
    """Writes all rows to stdout, which is a file or a pipe."""
    visible = EscapedRows(rows) if form == "csv" and not _is_file(sys.stdout) else None
    with SpooledTemporaryFile(MAX_IN_MEMORY) as whole:
        WRITERS[form](visible or rows, cast("BinaryIO", whole))
        whole.seek(0)
        with guard_stdout():
            shutil.copyfileobj(whole, sys.stdout.buffer)
    if visible is not None and visible.escaped:
        changed = format_count(visible.escaped, "text has control characters", "texts have control characters")
        stderr_console().write_line(
            f"{changed}, written as escapes such as \\u001b; --out FILE and > FILE write them as they are"
        )


def _is_file(stream: TextIO) -> bool:
    """Whether the stream is redirected to a regular file."""
    try:
        return stat.S_ISREG(os.fstat(stream.fileno()).st_mode)
    except (OSError, ValueError):
        return False
