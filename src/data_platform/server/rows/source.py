"""The rows of an answer: read once, computed while they are read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Self

import pyarrow as pa

from data_platform import verbs
from data_platform.engine.interruption import Interruption
from data_platform.errors import DataPlatformError
from data_platform.server.places import hide_in_error
from data_platform.settings import Home
from data_platform.verbs.core.context import Context
from data_platform.verbs.results.reading import QueryTicket, ReadTicket
from data_platform.verbs.wire.form import Json

BATCH_ROWS = 65_536


class StreamCut(Exception):
    """Rows that had begun to be sent cannot be sent to their end: the connection is cut."""


class AnswerRows:
    """The batches of an answer. The first one is computed at once, so that what fails at once has a status.

    `answer` is the JSON of the answer beside the rows. `has_more` says, after all rows, whether the query has rows
    beyond the caller's limit. `close` ends what computes the rows, also while they are computed.
    """

    def __init__(
        self,
        home: Home,
        reader: pa.RecordBatchReader,
        answer: Json,
        close: Callable[[], None],
        has_more: Callable[[], bool],
        interruption: Interruption,
    ) -> None:
        self.answer, self.close, self.has_more = answer, close, has_more
        self._home, self._interruption = home, interruption
        self.schema: pa.Schema = reader.schema
        self._reader = reader
        try:
            self._first: pa.RecordBatch | None = next(reader, None)
        except BaseException:
            close()
            raise

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        batch, self._first = self._first, None
        while batch is not None:
            yield batch
            if self._interruption.is_set:
                raise StreamCut("the caller is gone")
            try:
                batch = next(self._reader, None)
            except DataPlatformError as error:
                hide_in_error(error, self._home)
                raise

    def to_batches(self) -> pa.RecordBatchReader:
        """The batches, as pyarrow's writers take them."""
        return pa.RecordBatchReader.from_batches(self.schema, iter(self))


class RowChunks:
    """The chunks that a writer makes of rows; `close` ends the rows too, also if no chunk was taken.

    The first chunk is computed at once, so that what it fails of has a status.
    """

    def __init__(self, rows: AnswerRows, chunks: Iterator[bytes]) -> None:
        self._rows, self._chunks = rows, chunks
        try:
            self._first = next(chunks, None)
        except StreamCut as cut:
            if isinstance(cut.__cause__, DataPlatformError):
                raise cut.__cause__ from None
            raise

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        first, self._first = self._first, None
        return next(self._chunks) if first is None else first

    def close(self) -> None:
        """Ends the writer, then the rows."""
        try:
            self._chunks.close()  # type: ignore[attr-defined]  # it is a generator
        finally:
            self._rows.close()


def open_ticket(context: Context, ticket: ReadTicket, answer: Json) -> AnswerRows:
    """The rows of a consume."""
    reader = verbs.open_frame(context, ticket).to_batches(BATCH_ROWS)
    return AnswerRows(context.home, reader, answer, reader.close, lambda: False, _get_interruption(context))


def open_query(context: Context, ticket: QueryTicket, answer: Json) -> AnswerRows:
    """The rows of a query; closing them ends it."""
    result = verbs.open_rows(context, ticket)
    interruption = _get_interruption(context)
    return AnswerRows(context.home, result.to_batches(), answer, result.close, lambda: result.more, interruption)


def _get_interruption(context: Context) -> Interruption:
    return context.attachments.interruption or Interruption()
