"""JSON rows in order, each piece of the file read by the fastest exact method."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

import pyarrow as pa

from data_platform.errors import UnreadableData
from data_platform.tables.intake.json.plain import PlainLines, split_lines
from data_platform.tables.intake.json.scan import MOST_ROWS, Row, Scanner


def read_rows(blocks: Iterator[bytes], place: str, plain: PlainLines | None) -> Iterator[list[Row] | pa.RecordBatch]:
    """The rows of a file: batches read by `plain`, and lists read by the scanner."""
    if plain is None:
        yield from Scanner(blocks, place).read_rows()
        return
    pieces = split_lines(blocks)
    row, line = 0, 1
    scanned: list[Row] = []
    for text, is_whole in pieces:
        batch = plain.read(text) if is_whole else None
        rows = None if batch is not None or not is_whole else _scan_alone(text, place, row, line)
        if batch is not None:
            if scanned:
                yield scanned
                scanned = []
            yield from (batch.slice(start, MOST_ROWS) for start in range(0, len(batch), MOST_ROWS))
            row += len(batch)
        elif rows is not None:
            scanned += rows
            row += len(rows)
            while len(scanned) >= MOST_ROWS:
                yield scanned[:MOST_ROWS]
                scanned = scanned[MOST_ROWS:]
        else:
            rest = chain([text], (following for following, _ in pieces))
            yield from Scanner(rest, place, row=row, line=line).read_rows(scanned)
            return
        line += text.count(b"\n")
    if scanned:
        yield scanned


def _scan_alone(text: bytes, place: str, row: int, line: int) -> list[Row] | None:
    """The rows of a piece; None if it is an array, an object continues in the next piece, or something is wrong."""
    if row == 0 and text.lstrip(b" \t\r\n").startswith(b"["):
        return None
    try:
        return list(Scanner(iter([text]), place, row=row, line=line).read_objects())
    except UnreadableData:
        return None
