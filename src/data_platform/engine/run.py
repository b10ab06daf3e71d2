"""Compiled frames run on DuckDB: sources become views of exactly the columns read, results come out as Arrow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

import duckdb
import pyarrow as pa
import pyarrow.dataset as ds
from sqlglot import exp

from data_platform.engine.connection import connection, forget_database
from data_platform.engine.damage import damage_of
from data_platform.engine.decrypting import decrypting
from data_platform.engine.digests import verify
from data_platform.engine.origin import OnRead, Origin
from data_platform.engine.paths import parquet_scan, without_bounds
from data_platform.engine.plan.binder import refused
from data_platform.engine.plan.compile import Compiled
from data_platform.engine.plan.names import Field
from data_platform.engine.plan.nodes import Scan, Stream
from data_platform.engine.result_stream import ResultStream
from data_platform.engine.source import Source
from data_platform.engine.worker.session import reason_of
from data_platform.errors import DataPlatformError, FrameError, StorageFailed, Unavailable

MASK = "***"
_CHECKED = ds.ParquetFileFormat(
    default_fragment_scan_options=ds.ParquetFragmentScanOptions(page_checksum_verification=True)
)
_Readable: TypeAlias = Source | pa.Table | pa.RecordBatchReader | ds.Dataset


def table(compiled: Compiled, fields: Sequence[Field]) -> pa.Table:
    """The whole result, with the fields' names and types."""
    with opened(compiled) as cursor:
        try:
            result = _relation(cursor, compiled).to_arrow_table()
        except (duckdb.Error, pa.ArrowException, OSError, MemoryError) as error:
            raise _failed(compiled, error) from _cause(compiled, error)
    return _typed(result.select(range(len(fields))), fields)


def whole(compiled: Compiled, source: Source, names: Sequence[str], fields: Sequence[Field]) -> pa.Table:
    """Columns of one version as they lie in its files: pyarrow reads them faster than a query hands them on."""
    try:
        verify(source.digests)
        _announce(compiled)
        dataset = ds.dataset(list(source.files), schema=source.schema, format=_CHECKED)
        read = dataset.to_table(columns=list(dict.fromkeys(names)))
    except (pa.ArrowException, OSError, MemoryError, StorageFailed) as error:
        raise _failed(compiled, error) from _cause(compiled, error)
    return _typed(read.select(list(names)), fields)


def batches(compiled: Compiled, fields: Sequence[Field], rows: int) -> pa.RecordBatchReader:
    """The result as a stream of batches of at most `rows` rows, computed as they are taken."""
    schema = schema_of(fields)

    def stream(opened: ResultStream) -> Iterator[pa.RecordBatch]:
        try:
            for batch in opened:
                yield from _typed(pa.Table.from_batches([batch]).select(range(len(fields))), fields).to_batches()
        except (duckdb.Error, pa.ArrowException, OSError, MemoryError) as error:
            raise _failed(compiled, error) from _cause(compiled, error)
        finally:
            opened.close()

    cursor = opened(compiled)
    try:
        reader = _relation(cursor, compiled).to_arrow_reader(rows)
    except (duckdb.Error, pa.ArrowException, OSError, MemoryError) as error:
        raise _failed(compiled, error) from _cause(compiled, error)
    return pa.RecordBatchReader.from_batches(schema, stream(ResultStream(cursor, reader)))


def explain(compiled: Compiled) -> str:
    """What the frame reads of each source, and DuckDB's plan, in which columns and filters reach the files."""
    with opened(compiled, runs=False) as cursor:
        try:
            plan = str(cursor.sql("EXPLAIN " + compiled.sql(pretty=False)).fetchall()[0][1])
        except duckdb.Error as error:
            raise _failed(compiled, error) from _cause(compiled, error)
    return "\n".join([*_reads(compiled), plan])


