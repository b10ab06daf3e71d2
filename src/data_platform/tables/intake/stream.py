"""Rows on their way in, whatever they came from."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from data_platform.errors import BadInput
from data_platform.settings.read_options import ReadOptions, TextFormats
from data_platform.spec.casting.cast import CastArguments
from data_platform.spec.casting.conversion.formats import STANDARD_FORMATS

BATCH_ROWS = 131_072
FILES = "a file is .parquet, .csv, .json or .jsonl (text may be packed: .gz), or a folder of .parquet"
ACCEPTED = f"hand in a table (pyarrow, polars, pandas, DuckDB), dicts (a list or an iterator), or a path; {FILES}"


def _nothing() -> None:
    pass


@dataclass(frozen=True)
class Intake:
    """Rows on their way in; `untyped` says that the source could not tell a date from text.

    `formats` is how it writes them.
    """

    schema: pa.Schema
    batches: Iterable[pa.RecordBatch]
    untyped: bool = False
    formats: TextFormats = STANDARD_FORMATS
    parquet: Path | None = None
    file: str | None = None
    """The name of the file or folder that the rows are in, for messages."""
    absent: Callable[[], Collection[str]] = tuple
    """Columns and members, dotted, that no row has, where the schema does not say so; known when all rows are drawn."""
    close: Callable[[], None] = _nothing
    """Lets go of what the rows come from, also when they were not all drawn."""


def cast_arguments(intake: Intake) -> CastArguments:
    """The keyword arguments of the `Caster` of these rows."""
    return CastArguments(untyped=intake.untyped, formats=intake.formats, file=intake.file)


def require_unused(options: ReadOptions, what: str, allowed: Collection[str] = ()) -> None:
    """Raises BadInput for read options that mean nothing to `what`."""
    if names := [name for name in options.given() if name not in allowed]:
        raise BadInput(f"{', '.join(names)}: {what} is not read with such an option", hint="leave it out")
