"""A frame made from a ticket, in the process that has the mesh: keys come from its keyring."""

from __future__ import annotations

from data_platform.engine.frame import DataFrame, scan, with_published
from data_platform.engine.origin import Origin
from data_platform.engine.published import PublishedVersion, VersionLineage
from data_platform.errors import StorageFailed
from data_platform.record.lineage import lineage
from data_platform.verbs.core import environments
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.lookup.version_source import ticket_source
from data_platform.verbs.reading.read_records import record_columns, record_failures
from data_platform.verbs.results.reading import ReadTicket


def open_frame(context: Context, ticket: ReadTicket) -> DataFrame:
    """A lazy frame over the ticket's files; its columns are recorded whenever they are really read.

    Raises StorageFailed; a read that the storage fails, now or later, is recorded as such.
    """
    reader = context if ticket.environment is None else context.environment(ticket.environment)
    origin = Origin("product", ticket.product, ticket.output, ticket.version)
    report_failure = record_failures(reader, ticket.read_id, ticket.stage_id)
    try:
        source = ticket_source(reader, ticket)
    except StorageFailed as error:
        report_failure(error.message)
        raise
    frame = scan(
        source,
        environments.rename_origin(origin, ticket.environment) if ticket.environment else origin,
        on_read=record_columns(reader, ticket.read_id),
        on_fail=report_failure,
        warnings=ticket.warnings,
    )
    view = frame if ticket.columns is None else frame.select(*ticket.columns)

    def read_lineage() -> VersionLineage:
        with reader.record.reading() as conn:
            edges = lineage.list_by_version(conn, ticket.product, ticket.output, ticket.version)
        return {
            Origin(edge.kind, edge.source_name, edge.source_output or "", edge.source_version): frozenset(edge.columns)
            for edge in edges
        }

    return with_published(view, PublishedVersion(ticket.version, ticket.statistics, read_lineage))
