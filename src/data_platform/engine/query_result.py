"""The rows of a SQL query, for Arrow, Python, pandas and polars."""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING, Protocol, Self

import pyarrow as pa

from data_platform.engine import export
from data_platform.engine.origin import Origin, Reads
from data_platform.engine.row import Row
from data_platform.engine.traced import TracedRows
from data_platform.errors import FrameError, QueryFailed
from data_platform.lineage.uses import ColumnLineage

if TYPE_CHECKING:
    import pandas
    import polars


NO_LINEAGE: ColumnLineage[Origin] = ColumnLineage()


class QueryRows(Protocol):
    """The rows of a query, once; `more` says after all are read whether it has others, and `close` ends it."""

    schema: pa.Schema
    more: bool

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        """The rows in batches; raises the error that ends them."""

    def close(self) -> None:
        """Ends the query, if it still runs."""


class QueryResult(TracedRows):
    """QueryRows that are computed while they are read, and can be read once; as a context manager it ends the query.

    `more` is true, after all are read, if the query has rows beyond the `limit` that its caller set. A
    result beyond the limits of the settings raises QueryFailed, so that no rows are dropped silently.
    `warnings` are the warnings of policies about the read. `reads` and `lineage` say what the rows are made from, so
    that a publish of them inherits personal data.
    """

    def __init__(
        self,
        stream: QueryRows,
        limit: int | None,
        most_rows: int,
        warnings: tuple[str, ...] = (),
        reads: Reads = MappingProxyType({}),
        lineage: ColumnLineage[Origin] = NO_LINEAGE,
    ) -> None:
        self.warnings = warnings
        self._reads = reads
        self._lineage = lineage
        self._stream = stream
        self._limit = limit
        self._most_rows = most_rows
        self._begun = False

    @property
    def provenance(self) -> Reads:
        """Every version that the query reads, with the columns that are read of it."""
        return self._reads

    @property
    def column_lineage(self) -> ColumnLineage[Origin]:
        """What each column is made from."""
        return self._lineage

    @property
    def outline(self) -> None:
        """None: the text of a query may have values in it."""

    @property
    def schema(self) -> pa.Schema:
        """The columns' names and Arrow types."""
        return self._stream.schema

    @property
    def columns(self) -> list[str]:
        """The columns' names, each once: the second `id` is `id_1`."""
        return list(self.schema.names)

    @property
    def more(self) -> bool:
        """Whether the query has rows beyond the limit; known after all rows are read."""
        return self._stream.more

    def to_batches(self) -> pa.RecordBatchReader:
        """The rows as a stream of batches, computed while they are read, with bounded memory."""
        if self._begun:
            raise FrameError("a query's rows can be read once", hint="keep them: rows = result.to_arrow()")
        self._begun = True
        return pa.RecordBatchReader.from_batches(self.schema, self._stream_batches())

    def to_arrow(self) -> pa.Table:
        """All rows as a pyarrow Table."""
        return self.to_batches().read_all()

    def to_polars(self) -> polars.DataFrame:
        """All rows as a polars DataFrame; MissingExtra where polars is not installed."""
        export.require_library("polars")
        return export.to_polars(self.to_arrow())

    def to_pandas(self) -> pandas.DataFrame:
        """All rows as a pandas DataFrame; MissingExtra where pandas is not installed."""
        export.require_library("pandas")
        return export.to_pandas(self.to_arrow())

    def collect(self) -> list[Row]:
        """All rows as a list of Row."""
        return export.to_rows(self.to_arrow())

    def _stream_batches(self) -> Iterator[pa.RecordBatch]:
        yield from self._stream
        if self.more and self._limit is None:
            raise QueryFailed(
                f"the result has more than {self._most_rows:,} rows, the limit of a query",
                hint="write LIMIT, aggregate more, or raise query_rows under [limits] in settings.toml",
            )

    def close(self) -> None:
        """Ends the query, if it still runs."""
        self._begun = True
        self._stream.close()

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.to_batches().__arrow_c_stream__(requested_schema)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
