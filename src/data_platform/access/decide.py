"""Decides whether a principal may do an action, with the reason. Everything that no rule allows is denied.

A principal that opened the home may do everything: the user can read and write its files anyway, so a refusal here
would not protect anything. All others are decided by the rules; the scope of a token only narrows what they allow, and
an agent is allowed only what its person is allowed too.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from data_platform.access.actions import Action, Resource, ResourceKind
from data_platform.access.decision import Decision
from data_platform.access.facts import ResourceFacts
from data_platform.access.reading import NO_OCCASION, Occasion, decide_reading
from data_platform.access.relations import (
    Relationship,
    acts_as,
    is_admin,
    is_in_domain,
    list_possible_relations,
    list_relations,
    owns,
)
from data_platform.access.rules import AccessRule, find_rule
from data_platform.sentences import Sentence, make_sentence
from data_platform.settings import Principal, TokenScope
from data_platform.spec.access.model import AccessSpec

_READING = frozenset([Action.READ, Action.CONSUME, Action.AUDIT])
_OF_READERS = frozenset([Action.READ, Action.CONSUME, Action.SUBSCRIBE])
"""The actions to a product that `access` of its outputs decides."""


def decide_by_role(principal: Principal, action: Action, resource: Resource) -> Decision:
    """Decides what roles and scope alone decide, before anything is looked up: a denial says nothing of what is there.

    What is allowed here still has to be decided about the resource itself.
    """
    if principal.local:
        who = str(principal)
        return Decision(
            True, make_sentence("access.local", "{who} opened the home and may do everything in it", who=who)
        )
    rule = find_rule(action, resource)
    if not principal.roles:
        if _may_be_public(action, resource):
            return Decision(True, _PUBLIC, hides_personal_data=True)
        return _deny_without_role(principal)
    if list_possible_relations(principal).isdisjoint(rule.relations):
        roles = ", ".join(sorted({grant.role.value for grant in principal.roles}))
        others = make_sentence(
            "access.other_roles",
            "the rule {rule!r} allows {allowed}, and the roles of {who} are: {roles}",
            rule=rule.name,
            allowed=str(rule),
            who=principal.name,
            roles=roles,
        )
        return Decision(False, others)
    if (reason := _refuse_by_scope(principal.scope, action)) is not None:
        return Decision(False, reason)
    if principal.acts_for is not None:
        person = decide_by_role(principal.acts_for, action, resource)
        if not person.allowed:
            return person
    return Decision(True, _say_rule(rule, str(rule)))


def decide(
    principal: Principal, action: Action, resource: Resource, facts: ResourceFacts, occasion: Occasion = NO_OCCASION
) -> Decision:
    """Decides whether `principal` may do `action` to `resource`, and which part of it is visible."""
    by_role = decide_by_role(principal, action, resource)
    if principal.local or not by_role.allowed:
        return by_role
    decision = _decide_alone(principal, action, resource, facts, occasion)
    if principal.acts_for is None or not decision.allowed:
        return decision
    return _narrow(decision, decide(principal.acts_for, action, resource, facts, occasion))


def _decide_alone(
    principal: Principal, action: Action, resource: Resource, facts: ResourceFacts, occasion: Occasion
) -> Decision:
    """The decision about a principal without the person that it acts for."""
    rule = find_rule(action, resource)
    if (reason := _refuse_by_scope_of_domains(principal.scope, action, resource, facts)) is not None:
        return Decision(False, reason, is_hidden=facts.is_registered and resource.owner is None)
    if facts.is_registered and resource.product is not None and action in _OF_READERS:
        return _decide_reading(principal, action, resource, facts, occasion)
    is_known = resource.product is None or knows_of(principal, facts, occasion)
    if not is_known:
        return Decision(False, _HIDDEN, is_hidden=True)
    relations = list_relations(principal, resource, facts)
    relation = next((relation for relation in rule.relations if relation in relations), None)
    if relation is None:
        return Decision(False, _name_owner(rule, facts)) if principal.roles else _deny_without_role(principal)
    if (reason := _refuse_by_domain(principal, rule, facts)) is not None:
        return Decision(False, reason)
    hides = action in _READING and not (owns(principal, facts) or is_admin(principal))
    return Decision(True, _say_rule(rule, relation.value), hides_personal_data=hides)


def _decide_reading(
    principal: Principal, action: Action, resource: Resource, facts: ResourceFacts, occasion: Occasion
) -> Decision:
    """Who may read an output is decided by its access; what is said of a product, by who may know of it."""
    names = _list_outputs(resource, facts)
    decided = {name: decide_reading(principal, name, facts.find_access(name), facts, occasion) for name in names}
    readable = [one for one in decided.values() if one.allowed]
    chosen = readable[0] if readable else next(iter(decided.values()))
    if not readable and not principal.roles:
        return _deny_without_role(principal)
    is_known = bool(readable) or _may_know(principal, facts, [facts.find_access(name).spec for name in names])
    if not is_known:
        return Decision(False, chosen.reason, is_hidden=True)
    return Decision(
        bool(readable) or action is not Action.CONSUME,
        chosen.reason,
        hides_personal_data=not all(one.view.opens_everything for one in decided.values()),
        views={name: (one.view,) for name, one in decided.items()},
        lines=chosen.lines,
    )


def knows_of(principal: Principal, facts: ResourceFacts, occasion: Occasion = NO_OCCASION) -> bool:
    """Whether a registered product is not hidden from a principal: one of its outputs is discoverable, or may be read.

    An agent knows of what its person knows too.
    """
    if principal.local or not facts.is_hiding:
        return True
    person = principal.acts_for
    if person is not None and not knows_of(person, facts, occasion):
        return False
    names = _list_outputs(Resource(ResourceKind.PRODUCT), facts)
    if _may_know(principal, facts, [facts.find_access(name).spec for name in names]):
        return True
    return any(decide_reading(principal, name, facts.find_access(name), facts, occasion).allowed for name in names)


def _may_know(principal: Principal, facts: ResourceFacts, accesses: Iterable[AccessSpec]) -> bool:
    """Whether a principal knows of a product that it may not read: all do, or it decides there."""
    relations = list_relations(principal, Resource(ResourceKind.PRODUCT), facts)
    if not relations.isdisjoint(_KNOWING):
        return True
    return any(
        access.is_discoverable or any(acts_as(principal, approver, facts) for approver in access.approvers)
        for access in accesses
    )


_KNOWING = frozenset(
    [
        Relationship.OWNER,
        Relationship.RECIPIENT,
        Relationship.DOMAIN_OWNER,
        Relationship.GOVERNOR,
        Relationship.ADMIN,
    ]
)
"""Who knows of a product that is hidden from all others."""


def _list_outputs(resource: Resource, facts: ResourceFacts) -> list[str]:
    """The outputs that a request is about, by their names in product.yaml; the empty one where none is listed."""
    if resource.output is not None and (base := resource.output.partition("@")[0]):
        return [base]
    return [name for name in facts.outputs if name] or [""]


def _narrow(decision: Decision, person: Decision) -> Decision:
    """An agent has never more than the person that it acts for."""
    if not person.allowed:
        return person
    names = dict.fromkeys([*decision.views, *person.views])
    return replace(
        decision,
        hides_personal_data=decision.hides_personal_data or person.hides_personal_data,
        views={name: (*decision.views.get(name, ()), *person.views.get(name, ())) for name in names},
    )


def _may_be_public(action: Action, resource: Resource) -> bool:
    """Whether the action may be to a public output: one that is named, or those of a query, which are decided each."""
    if resource.kind is ResourceKind.MESH:
        return action is Action.CONSUME
    return action in (Action.READ, Action.CONSUME) and resource.product is not None


def _deny_without_role(principal: Principal) -> Decision:
    return Decision(False, make_sentence("access.no_role", "{who} has no role in this mesh", who=principal.name))


def _refuse_by_domain(principal: Principal, rule: AccessRule, facts: ResourceFacts) -> Sentence | None:
    """Why a principal is not in the domains of a product, where the rule requires that."""
    if not rule.in_domain or is_admin(principal):
        return None
    closed = next((domain for domain in facts.domains if not is_in_domain(principal, domain, facts)), None)
    if closed is None:
        return None
    values = {"rule": rule.name, "allowed": str(rule), "who": principal.name, "domain": closed.name}
    if closed.owner is None:
        return make_sentence(
            "access.no_member",
            "the rule {rule!r} allows {allowed}, and {who} is no member of the domain {domain}; "
            "an admin adds members: data-platform domain define {domain} --members …",
            **values,
        )
    return make_sentence(
        "access.no_member_of",
        "the rule {rule!r} allows {allowed}, and {who} is no member of the domain {domain}; "
        "its owner {owner}, or an admin, adds members: data-platform domain define {domain} --members …",
        owner=closed.owner,
        **values,
    )


def _refuse_by_scope(scope: TokenScope | None, action: Action) -> Sentence | None:
    if scope is None:
        return None
    if scope.read_only and action not in _READING:
        return make_sentence("access.token_reads", "the token is read-only")
    if scope.verbs is not None and action.value not in scope.verbs:
        verbs = ", ".join(sorted(scope.verbs))
        return make_sentence("access.token_verbs", "the token is only for: {verbs}", verbs=verbs)
    return None


def _refuse_by_scope_of_domains(
    scope: TokenScope | None, action: Action, resource: Resource, facts: ResourceFacts
) -> Sentence | None:
    """Why a token for some domains does not reach a resource."""
    if scope is None or scope.domains is None:
        return None
    names = {domain.name for domain in facts.domains}
    is_of_product = resource.kind in (ResourceKind.PRODUCT, ResourceKind.OUTPUT)
    if names <= scope.domains and (names or is_of_product or action in _READING):
        return None
    domains = ", ".join(sorted(scope.domains))
    return make_sentence("access.token_domains", "the token is only for the domains: {domains}", domains=domains)


def _say_rule(rule: AccessRule, allowed: str) -> Sentence:
    return make_sentence("access.rule", "the rule {rule!r} allows {allowed}", rule=rule.name, allowed=allowed)


def _name_owner(rule: AccessRule, facts: ResourceFacts) -> Sentence:
    """Whom the rule allows it, with the owner that may be asked."""
    if facts.owner is None:
        return _say_rule(rule, str(rule))
    values = {"rule": rule.name, "allowed": str(rule), "owner": facts.owner}
    holder = facts.holders.get(facts.owner)
    if holder is None or holder == facts.owner:
        return make_sentence(
            "access.rule_and_owner", "the rule {rule!r} allows {allowed}; the owner is {owner}", **values
        )
    return make_sentence(
        "access.rule_and_holder",
        "the rule {rule!r} allows {allowed}; the owner is {owner}, which is {holder}'s",
        holder=holder,
        **values,
    )


_PUBLIC = make_sentence("access.public", "a public output may be read without a role")
_HIDDEN = make_sentence("access.hidden", "the product is hidden from who may not read it")
