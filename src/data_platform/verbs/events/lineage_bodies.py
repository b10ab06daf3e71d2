"""What OpenLineage says of outcomes: its events, built from the facts of the act and of the record.

The recorder builds a body in the transaction of the act, where the record keeps it or a destination takes it.
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
from data_platform.lineage.naming import Name, name_job, name_output
from data_platform.lineage.uses import ColumnLineage, ColumnUse
from data_platform.quality.verdict import DataQualityError, Verdict
from data_platform.record.catalog import products, versions
from data_platform.record.catalog.outputs import OutputRow
from data_platform.spec.product.contract import Contract
from data_platform.spec.product.model import Input
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.lookup.effective_contract import find_last_listing
from data_platform.verbs.core.lookup.publish_target import Target
from data_platform.verbs.core.lookup.resolve import find_output_row, resolve_output
from data_platform.verbs.events.dataset_names import build_port, name_origin, name_row, name_table


@dataclass(frozen=True, slots=True)
class PublishRun:
    """A publish that has begun: when, what its rows are made from, and the id that its stage and its run share."""

    at: datetime
    reads: Mapping[Origin, frozenset[str]] = field(default_factory=dict)
    columns: ColumnLineage[Origin] = field(default_factory=ColumnLineage)
    sql: str | None = None
    id: UUID = field(default_factory=uuid4)


def build_registration_body(
    context: Context,
    tx: Connection,
    contract: Contract,
    rows: Collection[OutputRow],
    altered: Collection[str] = (),
) -> list[Json]:
    """A contract that was just recorded; `rows` are its outputs, `altered` those that had another schema before."""
    product = contract.product
    ports = []
    for output in product.outputs:
        row = find_output_row(rows, product, output)
        keyed = replace(output, name=row.name) if row else output
        ends_at = row.ends_at if row else None
        ports.append(build_port(context, product, keyed, contract.schemas.get(product.label(output)), ends_at))
    inputs = [_name_input(context, tx, needed) for needed in product.inputs]
    return openlineage.build_registration_events(ports, inputs, context.clock(), altered)


def build_rename_body(context: Context, contract: Contract, formerly: str) -> list[Json]:
    """A product's new name, as a contract of that name whose datasets were renamed."""
    ports = [build_port(context, contract.product, output, None) for output in contract.product.outputs]
    return openlineage.build_rename_events(ports, formerly, context.clock())


def build_publish_body(
    context: Context, tx: Connection, target: Target, run: PublishRun, written: WrittenVersion, verdict: Verdict
) -> list[Json]:
    """A version that was just recorded, and its verdict."""
    port = build_port(context, target.product, target.port, target.contract, target.row.ends_at)
    return openlineage.build_publish_events(
        port, _build_run(context, run), _describe_inputs(context, tx, run), written, _convert_findings(verdict)
    )


def build_refusal_body(
    context: Context, tx: Connection, target: Target, publish_run: PublishRun, refusal: Refused
) -> list[Json]:
    """A refused publish, with the verdict where rules refused it."""
    verdict = refusal.verdict if isinstance(refusal, DataQualityError) else Verdict()
    port = build_port(context, target.product, target.port, target.schema, target.row.ends_at)
    run, made = _build_run(context, publish_run), _describe_inputs(context, tx, publish_run)
    return openlineage.build_refusal_events(port, run, made, _describe_refusal(refusal), _convert_findings(verdict))


def build_read_body(context: Context, tx: Connection, product: str, output: str, version: int) -> list[Json]:
    """A read of a version, without the name of its reader."""
    now = context.clock()
    reader = name_job(products.find_domain(tx, product), product, output, openlineage.CONSUME)
    used = Used(name_table(context, product, output), version)
    return openlineage.build_consume_events(reader, JobRun(uuid4(), now, now), used)


def build_deprecation_body(context: Context, tx: Connection, row: OutputRow, ends_at: datetime) -> list[Json]:
    """The contract of a major with its announced end; nothing where the record does not keep the contract."""
    listing = find_last_listing(tx, row)
    if listing is None:
        return []
    contract, output = listing
    schema = contract.schemas.get(contract.product.label(output))
    port = build_port(context, contract.product, replace(output, name=row.name), schema, ends_at)
    return openlineage.build_deprecation_events(port, context.clock())


def build_retirement_body(context: Context, row: OutputRow) -> list[Json]:
    """A major whose dataset is no longer there."""
    dataset, logical = name_row(context, row), name_output(row.product, row.name)
    return openlineage.build_retirement_events(dataset, logical, context.clock())


def _build_run(context: Context, publish_run: PublishRun) -> JobRun:
    return JobRun(publish_run.id, publish_run.at, context.clock())


def _describe_use(context: Context, tx: Connection, origin: Origin, name: Name) -> Used:
    row = None
    if origin.kind == "product" and origin.version is not None:
        row = versions.find(tx, origin.name, origin.output, origin.version)
    schema = row.schema if row is not None else None
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


def _name_input(context: Context, tx: Connection, needed: Input) -> Name:
    """A declared input, which need not be registered yet."""
    try:
        row = resolve_output(tx, needed.data_product, str(needed.wanted))
    except NotFound:
        return name_table(context, needed.data_product, needed.output)
    return name_row(context, row)
