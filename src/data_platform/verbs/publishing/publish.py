"""publish: stage → audit → promote. All of it becomes visible in one transaction."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

import pyarrow as pa
from sqlalchemy import Connection

from data_platform.engine.origin import Origin
from data_platform.errors import (
    AccessDenied,
    ContractMoved,
    DataPlatformError,
    IncompatibleChange,
    NoRows,
    NotFound,
    PolicyViolation,
    Refused,
    RunConflict,
)
from data_platform.lineage.uses import ColumnLineage
from data_platform.quality.verdict import DataQualityError
from data_platform.record.catalog import products, redirects, versions
from data_platform.record.catalog.products import ProductRow
from data_platform.record.operations import leases
from data_platform.record.operations.event_kinds import EventKind
from data_platform.settings.read_options import STANDARD, ReadOptions
from data_platform.spec.casting.cast import Caster
from data_platform.spec.product.loading import ProductFile
from data_platform.spec.product.publish_mode import PublishMode
from data_platform.spec.rules.model import Rule
from data_platform.spec.schema.arrow import from_arrow
from data_platform.tables.intake import Intake, cast_arguments, open_data
from data_platform.tables.intake.row_limit import MEBIBYTE
from data_platform.tables.orphans import remove_stage
from data_platform.tables.staging.sample import RowSample
from data_platform.tables.staging.stage import StageOrder, stage
from data_platform.verbs.contracts.register import register_within, retry_on_contract_change
from data_platform.verbs.contracts.unchanged import is_registered
from data_platform.verbs.core.authorization.authorize import find_hidden_products
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.encryption.column_encryption import seal_publish
from data_platform.verbs.core.lookup.publish_target import Target, find_target, refuse_renamed, settle_target
from data_platform.verbs.core.lookup.resolve import (
    product_not_found,
    resolve_output,
    resolve_output_name,
    resolve_product,
)
from data_platform.verbs.core.lookup.undeclared_inputs import (
    Read,
    describe_undeclared_inputs,
    find_undeclared_inputs,
    select_product_reads,
)
from data_platform.verbs.core.quotas import check_publish, limit_staged_bytes, publish_slot
from data_platform.verbs.core.request import Request
from data_platform.verbs.events.lineage_bodies import PublishRun
from data_platform.verbs.events.outcomes import ActOutcome, Subject, describe_contract_refusal
from data_platform.verbs.events.recorder import record_outcomes
from data_platform.verbs.incidents import publish_incidents
from data_platform.verbs.policies.evaluate import Governed, evaluate_publish
from data_platform.verbs.publishing.anonymised import describe_inherited
from data_platform.verbs.publishing.audit_stage import AuditedStage, audit
from data_platform.verbs.publishing.caller_reads import add_caller_reads
from data_platform.verbs.publishing.candidate import assemble, find_base
from data_platform.verbs.publishing.pii_propagation import Lineage, find_inherited_pii
from data_platform.verbs.publishing.promote import PreconditionMoved, Promotion, promote, record_refusal
from data_platform.verbs.results import PublishResult
from data_platform.verbs.runs.published_run import claim_publish
from data_platform.verbs.runs.run_info import run_not_found

LEASE = timedelta(hours=6)


@dataclass(frozen=True)
class Publish(Request[PublishResult]):
    """Replace the content of one output by the data beside it; a new or changed `file` is registered with the version.

    `lineage` says what was read to make it, `consumed` what its pipeline read besides; `column_lineage` says of a frame
    what each column is made from, and `sql` how, without values. An output without a schema of its own
    keeps its columns and rows, unless `allow_missing_columns` (null takes their place) or `allow_empty` is set.
    `options` say how a text file is written. `run` is the id of the run that built the data; a run publishes once.
    `mode` says what stays of the version before.
    """

    product: str
    output: str
    file: ProductFile | None = None
    lineage: Lineage = field(default_factory=dict)
    expectations: tuple[Rule, ...] = ()
    column_lineage: ColumnLineage[Origin] = field(default_factory=ColumnLineage)
    sql: str | None = None
    consumed: frozenset[Origin] = frozenset()
    allow_missing_columns: bool = False
    allow_empty: bool = False
    options: ReadOptions = STANDARD
    run: str | None = None
    mode: PublishMode = PublishMode.OVERWRITE

    @property
    def reads(self) -> frozenset[Read]:
        """The outputs of products that were read, whether or not rows came from them."""
        return select_product_reads((*self.lineage, *self.consumed))


def publish(context: Context, request: Publish) -> PublishResult:
    """Stages, audits and promotes; returns only when the new version is durable and visible.

    Raises Refused (DataQualityError, SchemaMismatch, IncompatibleChange, …), which is recorded; BadInput, when the
    data cannot be read; Unavailable, for failures of disk or database. In all three the last good version stays.
    """
    started = context.clock()
    _check_quota(context, request)
    target = _find_first_target(context, request)
    request = _with_versions(context, request) if request.lineage else request
    request = replace(request, lineage=add_caller_reads(context, request.product, request.run, request.lineage))
    publish_run = _make_publish_run(request, started)
    context.report_progress("registered", 0)
    try:
        inherited = _find_inherited_pii(context, request, target)
        target = target.with_inherited_pii(inherited) if target.schema is not None else target
        protected = {*target.product.pii_columns, *inherited}
        opened = open_data(
            context.attachments.data,
            None if target.schema is None else target.contract,
            request.options,
            protected=protected,
            row_limit=context.settings.limits.row_mb * MEBIBYTE,
        )
        with contextlib.closing(opened) as intake:
            if target.schema is None:
                target = target.with_inferred_schema(from_arrow(intake.schema), inherited)
            find_base(context, target, request.mode)
            slot = publish_slot(context, target.product.domain, publish_run.id.hex)
            with slot, _lease_stage(context, request, target, publish_run):
                context.report_progress("leased", 0)
                return _stage_audit_promote(context, request, target, intake, publish_run)
    except (AccessDenied, PolicyViolation, RunConflict):  # recorded where it was judged, or no judgement of the data
        raise
    except Refused as refusal:
        record_refusal(context, target, publish_run, refusal)
        raise


def _check_quota(context: Context, request: Publish) -> None:
    """Raises LimitExceeded where the domain's quota is used up: before a new or changed file takes a lock."""
    if not context.settings.quotas:
        return
    name = request.file.product.name if request.file is not None else request.product
    with context.record.reading() as conn:
        registered = products.find(conn, redirects.resolve_name(conn, name))
    if registered is not None:
        check_publish(context, registered.domain)
    elif request.file is not None:
        check_publish(context, request.file.product.domain)


