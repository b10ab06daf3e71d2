"""Finds the columns that a plan needs, operation by operation, from the result down to the scans.

Exact in both directions: a column that only a filter, join key, group key or sort key uses is read; a column that is
computed and then dropped is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlglot import exp

from data_platform.engine.plan.nodes import (
    Aggregation,
    Distinct,
    Filter,
    Join,
    Limit,
    Outputs,
    Plan,
    Project,
    Scan,
    Sort,
    UnionAll,
    walk_bottom_up,
)

Needs = Mapping[int, frozenset[str]]
"""For each node (by id) the slots that the nodes above it need."""


def find_needs(root: Plan, wanted: Iterable[str]) -> Needs:
    """The slots that every node of the plan must deliver so that the root delivers `wanted`."""
    nodes = list(walk_bottom_up(root))
    needed: dict[int, set[str]] = {id(node): set() for node in nodes}
    needed[id(root)].update(wanted)
    for node in reversed(nodes):
        for child, slots in _list_needs(node, needed[id(node)]):
            needed[id(child)].update(slots)
    return {key: frozenset(slots) for key, slots in needed.items()}


def _list_needs(node: Plan, wanted: set[str]) -> list[tuple[Plan, set[str]]]:
    match node:
        case Scan():
            return []
        case Filter(child, condition):
            return [(child, wanted | collect_slots(condition))]
        case Sort(child, keys):
            return [(child, wanted | collect_slots(*keys))]
        case Limit(child):
            return [(child, wanted)]
        case Distinct(child, all_slots, on):
            return [(child, wanted | set(on) if on else set(all_slots))]
        case Project(child, outputs):
            return [(child, collect_slots(*select_needed(outputs, wanted)))]
        case Aggregation(child, keys, outputs):
            return [(child, collect_slots(*(key for _, key in keys), *select_needed(outputs, wanted)))]
        case Join(left, right, _, condition, outputs):
            read = [*select_needed(outputs, wanted), *([condition] if condition is not None else [])]
            return [(left, collect_slots(*read, side="l")), (right, collect_slots(*read, side="r"))]
        case UnionAll(left, right, left_slots, right_slots):
            pairs = [(one, two) for one, two in zip(left_slots, right_slots, strict=True) if one in wanted]
            return [(left, {one for one, _ in pairs}), (right, {two for _, two in pairs})]


def select_needed(outputs: Outputs, wanted: Iterable[str]) -> list[exp.Expr]:
    """The expressions that must be computed; one that produces rows (explode) is always computed."""
    wanted = set(wanted)
    return [value for slot, value in outputs if slot in wanted or value.find(exp.UDTF)]


def collect_slots(*expressions: exp.Expr, side: str | None = None) -> set[str]:
    """The slots that expressions name, of one side of a join if asked."""
    columns = (column for expression in expressions for column in expression.find_all(exp.Column))
    return {column.name for column in columns if side is None or column.table == side}
