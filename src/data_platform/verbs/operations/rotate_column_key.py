"""keys rotate --column: a new key for a column, and the rows of the newest version in files that it encrypts.

The new key is made first, and recorded; what is published from then on is encrypted with it. Then the rows are staged
again and become the next version by a compare-and-swap of the output's pointer, in one transaction. They are judged no
second time: judgement, statistics, lineage and time of publication are those of the version that they come from.
Earlier versions keep their files, and the earlier key opens them until the column is erased.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import uuid4

import pyarrow as pa
from sqlalchemy import Connection

from data_platform.access.view import WHOLE_TABLE
from data_platform.engine.decrypting import open_decrypted
from data_platform.engine.digests import verify
from data_platform.errors import BadInput, DataPlatformError, NotFound, StorageFailed
from data_platform.keys.states import KeyState
from data_platform.lineage.facts import WrittenVersion
from data_platform.quality.verdict import Verdict
from data_platform.record.catalog import data_files, outputs, versions
from data_platform.record.catalog.versions import VersionRow
from data_platform.record.governance import judgements
from data_platform.record.lineage import column_lineage, lineage
from data_platform.record.operations import leases
from data_platform.record.operations.event_kinds import EventKind
from data_platform.tables.iceberg.commit import Contents, PointerSwap, discard, find_missing, prepare
from data_platform.tables.orphans import remove_stage
from data_platform.tables.staging.stage import Staged, StageOrder, stage
from data_platform.verbs.core.authorization.authorize import authorized_transaction
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.encryption.column_encryption import PublishSeal, require_current_keys, seal_publish
from data_platform.verbs.core.lookup.publish_target import Target, find_target
from data_platform.verbs.core.lookup.resolve import resolve_product
from data_platform.verbs.core.lookup.version_source import open_version
from data_platform.verbs.core.quotas import check_stored
from data_platform.verbs.core.request import Request
from data_platform.verbs.events import lineage_bodies
from data_platform.verbs.events.lineage_bodies import PublishRun
from data_platform.verbs.events.outcomes import ActOutcome, Subject, describe_publish
from data_platform.verbs.events.recorder import record_outcomes
from data_platform.verbs.operations.encrypted_columns import EncryptedColumn, list_encrypted_columns, select_columns
from data_platform.verbs.publishing.rule_runner import verify_seal
from data_platform.verbs.publishing.version_rows import build_file_row, collect_facts
from data_platform.verbs.results.keys import RotatedColumn

LEASE = timedelta(hours=6)
_TRIES = 5


@dataclass(frozen=True, slots=True)
class RotateColumnKey(Request[RotatedColumn]):
    """Make a new key for a column, and encrypt the rows of its output's newest version with it."""

    product: str
    output: str
    column: str


class _NewerVersion(Exception):
    """Another publish promoted a version first: its rows are to be rewritten instead."""


@dataclass(frozen=True, slots=True)
class _Rewrite:
    """A version whose rows are written again, for its output under the present contract."""

    target: Target
    version: VersionRow
    sealed: PublishSeal
    stage_id: str


def rotate_column_key(context: Context, request: RotateColumnKey) -> RotatedColumn:
    """Rotates; interrupted at any point, the column is readable as before, and the rotation can be repeated.

    Raises BadInput for a column that has no key, and for a version whose columns are not all readable: the next publish
    encrypts with a new key then. Raises StorageFailed if a key is missing or the disk fails.
    """
    column = _find_column(context, request)
    _require_readable(context, column)
    context.keyring.renew(column.key_id, context.clock())
    subject = Subject(column.output.product, column.output.name)
    with context.record.transaction() as tx:
        record_outcomes(context, tx, ActOutcome(EventKind.KEY_MADE, subject, {"made": [column.key_id]}))
    if not column.versions:
        return RotatedColumn(column.output.product, column.label, request.column)
    for _ in range(_TRIES):
        with contextlib.suppress(_NewerVersion):
            return _rewrite_newest(context, column, request.column)
    raise StorageFailed(
        f"{column.output.product}.{column.label} was published again {_TRIES} times while its rows were rewritten",
        hint="those versions are encrypted with the new key, unless a publish of before was among them; rotate again",
    )


