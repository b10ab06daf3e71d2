"""Staging leases: while one lives, gc leaves its stage alone. A lease excludes nobody from publishing.

A lease whose time ran out is remembered as ended until gc has removed its files: so the record can explain them.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from data_platform.record.db.schema import ENDED_LEASES, LEASES


def open(conn: Connection, stage_id: str, product: str, output: str, principal: str, expires_at: datetime) -> None:
    """Takes a lease on a stage until `expires_at`; stage ids are never used twice."""
    row = {"stage_id": stage_id, "product": product, "output": output}
    conn.execute(insert(LEASES).values(**row, principal=principal, expires_at=expires_at))


def release(conn: Connection, stage_id: str) -> bool:
    """Ends the lease; False when it had already ended, so that a promote knows that gc may have come between."""
    return conn.execute(delete(LEASES).where(LEASES.c.stage_id == stage_id)).rowcount == 1


def abandon(conn: Connection, stage_id: str, now: datetime) -> bool:
    """Ends the lease of a publish that failed, and remembers it for what is left behind; False when it had ended."""
    query = select(LEASES.c.stage_id, LEASES.c.product, LEASES.c.output).where(LEASES.c.stage_id == stage_id)
    row = conn.execute(query.with_for_update()).one_or_none()
    if row is None or not release(conn, stage_id):
        return False
    conn.execute(insert(ENDED_LEASES).values(**row._mapping, ended_at=now))
    return True


def expire(conn: Connection, now: datetime) -> list[str]:
    """Ends every lease whose time is up and returns their stages."""
    query = select(LEASES.c.stage_id, LEASES.c.product, LEASES.c.output).where(LEASES.c.expires_at <= now)
    rows = conn.execute(query.order_by(LEASES.c.stage_id).with_for_update()).all()
    if not rows:
        return []
    stages = [row.stage_id for row in rows]
    conn.execute(delete(LEASES).where(LEASES.c.stage_id.in_(stages)))
    conn.execute(insert(ENDED_LEASES), [{**row._mapping, "ended_at": now} for row in rows])
    return stages


def live(conn: Connection) -> set[str]:
    """The stages under a lease, including those whose time is up but that nobody has expired."""
    return set(conn.scalars(select(LEASES.c.stage_id)))


def leased_outputs(conn: Connection) -> set[tuple[str, str]]:
    """The outputs, as (product, output), that some lease is on."""
    return {(row.product, row.output) for row in conn.execute(select(LEASES.c.product, LEASES.c.output))}


def ended(conn: Connection) -> set[str]:
    """The stages whose lease ran out, and whose files gc has not removed yet."""
    return set(conn.scalars(select(ENDED_LEASES.c.stage_id)))


def forget(conn: Connection, before: datetime) -> None:
    """Drops the leases that ended before that moment: gc has removed their files, and nobody writes any more."""
    conn.execute(delete(ENDED_LEASES).where(ENDED_LEASES.c.ended_at < before))
