"""What a principal is to the resource of a request: its owner, a member of its domain, an admin …

A principal acts under its own name and those of its teams; an agent under those of its person too. An `owner` text
belongs to the principal that claimed it, else to the one that is called so.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from data_platform.access.actions import Resource, ResourceKind
from data_platform.access.facts import DomainFacts, ResourceFacts
from data_platform.settings import Principal, Role


class Relationship(StrEnum):
    """A relation to a resource, in the words of rules."""

    READER = "everyone with a role"
    SELF = "the principal itself"
    OWNER = "the owner of the product"
    SUCCESSOR = "any owner once its owner has left"
    RECIPIENT = "the owner that it is offered to"
    DOMAIN_MEMBER = "a member of its domain"
    DOMAIN_OWNER = "the owner of its domain"
    APPROVER = "an approver that the product names"
    HOLDER = "the holder of the grant"
    GOVERNOR = "a governor"
    ADMIN = "an admin"


def has_role(principal: Principal, role: Role, domain: str | None = None) -> bool:
    """Whether the principal has a role: in the mesh or in that domain; without a domain, anywhere. An admin has all."""
    return any(
        grant.role is Role.ADMIN or (grant.role is role and (domain is None or grant.domain in (None, domain)))
        for grant in principal.roles
    )


def is_admin(principal: Principal) -> bool:
    """Whether the principal opened the home or is an admin; an agent is one only if its person is."""
    person = principal.acts_for
    return (principal.local or has_role(principal, Role.ADMIN)) and (person is None or is_admin(person))


def list_possible_relations(principal: Principal) -> frozenset[Relationship]:
    """The relations that the roles of a principal allow it to have to some resource."""
    anyone = {Relationship.READER, Relationship.SELF, Relationship.APPROVER, Relationship.HOLDER}
    relations = anyone if principal.roles else set()
    if has_role(principal, Role.OWNER):
        relations |= {Relationship.OWNER, Relationship.SUCCESSOR, Relationship.RECIPIENT}
    if has_role(principal, Role.OWNER) or has_role(principal, Role.DOMAIN_OWNER):
        relations |= {Relationship.DOMAIN_MEMBER, Relationship.DOMAIN_OWNER}
    relations |= {Relationship.GOVERNOR} if has_role(principal, Role.GOVERNOR) else set()
    return frozenset(relations | ({Relationship.ADMIN} if has_role(principal, Role.ADMIN) else set()))


def list_relations(principal: Principal, resource: Resource, facts: ResourceFacts) -> frozenset[Relationship]:
    """The relations of a principal to a resource."""
    return list_possible_relations(principal) & {*_list_by_facts(principal, resource, facts)}


def owns(principal: Principal, facts: ResourceFacts) -> bool:
    """Whether a registered product is the principal's, whatever its role."""
    if not facts.is_registered or facts.owner is None:
        return False
    if facts.owner in facts.holders:
        return acts_as(principal, facts.owner, facts)
    return not facts.registrars.isdisjoint(_list_names(principal)) or acts_as(principal, facts.owner, facts)


def is_in_charge(principal: Principal, facts: ResourceFacts) -> bool:
    """Whether the principal owns the product or is an admin; an agent only if its person is in charge too."""
    person = principal.acts_for
    is_one = is_admin(principal) or (bool(principal.roles) and owns(principal, facts))
    return is_one and (person is None or is_in_charge(person, facts))


def acts_as(principal: Principal, address: str, facts: ResourceFacts) -> bool:
    """Whether an address is the principal's."""
    return facts.holders.get(address, address) in _list_names(principal)


def is_in_domain(principal: Principal, domain: DomainFacts, facts: ResourceFacts) -> bool:
    """Whether a domain is open to the principal: it is not defined, or the principal is its owner or a member."""
    is_member = any(acts_as(principal, member, facts) for member in (domain.owner, *domain.members) if member)
    return is_member or not domain.is_defined or _has_domain(principal, domain)


def _list_by_facts(principal: Principal, resource: Resource, facts: ResourceFacts) -> Iterator[Relationship]:
    """The relations, before the roles that they need."""
    yield from (Relationship.READER, Relationship.GOVERNOR, Relationship.ADMIN)
    if resource.kind is ResourceKind.PRINCIPAL and resource.name == principal.name:
        yield Relationship.SELF
    if (owns(principal, facts) or _can_begin(principal, facts)) and _is_owner_everywhere(principal, facts):
        yield Relationship.OWNER
    if facts.is_owner_gone:
        yield Relationship.SUCCESSOR
    if facts.offered_to is not None and acts_as(principal, facts.offered_to, facts):
        yield Relationship.RECIPIENT
    defined = [domain for domain in facts.domains if domain.is_defined]
    if defined and all(is_in_domain(principal, domain, facts) for domain in defined):
        yield Relationship.DOMAIN_MEMBER
    if facts.domains and all(_owns_domain(principal, domain, facts) for domain in facts.domains):
        yield Relationship.DOMAIN_OWNER


def _list_names(principal: Principal) -> frozenset[str]:
    names = frozenset([principal.name]) | principal.teams
    return names if principal.acts_for is None else names | _list_names(principal.acts_for)


def _can_begin(principal: Principal, facts: ResourceFacts) -> bool:
    """Whether the principal may register a product that is not there, of an owner that nobody has or that it is."""
    if facts.is_registered:
        return False
    return facts.owner is None or facts.owner not in facts.holders or acts_as(principal, facts.owner, facts)


def _is_owner_everywhere(principal: Principal, facts: ResourceFacts) -> bool:
    return all(has_role(principal, Role.OWNER, domain.name) for domain in facts.domains)


def _owns_domain(principal: Principal, domain: DomainFacts, facts: ResourceFacts) -> bool:
    is_owner = domain.owner is not None and acts_as(principal, domain.owner, facts)
    return is_owner or _has_domain(principal, domain)


def _has_domain(principal: Principal, domain: DomainFacts) -> bool:
    return any(grant.role is Role.DOMAIN_OWNER and grant.domain == domain.name for grant in principal.roles)
