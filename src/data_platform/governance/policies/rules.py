"""The rules of policies: conditions, schema evolution, built-in rules and attestations; each finds violations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from data_platform.governance.facts import AttestationFact, AuditTrail, Facts, Missing, Need, Unknown
from data_platform.governance.policy_language.program import Program
from data_platform.governance.policy_language.views import EvaluationContext
from data_platform.governance.readiness import judge_contract_points
from data_platform.governance.readiness_evidence import collect_contract_evidence
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
    """The rule of a policy."""

    @property
    def needs(self) -> frozenset[Need]:
        """The facts that it requires besides the contract."""

    def find_violations(self, context: EvaluationContext) -> Iterator[Violated]:
        """Yields every violation; raises Missing where a required fact is unknown."""


@dataclass(frozen=True, slots=True)
class ConditionRule:
    """A condition in the policy language."""

    program: Program

    @property
    def needs(self) -> frozenset[Need]:
        """The facts to which the names in the condition refer."""
        return self.program.needs

    def find_violations(self, context: EvaluationContext) -> Iterator[Violated]:
        """Yields a violation for each subject for which the condition is not true."""
        for violation in self.program.find_violations(context):
            yield Violated(violation.subject, violation.reason)


@dataclass(frozen=True, slots=True)
class EvolutionRule:
    """A schema-evolution rule: `Facts.breaks` lists the changes that its mode does not allow."""

    evolution: Evolution

    @property
    def needs(self) -> frozenset[Need]:
        """The breaking changes; with `unread_for` also the time."""
        return frozenset([Need.BREAKS, Need.TIME] if self.evolution.unread_for else [Need.BREAKS])

    def find_violations(self, context: EvaluationContext) -> Iterator[Violated]:
        """Yields every breaking change."""
        if isinstance(context.facts.breaks, Unknown):
            raise Missing("what this change breaks is not known here")
        for broken in context.facts.breaks(self.evolution):
            yield Violated(broken.subject, broken.message, broken.tolerated)


@dataclass(frozen=True, slots=True)
class AuditTrailRule:
    """Built in: the product's entries in the audit log are complete and verify."""

    needs: frozenset[Need] = field(default=frozenset([Need.AUDIT_TRAIL]))

    def find_violations(self, context: EvaluationContext) -> Iterator[Violated]:
        """Yields one violation if the audit log does not verify."""
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
        """Yields one violation if no attestation is valid."""
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
    """Built in: a publish is judged by the expectations of consumers; they may refuse it if this policy blocks."""

    needs: frozenset[Need] = field(default=frozenset())

    def find_violations(self, context: EvaluationContext) -> Iterator[Violated]:
        """Yields nothing: a contract alone cannot violate it."""
        return iter(())


@dataclass(frozen=True, slots=True)
class DetectionRule:
    """Undeclared personal data in a publish is reported or refused."""

    needs: frozenset[Need] = field(default=frozenset())

    def find_violations(self, context: EvaluationContext) -> Iterator[Violated]:
        """Yields nothing: a contract alone cannot violate it."""
        return iter(())


@dataclass(frozen=True, slots=True)
class ReadinessRule:
    """Built in: an `active` product meets the points of the checklist that depend on its contract."""

    needs: frozenset[Need] = field(default=frozenset())

    def find_violations(self, context: EvaluationContext) -> Iterator[Violated]:
        """Yields one violation for each point that is not met; none for a product that is not active."""
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
"""The rules of policies that have none of their own, by the name of the policy."""


def get_default_rule(policy: str) -> PolicyRule:
    """Returns the built-in rule of that name, else an attestation."""
    return BUILT_IN.get(policy) or AttestationRule(policy)
