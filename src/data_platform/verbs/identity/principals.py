"""principals: list, show and disable who may ask."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from data_platform.record.identity import attributes, owners, principals, roles, teams
from data_platform.record.identity.principals import PrincipalRow
from data_platform.record.operations.event_kinds import EventKind
from data_platform.settings import PrincipalKind
from data_platform.settings.attributes import PrincipalAttributes, write_attribute_value
from data_platform.verbs.core.authorization.visible_part import find_visible_part
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.request import Request
from data_platform.verbs.events.outcomes import ActOutcome
from data_platform.verbs.events.recorder import record_outcomes
from data_platform.verbs.identity.changes import change_identities, disable, find_principal, subject_of
from data_platform.verbs.identity.roles import build_role_info
from data_platform.verbs.results import PrincipalDetail, PrincipalInfo


@dataclass(frozen=True, slots=True)
class ListPrincipals(Request[list[PrincipalInfo]]):
    """Every principal, or those of a kind."""

    kind: PrincipalKind | None = None


@dataclass(frozen=True, slots=True)
class ShowPrincipal(Request[PrincipalDetail]):
    """One principal, with its teams, members, roles and owners."""

    principal: str


@dataclass(frozen=True, slots=True)
class DisablePrincipal(Request[PrincipalInfo]):
    """Let a principal ask no more: its tokens end. With `undo` it may get new ones."""

    principal: str
    undo: bool = False


def list_principals(context: Context, request: ListPrincipals) -> list[PrincipalInfo]:
    """By name."""
    with context.record.reading() as conn:
        by_principal = attributes.map_by_principal(conn)
        rows = find_visible_part(context, conn).select_own(
            principals.list_all(conn, request.kind), lambda row: row.name
        )
        return [_describe(row, by_principal.get(row.name, ())) for row in rows]


def show_principal(context: Context, request: ShowPrincipal) -> PrincipalDetail:
    """The principal; raises NotFound."""
    with context.record.reading() as conn:
        row = find_principal(conn, request.principal)
        own_teams = teams.list_teams(conn, row.name)
        grants = [grant for name in (row.name, *own_teams) for grant in roles.list_all(conn, name)]
        return PrincipalDetail(
            build_info(conn, row.name),
            own_teams,
            teams.list_members(conn, row.name),
            tuple(map(build_role_info, grants)),
            tuple(claim.address for claim in owners.list_all(conn) if claim.holder == row.name),
        )


def disable_principal(context: Context, request: DisablePrincipal) -> PrincipalInfo:
    """The changed principal; idempotent. Raises NotFound."""
    with change_identities(context) as tx:
        find_principal(tx, request.principal)
        if not request.undo:
            outcomes = disable(context, tx, request.principal)
        elif principals.enable(tx, request.principal):
            outcomes = [ActOutcome(EventKind.PRINCIPAL_ENABLED, subject_of(request.principal))]
        else:
            outcomes = []
        record_outcomes(context, tx, *outcomes)
        return build_info(tx, request.principal)


def build_info(conn: Connection, name: str) -> PrincipalInfo:
    """The principal as results describe it; raises NotFound."""
    return _describe(find_principal(conn, name), attributes.map_by_principal(conn, [name]).get(name, ()))


def _describe(row: PrincipalRow, own: PrincipalAttributes) -> PrincipalInfo:
    written = {name: write_attribute_value(value) for name, value in own}
    who = (row.name, row.kind, row.acts_for, row.created_at, row.created_by, row.disabled_at, row.disabled_by)
    return PrincipalInfo(*who, written)
