"""What each product stores: the bytes of all its versions, as the quotas of domains count them."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import BigInteger, Connection, cast, func, select

from data_platform.record.db import rows
from data_platform.record.db.schema import PRODUCTS, VERSIONS


class StoredProduct(NamedTuple):
    """A product with versions; `outputs` counts those that have one."""

    product: str
    domain: str
    owner: str
    outputs: int
    versions: int
    bytes: int


def list_by_product(
    conn: Connection, domains: Collection[str], among: Collection[str] | None = None, limit: int | None = None
) -> tuple[StoredProduct, ...]:
    """The products of these domains that have versions, the largest first; with `among`, of these products alone."""
    of, stored = PRODUCTS.c, cast(func.sum(VERSIONS.c.bytes), BigInteger)
    counts = (func.count(VERSIONS.c.output.distinct()), func.count())
    query = select(of.name, of.domain, of.owner, *counts, stored).join(VERSIONS, VERSIONS.c.product == of.name)
    query = query.where(rows.is_one_of(conn, of.domain, domains)).group_by(of.name, of.domain, of.owner)
    if among is not None:
        query = query.where(rows.is_one_of(conn, of.name, among))
    result = conn.execute(query.order_by(stored.desc(), of.name).limit(limit))
    return tuple(map(StoredProduct._make, result))
