"""Waivers: permission to break a policy for a while. One principal requests it, another approves it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from data_platform.access.actions import Action, Resource, ResourceKind
from data_platform.errors import BadInput, NotFound, Refused
from data_platform.record.catalog import products
from data_platform.record.governance import waivers
from data_platform.record.governance.waivers import Waiver
from data_platform.record.identity import principals
from data_platform.record.operations.event_kinds import EventKind
from data_platform.settings.identity import VARIABLE
from data_platform.spec.text.names import find_nearest
from data_platform.verbs.core.authorization.authorize import authorize, authorized_transaction
from data_platform.verbs.core.authorization.visible_part import find_visible_part, require_visible
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.request import Request
from data_platform.verbs.core.timestamps import Moment, parse_end
from data_platform.verbs.events.outcomes import ActOutcome, Subject
from data_platform.verbs.events.recorder import record_outcomes
from data_platform.verbs.policies import violations
from data_platform.verbs.policies.evaluate import load_active_policies
from data_platform.verbs.results import WaiverInfo

LONGEST = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class WaivePolicy(Request[WaiverInfo]):
    """Request permission to break a policy until a moment: for the whole product, or for one subject of it."""

    product: str
    policy: str
    reason: str
    until: Moment
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class ListWaivers(Request[list[WaiverInfo]]):
    """The waivers and requests of a product, or of all, newest first."""

    product: str | None = None


@dataclass(frozen=True, slots=True)
class ApproveWaiver(Request[WaiverInfo]):
    """Approve a request; its requester cannot."""

    id: int


@dataclass(frozen=True, slots=True)
class EndWaiver(Request[WaiverInfo]):
    """Decline a request, or end a waiver before its time."""

    id: int


def waive_policy(context: Context, request: WaivePolicy) -> WaiverInfo:
    """The request; it has no effect until another principal approves it. Raises NotFound, BadInput.

    A waiver may be requested before the first register, which the policy refuses.
    """
    now, until = context.clock(), parse_exception_end(context, request.until, "a waiver")
    reason = check_text(request.reason, "a reason")
    with authorized_transaction(context) as tx:
        require_policy(context, tx, request.product, request.policy)
        row = Waiver(0, request.product, request.policy, request.subject, reason, now, context.principal.name, until)
        id = waivers.add(tx, row)
        details = {"id": id, "policy": request.policy, "about": request.subject, "until": until, "reason": reason}
        record_outcomes(context, tx, ActOutcome(EventKind.WAIVER_REQUESTED, Subject(request.product), details))
        return _build_info(_find_waiver(tx, id), now)


def list_waivers(context: Context, request: ListWaivers) -> list[WaiverInfo]:
    """Each with the state it is in now."""
    with context.record.reading() as conn:
        history = waivers.list_history(conn, request.product)
        visible = find_visible_part(context, conn).select(history, lambda row: row.product)
    return [_build_info(row, context.clock()) for row in visible]


def approve_waiver(context: Context, request: ApproveWaiver) -> WaiverInfo:
    """The waiver, which holds now; raises NotFound, and Refused for one's own request and for what was answered."""
    now, by = context.clock(), context.principal.name
    with context.record.transaction() as tx:
        row = _find_permitted(context, tx, request.id)
        if is_party(context, tx, row.requested_by):
            raise _explain_unapproved(row, row.requested_by)
        if row.expires_at <= now:
            raise Refused(f"waiver {row.id} was requested until {row.expires_at:%Y-%m-%d}, which is past")
        if not waivers.approve(tx, row.id, now, by):
            raise _explain_unapproved(row, by)
        changes = violations.evaluate_product(context, tx, row.product)
        record_outcomes(context, tx, _describe_answer(EventKind.WAIVER_APPROVED, row), *changes.outcomes)
        return _build_info(_find_waiver(tx, row.id), now)


def end_waiver(context: Context, request: EndWaiver) -> WaiverInfo:
    """The waiver, which holds no more; raises NotFound, Refused for one that was ended before."""
    now, by = context.clock(), context.principal.name
    with context.record.transaction() as tx:
        row = _find_permitted(context, tx, request.id)
        if not waivers.end(tx, row.id, now, by):
            raise Refused(f"waiver {row.id} was ended by {row.ended_by} on {row.ended_at:%Y-%m-%d}")
        changes = violations.evaluate_product(context, tx, row.product)
        record_outcomes(context, tx, _describe_answer(EventKind.WAIVER_ENDED, row), *changes.outcomes)
        return _build_info(_find_waiver(tx, row.id), now)


