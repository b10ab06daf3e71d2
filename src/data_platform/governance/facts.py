"""The facts that policies are judged by: the contract, and what else the mesh knows.

A fact that the caller did not supply is UNKNOWN, not empty: a policy that needs it is undecided, and refuses.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum, StrEnum
from typing import Final, Literal

from data_platform.spec.policies.policy import Evolution
from data_platform.spec.product.contract import Contract


class Unknown(Enum):
    """The fact was not supplied."""

    UNKNOWN = "unknown"


UNKNOWN: Final = Unknown.UNKNOWN
_Unknown = Literal[Unknown.UNKNOWN]


class Need(StrEnum):
    """A kind of fact that a policy needs; the contract is always available, and time is `Facts.now`."""

    QUALITY = "quality"
    CONSUMERS = "consumers"
    PREVIOUS = "previous"
    BREAKS = "breaks"
    ATTESTATIONS = "attestations"
    AUDIT_TRAIL = "audit trail"
    LINEAGE = "lineage"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class QualityFact:
    """The newest judgement of an output: score 0–100, outcome, dimensions, and when it was made."""

    score: float | None
    outcome: str
    at: datetime
    dimensions: Mapping[str, float] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Consumer:
    """A reader of an output: a product (with owner and domain) or a principal, its columns, and its last read."""

    name: str
    output: str
    owner: str | None = None
    domain: str | None = None
    columns: tuple[str, ...] = ()
    last_read: datetime | None = None


@dataclass(frozen=True, slots=True)
class AttestationFact:
    """A statement, with evidence, that a product complies with a policy; it expires at `expires_at`."""

    policy: str
    by: str
    expires_at: datetime
    evidence: str


@dataclass(frozen=True, slots=True)
class AuditTrail:
    """Whether the product's entries in the audit log are complete and verify; `reason` says why not."""

    ok: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Breakage:
    """One change that a schema-evolution rule does not allow; `tolerated` because it was not read for `unread_for`."""

    subject: str
    message: str
    tolerated: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """One product, as it would be after the judged change.

    `previous` is None when there was no contract before; `quality` is by output (`Product.label`), and one without an
    entry is not measured; `breaks` lists the changes that a schema-evolution rule does not allow;
    `undeclared_inputs` are outputs that the data was made from and the contract does not name.
    """

    contract: Contract
    now: datetime
    previous: Contract | _Unknown | None = UNKNOWN
    quality: Mapping[str, QualityFact] | _Unknown = UNKNOWN
    consumers: Sequence[Consumer] | _Unknown = UNKNOWN
    breaks: Callable[[Evolution], Sequence[Breakage]] | _Unknown = UNKNOWN
    attestations: Sequence[AttestationFact] | _Unknown = UNKNOWN
    audit_trail: AuditTrail | _Unknown = UNKNOWN
    undeclared_inputs: Sequence[str] | _Unknown = UNKNOWN


def leave_out_products(facts: Facts, names: Collection[str]) -> Facts:
    """The facts as if products of those names neither fed nor read the product; inputs of its new contract stay."""
    consumers, undeclared, previous = facts.consumers, facts.undeclared_inputs, facts.previous
    if not isinstance(consumers, Unknown):
        consumers = [consumer for consumer in consumers if consumer.name not in names]
    if not isinstance(undeclared, Unknown):
        undeclared = [source for source in undeclared if source.partition(".")[0] not in names]
    if isinstance(previous, Contract):
        previous = leave_out_inputs(previous, names)
    return replace(facts, previous=previous, consumers=consumers, undeclared_inputs=undeclared)


def leave_out_inputs(contract: Contract, names: Collection[str]) -> Contract:
    """The contract without inputs from products of those names."""
    inputs = tuple(needed for needed in contract.product.inputs if needed.data_product not in names)
    return replace(contract, product=replace(contract.product, inputs=inputs))


class Missing(LookupError):
    """A fact that is needed is UNKNOWN, or not measured yet; the argument says which, in words."""


def measure_age(moment: datetime | None, now: datetime) -> timedelta | None:
    """The time from `moment` to `now`; None without a moment."""
    return None if moment is None else now - moment
