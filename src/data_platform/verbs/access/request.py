"""access request, withdraw: ask for access to outputs, with one purpose for all of them, or take that back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from data_platform.errors import BadInput, NotFound, Refused
from data_platform.record.access import decisions, requests
from data_platform.record.access.decisions import AccessDecisionRow
from data_platform.record.access.requests import AccessRequestRow, RequestedOutput
from data_platform.record.catalog import products
from data_platform.record.identity import principals, teams
from data_platform.record.operations.event_kinds import EventKind
from data_platform.settings import Principal, PrincipalKind
from data_platform.verbs.access.auto_approval import find_condition
from data_platform.verbs.access.capacities import name_person
from data_platform.verbs.access.granting import apply_approvals, record_decision
from data_platform.verbs.access.lookup import lock_request, no_request_error
from data_platform.verbs.access.pending import find_pending_request
from data_platform.verbs.access.request_view import RequestedOutputView, RequestView, build_request_info, load_view
from data_platform.verbs.access.requested_outputs import (
    OfferedOutput,
    check_columns,
    find_offered_outputs,
    refuse_denied,
    refuse_late_end,
)
from data_platform.verbs.access.states import AccessVerdict, Capacity
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.request import Request
from data_platform.verbs.core.timestamps import Moment, parse_end
from data_platform.verbs.events.outcomes import ActOutcome, Subject
from data_platform.verbs.events.recorder import record_outcomes
from data_platform.verbs.results import AccessRequestInfo

_MOST_OUTPUTS = 100
_LONGEST_PURPOSE = 2_000


@dataclass(frozen=True, slots=True)
class RequestAccess(Request[AccessRequestInfo]):
    """Ask for access to outputs, for oneself or for a team that one is a member of.

    `outputs` are `PRODUCT.OUTPUT`, or `PRODUCT` for each output of it. `columns` None asks for all of them.
    `accept_terms` accepts the terms of every one.
    """

    outputs: tuple[str, ...]
    purpose: str
    columns: tuple[str, ...] | None = None
    until: Moment | None = None
    team: str | None = None
    accept_terms: bool = False


@dataclass(frozen=True, slots=True)
class WithdrawRequest(Request[AccessRequestInfo]):
    """Take back what is not decided yet of a request of one's own; what it opened stays until it is revoked."""

    id: int


def request_access(context: Context, request: RequestAccess) -> AccessRequestInfo:
    """The request, with what conditions of product.yaml approved at once; the same one where it waits already.

    Raises NotFound for products that are not there or that the caller may not know of, BadInput for columns, ends and
    teams, and Refused for terms that are not accepted: all problems at once. Refused also for an end that no output
    grants, and for another end than that of the same request that waits.
    """
    now = context.clock()
    purpose, until = check_purpose(request.purpose), parse_until(request.until, now)
    if not 1 <= len(request.outputs) <= _MOST_OUTPUTS:
        raise BadInput(f"a request names 1 to {_MOST_OUTPUTS} outputs", hint="data-platform access request PRODUCT")
    with context.record.transaction() as tx:
        offered = _find_all(context, tx, request.outputs)
        _check_all(offered, request)
        refuse_late_end(offered, until, now)
        principal = context.principal
        holder = principal.name if request.team is None else _check_team(context, tx, request.team)
        refuse_denied(context, tx, offered, describe_reader(principal, request.team))
        row = AccessRequestRow(0, principal.name, name_person(principal), holder, purpose, until, now)
        asked = [
            RequestedOutput(0, position, output.product.name, output.name, request.columns, output.terms_digest)
            for position, output in enumerate(offered, 1)
        ]
        return add_request(context, tx, row, asked)


def withdraw_request(context: Context, request: WithdrawRequest) -> AccessRequestInfo:
    """The request, with nothing left to decide. Raises NotFound for that of another, Refused where all is decided."""
    with context.record.transaction() as tx:
        row = lock_request(tx, request.id)
        if name_person(context.principal) not in (row.requester, row.person):
            raise no_request_error(request.id)
        view = load_view(tx, row, context.clock())
        undecided = [output for output in view.outputs if output.state.missing]
        if not undecided:
            state = build_request_info(view, context.clock()).state
            raise Refused(
                f"request {row.id} is {state}", hint=f"to give access up: data-platform access revoke {row.id}"
            )
        for output in undecided:
            record_decision(context, tx, output, Capacity.REQUESTER, AccessVerdict.WITHDRAW, None)
        record_outcomes(
            context, tx, *(describe_request(EventKind.ACCESS_WITHDRAWN, view, output) for output in undecided)
        )
        return build_request_info(load_view(tx, row, context.clock()), context.clock())


def add_request(
    context: Context, tx: Connection, row: AccessRequestRow, asked: Sequence[RequestedOutput]
) -> AccessRequestInfo:
    """Records a request, and approves what conditions of product.yaml approve; the same one that waits is not repeated.

    Raises Refused where the one that waits has another end.
    """
    for product in sorted({output.product for output in asked}):
        products.lock(tx, product)  # of two at once, the second finds the first
    if pending := find_pending_request(tx, row, asked):
        return build_request_info(pending, row.created_at)
    row = replace(row, id=requests.add(tx, row))
    requests.add_outputs(tx, [replace(output, request=row.id) for output in asked])
    view = load_view(tx, row, context.clock())
    outcomes = [describe_request(EventKind.ACCESS_REQUESTED, view, output) for output in view.outputs]
    for output in view.outputs:
        outcomes += _approve_by_contract(context, tx, view, output)
    record_outcomes(context, tx, *outcomes)
    return build_request_info(load_view(tx, row, context.clock()), context.clock())


