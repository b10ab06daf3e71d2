"""consume: an authorised, recorded, lazy view of one version of an output."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import Connection

from data_platform.engine.frame import DataFrame, scan
from data_platform.engine.origin import Origin, Reads
from data_platform.errors import BadInput, NotFound
from data_platform.record import outputs, usage, versions
from data_platform.record.usage import Read
from data_platform.record.versions import VersionRow
from data_platform.spec.schema_record import schema_from_json
from data_platform.verbs.lookup import no_output, product_row
from data_platform.verbs.mesh import Mesh
from data_platform.verbs.permission import permit
from data_platform.verbs.request import Request
from data_platform.verbs.sources import version_source
from data_platform.verbs.telling import tell


@dataclass(frozen=True, slots=True)
class Consume(Request[DataFrame]):
    """Read an output: its newest version, or a pinned one, or the one that stood `as_of` a moment.

    `mask` shows PII columns as others see them; `purpose` is kept with the record of the read.
    """

    product: str
    output: str
    version: int | None = None
    as_of: datetime | date | str | None = None
    columns: Sequence[str] | None = None
    mask: bool = False
    purpose: str | None = None


def consume(mesh: Mesh, request: Consume) -> DataFrame:
    """A lazy DataFrame over the version; the consume is recorded now, the columns whenever they are really read.

    Raises NotFound, AccessDenied, BadInput.
    """
    permit(mesh, "consume", f"{request.product}.{request.output}")
    with mesh.record.transaction() as tx:
        version = _find_version(tx, request)
        read_id = usage.add(tx, _read(mesh, version, request.purpose))
        tell(mesh, tx, version.product, "consumed")
        hidden = _masked(tx, version) if request.mask else frozenset()
    source = version_source(mesh, version, clear=not request.mask)
    frame = scan(
        source,
        Origin("product", version.product, version.output, version.version),
        on_read=_recorder(mesh, read_id),
        mask=hidden,
    )
    return frame.select(*request.columns) if request.columns is not None else frame


def _masked(conn: Connection, version: VersionRow) -> frozenset[str]:
    """The columns to mask: what was personal data when the version was published, or is by now."""
    row = outputs.find(conn, version.product, version.output)
    schemas = [schema_from_json(stored) for stored in (version.schema, row and row.schema) if stored]
    return frozenset(name for schema in schemas for name in schema.masked) & set(schema_from_json(version.schema).names)


def _read(mesh: Mesh, version: VersionRow, purpose: str | None) -> Read:
    who = mesh.principal
    return Read(0, version.product, version.output, version.version, (), who.name, who.verified, mesh.clock(), purpose)


def _recorder(mesh: Mesh, read_id: int) -> Callable[[Reads], None]:
    """Widens the recorded read by what an action reads; columns already recorded cost nothing."""
    known: set[str] = set()

    def record(reads: Reads) -> None:
        new = {column for columns in reads.values() for column in columns} - known
        if new:
            with mesh.record.transaction() as tx:
                usage.widen(tx, read_id, sorted(new))
            known.update(new)

    return record


def _find_version(conn: Connection, request: Consume) -> VersionRow:
    product, output = request.product, request.output
    if request.version is not None and request.as_of is not None:
        raise BadInput("version and as_of exclude each other", hint="pin a version, or name a moment")
    if request.version is not None:
        found = versions.find(conn, product, output, request.version)
    elif request.as_of is not None:
        found = versions.as_of(conn, product, output, _moment(request.as_of))
    else:
        found = versions.latest(conn, product, output)
    if found is None:
        raise _not_found(conn, request)
    return found


def _moment(told: datetime | date | str) -> datetime:
    """A moment; a date means its first instant, and what has no zone is UTC. Raises BadInput."""
    try:
        moment = datetime.fromisoformat(told if isinstance(told, str) else told.isoformat())
    except (ValueError, AttributeError):
        raise BadInput(f"as_of {told!r} is no moment", hint="write 2026-01-31 or 2026-01-31T09:30:00+01:00") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _not_found(conn: Connection, request: Consume) -> NotFound:
    product, output = request.product, request.output
    product_row(conn, product)
    row = outputs.find(conn, product, output)
    if row is None:
        return no_output(conn, product, output)
    if row.type == "stream":
        return NotFound(f"{product}.{output} is a stream, and this version reads tables only")
    if row.version == 0:
        return NotFound(f"{product}.{output} has no version yet", hint="its owner has to publish it first")
    if request.version is not None:
        return NotFound(f"{product}.{output} has no version {request.version}", hint=f"versions are 1 to {row.version}")
    return NotFound(f"{product}.{output} had no version at {request.as_of}")
