"""Data versions: what was published, when, by whom, and its files. Rows are added and never changed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Select, select

from data_platform.record.db import rows
from data_platform.record.db.schema import OUTPUTS, VERSIONS
from data_platform.record.db.stored_json import StoredSchema

if TYPE_CHECKING:
    from data_platform.spec.schema.types import TableSchema


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version of an output: its contract, its Iceberg snapshot, its size and the outcome of the audit.

    Its files were added by the versions from `content_since` on, which replaced the whole content; it is None where a
    program of revision 0004 wrote the version, whose files are not recorded.
    """

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
    stored_schema: StoredSchema
    statistics: dict[str, Any]
    outcome: str
    published_at: datetime
    published_by: str
    content_since: int | None = None

    @property
    def schema(self) -> TableSchema:
        """The schema of its rows, parsed when it is first used."""
        return self.stored_schema.schema


_ALL = select(*rows.select_columns(VERSIONS, VersionRow))


def add(conn: Connection, row: VersionRow) -> None:
    """Records the version that `outputs.swap` has just made current."""
    conn.execute(VERSIONS.insert().values(rows.to_values(row)))


def find(conn: Connection, product: str, output: str, version: int) -> VersionRow | None:
    """That version of the output."""
    return rows.fetch_one(conn, _select_versions(product, output).where(VERSIONS.c.version == version), VersionRow)


def find_latest(conn: Connection, product: str, output: str) -> VersionRow | None:
    """The output's newest version."""
    return rows.fetch_one(conn, _order_newest(_select_versions(product, output)).limit(1), VersionRow)


def find_as_of(conn: Connection, product: str, output: str, moment: datetime) -> VersionRow | None:
    """The version that was current at `moment`; None when none was published by then."""
    query = _select_versions(product, output).where(VERSIONS.c.published_at <= moment)
    return rows.fetch_one(conn, _order_newest(query).limit(1), VersionRow)


def list_history(conn: Connection, product: str, output: str | None = None) -> tuple[VersionRow, ...]:
    """The versions of one output, or of all the product's outputs, newest first."""
    if output is not None:
        return rows.fetch_all(conn, _order_newest(_select_versions(product, output)), VersionRow)
    query = _ALL.where(VERSIONS.c.product == product)
    order = (VERSIONS.c.published_at.desc(), VERSIONS.c.output, VERSIONS.c.version.desc())
    return rows.fetch_all(conn, query.order_by(*order), VersionRow)


def list_locations(conn: Connection, product: str, output: str) -> tuple[str, ...]:
    """The metadata location of each version of an output, newest first."""
    query = select(VERSIONS.c.metadata_location).where(VERSIONS.c.product == product, VERSIONS.c.output == output)
    return tuple(conn.scalars(query.order_by(VERSIONS.c.version.desc())))


@dataclass(frozen=True, slots=True)
class VersionFiles:
    """The files of a version: their table, stage and number, and the location of the metadata."""

    product: str
    output: str
    stage_id: str
    files: int
    metadata_location: str
    manifest_list: str


def list_files(conn: Connection) -> tuple[VersionFiles, ...]:
    """The files of every version."""
    return rows.fetch_all(conn, select(*rows.select_columns(VERSIONS, VersionFiles)), VersionFiles)


def list_newest(conn: Connection) -> tuple[VersionRow, ...]:
    """The newest version of every output that has one."""
    mine = (VERSIONS.c.product == OUTPUTS.c.product) & (VERSIONS.c.output == OUTPUTS.c.name)
    query = _ALL.join(OUTPUTS, mine & (VERSIONS.c.version == OUTPUTS.c.version))
    return rows.fetch_all(conn, query.order_by(VERSIONS.c.product, VERSIONS.c.output), VersionRow)


def list_by_stage(conn: Connection, stages: Collection[str]) -> tuple[VersionRow, ...]:
    """The versions whose data these stages wrote."""
    order = (VERSIONS.c.product, VERSIONS.c.output, VERSIONS.c.version)
    return rows.fetch_all(conn, _ALL.where(VERSIONS.c.stage_id.in_(stages)).order_by(*order), VersionRow)


def list_stage_ids(conn: Connection) -> set[str]:
    """The stages of all versions: gc keeps their files."""
    return set(conn.scalars(select(VERSIONS.c.stage_id)))


def list_metadata_names(conn: Connection) -> set[str]:
    """The metadata files and manifest lists of all versions and pointers: gc keeps them."""
    named = select(VERSIONS.c.metadata_location).union(
        select(VERSIONS.c.manifest_list),
        select(OUTPUTS.c.metadata_location).where(OUTPUTS.c.metadata_location.is_not(None)),
    )
    return set(conn.scalars(named))


def _select_versions(product: str, output: str) -> Select[Any]:
    return _ALL.where(VERSIONS.c.product == product, VERSIONS.c.output == output)


def _order_newest(query: Select[Any]) -> Select[Any]:
    return query.order_by(VERSIONS.c.version.desc())
