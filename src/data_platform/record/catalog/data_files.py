"""The data files of versions, each with its size and digest. Files older than revision 0005 have no row."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, select, update

from data_platform.record.db import rows
from data_platform.record.db.schema import DATA_FILES, VERSIONS


@dataclass(frozen=True, slots=True)
class DataFileRow:
    """A data file: its path below the tables' folder, with slashes, and its digest as `ALGORITHM:HEX`.

    `damage` is the damage found at `checked_at`, None if the file was as published. `stamp` is the size and the times
    that the file had then; None requests a check at once.
    """

    path: str
    stage_id: str
    bytes: int
    digest: str
    checked_at: datetime
    damage: str | None = None
    stamp: str | None = None


_PAGE = 2_000
_SUSPECTS = 1_000
_ALL = select(*rows.select_columns(DATA_FILES, DataFileRow))


def add(conn: Connection, files: Iterable[DataFileRow]) -> None:
    """Records the files of a version."""
    values = [rows.to_values(file) for file in files]
    if values:
        conn.execute(DATA_FILES.insert(), values)


def list_by_stage(conn: Connection, stages: Collection[str]) -> tuple[DataFileRow, ...]:
    """The files written by these stages."""
    return rows.fetch_all(conn, _ALL.where(DATA_FILES.c.stage_id.in_(stages)), DataFileRow)


def list_due(conn: Connection, before: datetime, count: int) -> tuple[DataFileRow, ...]:
    """The `count` files whose last check is the oldest, of those not checked after `before`."""
    query = _ALL.where(DATA_FILES.c.checked_at <= before).order_by(DATA_FILES.c.checked_at, DATA_FILES.c.path)
    return rows.fetch_all(conn, query.limit(count), DataFileRow)


def record_check(conn: Connection, path: str, at: datetime, damage: str | None, stamp: str | None) -> None:
    """Records the result of a comparison of the file with its digest, and the stamp that it had."""
    values = {"checked_at": at, "damage": damage, "stamp": stamp}
    conn.execute(update(DATA_FILES).where(DATA_FILES.c.path == path).values(values))


def request_check(conn: Connection, stage_id: str) -> None:
    """Marks the files of a stage for a comparison with their digests at once."""
    conn.execute(update(DATA_FILES).where(DATA_FILES.c.stage_id == stage_id).values(stamp=None))


def find_suspect_stages(conn: Connection) -> set[str]:
    """Stages with a file that was damaged at its last check, or that is due for a check at once; 1,000 at most."""
    query = select(DATA_FILES.c.stage_id).where(DATA_FILES.c.damage.is_not(None) | DATA_FILES.c.stamp.is_(None))
    return set(conn.scalars(query.distinct().order_by(DATA_FILES.c.stage_id).limit(_SUSPECTS)))


def count_all(conn: Connection) -> int:
    """How many files are recorded."""
    return conn.scalars(select(func.count()).select_from(DATA_FILES)).one()


def iterate_from(conn: Connection, start: int) -> Iterator[DataFileRow]:
    """Every file once, by path, starting at position `start` and wrapping around at the end."""
    first = conn.scalars(select(DATA_FILES.c.path).order_by(DATA_FILES.c.path).offset(start).limit(1)).first()
    if first is None:
        return
    yield from _read_pages(conn, DATA_FILES.c.path >= first)
    yield from _read_pages(conn, DATA_FILES.c.path < first)


def _read_pages(conn: Connection, which: ColumnElement[bool]) -> Iterator[DataFileRow]:
    after = ""
    while True:
        query = _ALL.where(which, DATA_FILES.c.path > after).order_by(DATA_FILES.c.path).limit(_PAGE)
        page = rows.fetch_all(conn, query, DataFileRow)
        yield from page
        if len(page) < _PAGE:
            return
        after = page[-1].path


@dataclass(frozen=True, slots=True)
class DamagedDataFile:
    """A data file of a version that was damaged at its last check."""

    product: str
    output: str
    version: int
    path: str
    damage: str


def list_damaged(conn: Connection) -> tuple[DamagedDataFile, ...]:
    """The files that were damaged at their last check, newest versions first."""
    named = (VERSIONS.c.product, VERSIONS.c.output, VERSIONS.c.version, DATA_FILES.c.path, DATA_FILES.c.damage)
    query = select(*named).join_from(DATA_FILES, VERSIONS, DATA_FILES.c.stage_id == VERSIONS.c.stage_id)
    newest = (VERSIONS.c.version.desc(), DATA_FILES.c.path)
    return rows.fetch_all(conn, query.where(DATA_FILES.c.damage.is_not(None)).order_by(*newest), DamagedDataFile)
