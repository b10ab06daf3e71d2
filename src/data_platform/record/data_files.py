"""The data files that versions name, each with its size and digest. Files of before revision 0005 have no row."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, select

from data_platform.record import rows
from data_platform.record.schema import DATA_FILES


@dataclass(frozen=True, slots=True)
class DataFileRow:
    """A data file: its path below the tables' folder, with slashes, and its digest as `ALGORITHM:HEX`."""

    path: str
    stage_id: str
    bytes: int
    digest: str


_ALL = select(*rows.columns(DATA_FILES, DataFileRow))


def add(conn: Connection, files: Iterable[DataFileRow]) -> None:
    """Records the files of a version."""
    values = [rows.values(file) for file in files]
    if values:
        conn.execute(DATA_FILES.insert(), values)


def of_stages(conn: Connection, stages: Collection[str]) -> tuple[DataFileRow, ...]:
    """The files that these stages wrote."""
    return rows.fetch_all(conn, _ALL.where(DATA_FILES.c.stage_id.in_(stages)), DataFileRow)


def page(conn: Connection, after: str, count: int) -> tuple[DataFileRow, ...]:
    """The next `count` files whose paths come after that one, in order."""
    query = _ALL.where(DATA_FILES.c.path > after).order_by(DATA_FILES.c.path).limit(count)
    return rows.fetch_all(conn, query, DataFileRow)
