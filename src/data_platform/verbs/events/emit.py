"""Events of what verbs did, each written in the transaction of the change itself.

The event carries what OpenLineage says of it, and where a receiver is set up, the same transaction puts it into the
outbox: either both the change and its event are there, or neither.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import Connection

from data_platform.engine.origin import Origin
from data_platform.errors import NotFound, Refused, SchemaMismatch
from data_platform.lineage import events as openlineage
from data_platform.lineage.facets.envelope import Json
from data_platform.lineage.facts import JobRun, Made, RuleFinding, Used, WrittenVersion
from data_platform.lineage.naming import Name, name_job, name_stream
from data_platform.lineage.uses import ColumnLineage, ColumnUse
from data_platform.quality.verdict import DataQualityError, Verdict
from data_platform.record.catalog import outputs, products, versions
from data_platform.record.operations import events, outbox
from data_platform.record.operations.events import Event
from data_platform.spec.product.contract import Contract
from data_platform.spec.product.model import Input, Output, Product
from data_platform.spec.schema.record import restore_schema
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.publish_target import Target
from data_platform.verbs.core.resolve import resolve_output
from data_platform.verbs.events.dataset_names import build_port, name_origin, name_table

OPENLINEAGE = "openlineage"
"""The destination of messages that go to the receiver of `[openlineage]`."""


@dataclass(frozen=True, slots=True)
class PublishRun:
    """A publish that has begun: when, what its rows are made from, and the id that its stage and its run share."""

    at: datetime
    reads: Mapping[Origin, frozenset[str]] = field(default_factory=dict)
    columns: ColumnLineage[Origin] = field(default_factory=ColumnLineage)
    sql: str | None = None
    id: UUID = field(default_factory=uuid4)


def emit_registration(context: Context, tx: Connection, contract: Contract, altered: Collection[str] = ()) -> None:
    """Emits a contract that was just recorded; `altered` are the outputs that had another schema before."""
    product = contract.product
    keys = outputs.map_later_majors(tx, product.name)
    ports = [
        build_port(context, product, _with_key(product, output, keys), contract.schemas.get(product.label(output)))
        for output in product.outputs
    ]
    inputs = [_name_input(context, tx, needed) for needed in product.inputs]
    body = openlineage.build_registration_events(ports, inputs, context.clock(), altered)
    wanted = context.settings.openlineage is not None and context.settings.openlineage.contracts
    _emit_event(
        context, tx, product.name, "registered", body, _build_key(product.domain, product.name) if wanted else None
    )


def emit_renaming(context: Context, tx: Connection, contract: Contract, formerly: str) -> None:
    """Emits a product's new name, as a contract of that name whose datasets were renamed.

    The event under the old name makes consumers of events, such as the search index, drop that name.
    """
    product = contract.product
    ports = [build_port(context, product, output, None) for output in product.outputs]
    body = openlineage.build_rename_events(ports, formerly, context.clock())
    events.add(tx, Event(0, 0, formerly, "renamed", context.clock(), context.principal.name, None))
    wanted = context.settings.openlineage is not None and context.settings.openlineage.contracts
    _emit_event(
        context, tx, product.name, "renamed", body, _build_key(product.domain, product.name) if wanted else None
    )
    emit_registration(context, tx, contract)


def emit_publish(
    context: Context, tx: Connection, target: Target, run: PublishRun, written: WrittenVersion, verdict: Verdict
) -> None:
    """Emits a version that was just recorded, and its verdict."""
    port = build_port(context, target.product, target.port, target.contract)
    body = openlineage.build_publish_events(
        port, _build_run(context, run), _describe_inputs(context, tx, run), written, _convert_findings(verdict)
    )
    _emit_event(
        context, tx, target.product.name, "published", body, _build_key(target.product.domain, target.product.name)
    )


def emit_refusal(context: Context, tx: Connection, target: Target, publish_run: PublishRun, refusal: Refused) -> None:
    """Emits a refused publish, with the verdict where rules refused it."""
    verdict = refusal.verdict if isinstance(refusal, DataQualityError) else Verdict()
    port = build_port(context, target.product, target.port, target.schema)
    run, made = _build_run(context, publish_run), _describe_inputs(context, tx, publish_run)
    body = openlineage.build_refusal_events(port, run, made, _describe_refusal(refusal), _convert_findings(verdict))
    _emit_event(
        context, tx, target.product.name, "refused", body, _build_key(target.product.domain, target.product.name)
    )


def emit_read(context: Context, tx: Connection, product: str, output: str, version: int) -> None:
    """Emits a read of a version, without the name of its reader."""
    now = context.clock()
    reader = name_job(products.find_domain(tx, product), product, output, openlineage.CONSUME)
    used = Used(name_table(context, product, output), version)
    body = openlineage.build_consume_events(reader, JobRun(uuid4(), now, now), used)
    wanted = context.settings.openlineage is not None and context.settings.openlineage.reads
    _emit_event(context, tx, product, "consumed", body, reader if wanted else None)


def _emit_event(context: Context, tx: Connection, product: str, kind: str, body: list[Json], key: Name | None) -> None:
    """Messages of one key leave in order: those of a product, and beside them each of its readers' jobs."""
    now = context.clock()
    event = events.add(tx, Event(0, 0, product, kind, now, context.principal.name, body))
    if context.settings.openlineage is not None and key is not None:
        outbox.add(tx, event, str(key), (OPENLINEAGE,), now)


