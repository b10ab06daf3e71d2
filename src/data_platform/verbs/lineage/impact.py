"""impact: everything downstream that a change of one column touches, who owns it, and who read it lately."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from data_platform.errors import BadInput, NotFound
from data_platform.record.catalog import outputs, products
from data_platform.record.lineage.lineage import Port
from data_platform.record.operations import usage
from data_platform.record.operations.usage import ColumnReads
from data_platform.spec.text.names import find_nearest
from data_platform.verbs.core.authorization.reader_names import ReaderNames
from data_platform.verbs.core.authorization.visible_part import find_visible_part
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.lookup.resolve import OutputLabels, resolve_product
from data_platform.verbs.core.request import Request
from data_platform.verbs.lineage.column_lineage import check_column
from data_platform.verbs.lineage.column_results import AffectedColumn, AffectedOutput, ColumnReader, Impact
from data_platform.verbs.lineage.impact_walk import Dataset, ImpactWalk, ReachedOutput
from data_platform.verbs.lineage.lineage import MOST_DEPTH, check_depth

LATELY = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class ImpactOfColumn(Request[Impact]):
    """What a change of a column would touch; `output` may be left out where only one output has the column."""

    product: str
    column: str
    output: str | None = None
    depth: int = MOST_DEPTH


def show_impact(context: Context, request: ImpactOfColumn) -> Impact:
    """The impact; raises NotFound, and BadInput where several outputs have a column of that name."""
    check_depth(request.depth)
    since = context.clock() - LATELY
    with context.record.reading() as conn:
        row = resolve_product(conn, request.product)
        output = request.output or _find_only_output(conn, request.product, request.column)
        output = check_column(conn, request.product, output, request.column)
        wave = ImpactWalk(
            (request.product, output, request.column), shows=find_visible_part(context, conn).shows, reported=True
        )
        wave.run(conn, request.depth)
        names = ReaderNames(context, conn)
        readers, others = _list_readers(conn, names, since, (request.product, output), {request.column})
        labels = OutputLabels(conn)
        touched = tuple(
            _build_affected_output(conn, names, since, port, reached, labels) for port, reached in wave.reached.items()
        )
        touched += tuple(_build_affected_dataset(dataset, reached) for dataset, reached in wave.external.items())
    label = labels.label(request.product, output)
    nearest_first = tuple(sorted(touched, key=lambda output: output.steps))
    return Impact(request.product, label, request.column, row.owner, readers, nearest_first, others)


def _find_only_output(conn: Connection, product: str, column: str) -> str:
    rows = [row for row in outputs.list_by_product(conn, product) if row.schema is not None and not row.retired]
    having = list(dict.fromkeys(row.base for row in rows if row.schema and column in row.schema.names))
    if len(having) > 1:
        names = " or ".join(f"{product}.{name}" for name in having)
        raise BadInput(f"{len(having)} outputs of {product} have a column {column}", hint=f"name one: {names}")
    if not having:
        near = find_nearest(column, [name for row in rows if row.schema for name in row.schema.names])
        hint = f"did you mean {near}?" if near else f"data-platform show {product}"
        raise NotFound(f"no output of {product} has a column {column}", hint=hint)
    return having[0]


def _build_affected_output(
    conn: Connection, names: ReaderNames, since: datetime, port: Port, reached: ReachedOutput, labels: OutputLabels
) -> AffectedOutput:
    row = products.find(conn, port[0])
    columns = tuple(
        AffectedColumn(column, tuple(sorted(does)))
        for column, does in sorted(reached.columns.items(), key=lambda item: (item[0] is None, item[0] or ""))
    )
    readers, others = _list_readers(conn, names, since, port, reached.columns)
    return AffectedOutput(
        product=port[0],
        output=port[1] and labels.label(port[0], port[1]),
        steps=reached.steps,
        certain=reached.certain,
        domain=row.domain if row else None,
        owner=row.owner if row else None,
        columns=columns,
        readers=readers,
        report=reached.report,
        other_readers=others,
    )


def _build_affected_dataset(dataset: Dataset, reached: ReachedOutput) -> AffectedOutput:
    """A dataset outside the mesh, of which only a report is known."""
    return AffectedOutput(*dataset, reached.steps, False, None, None, (), (), reached.report, external=True)


def _list_readers(
    conn: Connection, names: ReaderNames, since: datetime, port: Port, columns: Collection[str | None]
) -> tuple[tuple[ColumnReader, ...], int]:
    """Who read one of the columns (None among them: any) since then, the last one first, and how many unnamed ones."""
    product, output = port
    if output is None:
        return (), 0
    mine: defaultdict[tuple[str, bool], list[ColumnReads]] = defaultdict(list)
    for column_read in usage.list_column_reads(conn, since, product, output):
        if None in columns or not column_read.columns.isdisjoint(columns):
            mine[column_read.principal, column_read.verified].append(column_read)
    readers = [
        ColumnReader(
            *who, sum(column_read.reads for column_read in reads), max(column_read.last_at for column_read in reads)
        )
        for who, reads in mine.items()
    ]
    return names.split(product, readers, lambda reader: reader.principal)
