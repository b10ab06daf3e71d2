"""What the queries of `sql` and of frames have in common: their stream of rows, and the records of what they read."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from uuid import uuid4

from sqlglot import exp

from data_platform.access.view import TableView
from data_platform.engine.source import ParquetSource
from data_platform.engine.worker.stream import Bounds, RowStream
from data_platform.errors import BadInput, RecordFailed, StorageFailed
from data_platform.lineage.columns import resolve_column_lineage
from data_platform.record.catalog import data_files
from data_platform.record.catalog.versions import VersionRow
from data_platform.record.operations import usage
from data_platform.record.operations.usage import Read
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.lookup.version_source import open_version
from data_platform.verbs.core.quotas import admit_query, charge_queries
from data_platform.verbs.events.recorder import record_outcomes
from data_platform.verbs.reading.read_records import describe_read
from data_platform.verbs.results.reading import QueryTicket


@dataclass(frozen=True, slots=True)
class QueryTable:
    """What a name in the query means: a version, what the reader sees of it, and what policies say of the read.

    `context` is that of the mesh which has the version, and `read_id` the record of a consume that the query follows.
    """

    context: Context
    version: VersionRow
    view: TableView
    warnings: tuple[str, ...] = ()
    read_id: int | None = None


Key = tuple[str, ...]
Tables = Mapping[Key, QueryTable]
"""The tables of a query by their names as the engine calls them."""
Columns = Mapping[Key, frozenset[str]]
"""The columns that a query reads of each table."""


def open_query(context: Context, statement: str, tables: Tables, bounds: Bounds, purpose: str) -> RowStream:
    """The query, begun. A failure of the storage is recorded as a failed read of the versions whose files fail.

    Raises LimitExceeded where a domain that it reads has used up its quota.
    """
    charge = _admit_query(tables)
    sources: dict[Key, ParquetSource] = {}
    try:
        for key, table in tables.items():
            sources[key] = open_version(table.context, table.version, table.view)
        interruption = context.attachments.interruption
        return RowStream(context.query_workers, sources, statement, bounds, charge, interruption)
    except StorageFailed as error:
        unopened = [key for key in tables if key not in sources][:1]
        broken = unopened or [key for key, source in sources.items() if _is_failing(source, error)]
        with suppress(RecordFailed):  # a record that fails too must not hide why
            record_reads({key: tables[key] for key in broken}, {}, purpose, error.message)
        raise


def answer_stream(context: Context, rows: RowStream, tables: Tables, limit: int | None, most_rows: int) -> QueryTicket:
    """The ticket for the rows, which are taken from the context."""
    stream = uuid4().hex
    context.streams[stream] = rows
    warnings = dict.fromkeys(warning for table in tables.values() for warning in table.warnings)
    return QueryTicket(stream, limit, most_rows, (*warnings, *context.warn_unrecorded()))


def trace_columns(query: exp.Query, schemas: Mapping[Key, list[str]]) -> dict[Key, frozenset[str]]:
    """The columns read of each table; all of them where the query's names cannot be traced."""
    try:
        lineage = resolve_column_lineage(query, {".".join(key): names for key, names in schemas.items()})
    except BadInput:
        return {key: frozenset(names) for key, names in schemas.items()}
    uses = {use for column_uses in (*lineage.fields.values(), lineage.dataset) for use in column_uses}
    return {key: frozenset(use.column for use in uses if use.table == ".".join(key)) for key in schemas}


def record_reads(tables: Tables, columns: Columns, purpose: str, error: str | None = None) -> None:
    """One read for each version, however often the query names it; a consume that the query follows is widened."""
    by_mesh: dict[int, list[Key]] = {}
    for key, table in tables.items():
        by_mesh.setdefault(id(table.context.mesh), []).append(key)
    for keys in by_mesh.values():
        context = tables[keys[0]].context
        if not context.record.read_only:
            _record_in_mesh(context, {key: tables[key] for key in keys}, columns, purpose, error)


def _record_in_mesh(context: Context, tables: Tables, columns: Columns, purpose: str, error: str | None) -> None:
    new: dict[tuple[str, str, int], set[str]] = {}
    who, now = context.principal, context.clock()
    with context.record.transaction() as tx:
        for key, table in tables.items():
            names = columns.get(key, frozenset())
            version = (table.version.product, table.version.output, table.version.version)
            if table.read_id is None:
                new.setdefault(version, set()).update(names)
            elif error is None:
                usage.widen(tx, table.read_id, sorted(names))
            else:
                usage.fail(tx, table.read_id, error)
        for (product, output, number), read in sorted(new.items()):
            row = Read(0, product, output, number, tuple(sorted(read)), who.name, who.verified, now, purpose, error)
            usage.add(tx, row)
        record_outcomes(context, tx, *(describe_read(context, tx, *version) for version in sorted(new)))
        for table in tables.values() if error else ():
            data_files.request_check(tx, table.version.stage_id)


def _admit_query(tables: Tables) -> Callable[[float], None]:
    """The function that charges what the query took to the domains that it reads."""
    by_mesh: dict[int, list[QueryTable]] = {}
    for table in tables.values():
        by_mesh.setdefault(id(table.context.mesh), []).append(table)
    admitted = [
        (listed[0].context, domains)
        for listed in by_mesh.values()
        if (domains := admit_query(listed[0].context, {table.version.product for table in listed}))
    ]

    def charge(seconds: float) -> None:
        for context, domains in admitted:
            charge_queries(context, domains, seconds)

    return charge


def _is_failing(source: ParquetSource, error: StorageFailed) -> bool:
    return any(file in error.message or not os.access(file, os.R_OK) for file in source.files)
