"""Runs frames on DuckDB in this process: sources become views of exactly the columns read, results are Arrow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import duckdb
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
from sqlglot import exp

from data_platform.engine.connection import discard_database, open_connection
from data_platform.engine.corruption import explain_damage
from data_platform.engine.decrypting import open_decrypted, open_format
from data_platform.engine.digests import verify
from data_platform.engine.error_lines import format_line
from data_platform.engine.paths import build_parquet_scan, drop_bounds
from data_platform.engine.plan.binder import translate_error
from data_platform.engine.plan.compile import Compiled
from data_platform.engine.plan.nodes import Scan, Stream
from data_platform.engine.plan.schema import convert_types
from data_platform.engine.plan.whole_table import find_whole_columns
from data_platform.engine.runner import describe_reads, notify_readers, reads_personal_data
from data_platform.engine.runners.duckdb_stream import ResultStream
from data_platform.engine.runners.remote_parts import RemotePart
from data_platform.engine.source import ParquetSource, RemoteSource
from data_platform.engine.views.constants import build_constant, read_types
from data_platform.engine.views.visible_rows import FileRows, VisibleRows
from data_platform.engine.worker.session import explain_error
from data_platform.errors import DataPlatformError, FrameError, StorageFailed, Unavailable

_READ_BYTES = 1024 * 1024
"""Bytes read at once from a column of a file that is streamed."""
_CHECKED = ds.ParquetFileFormat(
    default_fragment_scan_options=ds.ParquetFragmentScanOptions(page_checksum_verification=True)
)
_Readable: TypeAlias = ParquetSource | pa.Table | pa.RecordBatchReader | ds.Dataset


class DuckDBRunner:
    """Runs frames on DuckDB in this process; whole columns of one version are read by pyarrow, which is faster."""

    is_joinable = True

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DuckDBRunner)

    def __hash__(self) -> int:
        return hash(DuckDBRunner)

    def read_table(self, compiled: Compiled) -> pa.Table:
        """The whole result."""
        whole = find_whole_columns(compiled.root, compiled.fields)
        return _read_result(compiled) if whole is None else _read_whole(compiled, *whole)

    def stream_batches(self, compiled: Compiled, rows: int) -> pa.RecordBatchReader:
        """The result as a stream of batches of at most `rows` rows, computed while they are read."""
        whole = find_whole_columns(compiled.root, compiled.fields)
        if whole is not None and not any("." in name for name in whole[1]):  # pyarrow would read a path of members
            return _open_whole(compiled, *whole, rows)
        query = _open_query(compiled)
        try:
            reader = _build_relation(query.cursor, compiled).to_arrow_reader(rows)
        except (duckdb.Error, pa.ArrowException, OSError, MemoryError) as error:
            raise query.report_failure(error) from _select_cause(compiled, error)
        return pa.RecordBatchReader.from_batches(compiled.schema, _stream(query, ResultStream(query.cursor, reader)))

    def explain(self, compiled: Compiled) -> str:
        """The columns that the frame reads of each source, and DuckDB's plan, which shows the filters on the files."""
        with _open_query(compiled, runs=False).cursor as cursor:
            try:
                plan = str(cursor.sql("EXPLAIN " + compiled.sql(pretty=False)).fetchall()[0][1])
            except duckdb.Error as error:
                raise _report_failure(compiled, error) from _select_cause(compiled, error)
        return "\n".join([*describe_reads(compiled), plan])


IN_PROCESS = DuckDBRunner()
"""The runner of a frame that is given no other."""


@dataclass(frozen=True)
class _OpenQuery:
    """A connection on which the sources of a statement are defined, and those of them that come from servers."""

    compiled: Compiled
    cursor: duckdb.DuckDBPyConnection
    parts: Sequence[RemotePart]

    def report_failure(self, error: Exception) -> DataPlatformError:
        """The error to raise for one of the engine: that of a server, where it ended a source."""
        failed = next((part.failure for part in self.parts if part.failure is not None), None)
        return failed or _report_failure(self.compiled, error)


def _read_result(compiled: Compiled) -> pa.Table:
    query = _open_query(compiled)
    with query.cursor as cursor:
        try:
            result = _build_relation(cursor, compiled).to_arrow_table()
        except (duckdb.Error, pa.ArrowException, OSError, MemoryError) as error:
            raise query.report_failure(error) from _select_cause(compiled, error)
    return _convert_result(compiled, result)


def _read_whole(compiled: Compiled, source: ParquetSource, names: Sequence[str]) -> pa.Table:
    try:
        verify(source.digests)
        notify_readers(compiled)
        dataset = ds.dataset(list(source.files), schema=source.schema, format=_CHECKED)
        read = dataset.to_table(columns=list(dict.fromkeys(names)))
    except (pa.ArrowException, OSError, MemoryError, StorageFailed) as error:
        raise _report_failure(compiled, error) from _select_cause(compiled, error)
    return convert_types(read.select(list(names)), compiled.schema)


