"""Data beside a request: what a body of each media type becomes for a publish."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from data_platform.server.bodies.arrow_uploads import open_arrow
from data_platform.server.problem_replies import HttpProblem
from data_platform.server.rows.media_types import ARROW, CSV, JSON_LINES, PARQUET
from data_platform.tables.intake.text_source import TextStream
from data_platform.temporary_folders import open_scratch_folder

UPLOADS = (ARROW, PARQUET, CSV, JSON_LINES)
_NAMES = {"application/jsonl": JSON_LINES, "application/ndjson": JSON_LINES, "application/parquet": PARQUET}
"""Other names in use."""


def choose_upload(media_type: str) -> str:
    """The media type of data; raises HttpProblem for one that is none."""
    media_type = _NAMES.get(media_type, media_type)
    if media_type not in UPLOADS:
        raise HttpProblem(415, f"data is {', '.join(UPLOADS)}, and not {media_type[:100] or 'of no type'!a}")
    return media_type


def open_upload(media_type: str, chunks: Iterator[bytes], stack: ExitStack) -> Any:
    """The data for `tables.intake`, read in this thread while it arrives; `stack` removes what it leaves on disk."""
    if media_type == ARROW:
        return open_arrow(chunks)
    if media_type == PARQUET:  # its metadata is at the end
        return _spool(chunks, stack.enter_context(open_scratch_folder("spill")) / "data.parquet")
    return TextStream("csv" if media_type == CSV else "json", chunks)


def _spool(chunks: Iterator[bytes], path: Path) -> Path:
    with path.open("wb") as file:
        file.writelines(chunks)
    return path
