"""Decides whether a principal may do an action, with the reason. Everything that no rule allows is denied.

A principal that opened the home may do everything: the user can read and write its files anyway, so a refusal here
would not protect anything. All others are decided by the rules; the scope of a token only narrows what they allow, and
an agent is allowed only what its person is allowed too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from data_platform.access.actions import Action, Resource, ResourceKind
from data_platform.access.facts import ResourceFacts
from data_platform.access.relations import (
    is_admin,
    is_in_domain,
    list_possible_relations,
    list_relations,
    owns,
)
from data_platform.access.rules import AccessRule, find_rule
from data_platform.settings import Principal, TokenScope

MASK = "mask"
"""Every value is shown as `***`."""

_READING = frozenset([Action.READ, Action.CONSUME, Action.AUDIT])


@dataclass(frozen=True, slots=True)
class Decision:
    """The decision and its reason.

    `masked` maps protected columns to the kind of masking: every read applies it, and a reader may request more, but
    not less. With `hides_personal_data` every column of personal data is masked. `row_filter` is the SQL condition of
    the visible rows, None for all; reads cannot apply one yet, so a request with one is denied.
    """

    allowed: bool
    reason: str
    masked: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    hides_personal_data: bool = False
    row_filter: str | None = None


def decide_by_role(principal: Principal, action: Action, resource: Resource) -> Decision:
    """Decides what roles and scope alone decide, before anything is looked up: a denial says nothing of what is there.

    What is allowed here still has to be decided about the resource itself.
    """
    if principal.local:
        return Decision(True, f"{principal} opened the home and may do everything in it")
    rule = find_rule(action, resource)
    if not principal.roles:
        return Decision(False, f"{principal.name} has no role in this mesh")
    if list_possible_relations(principal).isdisjoint(rule.relations):
        roles = ", ".join(sorted({grant.role.value for grant in principal.roles}))
        return Decision(False, f"the rule {rule.name!r} allows {rule}, and the roles of {principal.name} are: {roles}")
    if (reason := _refuse_by_scope(principal.scope, action)) is not None:
        return Decision(False, reason)
    if principal.acts_for is not None:
        person = decide_by_role(principal.acts_for, action, resource)
        if not person.allowed:
            return person
    return Decision(True, f"the rule {rule.name!r} allows {rule}")


def decide(principal: Principal, action: Action, resource: Resource, facts: ResourceFacts) -> Decision:
    """Decides whether `principal` may do `action` to `resource`, and which part of it is visible."""
    by_role = decide_by_role(principal, action, resource)
    if principal.local or not by_role.allowed:
        return by_role
    rule, relations = find_rule(action, resource), list_relations(principal, resource, facts)
    relation = next((relation for relation in rule.relations if relation in relations), None)
    if relation is None:
        return Decision(False, f"the rule {rule.name!r} allows {rule}{_describe_owner(facts)}")
    if (reason := _refuse_by_domain(principal, rule, facts)) is not None:
        return Decision(False, reason)
    if (reason := _refuse_by_scope_of_domains(principal.scope, action, resource, facts)) is not None:
        return Decision(False, reason)
    decision = Decision(
        True,
        f"the rule {rule.name!r} allows {relation.value}",
        hides_personal_data=action in _READING and not (owns(principal, facts) or is_admin(principal)),
    )
    return decision if principal.acts_for is None else _narrow_to_person(decision, principal, action, resource, facts)


def _narrow_to_person(
    decision: Decision, principal: Principal, action: Action, resource: Resource, facts: ResourceFacts
) -> Decision:
    """An agent has never more than the person that it acts for."""
    if principal.acts_for is None:
        return decision
    person = decide(principal.acts_for, action, resource, facts)
    if not person.allowed:
        return person
    return replace(decision, hides_personal_data=decision.hides_personal_data or person.hides_personal_data)


def _refuse_by_domain(principal: Principal, rule: AccessRule, facts: ResourceFacts) -> str | None:
    """Why a principal is not in the domains of a product, where the rule requires that."""
    if not rule.in_domain or is_admin(principal):
        return None
    closed = next((domain for domain in facts.domains if not is_in_domain(principal, domain, facts)), None)
    if closed is None:
        return None
    whose = f"its owner {closed.owner}, or an admin," if closed.owner else "an admin"
    return (
        f"the rule {rule.name!r} allows {rule}, and {principal.name} is no member of the domain {closed.name}; "
        f"{whose} adds members: data-platform domain define {closed.name} --members …"
    )


def _refuse_by_scope(scope: TokenScope | None, action: Action) -> str | None:
    if scope is None:
        return None
    if scope.read_only and action not in _READING:
        return "the token is read-only"
    if scope.verbs is not None and action.value not in scope.verbs:
        return f"the token is only for: {', '.join(sorted(scope.verbs))}"
    return None


def _refuse_by_scope_of_domains(
    scope: TokenScope | None, action: Action, resource: Resource, facts: ResourceFacts
) -> str | None:
    """Why a token for some domains does not reach a resource."""
    if scope is None or scope.domains is None:
        return None
    names = {domain.name for domain in facts.domains}
    is_of_product = resource.kind in (ResourceKind.PRODUCT, ResourceKind.OUTPUT)
    if names <= scope.domains and (names or is_of_product or action in _READING):
        return None
    return f"the token is only for the domains: {', '.join(sorted(scope.domains))}"


def _describe_owner(facts: ResourceFacts) -> str:
    if facts.owner is None:
        return ""
    holder = facts.holders.get(facts.owner)
    claimed = f", which is {holder}'s" if holder not in (None, facts.owner) else ""
    return f"; the owner is {facts.owner}{claimed}"
