"""run_frame: the statement of a DataFrame that a client has compiled, run as a query of `sql` is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from data_platform.access.actions import Action, Resource, ResourceKind
from data_platform.engine.worker.stream import Bounds
from data_platform.errors import BadInput, PolicyViolation
from data_platform.record.operations import usage
from data_platform.settings import Environment
from data_platform.spec.runtime_types import Checked
from data_platform.spec.sql.query import read_frame_statement, refuse_many_tables
from data_platform.spec.text.names import quote_text
from data_platform.verbs.core.authorization.authorize import authorize, authorize_role
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.lookup.renamed_products import resolve_used_name
from data_platform.verbs.core.lookup.version_lookup import find_ticket_version, find_view
from data_platform.verbs.core.request import LARGEST, Request
from data_platform.verbs.events.outcomes import describe_read_refusal
from data_platform.verbs.events.recorder import record_outcomes
from data_platform.verbs.policies.evaluate import evaluate_consume
from data_platform.verbs.reading.query_streams import (
    Columns,
    Key,
    QueryTable,
    answer_stream,
    open_query,
    record_reads,
    trace_columns,
)
from data_platform.verbs.results.reading import QueryTicket

PURPOSE = "frame"
_LARGEST_MB = LARGEST >> 20
"""A frame's rows are streamed: their number and size have no limit of their own."""


@dataclass(frozen=True, slots=True)
class FrameTable(Checked):
    """A version that a frame reads, by its alias in the statement.

    `masks` are columns that the reader wants masked besides those that access control masks. `read_id` is the record of
    the consume that the frame began with; `environment` is that of its ticket.
    """

    alias: str
    product: str
    output: str
    version: int
    environment: Environment | None = None
    masks: frozenset[str] = frozenset()
    read_id: int | None = None


@dataclass(frozen=True, slots=True)
class RunFrame(Request[QueryTicket]):
    """Run a DataFrame: its statement in DuckDB's SQL, over the versions in `tables`."""

    statement: str
    tables: tuple[FrameTable, ...]


def run_frame(context: Context, request: RunFrame) -> QueryTicket:
    """The ticket for the frame's rows, which are computed while they are taken.

    Every version is authorised, judged by policies and masked again; what the statement reads of it is recorded.

    Raises QueryFailed, NotFound, AccessDenied, PolicyViolation, StorageFailed.
    """
    refuse_many_tables(len(request.tables))
    aliases = [table.alias.casefold() for table in request.tables]
    if "" in aliases:
        raise BadInput("tables: an alias is empty")
    if twice := next((alias for place, alias in enumerate(aliases) if alias in aliases[:place]), None):
        raise BadInput(f"tables: the alias {quote_text(twice)} is there twice")
    query = read_frame_statement(request.statement, aliases)
    if not request.tables:
        authorize_role(context, Action.CONSUME, Resource(ResourceKind.CATALOG))
    tables: dict[Key, QueryTable] = {(table.alias.casefold(),): _find_table(context, table) for table in request.tables}
    traced = trace_columns(query.tree, {key: list(table.version.schema.names) for key, table in tables.items()})
    tables = _judge(tables, traced)
    bounds = Bounds(context.settings.limits.query_seconds, LARGEST, _LARGEST_MB)
    rows = open_query(context, query.text, tables, bounds, PURPOSE)
    record_reads(tables, {key: traced[key] - table.view.constants for key, table in tables.items()}, PURPOSE)
    return answer_stream(context, rows, tables, None, LARGEST)


def _find_table(caller: Context, table: FrameTable) -> QueryTable:
    """The table that the caller may read, as the caller sees it."""
    context = caller if table.environment is None else caller.environment(table.environment)
    with context.record.reading() as conn:
        product = resolve_used_name(context, conn, table.product)
    decision = authorize(context, Action.CONSUME, Resource.of(product, table.output))
    with context.record.reading() as conn:
        version = find_ticket_version(conn, product, table.output, table.version)
        view = find_view(conn, version, decision, also_masked=table.masks)
        key = (version.product, version.output, version.version)
        known_id = table.read_id
        if known_id is not None and not usage.is_of(conn, known_id, context.principal.name, *key):
            known_id = None
    return QueryTable(context, version, view, read_id=known_id)


def _judge(tables: Mapping[Key, QueryTable], columns: Columns) -> dict[Key, QueryTable]:
    """The tables with the warnings of policies; a refusal is recorded, as that of a consume is."""
    judged = {}
    for key, table in tables.items():
        mesh = table.context
        try:
            with mesh.record.reading() as conn:
                governed = evaluate_consume(mesh, conn, table.version, sorted(columns[key]))
        except PolicyViolation as refusal:
            if not mesh.record.read_only:
                with mesh.record.transaction() as tx:
                    record_outcomes(mesh, tx, describe_read_refusal(refusal.product, table.version.output, refusal))
            raise
        judged[key] = replace(table, warnings=governed.warnings)
    return judged
