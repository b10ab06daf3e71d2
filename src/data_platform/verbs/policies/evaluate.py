"""Evaluates the active policies on a product: facts are read from the record, and waived violations are marked.

A register is judged by what it would make the contract; a publish by its data too; a consume by who would read. What is
about a change (`previous`, schema-evolution) is judged when the contract changes, and never of a product at rest.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, TypeVar

from sqlalchemy import Connection

from data_platform.errors import PolicyViolation, Violation
from data_platform.governance.facts import (
    UNKNOWN,
    AttestationFact,
    AuditTrail,
    Breakage,
    Consumer,
    Facts,
    Need,
    QualityFact,
    Unknown,
    leave_out_products,
)
from data_platform.governance.policies import (
    NO_POLICIES,
    ActivePolicies,
    CompiledPolicies,
    CompiledPolicy,
    PolicyFinding,
    compile_policies,
    judge,
    judge_policy,
)
from data_platform.quality.score import Score
from data_platform.quality.verdict import Outcome
from data_platform.record.audit_log.trail import check_trail, find_broken_trails
from data_platform.record.catalog import outputs, products
from data_platform.record.catalog.outputs import OutputRow
from data_platform.record.catalog.products import ProductRow
from data_platform.record.governance import attestations, judgements, policies, waivers
from data_platform.record.governance.waivers import Waiver
from data_platform.spec.policies import Enforcement, Evolution, read_policies
from data_platform.spec.product.contract import Contract
from data_platform.verbs.core.authorization.reader_names import ReaderNames
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.lookup.resolve import find_output_row, resolve_product, with_major
from data_platform.verbs.core.lookup.undeclared_inputs import Read, find_recorded_reads, find_undeclared_inputs
from data_platform.verbs.policies.consumers import build_consumer, hide_people, list_consumers

if TYPE_CHECKING:
    from data_platform.record.catalog.versions import VersionRow
    from data_platform.verbs.core.lookup.publish_target import Target

Granted = TypeVar("Granted", attestations.Attestation, Waiver)

AT_REGISTER = frozenset([Need.QUALITY, Need.BREAKS])
"""Left out at register: there is no data yet, and `verbs/policies/schema_evolution` judges what breaks."""

AT_REST = frozenset([Need.PREVIOUS, Need.BREAKS])
"""Left out while a product does not change."""


@dataclass(frozen=True, slots=True)
class SharedFacts:
    """What is known of every product, by name: exceptions from policies, and audit logs that do not verify."""

    attested: Mapping[str, Sequence[attestations.Attestation]]
    waived: Mapping[str, Sequence[Waiver]]
    broken_trails: Mapping[str, str]

    @classmethod
    def of(cls, conn: Connection, active: ActivePolicies) -> SharedFacts:
        """What these policies need, in three queries however many products there are."""
        broken = find_broken_trails(conn) if Need.AUDIT_TRAIL in active.compiled.needs else {}
        return cls(
            _group_by_product(attestations.list_history(conn)), _group_by_product(waivers.list_history(conn)), broken
        )


@dataclass(frozen=True, slots=True)
class CallerFacts:
    """What the caller knows better than the record: what is being judged right now.

    `quality` is by label of the output; `reads` is what data was made from; `breaks` returns what a
    schema-evolution does not allow of the change; `shared` is what was read once, for many products. Products that are
    `hidden` from the caller are neither consumers nor inputs, but for those that the judged contract names. With
    `names` people who read have no names, unless the caller sees theirs.
    """

    previous: Contract | Unknown | None = UNKNOWN
    quality: Mapping[str, QualityFact] = field(default_factory=dict)
    breaks: Callable[[Evolution], Sequence[Breakage]] | Literal[Unknown.UNKNOWN] = UNKNOWN
    shared: SharedFacts | None = None
    reads: Collection[Read] | None = None
    hidden: frozenset[str] = frozenset()
    names: ReaderNames | None = None


@dataclass(frozen=True, slots=True)
class Governed:
    """What the policies of a revision said; `unjudged` are those that were left out for another moment."""

    revision: int = 0
    violations: tuple[Violation, ...] = ()
    unjudged: frozenset[str] = frozenset()

    @property
    def warnings(self) -> tuple[str, ...]:
        """What does not block, in words: warnings, and what is waived."""
        return tuple(str(violation) for violation in self.violations if not violation.blocks)

    def raise_if_blocking(self, product: str) -> Governed:
        """The same; raises PolicyViolation where something blocks."""
        blocking = [violation for violation in self.violations if violation.blocks]
        if blocking:
            raise PolicyViolation(product, blocking)
        return self


def load_active_policies(context: Context, conn: Connection, revision: int | None = None) -> ActivePolicies:
    """The policies that hold, compiled once for each revision; `revision` is given where it is known already."""
    if revision is None:
        revision = policies.find_revision(conn)
    if revision == 0:
        return NO_POLICIES
    active = context.mesh.active_policies
    if active is None or active.revision != revision:
        row = policies.find(conn, revision)
        active = context.mesh.active_policies = (
            ActivePolicies(revision, compile_text(row.text, row.file)) if row else NO_POLICIES
        )
    return active


def compile_text(text: str, origin: str) -> CompiledPolicies:
    """The policies that a text declares, ready to judge; raises InvalidSpec."""
    return compile_policies(read_policies(text, origin, recorded=True).set, origin)


def evaluate_register(
    context: Context, conn: Connection, active: ActivePolicies, contract: Contract, previous: Contract | None
) -> Governed:
    """What the policies say of a contract that is about to be registered; raises PolicyViolation."""
    return evaluate_contract(context, conn, active, contract, CallerFacts(previous), AT_REGISTER).raise_if_blocking(
        contract.product.name
    )


def evaluate_publish(
    context: Context, active: ActivePolicies, target: Target, score: Score, outcome: Outcome, reads: Collection[Read]
) -> Governed:
    """What the policies say of a product with the data that was just audited, made from `reads`.

    Raises PolicyViolation.
    """
    if not active.revision:
        return Governed()
    with context.record.reading() as conn:
        product, label = target.product, target.product.label(target.output)
        contract = Contract(product, {**target.others, label: target.contract})
        dimensions = {dimension.dimension: dimension.score for dimension in score.dimensions}
        measured = QualityFact(score.value, outcome.value, context.clock(), dimensions)
        needs_reads = Need.LINEAGE in active.compiled.needs
        others = find_recorded_reads(conn, product.name, besides=target.name) if needs_reads else ()
        facts = CallerFacts(quality={label: measured}, reads={*reads, *others})
        return evaluate_contract(context, conn, active, contract, facts, AT_REST).raise_if_blocking(product.name)


def evaluate_consume(
    context: Context, conn: Connection, version: VersionRow, columns: Sequence[str] | None
) -> Governed:
    """What policies about consumers say of this principal, who would read the version; raises PolicyViolation."""
    active = load_active_policies(context, conn)
    if Need.CONSUMERS not in active.compiled.needs:
        return Governed(active.revision)
    row = resolve_product(conn, version.product)
    bound = [policy for policy in active.of(row.domain, AT_REST) if Need.CONSUMERS in policy.needs]
    if not bound:
        return Governed(active.revision)
    contract = load_contract(conn, row)
    reader = build_consumer(context, conn, version, columns)
    facts = collect_facts(context, conn, contract, _collect_needs(bound), CallerFacts(), consumers=[reader])
    findings = [finding for policy in bound for finding in judge_policy(policy, facts)]
    return Governed(active.revision, _apply_waivers(context, conn, row.name, findings, None)).raise_if_blocking(
        row.name
    )


def evaluate_contract(
    context: Context,
    conn: Connection,
    active: ActivePolicies,
    contract: Contract,
    facts: CallerFacts,
    without: Collection[Need],
) -> Governed:
    """What these policies say of a contract, in the file's order; what needs one of `without` is left for later."""
    return evaluate_policies(context, conn, active, contract, facts, active.of(contract.product.domain, without))


