"""runs: the runs of pipelines, and the log of one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from data_platform.access.actions import Action
from data_platform.access.relations import is_in_charge
from data_platform.errors import BadInput
from data_platform.record.operations import runs
from data_platform.record.operations.runs import STATES, RunRow
from data_platform.spec.product.output_names import OutputName
from data_platform.verbs.core.authorization.access_facts import find_facts
from data_platform.verbs.core.authorization.visible_part import find_visible_part
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.lookup.resolve import OutputLabels, list_majors, resolve_product
from data_platform.verbs.core.request import Request
from data_platform.verbs.core.timestamps import to_utc
from data_platform.verbs.results.runs import RunDetail, RunInfo
from data_platform.verbs.runs.run_info import (
    build_run_info,
    describe_resource,
    find_cutoff,
    find_permitted_run,
    find_required_starter,
)


@dataclass(frozen=True, slots=True)
class ListRuns(Request[list[RunInfo]]):
    """The runs of the mesh, of a product, or of one of its outputs (`NAME` in all its majors, `NAME@MAJOR`).

    `before` leaves out runs that did not start before that moment. With `behind`, the id of a run that started then,
    the list goes on behind that run.
    """

    product: str | None = None
    output: str | None = None
    state: str | None = None
    limit: int | None = None
    before: datetime | None = None
    behind: str | None = None


@dataclass(frozen=True, slots=True)
class ShowRun(Request[RunDetail]):
    """One run, with the end of its log."""

    id: str


def list_runs(context: Context, request: ListRuns) -> list[RunInfo]:
    """The runs, newest first; raises BadInput for an unknown state, NotFound for an unknown product."""
    _check(request)
    before = None if request.before is None else (to_utc(request.before), request.behind)
    with context.record.reading() as conn:
        keys = _list_keys(conn, request.product, request.output) if request.product and request.output else None
        part, cutoff = find_visible_part(context, conn), find_cutoff(context)
        starter = find_required_starter(context) if part.is_whole_mesh else None
        rows = runs.list_history(
            conn, cutoff, request.product, keys, request.state, request.limit, part.products, starter, before
        )
        if request.product and not rows:
            resolve_product(conn, request.product)
        labels = OutputLabels(conn)
    return [build_run_info(row, labels) for row in rows]


def _check(request: ListRuns) -> None:
    if request.state is not None and request.state not in STATES:
        raise BadInput(f"there is no state {request.state!r}", hint=f"one of {', '.join(STATES)}")
    if request.output is not None and request.product is None:
        raise BadInput("an output is one of a product", hint="name the product too")
    if request.behind is not None and request.before is None:
        raise BadInput("behind is a run that started at the moment before", hint="pass its started_at as before")


def show_run(context: Context, request: ShowRun) -> RunDetail:
    """The run, and its log for who is in charge of the product. Raises NotFound."""
    with context.record.reading() as conn:
        row = find_permitted_run(context, conn, Action.READ, request.id)
        log = runs.find_log(conn, row.id) if _may_read_log(context, conn, row) else None
        return RunDetail(build_run_info(row, OutputLabels(conn)), log or "")


def _may_read_log(context: Context, conn: Connection, row: RunRow) -> bool:
    """Whether the caller is in charge of the product: a log may hold rows, also of inputs that a reader may not see.

    Of a product that is not registered, who finds the run is in charge of it.
    """
    principal, resource = context.principal, describe_resource(conn, row)
    return (
        principal.local or resource.owner is not None or is_in_charge(principal, find_facts(conn, resource, principal))
    )


def _list_keys(conn: Connection, product: str, output: str) -> list[str]:
    wanted = OutputName.parse(output)
    majors = [row for row in list_majors(conn, product, wanted.name) if wanted.major in (None, row.major)]
    return [row.name for row in majors] or [output]
