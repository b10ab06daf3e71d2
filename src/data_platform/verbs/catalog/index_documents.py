"""What the record knows of products, as the documents that search finds them by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from itertools import islice

from sqlalchemy import Connection

from data_platform.quality.score import calculate_mean, score_recorded_results
from data_platform.record.catalog import bulk
from data_platform.record.catalog.bulk import ListedOutput, ListedProduct, NewestAudit, Readers, Wanted
from data_platform.record.operations.event_kinds import EventKind
from data_platform.search.document import OutputEntry, SearchDocument
from data_platform.spec.product.output_names import OutputName
from data_platform.verbs.catalog.index_freshness import ProductDates, map_dates

BATCH = 500
"""Products that are read at once."""

CHANGING_KINDS = frozenset(
    [
        EventKind.REGISTERED,
        EventKind.RENAMED,
        EventKind.NAME_LEFT,
        EventKind.PUBLISHED,
        EventKind.CONSUMED,
        EventKind.DEPRECATED,
        EventKind.RETIRED,
        EventKind.ARCHIVED,
        EventKind.REOPENED,
    ]
)
"""The kinds of events that change a document; all others leave it as it is."""


def build_documents(conn: Connection, names: Iterable[str]) -> Iterator[SearchDocument]:
    """The documents of those products that there are, read some hundreds at a time."""
    rest = iter(names)
    while batch := tuple(islice(rest, BATCH)):
        yield from build_batch(conn, batch)


def build_batch(conn: Connection, names: Wanted) -> Iterator[SearchDocument]:
    """The documents of some hundreds of products, by as many queries as one product takes."""
    outputs: dict[str, list[ListedOutput]] = defaultdict(list)
    several = bulk.list_side_by_side(conn, names)
    for row in bulk.load_outputs(conn, names):
        outputs[row.product].append(row)
    audits = {(row.product, row.output): row for row in bulk.load_newest_audits(conn, names)}
    readers = {row.product: row for row in bulk.count_readers(conn, names)}
    open_ended = {name for name, rows in outputs.items() if any(row.columns is None for row in rows)}
    declaring = bulk.list_declaring_pii(conn, open_ended) if open_ended else set()
    former, terms = bulk.load_former_names(conn, names), bulk.load_terms(conn, names)
    products = bulk.load_products(conn, names)
    dates = map_dates(conn, names, products, outputs)
    for product in products:
        mine = outputs[product.name]
        scores = calculate_mean(_score(audit) for row in mine if (audit := audits.get((product.name, row.name))))
        pii = any(row.pii for row in mine) or product.name in declaring
        entries = [
            OutputEntry(_format_label(row, several), row.type, row.columns or ())
            for row in sorted(mine, key=lambda row: (row.base, row.major or 0))
        ]
        document = _build_document(product, entries, scores, readers.get(product.name), dates[product.name])
        yield replace(
            document,
            pii=pii,
            former=former.get(product.name, ()),
            terms=terms.get(product.name, ()),
            deprecated=bool(mine) and all(row.deprecated for row in mine),
        )


def _build_document(
    product: ListedProduct,
    outputs: Iterable[OutputEntry],
    quality: float | None,
    readers: Readers | None,
    dates: ProductDates,
) -> SearchDocument:
    return SearchDocument(
        name=product.name,
        domain=product.domain,
        owner=product.owner,
        description=product.description,
        tags=product.tags,
        status=product.status,
        version=product.version,
        outputs=tuple(outputs),
        quality=quality,
        views=readers.views if readers else 0,
        consumers=readers.consumers if readers else 0,
        last_read=readers.last_read if readers else None,
        published_at=dates.published_at,
        promises_freshness=dates.promises_freshness,
        stale_at=dates.stale_at,
        archived=product.archived,
    )


def _format_label(row: ListedOutput, several: Collection[tuple[str, str]]) -> str:
    """The output's name, with `@major` where the output has several, as `show` writes it."""
    return str(OutputName(row.base, row.major if (row.product, row.base) in several else None))


def _score(audit: NewestAudit) -> float | None:
    return score_recorded_results(audit.outcome, audit.results or []).value if audit.score is None else audit.score
