"""teams: list and create teams, and change their members."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from data_platform.errors import BadInput, NotFound
from data_platform.record.identity import principals, teams
from data_platform.record.operations.event_kinds import EventKind
from data_platform.settings import PrincipalKind
from data_platform.verbs.core.authorization.visible_part import find_visible_part
from data_platform.verbs.core.context import Context
from data_platform.verbs.core.request import Request
from data_platform.verbs.events.outcomes import ActOutcome
from data_platform.verbs.events.recorder import record_outcomes
from data_platform.verbs.identity.changes import (
    add_member,
    add_person,
    add_principal,
    change_identities,
    describe_kind,
    find_principal,
    subject_of,
)
from data_platform.verbs.results import TeamInfo


@dataclass(frozen=True, slots=True)
class ListTeams(Request[list[TeamInfo]]):
    """Every team, with its members."""


@dataclass(frozen=True, slots=True)
class CreateTeam(Request[TeamInfo]):
    """Create a team with members; one that is there gets those that it lacks."""

    team: str
    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AddMember(Request[TeamInfo]):
    """Add a member to a team; a name that is new is a person."""

    team: str
    member: str


@dataclass(frozen=True, slots=True)
class RemoveMember(Request[TeamInfo]):
    """Remove a member from a team."""

    team: str
    member: str


def list_teams(context: Context, request: ListTeams) -> list[TeamInfo]:
    """By name."""
    with context.record.reading() as conn:
        listed = principals.list_all(conn, PrincipalKind.TEAM)
        visible = find_visible_part(context, conn).select_own(listed, lambda row: row.name)
        members: dict[str, list[str]] = {}
        for row in teams.list_all(conn):
            members.setdefault(row.team, []).append(row.member)
        return [TeamInfo(row.name, tuple(members.get(row.name, ())), row.created_at, row.created_by) for row in visible]


def create_team(context: Context, request: CreateTeam) -> TeamInfo:
    """The team; raises BadInput for a name that cannot be, or that another principal has."""
    with change_identities(context) as tx:
        outcomes = add_principal(context, tx, request.team, PrincipalKind.TEAM)
        for member in request.members:
            outcomes += _add(context, tx, request.team, member)
        record_outcomes(context, tx, *outcomes)
        return _build_info(tx, request.team)


def add_team_member(context: Context, request: AddMember) -> TeamInfo:
    """The changed team; idempotent. Raises NotFound for the team, BadInput for a member that is a team."""
    with change_identities(context) as tx:
        _require_team(tx, request.team)
        record_outcomes(context, tx, *_add(context, tx, request.team, request.member))
        return _build_info(tx, request.team)


def remove_team_member(context: Context, request: RemoveMember) -> TeamInfo:
    """The changed team; raises NotFound for the team, and for who is no member."""
    with change_identities(context) as tx:
        _require_team(tx, request.team)
        if not teams.remove(tx, request.team, request.member):
            members = ", ".join(teams.list_members(tx, request.team)) or "none"
            raise NotFound(f"{request.member} is no member of {request.team}", hint=f"members: {members}")
        outcome = ActOutcome(EventKind.MEMBER_REMOVED, subject_of(request.team), {"member": request.member})
        record_outcomes(context, tx, outcome)
        return _build_info(tx, request.team)


def _add(context: Context, tx: Connection, team: str, member: str) -> list[ActOutcome]:
    outcomes = add_person(context, tx, member)
    if find_principal(tx, member).kind == PrincipalKind.TEAM:
        raise BadInput(f"{member} is a team", hint="a team has persons, services and agents as members")
    return outcomes + add_member(context, tx, team, member)


def _require_team(conn: Connection, name: str) -> None:
    row = find_principal(conn, name)
    if row.kind != PrincipalKind.TEAM:
        raise BadInput(f"{name} is {describe_kind(row)}", hint="data-platform teams lists the teams")


def _build_info(conn: Connection, name: str) -> TeamInfo:
    row = find_principal(conn, name)
    return TeamInfo(row.name, teams.list_members(conn, row.name), row.created_at, row.created_by)
