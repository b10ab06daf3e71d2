"""The stream of rows that every reader returns."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from data_platform.errors import BadInput, UnreadableData
from data_platform.settings.read_options import ReadOptions, TextFormats
from data_platform.spec.casting.cast import CastArguments
from data_platform.spec.casting.conversion.text_formats import STANDARD_FORMATS

BATCH_ROWS = 131_072
FACTS = b"data_platform.intake"
"""In the schema of an Arrow stream that a client sends: how its rows were handed in there, as JSON."""
MOST_INFERRED = 5_000
"""Columns of a table without a contract."""
FILES = "a file is .parquet, .csv, .json or .jsonl (text may be packed: .gz), or a folder of .parquet"
ACCEPTED = f"hand in a table (pyarrow, polars, pandas, DuckDB), dicts (a list or an iterator), or a path; {FILES}"


def _nothing() -> None:
    pass


@dataclass(frozen=True)
class Intake:
    """Rows to be read; `untyped`: the source does not distinguish a date from text.

    `formats` are the source's text formats.
    """

    schema: pa.Schema
    batches: Iterable[pa.RecordBatch]
    untyped: bool = False
    formats: TextFormats = STANDARD_FORMATS
    parquet: Path | None = None
    file: str | None = None
    """The name of the file or folder of the rows, for messages."""
    absent: Callable[[], Collection[str]] = tuple
    """Columns and members, dotted, that no row has although the schema has them; valid after all rows are read."""
    close: Callable[[], None] = _nothing
    """Releases the source of the rows, also if not all were read."""


@dataclass(frozen=True, slots=True)
class BatchStream:
    """Batches that this process makes and reads once: an error of ours in them is raised as it is."""

    schema: pa.Schema
    batches: Iterable[pa.RecordBatch]


def cast_arguments(intake: Intake) -> CastArguments:
    """The keyword arguments of the `Caster` of these rows."""
    return CastArguments(untyped=intake.untyped, formats=intake.formats, file=intake.file)


def require_inferable(columns: int, place: str) -> None:
    """Raises UnreadableData for a table without a contract that has more columns than are inferred."""
    if columns > MOST_INFERRED:
        raise UnreadableData(
            f"{place} has {columns:,} columns or more, and without a schema at most {MOST_INFERRED:,} are read",
            hint="declare a schema (`schema: FILE` under the output in product.yaml), or write columns as rows",
        )


def require_unused(options: ReadOptions, what: str, allowed: Collection[str] = ()) -> None:
    """Raises BadInput for read options that do not apply to `what`."""
    if names := [name for name in options.given() if name not in allowed]:
        raise BadInput(f"{', '.join(names)}: {what} is not read with such an option", hint="leave it out")
