"""The publish log: when each output was published, for freshness."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, func, select

from data_platform.record.db import rows
from data_platform.record.db.schema import OUTPUTS, VERSIONS

Port = tuple[str, str]
"""A product and one of its outputs."""

_BATCH = 500


@dataclass(frozen=True, slots=True)
class PublishEntry:
    """One publish of an output."""

    product: str
    output: str
    version: int
    at: datetime


_LOG = select(VERSIONS.c.product, VERSIONS.c.output, VERSIONS.c.version, VERSIONS.c.published_at.label("at"))


def list_since(conn: Connection, product: str, output: str, since: datetime) -> tuple[PublishEntry, ...]:
    """The output's publishes since that moment, and the last one before it; oldest first."""
    mine = (VERSIONS.c.product == product, VERSIONS.c.output == output)
    before = select(func.max(VERSIONS.c.published_at)).where(*mine, VERSIONS.c.published_at < since).scalar_subquery()
    query = _LOG.where(*mine, VERSIONS.c.published_at >= func.coalesce(before, since))
    return rows.fetch_all(conn, query.order_by(VERSIONS.c.published_at, VERSIONS.c.version), PublishEntry)


def group_since(conn: Connection, since: datetime, among: Collection[str]) -> dict[Port, list[PublishEntry]]:
    """The publishes of these products since that moment, and the last one of each output before it; oldest first."""
    query = rows.limit_to(conn, _select_since(_LOG, since), VERSIONS.c.product, among)
    grouped: dict[Port, list[PublishEntry]] = {}
    query = query.order_by(VERSIONS.c.published_at, VERSIONS.c.version)
    for entry in rows.fetch_all(conn, query, PublishEntry):
        grouped.setdefault((entry.product, entry.output), []).append(entry)
    return grouped


def group_statistics(
    conn: Connection, since: datetime, among: Collection[str]
) -> dict[Port, dict[int, dict[str, Any]]]:
    """The recorded statistics of the versions of the same publishes, by version."""
    query = select(VERSIONS.c.product, VERSIONS.c.output, VERSIONS.c.version, VERSIONS.c.statistics)
    grouped: dict[Port, dict[int, dict[str, Any]]] = {}
    for row in conn.execute(rows.limit_to(conn, _select_since(query, since), VERSIONS.c.product, among)):
        grouped.setdefault((row.product, row.output), {})[row.version] = row.statistics
    return grouped


def _select_since(query: Select[Any], since: datetime) -> Select[Any]:
    """Those of the versions that were published since then, or are the last of their output before it."""
    before = select(VERSIONS.c.product, VERSIONS.c.output, func.max(VERSIONS.c.published_at).label("at"))
    last = before.where(VERSIONS.c.published_at < since).group_by(VERSIONS.c.product, VERSIONS.c.output).subquery()
    is_of = and_(last.c.product == VERSIONS.c.product, last.c.output == VERSIONS.c.output)
    joined = query.select_from(VERSIONS.outerjoin(last, is_of))
    return joined.where(VERSIONS.c.published_at >= func.coalesce(last.c.at, since))


def map_newest(conn: Connection, among: Collection[str] | None = None) -> dict[Port, PublishEntry]:
    """The newest publish of every output that has one; of these products, or all."""
    query = rows.limit_to(conn, _LOG.select_from(_join_newest_versions()), OUTPUTS.c.product, among)
    return {(entry.product, entry.output): entry for entry in rows.fetch_all(conn, query, PublishEntry)}


def map_newest_versions(conn: Connection, products: Iterable[str]) -> dict[Port, int]:
    """The current version of every output of these products."""
    names, versions = sorted(set(products)), {}
    for at in range(0, len(names), _BATCH):
        query = select(OUTPUTS.c.product, OUTPUTS.c.name, OUTPUTS.c.version)
        batch = conn.execute(query.where(OUTPUTS.c.product.in_(names[at : at + _BATCH])))
        versions.update({(row.product, row.name): row.version for row in batch})
    return versions


def load_statistics(conn: Connection, product: str, output: str, since_version: int) -> dict[int, dict[str, Any]]:
    """The recorded statistics of the output's versions from that one on, by version."""
    query = select(VERSIONS.c.version, VERSIONS.c.statistics).where(
        VERSIONS.c.product == product, VERSIONS.c.output == output, VERSIONS.c.version >= since_version
    )
    return {row.version: row.statistics for row in conn.execute(query)}


def load_newest_statistics(conn: Connection, products: Iterable[str]) -> dict[Port, dict[str, Any]]:
    """The recorded statistics of the newest version of every output of these products."""
    names, statistics = sorted(set(products)), {}
    for at in range(0, len(names), _BATCH):
        query = select(VERSIONS.c.product, VERSIONS.c.output, VERSIONS.c.statistics).select_from(
            _join_newest_versions()
        )
        batch = conn.execute(query.where(VERSIONS.c.product.in_(names[at : at + _BATCH])))
        statistics.update({(row.product, row.output): row.statistics for row in batch})
    return statistics


def _join_newest_versions() -> Any:
    return OUTPUTS.join(
        VERSIONS,
        and_(
            VERSIONS.c.product == OUTPUTS.c.product,
            VERSIONS.c.output == OUTPUTS.c.name,
            VERSIONS.c.version == OUTPUTS.c.version,
        ),
    )
