"""roles: list, grant and revoke the roles of principals."""

from __future__ import annotations

from dataclasses import dataclass

from data_platform.errors import BadInput, NotFound
from data_platform.record.identity import roles
from data_platform.record.identity.roles import MESH_WIDE, RoleRow
from data_platform.record.operations.event_kinds import EventKind
from data_platform.settings import Role
from data_platform.spec.text.names import name_problem, quote_text
from data_platform.verbs.core.authorization.visible_part import find_visible_part
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.request import Request
from data_platform.verbs.events.recorder import record_outcomes
from data_platform.verbs.identity.changes import (
    add_person,
    change_identities,
    describe_role,
    find_principal,
    grant_role,
)
from data_platform.verbs.results import RoleInfo

_OF_A_DOMAIN = frozenset([Role.OWNER, Role.DOMAIN_OWNER])
"""The roles that can be granted in one domain; the second one only so."""


@dataclass(frozen=True, slots=True)
class ListRoles(Request[list[RoleInfo]]):
    """Every role that was granted, or those of a principal."""

    principal: str | None = None


@dataclass(frozen=True, slots=True)
class GrantRole(Request[RoleInfo]):
    """Give a principal a role, in the mesh or in one domain; a name that is new is a person."""

    principal: str
    role: Role
    domain: str | None = None


@dataclass(frozen=True, slots=True)
class RevokeRole(Request[RoleInfo]):
    """Take a role back."""

    principal: str
    role: Role
    domain: str | None = None


def list_roles(context: Context, request: ListRoles) -> list[RoleInfo]:
    """By principal, role and domain; without those that a principal has from its teams."""
    with context.record.reading() as conn:
        listed = roles.list_all(conn, request.principal)
        visible = find_visible_part(context, conn).select_own(listed, lambda row: row.principal)
        return [build_role_info(row) for row in visible]


def grant(context: Context, request: GrantRole) -> RoleInfo:
    """The role; idempotent. Raises BadInput for a role that cannot be had in the mesh, or in a domain."""
    domain = _check_domain(request.role, request.domain)
    with change_identities(context) as tx:
        outcomes = add_person(context, tx, request.principal)
        outcomes += grant_role(context, tx, request.principal, request.role, domain)
        record_outcomes(context, tx, *outcomes)
        mine = roles.list_all(tx, request.principal)
    return next(build_role_info(row) for row in mine if (row.role, row.domain) == (request.role, domain))


def revoke(context: Context, request: RevokeRole) -> RoleInfo:
    """The role that was taken back; raises NotFound for one that the principal does not have itself."""
    domain = request.domain or MESH_WIDE
    with change_identities(context) as tx:
        find_principal(tx, request.principal)
        own = roles.list_all(tx, request.principal)
        row = next((row for row in own if (row.role, row.domain) == (request.role, domain)), None)
        if row is None:
            where = f" in {request.domain}" if request.domain else ""
            hint = f"data-platform roles list {request.principal}"
            raise NotFound(f"{request.principal} has not the role {request.role}{where}", hint=hint)
        roles.revoke(tx, request.principal, request.role, domain)
        record_outcomes(context, tx, describe_role(EventKind.ROLE_REVOKED, request.principal, request.role, domain))
    return build_role_info(row)


def build_role_info(row: RoleRow) -> RoleInfo:
    """The role as it is answered."""
    return RoleInfo(row.principal, row.role, row.domain or None, row.granted_at, row.granted_by)


def _check_domain(role: Role, domain: str | None) -> str:
    if domain is None:
        if role is Role.DOMAIN_OWNER:
            raise BadInput(f"the role {role} is one of a domain", hint="name it: --domain DOMAIN (domain)")
        return MESH_WIDE
    if role not in _OF_A_DOMAIN:
        raise BadInput(f"the role {role} is one of the whole mesh", hint="leave the domain out")
    if problem := name_problem(domain):
        raise BadInput(f"the domain {quote_text(domain)} {problem}")
    return domain
