"""Finds the filters directly above each scan, over the scan's own columns.

A remote source needs them beside its columns. Rows that fail them cannot be in the result; filters further up (above a
join, for example) are pushed down by the engine.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from sqlglot import exp

from data_platform.engine.plan.nodes import Filter, Plan, Project, Scan, list_children, walk_bottom_up

Predicates = Mapping[Scan, exp.Expr]


@dataclass(frozen=True)
class _OnScan:
    """A node that only filters and picks: its scan, each slot's column there, and what its rows fulfil."""

    scan: Scan
    columns: Mapping[str, exp.Expr]
    condition: exp.Expr | None = None


def find_predicates(root: Plan) -> Predicates:
    """The condition by scan; none for a scan that is not filtered, or that has two parents."""
    parents = Counter(id(child) for node in walk_bottom_up(root) for child in list_children(node))
    nodes: dict[int, _OnScan] = {}
    conditions: dict[Scan, exp.Expr | None] = {}
    for node in walk_bottom_up(root):
        here = None if any(parents[id(child)] > 1 for child in list_children(node)) else _read_node(node, nodes)
        if here is not None:
            nodes[id(node)] = here
            conditions[here.scan] = here.condition
    return {
        scan: condition for scan, condition in conditions.items() if condition is not None and parents[id(scan)] <= 1
    }


def is_random(expression: exp.Expr) -> bool:
    """Whether the value changes each time it is computed."""
    return any(call.name.lower() in ("rand", "uuid") for call in expression.find_all(exp.Anonymous))


def _read_node(node: Plan, nodes: Mapping[int, _OnScan]) -> _OnScan | None:
    if isinstance(node, Scan):
        return _OnScan(node, {name: exp.column(exp.to_identifier(name, quoted=True)) for name in node.schema.names})
    below = nodes.get(id(node.child)) if isinstance(node, Filter | Project) else None
    if below is None:
        return None
    if isinstance(node, Filter) and not is_random(node.condition):
        condition = node.condition.transform(_replace_slot, below.columns)
        return _OnScan(
            below.scan, below.columns, exp.and_(below.condition, condition) if below.condition else condition
        )
    if isinstance(node, Project) and all(isinstance(value, exp.Column) for _, value in node.outputs):
        columns = {slot: below.columns[value.name] for slot, value in node.outputs}
        return _OnScan(below.scan, columns, below.condition)
    return None


def _replace_slot(node: exp.Expr, columns: Mapping[str, exp.Expr]) -> exp.Expr:
    return columns[node.name].copy() if isinstance(node, exp.Column) else node
