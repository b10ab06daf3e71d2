"""access mine, to-decide, show: requests, with the state that they are in now."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from data_platform.record.access import decisions, requests
from data_platform.record.identity import teams
from data_platform.record.lineage.impact import query_ways, walk_downstream
from data_platform.verbs.access.capacities import (
    explain_own_request,
    list_capacities,
    list_holders,
    name_person,
    select_capacity,
)
from data_platform.verbs.access.lookup import (
    find_request,
    is_party,
    map_capacities,
    no_request_error,
)
from data_platform.verbs.access.request_view import (
    RequestView,
    build_decision_infos,
    build_grant_infos,
    build_request_info,
    load_view,
    load_views,
    select_visible,
)
from data_platform.verbs.access.requested_outputs import OfferedOutput
from data_platform.verbs.access.states import Capacity
from data_platform.verbs.core.authorization.visible_part import VisiblePart, find_visible_part
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.lookup.resolve import list_majors
from data_platform.verbs.core.request import Request
from data_platform.verbs.results import AccessRequestDetail, AccessRequestInfo, OpenedAccess


@dataclass(frozen=True, slots=True)
class ListOwnRequests(Request[list[AccessRequestInfo]]):
    """The requests that the caller made, or whose access it or a team of it has."""


@dataclass(frozen=True, slots=True)
class ListUndecidedRequests(Request[list[AccessRequestInfo]]):
    """The requests about which the caller can decide now."""


@dataclass(frozen=True, slots=True)
class ShowRequest(Request[AccessRequestDetail]):
    """One request, with what its approval opens, its decisions and its grants."""

    id: int


def list_own_requests(context: Context, request: ListOwnRequests) -> list[AccessRequestInfo]:
    """Newest first."""
    principal, now = context.principal, context.clock()
    with context.record.reading() as conn:
        holders = list_holders(principal) | frozenset(teams.list_teams(conn, principal.name) if principal.local else ())
        views = load_views(conn, requests.list_by(conn, name_person(principal), holders), now)
        visible = select_visible(find_visible_part(context, conn), views)
    return [build_request_info(view, now) for view in visible]


def list_undecided_requests(context: Context, request: ListUndecidedRequests) -> list[AccessRequestInfo]:
    """Newest first."""
    now = context.clock()
    with context.record.reading() as conn:
        views = load_views(conn, requests.list_by_ids(conn, decisions.list_unfinished(conn)), now)
        capacities: dict[str, frozenset[Capacity]] = {}
        mine = [view for view in views if _is_to_decide(context, conn, view, capacities)]
    return [build_request_info(view, now) for view in mine]


def show_request(context: Context, request: ShowRequest) -> AccessRequestDetail:
    """The request; raises NotFound for one that the caller neither made nor decides about."""
    now = context.clock()
    with context.record.reading() as conn:
        view, part = load_view(conn, find_request(conn, request.id), now), find_visible_part(context, conn)
        if not select_visible(part, [view]) or not (
            is_party(context, view.row) or any(map_capacities(context, conn, view).values())
        ):
            raise no_request_error(request.id)
        opens = tuple(
            _build_opened(conn, part, output.offered, output.row.columns) for output in view.outputs if output.offered
        )
    return AccessRequestDetail(
        build_request_info(view, now), opens, tuple(build_decision_infos(view)), build_grant_infos(view.grants, now)
    )


def _is_to_decide(
    context: Context, conn: Connection, view: RequestView, capacities: dict[str, frozenset[Capacity]]
) -> bool:
    """Whether an output waits for the caller; `capacities` by output keeps what was looked up before."""
    waiting = [output for output in view.outputs if output.state.missing and output.offered is not None]
    for output in waiting:
        if output.offered is not None and str(output) not in capacities:
            capacities[str(output)] = list_capacities(context, conn, output.offered)
    is_mine = any(
        select_capacity(context.principal, capacities[str(output)], output.state.missing, output.decisions)
        for output in waiting
    )
    return is_mine and explain_own_request(context, conn, view.row) is None


def _build_opened(
    conn: Connection, part: VisiblePart, output: OfferedOutput, columns: tuple[str, ...] | None
) -> OpenedAccess:
    names = [row.name for row in list_majors(conn, output.product.name, output.name) if not row.closed]
    ways = query_ways(conn)
    derived = {product for name in names for product in walk_downstream(ways, output.product.name, name)}
    rows = output.access.rows
    return OpenedAccess(
        product=output.product.name,
        output=output.name,
        columns=output.columns if columns is None else columns,
        personal_data=output.select_personal_data(columns),
        rows=None if rows is None else rows.text,
        terms=output.access.terms,
        derived=tuple(part.select(sorted(derived), str)),
    )