def _find_column(context: Context, request: RotateColumnKey) -> EncryptedColumn:
    with context.record.reading() as conn:
        product = resolve_product(conn, request.product).name
        columns = list_encrypted_columns(context, conn, product)
        selected = select_columns(conn, columns, product, request.output, request.column)
    if not selected:
        name = f"{request.product}.{request.output}.{request.column}"
        raise NotFound(f"{name} has no key", hint=f"data-platform keys list {request.product}")
    return selected[0]


def _require_readable(context: Context, column: EncryptedColumn) -> None:
    """Raises BadInput, or StorageFailed, unless every column of the newest version can be read."""
    product, label = column.output.product, column.label
    with context.record.reading() as conn:
        columns = list_encrypted_columns(context, conn, product)
    newest = column.output.version
    if column.output.closed:
        raise BadInput(f"{product}.{label} is retired: nothing is written to it any more")
    for other in columns:
        is_needed = any(version.version == newest for version in other.versions) or other.key_id == column.key_id
        is_erased = any(row.version >= newest for row in other.erasures)
        if other.output.name != column.output.name or not (is_needed or is_erased):
            continue
        name = f"{product}.{label}.{other.column}" if other.column else f"the footers of {product}.{label}"
        if is_erased or other.state is KeyState.ERASED:
            raise BadInput(f"{name} is erased: the rows are not rewritten", hint="publish again, with a new key")
        if other.state is KeyState.MISSING:
            raise StorageFailed(f"the key of {name} is missing", hint="data-platform doctor")


def _rewrite_newest(context: Context, column: EncryptedColumn, name: str) -> RotatedColumn:
    with context.record.reading() as conn:
        rewrite = _plan(context, conn, column)
    source = open_version(context, rewrite.version, WHOLE_TABLE)
    verify(source.digests)
    dataset = open_decrypted(f"{rewrite.target.subject}#{rewrite.version.version}", source, sorted(source.encrypted))
    with _lease_stage(context, rewrite):
        staged = _stage(context, rewrite, dataset.scanner().to_batches())
        verify_seal(rewrite.target.subject, rewrite.version.schema, staged)
        version = _promote(context, rewrite, staged, name)
    context.report_progress("promoted", staged.rows)
    return RotatedColumn(rewrite.target.product.name, rewrite.target.label, name, version, staged.rows)


def _plan(context: Context, conn: Connection, column: EncryptedColumn) -> _Rewrite:
    registered = resolve_product(conn, column.output.product)
    target = find_target(conn, registered, f"{column.output.base}@{column.output.major}")
    version = versions.find_latest(conn, registered.name, column.output.name)
    if version is None or target.row.schema != version.schema:
        raise BadInput(
            f"the columns of {target.subject} have changed since its newest version: its rows are not rewritten",
            hint="publish again: the new key is made, and encrypts the next version",
        )
    sealed = seal_publish(context, registered.name, target.name, version.schema, lambda _: None)
    return _Rewrite(target, version, sealed, uuid4().hex)


def _stage(context: Context, rewrite: _Rewrite, batches: Iterator[pa.RecordBatch]) -> Staged:
    target = rewrite.target
    order = StageOrder(
        rewrite.stage_id, rewrite.version.schema, target.ids, target.output.partition_by, rewrite.sealed.seal
    )
    place = context.place(target.product.name, target.name)
    staged = stage(place, order, batches, lambda rows: context.report_progress("staging", rows))
    if staged.rows != rewrite.version.rows:
        raise StorageFailed(f"{staged.rows} rows were read of {rewrite.version.rows}", hint="data-platform repair")
    context.report_progress("staged", staged.rows)
    return staged


