"""access renew: ask for more time. The renewal is a request of its own, whose approval replaces the grant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from data_platform.errors import AccessDenied, NotFound, Refused
from data_platform.record.access.grants import GrantRow
from data_platform.record.access.requests import AccessRequestRow, RequestedOutput
from data_platform.verbs.access.capacities import name_person
from data_platform.verbs.access.lookup import is_party, lock_request, may_know, no_request_error
from data_platform.verbs.access.request import add_request, check_terms, parse_until
from data_platform.verbs.access.request_view import RequestedOutputView, RequestView, load_view
from data_platform.verbs.access.requested_outputs import refuse_late_end
from data_platform.verbs.access.revoke import parse_id
from data_platform.verbs.access.states import AccessState
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.request import Request
from data_platform.verbs.core.timestamps import Moment
from data_platform.verbs.results import AccessRequestInfo

_RENEWABLE = (AccessState.APPROVED, AccessState.PARTIAL, AccessState.EXPIRED)


@dataclass(frozen=True, slots=True)
class RenewAccess(Request[AccessRequestInfo]):
    """Ask for another time for a grant (`12.1`), or for every grant of a request (`12`), open or expired.

    Terms that changed since they were accepted have to be accepted again.
    """

    id: str
    until: Moment
    accept_terms: bool = False


def renew_access(context: Context, request: RenewAccess) -> AccessRequestInfo:
    """The new request, or the same one where it waits already.

    Raises NotFound, BadInput, and Refused for what was revoked, changed terms, and an end that no output grants.
    """
    now = context.clock()
    request_id, is_grant = parse_id(request.id)
    until = parse_until(request.until, now)
    with context.record.transaction() as tx:
        view = load_view(tx, lock_request(tx, request_id), now)
        if not is_party(context, view.row):
            if not may_know(context, tx, view):
                raise no_request_error(request_id)
            raise AccessDenied(f"{context.principal.name} may not renew {request.id}: {view.row.holder} has it")
        if view.row.is_break_glass:
            raise Refused(f"{request.id} is emergency access, which is not renewed", hint=_list_requests(view))
        chosen = _select(view, request.id if is_grant else None)
        changed = [
            output.offered
            for output, _ in chosen
            if output.offered is not None and output.offered.terms_digest not in (None, output.row.terms)
        ]
        check_terms(changed, accepted=request.accept_terms)
        refuse_late_end([output.offered for output, _ in chosen if output.offered is not None], until, now)
        principal, former = context.principal, view.row
        row = AccessRequestRow(0, principal.name, name_person(principal), former.holder, former.purpose, until, now)
        return add_request(context, tx, row, _list_outputs(chosen))


def _list_requests(view: RequestView) -> str:
    """The commands that ask for the outputs of an emergency in the usual way."""
    outputs = (f"{output.row.product}.{output.row.output}" for output in view.outputs)
    return "; ".join(f"data-platform access request {output} --purpose TEXT" for output in outputs)


def _select(view: RequestView, grant: str | None) -> list[tuple[RequestedOutputView, GrantRow]]:
    """The outputs to renew, each with its newest grant; raises NotFound, and Refused where none can be renewed."""
    named = [output for output in view.outputs if grant is None or grant in [row.id for row in output.grants]]
    if not named:
        raise NotFound(f"there is no grant {grant}", hint=f"data-platform access show {view.row.id}")
    chosen = [
        (output, output.state.grant)
        for output in named
        if output.state.grant is not None and output.state.state in _RENEWABLE and output.offered is not None
    ]
    if not chosen:
        states = ", ".join(dict.fromkeys(output.state.state.value for output in named))
        raise Refused(f"{grant or f'request {view.row.id}'} is {states}", hint="data-platform access request")
    return chosen


def _list_outputs(chosen: Sequence[tuple[RequestedOutputView, GrantRow]]) -> list[RequestedOutput]:
    return [
        RequestedOutput(
            request=0,
            position=position,
            product=output.row.product,
            output=output.row.output,
            columns=grant.columns,
            terms=None if output.offered is None else output.offered.terms_digest,
            renews=grant.id,
        )
        for position, (output, grant) in enumerate(chosen, 1)
    ]
