"""The domains that a caller is responsible for, or works in."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from data_platform.access.actions import Resource, ResourceKind
from data_platform.access.facts import DomainFacts, ResourceFacts
from data_platform.access.relations import Relationship, list_relations
from data_platform.record.catalog.domains import Domain
from data_platform.record.identity import owners
from data_platform.verbs.core.context import Context


def list_own_domains(
    context: Context, conn: Connection, listed: Iterable[Domain], relations: frozenset[Relationship]
) -> set[str]:
    """The names of those domains to which the caller has one of the relations; all for who opened the home."""
    if context.principal.local:
        return {domain.name for domain in listed}
    facts = [DomainFacts(domain.name, domain.owner, tuple(domain.members)) for domain in listed]
    addresses = {address for domain in facts for address in (domain.owner, *domain.members) if address is not None}
    holders = owners.map_holders(conn, addresses) if addresses else {}

    def list_relations_to(domain: DomainFacts) -> frozenset[Relationship]:
        resource = Resource(ResourceKind.DOMAIN, name=domain.name)
        return list_relations(context.principal, resource, ResourceFacts(domains=(domain,), holders=holders))

    return {domain.name for domain in facts if not relations.isdisjoint(list_relations_to(domain))}
