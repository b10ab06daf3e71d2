"""access break-glass: take access in an emergency, for an hour, without an approval and never without a trace."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection

from data_platform.access.actions import Action
from data_platform.errors import AccessDenied, BadInput, Refused
from data_platform.record.access import grants, requests
from data_platform.record.access.grants import GrantRow
from data_platform.record.access.requests import AccessRequestRow, RequestedOutput
from data_platform.record.catalog import products
from data_platform.record.operations import incidents
from data_platform.record.operations.event_kinds import EventKind
from data_platform.record.operations.incidents import IncidentCause
from data_platform.verbs.access.capacities import name_person
from data_platform.verbs.access.request import check_purpose
from data_platform.verbs.access.requested_outputs import find_offered_output, find_visible_product, refuse_denied
from data_platform.verbs.core.authorization.authorize import authorized_transaction
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.lookup.resolve import resolve_output
from data_platform.verbs.core.request import Request
from data_platform.verbs.events.incident_changes import IncidentChanges
from data_platform.verbs.events.outcomes import ActOutcome, Subject
from data_platform.verbs.events.recorder import record_outcomes
from data_platform.verbs.results import BrokenGlass

DURATION = timedelta(hours=1)
_SEVERITY = "high"


@dataclass(frozen=True, slots=True)
class BreakGlass(Request[BrokenGlass]):
    """Take access to an output for one hour, personal data included; it opens an incident that names the reason."""

    product: str
    output: str
    reason: str


def break_glass(context: Context, request: BreakGlass) -> BrokenGlass:
    """The grant and its incident. Raises NotFound, BadInput, and AccessDenied for an agent: a person has to answer.

    Raises Refused while the grant of the caller's earlier emergency is open, or its incident is.
    """
    principal, now = context.principal, context.clock()
    if principal.acts_for is not None:
        raise AccessDenied(f"{principal.name} is an agent, and may not break the glass: {principal.acts_for.name} may")
    reason, ends_at = check_purpose(request.reason, "reason"), now + DURATION
    with authorized_transaction(context) as tx:
        product = find_visible_product(context, tx, Action.REQUEST_ACCESS, request.product)
        key = resolve_output(tx, product.name, request.output)
        offered = find_offered_output(tx, product, key.base)
        if offered is None:
            raise BadInput(f"{product.name}.{key.base} has nothing to read")
        _refuse_again(context, tx, product.name, key.base)
        refuse_denied(context, tx, [offered], principal)
        row = AccessRequestRow(
            0, principal.name, name_person(principal), principal.name, reason, ends_at, now, is_break_glass=True
        )
        id = requests.add(tx, row)
        requests.add_outputs(tx, [RequestedOutput(id, 1, product.name, key.base)])
        grant = GrantRow(
            id=f"{id}.1",
            request=id,
            position=1,
            product=product.name,
            output=key.base,
            holder=principal.name,
            purpose=reason,
            columns=None,
            opens_personal_data=True,
            is_break_glass=True,
            begins_at=now,
            ends_at=ends_at,
            review_at=None,
        )
        grants.add(tx, grant)
        summary = f"{principal.name} broke the glass until {ends_at:%Y-%m-%d %H:%M} UTC: {reason}"
        cause = IncidentCause(product.name, key.name, requests.name_glass_cause(id), summary, _SEVERITY)
        incident = incidents.record_occurrence(tx, cause, now, principal.name)
        details = {
            "request": id,
            "holder": principal.name,
            "grant": grant.id,
            "until": ends_at,
            "reason": reason,
            "incident": incident.id,
        }
        outcome = ActOutcome(EventKind.GLASS_BROKEN, Subject(product.name, key.base), details)
        record_outcomes(context, tx, outcome, *IncidentChanges(opened=[incident]).outcomes)
    return BrokenGlass(id, grant.id, product.name, key.base, reason, ends_at, incident.id)


def _refuse_again(context: Context, tx: Connection, product: str, output: str) -> None:
    """Raises Refused until another than the caller has resolved the incident of an earlier emergency."""
    products.lock(tx, product)  # of two at once, one comes second
    earlier = requests.list_broken_glass(tx, name_person(context.principal), product, output)
    open_grants = [row for row in grants.list_by_requests(tx, earlier) if row.is_open(context.clock())]
    if open_grants:
        (row, *_) = open_grants
        raise Refused(
            f"{row.holder} has access to {product}.{output} by the grant {row.id} until {row.ends_at:%H:%M} UTC"
        )
    causes = {requests.name_glass_cause(id) for id in earlier}
    unresolved = [row for row in incidents.list_history(tx, product, open_only=True) if row.cause in causes]
    if unresolved:
        raise Refused(
            f"incident {unresolved[0].id} of an earlier emergency on {product}.{output} is open",
            hint="somebody else has to resolve it first, or to approve a request: data-platform access request",
        )
