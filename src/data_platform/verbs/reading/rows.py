"""The rows of a query, in the process that computes them."""

from __future__ import annotations

from data_platform.engine.query_result import QueryResult
from data_platform.errors import NotFound
from data_platform.verbs.core.context import Context
from data_platform.verbs.results.reading import QueryTicket


def open_rows(context: Context, ticket: QueryTicket) -> QueryResult:
    """The rows of the ticket's query; raises NotFound for one whose rows were taken."""
    rows = context.streams.pop(ticket.stream, None)
    if rows is None:
        raise NotFound(f"there is no stream {ticket.stream}: the rows of a query are taken once")
    return QueryResult(rows, ticket.limit, ticket.most_rows, ticket.warnings, ticket.reads, ticket.lineage)
