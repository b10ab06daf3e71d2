"""Finds requests and grants by id for those who may know of them; for all others there are none."""

from __future__ import annotations

from sqlalchemy import Connection

from data_platform.errors import NotFound
from data_platform.record.access import grants, requests
from data_platform.record.access.grants import GrantRow
from data_platform.record.access.requests import AccessRequestRow
from data_platform.settings import Principal
from data_platform.verbs.access.capacities import list_capacities, name_person
from data_platform.verbs.access.request_view import RequestView, load_view
from data_platform.verbs.access.states import Capacity
from data_platform.verbs.core.context import Context

_LARGEST = 2**63 - 1


def lock_request(conn: Connection, id: int) -> AccessRequestRow:
    """The request; until the transaction ends, nobody else decides about it. Raises NotFound."""
    row = requests.lock(conn, id) if 0 < id <= _LARGEST else None
    if row is None:
        raise no_request_error(id)
    return row


def find_request(conn: Connection, id: int) -> AccessRequestRow:
    """The request; raises NotFound."""
    row = requests.find(conn, id) if 0 < id <= _LARGEST else None
    if row is None:
        raise no_request_error(id)
    return row


def lock_grant(context: Context, conn: Connection, id: str) -> tuple[GrantRow, RequestView]:
    """The grant, as it is once its request is locked, and that request; raises NotFound."""
    row = grants.find(conn, id)
    if row is None:
        raise no_grant_error(id)
    view = load_view(conn, lock_request(conn, row.request), context.clock())
    return next(grant for grant in view.grants if grant.id == id), view


def list_holders(principal: Principal) -> frozenset[str]:
    """The names whose grants a principal has: its own, its teams', and an agent's person's."""
    names = frozenset([principal.name]) | principal.teams
    return names if principal.acts_for is None else names | list_holders(principal.acts_for)


def is_party(context: Context, row: AccessRequestRow) -> bool:
    """Whether the caller made the request, or has what it gives."""
    principal = context.principal
    own = {row.requester, row.person}
    return not own.isdisjoint({principal.name, name_person(principal)}) or row.holder in list_holders(principal)


def map_capacities(context: Context, conn: Connection, view: RequestView) -> dict[int, frozenset[Capacity]]:
    """The capacities in which the caller may decide, by position; an output that is gone has none."""
    return {
        output.row.position: list_capacities(context, conn, output.offered)
        for output in view.outputs
        if output.offered is not None
    }


def no_request_error(id: int) -> NotFound:
    """The error for a request that is not there, or of which the caller may not know."""
    return NotFound(f"there is no access request {id}", hint="data-platform access mine")


def no_grant_error(id: str) -> NotFound:
    """The error for a grant that is not there, or of which the caller may not know."""
    return NotFound(f"there is no grant {id[:40]!r}", hint="data-platform access mine")