def _make_publish_run(request: Publish, started: datetime) -> PublishRun:
    """The run of the publish's events: that which built the data, or one of its own."""
    made = PublishRun(started, request.lineage, request.column_lineage, request.sql)
    if request.run is None:
        return made
    try:
        return replace(made, id=UUID(request.run))
    except ValueError:
        raise run_not_found(request.run) from None


def _stage_audit_promote(
    context: Context, request: Publish, target: Target, intake: Intake, publish_run: PublishRun
) -> PublishResult:
    product, output = target.product.name, target.name
    subject = Subject(product, output)
    sealed = seal_publish(
        context, product, output, target.contract, lambda made: _record_new_keys(context, subject, made)
    )
    check_bytes = limit_staged_bytes(context, target.product.domain)
    order = StageOrder(
        publish_run.id.hex,
        target.contract,
        target.ids,
        target.output.partition_by,
        sealed.seal,
        check_bytes=check_bytes,
    )
    batches = _cast(target, intake, complete=target.row.inferred and not request.allow_missing_columns)
    place = context.place(product, output)
    sample = RowSample(target.contract)
    staged = stage(place, order, sample.watch(batches), lambda rows: context.report_progress("staging", rows))
    context.close_data()
    context.report_progress("staged", staged.rows)
    while True:
        if not staged.rows and not request.allow_empty and request.mode is PublishMode.OVERWRITE:
            _refuse_loss_of_rows(context, target)
        candidate = assemble(context, target, staged, request.mode)
        audited = audit(context, target, candidate, sealed, sample)
        context.report_progress("audited", len(audited.verdict.results))
        if not audited.verdict.passed:
            raise DataQualityError(target.subject, audited.verdict, audited.hidden)
        try:
            governed = _evaluate_policies(context, request, target, audited, publish_run)
            promotion = Promotion(target, candidate, audited, governed, publish_run, sealed, request.run)
            done = promote(context, promotion)
            warnings = _collect_warnings(context, request, target, candidate.rows, governed)
            hints = filter(None, [audited.verdict.hint])
            return replace(done, warnings=(*done.warnings, *audited.warnings, *warnings, *hints))
        except PreconditionMoved:
            target = _judge_again(context, request, target, publish_run)


