"""Persons and services that an OpenID provider has signed in: what it says of them becomes what the mesh knows.

The provider, by its issuer, is the principal that records it: what it said before is replaced, and what an admin has
given stays.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection

from data_platform.errors import AccessDenied, BadInput
from data_platform.record.identity import accounts, attributes, owners, principals, roles, teams
from data_platform.record.identity.owners import OwnerClaim
from data_platform.record.identity.roles import MESH_WIDE
from data_platform.record.operations.event_kinds import EventKind
from data_platform.settings import Principal, PrincipalKind, Role
from data_platform.settings.attributes import PrincipalAttributes
from data_platform.verbs.core.context import SERVER_DOOR, Caller, Context
from data_platform.verbs.core.mesh import Mesh
from data_platform.verbs.events.bounded import record_failed_sign_in
from data_platform.verbs.events.outcomes import ActOutcome
from data_platform.verbs.events.recorder import record_outcomes
from data_platform.verbs.identity.attributes import change_attributes
from data_platform.verbs.identity.changes import (
    add_member,
    add_principal,
    change_identities,
    describe_role,
    grant_role,
    subject_of,
)


@dataclass(frozen=True, slots=True)
class ProviderAccount:
    """A person as a provider knows them: `subject` is the account, `address` is verified."""

    issuer: str
    subject: str
    address: str
    teams: frozenset[str]
    roles: frozenset[Role]
    attributes: PrincipalAttributes = ()


def admit_person(mesh: Mesh, account: ProviderAccount) -> str:
    """The name of the person of an account, with the teams and roles that the provider says.

    An account is bound to the address of its first sign-in, which claims the owner of that text. Raises AccessDenied
    for an address of another account, for a name of another kind of principal, and for a person who is disabled.
    """
    try:
        return _admit_person(mesh, account)
    except AccessDenied as denial:
        record_failed_sign_in(mesh, account.address, "provider", denial.message)
        raise


def _admit_person(mesh: Mesh, account: ProviderAccount) -> str:
    context = _make_context(mesh, account.issuer)
    with change_identities(context) as tx:
        try:
            name, outcomes = _find_or_add_person(context, tx, account)
            outcomes += _replace_teams(context, tx, name, account)
        except BadInput as error:
            raise AccessDenied(f"{account.address} cannot sign in: {error.message}", hint=error.hint) from error
        outcomes += _replace_roles(context, tx, name, account)
        outcomes += _replace_attributes(context, tx, name, account)
        outcomes += _claim_owner(context, tx, name, account.address)
        if outcomes:
            record_outcomes(context, tx, *outcomes)
    return name


def admit_service(mesh: Mesh, issuer: str, name: str) -> None:
    """Adds the service of an access token where there is none of that name; raises AccessDenied for another kind."""
    with mesh.record.reading() as conn:
        row = principals.find(conn, name)
    if row is None:
        context = _make_context(mesh, issuer)
        with change_identities(context) as tx:
            record_outcomes(context, tx, *add_principal(context, tx, name, PrincipalKind.SERVICE))
    elif row.kind != PrincipalKind.SERVICE:
        raise AccessDenied(f"{name} is a {row.kind}, not a service", hint="correct [server.oidc.services]")


def _make_context(mesh: Mesh, issuer: str) -> Context:
    return Context(mesh, Caller(Principal(issuer, verified=True, kind=PrincipalKind.SERVICE), door=SERVER_DOOR))


def _find_or_add_person(context: Context, tx: Connection, account: ProviderAccount) -> tuple[str, list[ActOutcome]]:
    name = accounts.find_person(tx, account.issuer, account.subject)
    outcomes: list[ActOutcome] = []
    if name is None:
        name = account.address
        outcomes = add_principal(context, tx, name, PrincipalKind.PERSON)
        if not accounts.add(tx, account.issuer, account.subject, name, context.clock()):
            hint = "an admin of the mesh can say which account is right"
            raise AccessDenied(f"{name} belongs to another account of {account.issuer}", hint=hint)
    row = principals.find(tx, name)
    if row is None or row.disabled_at is not None:
        raise AccessDenied(f"{name} is disabled", hint=f"data-platform principals enable {name}")
    return name, outcomes


def _replace_teams(context: Context, tx: Connection, name: str, account: ProviderAccount) -> list[ActOutcome]:
    outcomes: list[ActOutcome] = []
    for team in sorted(accounts.list_teams_of(tx, account.issuer, name) - account.teams):
        teams.remove(tx, team, name)
        outcomes.append(ActOutcome(EventKind.MEMBER_REMOVED, subject_of(team), {"member": name}))
    for team in sorted(account.teams):
        outcomes += add_principal(context, tx, team, PrincipalKind.TEAM)
        outcomes += add_member(context, tx, team, name)
    return outcomes


def _replace_roles(context: Context, tx: Connection, name: str, account: ProviderAccount) -> list[ActOutcome]:
    outcomes: list[ActOutcome] = []
    for role in _order({Role(role) for role in accounts.list_roles_of(tx, account.issuer, name)}):
        if role not in account.roles:
            roles.revoke(tx, name, role, MESH_WIDE)
            outcomes.append(describe_role(EventKind.ROLE_REVOKED, name, role, MESH_WIDE))
    for role in _order(account.roles):
        outcomes += grant_role(context, tx, name, role)
    return outcomes


def _replace_attributes(context: Context, tx: Connection, name: str, account: ProviderAccount) -> list[ActOutcome]:
    """What the provider says replaces what it said before."""
    gone = attributes.list_names_set_by(tx, name, account.issuer) - dict(account.attributes).keys()
    return change_attributes(context, tx, name, account.attributes, sorted(gone))


def _claim_owner(context: Context, tx: Connection, name: str, address: str) -> list[ActOutcome]:
    if not owners.claim(tx, OwnerClaim(address, name, context.clock(), context.principal.name)):
        return []
    return [ActOutcome(EventKind.OWNER_CLAIMED, subject_of(name), {"address": address})]


def _order(unordered: Collection[Role]) -> list[Role]:
    return sorted(unordered, key=list(Role).index)
