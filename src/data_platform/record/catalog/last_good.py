"""The last good version of a product: the newest one that no blocking rule failed, and whose files are whole."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, exists, select

from data_platform.record.catalog.data_files import IN_VERSION
from data_platform.record.db import rows
from data_platform.record.db.schema import DATA_FILES, VERSIONS

_GOOD = ("passed", "warned")
"""The outcomes of audits that no blocking rule failed; of versions in a rebuilt record it is unknown."""


@dataclass(frozen=True, slots=True)
class GoodVersion:
    """A version of an output, and when it was published."""

    output: str
    version: int
    published_at: datetime


def find_last_good(conn: Connection, product: str, outputs: Collection[str]) -> GoodVersion | None:
    """The newest good version among these outputs; None where there is none."""
    is_damaged = exists().where(IN_VERSION, DATA_FILES.c.damage.is_not(None)).correlate(VERSIONS)
    query = select(*rows.select_columns(VERSIONS, GoodVersion)).where(
        VERSIONS.c.product == product,
        VERSIONS.c.output.in_(outputs),
        VERSIONS.c.outcome.in_(_GOOD),
        ~is_damaged,
    )
    newest = (VERSIONS.c.published_at.desc(), VERSIONS.c.output, VERSIONS.c.version.desc())
    return rows.fetch_one(conn, query.order_by(*newest).limit(1), GoodVersion)
