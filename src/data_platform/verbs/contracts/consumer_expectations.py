"""What consumers expect of an output: rules that their product.yaml declares on their inputs, run by every publish.

A consumer cannot stop a producer's publish by itself. Its rules warn, unless a blocking policy named
`consumer-expectations` binds the producer: then those that say `enforcement: blocking` block. A rule sees the rows that
its team may read. One that may read a column that the team sees masked is not judged; publish, quality and register say
so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from data_platform.access.view import TableView
from data_platform.governance.policies import ActivePolicies
from data_platform.quality.protect import may_read
from data_platform.record.catalog.outputs import OutputRow
from data_platform.record.catalog.products import ProductRow
from data_platform.spec.access.row_filters import NO_ROW
from data_platform.spec.policies import Enforcement
from data_platform.spec.product.model import Input
from data_platform.spec.rules.model import EXPECTED_BY, Rule, Severity
from data_platform.spec.schema.types import TableSchema
from data_platform.verbs.core.authorization.team_views import Registered, find_team, find_team_view
from data_platform.verbs.core.lookup.input_resolution import find_declaring_products
from data_platform.verbs.core.lookup.publish_target import Target

POLICY = "consumer-expectations"
NOT_JUDGED = "not judged: it reads what its team may not read"


@dataclass(frozen=True, slots=True)
class TeamRules:
    """Rules of one team, and the view of the output that it has."""

    view: TableView
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class ConsumerExpectations:
    """The rules that consumers expect an output to keep, by team; `unjudged` read what their team may not read."""

    teams: tuple[TeamRules, ...] = ()
    unjudged: tuple[Rule, ...] = ()

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Those that are judged."""
        return tuple(rule for team in self.teams for rule in team.rules)

    def list_warnings(self, hidden: Collection[str]) -> tuple[str, ...]:
        """What is not judged, in words; nothing of the consumers in `hidden`."""
        visible = (rule for rule in self.unjudged if rule.expected_by not in hidden)
        return tuple(f"the expectation {rule.name} is {NOT_JUDGED}" for rule in visible)


def find_expectations(conn: Connection, active: ActivePolicies, target: Target, now: datetime) -> ConsumerExpectations:
    """What consumers of the output's major expect now; those that follow, of what they read once it is out."""
    blocks = may_block(active, target.product.domain)
    return _sort_rules(conn, target.row, target.contract, now, blocks=blocks)


def find_current_expectations(conn: Connection, row: OutputRow, now: datetime) -> ConsumerExpectations:
    """What consumers expect of the output's next publish, as its schema and access are now."""
    return ConsumerExpectations() if row.schema is None else _sort_rules(conn, row, row.schema, now, blocks=False)


def warn_of_unjudged(
    conn: Connection, now: datetime, consumer: Registered, needed: Input, majors: Iterable[OutputRow]
) -> Iterator[str]:
    """The rules that a product declares on an input, any of these majors, and that are not judged."""
    if not needed.expectations.rules:
        return
    team = find_team(conn, consumer)
    views = [
        find_team_view(conn, now, team, row.product, row.name, row.schema) for row in majors if row.schema is not None
    ]
    for rule in needed.expectations.rules:
        if not all(_may_judge(rule, view) for view in views):
            yield f"the expectation {rule.name} on {needed.data_product}.{needed.wanted} is {NOT_JUDGED}"


def _sort_rules(
    conn: Connection, row: OutputRow, schema: TableSchema, now: datetime, *, blocks: bool
) -> ConsumerExpectations:
    teams, unjudged = [], []
    for consumer, rules in _list_rules(conn, row, blocks=blocks):
        if not rules:
            continue
        team = find_team(
            conn, Registered(consumer.name, consumer.owner, consumer.registered_by, consumer.registered_at)
        )
        view = find_team_view(conn, now, team, row.product, row.name, schema)
        judged = tuple(rule for rule in rules if _may_judge(rule, view))
        unjudged += [rule for rule in rules if rule not in judged]
        if view is not None and judged:
            teams.append(TeamRules(view, judged))
    return ConsumerExpectations(tuple(teams), tuple(unjudged))


def _may_judge(rule: Rule, view: TableView | None) -> bool:
    """Whether a team that has the view may have the rule judged: it sees some rows, and what the rule reads of them."""
    return view is not None and view.condition != NO_ROW and not may_read(rule, view.masks)


def may_block(active: ActivePolicies, domain: str) -> bool:
    """Whether a policy lets consumers block the publishes of a domain."""
    return any(
        compiled.policy.name == POLICY and compiled.policy.enforcement is Enforcement.BLOCKING
        for compiled in active.of(domain)
    )


def _list_rules(conn: Connection, row: OutputRow, *, blocks: bool) -> Iterator[tuple[ProductRow, tuple[Rule, ...]]]:
    """The products that expect something of the output, with their rules."""
    for consumer, needed in find_declaring_products(conn, row, published=True):
        wanted = needed.expectations
        blocking = blocks and wanted.effective_enforcement is Severity.BLOCKING
        yield (
            consumer,
            tuple(
                replace(
                    rule,
                    name=f"{consumer.name}: {rule.name}",
                    severity=rule.severity if blocking else Severity.WARNING,
                    origin=f"{EXPECTED_BY}{consumer.name}",
                )
                for rule in wanted.rules
            ),
        )