def _record_new_keys(context: Context, subject: Subject, made: Sequence[str]) -> None:
    """Records new keys, by their ids, in a transaction of its own: before anything is sealed with them."""
    with context.record.transaction() as tx:
        record_outcomes(context, tx, ActOutcome(EventKind.KEY_MADE, subject, {"made": list(made)}))


def _refuse_loss_of_rows(context: Context, target: Target) -> None:
    """Raises NoRows where data without rows would replace rows, and no contract says that this may be."""
    if not target.row.inferred:
        return
    with context.record.reading() as conn:
        newest = versions.find_latest(conn, target.product.name, target.name)
    if newest is not None and newest.rows:
        raise NoRows(
            f"{target.subject} has {newest.rows:,} row{'s' * (newest.rows != 1)}, and the data that would replace "
            f"{'them' if newest.rows != 1 else 'it'} has none",
            hint="to allow it: --allow-empty (allow_empty=True), or give the output a schema",
        )


def _evaluate_policies(
    context: Context, request: Publish, target: Target, audited: AuditedStage, publish_run: PublishRun
) -> Governed:
    try:
        return evaluate_publish(
            context, audited.policies, target, audited.score, audited.verdict.outcome, request.reads
        )
    except PolicyViolation as refusal:
        record_refusal(context, target, publish_run, refusal, audited)
        raise


def _judge_again(context: Context, request: Publish, target: Target, publish_run: PublishRun) -> Target:
    """The target under the current contract; a pending one is judged beside the same contract, or refused."""
    reference = f"{target.output.name}@{target.row.major}"
    with context.record.reading() as conn:
        registered = products.find(conn, redirects.resolve_name(conn, request.product))
        if target.pending is not None:
            current = _find_unchanged(conn, request.product, target.pending)
        else:
            current = registered or resolve_product(conn, request.product)
        if current is not None:
            return settle_target(target, find_target(conn, current, reference, request.expectations))
    if registered is not None:
        refuse_renamed(target, registered.name)
    if (registered.revision if registered else 0) + 1 != target.revision:
        raise ContractMoved(f"{target.product.name} was registered again just now", hint="publish again")
    try:
        return settle_target(target, _find_target(context, request, reference))
    except PolicyViolation as refusal:
        record_refusal(context, target, publish_run, refusal)
        raise


def _find_first_target(context: Context, request: Publish) -> Target:
    try:
        return _find_target(context, request, request.output)
    except (IncompatibleChange, PolicyViolation) as refusal:
        publish_incidents.open_contract_incident(context, request.product, request.output, refusal)
        raise
    except AccessDenied:
        raise
    except Refused as refusal:  # such as a stranger's: no incident of the product's owner
        with context.record.transaction() as tx:
            record_outcomes(context, tx, describe_contract_refusal(request.product, refusal))
        raise


def _find_target(context: Context, request: Publish, output: str) -> Target:
    """The contract that the data is judged by: the one in force, or that of a file that is new or changed.

    Such a file is registered in a transaction that is rolled back: a refusal is raised before anything is staged,
    and it is recorded by the promote, or not at all.
    """
    file = request.file
    with context.record.reading() as conn:
        if file is None:
            return find_target(conn, resolve_product(conn, request.product), output, request.expectations)
        registered = _find_unchanged(conn, request.product, file)
        if registered is not None:
            return find_target(conn, registered, output, request.expectations)

    def register_and_find(tx: Connection) -> Target:
        register_within(context, tx, file)
        target = find_target(tx, resolve_product(tx, request.product), output, request.expectations)
        tx.rollback()
        return replace(target, pending=file)

    return retry_on_contract_change(context, register_and_find)


