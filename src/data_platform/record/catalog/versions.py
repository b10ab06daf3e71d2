"""Data versions: what was published, when, by whom, and which files it names. Added once, never changed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, select

from data_platform.record.db import rows
from data_platform.record.db.schema import OUTPUTS, VERSIONS
from data_platform.record.lineage import column_lineage, lineage


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version of an output: its contract, its Iceberg snapshot, its size and what the audit found."""

    product: str
    output: str
    version: int
    contract_version: str
    contract_revision: int
    stage_id: str
    snapshot_id: int
    metadata_location: str
    manifest_list: str
    rows: int
    bytes: int
    files: int
    schema: dict[str, Any]
    statistics: dict[str, Any]
    outcome: str
    published_at: datetime
    published_by: str


_ALL = select(*rows.columns(VERSIONS, VersionRow))


def add(conn: Connection, row: VersionRow) -> None:
    """Records the version that `outputs.swap` just made current; edges of older versions become history."""
    lineage.supersede(conn, row.product, row.output)
    column_lineage.supersede(conn, row.product, row.output)
    conn.execute(VERSIONS.insert().values(rows.values(row)))


def find(conn: Connection, product: str, output: str, version: int) -> VersionRow | None:
    """That version of the output."""
    return rows.fetch_one(conn, _of(product, output).where(VERSIONS.c.version == version), VersionRow)


def latest(conn: Connection, product: str, output: str) -> VersionRow | None:
    """The output's newest version."""
    return rows.fetch_one(conn, _newest(_of(product, output)).limit(1), VersionRow)


def as_of(conn: Connection, product: str, output: str, moment: datetime) -> VersionRow | None:
    """The version that was current at `moment`; None when none was published by then."""
    query = _of(product, output).where(VERSIONS.c.published_at <= moment)
    return rows.fetch_one(conn, _newest(query).limit(1), VersionRow)


def history(conn: Connection, product: str, output: str | None = None) -> tuple[VersionRow, ...]:
    """The versions of one output, or of all the product's outputs, newest first."""
    if output is not None:
        return rows.fetch_all(conn, _newest(_of(product, output)), VersionRow)
    query = _ALL.where(VERSIONS.c.product == product)
    order = (VERSIONS.c.published_at.desc(), VERSIONS.c.output, VERSIONS.c.version.desc())
    return rows.fetch_all(conn, query.order_by(*order), VersionRow)


def locations(conn: Connection, product: str, output: str) -> tuple[str, ...]:
    """Where the metadata of each version of an output lies, newest first."""
    query = select(VERSIONS.c.metadata_location).where(VERSIONS.c.product == product, VERSIONS.c.output == output)
    return tuple(conn.scalars(query.order_by(VERSIONS.c.version.desc())))


@dataclass(frozen=True, slots=True)
class Kept:
    """Which files a version has: in which table, of which stage, how many, and where its metadata lies."""

    product: str
    output: str
    stage_id: str
    files: int
    metadata_location: str
    manifest_list: str


def kept(conn: Connection) -> tuple[Kept, ...]:
    """The files of every version."""
    return rows.fetch_all(conn, select(*rows.columns(VERSIONS, Kept)), Kept)


def newest(conn: Connection) -> tuple[VersionRow, ...]:
    """The newest version of every output that has one."""
    mine = (VERSIONS.c.product == OUTPUTS.c.product) & (VERSIONS.c.output == OUTPUTS.c.name)
    query = _ALL.join(OUTPUTS, mine & (VERSIONS.c.version == OUTPUTS.c.version))
    return rows.fetch_all(conn, query.order_by(VERSIONS.c.product, VERSIONS.c.output), VersionRow)


def of_stages(conn: Connection, stages: Collection[str]) -> tuple[VersionRow, ...]:
    """The versions whose data those stages wrote."""
    order = (VERSIONS.c.product, VERSIONS.c.output, VERSIONS.c.version)
    return rows.fetch_all(conn, _ALL.where(VERSIONS.c.stage_id.in_(stages)).order_by(*order), VersionRow)


def stage_ids(conn: Connection) -> set[str]:
    """The stages whose files some version names: gc leaves them alone."""
    return set(conn.scalars(select(VERSIONS.c.stage_id)))


def metadata_names(conn: Connection) -> set[str]:
    """The metadata files and manifest lists that a version or a pointer names: gc leaves them alone."""
    named = select(VERSIONS.c.metadata_location).union(
        select(VERSIONS.c.manifest_list),
        select(OUTPUTS.c.metadata_location).where(OUTPUTS.c.metadata_location.is_not(None)),
    )
    return set(conn.scalars(named))


def _of(product: str, output: str) -> Select[Any]:
    return _ALL.where(VERSIONS.c.product == product, VERSIONS.c.output == output)


def _newest(query: Select[Any]) -> Select[Any]:
    return query.order_by(VERSIONS.c.version.desc())
