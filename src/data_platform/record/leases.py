"""Staging leases: while one lives, gc leaves its stage alone. A lease excludes nobody from publishing."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from data_platform.record.schema import LEASES


def open(conn: Connection, stage_id: str, product: str, output: str, principal: str, expires_at: datetime) -> None:
    """Takes a lease on a stage until `expires_at`; stage ids are never used twice."""
    row = {"stage_id": stage_id, "product": product, "output": output}
    conn.execute(insert(LEASES).values(**row, principal=principal, expires_at=expires_at))


def renew(conn: Connection, stage_id: str, expires_at: datetime) -> bool:
    """Moves the lease's end; False when it has expired or was released, and its files may be gone."""
    statement = update(LEASES).where(LEASES.c.stage_id == stage_id).values(expires_at=expires_at)
    return conn.execute(statement).rowcount == 1


def release(conn: Connection, stage_id: str) -> bool:
    """Ends the lease; False when it had already ended, so that a promote knows that gc may have come between."""
    return conn.execute(delete(LEASES).where(LEASES.c.stage_id == stage_id)).rowcount == 1


def expire(conn: Connection, now: datetime) -> list[str]:
    """Ends every lease whose time is up and returns their stages; those renewed meanwhile stay."""
    query = select(LEASES.c.stage_id).where(LEASES.c.expires_at <= now).order_by(LEASES.c.stage_id)
    ended = list(conn.scalars(query.with_for_update()))
    conn.execute(delete(LEASES).where(LEASES.c.stage_id.in_(ended)))
    return ended


def live(conn: Connection) -> set[str]:
    """The stages under a lease, including those whose time is up but that nobody has expired."""
    return set(conn.scalars(select(LEASES.c.stage_id)))
