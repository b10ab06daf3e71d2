"""What the verbs of policies answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from data_platform.errors import Violation


@dataclass(frozen=True, slots=True)
class PolicyRevisionInfo:
    """One revision of the mesh's policies: the name of the file it came from, who applied it when, and why."""

    revision: int
    applied_at: datetime
    applied_by: str
    file: str
    note: str | None


@dataclass(frozen=True, slots=True)
class PolicyFileInfo:
    """A revision with the file's text, as it was applied; `policies` counts them."""

    revision: PolicyRevisionInfo
    text: str
    policies: int


@dataclass(frozen=True, slots=True)
class Affected:
    """A product of which policies would say something else than they do now: its violations as they would be."""

    product: str
    domain: str
    owner: str
    violations: tuple[Violation, ...]


@dataclass(frozen=True, slots=True)
class ChangedPolicy:
    """A policy of one level (`global`, or a domain) that would be added, changed, weakened or removed, and how.

    `weakens` says that it blocks now, and would no longer refuse all that it refuses, as far as can be proved.
    """

    level: str
    policy: str
    change: str
    what: str
    weakens: bool

    def __str__(self) -> str:
        return f"{self.policy} ({self.level}): {self.change}, {self.what}"


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What a policies file would change, judged over all products beside revision `revision`, which holds now.

    `blocked` are refused then and are not now, `freed` the other way round; `warned` get a warning that they have not.
    `changes` are the policies themselves that differ, of the levels that the file holds; `text_only` says that none
    does, and that the text of the file differs, such as its cases. `unjudged` are those of the changed policies that
    the next register or publish judges by what is not known yet: a change of the contract, or the values of the data.
    """

    file: str
    revision: int
    products: int
    blocked: tuple[Affected, ...]
    warned: tuple[Affected, ...]
    freed: tuple[Affected, ...]
    warnings: tuple[str, ...] = ()
    changes: tuple[ChangedPolicy, ...] = ()
    text_only: bool = False
    unjudged: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Applied:
    """The revision that holds now, what it changed, and how many incidents it opened and resolved.

    `changed` is False when the same text held already: then nothing was written.
    """

    revision: int
    changed: bool
    what_if: WhatIf
    opened: int
    resolved: int


@dataclass(frozen=True, slots=True)
class PolicyCheck:
    """A product.yaml, judged; `unjudged` are the policies that need what is not known here."""

    file: str
    product: str
    violations: tuple[Violation, ...]
    unjudged: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PolicyStatus:
    """The status of one policy for a product: kept, violated, waived, attested or not applicable.

    `level` is global or domain. `subject` is what violates it; `until` is when a waiver or an attestation ends.
    """

    policy: str
    level: str
    enforcement: str
    status: str
    subject: str | None
    reason: str
    until: datetime | None
    needs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PolicyStanding:
    """How the `products` of a domain stand to a policy: each is `violated`, `waived`, `attested` or `kept`.

    `level` is global or domain. A product is violated while an incident of the policy is open; `waived` counts the
    others for which a waiver holds, and `attested` those for which an attestation does.
    """

    policy: str
    level: str
    enforcement: str
    domain: str
    products: int
    kept: int
    violated: int
    waived: int
    attested: int


@dataclass(frozen=True, slots=True)
class ViolationInfo:
    """A product that breaks a policy since then, and how; `incident` is the one that is open for it."""

    product: str
    domain: str
    policy: str
    enforcement: str
    reason: str
    since: datetime
    incident: int


@dataclass(frozen=True, slots=True)
class WaiverInfo:
    """A waiver, or the request for one: `state` is requested, holds, expired, ended or declined."""

    id: int
    product: str
    policy: str
    subject: str | None
    state: str
    reason: str
    requested_at: datetime
    requested_by: str
    expires_at: datetime
    approved_at: datetime | None
    approved_by: str | None
    ended_at: datetime | None
    ended_by: str | None


@dataclass(frozen=True, slots=True)
class AnonymisationInfo:
    """What a contract declares anonymous: `state` is waiting, approved, refused or ended.

    `sources` are product.output.column. It ends when the contract says something else of the column.
    """

    id: int
    product: str
    output: str
    column: str
    sources: tuple[str, ...]
    method: str
    state: str
    declared_at: datetime
    declared_by: str
    decided_at: datetime | None
    decided_by: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class AttestationInfo:
    """A principal's statement that a product keeps a policy: `state` is holds, expired or withdrawn."""

    id: int
    product: str
    policy: str
    state: str
    evidence: str
    given_at: datetime
    given_by: str
    expires_at: datetime
    withdrawn_at: datetime | None
    withdrawn_by: str | None
