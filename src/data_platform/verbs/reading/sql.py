"""sql: a SELECT over the outputs that the caller may read, run in an isolated worker."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from uuid import uuid4

from data_platform.engine.source import ParquetSource
from data_platform.engine.worker.stream import Bounds, RowStream
from data_platform.errors import BadInput, PolicyViolation, RecordFailed, StorageFailed
from data_platform.lineage.columns import resolve_column_lineage
from data_platform.record.catalog import data_files
from data_platform.record.operations import usage
from data_platform.record.operations.usage import Read
from data_platform.spec.sql.query import QuerySql, read_query
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.request import Request
from data_platform.verbs.core.version_source import open_version
from data_platform.verbs.events.outcomes import describe_read_refusal
from data_platform.verbs.events.recorder import record_outcomes
from data_platform.verbs.reading.read_records import describe_read
from data_platform.verbs.reading.sql_tables import QueryTable, find_table
from data_platform.verbs.results.reading import QueryTicket

Key = tuple[str, ...]
Tables = Mapping[Key, QueryTable]
PURPOSE = "sql"


@dataclass(frozen=True, slots=True)
class Sql(Request[QueryTicket]):
    """Run one SELECT in DuckDB's SQL over tables named `"product".output`.

    `limit` stops after so many rows; `mask` shows PII columns as others see them, wherever the query uses them.
    """

    query: str
    limit: int | None = None
    mask: bool = False


def run_sql(context: Context, request: Sql) -> QueryTicket:
    """The ticket for the rows, which are computed while they are taken.

    Each version read is recorded once the query runs, with the columns it reads.

    Raises QueryFailed, NotFound, AccessDenied, StorageFailed.
    """
    query = read_query(request.query)
    tables = _find_tables(context, query, mask=request.mask)
    rows, sources = _open_query(context, request, query, tables)
    columns = _trace_columns(query, sources)
    _record(context, tables, {key: columns[key] - table.hidden for key, table in tables.items()})
    warnings = dict.fromkeys(warning for table in tables.values() for warning in table.warnings)
    all_warnings = (*warnings, *context.warn_unrecorded())
    stream = uuid4().hex
    context.streams[stream] = rows
    return QueryTicket(stream, request.limit, context.settings.limits.query_rows, all_warnings)


def _find_tables(context: Context, query: QuerySql, *, mask: bool) -> dict[Key, QueryTable]:
    """What the query reads; that policies refuse it leaves an entry in the audit log, as a refused consume does."""
    tables: dict[Key, QueryTable] = {}
    try:
        with context.record.reading() as conn:
            for name in query.tables:
                tables[name.key] = find_table(context, conn, name, mask=mask)
    except PolicyViolation as refusal:
        if context.record.read_only:
            raise
        with context.record.transaction() as tx:
            record_outcomes(context, tx, describe_read_refusal(refusal.product, name.output, refusal))
        raise
    return tables


def _check_limit(limit: int | None, most: int) -> int:
    if limit is not None and not 0 <= limit <= most:
        raise BadInput(
            f"the limit is {limit:,}, and a query hands out from 0 to {most:,} rows",
            hint="raise query_rows under [limits] in settings.toml",
        )
    return most if limit is None else limit


def _open_query(
    context: Context, request: Sql, query: QuerySql, tables: Tables
) -> tuple[RowStream, dict[Key, ParquetSource]]:
    """The query, begun; that the storage fails is recorded as a read that failed, of the versions whose files do."""
    limits = context.settings.limits
    bounds = Bounds(limits.query_seconds, _check_limit(request.limit, limits.query_rows), limits.query_result_mb)
    masks = {key: table.hidden for key, table in tables.items()}
    sources: dict[Key, ParquetSource] = {}
    try:
        for key, table in tables.items():
            sources[key] = open_version(context, table.version, clear=not request.mask)
        return RowStream(context.query_workers, sources, query.text, bounds, masks), sources
    except StorageFailed as error:
        unopened = [key for key in tables if key not in sources][:1]
        broken = unopened or [key for key, source in sources.items() if _is_failing(source, error)]
        with suppress(RecordFailed):  # a record that fails too must not hide why
            _record(context, {key: tables[key] for key in broken}, {}, error.message)
        raise


def _is_failing(source: ParquetSource, error: StorageFailed) -> bool:
    return any(file in error.message or not os.access(file, os.R_OK) for file in source.files)


def _trace_columns(query: QuerySql, sources: Mapping[Key, ParquetSource]) -> dict[Key, frozenset[str]]:
    """The columns read of each table; all of them where the query's names cannot be traced."""
    columns = {key: list(source.schema.names) for key, source in sources.items()}
    try:
        lineage = resolve_column_lineage(query.tree, {".".join(key): names for key, names in columns.items()})
    except BadInput:
        return {key: frozenset(names) for key, names in columns.items()}
    uses = {use for column_uses in (*lineage.fields.values(), lineage.dataset) for use in column_uses}
    return {key: frozenset(use.column for use in uses if use.table == ".".join(key)) for key in columns}


def _record(context: Context, tables: Tables, columns: Mapping[Key, frozenset[str]], error: str | None = None) -> None:
    """One read for each version, however often the query names it."""
    read: dict[tuple[str, str, int], set[str]] = {}
    for key, table in tables.items():
        version = table.version
        read.setdefault((version.product, version.output, version.version), set()).update(columns.get(key, ()))
    who, now = context.principal, context.clock()
    if not read or context.record.read_only:
        return
    with context.record.transaction() as tx:
        for (product, output, number), names in sorted(read.items()):
            row = Read(0, product, output, number, tuple(sorted(names)), who.name, who.verified, now, PURPOSE, error)
            usage.add(tx, row)
        record_outcomes(context, tx, *(describe_read(context, tx, *version) for version in sorted(read)))
        for table in tables.values() if error else ():
            data_files.request_check(tx, table.version.stage_id)
