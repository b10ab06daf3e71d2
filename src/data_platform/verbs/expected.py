"""What consumers expect of an output: rules that their product.yaml declares on their inputs, run by every publish.

A consumer cannot stop a producer's publish by itself. Its rules warn, unless a blocking policy named
`consumer-expectations` binds the producer: then those that say `enforcement: blocking` block.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection

from data_platform.record import inputs
from data_platform.spec.policies import Enforcement
from data_platform.spec.rules import EXPECTED_BY, Rule, Severity
from data_platform.verbs.declared import declaring
from data_platform.verbs.governing import in_force
from data_platform.verbs.mesh import Mesh
from data_platform.verbs.target import Target

POLICY = "consumer-expectations"


@dataclass(frozen=True, slots=True)
class Expected:
    """The rules that consumers expect an output to keep, and the contract revisions of these consumers."""

    rules: tuple[Rule, ...] = ()
    revisions: Mapping[str, int] = field(default_factory=dict)


def expected(mesh: Mesh, conn: Connection, target: Target) -> Expected:
    """What consumers of the output's major expect now; those that follow, of what they read once it is out."""
    revisions = consumers(conn, target)
    if not revisions:
        return Expected()
    blocks = may_block(mesh, conn, target.product.domain)
    return Expected(tuple(_rules(conn, target, blocks=blocks)), revisions)


def consumers(conn: Connection, target: Target) -> dict[str, int]:
    """The revisions of the contracts that `expected` rests on."""
    return inputs.revisions(conn, target.product.name, target.output.name)


def may_block(mesh: Mesh, conn: Connection, domain: str) -> bool:
    """Whether a policy lets consumers block the publishes of a domain."""
    known = in_force(mesh, conn).of(domain)
    return any(each.policy.name == POLICY and each.policy.enforcement is Enforcement.BLOCKING for each in known)


def _rules(conn: Connection, target: Target, *, blocks: bool) -> Iterator[Rule]:
    for consumer, needed in declaring(conn, target.row, published=True):
        wanted = needed.expectations
        blocking = blocks and wanted.effective_enforcement is Severity.BLOCKING
        for rule in wanted.rules:
            severity = rule.severity if blocking else Severity.WARNING
            origin = f"{EXPECTED_BY}{consumer.name}"
            yield replace(rule, name=f"{consumer.name}: {rule.name}", severity=severity, origin=origin)
