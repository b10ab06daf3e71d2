"""show: one product, whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from data_platform.record.catalog import last_good, outputs, versions
from data_platform.record.catalog.outputs import OutputRow
from data_platform.record.catalog.products import ProductRow
from data_platform.record.catalog.versions import VersionRow
from data_platform.record.operations import key_erasures, page_views, usage
from data_platform.record.operations.key_erasures import ErasureRow
from data_platform.spec.product.model import Output, Product, Sla
from data_platform.spec.product.watching import find_person_on_call
from data_platform.spec.schema.types import SchemaColumn
from data_platform.verbs.core.authorization.visible_part import find_visible_part
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.encryption.erasures import select_erased
from data_platform.verbs.core.lookup.effective_contract import build_effective_contract
from data_platform.verbs.core.lookup.resolve import (
    find_output_row,
    map_labels,
    resolve_output,
    resolve_product,
    with_major,
)
from data_platform.verbs.core.lookup.version_lookup import sees_every_row
from data_platform.verbs.core.request import Request
from data_platform.verbs.lineage.lineage import build_lineage_graph
from data_platform.verbs.quality.report import calculate_score
from data_platform.verbs.results import (
    AccessInfo,
    ColumnInfo,
    DataProductMetadata,
    LastGoodVersion,
    OutputMetadata,
    UsageStats,
)


@dataclass(frozen=True, slots=True)
class Show(Request[DataProductMetadata]):
    """One product, whole, or with one of its outputs alone."""

    product: str
    output: str | None = None


def show(context: Context, request: Show) -> DataProductMetadata:
    """The product; raises NotFound."""
    with context.record.reading() as conn:
        row = resolve_product(conn, request.product)
        key = resolve_output(conn, row.name, request.output).name if request.output is not None else None
        return _build_metadata(context, conn, row, key)


def _build_metadata(context: Context, conn: Connection, row: ProductRow, key: str | None) -> DataProductMetadata:
    rows = [with_major(output_row, row) for output_row in outputs.list_by_product(conn, row.name)]
    effective = build_effective_contract(conn, row.contract, rows).product
    labels_by_key = map_labels(rows)
    erasures = key_erasures.list_by_folder(conn, context.folder(row.name))
    listed = [
        (output, mine)
        for output in effective.outputs
        if (mine := find_output_row(rows, effective, output)) and key in (None, mine.name)
    ]
    good = last_good.find_last_good(conn, row.name, [mine.name for _, mine in listed])
    return DataProductMetadata(
        name=row.name,
        domain=row.domain,
        owner=row.owner,
        description=row.description,
        tags=row.tags,
        status=row.status,
        version=row.version,
        outputs=tuple(
            _build_output(context, conn, effective, output, mine, labels_by_key[mine.name], erasures)
            for output, mine in listed
        ),
        quality_score=calculate_score(conn, row.name),
        usage_stats=_count_usage(conn, row.name),
        lineage=build_lineage_graph(conn, find_visible_part(context, conn), row.name, depth=1),
        archived_at=row.archived_at,
        on_call=find_person_on_call(effective.oncall, effective.handover, context.clock()),
        oncall=effective.oncall,
        alerts=effective.alerts,
        last_good=LastGoodVersion(labels_by_key[good.output], good.version, good.published_at) if good else None,
    )


def _build_output(
    context: Context,
    conn: Connection,
    product: Product,
    output: Output,
    row: OutputRow,
    label: str,
    erasures: Sequence[ErasureRow],
) -> OutputMetadata:
    newest = versions.find_latest(conn, row.product, row.name)
    erased = select_erased(erasures, row.name, row.version) if row.version else {}
    return OutputMetadata(
        name=label,
        type=output.type.value,
        version=row.version,
        rows=newest.rows if newest and sees_every_row(newest, row, context.decision) else None,
        published_at=newest.published_at if newest else None,
        topic=row.topic,
        sla=_describe_sla(output.sla),
        rules=tuple(rule.name for rule in output.rules),
        inferred=row.inferred,
        columns=tuple(
            ColumnInfo.of(column).with_erasure(erased.get(column.name)) for column in _list_columns(row, newest)
        ),
        major=row.major,
        deprecated_at=row.deprecated_at,
        ends_at=row.ends_at,
        access=AccessInfo.of(product.find_access(output)),
    )


def _list_columns(row: OutputRow, newest: VersionRow | None) -> Iterator[SchemaColumn]:
    """The contract's columns, protected as in the newest version where its data made them personal."""
    for column in row.schema or ():
        published = newest.schema.get(column.name) if newest is not None else None
        if published is not None and published.pii and not column.pii:
            column = replace(column, tags=published.tags, encryption=published.encryption)
        yield column


def _describe_sla(sla: Sla) -> dict[str, str]:
    texts = {"freshness": sla.freshness_text, "availability": sla.availability_text}
    return {promise: text for promise, text in texts.items() if text}


def _count_usage(conn: Connection, product: str) -> UsageStats:
    reads = usage.list_reads(conn, product)
    last_read = reads[0].at if reads else None
    principals = {read.principal for read in reads}
    return UsageStats(len(reads), len(principals), last_read, page_views.count(conn, product))
