"""Where rows go that a command was asked for: a file, a pipe, or the terminal of somebody who looks at them."""

from __future__ import annotations

import os
import shutil
import stat
import sys
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, TextIO, cast

import pyarrow as pa

from data_platform.cli.console.console import answer, is_terminal, notes
from data_platform.cli.console.stdout import require_stdout, writing
from data_platform.cli.console.text import amount
from data_platform.cli.formats.escapes import Visible
from data_platform.cli.formats.files import replacing
from data_platform.cli.formats.rows import WRITERS, Rows, cleaned, draw_table
from data_platform.errors import BadInput

SUFFIXES = {".csv": "csv", ".json": "json", ".parquet": "parquet", ".pq": "parquet"}
PREVIEW = 20
HELD = 16 << 20
"""The bytes of an answer that wait in memory; what is more waits in a file without a name, in TMPDIR."""


def form_of(form: str | None, out: Path | None, *, as_json: bool) -> str:
    """The format asked for, else the one that the file's name tells; BadInput for what cannot be shown or told."""
    if as_json and form not in (None, "json"):
        raise BadInput(f"--json and --format {form} exclude each other", hint="keep one of them")
    form = "json" if as_json else form or _form_of(out)
    if out is None:
        require_stdout()
    if form == "parquet" and out is None and is_terminal(sys.stdout):
        raise BadInput("parquet is nothing for a terminal", hint="add --out FILE")
    return form


def _form_of(out: Path | None) -> str:
    if out is None:
        return "table"
    if out.suffix not in SUFFIXES:
        raise BadInput(f"{out}: the format cannot be told from the name", hint=f"add --format {'|'.join(WRITERS)}")
    return SUFFIXES[out.suffix]


def glance(rows: pa.Table, some: str) -> None:
    """Shows rows to somebody at a terminal; `some` says how to get the columns that the window has no room for."""
    left_out = draw_table(answer(), rows)
    if left_out:
        notes().line(f"… {amount(left_out, 'more column')}: {some}, --format csv or --json shows all")


def deliver(rows: Rows, form: str, out: Path | None) -> None:
    """Writes all rows to the file, or to stdout; on a terminal as text that it can bear.

    Nothing is written before the last row is known: whoever reads stdout gets a whole document or none. CSV in a file
    is exact; on a pipe, control characters become escapes, and a note says how many.
    """
    if out is not None:
        with replacing(out) as beside, beside.open("wb") as file:
            WRITERS[form](rows, file)
        notes().line(f"wrote {out}")
    elif sys.stdout.isatty():
        sys.stdout.write(cleaned(WRITERS[form], rows))
    else:
        _write_whole(rows, form)


def _write_whole(rows: Rows, form: str) -> None:
    """All rows on stdout, a file or a pipe."""
    visible = Visible(rows) if form == "csv" and not _is_file(sys.stdout) else None
    with SpooledTemporaryFile(HELD) as whole:
        WRITERS[form](visible or rows, cast("BinaryIO", whole))
        whole.seek(0)
        with writing():
            shutil.copyfileobj(whole, sys.stdout.buffer)
    if visible is not None and visible.escaped:
        changed = amount(visible.escaped, "text has control characters", "texts have control characters")
        notes().line(f"{changed}, written as escapes such as \\u001b; --out FILE and > FILE write them as they are")


def _is_file(stream: TextIO) -> bool:
    """Whether the stream was redirected to a regular file."""
    try:
        return stat.S_ISREG(os.fstat(stream.fileno()).st_mode)
    except (OSError, ValueError):
        return False
