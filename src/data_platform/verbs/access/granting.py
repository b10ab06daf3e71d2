"""Grants follow from decisions: what is approved further replaces the grant, so that a grant itself never changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Connection

from data_platform.record.access import decisions, grants
from data_platform.record.access.decisions import AccessDecisionRow
from data_platform.record.access.grants import GrantRow
from data_platform.record.access.requests import AccessRequestRow
from data_platform.record.operations.event_kinds import EventKind
from data_platform.verbs.access.capacities import name_person
from data_platform.verbs.access.request_view import RequestedOutputView
from data_platform.verbs.access.requested_outputs import OfferedOutput
from data_platform.verbs.access.states import AccessVerdict, Capacity, list_missing, opens_columns
from data_platform.verbs.core.context import Context
from data_platform.verbs.events.outcomes import ActOutcome, Subject

REVIEW_AFTER = timedelta(days=180)
"""When a grant without an end is to be reviewed."""

REVOKED, WIDENED, NARROWED, RENEWED = "revoked", "approved further", "narrowed", "renewed"
RETIRED, LEFT = "retired", "left"
"""The reasons why a grant ends before its time."""


def record_decision(
    context: Context,
    tx: Connection,
    output: RequestedOutputView,
    capacity: Capacity,
    verdict: AccessVerdict,
    note: str | None,
) -> AccessDecisionRow:
    """Records the caller's decision about an output."""
    who = context.principal
    row = AccessDecisionRow(
        id=0,
        request=output.row.request,
        position=output.row.position,
        decider=who.name,
        person=name_person(who),
        capacity=capacity.value,
        verdict=verdict.value,
        note=note,
        at=context.clock(),
    )
    decisions.add(tx, row)
    return row


def apply_approvals(
    context: Context, tx: Connection, request: AccessRequestRow, output: RequestedOutputView, offered: OfferedOutput
) -> GrantRow | None:
    """The grant that the approvals of an output give by now; None where they open nothing that is not open yet."""
    if not opens_columns(output.decisions):
        return None
    personal_data = output.personal_data
    opens_personal_data = bool(personal_data) and not list_missing(output.decisions, has_personal_data=True)
    current = output.state.grant
    if current is not None:
        if opens_personal_data and not current.opens_personal_data:
            return replace_grant(context, tx, current, WIDENED, opens_personal_data=True)
        return None
    now = context.clock()
    ends_at = offered.find_end(request.until, now)
    grant = GrantRow(
        id=_make_id(tx, request.id),
        request=request.id,
        position=output.row.position,
        product=output.row.product,
        output=output.row.output,
        holder=request.holder,
        purpose=request.purpose,
        columns=output.row.columns,
        opens_personal_data=opens_personal_data,
        is_break_glass=request.is_break_glass,
        begins_at=now,
        ends_at=ends_at,
        review_at=None if ends_at is not None else now + REVIEW_AFTER,
    )
    grants.add(tx, grant)
    if output.row.renews is not None:
        grants.revoke(tx, output.row.renews, now, context.principal.name, RENEWED)
    return grant


def replace_grant(
    context: Context,
    tx: Connection,
    row: GrantRow,
    why: str,
    *,
    columns: tuple[str, ...] | None = None,
    opens_personal_data: bool | None = None,
) -> GrantRow:
    """Ends an open grant, and begins one at the same moment that differs in its columns."""
    now = context.clock()
    grants.revoke(tx, row.id, now, context.principal.name, why)
    successor = replace(
        row,
        id=_make_id(tx, row.request),
        begins_at=now,
        columns=row.columns if columns is None else columns,
        opens_personal_data=row.opens_personal_data if opens_personal_data is None else opens_personal_data,
    )
    grants.add(tx, successor)
    return successor


def _make_id(tx: Connection, request: int) -> str:
    return f"{request}.{grants.number_grants(tx, request) + 1}"


def describe_grant_end(row: GrantRow, why: str) -> ActOutcome:
    """The end of a grant before its time."""
    details = {"request": row.request, "grant": row.id, "holder": row.holder, "why": why}
    return ActOutcome(EventKind.ACCESS_REVOKED, Subject(row.product, row.output), details)


def end_grants_of_output(context: Context, tx: Connection, product: str, output: str) -> list[ActOutcome]:
    """Ends the grants of an output that is retired in all of its majors."""
    open_grants = grants.list_open(tx, context.clock(), product=product)
    return _end_all(context, tx, [row for row in open_grants if row.output == output], RETIRED)


def end_grants_of_holder(context: Context, tx: Connection, holder: str) -> list[ActOutcome]:
    """Ends the grants of a principal that may ask no more."""
    return _end_all(context, tx, list(grants.list_open(tx, context.clock(), holder=holder)), LEFT)


def _end_all(context: Context, tx: Connection, rows: list[GrantRow], why: str) -> list[ActOutcome]:
    now, by = context.clock(), context.principal.name
    return [describe_grant_end(row, why) for row in rows if grants.revoke(tx, row.id, now, by, why)]
