"""Looks up what a decision about a resource is made of. Who opened the home is decided without it."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection

from data_platform.access.actions import Resource, ResourceKind
from data_platform.access.facts import NO_FACTS, DomainFacts, ResourceFacts
from data_platform.record.access.grants import list_grants
from data_platform.record.catalog import domains
from data_platform.record.identity import owners
from data_platform.record.identity.ownership import Ownership, find_ownership
from data_platform.settings import Principal
from data_platform.spec.access.stored import read_outputs


def find_facts(conn: Connection, resource: Resource, principal: Principal | None = None) -> ResourceFacts:
    """The facts about a resource: four statements at most for a product, two for a domain, else none.

    The grants are those of `principal`. A product whose readers are chosen by domains takes a statement more for each.
    """
    if resource.product is not None:
        facts = _find_product_facts(conn, resource, find_ownership(conn, resource.product))
        return facts if principal is None else _with_reader(conn, resource.product, facts, principal)
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
        outputs=read_outputs(None if row is None else row.access),
    )


def _with_reader(conn: Connection, product: str, facts: ResourceFacts, principal: Principal) -> ResourceFacts:
    """The facts with what is known of a reader: its grants, and the domains that the product's readers belong to."""
    if not facts.is_registered:
        return facts
    behind = [principal] if principal.acts_for is None else [principal, principal.acts_for]
    holders = {name for one in behind for name in (one.name, *one.teams)}
    named = {name for access in facts.outputs.values() for who in access.spec.list_conditions() for name in who.domains}
    reader_domains = tuple(_find_domain(conn, name) for name in sorted(named))
    addresses = {address for domain in reader_domains for address in _list_addresses(domain)} - facts.holders.keys()
    claimed = owners.map_holders(conn, addresses) if addresses else {}
    return replace(
        facts,
        grants=list_grants(conn, product, holders),
        reader_domains=reader_domains,
        holders={**facts.holders, **claimed},
    )


def _find_domain(conn: Connection, name: str) -> DomainFacts:
    row = domains.find(conn, name)
    return DomainFacts(name) if row is None else DomainFacts(name, row.owner, row.members)


def _list_addresses(domain: DomainFacts) -> list[str]:
    return [address for address in (domain.owner, *domain.members) if address is not None]
