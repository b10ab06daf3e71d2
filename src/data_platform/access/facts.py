"""What decisions are made of: the record's facts about the resource of a request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class DomainFacts:
    """A domain; without an owner and members it is not defined."""

    name: str
    owner: str | None = None
    members: tuple[str, ...] = ()

    @property
    def is_defined(self) -> bool:
        """Whether the domain has an owner or members."""
        return self.owner is not None or bool(self.members)


@dataclass(frozen=True, slots=True)
class ResourceFacts:
    """The facts about a resource.

    `owner` is the text of the product: the registered one, else that of the file that would register it; None where
    there is neither. `domains` are those that the product is in, and would be in. `holders` maps the owners and members
    that belong to a principal to that principal. `registrars` are who first registered the product and the team of
    their token: while the owner is unclaimed, they act as it. `offered_to` is the owner that a transfer names.
    """

    is_registered: bool = False
    owner: str | None = None
    domains: tuple[DomainFacts, ...] = ()
    holders: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    registrars: frozenset[str] = frozenset()
    offered_to: str | None = None
    is_owner_gone: bool = False


NO_FACTS = ResourceFacts()
