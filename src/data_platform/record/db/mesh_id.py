"""The identity of the mesh that the record belongs to."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert, select

from data_platform.record.db.files_schema import MESH


def find(conn: Connection) -> str | None:
    """The mesh's identity; None in a record that has not been bound to a home yet."""
    return conn.scalar(select(MESH.c.id).order_by(MESH.c.created_at, MESH.c.id).limit(1))


def adopt(conn: Connection, mesh_id: str, at: datetime) -> str:
    """Gives the record this identity unless it has one, and returns the identity that it has then."""
    current = find(conn)
    if current is not None:
        return current
    conn.execute(insert(MESH).values(id=mesh_id, created_at=at))
    return mesh_id
