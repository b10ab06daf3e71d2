"""The parts of a frame that servers have, as streams for the engine of this process."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
from sqlglot import exp

from data_platform.engine.plan.compile import Compiled
from data_platform.engine.plan.part import compile_part
from data_platform.engine.source import RemoteSource
from data_platform.errors import DataPlatformError

_BATCH_ROWS = 65_536


class RemotePart:
    """The rows of one source. `failure` is the error that ended them: an engine would pass its text on, and no more."""

    def __init__(self, compiled: Compiled, alias: str, source: RemoteSource) -> None:
        self.failure: DataPlatformError | None = None
        self._rows = source.stream_part(compile_part(compiled, alias), _BATCH_ROWS)
        self._is_read_twice = [table.name for table in compiled.runs.find_all(exp.Table)].count(alias) > 1

    def open(self) -> pa.RecordBatchReader | pa.Table:
        """The rows: a stream, or a table where the statement reads them more than once."""
        if self._is_read_twice:
            return self._rows.read_all()
        return pa.RecordBatchReader.from_batches(self._rows.schema, self._stream())

    def _stream(self) -> Iterator[pa.RecordBatch]:
        try:
            yield from self._rows
        except DataPlatformError as error:
            self.failure = error
            raise
