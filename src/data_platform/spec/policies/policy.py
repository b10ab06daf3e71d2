"""Policies as typed, frozen data: their scope, their rule and their enforcement."""

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
    """A blocking violation refuses; a warning is reported and recorded."""

    BLOCKING = "blocking"
    WARNING = "warning"


class PolicyScope(StrEnum):
    """The products that a policy binds: all of the mesh, or those of one domain."""

    GLOBAL = "global"
    DOMAIN = "domain"


class RuleType(StrEnum):
    """The kind of a policy's rule; the two checks are both conditions in the policy language."""

    SCHEMA_CHECK = "schema-check"
    METADATA_CHECK = "metadata-check"
    SCHEMA_EVOLUTION = "schema-evolution"


@dataclass(frozen=True, slots=True)
class Condition:
    """A rule in the policy language; `passage` is its text with the place of each character in the file."""

    type: RuleType
    passage: Passage = field(compare=False)
    text: str

    @classmethod
    def parse(cls, kind: RuleType, passage: Passage) -> Condition:
        """The condition that a passage says."""
        return cls(kind, passage, passage.text)

    @property
    def place(self) -> Place:
        """The place of its first character."""
        return self.passage.locate(0)


@dataclass(frozen=True, slots=True)
class Evolution:
    """A rule about change: `unread_for` permits, with a warning, to remove what has not been read for that long."""

    mode: Mode
    unread_for: timedelta | None = None


class PiiDetection(StrEnum):
    """What a publish does about personal data that nobody declared: nothing, a warning, or a refusal."""

    OFF = "off"
    WARN = "warn"
    BLOCK = "block"

    @property
    def enforcement(self) -> Enforcement:
        """The enforcement of a policy that demands it."""
        return Enforcement.BLOCKING if self is PiiDetection.BLOCK else Enforcement.WARNING

    def is_at_least(self, other: PiiDetection) -> bool:
        """Whether it refuses and reports all that the other does."""
        strictness = list(PiiDetection)
        return strictness.index(self) >= strictness.index(other)


PolicyRuleSpec = Condition | Evolution | PiiDetection
"""What a policy demands, as it is written."""


@dataclass(frozen=True, slots=True)
class Policy:
    """One policy; `domain` is None for a global one.

    Without a rule it takes the built-in one of its name, or is attested.
    `place` is its place in its file, `cases` the results that it must give for some products.
    """

    name: str
    enforcement: Enforcement = Enforcement.BLOCKING
    description: str | None = None
    domain: str | None = None
    rule: PolicyRuleSpec | None = None
    place: Place = field(default=WHOLE_FILE, compare=False)
    cases: tuple[Case, ...] = field(default=(), compare=False)

    @property
    def scope(self) -> PolicyScope:
        """Global, or one domain's."""
        return PolicyScope.GLOBAL if self.domain is None else PolicyScope.DOMAIN


@dataclass(frozen=True, slots=True)
class PolicySet:
    """The policies of a mesh: the global ones, and what each domain adds to them or raises."""

    policies: tuple[Policy, ...] = ()
    domain_policies: Mapping[str, tuple[Policy, ...]] = field(default_factory=dict, hash=False)

    def resolve_domain(self, domain: str) -> tuple[Policy, ...]:
        """The policies of a domain's products: every global one, raised where the domain raises it, and its own."""
        own = {policy.name: policy for policy in self.domain_policies.get(domain, ())}
        inherited = [merge_policies(policy, own.pop(policy.name, None)) for policy in self.policies]
        return (*inherited, *own.values())

    def __iter__(self) -> Iterator[Policy]:
        yield from self.policies
        for policies in self.domain_policies.values():
            yield from policies


def merge_policies(policy: Policy, by: Policy | None) -> Policy:
    """The global policy, raised by a domain's policy of the same name; it is never loosened."""
    if by is None or (policy.enforcement, by.enforcement) != (Enforcement.WARNING, Enforcement.BLOCKING):
        return policy
    return replace(
        policy, enforcement=by.enforcement, domain=by.domain, description=by.description or policy.description
    )
