"""Views of the pages of products: at most one for each principal, product and hour."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import cache

from sqlalchemy import Connection, Select, func, select

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
    result = conn.execute(_build_counts(conn.dialect.name), rows.bind_texts(conn, products))
    return {row.product: row.views for row in result}


@cache
def _build_counts(dialect: str) -> Select[tuple[str, int]]:
    counted = select(PAGE_VIEWS.c.product, func.count().label("views")).group_by(PAGE_VIEWS.c.product)
    return counted.where(rows.is_bound(dialect, PAGE_VIEWS.c.product))


def count(conn: Connection, product: str) -> int:
    """How many views a product has in all."""
    return conn.scalar(select(func.count()).where(PAGE_VIEWS.c.product == product)) or 0
