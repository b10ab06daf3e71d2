"""Looks up what a decision about a resource is made of. Who opened the home is decided without it."""

from __future__ import annotations

from sqlalchemy import Connection

from data_platform.access.actions import Resource, ResourceKind
from data_platform.access.facts import NO_FACTS, DomainFacts, ResourceFacts
from data_platform.record.catalog import domains
from data_platform.record.identity import owners
from data_platform.record.identity.ownership import Ownership, find_ownership


def find_facts(conn: Connection, resource: Resource) -> ResourceFacts:
    """The facts about a resource: three statements at most for a product, two for a domain, else none."""
    if resource.product is not None:
        return _find_product_facts(conn, resource, find_ownership(conn, resource.product))
    if resource.kind in (ResourceKind.DOMAIN, ResourceKind.POLICIES) and resource.name is not None:
        domain = _find_domain(conn, resource.name)
        return ResourceFacts(domains=(domain,), holders=owners.map_holders(conn, _list_addresses(domain)))
    return NO_FACTS


def _find_product_facts(conn: Connection, resource: Resource, row: Ownership | None) -> ResourceFacts:
    present = () if row is None else (DomainFacts(row.domain, row.domain_owner, row.domain_members),)
    is_elsewhere = resource.domain is not None and resource.domain not in [domain.name for domain in present]
    all_domains = (*present, _find_domain(conn, resource.domain)) if is_elsewhere and resource.domain else present
    owner, offered_to = (resource.owner, None) if row is None else (row.owner, row.offered_to)
    addresses = {address for domain in all_domains for address in _list_addresses(domain)}
    addresses |= {address for address in (owner, offered_to) if address is not None}
    registrars = () if row is None else (row.registered_by, row.registered_team)
    return ResourceFacts(
        is_registered=row is not None,
        owner=owner,
        domains=all_domains,
        holders=owners.map_holders(conn, addresses) if addresses else {},
        registrars=frozenset(name for name in registrars if name is not None),
        offered_to=offered_to,
        is_owner_gone=row is not None and row.owner_gone is not None,
    )


def _find_domain(conn: Connection, name: str) -> DomainFacts:
    row = domains.find(conn, name)
    return DomainFacts(name) if row is None else DomainFacts(name, row.owner, row.members)


def _list_addresses(domain: DomainFacts) -> list[str]:
    return [address for address in (domain.owner, *domain.members) if address is not None]
