"""Finding the version that a reader means, and what of it must be hidden: consume and sql share both."""

from __future__ import annotations

from datetime import UTC, date, datetime

from sqlalchemy import Connection

from data_platform.errors import BadInput, NotFound
from data_platform.record import outputs, versions
from data_platform.record.versions import VersionRow
from data_platform.spec.schema_record import schema_from_json
from data_platform.verbs.lookup import no_output, product_row

Moment = datetime | date | str


def find_version(
    conn: Connection, product: str, output: str, version: int | None = None, as_of: Moment | None = None
) -> VersionRow:
    """The newest version, the pinned one, or the one that stood at a moment; raises NotFound, BadInput."""
    if version is not None and as_of is not None:
        raise BadInput("version and as_of exclude each other", hint="pin a version, or name a moment")
    if version is not None:
        found = versions.find(conn, product, output, version)
    elif as_of is not None:
        found = versions.as_of(conn, product, output, moment(as_of))
    else:
        found = versions.latest(conn, product, output)
    if found is None:
        raise _not_found(conn, product, output, version, as_of)
    return found


def moment(told: Moment) -> datetime:
    """A moment; a date means its first instant, and what has no zone is UTC. Raises BadInput."""
    try:
        found = datetime.fromisoformat(told if isinstance(told, str) else told.isoformat())
    except (ValueError, AttributeError):
        raise BadInput(f"as_of {told!r} is no moment", hint="write 2026-01-31 or 2026-01-31T09:30:00+01:00") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def masked_columns(conn: Connection, version: VersionRow) -> frozenset[str]:
    """The columns to mask: what was personal data when the version was published, or is by now."""
    row = outputs.find(conn, version.product, version.output)
    schemas = [schema_from_json(stored) for stored in (version.schema, row and row.schema) if stored]
    return frozenset(name for schema in schemas for name in schema.masked) & set(schema_from_json(version.schema).names)


def _not_found(conn: Connection, product: str, output: str, version: int | None, as_of: Moment | None) -> NotFound:
    product_row(conn, product)
    row = outputs.find(conn, product, output)
    if row is None:
        return no_output(conn, product, output)
    if row.type == "stream":
        return NotFound(f"{product}.{output} is a stream, and this version reads tables only")
    if row.version == 0:
        return NotFound(f"{product}.{output} has no version yet", hint="its owner has to publish it first")
    if version is not None:
        return NotFound(f"{product}.{output} has no version {version}", hint=f"versions are 1 to {row.version}")
    return NotFound(f"{product}.{output} had no version at {as_of}")