def evaluate_policies(
    context: Context,
    conn: Connection,
    active: ActivePolicies,
    contract: Contract,
    facts: CallerFacts,
    selected: Sequence[CompiledPolicy],
) -> Governed:
    """The same by some of the policies; the others are left for later."""
    product = contract.product
    unjudged = _collect_names(active.of(product.domain)) - _collect_names(selected)
    if not selected:
        return Governed(active.revision, (), unjudged)
    policy_facts = collect_facts(context, conn, contract, _collect_needs(selected), facts)
    of_the_contract = tuple(policy for policy in selected if Need.QUALITY not in policy.needs)
    findings = [
        *judge(CompiledPolicies(active.compiled.set, {}, of_the_contract), policy_facts),
        *_evaluate_data(selected, policy_facts),
    ]
    order = {policy.policy.name: at for at, policy in enumerate(selected)}
    findings.sort(key=lambda finding: order[finding.policy])
    return Governed(active.revision, _apply_waivers(context, conn, product.name, findings, facts.shared), unjudged)


def collect_facts(
    context: Context,
    conn: Connection,
    contract: Contract,
    needs: Collection[Need],
    given: CallerFacts,
    consumers: Sequence[Consumer] | None = None,
) -> Facts:
    """What the record knows of a product, as far as it is needed."""
    now, name = context.clock(), contract.product.name
    rows = list_output_rows(conn, name) if {Need.QUALITY, Need.CONSUMERS} & set(needs) else []
    if consumers is None and Need.CONSUMERS in needs:
        consumers = list_consumers(conn, rows, now)
        consumers = consumers if given.names is None else hide_people(given.names, name, consumers)
    facts = Facts(
        contract,
        now,
        given.previous,
        {**_read_quality(conn, contract, rows), **given.quality} if Need.QUALITY in needs else UNKNOWN,
        UNKNOWN if consumers is None else consumers,
        given.breaks,
        attestations=_list_attestations(context, conn, name, given) if Need.ATTESTATIONS in needs else UNKNOWN,
        audit_trail=_read_audit_trail(conn, name, given) if Need.AUDIT_TRAIL in needs else UNKNOWN,
        undeclared_inputs=_find_undeclared(conn, contract, given) if Need.LINEAGE in needs else UNKNOWN,
    )
    return leave_out_products(facts, given.hidden) if given.hidden else facts


