"""What decisions are made of: the record's facts about the resource of a request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from data_platform.access.grants import AccessGrant
from data_platform.spec.access.stored import UNDECLARED_ACCESS, StoredAccess


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

    `outputs` are the access of each output, by its name, and that of the product by the empty one; `grants` are those
    of the reader. `reader_domains` are the domains that `access` names.
    """

    is_registered: bool = False
    owner: str | None = None
    domains: tuple[DomainFacts, ...] = ()
    holders: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    registrars: frozenset[str] = frozenset()
    offered_to: str | None = None
    is_owner_gone: bool = False
    outputs: Mapping[str, StoredAccess] = field(default_factory=lambda: MappingProxyType({}))
    grants: tuple[AccessGrant, ...] = ()
    reader_domains: tuple[DomainFacts, ...] = ()
    is_reader_disabled: bool = False

    @property
    def is_hiding(self) -> bool:
        """Whether an output is not discoverable, so that some do not know of the product."""
        return hides_outputs(self.outputs)

    def find_access(self, output: str) -> StoredAccess:
        """The access of an output, by its name with or without a major; the product's where it lists none of it."""
        base = output.partition("@")[0]
        return self.outputs.get(base) or self.outputs.get("") or UNDECLARED_ACCESS


def hides_outputs(outputs: Mapping[str, StoredAccess]) -> bool:
    """Whether one of the outputs is not discoverable."""
    return any(not access.spec.is_discoverable for access in outputs.values())


NO_FACTS = ResourceFacts()
