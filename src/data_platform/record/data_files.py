"""The data files that versions name, each with its size and digest. Files of before revision 0005 have no row."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from data_platform.record import rows
from data_platform.record.schema import DATA_FILES, VERSIONS


@dataclass(frozen=True, slots=True)
class DataFileRow:
    """A data file: its path below the tables' folder, with slashes, and its digest as `ALGORITHM:HEX`.

    `damage` is what was wrong at `checked_at`, None when it was as it was published.
    """

    path: str
    stage_id: str
    bytes: int
    digest: str
    checked_at: datetime
    damage: str | None = None


_ALL = select(*rows.columns(DATA_FILES, DataFileRow))


def add(conn: Connection, files: Iterable[DataFileRow]) -> None:
    """Records the files of a version."""
    values = [rows.values(file) for file in files]
    if values:
        conn.execute(DATA_FILES.insert(), values)


def of_stages(conn: Connection, stages: Collection[str]) -> tuple[DataFileRow, ...]:
    """The files that these stages wrote."""
    return rows.fetch_all(conn, _ALL.where(DATA_FILES.c.stage_id.in_(stages)), DataFileRow)


def due(conn: Connection, before: datetime, count: int) -> tuple[DataFileRow, ...]:
    """The `count` files that were checked longest ago, of those that were not since that moment."""
    query = _ALL.where(DATA_FILES.c.checked_at <= before).order_by(DATA_FILES.c.checked_at, DATA_FILES.c.path)
    return rows.fetch_all(conn, query.limit(count), DataFileRow)


def record_check(conn: Connection, path: str, at: datetime, damage: str | None) -> None:
    """Notes that the file was compared with its digest, and what was wrong with it."""
    conn.execute(update(DATA_FILES).where(DATA_FILES.c.path == path).values(checked_at=at, damage=damage))


@dataclass(frozen=True, slots=True)
class DamagedFile:
    """A data file of a version that was not as it was published when it was last checked."""

    product: str
    output: str
    version: int
    path: str
    damage: str


def damaged(conn: Connection) -> tuple[DamagedFile, ...]:
    """The files that were damaged when they were last checked, newest versions first."""
    named = (VERSIONS.c.product, VERSIONS.c.output, VERSIONS.c.version, DATA_FILES.c.path, DATA_FILES.c.damage)
    query = select(*named).join_from(DATA_FILES, VERSIONS, DATA_FILES.c.stage_id == VERSIONS.c.stage_id)
    newest = (VERSIONS.c.version.desc(), DATA_FILES.c.path)
    return rows.fetch_all(conn, query.where(DATA_FILES.c.damage.is_not(None)).order_by(*newest), DamagedFile)
