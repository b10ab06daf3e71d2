"""Transfers: products that are offered to another owner, who has not accepted yet. Each has one offer at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select

from data_platform.record.db import rows
from data_platform.record.db.schema import TRANSFERS


@dataclass(frozen=True, slots=True)
class Transfer:
    """One open offer."""

    product: str
    to_owner: str
    offered_at: datetime
    offered_by: str


_ALL = select(*rows.select_columns(TRANSFERS, Transfer))


def find(conn: Connection, product: str) -> Transfer | None:
    """The open offer of the product."""
    return rows.fetch_one(conn, _ALL.where(TRANSFERS.c.product == product), Transfer)


def list_all(conn: Connection) -> tuple[Transfer, ...]:
    """Every open offer, by product."""
    return rows.fetch_all(conn, _ALL.order_by(TRANSFERS.c.product), Transfer)


def offer(conn: Connection, row: Transfer) -> None:
    """Offers the product; replaces an earlier offer of it."""
    statement = rows.build_insert(conn, TRANSFERS).values(rows.to_values(row))
    offered = {name: statement.excluded[name] for name in ("to_owner", "offered_at", "offered_by")}
    conn.execute(statement.on_conflict_do_update(index_elements=["product"], set_=offered))


def close(conn: Connection, product: str, to_owner: str) -> bool:
    """Removes the offer to that owner, accepted or not; False if it does not exist any more."""
    mine = (TRANSFERS.c.product == product, TRANSFERS.c.to_owner == to_owner)
    return conn.execute(delete(TRANSFERS).where(*mine)).rowcount == 1
