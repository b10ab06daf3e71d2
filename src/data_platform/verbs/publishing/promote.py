"""PROMOTE: one transaction checks every precondition, swaps the pointer, and records the version."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from data_platform.errors import InvalidSpec, NotFound, Refused, StorageFailed
from data_platform.lineage.facts import WrittenVersion
from data_platform.quality.score import NO_FIT
from data_platform.quality.verdict import DataQualityError, hide_consumers
from data_platform.quality.verdict_score import score_verdict
from data_platform.record.catalog import data_files, outputs, publish_state, redirects, versions
from data_platform.record.catalog.outputs import OutputRow
from data_platform.record.catalog.publish_log import map_newest_versions
from data_platform.record.catalog.publish_state import PublishState
from data_platform.record.governance import judgements
from data_platform.record.lineage import column_lineage, lineage
from data_platform.record.operations import leases
from data_platform.spec.product.publish_mode import PublishMode
from data_platform.tables.iceberg.commit import Contents, PointerSwap, discard, find_missing, prepare
from data_platform.tables.place import TablePlace
from data_platform.tables.staging.statistics import ColumnStatistics
from data_platform.verbs.contracts.register import (
    RecordedContract,
    record_contract,
    retry_on_contract_change,
    save_draft,
)
from data_platform.verbs.core.authorization.authorize import authorize_again, authorized_transaction
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.encryption.column_encryption import PublishSeal, require_current_keys
from data_platform.verbs.core.lookup.publish_target import Target
from data_platform.verbs.core.quotas import check_stored
from data_platform.verbs.events import lineage_bodies
from data_platform.verbs.events.lineage_bodies import PublishRun
from data_platform.verbs.events.outcomes import Subject, describe_publish, describe_publish_refusal
from data_platform.verbs.events.recorder import record_outcomes
from data_platform.verbs.incidents import publish_incidents
from data_platform.verbs.policies import violations
from data_platform.verbs.policies.evaluate import Governed
from data_platform.verbs.publishing.audit_stage import AuditedStage
from data_platform.verbs.publishing.candidate import Candidate
from data_platform.verbs.publishing.judgement_row import build_judgement
from data_platform.verbs.publishing.lineage_edges import (
    build_column_edges,
    build_edges,
    join_column_edges,
    join_edges,
)
from data_platform.verbs.publishing.version_rows import (
    build_file_row,
    build_version_row,
    collect_facts,
    merge_statistics,
)
from data_platform.verbs.results import PublishResult
from data_platform.verbs.runs.published_run import record_version

_OPTIMISTIC_TRIES = 3


class PreconditionMoved(Exception):
    """The contract, the policies or an input changed since the audit: the publish is evaluated again."""


Pointer = tuple[str | None, int]
"""The location of an output's metadata and its version."""


class _SwapLost(Exception):
    """Another publish moved the pointer first: prepare again on top of it."""

    def __init__(self, pointer: Pointer) -> None:
        self.pointer = pointer


@dataclass(frozen=True)
class Promotion:
    """What is to become the next version; `run` is the id of the run that built it, if it is recorded."""

    target: Target
    candidate: Candidate
    audited: AuditedStage
    governed: Governed
    publish_run: PublishRun
    sealed: PublishSeal
    run: str | None = None


def promote(context: Context, promotion: Promotion) -> PublishResult:
    """Makes the staged rows the output's next version.

    Metadata is prepared outside the transaction, so that the record is locked briefly; after three lost swaps it is
    prepared inside, under the lock. Raises PreconditionMoved, StorageFailed.
    """
    candidate = promotion.candidate
    statistics = merge_statistics(promotion.target.contract, candidate)
    version = candidate.base.version if candidate.base else None
    pointer = (version.metadata_location, version.version) if version else _get_pointer(promotion.target.row)
    for attempt in range(_OPTIMISTIC_TRIES + 1):
        swap = _prepare(context, promotion, pointer) if attempt < _OPTIMISTIC_TRIES else None
        try:
            landed = _swap(context, promotion, swap, statistics)
        except _SwapLost as lost:
            if candidate.mode is not PublishMode.OVERWRITE:
                raise PreconditionMoved from None
            pointer = lost.pointer
            continue
        context.report_progress("promoted", promotion.candidate.rows)
        return _build_result(context, promotion, landed)
    raise AssertionError("a swap prepared under the lock cannot be lost")


