"""What can be judged: conditions, change, built-in rules and attestations, each as an object that finds violations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from data_platform.governance.facts import Attestation, AuditTrail, Facts, Missing, Need, Unknown
from data_platform.governance.language.program import Program
from data_platform.governance.language.views import Context
from data_platform.governance.readiness import contract_points, of_contract
from data_platform.spec.policies.policy import Evolution
from data_platform.spec.product.model import Status

HOW_TO_ATTEST = "data-platform policies attest {product} {policy} --evidence TEXT --until DATE"


@dataclass(frozen=True, slots=True)
class Violated:
    """One violation; a `tolerated` one is told as a warning, whatever the policy says."""

    subject: str
    reason: str
    tolerated: bool = False


class Rule(Protocol):
    """`needs` are the facts beyond the contract that it is judged by."""

    @property
    def needs(self) -> frozenset[Need]:
        """What must be known."""

    def violations(self, context: Context) -> Iterator[Violated]:
        """Every violation; Missing when a fact that is needed is unknown."""


@dataclass(frozen=True, slots=True)
class ConditionRule:
    """A condition in the policy language."""

    program: Program

    @property
    def needs(self) -> frozenset[Need]:
        """What the names in it stand for."""
        return self.program.needs

    def violations(self, context: Context) -> Iterator[Violated]:
        """Every place where the condition is not true."""
        for found in self.program.violations(context):
            yield Violated(found.subject, found.reason)


@dataclass(frozen=True, slots=True)
class EvolutionRule:
    """A schema-evolution: `Facts.breaks` tells what its mode does not allow of this change."""

    evolution: Evolution

    @property
    def needs(self) -> frozenset[Need]:
        """What breaks; what nobody reads any longer changes with time."""
        return frozenset([Need.BREAKS, Need.TIME] if self.evolution.unread_for else [Need.BREAKS])

    def violations(self, context: Context) -> Iterator[Violated]:
        """Every break."""
        if isinstance(context.facts.breaks, Unknown):
            raise Missing("what this change breaks is not known here")
        for broken in context.facts.breaks(self.evolution):
            yield Violated(broken.subject, broken.message, broken.tolerated)


@dataclass(frozen=True, slots=True)
class AuditTrailRule:
    """Built in: the product's entries in the audit log are complete and verify."""

    needs: frozenset[Need] = field(default=frozenset([Need.AUDIT_TRAIL]))

    def violations(self, context: Context) -> Iterator[Violated]:
        """The one violation of a log that does not verify."""
        found: AuditTrail | Unknown = context.facts.audit_trail
        if isinstance(found, Unknown):
            raise Missing("the audit log is not known here")
        if not found.ok:
            yield Violated(context.facts.contract.product.name, found.reason or "its audit log does not verify")


@dataclass(frozen=True, slots=True)
class AttestationRule:
    """Somebody must have attested the policy, and not too long ago."""

    policy: str
    needs: frozenset[Need] = field(default=frozenset([Need.ATTESTATIONS, Need.TIME]))

    def violations(self, context: Context) -> Iterator[Violated]:
        """The one violation where no attestation stands."""
        facts = context.facts
        if isinstance(facts.attestations, Unknown):
            raise Missing("attestations are not known here")
        given = [attestation for attestation in facts.attestations if attestation.policy == self.policy]
        if all(attestation.expires_at <= facts.now for attestation in given):
            yield Violated(facts.contract.product.name, self._reason(facts, given))

    def _reason(self, facts: Facts, given: list[Attestation]) -> str:
        how = HOW_TO_ATTEST.format(product=facts.contract.product.name, policy=self.policy)
        if not given:
            return f"nobody has attested it; the owner or the federation does with `{how}`"
        last = max(given, key=lambda attestation: attestation.expires_at)
        return f"the attestation by {last.by} expired on {last.expires_at.date()}; give a new one with `{how}`"


@dataclass(frozen=True, slots=True)
class ExpectationsRule:
    """Built in: what consumers expect is judged with the data of a publish; where it blocks, they may block."""

    needs: frozenset[Need] = field(default=frozenset())

    def violations(self, context: Context) -> Iterator[Violated]:
        """None: no contract breaks it."""
        return iter(())


@dataclass(frozen=True, slots=True)
class ReadinessRule:
    """Built in: a product is `active` only when the points of the checklist that its contract decides hold."""

    needs: frozenset[Need] = field(default=frozenset())

    def violations(self, context: Context) -> Iterator[Violated]:
        """One for each point that does not hold; of a product that is not active none."""
        contract = context.facts.contract
        if contract.product.effective_status is not Status.ACTIVE:
            return
        for point in contract_points(of_contract(contract)):
            if not point.met:
                mend = f"; {point.mend}" if point.mend else ""
                yield Violated(contract.product.name, f"{point.title}: {point.measured}{mend}")


BUILT_IN: Mapping[str, Rule] = {
    "audit-trail": AuditTrailRule(),
    "consumer-expectations": ExpectationsRule(),
    "production-ready": ReadinessRule(),
}
"""The rules that a policy without one takes by its name."""


def rule_without_text(policy: str) -> Rule:
    """The rule of a policy that has none of its own."""
    return BUILT_IN.get(policy) or AttestationRule(policy)