def _open_whole(compiled: Compiled, source: ParquetSource, names: Sequence[str], rows: int) -> pa.RecordBatchReader:
    """The columns page by page: DuckDB would hold whole row groups for each stream."""
    try:
        verify(source.digests)
        notify_readers(compiled)
    except (OSError, StorageFailed) as error:
        raise _report_failure(compiled, error) from _select_cause(compiled, error)
    return pa.RecordBatchReader.from_batches(compiled.schema, _stream_whole(compiled, source, names, rows))


def _stream_whole(
    compiled: Compiled, source: ParquetSource, names: Sequence[str], rows: int
) -> Iterator[pa.RecordBatch]:
    options = {"pre_buffer": False, "buffer_size": _READ_BYTES, "page_checksum_verification": True}
    try:
        for path in source.files:
            with pq.ParquetFile(path, **options) as file:
                for batch in file.iter_batches(rows, columns=list(dict.fromkeys(names))):
                    table = pa.Table.from_batches([batch]).select(list(names))
                    yield from convert_types(table, compiled.schema).to_batches()
    except (pa.ArrowException, OSError, MemoryError, StorageFailed) as error:
        raise _report_failure(compiled, error) from _select_cause(compiled, error)


def _stream(query: _OpenQuery, result: ResultStream) -> Iterator[pa.RecordBatch]:
    try:
        for batch in result:
            yield from _convert_result(query.compiled, pa.Table.from_batches([batch])).to_batches()
    except (duckdb.Error, pa.ArrowException, OSError, MemoryError) as error:
        raise query.report_failure(error) from _select_cause(query.compiled, error)
    finally:
        result.close()


def _convert_result(compiled: Compiled, result: pa.Table) -> pa.Table:
    """The columns of the frame, without the constant that a statement without columns selects."""
    return convert_types(result.select(range(len(compiled.fields))), compiled.schema)


def _open_query(compiled: Compiled, *, runs: bool = True) -> _OpenQuery:
    """The statement with its sources; if it will run, readers are notified first."""
    _check_streams(compiled)
    parts = {alias: RemotePart(compiled, alias, source) for alias, source in _list_remote(compiled) if runs}
    try:
        if runs:
            verify(file for source in _list_sources(compiled) for file in source.digests)
        relations = {
            alias: _open_relation(compiled, alias, runs=runs) for alias in compiled.scans if alias not in parts
        }
        relations |= {alias: part.open() for alias, part in parts.items()}
    except (pa.ArrowException, OSError, MemoryError, StorageFailed) as error:
        raise _report_failure(compiled, error) from _select_cause(compiled, error)
    if runs:
        notify_readers(compiled)
    cursor = open_connection()
    try:
        for alias, scan in compiled.scans.items():
            _define(cursor, compiled, alias, scan, relations[alias])
    except (duckdb.Error, pa.ArrowException, OSError, MemoryError) as error:
        raise _report_failure(compiled, error) from _select_cause(compiled, error)
    return _OpenQuery(compiled, cursor, tuple(parts.values()))


def _list_sources(compiled: Compiled) -> Iterator[ParquetSource]:
    return (scan.relation for scan in compiled.scans.values() if isinstance(scan.relation, ParquetSource))


def _list_remote(compiled: Compiled) -> Iterator[tuple[str, RemoteSource]]:
    for alias, scan in compiled.scans.items():
        if isinstance(scan.relation, RemoteSource):
            yield alias, scan.relation


def _translate_failure(error: Exception) -> DataPlatformError:
    """The error to raise for a failure while rows were computed: disk, memory, or a value that does not fit."""
    if isinstance(error, duckdb.OutOfMemoryException | MemoryError):
        return Unavailable(
            f"not enough memory: {format_line(error)}", hint="read fewer columns, or stream with to_batches()"
        )
    if isinstance(error, StorageFailed):
        return error
    # a bare OSError is no disk error: Arrow raises it for invalid values in a stream
    if isinstance(error, duckdb.IOException | FileNotFoundError | PermissionError):
        return StorageFailed(f"the data cannot be read: {format_line(error)}")
    if isinstance(error, duckdb.Error):
        return translate_error(error)
    return FrameError(format_line(error))


