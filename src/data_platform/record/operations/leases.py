"""Staging leases: gc keeps the files of a stage while its lease exists. A lease does not block other publishes.

An expired lease is kept as ended until gc has removed its files, so that the record can explain them.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from data_platform.record.db.schema import ENDED_LEASES, LEASES


def open(conn: Connection, stage_id: str, product: str, output: str, principal: str, expires_at: datetime) -> None:
    """Adds a lease on a stage until `expires_at`; stage ids are never reused."""
    row = {"stage_id": stage_id, "product": product, "output": output}
    conn.execute(insert(LEASES).values(**row, principal=principal, expires_at=expires_at))


def release(conn: Connection, stage_id: str) -> bool:
    """Removes the lease; False if it had already ended: gc may have removed the stage's files then."""
    return conn.execute(delete(LEASES).where(LEASES.c.stage_id == stage_id)).rowcount == 1


def abandon(conn: Connection, stage_id: str, now: datetime) -> bool:
    """Ends the lease of a failed publish, and keeps it as ended for leftover files; False if it had already ended."""
    query = select(LEASES.c.stage_id, LEASES.c.product, LEASES.c.output).where(LEASES.c.stage_id == stage_id)
    row = conn.execute(query.with_for_update()).one_or_none()
    if row is None or not release(conn, stage_id):
        return False
    conn.execute(insert(ENDED_LEASES).values(**row._mapping, ended_at=now))
    return True


def expire(conn: Connection, now: datetime) -> list[str]:
    """Ends every expired lease and returns their stages."""
    query = select(LEASES.c.stage_id, LEASES.c.product, LEASES.c.output).where(LEASES.c.expires_at <= now)
    rows = conn.execute(query.order_by(LEASES.c.stage_id).with_for_update()).all()
    if not rows:
        return []
    stages = [row.stage_id for row in rows]
    conn.execute(delete(LEASES).where(LEASES.c.stage_id.in_(stages)))
    conn.execute(insert(ENDED_LEASES), [{**row._mapping, "ended_at": now} for row in rows])
    return stages


def list_live(conn: Connection) -> set[str]:
    """The stages under a lease, including leases past their time that are not yet marked as ended."""
    return set(conn.scalars(select(LEASES.c.stage_id)))


def list_leased_outputs(conn: Connection) -> set[tuple[str, str]]:
    """The outputs with a lease, as (product, output)."""
    return {(row.product, row.output) for row in conn.execute(select(LEASES.c.product, LEASES.c.output))}


def list_ended(conn: Connection) -> set[str]:
    """The stages with an ended lease whose files gc has not removed yet."""
    return set(conn.scalars(select(ENDED_LEASES.c.stage_id)))


def remove_ended(conn: Connection, before: datetime) -> None:
    """Removes the leases that ended before that moment: gc has removed their files, and their writers have ended."""
    conn.execute(delete(ENDED_LEASES).where(ENDED_LEASES.c.ended_at < before))
