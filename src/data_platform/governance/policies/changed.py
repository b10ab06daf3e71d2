"""The differences between two sets of policies, by policy and level."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from data_platform.governance.policies.strictness import is_as_strict, is_same_rule
from data_platform.spec.policies.policy import Condition, Enforcement, Evolution, PiiDetection, Policy, PolicySet

GLOBAL = "global"


class PolicyChangeKind(StrEnum):
    """What happens to a policy; `changed` is neither removed nor proved to be weaker."""

    ADDED = "added"
    CHANGED = "changed"
    WEAKENED = "weakened"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class PolicyChange:
    """One policy of one level (`global`, or a domain's name) that changes, and how.

    `weakens` says that it blocked until now, and would no longer refuse all that it refused, as far as can be proved.
    """

    level: str
    policy: str
    kind: PolicyChangeKind
    what: str
    weakens: bool = False

    def __str__(self) -> str:
        return f"{self.level} policy {self.policy}: {self.kind}" + (f" ({self.what})" if self.what else "")


def list_policy_changes(before: PolicySet, after: PolicySet) -> tuple[PolicyChange, ...]:
    """Every change, the global level first, as the policies hold at each level."""
    changes = list(_compare_level(GLOBAL, _index_by_name(before.policies), _index_by_name(after.policies), {}))
    shared = _index_by_name(after.policies)
    for domain in sorted({*before.domain_policies, *after.domain_policies}):
        changes += _compare_level(domain, _select_own(before, domain), _select_own(after, domain), shared)
    return tuple(changes)


def _index_by_name(policies: tuple[Policy, ...]) -> dict[str, Policy]:
    return {policy.name: policy for policy in policies}


def _select_own(policies: PolicySet, domain: str) -> dict[str, Policy]:
    """The policies that a domain writes, as they hold there."""
    holding = _index_by_name(policies.resolve_domain(domain))
    return {policy.name: holding[policy.name] for policy in policies.domain_policies.get(domain, ())}


def _compare_level(
    level: str, before: Mapping[str, Policy], after: Mapping[str, Policy], shared: Mapping[str, Policy]
) -> Iterator[PolicyChange]:
    for name in {**before, **after}:
        old, new = before.get(name), after.get(name)
        if old is None and new is not None:
            yield PolicyChange(level, name, PolicyChangeKind.ADDED, new.enforcement.value)
        elif old is not None and new is None:
            yield _describe_removal(level, old, shared.get(name))
        elif old is not None and new is not None and (change := _compare(level, old, new)):
            yield change


def _describe_removal(level: str, old: Policy, above: Policy | None) -> PolicyChange:
    """A policy that a level no longer writes; a global one of its name may still bind the domain."""
    if above is None:
        return PolicyChange(level, old.name, PolicyChangeKind.REMOVED, old.enforcement.value, _is_blocking(old))
    left = _compare(level, old, above)
    what = "the global policy of this name holds" + (f": {left.what}" if left and left.what else "")
    kind = PolicyChangeKind.WEAKENED if left and left.kind is PolicyChangeKind.WEAKENED else PolicyChangeKind.REMOVED
    return PolicyChange(level, old.name, kind, what, bool(left and left.weakens))


def _compare(level: str, old: Policy, new: Policy) -> PolicyChange | None:
    """How a policy changes that both have; None where it says the same."""
    differences, weaker, proved = [], False, True
    if old.enforcement is not new.enforcement:
        differences.append(f"{old.enforcement.value} → {new.enforcement.value}")
        weaker = _is_blocking(old)
    if not is_same_rule(old.rule, new.rule):
        proved = is_as_strict(new.rule, old.rule)
        weaker = weaker or (not proved and is_as_strict(old.rule, new.rule))
        differences.append(_describe_rules(old, new, proved or weaker))
    if old.description != new.description:
        differences.append("description")
    if not differences:
        return None
    kind = PolicyChangeKind.WEAKENED if weaker else PolicyChangeKind.CHANGED
    return PolicyChange(level, old.name, kind, "; ".join(differences), _is_blocking(old) and (weaker or not proved))


def _describe_rules(old: Policy, new: Policy, proved: bool) -> str:
    doubt = "" if proved else ", not proved to be as strict"
    match old.rule, new.rule:
        case (Condition(), Condition()):
            return f"condition{doubt}"
        case (Evolution() as one, Evolution() as other):
            waits = "" if one.unread_for == other.unread_for else ", unread_for"
            modes = "" if one.mode is other.mode else f"mode {one.mode.value} → {other.mode.value}"
            return f"{modes}{waits}".removeprefix(", ") + doubt
        case (PiiDetection() as one, PiiDetection() as other):
            return f"pii_detection {one.value} → {other.value}"
    return f"rule: {_name_rule(old)} → {_name_rule(new)}{doubt}"


def _name_rule(policy: Policy) -> str:
    match policy.rule:
        case Condition():
            return "condition"
        case Evolution():
            return "schema-evolution"
        case PiiDetection():
            return "pii_detection"
    return "built in or attested"


def _is_blocking(policy: Policy) -> bool:
    return policy.enforcement is Enforcement.BLOCKING
