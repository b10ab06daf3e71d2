"""Policies as typed, frozen data: who must keep which, and how grave it is not to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum

from data_platform.spec.policies.cases import Case
from data_platform.spec.policies.modes import Mode
from data_platform.spec.text.report import WHOLE_FILE, Place
from data_platform.spec.text.yaml.passage import Passage


class Enforcement(StrEnum):
    """A blocking violation refuses; a warning is told and recorded."""

    BLOCKING = "blocking"
    WARNING = "warning"


class Scope(StrEnum):
    """Whom a policy binds: every product of the mesh, or those of one domain."""

    GLOBAL = "global"
    DOMAIN = "domain"


class RuleType(StrEnum):
    """What kind of rule a policy has; the two checks are conditions in the policy language and mean the same."""

    SCHEMA_CHECK = "schema-check"
    METADATA_CHECK = "metadata-check"
    SCHEMA_EVOLUTION = "schema-evolution"


@dataclass(frozen=True, slots=True)
class Condition:
    """A rule in the policy language; `passage` is its text, and knows where each character stands in the file."""

    type: RuleType
    passage: Passage = field(compare=False)
    text: str

    @classmethod
    def of(cls, kind: RuleType, passage: Passage) -> Condition:
        """The condition that a passage says."""
        return cls(kind, passage, passage.text)

    @property
    def place(self) -> Place:
        """Where it begins."""
        return self.passage.place(0)


@dataclass(frozen=True, slots=True)
class Evolution:
    """A rule about change: `unread_for` lets go what nobody has read for so long, with a warning."""

    mode: Mode
    unread_for: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """One policy; `domain` is None for a global one.

    Without a rule it takes the built-in one of its name, or is attested.
    `place` is where it stands in its file, `cases` what it must say of some products.
    """

    name: str
    enforcement: Enforcement = Enforcement.BLOCKING
    description: str | None = None
    domain: str | None = None
    rule: Condition | Evolution | None = None
    place: Place = field(default=WHOLE_FILE, compare=False)
    cases: tuple[Case, ...] = field(default=(), compare=False)

    @property
    def scope(self) -> Scope:
        """Global, or one domain's."""
        return Scope.GLOBAL if self.domain is None else Scope.DOMAIN


@dataclass(frozen=True, slots=True)
class PolicySet:
    """The policies of a mesh: the federation's, and what each domain adds to them or raises."""

    policies: tuple[Policy, ...] = ()
    domain_policies: Mapping[str, tuple[Policy, ...]] = field(default_factory=dict, hash=False)

    def of_domain(self, domain: str) -> tuple[Policy, ...]:
        """What a domain's products must keep: every global policy, raised where the domain says so, and its own."""
        own = {policy.name: policy for policy in self.domain_policies.get(domain, ())}
        inherited = [raised(policy, own.pop(policy.name, None)) for policy in self.policies]
        return (*inherited, *own.values())

    def __iter__(self) -> Iterator[Policy]:
        yield from self.policies
        for policies in self.domain_policies.values():
            yield from policies


def raised(policy: Policy, by: Policy | None) -> Policy:
    """The global policy as a domain's policy of the same name raises it; it never loosens it."""
    if by is None or (policy.enforcement, by.enforcement) != (Enforcement.WARNING, Enforcement.BLOCKING):
        return policy
    return replace(
        policy, enforcement=by.enforcement, domain=by.domain, description=by.description or policy.description
    )
