"""The data files that versions name, each with its size and digest. Files of before revision 0005 have no row."""

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

    `damage` is what was wrong at `checked_at`, None when it was as it was published. `stamp` is the size and the times
    that the file had then; None asks for a check at once.
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


def record_check(conn: Connection, path: str, at: datetime, damage: str | None, stamp: str | None) -> None:
    """Notes that the file was compared with its digest, what was wrong with it, and the stamp that it had."""
    values = {"checked_at": at, "damage": damage, "stamp": stamp}
    conn.execute(update(DATA_FILES).where(DATA_FILES.c.path == path).values(values))


def request_check(conn: Connection, stage_id: str) -> None:
    """Asks that the files of a stage be compared with their digests at once."""
    conn.execute(update(DATA_FILES).where(DATA_FILES.c.stage_id == stage_id).values(stamp=None))


def suspect_stages(conn: Connection) -> set[str]:
    """Stages with a file that was damaged when it was last checked, or that is to be checked at once; 1,000 at most."""
    query = select(DATA_FILES.c.stage_id).where(DATA_FILES.c.damage.is_not(None) | DATA_FILES.c.stamp.is_(None))
    return set(conn.scalars(query.distinct().order_by(DATA_FILES.c.stage_id).limit(_SUSPECTS)))


def count(conn: Connection) -> int:
    """How many files are recorded."""
    return conn.scalars(select(func.count()).select_from(DATA_FILES)).one()


def from_position(conn: Connection, start: int) -> Iterator[DataFileRow]:
    """Every file once, by path, from the one at that position on; the first ones come last."""
    first = conn.scalars(select(DATA_FILES.c.path).order_by(DATA_FILES.c.path).offset(start).limit(1)).first()
    if first is None:
        return
    yield from _in_pages(conn, DATA_FILES.c.path >= first)
    yield from _in_pages(conn, DATA_FILES.c.path < first)


def _in_pages(conn: Connection, which: ColumnElement[bool]) -> Iterator[DataFileRow]:
    after = ""
    while True:
        query = _ALL.where(which, DATA_FILES.c.path > after).order_by(DATA_FILES.c.path).limit(_PAGE)
        page = rows.fetch_all(conn, query, DataFileRow)
        yield from page
        if len(page) < _PAGE:
            return
        after = page[-1].path


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
