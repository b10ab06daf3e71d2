"""The policies that products break, as open incidents say: the cause of each is `policy NAME`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, select

from data_platform.record.db import rows
from data_platform.record.db.schema import INCIDENTS

CAUSE = "policy "


@dataclass(frozen=True, slots=True)
class BrokenPolicy:
    """An open incident of a policy: `id` is its number, and `cause` names the policy."""

    id: int
    product: str
    cause: str
    summary: str
    severity: str | None
    opened_at: datetime

    @property
    def policy(self) -> str:
        """The name of the policy."""
        return self.cause.removeprefix(CAUSE)


def list_pairs(conn: Connection) -> frozenset[tuple[str, str]]:
    """The (product, policy) pairs that are broken."""
    result = conn.execute(select(INCIDENTS.c.product, INCIDENTS.c.cause).where(*_are_open()))
    return frozenset((product, cause.removeprefix(CAUSE)) for product, cause in result)


def list_products(conn: Connection, among: Collection[str] | None = None) -> frozenset[str]:
    """The products that break a policy, of these products or all."""
    query = rows.limit_to(conn, select(INCIDENTS.c.product).where(*_are_open()), INCIDENTS.c.product, among)
    return frozenset(conn.scalars(query.distinct()))


def list_newest(
    conn: Connection, policy: str | None, product: str | None, among: Collection[str] | None, limit: int | None
) -> tuple[BrokenPolicy, ...]:
    """What is broken, newest first: of a policy, of a product, of these products."""
    query = select(*rows.select_columns(INCIDENTS, BrokenPolicy)).where(*_are_open())
    if policy is not None:
        query = query.where(INCIDENTS.c.cause == CAUSE + policy)
    if product is not None:
        query = query.where(INCIDENTS.c.product == product)
    if among is not None:
        query = query.where(rows.is_one_of(conn, INCIDENTS.c.product, among))
    ordered = query.order_by(INCIDENTS.c.opened_at.desc(), INCIDENTS.c.id.desc()).limit(limit)
    return rows.fetch_all(conn, ordered, BrokenPolicy)


def _are_open() -> tuple[ColumnElement[bool], ...]:
    return INCIDENTS.c.open, INCIDENTS.c.cause.startswith(CAUSE)
