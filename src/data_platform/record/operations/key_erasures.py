"""Erasures of keys: which versions of an output are unreadable in a column, since when, and by whom.

Keys are named after the product's folder, so that a rename of the product changes no row.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from data_platform.record.db import rows
from data_platform.record.db.files_schema import KEY_ERASURES


@dataclass(frozen=True, slots=True)
class ErasureRow:
    """An erasure of a key. It covers the versions up to `version`; `finished_at` is None until the key is erased."""

    id: int
    key_id: str
    key_uid: str | None
    version: int
    erased_at: datetime
    erased_by: str
    finished_at: datetime | None = None


_ALL = select(*rows.select_columns(KEY_ERASURES, ErasureRow)).order_by(KEY_ERASURES.c.id)


def add(conn: Connection, row: ErasureRow) -> None:
    """Records an erasure, before the key is erased."""
    rows.add(conn, KEY_ERASURES, row)


def finish(conn: Connection, id: int, at: datetime) -> None:
    """Records that the key is erased."""
    conn.execute(update(KEY_ERASURES).where(KEY_ERASURES.c.id == id).values(finished_at=at))


def list_by_keys(conn: Connection, key_ids: Collection[str]) -> tuple[ErasureRow, ...]:
    """The erasures of these keys, oldest first."""
    return rows.fetch_all(conn, _ALL.where(KEY_ERASURES.c.key_id.in_(key_ids)), ErasureRow) if key_ids else ()


def list_by_folder(conn: Connection, folder: str) -> tuple[ErasureRow, ...]:
    """The erasures of the keys of a product, oldest first."""
    mine = KEY_ERASURES.c.key_id.startswith(f"{folder}/", autoescape=True)
    return rows.fetch_all(conn, _ALL.where(mine), ErasureRow)


def list_all(conn: Connection) -> tuple[ErasureRow, ...]:
    """Every erasure, oldest first."""
    return rows.fetch_all(conn, _ALL, ErasureRow)


def list_unfinished(conn: Connection) -> tuple[ErasureRow, ...]:
    """The erasures whose key may still exist, because the program that erased it was interrupted."""
    return rows.fetch_all(conn, _ALL.where(KEY_ERASURES.c.finished_at.is_(None)), ErasureRow)


def find_covering(erasures: Iterable[ErasureRow], version: int) -> dict[str, ErasureRow]:
    """The first of the erasures that covers a version, for each key that has one."""
    covering: dict[str, ErasureRow] = {}
    for row in erasures:
        if row.version >= version:
            covering.setdefault(row.key_id, row)
    return covering
