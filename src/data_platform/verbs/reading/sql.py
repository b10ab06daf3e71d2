"""sql: a SELECT over the outputs that the caller may read, run in an isolated worker."""

from __future__ import annotations

from dataclasses import dataclass, replace

from data_platform.access.actions import Action, Resource, ResourceKind
from data_platform.engine.worker.stream import Bounds
from data_platform.errors import BadInput, PolicyViolation
from data_platform.spec.sql.query import QuerySql, read_query
from data_platform.verbs.core.authorization.authorize import authorize_role
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.request import Request
from data_platform.verbs.events.outcomes import describe_read_refusal
from data_platform.verbs.events.recorder import record_outcomes
from data_platform.verbs.reading.query_lineage import list_reads, trace_query
from data_platform.verbs.reading.query_streams import (
    Key,
    QueryTable,
    answer_stream,
    open_query,
    record_reads,
    trace_columns,
)
from data_platform.verbs.reading.sql_tables import find_table
from data_platform.verbs.results.reading import QueryTicket

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
    if not query.tables:
        authorize_role(context, Action.CONSUME, Resource(ResourceKind.CATALOG))
    tables = _find_tables(context, query, mask=request.mask)
    limits = context.settings.limits
    bounds = Bounds(limits.query_seconds, _check_limit(request.limit, limits.query_rows), limits.query_result_mb)
    rows = open_query(context, query.text, tables, bounds, PURPOSE)
    columns = trace_columns(query.tree, {key: list(table.version.schema.names) for key, table in tables.items()})
    record_reads(tables, {key: columns[key] - table.view.constants for key, table in tables.items()}, PURPOSE)
    ticket = answer_stream(context, rows, tables, request.limit, limits.query_rows)
    lineage = trace_query(query.tree, tables, rows.schema.names)
    return replace(ticket, reads=list_reads(lineage, tables), lineage=lineage)


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
