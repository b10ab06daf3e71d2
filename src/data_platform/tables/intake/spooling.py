"""Text that arrives as a stream: read as it comes under a contract, else kept in a file, since it is read twice."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from pathlib import PurePath

from data_platform.settings.read_options import ReadOptions
from data_platform.spec.schema.types import TableSchema
from data_platform.spec.text.names import quote_text
from data_platform.tables.intake.csv.text import open_csv
from data_platform.tables.intake.json.text import open_json
from data_platform.tables.intake.stream import Intake
from data_platform.tables.intake.text_source import TextStream
from data_platform.temporary_folders import open_scratch_folder


def open_text_stream(stream: TextStream, contract: TableSchema | None, options: ReadOptions, row_limit: int) -> Intake:
    """The rows of the stream; a file that it is kept in is removed when the intake is closed."""
    with ExitStack() as stack:
        if contract is None:
            stream.keep(stack.enter_context(open_scratch_folder("spill")) / "text")
        opener = open_csv if stream.form == "csv" else open_json
        intake = opener(stream, contract, options, None, row_limit)
        file = quote_text(PurePath(stream.file).name, 100) if stream.file else None
        return replace(intake, file=file, close=stack.pop_all().close)
