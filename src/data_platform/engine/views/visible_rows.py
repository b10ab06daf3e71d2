"""The rows of files that a reader sees, as a dataset that DuckDB scans.

DuckDB reorders what it can see into: a filter of the reader may be computed on rows that a view's own filter hides, and
what it raises there, or how long it takes, reveals them. Here DuckDB has nothing to reorder: rows are filtered and
values masked by pyarrow, outside of the reader's session, and what the session scans is a stream of batches of one
size. So its answers, errors, plans and batches follow from the visible rows alone. What DuckDB pushes into a scan is
applied to those rows after that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from data_platform.access.view import TableView
from data_platform.engine.views.conditions import find_rows, fit_condition, select_rows
from data_platform.engine.views.masks import mask_values
from data_platform.errors import FrameError
from data_platform.spec.access.row_filters import NO_ROW

BATCH_ROWS = 8192
NOT_COMPUTED = "what is seen of the rows could not be computed"
"""The message of an error of the view itself. It quotes nothing, and does not mean that a file is damaged."""
_ROW = "_"
"""The one column, of nulls, where no column can be scanned: rows can still be counted."""


@dataclass(frozen=True)
class FileRows:
    """Parquet files of one schema, and the format that reads, and where needed decrypts, them."""

    paths: Sequence[str]
    schema: pa.Schema
    format: ds.ParquetFileFormat

    def read(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """The rows of some columns, in order, one row group ahead."""
        if not self.paths:
            return
        rows = ds.dataset(list(self.paths), schema=self.schema, format=self.format)
        scanner = rows.scanner(columns=list(columns), batch_size=BATCH_ROWS, batch_readahead=1, fragment_readahead=1)
        yield from scanner.to_batches()


class VisibleRows(ds.Dataset):  # type: ignore[misc]  # pyarrow ships no types
    """A version's rows under a view. Columns whose mask reads no value are not part of it: their mask is a constant.

    `key` is the mask key of the mesh, None where no mask is a hash.
    """

    def __init__(self, files: FileRows, view: TableView, key: bytes | None = None) -> None:
        self._files, self._key = files, key
        condition = fit_condition(view.condition, files.schema)
        clear_rows = {name: fit_condition(rows, files.schema) for name, rows in view.clear_rows.items()}
        self._view = TableView(view.masks, condition, clear_rows)
        fields = [
            field.with_nullable(field.nullable or field.name in view.masks)
            for field in files.schema
            if field.name not in view.constants
        ]
        self._schema = pa.schema(fields or [pa.field(_ROW, pa.null())])

    @property
    def schema(self) -> pa.Schema:
        """The columns that can be scanned."""
        return self._schema

    def scanner(self, columns: Sequence[str] | None = None, filter: pc.Expression | None = None, **_: Any) -> _Scan:
        """One scan of DuckDB: some columns, and a condition of the reader, which may be over others."""
        names = self._schema.names if columns is None else list(columns)
        schema = pa.schema([self._schema.field(name) for name in names])
        if filter is None:
            return _Scan(pa.RecordBatchReader.from_batches(schema, self._mask_batches(schema)))
        selected = (batch.filter(filter).select(names) for batch in self._mask_batches(self._schema))
        return _Scan(pa.RecordBatchReader.from_batches(schema, selected))

    def _mask_batches(self, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
        """Batches of BATCH_ROWS visible rows, the last one shorter."""
        waiting: list[pa.RecordBatch] = []
        count = 0
        for batch in self._select_batches(schema.names):
            waiting.append(batch)
            count += batch.num_rows
            while count >= BATCH_ROWS:
                whole = pa.concat_batches(waiting)
                yield self._mask(whole.slice(0, BATCH_ROWS), schema)
                waiting = [whole.slice(BATCH_ROWS)]
                count -= BATCH_ROWS
        if count:
            yield self._mask(pa.concat_batches(waiting), schema)

    def _select_batches(self, names: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """The visible rows with some columns, not yet masked."""
        condition = self._view.condition
        if condition == NO_ROW:
            return
        needed = {*names, *self._view.list_tested_columns(names)}
        for batch in self._files.read([name for name in self._files.schema.names if name in needed]):
            with _quoting_nothing():
                selected = select_rows(condition, batch)
            yield selected

    def _mask(self, batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
        with _quoting_nothing():
            columns = [self._make_column(name, batch) for name in schema.names]
        return pa.RecordBatch.from_arrays(columns, schema=schema)

    def _make_column(self, name: str, batch: pa.RecordBatch) -> pa.Array:
        if name not in self._files.schema.names:
            return pa.nulls(batch.num_rows)
        values, mask = batch.column(name), self._view.masks.get(name)
        if mask is None:
            return values
        masked = mask_values(mask, values, self._key)
        clear_rows = self._view.clear_rows.get(name, NO_ROW)
        return masked if clear_rows == NO_ROW else pc.if_else(find_rows(clear_rows, batch), values, masked)


@contextmanager
def _quoting_nothing() -> Iterator[None]:
    try:
        yield
    except MemoryError:
        raise
    except (pa.ArrowException, ArithmeticError, LookupError, TypeError, ValueError):
        raise FrameError(NOT_COMPUTED) from None


@dataclass(frozen=True)
class _Scan:
    """What DuckDB takes of a scanner."""

    reader: pa.RecordBatchReader

    def to_reader(self) -> pa.RecordBatchReader:
        """The batches."""
        return self.reader
