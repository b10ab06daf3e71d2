"""Attestations: a principal's statement, with evidence and an end, that a product keeps a policy without a rule."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from data_platform.access.actions import Action, Resource
from data_platform.errors import BadInput, NotFound, Refused
from data_platform.governance.policies.rules import AttestationRule
from data_platform.record.governance import attestations
from data_platform.record.governance.attestations import Attestation
from data_platform.record.operations.event_kinds import EventKind
from data_platform.verbs.core.authorization.authorize import authorize, authorized_transaction
from data_platform.verbs.core.authorization.visible_part import find_visible_part, require_visible
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.request import Request
from data_platform.verbs.core.timestamps import Moment
from data_platform.verbs.events.outcomes import ActOutcome, Subject
from data_platform.verbs.events.recorder import record_outcomes
from data_platform.verbs.policies import violations
from data_platform.verbs.policies.evaluate import load_active_policies
from data_platform.verbs.policies.waivers import check_text, parse_exception_end, require_policy
from data_platform.verbs.results import AttestationInfo


@dataclass(frozen=True, slots=True)
class AttestPolicy(Request[AttestationInfo]):
    """State, until a moment, that a product keeps a policy; `evidence` says where it can be seen."""

    product: str
    policy: str
    evidence: str
    until: Moment


@dataclass(frozen=True, slots=True)
class ListAttestations(Request[list[AttestationInfo]]):
    """The attestations of a product, or of all, newest first."""

    product: str | None = None


@dataclass(frozen=True, slots=True)
class WithdrawAttestation(Request[AttestationInfo]):
    """Take an attestation back before its time."""

    id: int


def attest_policy(context: Context, request: AttestPolicy) -> AttestationInfo:
    """The attestation, which holds from now on; raises NotFound, and BadInput for a policy that has a rule.

    A product may be attested before its first register, which the policy refuses without it.
    """
    now, until = context.clock(), parse_exception_end(context, request.until, "an attestation")
    evidence = check_text(request.evidence, "the evidence")
    with authorized_transaction(context) as tx:
        require_policy(context, tx, request.product, request.policy)
        _require_attestable(context, tx, request.policy)
        row = Attestation(0, request.product, request.policy, evidence, now, context.principal.name, until)
        id = attestations.add(tx, row)
        details = {"id": id, "policy": request.policy, "until": until, "evidence": evidence}
        changes = violations.evaluate_product(context, tx, request.product)
        outcome = ActOutcome(EventKind.POLICY_ATTESTED, Subject(request.product), details)
        record_outcomes(context, tx, outcome, *changes.outcomes)
        return _build_info(_find_attestation(tx, id), now)


def list_attestations(context: Context, request: ListAttestations) -> list[AttestationInfo]:
    """Each with the state it is in now."""
    with context.record.reading() as conn:
        history = attestations.list_history(conn, request.product)
        visible = find_visible_part(context, conn).select(history, lambda row: row.product)
    return [_build_info(row, context.clock()) for row in visible]


def withdraw_attestation(context: Context, request: WithdrawAttestation) -> AttestationInfo:
    """The attestation, which holds no more; raises NotFound, Refused for one that was withdrawn before."""
    now, by = context.clock(), context.principal.name
    with context.record.transaction() as tx:
        row = _find_attestation(tx, request.id)
        require_visible(context, tx, Action.ATTEST, row.product, _not_found(request.id))
        authorize(context, Action.ATTEST, Resource.of(row.product), tx)
        if not attestations.withdraw(tx, row.id, now, by):
            raise Refused(f"attestation {row.id} was withdrawn by {row.withdrawn_by} on {row.withdrawn_at:%Y-%m-%d}")
        changes = violations.evaluate_product(context, tx, row.product)
        details = {"id": row.id, "policy": row.policy}
        outcome = ActOutcome(EventKind.ATTESTATION_WITHDRAWN, Subject(row.product), details)
        record_outcomes(context, tx, outcome, *changes.outcomes)
        return _build_info(_find_attestation(tx, row.id), now)


def _require_attestable(context: Context, conn: Connection, policy: str) -> None:
    active = load_active_policies(context, conn).compiled
    policies = (*active.others, *(candidate for own in active.domains.values() for candidate in own))
    if not any(
        candidate.policy.name == policy and isinstance(candidate.rule, AttestationRule) for candidate in policies
    ):
        hint = "data-platform policies explain PRODUCT shows its status; a waiver lets a product break it for a while"
        raise BadInput(f"{policy} has a rule, so it cannot be attested", hint=hint)


def _find_attestation(conn: Connection, id: int) -> Attestation:
    row = attestations.find(conn, id)
    if row is None:
        raise _not_found(id)
    return row


def _not_found(id: int) -> NotFound:
    return NotFound(f"there is no attestation {id}", hint="data-platform policies attestations")


def _build_info(row: Attestation, now: datetime) -> AttestationInfo:
    ended = "withdrawn" if row.withdrawn_at is not None else "holds" if row.is_active(now) else "expired"
    return AttestationInfo(
        id=row.id,
        product=row.product,
        policy=row.policy,
        state=ended,
        evidence=row.evidence,
        given_at=row.given_at,
        given_by=row.given_by,
        expires_at=row.expires_at,
        withdrawn_at=row.withdrawn_at,
        withdrawn_by=row.withdrawn_by,
    )
