"""Runs as the verbs find and answer them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from data_platform.access.actions import Action, Resource
from data_platform.access.relations import is_admin
from data_platform.errors import NotFound, RunConflict
from data_platform.record.identity.ownership import find_ownership
from data_platform.record.operations import runs
from data_platform.record.operations.runs import RunRow
from data_platform.verbs.core.authorization.authorize import authorize
from data_platform.verbs.core.authorization.visible_part import require_visible
from data_platform.verbs.core.context import Context, DeniedAct
from data_platform.verbs.core.lookup.resolve import OutputLabels
from data_platform.verbs.results.runs import LOST_AFTER, RunInfo


def find_cutoff(context: Context) -> datetime:
    """The moment after which a running run must have been heard from."""
    return context.clock() - LOST_AFTER


def find_permitted_run(context: Context, conn: Connection, action: Action, id: str) -> RunRow:
    """The run, if the caller may do `action` to its output, which the decision of the context says.

    Raises NotFound, AccessDenied.
    """
    row = runs.find(conn, id, find_cutoff(context))
    if row is None:
        raise run_not_found(id)
    require_visible(context, conn, action, row.product, run_not_found(id))
    resource = describe_resource(conn, row)
    if resource.owner is not None and find_required_starter(context) not in (None, row.by):
        context.denied = DeniedAct(action, resource, "the run of a product that is not registered is its starter's")
        raise run_not_found(id)
    context.decision = authorize(context, action, resource, conn)
    return row


def find_required_starter(context: Context) -> str | None:
    """Whose runs the caller finds of products that are not registered: their own; None where it finds all of them."""
    return None if is_admin(context.principal) else context.principal.name


def describe_resource(conn: Connection, row: RunRow) -> Resource:
    """The output of the run. While its product is not registered, who started the run answers for it."""
    owner = row.by if find_ownership(conn, row.product) is None else None
    return Resource.of(row.product, row.output, owner=owner)


def build_run_info(row: RunRow, labels: OutputLabels) -> RunInfo:
    """The run with the label of its output."""
    return RunInfo(
        id=row.id,
        product=row.product,
        output=labels.label(row.product, row.output),
        state=row.state,
        attempt=row.attempt,
        scheduled_for=row.scheduled_for,
        by=row.by,
        door=row.door,
        host=row.host,
        started_at=row.started_at,
        heartbeat_at=row.heartbeat_at,
        publishing_at=row.publishing_at,
        finished_at=row.finished_at,
        version=row.version,
        error_kind=row.error_kind,
        error=row.error,
    )


def run_not_found(id: str) -> NotFound:
    """The error for an id that no run has."""
    return NotFound(f"there is no run {id}", hint="data-platform runs lists the ids; write the whole id")


def run_over_error(row: RunRow) -> RunConflict:
    """The error for a run that is not running any more."""
    when = f" since {row.finished_at:%Y-%m-%d %H:%M:%S} UTC" if row.finished_at else ""
    return RunConflict(f"run {row.id} is {row.state}{when}", hint=f"data-platform runs show {row.id}")
