"""What consumers expect of an output: rules that their product.yaml declares on their inputs, run by every publish.

A consumer cannot stop a producer's publish by itself. Its rules warn, unless a blocking policy named
`consumer-expectations` binds the producer: then those that say `enforcement: blocking` block.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection

from data_platform.record import inputs, products
from data_platform.spec.policies import Enforcement
from data_platform.spec.product import Input, Product, product_from_json
from data_platform.spec.rules import EXPECTED_BY, Rule, Severity
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
    """What consumers of the output's major expect now."""
    revisions = consumers(conn, target)
    if not revisions:
        return Expected()
    blocks = may_block(mesh, conn, target.product.domain)
    rules = (rule for name in revisions for rule in _rules(conn, name, target, blocks=blocks))
    return Expected(tuple(rules), revisions)


def consumers(conn: Connection, target: Target) -> dict[str, int]:
    """The revisions of the contracts that `expected` rests on."""
    return inputs.revisions(conn, target.product.name, target.output.name)


def may_block(mesh: Mesh, conn: Connection, domain: str) -> bool:
    """Whether a policy lets consumers block the publishes of a domain."""
    known = in_force(mesh, conn).of(domain)
    return any(each.policy.name == POLICY and each.policy.enforcement is Enforcement.BLOCKING for each in known)


def means(needed: Input, product: Product, output: str, major: int | None) -> bool:
    """Whether an input is this major of an output: pinned to it, or following the newest that is listed."""
    if (needed.data_product, needed.output) != (product.name, output):
        return False
    newest = product.output(output)
    wanted = needed.wanted.major
    return major == (wanted if wanted is not None else newest and product.major(newest))


def _rules(conn: Connection, consumer: str, target: Target, *, blocks: bool) -> Iterator[Rule]:
    row = products.find(conn, consumer)
    declared = product_from_json(row.spec["product"]).inputs if row else ()
    for needed in declared:
        if means(needed, target.product, target.output.name, target.row.major):
            wanted = needed.expectations
            blocking = blocks and wanted.effective_enforcement is Severity.BLOCKING
            for rule in wanted.rules:
                severity = rule.severity if blocking else Severity.WARNING
                origin = f"{EXPECTED_BY}{consumer}"
                yield replace(rule, name=f"{consumer}: {rule.name}", severity=severity, origin=origin)
