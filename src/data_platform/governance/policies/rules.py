"""The rules of policies: conditions, schema evolution, built-in rules and attestations; each finds violations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from data_platform.governance.facts import AttestationFact, AuditTrail, Facts, Missing, Need, Unknown
from data_platform.governance.policy_language.program import Program
from data_platform.governance.policy_language.views import EvaluationContext
from data_platform.governance.readiness import collect_contract_evidence, judge_contract_points
from data_platform.spec.policies.policy import Evolution
from data_platform.spec.product.model import ProductStatus

HOW_TO_ATTEST = "data-platform policies attest {product} {policy} --evidence TEXT --until DATE"


@dataclass(frozen=True, slots=True)
class Violated:
    """One violation; a `tolerated` one is a warning, even of a blocking policy."""

    subject: str
    reason: str
    tolerated: bool = False


class PolicyRule(Protocol):
    """`needs` are the facts beyond the contract that it is judged by."""

    @property
    def needs(self) -> frozenset[Need]:
        """What must be known."""

    def find_violations(self, context: EvaluationContext) -> Iterator[Violated]:
        """Every violation; Missing when a fact that is needed is unknown."""


@dataclass(frozen=True, slots=True)
class ConditionRule:
    """A condition in the policy language."""

    program: Program

    @property
    def needs(self) -> frozenset[Need]:
        """The facts that its names refer to."""
        return self.program.needs

    def find_violations(self, context: EvaluationContext) -> Iterator[Violated]:
        """Every place where the condition is not true."""
        for violation in self.program.find_violations(context):
            yield Violated(violation.subject, violation.reason)


@dataclass(frozen=True, slots=True)
class EvolutionRule:
    """A schema-evolution rule: `Facts.breaks` lists the changes that its mode does not allow."""

    evolution: Evolution

    @property
    def needs(self) -> frozenset[Need]:
        """The breaks; with `unread_for` also the time."""
        return frozenset([Need.BREAKS, Need.TIME] if self.evolution.unread_for else [Need.BREAKS])

    def find_violations(self, context: EvaluationContext) -> Iterator[Violated]:
        """Every break."""
        if isinstance(context.facts.breaks, Unknown):
            raise Missing("what this change breaks is not known here")
        for broken in context.facts.breaks(self.evolution):
            yield Violated(broken.subject, broken.message, broken.tolerated)


@dataclass(frozen=True, slots=True)
class AuditTrailRule:
    """Built in: the product's entries in the audit log are complete and verify."""

    needs: frozenset[Need] = field(default=frozenset([Need.AUDIT_TRAIL]))

    def find_violations(self, context: EvaluationContext) -> Iterator[Violated]:
        """The one violation of a log that does not verify."""
        trail: AuditTrail | Unknown = context.facts.audit_trail
        if isinstance(trail, Unknown):
            raise Missing("the audit log is not known here")
        if not trail.ok:
            yield Violated(context.facts.contract.product.name, trail.reason or "its audit log does not verify")


@dataclass(frozen=True, slots=True)
class AttestationRule:
    """The policy needs an attestation that has not expired."""

    policy: str
    needs: frozenset[Need] = field(default=frozenset([Need.ATTESTATIONS, Need.TIME]))

    def find_violations(self, context: EvaluationContext) -> Iterator[Violated]:
        """The one violation where no attestation is valid."""
        facts = context.facts
        if isinstance(facts.attestations, Unknown):
            raise Missing("attestations are not known here")
        given = [attestation for attestation in facts.attestations if attestation.policy == self.policy]
        if all(attestation.expires_at <= facts.now for attestation in given):
            yield Violated(facts.contract.product.name, self._explain_missing(facts, given))

    def _explain_missing(self, facts: Facts, given: list[AttestationFact]) -> str:
        how = HOW_TO_ATTEST.format(product=facts.contract.product.name, policy=self.policy)
        if not given:
            return f"nobody has attested it; the owner or the federation does with `{how}`"
        last = max(given, key=lambda attestation: attestation.expires_at)
        return f"the attestation by {last.by} expired on {last.expires_at.date()}; give a new one with `{how}`"


@dataclass(frozen=True, slots=True)
class ExpectationsRule:
    """Built in: what consumers expect is judged with the data of a publish; where it blocks, they may block."""

    needs: frozenset[Need] = field(default=frozenset())

    def find_violations(self, context: EvaluationContext) -> Iterator[Violated]:
        """None: no contract breaks it."""
        return iter(())


@dataclass(frozen=True, slots=True)
class DetectionRule:
    """Personal data that nobody declared is found in the data of a publish, which reports or refuses it."""

    needs: frozenset[Need] = field(default=frozenset())

    def find_violations(self, context: EvaluationContext) -> Iterator[Violated]:
        """None: no contract breaks it."""
        return iter(())


@dataclass(frozen=True, slots=True)
class ReadinessRule:
    """Built in: a product is `active` only when the points of the checklist that its contract decides hold."""

    needs: frozenset[Need] = field(default=frozenset())

    def find_violations(self, context: EvaluationContext) -> Iterator[Violated]:
        """One for each point that does not hold; of a product that is not active none."""
        contract = context.facts.contract
        if contract.product.effective_status is not ProductStatus.ACTIVE:
            return
        for point in judge_contract_points(collect_contract_evidence(contract)):
            if not point.met:
                remedy = f"; {point.mend}" if point.mend else ""
                yield Violated(contract.product.name, f"{point.title}: {point.measured}{remedy}")


BUILT_IN: Mapping[str, PolicyRule] = {
    "audit-trail": AuditTrailRule(),
    "consumer-expectations": ExpectationsRule(),
    "production-ready": ReadinessRule(),
}
"""The rules that a policy without one takes by its name."""


def get_default_rule(policy: str) -> PolicyRule:
    """The rule of a policy that has none of its own."""
    return BUILT_IN.get(policy) or AttestationRule(policy)
