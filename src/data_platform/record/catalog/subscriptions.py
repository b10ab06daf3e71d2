"""Subscriptions: who follows a product's contract, and until when they have seen what changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select

from data_platform.record.db import rows
from data_platform.record.db.schema import SUBSCRIPTIONS


@dataclass(frozen=True, slots=True)
class Subscription:
    """One follower of one product; what happened after `seen` is news to them."""

    product: str
    principal: str
    since: datetime
    seen: datetime


_ALL = select(*rows.columns(SUBSCRIPTIONS, Subscription))


def of_product(conn: Connection, product: str) -> tuple[Subscription, ...]:
    """The product's followers, by name."""
    query = _ALL.where(SUBSCRIPTIONS.c.product == product).order_by(SUBSCRIPTIONS.c.principal)
    return rows.fetch_all(conn, query, Subscription)


def of_principal(conn: Connection, principal: str) -> tuple[Subscription, ...]:
    """What somebody follows, by product."""
    query = _ALL.where(SUBSCRIPTIONS.c.principal == principal).order_by(SUBSCRIPTIONS.c.product)
    return rows.fetch_all(conn, query, Subscription)


def save(conn: Connection, row: Subscription) -> None:
    """Begins to follow; who follows already keeps their `since`, and has seen more."""
    statement = rows.insert(conn, SUBSCRIPTIONS).values(rows.values(row))
    seen = {"seen": statement.excluded["seen"]}
    conn.execute(statement.on_conflict_do_update(index_elements=["product", "principal"], set_=seen))


def end(conn: Connection, product: str, principal: str) -> bool:
    """Follows no more; False when they did not."""
    mine = (SUBSCRIPTIONS.c.product == product, SUBSCRIPTIONS.c.principal == principal)
    return conn.execute(delete(SUBSCRIPTIONS).where(*mine)).rowcount == 1
