"""consume: an authorised, recorded, lazy view of one version of an output."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from data_platform.engine.frame import DataFrame, scan, with_published
from data_platform.engine.origin import OnFail, Origin, Reads
from data_platform.engine.published import PublishedVersion, VersionLineage
from data_platform.errors import BadInput, NotFound, PolicyViolation, RecordFailed, StorageFailed
from data_platform.record.catalog import data_files
from data_platform.record.catalog.versions import VersionRow
from data_platform.record.lineage import lineage
from data_platform.record.operations import usage
from data_platform.record.operations.usage import Read
from data_platform.settings import Environment
from data_platform.spec.text.names import quote_text
from data_platform.verbs.core import audit_entries, environments
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.request import Request
from data_platform.verbs.core.version_lookup import find_masked_columns, find_version
from data_platform.verbs.core.version_source import open_version
from data_platform.verbs.events import emit
from data_platform.verbs.policies.evaluate import evaluate_consume


@dataclass(frozen=True, slots=True)
class Consume(Request[DataFrame]):
    """Read an output: its newest version, or a pinned one, or the one that was current `as_of` a moment.

    `mask` shows PII columns as others see them; `purpose` is kept with the record of the read.
    """

    product: str
    output: str
    version: int | None = None
    as_of: datetime | date | str | None = None
    columns: Sequence[str] | None = None
    mask: bool = False
    purpose: str | None = None


def consume(context: Context, request: Consume) -> DataFrame:
    """A lazy DataFrame over the version; the consume is recorded now, the columns whenever they are really read.

    A product that this mesh does not know is looked for in the environments above it. Raises NotFound, AccessDenied,
    PolicyViolation, BadInput, StorageFailed; a read that the storage fails, now or later, is recorded as such.
    """
    names = request.columns or ()
    if twice := next((name for place, name in enumerate(names) if name in names[:place]), None):
        raise BadInput(f"columns: {quote_text(twice)} is there twice", hint="name each column once")
    try:
        return _consume(context, request)
    except NotFound as missing:
        if environments.is_registered(context, request.product):
            raise
        higher = environments.find_higher(context, request.product)
        if higher is None:
            raise environments.explain_missing(context, request.product, missing) from None
    environment, other = higher
    return _consume(other, request, environment)


def _consume(context: Context, request: Consume, environment: Environment | None = None) -> DataFrame:
    """The frame over what this mesh has; `environment` is what the reader calls it, who is in another one."""
    session = context.record.reading() if context.record.read_only else context.record.transaction()
    with _record_refusals(context, request), session as tx:
        version = find_version(tx, request.product, request.output, request.version, request.as_of)
        governed = evaluate_consume(context, tx, version, request.columns)
        read_id = None if context.record.read_only else _add_read(context, tx, version, request.purpose)
        hidden = find_masked_columns(tx, version) if request.mask else frozenset()
    origin = Origin("product", version.product, version.output, version.version)
    failed = _build_failure_recorder(context, read_id, version.stage_id)
    try:
        source = open_version(context, version, clear=not request.mask)
    except StorageFailed as error:
        failed(error.message)
        raise
    frame = scan(
        source,
        environments.rename_origin(origin, environment) if environment else origin,
        on_read=_build_recorder(context, read_id),
        mask=hidden,
        on_fail=failed,
        warnings=(*governed.warnings, *context.warn_unrecorded()),
    )
    view = frame.select(*request.columns) if request.columns is not None else frame
    return with_published(view, _build_published_version(context, version, view.columns, hidden))


def _build_published_version(
    context: Context, version: VersionRow, columns: Sequence[str], hidden: frozenset[str]
) -> PublishedVersion:
    """What the frame says of the version: statistics of the columns that it shows, and where the data came from.

    A column in `hidden` has its null count alone: it may have become personal data after the publish.
    """

    def read_lineage() -> VersionLineage:
        with context.record.reading() as conn:
            edges = lineage.list_by_version(conn, version.product, version.output, version.version)
        return {
            Origin(edge.kind, edge.source_name, edge.source_output or "", edge.source_version): frozenset(edge.columns)
            for edge in edges
        }

    statistics = {
        name: {"nulls": facts.get("nulls")} if name in hidden else facts
        for name, facts in version.statistics.items()
        if name in columns
    }
    return PublishedVersion(version.version, statistics, read_lineage)


@contextmanager
def _record_refusals(context: Context, request: Consume) -> Iterator[None]:
    """A read that policies refuse leaves an entry in the audit log, though its transaction leaves nothing."""
    try:
        yield
    except PolicyViolation as refusal:
        if context.record.read_only:
            raise
        with context.record.transaction() as tx:
            audit_entries.record_contract_refusal(context, tx, f"{request.product}.{request.output}", refusal)
        raise


def _add_read(context: Context, tx: Connection, version: VersionRow, purpose: str | None) -> int:
    read_id = usage.add(tx, _build_read(context, version, purpose))
    emit.emit_read(context, tx, version.product, version.output, version.version)
    return read_id


def _build_read(context: Context, version: VersionRow, purpose: str | None) -> Read:
    who = context.principal
    return Read(
        0, version.product, version.output, version.version, (), who.name, who.verified, context.clock(), purpose
    )


def _build_recorder(context: Context, read_id: int | None) -> Callable[[Reads], None]:
    """Widens the recorded read by what an action reads; columns already recorded cost nothing."""
    recorded: set[str] = set()

    def record(reads: Reads) -> None:
        new = {column for columns in reads.values() for column in columns} - recorded
        if new and read_id is not None:
            with context.record.transaction() as tx:
                usage.widen(tx, read_id, sorted(new))
            recorded.update(new)

    return record


def _build_failure_recorder(context: Context, read_id: int | None, stage_id: str) -> OnFail:
    """Notes that the data could not be read, and requests a check of its files.

    A record that fails too must not hide why.
    """

    def record(reason: str) -> None:
        if read_id is None:
            return
        with suppress(RecordFailed), context.record.transaction() as tx:
            usage.fail(tx, read_id, reason)
            data_files.request_check(tx, stage_id)

    return record