def _approve_by_contract(
    context: Context, tx: Connection, view: RequestView, output: RequestedOutputView
) -> list[ActOutcome]:
    """Approves an output where a condition of `auto_approve` is met; it opens no personal data."""
    offered = output.offered
    condition = None if offered is None else find_condition(context, tx, offered, view.row.purpose)
    if offered is None or condition is None:
        return []
    decision = AccessDecisionRow(
        id=0,
        request=view.row.id,
        position=output.row.position,
        decider=Capacity.CONTRACT.value,
        person=Capacity.CONTRACT.value,
        capacity=Capacity.CONTRACT.value,
        verdict=AccessVerdict.APPROVE.value,
        note=condition,
        at=context.clock(),
    )
    decisions.add(tx, decision)
    grant = apply_approvals(context, tx, view.row, replace(output, decisions=(decision,)), offered)
    details = {"grant": grant.id if grant else None, "capacity": Capacity.CONTRACT.value, "personal_data": False}
    return [describe_request(EventKind.ACCESS_APPROVED, view, output, **details)]


def describe_request(kind: EventKind, view: RequestView, output: RequestedOutputView, **details: object) -> ActOutcome:
    """What happened to an output of a request."""
    row = view.row
    about = {"request": row.id, "holder": row.holder, **details}
    return ActOutcome(kind, Subject(output.row.product, output.row.output), about)


def describe_reader(principal: Principal, team: str | None) -> Principal:
    """Who would read: the caller, or a member of the team of which nothing else is known."""
    return principal if team is None else Principal(team, verified=True, teams=frozenset([team]), roles=principal.roles)


def check_purpose(text: str, what: str = "purpose") -> str:
    """The text without blanks around it, which an error calls `what`; raises BadInput."""
    purpose = text.strip()
    if not purpose or len(purpose) > _LONGEST_PURPOSE:
        raise BadInput(f"a {what} has 1 to {_LONGEST_PURPOSE:,} characters, and this has {len(purpose):,}")
    return purpose


def parse_until(value: Moment | None, now: datetime) -> datetime | None:
    """The end that a request asks for; raises BadInput for one that is past."""
    if value is None:
        return None
    until = parse_end(value, now)
    if until <= now:
        raise BadInput(
            f"{until:%Y-%m-%d %H:%M} UTC is not in the future",
            hint="give a later date, or how long from now, such as 90d",
        )
    return until


def _find_all(context: Context, conn: Connection, references: Sequence[str]) -> list[OfferedOutput]:
    """The outputs that are named, each once; raises NotFound or BadInput with every wrong name."""
    offered: list[OfferedOutput] = []
    wrong: list[BadInput] = []
    for reference in dict.fromkeys(references):
        try:
            offered += find_offered_outputs(context, conn, reference)
        except BadInput as error:
            wrong.append(error)
    if len(wrong) == 1:
        raise wrong[0]
    if wrong:
        kind = NotFound if all(isinstance(error, NotFound) for error in wrong) else BadInput
        raise kind("\n".join(str(error) for error in wrong))
    return list({str(output): output for output in offered}.values())


def _check_all(offered: Sequence[OfferedOutput], request: RequestAccess) -> None:
    """Raises BadInput for columns that an output does not have, and Refused for terms that are not accepted."""
    wrong = [problem for output in offered for problem in check_columns(output, request.columns or ())]
    if request.columns is not None and not request.columns:
        wrong.append("no column is named: leave the columns out to ask for all of them")
    if wrong:
        raise BadInput("\n".join([*wrong, *_list_unaccepted(offered, accepted=request.accept_terms)]))
    check_terms(offered, accepted=request.accept_terms)


def check_terms(offered: Sequence[OfferedOutput], *, accepted: bool) -> None:
    """Raises Refused with the terms that are not accepted."""
    if unaccepted := _list_unaccepted(offered, accepted=accepted):
        raise Refused("\n".join(unaccepted), hint="to accept them: --accept-terms (accept_terms=True)")


def _list_unaccepted(offered: Sequence[OfferedOutput], *, accepted: bool) -> list[str]:
    if accepted:
        return []
    return [
        f"the terms of {output} are not accepted:\n{output.access.terms}"
        for output in offered
        if output.access.terms is not None
    ]


def _check_team(context: Context, conn: Connection, team: str) -> str:
    """The team; raises NotFound for one that the caller is no member of. Who opened the home may name every team."""
    principal = context.principal
    if principal.local:
        row = principals.find(conn, team)
        if row is not None and row.kind == PrincipalKind.TEAM:
            return team
    elif team in principal.teams:
        return team
    own = teams.list_teams(conn, principal.name)
    hint = f"yours: {', '.join(own)}" if own else "data-platform teams"
    raise NotFound(f"{principal.name} is in no team {team}", hint=hint)