def load_contract(conn: Connection, row: ProductRow) -> Contract:
    """A registered contract, with the schemas that first data has shown."""
    contract, product = row.contract, row.contract.product
    if all(product.label(output) in contract.schemas for output in product.outputs):
        return contract
    return with_inferred(contract, list_output_rows(conn, product.name))


def with_inferred(contract: Contract, rows: Iterable[OutputRow]) -> Contract:
    """What readers rely on: a schema inferred at the first publish counts like a written one."""
    product, rows = contract.product, list(rows)
    row_by_label = {product.label(output): find_output_row(rows, product, output) for output in product.outputs}
    inferred = {name: row.schema for name, row in row_by_label.items() if row and row.inferred and row.schema}
    return replace(contract, schemas={**inferred, **contract.schemas})


def _read_audit_trail(conn: Connection, product: str, given: CallerFacts) -> AuditTrail:
    if given.shared is None:
        return AuditTrail(*check_trail(conn, product))
    broken = given.shared.broken_trails
    return AuditTrail(product not in broken, broken.get(product, ""))


def _find_undeclared(conn: Connection, contract: Contract, given: CallerFacts) -> tuple[str, ...]:
    product = contract.product
    reads = find_recorded_reads(conn, product.name) if given.reads is None else given.reads
    return find_undeclared_inputs(conn, product, reads)