def record_refusal(
    context: Context, target: Target, publish_run: PublishRun, refusal: Refused, audited: AuditedStage | None = None
) -> None:
    """Records the judgement and its incident, in one transaction; it takes no version number, and registers nothing.

    `audited` is what the rules said of data that was refused for another reason. A product that is not registered is
    kept as a draft that promises nothing; one that was renamed meanwhile has the refusal under its present name.
    """
    passed = audited.verdict if audited else None
    verdict = refusal.verdict if isinstance(refusal, DataQualityError) else passed
    score = score_verdict(verdict, target.output.name) if verdict else NO_FIT
    context.expect_outcome(refusal)

    def write_refusal(tx: Connection) -> None:
        authorize_again(context, tx)
        named = target.with_product_name(redirects.resolve_name(tx, target.product.name))
        row = replace(build_judgement(context, named, verdict, score), outcome="refused", error=refusal.message)
        draft = save_draft(context, tx, named.product) if target.pending else ()
        judged = judgements.add(tx, row)
        changes = publish_incidents.open_refusal_incidents(context, tx, named, refusal)
        outcome = describe_publish_refusal(
            Subject(named.product.name, named.name),
            refusal,
            judged,
            lambda: lineage_bodies.build_refusal_body(context, tx, named, publish_run, refusal),
        )
        record_outcomes(context, tx, *draft, outcome, *changes.outcomes)

    retry_on_contract_change(context, write_refusal)


def _get_pointer(row: OutputRow) -> Pointer:
    return row.metadata_location, row.version


def _prepare(context: Context, promotion: Promotion, pointer: Pointer) -> PointerSwap:
    target, (base, version) = promotion.target, pointer
    contents = Contents(
        promotion.candidate.staged,
        target.contract,
        target.ids,
        target.row.last_column_id,
        target.output.partition_by,
        collect_facts(context, target),
        promotion.candidate.kept_names,
    )
    place = context.place(target.product.name, target.name)

    def read_earlier() -> tuple[str, ...]:
        with context.record.reading() as conn:
            return versions.list_locations(conn, target.product.name, target.name)

    swap = prepare(place, base, version + 1, contents, context.clock(), read_earlier)
    context.report_progress("prepared", promotion.candidate.rows)
    return swap


def _swap(
    context: Context, promotion: Promotion, swap: PointerSwap | None, statistics: ColumnStatistics
) -> PointerSwap:
    """The swap that made the version current; raises _SwapLost when another publish came first.

    Metadata is discarded only where the swap surely did not land; a commit whose outcome is unknown leaves it to gc.
    """
    target = promotion.target
    product, output = target.product.name, target.name
    with authorized_transaction(context) as tx, _discard_on_error(context.place(product, output)) as prepared:
        prepared.append(swap)
        recorded = _record_pending(context, tx, target)
        row = _lock_output(tx, product, output)
        state = publish_state.read(tx, product, target.output.name, output)
        _check_preconditions(context, tx, promotion, row, state)
        if swap is None:
            swap = _prepare(context, promotion, _get_pointer(row))
            prepared.append(swap)
        _require_files(context, promotion, swap)
        if target.row.inferred and row.schema is None:
            outputs.save(tx, replace(target.row, deprecated_at=row.deprecated_at, ends_at=row.ends_at))
        if not outputs.swap(tx, product, output, swap.old, swap.new, swap.version):
            raise _SwapLost(_get_pointer(row))
        context.report_progress("swapped", promotion.candidate.rows)
        _supersede_lineage(tx, product, output, state)
        context.expect_outcome(_build_result(context, promotion, swap))
        _record(tx, context, promotion, state, swap, statistics, recorded)
        context.report_progress("recorded", promotion.candidate.rows)
    return swap


def _record_pending(context: Context, tx: Connection, target: Target) -> RecordedContract | None:
    """The contract that comes with the version; raises PreconditionMoved when it would now be judged otherwise."""
    if target.pending is None:
        return None
    with _convert_refusals():
        return record_contract(context, tx, target.pending)


@contextlib.contextmanager
def _convert_refusals() -> Iterator[None]:
    """Converts a refusal of a contract that passed before to PreconditionMoved."""
    try:
        yield
    except (Refused, InvalidSpec):
        raise PreconditionMoved from None


@contextlib.contextmanager
def _discard_on_error(place: TablePlace) -> Iterator[list[PointerSwap | None]]:
    prepared: list[PointerSwap | None] = []
    try:
        yield prepared
    except BaseException:
        for swap in prepared:
            if swap is not None:
                discard(place, swap)
        raise


def _lock_output(tx: Connection, product: str, output: str) -> OutputRow:
    """The locked output; raises PreconditionMoved for one that was retired, or has another name by now."""
    try:
        row = outputs.lock(tx, product, output)
    except NotFound:
        raise PreconditionMoved from None
    if row.closed:
        raise PreconditionMoved
    return row


