"""What the team of one product sees of an output of another: what it expects of the output is judged on that."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from data_platform.access.actions import Action, Resource
from data_platform.access.decide import decide
from data_platform.access.decision import Decision
from data_platform.access.facts import ResourceFacts
from data_platform.access.reading import Occasion
from data_platform.access.relations import owns
from data_platform.access.view import TableView
from data_platform.record.identity import owners, principals, teams
from data_platform.sentences import make_sentence
from data_platform.settings import Principal, Role, RoleGrant
from data_platform.spec.schema.types import TableSchema
from data_platform.verbs.core.authorization.access_facts import find_facts

_CONSUMER = frozenset([RoleGrant(Role.CONSUMER)])
_INTERNAL = make_sentence("access.internal", "it is internal")


@dataclass(frozen=True, slots=True)
class Registered:
    """A product whose `owner` some principal, `by`, registered `at` a moment with what its contract says now."""

    product: str
    owner: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Team:
    """Who counts as the team of a product; `text` is the owner of a product where no principal holds that address."""

    principal: Principal
    text: str | None = None


def find_team(conn: Connection, registered: Registered) -> Team:
    """Who the owner of a product is as a consumer: the holder of its address, else who registered the contract.

    Whatever has no holder is a text that anybody may write. A contract that was registered before its owner had a
    holder is judged as its registrar's, unless the registrar is the holder or one of its members: the holder did not
    agree to it. A registrar counts with the team of the token that registered the product while it is a member.
    """
    holding = owners.find_holder(conn, registered.owner)
    own_teams = teams.list_teams(conn, registered.by)
    if holding is not None and (
        holding.since <= registered.at or holding.holder == registered.by or holding.holder in own_teams
    ):
        return Team(_make_consumer(holding.holder, [holding.holder]))
    team = owners.find_registered_team(conn, registered.product)
    registrar = _make_consumer(registered.by, [team] if team is not None and team in own_teams else [])
    row = principals.find(conn, registered.by)
    if row is not None and row.acts_for is not None:
        person = _make_consumer(row.acts_for, teams.list_teams(conn, row.acts_for))
        registrar = replace(registrar, acts_for=person)
    return Team(registrar, registered.owner)


def find_team_view(
    conn: Connection,
    now: datetime,
    team: Team,
    product: str,
    output: str,
    schema: TableSchema,
    personal: Collection[str] | None = None,
) -> TableView | None:
    """What a team (`find_team`) sees of a table with `schema`; None if it may not read the output.

    `personal` are its columns of personal data, where they are not those of the schema.
    """
    resource = Resource.of(product, output)
    facts = find_facts(conn, resource, team.principal)
    if team.text not in (None, facts.owner):  # one principal may register the products of several owners
        facts = replace(facts, registrars=frozenset())
    decision = _decide(team.principal, resource, facts, now)
    if not decision.allowed:
        return None
    return decision.view_columns(output, schema, schema.masked if personal is None else personal)


def _make_consumer(name: str, own_teams: Iterable[str]) -> Principal:
    return Principal(name, verified=True, roles=_CONSUMER, teams=frozenset(own_teams))


def _decide(team: Principal, resource: Resource, facts: ResourceFacts, now: datetime) -> Decision:
    if not facts.outputs and not facts.grants:  # nothing is declared: the core decides it without Cedar
        return Decision(True, _INTERNAL, hides_personal_data=not owns(team, facts))
    return decide(team, Action.CONSUME, resource, facts, Occasion(now))
