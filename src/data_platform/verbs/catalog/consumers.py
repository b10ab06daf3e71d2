"""consumers: the products that are made from a product or declare it as input, who read it, and which columns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from data_platform.quality.severity import RECENTLY
from data_platform.record.catalog import inputs, outputs
from data_platform.record.lineage import impact, made_products
from data_platform.record.operations import usage
from data_platform.record.operations.usage import ColumnReads
from data_platform.verbs.core.authorization.reader_names import ReaderNames
from data_platform.verbs.core.authorization.visible_part import VisiblePart, find_visible_part
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.lookup.input_resolution import InputResolver
from data_platform.verbs.core.lookup.resolve import map_labels, resolve_output, resolve_product
from data_platform.verbs.core.request import Request
from data_platform.verbs.results import ConsumingProduct, ConsumingReader, ProductConsumers, ReadColumn


@dataclass(frozen=True, slots=True)
class ListConsumers(Request[ProductConsumers]):
    """Who consumes a product, or one of its outputs."""

    product: str
    output: str | None = None


def list_consumers(context: Context, request: ListConsumers) -> ProductConsumers:
    """The consumers; reads are those of the last 30 days that did not fail. Raises NotFound."""
    since = context.clock() - RECENTLY
    with context.record.reading() as conn:
        product = resolve_product(conn, request.product).name
        key = resolve_output(conn, product, request.output).name if request.output is not None else None
        rows = [row for row in outputs.list_by_product(conn, product) if key in (None, row.name)]
        labels = map_labels(rows)
        made = tuple(_list_products(conn, find_visible_part(context, conn), product, labels))
        reads = [
            (label, read)
            for name, label in labels.items()
            for read in usage.list_column_reads(conn, since, product, name)
        ]
        readers, others = ReaderNames(context, conn).split(product, _list_readers(reads), lambda one: one.principal)
    return ProductConsumers(product, since, made, readers, others, tuple(_count_columns(reads)))


def _list_products(
    conn: Connection, part: VisiblePart, product: str, labels: dict[str, str]
) -> Iterator[ConsumingProduct]:
    """The visible products by name; one that only declares the input has no `made_at`."""
    made = {(row.product, row.output): row for row in made_products.list_made_products(conn, product)}
    declared = InputResolver(conn).resolve_inputs(inputs.list_readers(conn, {product}))
    says = {(one.product, one.source_output) for one in declared if one.source_product == product}
    pairs = sorted(pair for pair in made.keys() | says if pair[1] in labels and part.shows(pair[0]))
    owners = impact.find_responsible(conn, {name for name, _ in pairs})
    for name, output in pairs:
        whose, facts = owners.get(name), made.get((name, output))
        yield ConsumingProduct(
            name,
            labels[output],
            whose.domain if whose else None,
            whose.owner if whose else None,
            (name, output) in says,
            facts.columns if facts else (),
            facts.made_at if facts else None,
        )


def _list_readers(reads: list[tuple[str, ColumnReads]]) -> list[ConsumingReader]:
    """The readers by output, the last one first."""
    grouped: defaultdict[tuple[str, str, bool], list[ColumnReads]] = defaultdict(list)
    for output, read in reads:
        grouped[read.principal, output, read.verified].append(read)
    readers = (
        ConsumingReader(
            principal,
            output,
            verified,
            tuple(sorted({column for read in mine for column in read.columns})),
            sum(read.reads for read in mine),
            max(read.last_at for read in mine),
        )
        for (principal, output, verified), mine in grouped.items()
    )
    return sorted(readers, key=lambda one: _rank_newest(one.last_read_at, one.principal, one.output))


def _count_columns(reads: list[tuple[str, ColumnReads]]) -> Iterator[ReadColumn]:
    """The columns that somebody read, the most read first."""
    principals: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for output, read in reads:
        for column in read.columns:
            principals[output, column].add(read.principal)
    ranked = sorted(principals.items(), key=lambda item: (-len(item[1]), item[0]))
    return (ReadColumn(output, column, len(who)) for (output, column), who in ranked)


def _rank_newest(at: datetime, *names: str) -> tuple[float, tuple[str, ...]]:
    return -at.timestamp(), names
