"""What policies are judged by: the contract, and what the mesh knows beside it.

A fact that nobody has handed in is UNKNOWN, which is not the same as none: what needs it is undecided, and refuses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, StrEnum
from typing import Final, Literal

from data_platform.spec.policies.policy import Evolution
from data_platform.spec.product.contract import Contract


class Unknown(Enum):
    """The fact was not handed in."""

    UNKNOWN = "unknown"


UNKNOWN: Final = Unknown.UNKNOWN
_Unknown = Literal[Unknown.UNKNOWN]


class Need(StrEnum):
    """What a policy is judged by; the contract is always there, and time is `Facts.now`."""

    QUALITY = "quality"
    CONSUMERS = "consumers"
    PREVIOUS = "previous"
    BREAKS = "breaks"
    ATTESTATIONS = "attestations"
    AUDIT_TRAIL = "audit trail"
    LINEAGE = "lineage"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class Quality:
    """What the newest judgement of an output says: score 0–100, its outcome and dimensions, and when it was made."""

    score: float | None
    outcome: str
    at: datetime
    dimensions: Mapping[str, float] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Consumer:
    """Who reads an output: a product (with owner and domain) or a principal, which columns, and when last."""

    name: str
    output: str
    owner: str | None = None
    domain: str | None = None
    columns: tuple[str, ...] = ()
    last_read: datetime | None = None


@dataclass(frozen=True, slots=True)
class Attestation:
    """Somebody's word, with its evidence, that a product keeps a policy; it ends at `expires_at`."""

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
    """One change that a schema-evolution rule does not allow; `tolerated` because nobody read it for `unread_for`."""

    subject: str
    message: str
    tolerated: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """One product, as it would be after what is being judged.

    `previous` is None when there was no contract before; `quality` is by output (`Product.label`), and one without an
    entry is not measured; `breaks` tells what a schema-evolution rule does not allow of this change;
    `undeclared_inputs` are outputs that the data was made from and the contract does not name.
    """

    contract: Contract
    now: datetime
    previous: Contract | _Unknown | None = UNKNOWN
    quality: Mapping[str, Quality] | _Unknown = UNKNOWN
    consumers: Sequence[Consumer] | _Unknown = UNKNOWN
    breaks: Callable[[Evolution], Sequence[Breakage]] | _Unknown = UNKNOWN
    attestations: Sequence[Attestation] | _Unknown = UNKNOWN
    audit_trail: AuditTrail | _Unknown = UNKNOWN
    undeclared_inputs: Sequence[str] | _Unknown = UNKNOWN


class Missing(LookupError):
    """A fact that is needed is UNKNOWN, or not measured yet; the argument says which, in words."""


def since(moment: datetime | None, now: datetime) -> timedelta | None:
    """How long ago a moment was; None for none."""
    return None if moment is None else now - moment
