"""JSON and JSON lines, as a stream of batches."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.json as pj

from data_platform.errors import UnreadableData
from data_platform.spec.arrow import to_arrow
from data_platform.spec.types import TableSchema
from data_platform.tables.intake.guard import guard_batches
from data_platform.tables.intake.rows import open_rows
from data_platform.tables.intake.stream import BATCH_ROWS, Intake

_JSON_BLOCK = 32 * 1024 * 1024


def open_json(path: Path, contract: TableSchema | None) -> Intake:
    """A file of JSON lines, or of one JSON array of objects."""
    with path.open("rb") as file:
        if file.read(64).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"["):
            return open_rows(_json_array(path), contract, 'a row is an object such as {"id": 1}')
    options = pj.ReadOptions(block_size=_JSON_BLOCK)
    if contract is None:
        table = pj.read_json(path, read_options=options)
        return Intake(table.schema, table.to_reader(max_chunksize=BATCH_ROWS), untyped=True)
    told = {field.name: field.with_type(kind) for field in to_arrow(contract) if (kind := _told_to_json(field.type))}
    parsing = pj.ParseOptions(explicit_schema=pa.schema(told.values()), unexpected_field_behavior="infer")
    with pj.open_json(path, read_options=options, parse_options=parsing) as peek:
        first = peek.schema.names
    # the reader knows no field that its first block lacks, so the contract's are told to it
    told |= {f.name: f for f in to_arrow(contract) if f.name not in first and not pa.types.is_nested(f.type)}
    parsing = pj.ParseOptions(explicit_schema=pa.schema(told.values()), unexpected_field_behavior="infer")
    reader = pj.open_json(path, read_options=options, parse_options=parsing)
    return Intake(reader.schema, guard_batches(reader, path), untyped=True)


def _told_to_json(kind: pa.DataType) -> pa.DataType | None:
    """As what the reader takes a type that JSON itself cannot say; the contract judges what it then is.

    A decimal may be written as a number, of which no digit is lost in the widest decimal there is.
    """
    if pa.types.is_decimal(kind):
        return pa.decimal256(76, 38)
    known = (pa.types.is_nested, pa.types.is_integer, pa.types.is_floating, pa.types.is_boolean)
    return None if any(test(kind) for test in known) else pa.string()


def _json_array(path: Path) -> list[Any]:
    try:
        rows = json.loads(path.read_text("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise UnreadableData(f"{path}: not JSON: {error}") from error
    return rows if isinstance(rows, list) else [rows]
