"""Which products and domains a principal finds: in lists, in search, in counts, and beside a product that it may see.

This is the one predicate. Lists apply it before they count, limit or page, so that what is hidden changes nothing in
them. A product that is found may still be read only as far as `decide` allows.
"""

from __future__ import annotations

from dataclasses import dataclass

from data_platform.settings import Principal


@dataclass(frozen=True, slots=True)
class DiscoveryFacts:
    """What decides whether a principal finds a product.

    `is_concealed`: its `access` lets the principal not know of it, as `decide.knows_of` says.
    """

    domain: str
    is_concealed: bool = False


def list_found_domains(principal: Principal) -> frozenset[str] | None:
    """The domains that a principal finds; None for all of them, and for what belongs to no domain."""
    return None if principal.local or principal.scope is None else principal.scope.domains


def finds_domain(principal: Principal, domain: str) -> bool:
    """Whether a principal finds a domain."""
    domains = list_found_domains(principal)
    return domains is None or domain in domains


def finds_product(principal: Principal, product: DiscoveryFacts) -> bool:
    """Whether a principal finds a product."""
    return principal.local or (finds_domain(principal, product.domain) and not product.is_concealed)
