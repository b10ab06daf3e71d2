"""The policies that a mesh applies now."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from data_platform.governance.facts import Need
from data_platform.governance.policies.compiled import CompiledPolicies, CompiledPolicy
from data_platform.spec.policies import PiiDetection, PolicySet


@dataclass(frozen=True, slots=True)
class ActivePolicies:
    """The policies of a revision, ready to judge; revision 0 while none were applied."""

    revision: int
    compiled: CompiledPolicies

    def of(self, domain: str, without: Collection[Need] = ()) -> tuple[CompiledPolicy, ...]:
        """Those that bind the products of a domain, but for what needs one of `without`."""
        policies = self.compiled.of_domain(domain)
        return tuple(policy for policy in policies if not policy.needs & frozenset(without))

    def find_detection(self, domain: str) -> tuple[str | None, PiiDetection]:
        """The strictest detection that binds the products of a domain, and its policy; without one, a warning."""
        name, strictest = None, PiiDetection.WARN
        for compiled in self.of(domain):
            rule = compiled.policy.rule
            if isinstance(rule, PiiDetection) and (name is None or rule.is_at_least(strictest)):
                name, strictest = compiled.policy.name, rule
        return name, strictest

    def get_pii_detection(self, domain: str) -> PiiDetection:
        """The strictest that binds the products of a domain; without a policy about it, a warning."""
        return self.find_detection(domain)[1]


NO_POLICIES = ActivePolicies(0, CompiledPolicies(PolicySet(), {}, ()))
