"""CSV, as a stream of batches of text."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pc

from data_platform.spec.types import TableSchema
from data_platform.tables.intake.guard import guard_batches
from data_platform.tables.intake.inference import with_inferred_types
from data_platform.tables.intake.stream import BATCH_ROWS, Intake

_NULL_WORDS = ["", "NULL"]


def open_csv(path: Path, contract: TableSchema | None) -> Intake:
    """A CSV file with a header."""
    parsing = pc.ParseOptions(newlines_in_values=True)
    with pc.open_csv(path, parse_options=parsing) as peek:
        names = peek.schema.names
    options = pc.ConvertOptions(
        column_types=dict.fromkeys(names, pa.string()),
        null_values=_NULL_WORDS,
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
    )
    reader = pc.open_csv(path, parse_options=parsing, convert_options=options)
    if contract is None:
        table = with_inferred_types(reader.read_all())
        return Intake(table.schema, table.to_reader(max_chunksize=BATCH_ROWS), untyped=True)
    return Intake(reader.schema, guard_batches(reader, path), untyped=True)
