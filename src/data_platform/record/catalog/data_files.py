"""The data files of versions, each with its size and digest. Files older than revision 0005 have no row.

A file belongs to one version or to several that follow each other: a version keeps files of the one before it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, func, select, update

from data_platform.record.db import rows
from data_platform.record.db.schema import DATA_FILES, VERSIONS


@dataclass(frozen=True, slots=True)
class DataFileRow:
    """A data file: its path below the tables' folder, with slashes, and its digest as `ALGORITHM:HEX`.

    It belongs to the versions of its output from `added` on, until one replaces the whole content, or `removed`.
    `stage_id` is the stage that wrote it, `statistics` are those of its columns. `damage` is the damage found at
    `checked_at`, None if the file was as published. `stamp` is the size and the times that the file had then; None
    requests a check at once.
    """

    path: str
    stage_id: str
    product: str
    output: str
    added: int
    rows: int
    bytes: int
    digest: str
    statistics: dict[str, dict[str, Any]]
    checked_at: datetime
    removed: int | None = None
    damage: str | None = None
    stamp: str | None = None


_PAGE = 2_000
_SUSPECTS = 1_000
_ALL = select(*rows.select_columns(DATA_FILES, DataFileRow))
IN_VERSION = and_(
    DATA_FILES.c.product == VERSIONS.c.product,
    DATA_FILES.c.output == VERSIONS.c.output,
    DATA_FILES.c.added.between(VERSIONS.c.content_since, VERSIONS.c.version),
    DATA_FILES.c.removed.is_(None) | (DATA_FILES.c.removed > VERSIONS.c.version),
)
"""A file belongs to a version."""


def add(conn: Connection, files: Iterable[DataFileRow]) -> None:
    """Records the files that a version adds."""
    values = [rows.to_values(file) for file in files]
    if values:
        conn.execute(DATA_FILES.insert(), values)


def remove(conn: Connection, paths: Collection[str], version: int) -> None:
    """Notes that `version` is the first one without these files."""
    if paths:
        named = rows.is_one_of(conn, DATA_FILES.c.path, paths)
        conn.execute(update(DATA_FILES).where(named).values(removed=version))


def map_by_version(conn: Connection, stages: Collection[str]) -> dict[str, Sequence[DataFileRow]]:
    """The files of the versions that these stages made, by stage; also those that other stages wrote."""
    query = select(VERSIONS.c.stage_id.label("version_stage"), *rows.select_columns(DATA_FILES, DataFileRow))
    query = query.join_from(VERSIONS, DATA_FILES, IN_VERSION).where(VERSIONS.c.stage_id.in_(stages))
    files: dict[str, list[DataFileRow]] = defaultdict(list)
    for stage, *values in conn.execute(query):
        files[stage].append(DataFileRow(*values))
    return dict(files)


def iterate_paths(conn: Connection) -> Iterator[tuple[str, str]]:
    """For each version, the stage that made it and the path of each of its files."""
    query = select(VERSIONS.c.stage_id, DATA_FILES.c.path).join_from(VERSIONS, DATA_FILES, IN_VERSION)
    yield from map(tuple, conn.execute(query))


def list_stage_ids(conn: Connection) -> set[str]:
    """The stages that wrote the recorded files."""
    return set(conn.scalars(select(DATA_FILES.c.stage_id).distinct()))


def list_due(conn: Connection, before: datetime, count: int) -> tuple[DataFileRow, ...]:
    """The `count` files whose last check is the oldest, of those not checked after `before`."""
    query = _ALL.where(DATA_FILES.c.checked_at <= before).order_by(DATA_FILES.c.checked_at, DATA_FILES.c.path)
    return rows.fetch_all(conn, query.limit(count), DataFileRow)


def record_check(conn: Connection, path: str, at: datetime, damage: str | None, stamp: str | None) -> None:
    """Records the result of a comparison of the file with its digest, and the stamp that it had."""
    values = {"checked_at": at, "damage": damage, "stamp": stamp}
    conn.execute(update(DATA_FILES).where(DATA_FILES.c.path == path).values(values))


def request_check(conn: Connection, stage_id: str) -> None:
    """Marks the files of the version that a stage made for a comparison with their digests at once."""
    of_version = exists().where(VERSIONS.c.stage_id == stage_id, IN_VERSION)
    conn.execute(update(DATA_FILES).where(of_version).values(stamp=None))


def find_suspect_stages(conn: Connection) -> set[str]:
    """The stages of versions with a file that was damaged at its last check, or that is due for a check at once.

    They are 1,000 at most.
    """
    query = select(VERSIONS.c.stage_id).join_from(DATA_FILES, VERSIONS, IN_VERSION)
    suspect = DATA_FILES.c.damage.is_not(None) | DATA_FILES.c.stamp.is_(None)
    return set(conn.scalars(query.where(suspect).distinct().order_by(VERSIONS.c.stage_id).limit(_SUSPECTS)))


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
    query = select(*named).join_from(DATA_FILES, VERSIONS, IN_VERSION)
    newest = (VERSIONS.c.version.desc(), DATA_FILES.c.path)
    return rows.fetch_all(conn, query.where(DATA_FILES.c.damage.is_not(None)).order_by(*newest), DamagedDataFile)