def parse_exception_end(context: Context, value: Moment, what: str) -> datetime:
    """The end of an exception; raises BadInput for one that is past, or more than a year away."""
    now = context.clock()
    until = parse_end(value, now)
    if not now < until <= now + LONGEST:
        between = f"between now and {now + LONGEST:%Y-%m-%d}"
        raise BadInput(f"{what} cannot end on {until:%Y-%m-%d %H:%M} UTC", hint=f"choose a date {between}")
    return until


def check_text(text: str, what: str) -> str:
    """The words without blanks around them; raises BadInput for none, and for more than 2,000 characters."""
    words = text.strip()
    if not words or len(words) > 2_000:
        raise BadInput(f"{what} has 1 to 2,000 characters, and this has {len(words):,}")
    return words


def require_policy(context: Context, conn: Connection, product: str, policy: str) -> None:
    """Raises NotFound for a policy that does not bind the product; one that is not registered may be of any domain."""
    active = load_active_policies(context, conn)
    row = products.find(conn, product)
    bound = active.of(row.domain) if row else (*active.compiled.others, *sum(active.compiled.domains.values(), ()))
    names = {compiled_policy.policy.name for compiled_policy in bound}
    if policy not in names:
        whom = f"{product} (domain {row.domain})" if row else "any product"
        close = find_nearest(policy, names)
        hint = f"did you mean {close}?" if close else f"known: {', '.join(sorted(names)) or 'none are applied yet'}"
        raise NotFound(f"no policy {policy} binds {whom}", hint=hint)


def _describe_answer(kind: EventKind, row: Waiver) -> ActOutcome:
    return ActOutcome(kind, Subject(row.product), {"id": row.id, "policy": row.policy})


def _find_permitted(context: Context, conn: Connection, id: int) -> Waiver:
    """The waiver, if the caller governs its policy; raises NotFound, AccessDenied."""
    row = _find_waiver(conn, id)
    require_visible(context, conn, Action.GOVERN, row.product, _not_found(id))
    if not context.principal.local:
        policies = Resource(ResourceKind.POLICIES, name=_find_level(context, conn, row))
        authorize(context, Action.GOVERN, policies, conn)
    return row


def _find_level(context: Context, conn: Connection, row: Waiver) -> str | None:
    """The domain whose policy is waived; None for a policy of the mesh."""
    product, active = products.find(conn, row.product), load_active_policies(context, conn).compiled
    own = () if product is None else active.domains.get(product.domain, ())
    is_global = any(candidate.policy.name == row.policy for candidate in active.others)
    is_own = any(candidate.policy.name == row.policy for candidate in own)
    return product.domain if product is not None and is_own and not is_global else None


def is_party(context: Context, conn: Connection, requester: str) -> bool:
    """Whether the caller would answer its own request, or that of its agent or of the person it acts for."""
    who = context.principal
    row = principals.find(conn, requester) if not who.local else None
    parties = {requester, row.acts_for if row else None} - {None}
    return bool((who.acts_for is not None and who.acts_for.name in parties) or (row and who.name in parties))


def _find_waiver(conn: Connection, id: int) -> Waiver:
    row = waivers.find(conn, id)
    if row is None:
        raise _not_found(id)
    return row


def _not_found(id: int) -> NotFound:
    return NotFound(f"there is no waiver {id}", hint="data-platform policies waivers")


def _explain_unapproved(row: Waiver, by: str) -> Refused:
    if row.ended_at is not None or row.approved_at is not None:
        return Refused(f"waiver {row.id} was answered by {row.ended_by or row.approved_by} already")
    command = f"{VARIABLE}=NAME data-platform policies approve {row.id}"
    return Refused(f"waiver {row.id} was requested by {by}", hint=f"another principal has to approve it: {command}")


def _build_info(row: Waiver, now: datetime) -> WaiverInfo:
    return WaiverInfo(
        id=row.id,
        product=row.product,
        policy=row.policy,
        subject=row.subject,
        state=_describe_state(row, now),
        reason=row.reason,
        requested_at=row.requested_at,
        requested_by=row.requested_by,
        expires_at=row.expires_at,
        approved_at=row.approved_at,
        approved_by=row.approved_by,
        ended_at=row.ended_at,
        ended_by=row.ended_by,
    )


def _describe_state(row: Waiver, now: datetime) -> str:
    if row.ended_at is not None:
        return "ended" if row.approved_at is not None else "declined"
    if row.expires_at <= now:
        return "expired"
    return "holds" if row.approved_at is not None else "requested"