def _reads(compiled: Compiled) -> Iterator[str]:
    for alias, columns in compiled.sources.items():
        condition = compiled.predicates.get(alias)
        where = f" where {condition.sql('duckdb')}" if condition is not None else ""
        yield f"{compiled.scans[alias].origin or alias}: {', '.join(sorted(columns)) or 'no column'}{where}"


def opened(compiled: Compiled, *, runs: bool = True) -> duckdb.DuckDBPyConnection:
    """A connection on which the statement's sources stand; if it runs, whoever must know is told first."""
    _check_streams(compiled)
    try:
        if runs:
            verify(file for source in _sources(compiled) for file in source.digests)
        relations = {alias: _readable(compiled, alias, runs=runs) for alias in compiled.scans}
    except (pa.ArrowException, OSError, MemoryError, StorageFailed) as error:
        raise _failed(compiled, error) from _cause(compiled, error)
    if runs:
        _announce(compiled)
    cursor = connection()
    try:
        for alias, scan in compiled.scans.items():
            _define(cursor, compiled, alias, scan, relations[alias])
    except (duckdb.Error, pa.ArrowException, OSError, MemoryError) as error:
        raise _failed(compiled, error) from _cause(compiled, error)
    return cursor


def _sources(compiled: Compiled) -> Iterator[Source]:
    return (scan.relation for scan in compiled.scans.values() if isinstance(scan.relation, Source))


def schema_of(fields: Sequence[Field]) -> pa.Schema:
    """The fields as an Arrow schema."""
    return pa.schema([pa.field(each.name, _nullable(each.type)) for each in fields])


def _nullable(kind: pa.DataType) -> pa.DataType:
    """The type without promises of no null inside it, since within a null object DuckDB gives nulls."""
    if pa.types.is_struct(kind):
        return pa.struct([field.with_type(_nullable(field.type)).with_nullable(True) for field in kind])
    if pa.types.is_map(kind):
        return pa.map_(_nullable(kind.key_type), _nullable(kind.item_type))
    if pa.types.is_list(kind):
        return pa.list_(kind.value_field.with_type(_nullable(kind.value_type)).with_nullable(True))
    return kind


def failed(error: Exception) -> DataPlatformError:
    """What went wrong while rows were computed: the disk, the memory, or a value that does not fit."""
    if isinstance(error, duckdb.OutOfMemoryException | MemoryError):
        return Unavailable(f"not enough memory: {_line(error)}", hint="read fewer columns, or stream with to_batches()")
    if isinstance(error, StorageFailed):
        return error
    # a bare OSError is none of the disk: Arrow tells of wrong values in a stream by it
    if isinstance(error, duckdb.IOException | FileNotFoundError | PermissionError):
        return StorageFailed(f"the data cannot be read: {_line(error)}")
    if isinstance(error, duckdb.Error):
        return refused(error)
    return FrameError(_line(error))


def _failed(compiled: Compiled, error: Exception) -> DataPlatformError:
    """What went wrong; whoever counts on the files that cannot be read is told."""
    if isinstance(error, duckdb.InternalException | duckdb.FatalException):
        forget_database()
    found = failed(error)
    if not isinstance(error, _ABOUT_THE_STATEMENT) and not isinstance(found, StorageFailed | Unavailable):
        found = damage_of(error, [path for source in _sources(compiled) for path in source.files]) or found
    if isinstance(found, FrameError) and _reads_personal(compiled):
        found = FrameError(reason_of(error, compiled.sql(pretty=False)))
    if isinstance(found, StorageFailed):
        counting = [scan for scan in compiled.scans.values() if scan.on_fail is not None]
        blamed = [scan for scan in counting if isinstance(scan.relation, Source) and _names(error, scan.relation)]
        for on_fail in {scan.on_fail for scan in blamed or counting if scan.on_fail is not None}:
            on_fail(found.message)
    return found


_ABOUT_THE_STATEMENT = (
    *(duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException, duckdb.SyntaxException),
    *(duckdb.ConversionException, duckdb.OutOfRangeException, FrameError),
)


