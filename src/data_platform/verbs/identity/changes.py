"""Changes of principals, teams and roles, as several verbs make them: each returns what is to be recorded of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from data_platform.errors import BadInput, NotFound
from data_platform.record.identity import principals, roles, teams, tokens
from data_platform.record.identity.principals import PrincipalRow
from data_platform.record.identity.roles import MESH_WIDE, RoleRow
from data_platform.record.identity.teams import Membership
from data_platform.record.operations.event_kinds import EventKind
from data_platform.settings import PrincipalKind, Role
from data_platform.settings.principal import LONGEST, check_principal_name
from data_platform.spec.text.names import find_nearest
from data_platform.verbs.access.granting import end_grants_of_holder
from data_platform.verbs.core.context import Context
from data_platform.verbs.events.outcomes import ActOutcome, Subject


@contextmanager
def change_identities(context: Context) -> Iterator[Connection]:
    """A transaction that changes who may do what; after it, this process looks every token up again."""
    try:
        with context.record.transaction() as tx:
            yield tx
    finally:
        context.mesh.identities.forget()


def check_name(name: str, what: str) -> str:
    """The name of a principal; raises BadInput."""
    return check_principal_name(name, what, f"1-{LONGEST} visible characters, such as an e-mail address")


def find_principal(conn: Connection, name: str) -> PrincipalRow:
    """The principal; raises NotFound."""
    row = principals.find(conn, name)
    if row is None:
        near = find_nearest(name, (other.name for other in principals.list_all(conn)))
        raise NotFound(f"no principal {name}", hint=f"did you mean {near}?" if near else "data-platform principals")
    return row


def add_principal(
    context: Context, tx: Connection, name: str, kind: PrincipalKind, acts_for: str | None = None
) -> list[ActOutcome]:
    """Adds a principal where there is none of that name; raises BadInput for an existing one of another kind."""
    check_name(name, f"the name of the {kind}")
    existing = principals.find(tx, name)
    if existing is not None:
        if (existing.kind, existing.acts_for) != (kind, acts_for):
            raise BadInput(f"{name} is {describe_kind(existing)}", hint=f"choose another name for the {kind}")
        return []
    principals.add(tx, PrincipalRow(name, kind, acts_for, context.clock(), context.principal.name))
    details = {"kind": kind.value, "acts_for": acts_for}
    return [ActOutcome(EventKind.PRINCIPAL_ADDED, subject_of(name), details)]


def add_person(context: Context, tx: Connection, name: str) -> list[ActOutcome]:
    """Adds a person where there is no principal of that name."""
    return [] if principals.find(tx, name) else add_principal(context, tx, name, PrincipalKind.PERSON)


def disable(context: Context, tx: Connection, name: str) -> list[ActOutcome]:
    """Lets a principal ask no more, and ends its tokens and grants; nothing for one that has none."""
    now, by = context.clock(), context.principal.name
    grants = end_grants_of_holder(context, tx, name)
    if not principals.disable(tx, name, now, by):
        return grants
    ended = tokens.revoke_all(tx, name, now, by)
    disabled = ActOutcome(EventKind.PRINCIPAL_DISABLED, subject_of(name), {"tokens": ended})
    return [disabled, *grants]


def add_member(context: Context, tx: Connection, team: str, member: str) -> list[ActOutcome]:
    """Adds a member to a team, unless it is one."""
    if not teams.add(tx, Membership(team, member, context.clock(), context.principal.name)):
        return []
    return [ActOutcome(EventKind.MEMBER_ADDED, subject_of(team), {"member": member})]


def grant_role(
    context: Context, tx: Connection, principal: str, role: Role, domain: str = MESH_WIDE
) -> list[ActOutcome]:
    """Gives a principal a role, unless it has it."""
    if not roles.grant(tx, RoleRow(principal, role, domain, context.clock(), context.principal.name)):
        return []
    return [describe_role(EventKind.ROLE_GRANTED, principal, role, domain)]


def describe_role(kind: EventKind, principal: str, role: Role, domain: str) -> ActOutcome:
    """A role that was granted or revoked."""
    return ActOutcome(kind, subject_of(principal), {"role": role.value, "domain": domain or None})


def describe_kind(row: PrincipalRow) -> str:
    """What the principal is, in words."""
    if row.acts_for is not None:
        return f"an agent of {row.acts_for}"
    return name_kind(PrincipalKind(row.kind))


def name_kind(kind: PrincipalKind) -> str:
    """The kind with its article."""
    return f"{'an' if kind is PrincipalKind.AGENT else 'a'} {kind}"


def subject_of(name: str) -> Subject:
    """A principal as the subject of an event."""
    return Subject(f"principal:{name}")
