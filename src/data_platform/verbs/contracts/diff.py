"""diff: what registering a product.yaml would change and break; nothing is written.

The file is registered in a transaction that is rolled back, so that diff and register can never differ.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from data_platform.errors import Refused
from data_platform.governance.facts import Consumer
from data_platform.record.catalog import outputs, products
from data_platform.record.catalog.outputs import OutputRow
from data_platform.record.catalog.products import ProductRow
from data_platform.spec.product.contract import Contract
from data_platform.spec.product.loading import ProductFile, load_product
from data_platform.verbs.contracts.register import assess_change, register_within
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.lookup.resolve import with_major
from data_platform.verbs.core.request import Request
from data_platform.verbs.policies.evaluate import (
    AT_REGISTER,
    CallerFacts,
    Governed,
    load_active_policies,
    with_inferred,
)
from data_platform.verbs.policies.evaluate import evaluate_contract as judged_by_policies
from data_platform.verbs.policies.schema_evolution import AssessedChange, ChangeAssessment
from data_platform.verbs.results import BreakInfo, ChangeInfo, ConsumerInfo, Difference, Registration


@dataclass(frozen=True, slots=True)
class Diff(Request[Difference]):
    """What registering the file would do."""

    file: ProductFile

    @property
    def product(self) -> str:
        """The name that the file gives the product."""
        return self.file.product.name

    @classmethod
    def of(cls, product: str | Path | ProductFile) -> Diff:
        """The request for a product.yaml, its folder, or what was loaded of it; raises InvalidSpec."""
        return cls(product if isinstance(product, ProductFile) else load_product(product))


def diff(context: Context, request: Diff) -> Difference:
    """What would change, what breaks and for whom; a refusal is part of the answer."""
    with context.record.transaction() as tx:
        difference = _build_difference(context, tx, request.file)
        tx.rollback()
    return difference


def _build_difference(context: Context, tx: Connection, file: ProductFile) -> Difference:
    product = file.product
    registered = products.find(tx, product.name)
    rows = [with_major(row, registered) for row in outputs.list_by_product(tx, registered.name)] if registered else []
    active = load_active_policies(context, tx)
    judged = assess_change(context, tx, active, registered, file.contract, rows) if registered else ChangeAssessment()
    governed = _evaluate_policies(context, tx, file.contract, registered, rows)
    refusal, done = _try_register(context, tx, file)
    listed_elsewhere = {str(change.to_break(context.clock())) for change in judged.tolerated} | set(governed.warnings)
    warnings = done.warnings if done else tuple(map(str, file.warnings))
    return Difference(
        product=product.name,
        domain=product.domain,
        owner=product.owner,
        verdict="refused" if done is None else "new" if done.created else "changed" if done.changed else "unchanged",
        revision=registered.revision if registered else None,
        changes=tuple(_list_changes(judged)),
        breaks=tuple(map(_build_break, judged.weighed)),
        versions=judged.wanted or judged.comparison.advice,
        findings=governed.violations,
        warnings=tuple(warning for warning in warnings if warning not in listed_elsewhere),
        refusal=refusal.message if refusal else None,
        hint=refusal.hint if refusal else None,
    )


def _evaluate_policies(
    context: Context, tx: Connection, new: Contract, registered: ProductRow | None, rows: Sequence[OutputRow]
) -> Governed:
    previous = with_inferred(registered.contract, rows) if registered else None
    return judged_by_policies(
        context, tx, load_active_policies(context, tx), with_inferred(new, rows), CallerFacts(previous), AT_REGISTER
    )


def _try_register(context: Context, tx: Connection, file: ProductFile) -> tuple[Refused | None, Registration | None]:
    try:
        return None, register_within(context, tx, file)
    except Refused as refusal:
        return refusal, None


def _list_changes(judged: ChangeAssessment) -> Iterator[ChangeInfo]:
    """Every change that breaks nothing; those that do are listed with their consumers."""
    for change in judged.comparison.changes:
        if not change.breaking:
            yield ChangeInfo(change.subject, change.message, change.output)
        elif change.allowed:
            yield ChangeInfo(change.subject, f"{change.message} (a new major lets it pass)", change.output)


def _build_break(weighed: AssessedChange) -> BreakInfo:
    change = weighed.change
    consumers = tuple(map(_build_consumer, weighed.consumers))
    return BreakInfo(change.subject, weighed.message, change.output, change.columns, weighed.refused, consumers)


def _build_consumer(consumer: Consumer) -> ConsumerInfo:
    return ConsumerInfo(consumer.name, consumer.owner, consumer.domain, consumer.columns, consumer.last_read)
