"""Subscriptions: who follows a product's contract, and up to which moment they have seen its changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select

from data_platform.record.db import rows
from data_platform.record.db.schema import SUBSCRIPTIONS


@dataclass(frozen=True, slots=True)
class Subscription:
    """One follower of one product; changes after `seen` are new to them."""

    product: str
    principal: str
    since: datetime
    seen: datetime


_ALL = select(*rows.select_columns(SUBSCRIPTIONS, Subscription))


def list_by_product(conn: Connection, product: str) -> tuple[Subscription, ...]:
    """The product's followers, by name."""
    query = _ALL.where(SUBSCRIPTIONS.c.product == product).order_by(SUBSCRIPTIONS.c.principal)
    return rows.fetch_all(conn, query, Subscription)


def list_by_principal(conn: Connection, principal: str) -> tuple[Subscription, ...]:
    """The subscriptions of a principal, by product."""
    query = _ALL.where(SUBSCRIPTIONS.c.principal == principal).order_by(SUBSCRIPTIONS.c.product)
    return rows.fetch_all(conn, query, Subscription)


def save(conn: Connection, row: Subscription) -> None:
    """Adds a subscription; an existing one keeps its `since`, and its `seen` is updated."""
    statement = rows.build_insert(conn, SUBSCRIPTIONS).values(rows.to_values(row))
    seen = {"seen": statement.excluded["seen"]}
    conn.execute(statement.on_conflict_do_update(index_elements=["product", "principal"], set_=seen))


def end(conn: Connection, product: str, principal: str) -> bool:
    """Removes a subscription; False if there is none."""
    mine = (SUBSCRIPTIONS.c.product == product, SUBSCRIPTIONS.c.principal == principal)
    return conn.execute(delete(SUBSCRIPTIONS).where(*mine)).rowcount == 1
