"""access approve, deny: an owner, an approver or a governor decides about the outputs of a request that are theirs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from data_platform.errors import AccessDenied, BadInput, NotFound, Refused
from data_platform.record.access.requests import AccessRequestRow
from data_platform.record.identity import principals
from data_platform.record.operations.event_kinds import EventKind
from data_platform.settings.identity import VARIABLE
from data_platform.verbs.access.capacities import explain_own_request, select_capacity
from data_platform.verbs.access.granting import apply_approvals, record_decision
from data_platform.verbs.access.lookup import (
    is_party,
    lock_renewed,
    lock_request,
    map_capacities,
    may_know,
    no_request_error,
)
from data_platform.verbs.access.request import describe_request
from data_platform.verbs.access.request_view import RequestedOutputView, RequestView, build_request_info, load_view
from data_platform.verbs.access.requested_outputs import OfferedOutput
from data_platform.verbs.access.states import AccessVerdict, Capacity
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.request import Request
from data_platform.verbs.events.recorder import record_outcomes
from data_platform.verbs.results import AccessRequestInfo

_LONGEST_NOTE = 2_000


@dataclass(frozen=True, slots=True)
class ApproveRequest(Request[AccessRequestInfo]):
    """Approve a request for access: its outputs about which the caller may decide, or those of `outputs` alone."""

    id: int
    note: str | None = None
    outputs: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class DenyRequest(Request[AccessRequestInfo]):
    """Deny what is not decided yet of a request, and say why."""

    id: int
    note: str
    outputs: tuple[str, ...] | None = None


def approve_request(context: Context, request: ApproveRequest) -> AccessRequestInfo:
    """The request, whose `missing` names who has to approve yet.

    The approval of the owner opens the columns without personal data; those with personal data open once a governor has
    approved too. Raises NotFound, also for who is no party and decides nothing, AccessDenied for one's own request and
    for what others decide, and Refused for what is decided.
    """
    return _decide(context, request.id, AccessVerdict.APPROVE, request.note, request.outputs)


def deny_request(context: Context, request: DenyRequest) -> AccessRequestInfo:
    """The request; what was opened before stays open. Raises NotFound, AccessDenied, Refused, BadInput for no note."""
    if not request.note.strip():
        raise BadInput("a denial says why", hint="give the reason: --note TEXT (note)")
    return _decide(context, request.id, AccessVerdict.DENY, request.note, request.outputs)


def _decide(
    context: Context, id: int, verdict: AccessVerdict, note: str | None, names: tuple[str, ...] | None
) -> AccessRequestInfo:
    text = _check_note(note)
    with context.record.transaction() as tx:
        row = lock_request(tx, id)
        lock_renewed(tx, row)
        view = load_view(tx, row, context.clock())
        capacities = map_capacities(context, tx, view)
        if not may_know(context, tx, view):
            raise no_request_error(id)
        _refuse_unentitled(context, tx, view, capacities)
        _refuse_disabled(tx, row)
        chosen = _select_outputs(view, names)
        mine = list(_select_capacities(context, chosen, capacities))
        if not mine:
            raise _explain_undecidable(context, view, chosen, capacities)
        outcomes = []
        for output, capacity in mine:
            decision = record_decision(context, tx, output, capacity, verdict, text)
            if verdict is AccessVerdict.DENY:
                outcomes.append(describe_request(EventKind.ACCESS_DENIED, view, output, capacity=capacity.value))
                continue
            decided = replace(output, decisions=(*output.decisions, decision))
            grant = apply_approvals(context, tx, row, decided, _require_offered(output))
            details = {
                "capacity": capacity.value,
                "grant": grant.id if grant else None,
                "personal_data": grant.opens_personal_data if grant else None,
            }
            outcomes.append(describe_request(EventKind.ACCESS_APPROVED, view, output, **details))
        record_outcomes(context, tx, *outcomes)
        return build_request_info(load_view(tx, row, context.clock()), context.clock())


def _select_outputs(view: RequestView, names: tuple[str, ...] | None) -> tuple[RequestedOutputView, ...]:
    if names is None:
        return view.outputs
    by_name = {str(output): output for output in view.outputs}
    wrong = [name for name in names if name not in by_name]
    if wrong:
        raise NotFound(
            f"request {view.row.id} does not ask for {', '.join(wrong)}", hint=f"it has: {', '.join(by_name)}"
        )
    return tuple(by_name[name] for name in dict.fromkeys(names))


def _select_capacities(
    context: Context, outputs: tuple[RequestedOutputView, ...], capacities: Mapping[int, frozenset[Capacity]]
) -> Iterator[tuple[RequestedOutputView, Capacity]]:
    """The outputs about which the caller can decide now, with the capacity in which they do."""
    for output in outputs:
        own = capacities.get(output.row.position, frozenset())
        capacity = select_capacity(context.principal, own, output.state.missing, output.decisions)
        if capacity is not None:
            yield output, capacity


def _refuse_unentitled(
    context: Context, conn: Connection, view: RequestView, capacities: Mapping[int, frozenset[Capacity]]
) -> None:
    """Raises AccessDenied for one's own request, and for a party that decides about none of its outputs."""
    own = explain_own_request(context, conn, view.row)
    if own is not None:
        hint = f"another principal has to decide: {VARIABLE}=NAME" if context.principal.local else None
        raise AccessDenied(f"{context.principal.name} may not decide about request {view.row.id}: {own}", hint=hint)
    if any(capacities.values()):
        return
    what = f"{context.principal.name} may not decide about request {view.row.id}"
    missing = build_request_info(view, context.clock()).missing if is_party(context, view.row) else ()
    raise AccessDenied(what + (f": it waits for {' and '.join(missing)}" if missing else ""))


def _refuse_disabled(conn: Connection, row: AccessRequestRow) -> None:
    """Raises Refused for a holder that may ask no more."""
    holder = principals.find(conn, row.holder)
    if holder is not None and holder.disabled_at is not None:
        raise Refused(f"{row.holder}, who would get the access, is disabled since {holder.disabled_at:%Y-%m-%d}")


def _explain_undecidable(
    context: Context,
    view: RequestView,
    chosen: tuple[RequestedOutputView, ...],
    capacities: Mapping[int, frozenset[Capacity]],
) -> Refused:
    """Why the caller, who decides about some output of the request, has nothing to decide now."""
    info = build_request_info(view, context.clock())
    if not any(output.state.missing for output in chosen):
        return Refused(f"request {view.row.id} is {info.state}: there is nothing to decide")
    if not any(capacities.get(output.row.position) for output in chosen):
        return AccessDenied(f"{context.principal.name} may not decide about these outputs")
    waits = f"it waits for {' and '.join(info.missing)}"
    if any(decision.decider == context.principal.name for output in chosen for decision in output.decisions):
        return AccessDenied(f"{context.principal.name} has approved request {view.row.id} already; {waits}")
    return AccessDenied(f"{context.principal.name} has nothing to decide about request {view.row.id}: {waits}")


def _require_offered(output: RequestedOutputView) -> OfferedOutput:
    if output.offered is None:
        raise NotFound(f"there is no output {output} any more")
    return output.offered


def _check_note(note: str | None) -> str | None:
    text = (note or "").strip()
    if len(text) > _LONGEST_NOTE:
        raise BadInput(f"a note has at most {_LONGEST_NOTE:,} characters, and this has {len(text):,}")
    return text or None
