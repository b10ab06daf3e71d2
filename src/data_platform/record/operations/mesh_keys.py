"""The keys of the mesh that belong to no output, once they were made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from data_platform.record.db import rows
from data_platform.record.db.files_schema import MESH_KEYS


@dataclass(frozen=True, slots=True)
class MeshKeyRow:
    """A key, by its id, with when and by whom it was made."""

    key_id: str
    made_at: datetime
    made_by: str


def add(conn: Connection, row: MeshKeyRow) -> None:
    """Records a key, unless it is recorded."""
    conn.execute(rows.build_insert(conn, MESH_KEYS).values(rows.to_values(row)).on_conflict_do_nothing())


def find(conn: Connection, key_id: str) -> MeshKeyRow | None:
    """The row of a key; None if it was never made."""
    query = select(*rows.select_columns(MESH_KEYS, MeshKeyRow)).where(MESH_KEYS.c.key_id == key_id)
    return rows.fetch_one(conn, query, MeshKeyRow)