@contextlib.contextmanager
def _lease_stage(context: Context, rewrite: _Rewrite) -> Iterator[None]:
    """A stage under a lease; what is not promoted is removed on the way out, and by gc after a crash."""
    product, output = rewrite.target.product.name, rewrite.target.name
    with context.record.transaction() as tx:
        leases.open(tx, rewrite.stage_id, product, output, context.principal.name, context.clock() + LEASE)
    try:
        yield
    except BaseException:
        with contextlib.suppress(DataPlatformError, OSError):
            with context.record.transaction() as tx:
                is_unpromoted = leases.abandon(tx, rewrite.stage_id, context.clock())
            if is_unpromoted:
                remove_stage(context.place(product, output), rewrite.stage_id)
        raise


def _promote(context: Context, rewrite: _Rewrite, staged: Staged, column: str) -> int:
    """Makes the staged files the next version; raises _NewerVersion if another one took its place."""
    swap = _prepare(context, rewrite, staged)
    target, version = rewrite.target, rewrite.version
    place = context.place(target.product.name, target.name)
    context.report_progress("prepared", staged.rows)
    try:
        with authorized_transaction(context) as tx:
            row = outputs.lock(tx, target.product.name, target.name)
            if row.closed or (row.version, row.metadata_location) != (version.version, version.metadata_location):
                raise _NewerVersion
            require_current_keys(context, tx, rewrite.sealed, target.subject)
            check_stored(context, tx, target.product.domain, staged.bytes)
            if not leases.release(tx, rewrite.stage_id) or find_missing(place, swap, staged) is not None:
                raise StorageFailed(f"the staged files of {target.subject} were removed", hint="rotate again")
            if not outputs.swap(tx, row.product, row.name, swap.old, swap.new, swap.version):
                raise _NewerVersion
            _record(context, tx, rewrite, staged, swap, column)
    except BaseException:
        discard(place, swap)
        raise
    return swap.version


def _prepare(context: Context, rewrite: _Rewrite, staged: Staged) -> PointerSwap:
    target, version = rewrite.target, rewrite.version
    contents = Contents(
        staged,
        version.schema,
        target.ids,
        target.row.last_column_id,
        target.output.partition_by,
        collect_facts(context, target),
    )
    place = context.place(target.product.name, target.name)

    def read_earlier() -> tuple[str, ...]:
        with context.record.reading() as conn:
            return versions.list_locations(conn, target.product.name, target.name)

    return prepare(place, version.metadata_location, version.version + 1, contents, context.clock(), read_earlier)


def _record(
    context: Context, tx: Connection, rewrite: _Rewrite, staged: Staged, swap: PointerSwap, column: str
) -> None:
    """Records the version with what is the same as in the one before."""
    before, target = rewrite.version, rewrite.target
    row = replace(
        before,
        version=swap.version,
        stage_id=staged.stage_id,
        snapshot_id=swap.snapshot_id,
        metadata_location=swap.new,
        manifest_list=swap.manifest_list,
        bytes=staged.bytes,
        files=len(staged.files),
        content_since=swap.version,
    )
    versions.add(tx, row)
    data_files.add(tx, [build_file_row(context, row, file) for file in staged.files])
    _copy_lineage(tx, before, swap.version)
    if judgement := judgements.find_by_version(tx, before.product, before.output, before.version):
        judgements.add(tx, replace(judgement, version=swap.version))
    written = WrittenVersion(swap.version, staged.rows, staged.bytes, len(staged.files))
    run = PublishRun(context.clock())
    outcome = describe_publish(
        row, lambda: lineage_bodies.build_publish_body(context, tx, target, run, written, Verdict())
    )
    rotated = ActOutcome(
        EventKind.COLUMN_KEY_ROTATED, Subject(row.product, row.output), {"column": column, "version": swap.version}
    )
    record_outcomes(context, tx, outcome, rotated)


def _copy_lineage(tx: Connection, before: VersionRow, version: int) -> None:
    edges = lineage.list_by_version(tx, before.product, before.output, before.version)
    uses = column_lineage.list_by_version(tx, before.product, before.output, before.version)
    lineage.supersede(tx, before.product, before.output)
    column_lineage.supersede(tx, before.product, before.output)
    lineage.add(tx, [replace(edge, version=version) for edge in edges])
    column_lineage.add(tx, [replace(use, version=version) for use in uses])
