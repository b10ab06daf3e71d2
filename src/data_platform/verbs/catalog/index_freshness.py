"""When the outputs of some hundreds of products were published, and until when their freshness promises hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from data_platform.quality.sla import IN_USE, find_stale_moment
from data_platform.record.catalog import bulk, outputs, publish_log
from data_platform.record.catalog.bulk import ListedOutput, ListedProduct, Wanted
from data_platform.record.catalog.publish_log import Port
from data_platform.spec.product.model import Output, Product, Sla
from data_platform.verbs.core.lookup.effective_contract import find_last_listing


@dataclass(frozen=True, slots=True)
class ProductDates:
    """As `SearchDocument` has them."""

    published_at: datetime | None
    promises_freshness: bool
    stale_at: datetime | None


def map_dates(
    conn: Connection,
    wanted: Wanted,
    products: Iterable[ListedProduct],
    outputs_of: Mapping[str, Sequence[ListedOutput]],
) -> dict[str, ProductDates]:
    """The dates of the wanted products, by name; promises hold while a product is in use and not archived."""
    publishes = {(row.product, row.output): row.at for row in bulk.load_newest_publishes(conn, wanted)}
    promised = {product.name: dict(_list_promises(conn, product, outputs_of[product.name])) for product in products}
    dated = [name for name, slas in promised.items() if any(sla.freshness_column for sla in slas.values())]
    statistics = publish_log.load_newest_statistics(conn, dated)
    return {
        name: _find_dates([(name, row.name) for row in outputs_of[name]], slas, publishes, statistics)
        for name, slas in promised.items()
    }


def _find_dates(
    ports: Iterable[Port],
    promised: Mapping[str, Sla],
    publishes: Mapping[Port, datetime],
    statistics: Mapping[Port, Mapping[str, Any]],
) -> ProductDates:
    published = {port: publishes[port] for port in ports if port in publishes}
    ends = (
        find_stale_moment(promised[port[1]], at, statistics.get(port, {}))
        for port, at in published.items()
        if port[1] in promised
    )
    return ProductDates(
        max(published.values(), default=None), bool(promised), min((end for end in ends if end), default=None)
    )


def _list_promises(conn: Connection, product: ListedProduct, rows: Sequence[ListedOutput]) -> Iterator[tuple[str, Sla]]:
    """The outputs in use that promise freshness, by their keys; one no longer listed keeps what it promised last."""
    if product.status not in IN_USE or product.archived:
        return
    contract = product.stored_contract.read_promises()
    for row in rows:
        if row.revision is not None and row.revision < product.revision:
            output = _find_last_listed(conn, row)
        else:
            output = _find_listed(contract, row) if contract else None
        if output is not None and output.sla.freshness is not None:
            yield row.name, output.sla


def _find_listed(product: Product, row: ListedOutput) -> Output | None:
    """The output among those that promise something; rows of older records do not say their major."""
    named = (output for output in product.outputs if output.name == row.base)
    return next((output for output in named if row.major in (None, product.major(output))), None)


def _find_last_listed(conn: Connection, row: ListedOutput) -> Output | None:
    whole = outputs.find(conn, row.product, row.name)
    listing = find_last_listing(conn, whole) if whole else None
    return listing[1] if listing else None
