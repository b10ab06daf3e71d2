"""JSON rows in order, each piece of the file read by the fastest exact method."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

import pyarrow as pa

from data_platform.errors import UnreadableData
from data_platform.tables.intake.json.plain import PlainLines, split_lines
from data_platform.tables.intake.json.scan import MOST_ROWS, MOST_TEXT, Row, Scanner


def read_rows(
    blocks: Iterator[bytes], place: str, plain: PlainLines | None, row_limit: int
) -> Iterator[list[Row] | pa.RecordBatch]:
    """The rows of a file: batches read by `plain`, and lists read by the scanner."""
    if plain is None:
        yield from Scanner(blocks, place, row_limit).read_rows()
        return
    pieces = split_lines(blocks)
    row, line = 0, 1
    scanned: list[Row] = []
    size = 0
    for text, is_whole in pieces:
        batch = plain.read(text) if is_whole and not _has_long_line(text, row_limit) else None
        rows = None
        if is_whole and batch is None:
            rows = _scan_alone(Scanner(iter([text]), place, row_limit, row=row, line=line), text)
        if batch is not None:
            if scanned:
                yield scanned
                scanned, size = [], 0
            yield from (batch.slice(start, MOST_ROWS) for start in range(0, len(batch), MOST_ROWS))
            row += len(batch)
        elif rows is not None:
            scanned += rows
            row += len(rows)
            size += len(text)
            if len(scanned) >= MOST_ROWS or size > MOST_TEXT:
                yield from (scanned[start : start + MOST_ROWS] for start in range(0, len(scanned), MOST_ROWS))
                scanned, size = [], 0
        else:
            rest = chain([text], (following for following, _ in pieces))
            yield from Scanner(rest, place, row_limit, row=row, line=line).read_rows(scanned)
            return
        line += text.count(b"\n")
    if scanned:
        yield scanned


def _has_long_line(text: bytes, limit: int) -> bool:
    return len(text) > limit and max(map(len, text.split(b"\n"))) > limit


def _scan_alone(scanner: Scanner, text: bytes) -> list[Row] | None:
    """The rows of a piece; None if it is an array, an object continues in the next piece, or something is wrong."""
    if scanner.row == 0 and text.lstrip(b" \t\r\n").startswith(b"["):
        return None
    try:
        return list(scanner.read_objects())
    except UnreadableData:
        return None