def _report_failure(compiled: Compiled, error: Exception) -> DataPlatformError:
    """The error to raise; the `on_fail` callbacks of files that cannot be read are called."""
    if isinstance(error, duckdb.InternalException | duckdb.FatalException):
        discard_database()
    failure = _translate_failure(error)
    if not isinstance(error, _ABOUT_THE_STATEMENT) and not isinstance(failure, StorageFailed | Unavailable):
        failure = (
            explain_damage(error, [path for source in _list_sources(compiled) for path in source.files]) or failure
        )
    if isinstance(failure, FrameError) and reads_personal_data(compiled):
        failure = FrameError(explain_error(error, compiled.sql(pretty=False)))
    if isinstance(failure, StorageFailed):
        monitored = [scan for scan in compiled.scans.values() if scan.on_fail is not None]
        affected = [
            scan for scan in monitored if isinstance(scan.relation, ParquetSource) and _is_about(error, scan.relation)
        ]
        for on_fail in {scan.on_fail for scan in affected or monitored if scan.on_fail is not None}:
            on_fail(failure.message)
    return failure


_ABOUT_THE_STATEMENT = (
    *(duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException, duckdb.SyntaxException),
    *(duckdb.ConversionException, duckdb.OutOfRangeException, FrameError),
)


def _select_cause(compiled: Compiled, error: Exception) -> Exception | None:
    """The cause that a traceback may show; None if the error may quote personal data."""
    return None if reads_personal_data(compiled) else error


def _is_about(error: Exception, source: ParquetSource) -> bool:
    return any(path in str(error) for path in source.files)


def _build_relation(cursor: duckdb.DuckDBPyConnection, compiled: Compiled) -> duckdb.DuckDBPyRelation:
    return cursor.sql(compiled.sql(pretty=False))


def _check_streams(compiled: Compiled) -> None:
    tables = [node.name for node in compiled.query.find_all(exp.Table)]
    for alias, scan in compiled.scans.items():
        if isinstance(scan.relation, Stream) and tables.count(alias) > 1:
            raise FrameError("a stream can be read only once, and this frame reads it twice", hint="load it as a table")


def _open_relation(compiled: Compiled, alias: str, *, runs: bool) -> _Readable:
    """The relation that DuckDB reads; a decrypting dataset only if encrypted columns are read."""
    source, scan = compiled.scans[alias].relation, compiled.scans[alias]
    if isinstance(source, Stream):
        return source.take() if runs else scan.schema.empty_table()
    if isinstance(source, RemoteSource):
        return scan.schema.empty_table()
    if not isinstance(source, ParquetSource):
        return source
    if not source.files:
        return source.schema.empty_table()
    if source.view.is_computed:
        return _open_visible(str(scan.origin or scan.name), source, compiled.sources[alias])
    sealed = compiled.sources[alias] & source.encrypted
    if not sealed:
        return source
    return open_decrypted(str(scan.origin or scan.name), source, sorted(sealed))


def _open_visible(name: str, source: ParquetSource, columns: frozenset[str]) -> VisibleRows:
    """The rows and values that the reader sees, with decryption only if encrypted columns are read for them."""
    sealed = (columns | source.view.list_tested_columns(columns)) & source.encrypted
    format = open_format(name, source, sorted(sealed)) if sealed else _CHECKED
    key = source.fetch_mask_key() if source.view.needs_key else None
    return VisibleRows(FileRows(source.files, source.schema, format), source.view, key)


def _define(cursor: duckdb.DuckDBPyConnection, compiled: Compiled, alias: str, scan: Scan, relation: _Readable) -> None:
    source = scan.relation
    is_direct = isinstance(relation, ParquetSource | VisibleRows)
    unbounded_names = source.unbounded if isinstance(source, ParquetSource) and is_direct else ()
    columns = [_select_column(name, unbounded=name in unbounded_names) for name in sorted(compiled.sources[alias])]
    columns += _build_constants(cursor, scan, sorted(compiled.masked[alias]))
    if isinstance(relation, ParquetSource):
        origin = build_parquet_scan(relation.files)
    else:
        origin = _quote(f"{alias} data")
        cursor.register(f"{alias} data", relation)
    # a view needs a column; counting rows needs none
    select = ", ".join(columns) or 'NULL AS "_"'
    cursor.execute(f"CREATE TEMP VIEW {_quote(alias)} AS SELECT {select} FROM {origin}")


def _select_column(name: str, *, unbounded: bool) -> str:
    quoted = _quote(name)
    return f"{drop_bounds(quoted)} AS {quoted}" if unbounded else quoted


def _build_constants(cursor: duckdb.DuckDBPyConnection, scan: Scan, names: Sequence[str]) -> list[str]:
    """The masks of columns that are not read."""
    if not names:
        return []
    types = read_types(cursor, pa.schema([scan.schema.field(name) for name in names]).empty_table())
    return [build_constant(scan.view.masks[name], types[name], name) for name in names]


def _quote(name: str) -> str:
    return exp.to_identifier(name, quoted=True).sql("duckdb")