def _find_unchanged(conn: Connection, product: str, file: ProductFile) -> ProductRow | None:
    """The product to publish to, if the registered contract of the file's product is that of the file."""
    row = products.find(conn, file.product.name)
    if row is None or not is_registered(row, file):
        return None
    return row if row.name == product else resolve_product(conn, product)


def _find_inherited_pii(context: Context, request: Publish, target: Target) -> dict[str, str]:
    """The columns that the data makes personal, each with the warning about it."""
    if not request.lineage and not request.column_lineage.fields:
        return {}
    with context.record.reading() as conn:
        inherited = find_inherited_pii(context, conn, request.lineage, request.column_lineage, target.schema)
        return describe_inherited(conn, target, inherited, request.column_lineage)


def _collect_warnings(
    context: Context, request: Publish, target: Target, rows: int, governed: Governed
) -> tuple[str, ...]:
    empty = () if rows else (f"{target.subject} has 0 rows now; a rule passes where there is nothing to judge",)
    if not request.reads and not request.column_lineage.fields:
        return (*empty, *governed.warnings)
    product = target.product
    with context.record.reading() as conn:
        undeclared = describe_undeclared_inputs(product, find_undeclared_inputs(conn, product, request.reads))
        return (*empty, *governed.warnings, *undeclared, *target.inherited.values())


def _with_versions(context: Context, request: Publish) -> Publish:
    """A given origin without a version means the newest; raises NotFound for one that does not exist."""
    with context.record.reading() as conn:
        hidden = find_hidden_products(context, conn)
        origins = {origin: _with_version(conn, origin, hidden) for origin in request.lineage}
    columns = request.column_lineage.map_uses(lambda use: replace(use, table=origins.get(use.table, use.table)))
    lineage = {origins[origin]: read for origin, read in request.lineage.items()}
    return replace(request, lineage=lineage, column_lineage=columns)


def _with_version(conn: Connection, origin: Origin, hidden: Collection[str]) -> Origin:
    if origin.kind == "source":
        return origin
    product = resolve_product(conn, origin.name).name
    if product in hidden:
        raise product_not_found(conn, origin.name, hidden)
    row = resolve_output(conn, product, resolve_output_name(conn, product, origin.output))
    if not 1 <= (origin.version or row.version) <= row.version:
        raise NotFound(f"lineage names {origin}, which has no such version", hint=f"its newest is {row.version}")
    return replace(origin, name=product, output=row.name, version=origin.version or row.version)


def _cast(target: Target, intake: Intake, *, complete: bool) -> Iterator[pa.RecordBatch]:
    schema, inferred = target.contract, target.row.inferred
    arguments = cast_arguments(intake)
    caster = Caster(schema, intake.schema, target.subject, **arguments, complete=complete, inferred=inferred)

    def cast_batches() -> Iterator[pa.RecordBatch]:
        yield from map(caster.cast, intake.batches)
        caster.require_present(intake.absent())

    return cast_batches()


@contextlib.contextmanager
def _lease_stage(context: Context, request: Publish, target: Target, publish_run: PublishRun) -> Iterator[None]:
    """A stage under a lease; whatever is not promoted is removed on the way out, and by gc after a crash."""
    stage_id = publish_run.id.hex
    product, output = target.product.name, target.name
    with context.record.transaction() as tx:
        if request.run is not None:
            claim_publish(context, tx, request.run, product, output)
        leases.open(tx, stage_id, product, output, context.principal.name, context.clock() + LEASE)
    try:
        yield
    except BaseException:
        with contextlib.suppress(DataPlatformError, OSError):
            _discard_stage(context, target, stage_id)
        raise


def _discard_stage(context: Context, target: Target, stage_id: str) -> None:
    """Removes staged files only while their lease is open: without one, the promote may have been committed."""
    with context.record.transaction() as tx:
        unpromoted = leases.abandon(tx, stage_id, context.clock())
    if unpromoted:
        remove_stage(context.place(target.product.name, target.name), stage_id)
