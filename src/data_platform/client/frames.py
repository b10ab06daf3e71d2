"""Frames over versions that a server has: compiled here, run there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Protocol, TypeVar

import pyarrow as pa

from data_platform.access.view import TableView
from data_platform.engine.frame import DataFrame, scan, with_published, with_runner
from data_platform.engine.origin import Origin
from data_platform.engine.plan.compile import Compiled
from data_platform.engine.plan.schema import convert_types
from data_platform.engine.published import PublishedVersion, VersionLineage
from data_platform.engine.query_result import QueryRows
from data_platform.engine.runner import describe_reads
from data_platform.engine.source import RemoteSource
from data_platform.errors import FrameError, QueryFailed
from data_platform.spec.access.masks import Mask
from data_platform.spec.schema.arrow import to_arrow
from data_platform.spec.schema.json_form import restore_schema
from data_platform.verbs.core.environments import rename_origin
from data_platform.verbs.core.request import Request
from data_platform.verbs.lineage.version_lineage import LineageOfVersion
from data_platform.verbs.reading.run_frame import FrameTable, RunFrame
from data_platform.verbs.results.reading import QueryTicket, ReadTicket

T = TypeVar("T")


class FrameCaller(Protocol):
    """What frames need of a transport."""

    def call(self, request: Request[T]) -> T:
        """The answer of a request."""

    def take_rows(self, ticket: QueryTicket) -> QueryRows:
        """The rows that came with a ticket."""


class HttpRunner:
    """Runs frames whose sources one server has; `server` says which, and as whom."""

    is_joinable = True

    def __init__(self, caller: FrameCaller, server: object) -> None:
        self._caller, self._server = caller, server

    def __eq__(self, other: object) -> bool:
        return isinstance(other, HttpRunner) and other._server == self._server

    def __hash__(self) -> int:
        return hash((HttpRunner, self._server))

    def read_table(self, compiled: Compiled) -> pa.Table:
        """The whole result."""
        return pa.Table.from_batches(self._run(compiled), compiled.schema)

    def stream_batches(self, compiled: Compiled, rows: int) -> pa.RecordBatchReader:
        """The result as a stream of batches of at most `rows` rows, computed while they are read."""
        batches = self._run(compiled)
        cut = (piece for batch in batches for piece in _cut(batch, rows))
        return pa.RecordBatchReader.from_batches(compiled.schema, cut)

    def explain(self, compiled: Compiled) -> str:
        """The columns that the query reads of each source, and the statement that the server runs."""
        return "\n".join([*describe_reads(compiled), compiled.sql()])

    def _run(self, compiled: Compiled) -> Iterator[pa.RecordBatch]:
        """The query, begun: an error of its statement is raised here, one of its values while rows are read."""
        tables = tuple(
            replace(scan.relation.version, alias=alias)
            for alias, scan in compiled.scans.items()
            if isinstance(scan.relation, RemoteSource)
        )
        with _FrameErrors():
            rows = self._caller.take_rows(self._caller.call(RunFrame(compiled.sql(pretty=False), tables)))
        return _convert(compiled, rows)


def open_remote_frame(caller: FrameCaller, ticket: ReadTicket, server: object) -> DataFrame:
    """A lazy frame over the version of a ticket; the server records which columns its actions read."""
    runner = HttpRunner(caller, server)
    schema = restore_schema(ticket.schema)
    version = FrameTable(
        "",
        ticket.product,
        ticket.output,
        ticket.version,
        environment=ticket.environment,
        masks=ticket.masks,
        read_id=ticket.read_id,
    )
    masks = {name: Mask(kind) for name, kind in ticket.mask_kinds.items() if name in ticket.masks}
    view = TableView({name: mask for name, mask in masks.items() if not mask.reads_values})
    source = RemoteSource(version, to_arrow(schema), runner.stream_batches, frozenset(schema.masked), view)
    origin = Origin("product", ticket.product, ticket.output, ticket.version)
    if ticket.environment is not None:
        origin = rename_origin(origin, ticket.environment)
    frame = with_runner(scan(source, origin, warnings=ticket.warnings), runner)
    selected = frame if ticket.columns is None else frame.select(*ticket.columns)
    return with_published(selected, PublishedVersion(ticket.version, ticket.statistics, _read_lineage(caller, ticket)))


def _read_lineage(caller: FrameCaller, ticket: ReadTicket) -> Callable[[], VersionLineage]:
    request = LineageOfVersion(ticket.product, ticket.output, ticket.version, ticket.environment)
    return lambda: {use.origin: frozenset(use.columns) for use in caller.call(request)}


def _convert(compiled: Compiled, rows: QueryRows) -> Iterator[pa.RecordBatch]:
    with _FrameErrors():
        for batch in rows:
            table = pa.Table.from_batches([batch]).select(range(len(compiled.fields)))
            yield from convert_types(table, compiled.schema).to_batches()


def _cut(batch: pa.RecordBatch, rows: int) -> Iterator[pa.RecordBatch]:
    for start in range(0, batch.num_rows, rows):
        yield batch.slice(start, rows)


class _FrameErrors:
    """Converts what a server says of a query to what is said of a frame."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, QueryFailed):
            raise FrameError(error.message, hint=error.hint) from None
