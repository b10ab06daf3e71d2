"""What consumers expect of an output: rules that their product.yaml declares on their inputs, run by every publish.

A consumer cannot stop a producer's publish by itself. Its rules warn, unless a blocking policy named
`consumer-expectations` binds the producer: then those that say `enforcement: blocking` block. A rule that may read
personal data is not judged, since nothing decides yet whether that consumer may read it; publish, quality and register
say so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from data_platform.governance.policies import ActivePolicies
from data_platform.quality.protect import may_read_personal_data
from data_platform.record.catalog.outputs import OutputRow
from data_platform.spec.policies import Enforcement
from data_platform.spec.product.model import Input
from data_platform.spec.rules.model import EXPECTED_BY, Rule, Severity
from data_platform.verbs.core.input_resolution import find_declaring_products
from data_platform.verbs.core.publish_target import Target

POLICY = "consumer-expectations"
NOT_JUDGED = "not judged: it reads personal data of another product, and nothing decides yet who may"


@dataclass(frozen=True, slots=True)
class ConsumerExpectations:
    """The rules that consumers expect an output to keep; `unjudged` are left out, they may read personal data."""

    rules: tuple[Rule, ...] = ()
    unjudged: tuple[Rule, ...] = ()

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is not judged, in words."""
        return tuple(f"the expectation {rule.name} is {NOT_JUDGED}" for rule in self.unjudged)


def find_expectations(conn: Connection, active: ActivePolicies, target: Target) -> ConsumerExpectations:
    """What consumers of the output's major expect now; those that follow, of what they read once it is out."""
    blocks = may_block(active, target.product.domain)
    rules = tuple(_list_rules(conn, target.row, blocks=blocks))
    masked = target.contract.masked
    unjudged = tuple(rule for rule in rules if may_read_personal_data(rule, masked))
    return ConsumerExpectations(tuple(rule for rule in rules if rule not in unjudged), unjudged)


def find_unjudged_rules(conn: Connection, row: OutputRow) -> Iterator[Rule]:
    """The consumers' rules that the next publish of the output does not judge, as its schema is now."""
    masked = row.schema.masked if row.schema else ()
    return (rule for rule in _list_rules(conn, row, blocks=False) if may_read_personal_data(rule, masked))


def warn_of_unjudged(needed: Input, majors: Iterable[OutputRow]) -> Iterator[str]:
    """The rules that a product declares on an input, which may mean these majors, and that are not judged, in words."""
    masked = {name for row in majors if row.schema for name in row.schema.masked}
    for rule in needed.expectations.rules:
        if may_read_personal_data(rule, masked):
            yield f"the expectation {rule.name} on {needed.data_product}.{needed.wanted} is {NOT_JUDGED}"


def may_block(active: ActivePolicies, domain: str) -> bool:
    """Whether a policy lets consumers block the publishes of a domain."""
    return any(
        compiled.policy.name == POLICY and compiled.policy.enforcement is Enforcement.BLOCKING
        for compiled in active.of(domain)
    )


def _list_rules(conn: Connection, row: OutputRow, *, blocks: bool) -> Iterator[Rule]:
    for consumer, needed in find_declaring_products(conn, row, published=True):
        wanted = needed.expectations
        blocking = blocks and wanted.effective_enforcement is Severity.BLOCKING
        for rule in wanted.rules:
            severity = rule.severity if blocking else Severity.WARNING
            origin = f"{EXPECTED_BY}{consumer.name}"
            yield replace(rule, name=f"{consumer.name}: {rule.name}", severity=severity, origin=origin)
