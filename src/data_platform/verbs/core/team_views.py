"""What the team of one product sees of an output of another: what it expects of the output is judged on that."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection

from data_platform.access.actions import Action, Resource
from data_platform.access.decide import decide
from data_platform.access.decision import Decision
from data_platform.access.facts import ResourceFacts
from data_platform.access.reading import Occasion
from data_platform.access.relations import owns
from data_platform.access.view import TableView
from data_platform.record.identity import owners
from data_platform.settings import Principal, Role, RoleGrant
from data_platform.spec.schema.types import TableSchema
from data_platform.verbs.core.access_facts import find_facts

_CONSUMER = frozenset([RoleGrant(Role.CONSUMER)])


def find_team_view(
    conn: Connection,
    now: datetime,
    owner: str,
    product: str,
    output: str,
    schema: TableSchema,
    personal: Collection[str] | None = None,
) -> TableView | None:
    """What the owner of some product sees of a table with `schema`; None if it may not read the output.

    `personal` are its columns of personal data, where they are not those of the schema.

    The owner counts as a consumer: by its name, as a team, and by its grants.
    """
    holder = owners.map_holders(conn, [owner]).get(owner, owner)
    team = Principal(holder, verified=True, roles=_CONSUMER, teams=frozenset([holder, owner]))
    resource = Resource.of(product, output)
    decision = _decide(team, resource, find_facts(conn, resource, team), now)
    if not decision.allowed:
        return None
    return decision.view_columns(output, schema, schema.masked if personal is None else personal)


def _decide(team: Principal, resource: Resource, facts: ResourceFacts, now: datetime) -> Decision:
    if not facts.outputs and not facts.grants:  # nothing is declared: the core decides it without Cedar
        return Decision(True, "it is internal", hides_personal_data=not owns(team, facts))
    return decide(team, Action.CONSUME, resource, facts, Occasion(now))
