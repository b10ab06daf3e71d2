"""The files that a rebuilt record does not explain; gc keeps them, as they may be data of lost versions."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, select

from data_platform.record.db.files_schema import UNRESTORED_FILES


def add(conn: Connection, paths: Iterable[str]) -> None:
    """Records files by their path below the tables' folder, with slashes."""
    values = [{"path": path} for path in paths]
    if values:
        conn.execute(UNRESTORED_FILES.insert(), values)


def list_all(conn: Connection) -> set[str]:
    """The path of every such file below the tables' folder."""
    return set(conn.scalars(select(UNRESTORED_FILES.c.path)))