def list_output_rows(conn: Connection, product: str) -> list[OutputRow]:
    """The outputs of a product in all of its majors; none where it is not registered."""
    row = products.find(conn, product)
    return [with_major(output_row, row) for output_row in outputs.list_by_product(conn, product)] if row else []


def _collect_needs(selected: Iterable[CompiledPolicy]) -> frozenset[Need]:
    return frozenset(need for policy in selected for need in policy.needs)


def _collect_names(selected: Iterable[CompiledPolicy]) -> frozenset[str]:
    return frozenset(policy.policy.name for policy in selected)


def _evaluate_data(selected: Sequence[CompiledPolicy], facts: Facts) -> list[PolicyFinding]:
    """Policies about quality look at the outputs that have data; the others keep them until their first publish."""
    about = [policy for policy in selected if Need.QUALITY in policy.needs]
    if not about or isinstance(facts.quality, Unknown) or not facts.quality:
        return []
    facts = _select_measured(facts, facts.quality)
    return [finding for policy in about for finding in judge_policy(policy, facts)]


def _select_measured(facts: Facts, quality: Mapping[str, QualityFact]) -> Facts:
    """The product with those of its outputs alone that have data, by the labels that they have among themselves."""
    product, schemas = facts.contract.product, facts.contract.schemas
    labels = {product.label(output): output for output in product.outputs if product.label(output) in quality}
    part = replace(product, outputs=tuple(labels.values()))
    renamed = {label: part.label(output) for label, output in labels.items()}
    part_schemas = {name: schemas[label] for label, name in renamed.items() if label in schemas}
    part_quality = {name: quality[label] for label, name in renamed.items()}
    return replace(facts, contract=replace(facts.contract, product=part, schemas=part_schemas), quality=part_quality)


def _read_quality(conn: Connection, contract: Contract, rows: Sequence[OutputRow]) -> dict[str, QualityFact]:
    """The verdict on the newest version of each output that has one."""
    quality, product = {}, contract.product
    for output in product.outputs:
        row = find_output_row(rows, product, output)
        newest = judgements.list_history(conn, product.name, output=row.name, published=True, limit=1) if row else ()
        for judgement in newest:
            dimensions = {name: kept["score"] for name, kept in (judgement.dimensions or {}).items()}
            quality[product.label(output)] = QualityFact(judgement.score, judgement.outcome, judgement.at, dimensions)
    return quality


def _list_attestations(context: Context, conn: Connection, product: str, facts: CallerFacts) -> list[AttestationFact]:
    """Also those that expired, so that it can be said when; what was withdrawn counts as never given."""
    attested = facts.shared.attested.get(product, ()) if facts.shared else attestations.list_history(conn, product)
    return [
        AttestationFact(attestation.policy, attestation.given_by, attestation.expires_at, attestation.evidence)
        for attestation in attested
        if attestation.withdrawn_at is None and attestation.given_at <= context.clock()
    ]


def _apply_waivers(
    context: Context, conn: Connection, product: str, findings: Sequence[PolicyFinding], shared: SharedFacts | None
) -> tuple[Violation, ...]:
    """The findings as violations; one that a waiver covers has the latest day until which it does."""
    if not findings:
        return ()
    all_waivers = shared.waived.get(product, ()) if shared else waivers.list_history(conn, product)
    granted = [waiver for waiver in all_waivers if waiver.is_active(context.clock())]
    violations = []
    for finding in dict.fromkeys(findings):
        ends = [waiver.expires_at for waiver in granted if waiver.is_for(finding.policy, finding.subject)]
        until = max(ends, default=None) if finding.enforcement is Enforcement.BLOCKING else None
        violations.append(Violation(finding.policy, finding.subject, finding.reason, finding.enforcement.value, until))
    return tuple(violations)


def _group_by_product(rows: Iterable[Granted]) -> dict[str, list[Granted]]:
    grouped = defaultdict[str, list[Granted]](list)
    for row in rows:
        grouped[row.product].append(row)
    return grouped