def _check_preconditions(
    context: Context, tx: Connection, promotion: Promotion, row: OutputRow, state: PublishState
) -> None:
    """Raises PreconditionMoved, and StorageFailed where the lease ended; `state` was read under the output's lock."""
    target, audited = promotion.target, promotion.audited
    if state.contract_revision != target.revision or state.archived_at is not None:
        raise PreconditionMoved
    if state.policy_revision != promotion.governed.revision or state.reader_revisions != audited.consumers:
        raise PreconditionMoved
    if audited.inputs:
        newest = map_newest_versions(tx, {product for product, _ in audited.inputs})
        if any(newest.get(port) != version for port, version in audited.inputs.items()):
            raise PreconditionMoved
    if target.row.inferred and row.schema not in (None, target.row.schema):
        raise PreconditionMoved
    require_current_keys(context, tx, promotion.sealed, target.subject)
    check_stored(context, tx, target.product.domain, promotion.candidate.staged.bytes)
    if not leases.release(tx, promotion.candidate.staged.stage_id):
        raise _lease_expired_error(target)


def _record_lineage(tx: Connection, promotion: Promotion, version: int) -> None:
    """Records what the version was made from; one that keeps rows was made from the sources of those too."""
    product, output, run = promotion.target.product.name, promotion.target.name, promotion.publish_run
    edges = list(build_edges(product, output, version, run.reads))
    uses = list(build_column_edges(product, output, version, run.columns))
    base = promotion.candidate.base
    if base is not None and promotion.candidate.kept:
        before = product, output, base.version.version
        edges = list(join_edges(edges, lineage.list_by_version(tx, *before), version))
        uses = list(join_column_edges(uses, column_lineage.list_by_version(tx, *before), version))
    lineage.add(tx, edges)
    column_lineage.add(tx, uses)


def _supersede_lineage(tx: Connection, product: str, output: str, state: PublishState) -> None:
    """Makes the edges of the version before history."""
    if state.has_lineage:
        lineage.supersede(tx, product, output)
    if state.has_column_lineage:
        column_lineage.supersede(tx, product, output)


def _require_files(context: Context, promotion: Promotion, swap: PointerSwap) -> None:
    """Raises StorageFailed unless every file that the version will name is on disk, whole, at this moment."""
    target = promotion.target
    missing = find_missing(context.place(target.product.name, target.name), swap, promotion.candidate.staged)
    if missing is not None:
        what = f"nothing was published to {target.subject}: {missing} was removed or cut while the publish ran"
        raise StorageFailed(what, hint="see who removes files in the home, then publish again")


def _lease_expired_error(target: Target) -> StorageFailed:
    what = f"the lease of this publish to {target.subject} ran out, its staged files may be gone"
    return StorageFailed(what, hint="publish again")


def _record(
    tx: Connection,
    context: Context,
    promotion: Promotion,
    state: PublishState,
    swap: PointerSwap,
    statistics: ColumnStatistics,
    recorded: RecordedContract | None,
) -> None:
    target, candidate, verdict = promotion.target, promotion.candidate, promotion.audited.verdict
    product = target.product.name
    row = build_version_row(context, target, candidate, swap, statistics, verdict.outcome)
    versions.add(tx, row)
    if promotion.run is not None:  # before any audit entry: what ends runs locks in this order too
        record_version(context, tx, promotion.run, row)
    data_files.add(tx, [build_file_row(context, row, file) for file in candidate.staged.files])
    if candidate.kept:
        data_files.remove(tx, candidate.removed, swap.version)
    _record_lineage(tx, promotion, swap.version)
    judgements.add(tx, build_judgement(context, target, verdict, promotion.audited.score, swap.version))
    changes = publish_incidents.update_after_publish(
        context, tx, target, verdict, statistics, has_open=state.has_incidents
    )
    changes.add(violations.update_incidents(context, tx, [(product, promotion.governed)]))
    written = WrittenVersion(swap.version, candidate.rows, candidate.bytes, candidate.files)
    outcome = describe_publish(
        row,
        lambda: lineage_bodies.build_publish_body(context, tx, target, promotion.publish_run, written, verdict),
    )
    if recorded is None:
        record_outcomes(context, tx, outcome, *changes.outcomes)
        return
    with _convert_refusals():
        recorded.record(context, tx, outcome, *changes.outcomes)


def _build_result(context: Context, promotion: Promotion, swap: PointerSwap) -> PublishResult:
    target = promotion.target
    location = context.place(target.product.name, target.name).location
    rows, verdict = promotion.candidate.rows, hide_consumers(promotion.audited.verdict, promotion.audited.hidden)
    remedy = f"data-platform repair {target.product.name}.{target.output.name} rewrites it"
    damage = (f"{swap.damaged}; this version was published without it, and {remedy}",) if swap.damaged else ()
    return PublishResult(True, target.product.name, target.label, swap.version, location, rows, verdict, damage)
