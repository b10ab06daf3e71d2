"""Views of the pages of products: at most one for each principal, product and hour."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, func, select

from data_platform.record.db import rows
from data_platform.record.db.watch_schema import PAGE_VIEWS


def number_hour(at: datetime) -> int:
    """The hour of a moment, counted since 1970-01-01 UTC."""
    return int(at.timestamp() // 3600)


def add(conn: Connection, principal: str, product: str, at: datetime) -> None:
    """Records a view, unless the principal has one of that product in the hour."""
    row = {"principal": principal, "product": product, "hour": number_hour(at)}
    conn.execute(rows.build_insert(conn, PAGE_VIEWS).values(row).on_conflict_do_nothing())


def map_counts(conn: Connection, products: Collection[str]) -> dict[str, int]:
    """How many views these products have in all; those without one are left out."""
    counted = select(PAGE_VIEWS.c.product, func.count().label("views")).group_by(PAGE_VIEWS.c.product)
    result = conn.execute(counted.where(rows.is_one_of(conn, PAGE_VIEWS.c.product, products)))
    return {row.product: row.views for row in result}


def count(conn: Connection, product: str) -> int:
    """How many views a product has in all."""
    return conn.scalar(select(func.count()).where(PAGE_VIEWS.c.product == product)) or 0