def _build_key(domain: str, product: str) -> Name:
    return Name(domain, product)


def _build_run(context: Context, publish_run: PublishRun) -> JobRun:
    return JobRun(publish_run.id, publish_run.at, context.clock())


def _describe_use(context: Context, tx: Connection, origin: Origin, name: Name) -> Used:
    row = None
    if origin.kind == "product" and origin.version is not None:
        row = versions.find(tx, origin.name, origin.output, origin.version)
    schema = restore_schema(row.schema) if row is not None and row.schema else None
    return Used(name, origin.version, schema, context.storage.build_uri() if row is not None else None)


def _describe_inputs(context: Context, tx: Connection, run: PublishRun) -> Made:
    names = {origin: name_origin(context, origin) for origin in run.reads}
    inputs = [
        _describe_use(context, tx, origin, name)
        for origin, name in sorted(names.items(), key=lambda item: str(item[0]))
    ]

    def convert_use(use: ColumnUse[Origin]) -> ColumnUse[Name]:
        table = names.get(use.table) or name_origin(context, use.table)
        return ColumnUse(table, use.column, use.type, use.subtype, use.masking)

    return Made(inputs, run.columns.map_uses(convert_use) if run.columns.fields else None, run.sql)


def _convert_findings(verdict: Verdict) -> list[RuleFinding]:
    """What rules found; rows and the texts of errors stay in the mesh, they may hold values."""
    return [RuleFinding(result.rule, result.passed, result.value) for result in verdict.results]


def _describe_refusal(refusal: Refused) -> str:
    """The refusal in a line without values of the data."""
    if isinstance(refusal, SchemaMismatch):
        columns = ", ".join(f"{mismatch.column} ({mismatch.kind})" for mismatch in refusal.mismatches)
        return f"the data does not fit its contract: {columns}"
    return refusal.summary


def _with_key(product: Product, output: Output, keys: Mapping[tuple[str, str, int], str]) -> Output:
    key = keys.get((product.name, output.name, product.major(output)))
    return replace(output, name=key) if key else output


def _name_input(context: Context, tx: Connection, needed: Input) -> Name:
    """A declared input, which need not be registered yet."""
    try:
        row = resolve_output(tx, needed.data_product, str(needed.wanted))
    except NotFound:
        return name_table(context, needed.data_product, needed.output)
    return name_stream(row.topic) if row.topic else name_table(context, row.product, row.name)