def _cause(compiled: Compiled, error: Exception) -> Exception | None:
    """What a traceback may show as the cause: no error that may quote personal data."""
    return None if _reads_personal(compiled) else error


def _reads_personal(compiled: Compiled) -> bool:
    sources = ((scan.relation, compiled.sources[alias]) for alias, scan in compiled.scans.items())
    return any(
        isinstance(source, Source) and columns & (source.personal | source.encrypted) for source, columns in sources
    )


def _names(error: Exception, source: Source) -> bool:
    return any(path in str(error) for path in source.files)


def _relation(cursor: duckdb.DuckDBPyConnection, compiled: Compiled) -> duckdb.DuckDBPyRelation:
    return cursor.sql(compiled.sql(pretty=False))


def _announce(compiled: Compiled) -> None:
    told: dict[OnRead, dict[Origin, frozenset[str]]] = {}
    for alias, columns in compiled.sources.items():
        scan = compiled.scans[alias]
        if scan.on_read is not None and scan.origin is not None:
            reads = told.setdefault(scan.on_read, {})
            reads[scan.origin] = reads.get(scan.origin, frozenset()) | columns
    for on_read, reads in told.items():
        on_read(reads)


def _check_streams(compiled: Compiled) -> None:
    tables = [node.name for node in compiled.query.find_all(exp.Table)]
    for alias, scan in compiled.scans.items():
        if isinstance(scan.relation, Stream) and tables.count(alias) > 1:
            raise FrameError("a stream can be read only once, and this frame reads it twice", hint="load it as a table")


def _readable(compiled: Compiled, alias: str, *, runs: bool) -> _Readable:
    """What DuckDB is to read; a decrypting dataset only where encrypted columns are really read."""
    source, scan = compiled.scans[alias].relation, compiled.scans[alias]
    if isinstance(source, Stream):
        return source.take() if runs else scan.schema.empty_table()
    if not isinstance(source, Source):
        return source
    if not source.files:
        return source.schema.empty_table()
    sealed = compiled.sources[alias] & source.encrypted
    if not sealed:
        return source
    return decrypting(str(scan.origin or scan.name), source, sorted(sealed))


def _define(cursor: duckdb.DuckDBPyConnection, compiled: Compiled, alias: str, scan: Scan, relation: _Readable) -> None:
    barred = relation.unbounded if isinstance(relation, Source) else ()
    columns = [_column(name, unbounded=name in barred) for name in sorted(compiled.sources[alias])]
    columns += [_masked(scan.schema.field(name)) for name in sorted(compiled.masked[alias])]
    if isinstance(relation, Source):
        origin = parquet_scan(relation.files)
    else:
        origin = _quoted(f"{alias} data")
        cursor.register(f"{alias} data", relation)
    # a view needs a column; counting rows needs none
    select = ", ".join(columns) or 'NULL AS "_"'
    cursor.execute(f"CREATE TEMP VIEW {_quoted(alias)} AS SELECT {select} FROM {origin}")


def _column(name: str, *, unbounded: bool) -> str:
    quoted = _quoted(name)
    return f"{without_bounds(quoted)} AS {quoted}" if unbounded else quoted


def _masked(field: pa.Field) -> str:
    text = pa.types.is_string(field.type) or pa.types.is_large_string(field.type) or pa.types.is_string_view(field.type)
    return f"'{MASK}' AS {_quoted(field.name)}" if text else f"NULL AS {_quoted(field.name)}"


def _typed(result: pa.Table, fields: Sequence[Field]) -> pa.Table:
    schema = schema_of(fields)
    return result.rename_columns(schema.names).cast(schema) if result.schema != schema else result


def _quoted(name: str) -> str:
    return exp.to_identifier(name, quoted=True).sql("duckdb")


def _line(error: Exception) -> str:
    return " ".join(str(error).split())
