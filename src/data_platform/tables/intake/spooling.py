"""Text that arrives as a stream: read as it comes under a contract, else kept in a file, since it is read twice."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace

from data_platform.settings.read_options import ReadOptions
from data_platform.spec.schema.types import TableSchema
from data_platform.tables.intake.csv.text import open_csv
from data_platform.tables.intake.json.text import open_json
from data_platform.tables.intake.stream import Intake
from data_platform.tables.intake.text_source import TextSource, TextStream
from data_platform.temporary_folders import open_scratch_folder


def open_text_stream(stream: TextStream, contract: TableSchema | None, options: ReadOptions) -> Intake:
    """The rows of the stream; the file that it is kept in is removed when the intake is closed."""
    if contract is not None:
        return _open(stream, stream, contract, options)
    with ExitStack() as stack:
        path = stack.enter_context(open_scratch_folder("spill")) / f"data.{stream.form}"
        with path.open("wb") as file:
            file.writelines(stream.read_blocks())
        intake = _open(stream, path, None, options)
        return replace(intake, file="the data", close=stack.pop_all().close)


def _open(stream: TextStream, source: TextSource, contract: TableSchema | None, options: ReadOptions) -> Intake:
    return (open_csv if stream.form == "csv" else open_json)(source, contract, options)
