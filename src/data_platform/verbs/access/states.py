"""The state of a requested output, computed from its decisions and grants at a moment. Nothing stores a state.

An owner, or an approver that product.yaml names, opens the columns without personal data. Those with personal data open
once a governor has approved too. A denial and a withdrawal end what is still undecided; what was opened before stays.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from data_platform.record.access.decisions import AccessDecisionRow
from data_platform.record.access.grants import GrantRow


class Capacity(StrEnum):
    """What a decider is to a requested output. CONTRACT: the conditions of product.yaml approved it."""

    OWNER = "owner"
    APPROVER = "approver"
    GOVERNOR = "governor"
    REQUESTER = "requester"
    CONTRACT = "product.yaml"


class AccessVerdict(StrEnum):
    """A decision about a requested output."""

    APPROVE = "approve"
    DENY = "deny"
    WITHDRAW = "withdraw"


class AccessState(StrEnum):
    """The state of a requested output; a request has the first of these that one of its outputs has."""

    PENDING = "pending"
    PARTIAL = "approved without personal data"
    APPROVED = "approved"
    EXPIRED = "expired"
    REVOKED = "revoked"
    DENIED = "denied"
    WITHDRAWN = "withdrawn"


STEWARDS = frozenset([Capacity.OWNER, Capacity.APPROVER])
"""Who decides for the product."""


@dataclass(frozen=True, slots=True)
class OutputState:
    """The state of a requested output, its newest grant, and the capacities whose approval is missing."""

    state: AccessState
    grant: GrantRow | None
    missing: tuple[Capacity, ...] = ()

    @property
    def is_open_grant(self) -> bool:
        """Whether the holder has access now."""
        return self.state in (AccessState.PARTIAL, AccessState.APPROVED)


def judge_output(
    decisions: Collection[AccessDecisionRow],
    grants: Sequence[GrantRow],
    *,
    has_personal_data: bool,
    until: datetime | None,
    now: datetime,
    is_over: bool = False,
) -> OutputState:
    """The state of one output of a request, from the decisions about it and its grants, the oldest first.

    `is_over`: it would renew a grant that was revoked, which ends a renewal that has opened nothing yet.
    """
    grant = grants[-1] if grants else None
    verdicts = {row.verdict for row in decisions}
    if grant is not None and not grant.is_open(now):
        return OutputState(AccessState.EXPIRED if grant.revoked_at is None else AccessState.REVOKED, grant)
    missing = () if verdicts - {AccessVerdict.APPROVE} else list_missing(decisions, has_personal_data=has_personal_data)
    if grant is not None:
        is_whole = grant.opens_personal_data or not has_personal_data
        return OutputState(
            AccessState.APPROVED if is_whole else AccessState.PARTIAL, grant, () if is_whole else missing
        )
    if AccessVerdict.DENY in verdicts:
        return OutputState(AccessState.DENIED, None)
    if AccessVerdict.WITHDRAW in verdicts:
        return OutputState(AccessState.WITHDRAWN, None)
    if is_over:
        return OutputState(AccessState.REVOKED, None)
    if until is not None and until <= now:
        return OutputState(AccessState.EXPIRED, None)
    return OutputState(AccessState.PENDING, None, missing)


def list_missing(decisions: Collection[AccessDecisionRow], *, has_personal_data: bool) -> tuple[Capacity, ...]:
    """The capacities whose approval is missing: OWNER stands for the approvers too."""
    approved = {row.capacity for row in decisions if row.verdict == AccessVerdict.APPROVE}
    missing = []
    if approved.isdisjoint(STEWARDS) and (has_personal_data or Capacity.CONTRACT not in approved):
        missing.append(Capacity.OWNER)
    if has_personal_data and Capacity.GOVERNOR not in approved:
        missing.append(Capacity.GOVERNOR)
    return tuple(missing)


def opens_columns(decisions: Collection[AccessDecisionRow]) -> bool:
    """Whether the approvals open the columns without personal data."""
    return any(
        row.verdict == AccessVerdict.APPROVE and row.capacity in (*STEWARDS, Capacity.CONTRACT) for row in decisions
    )


def summarize_state(states: Collection[AccessState]) -> AccessState:
    """The state of a request of outputs in these states."""
    return next(state for state in AccessState if state in states)
